// What a risk zone has beyond its schema: the matrix, the evidence inside its shape, and what that alone suggests.

import { get, label, send, symbolOf } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { plural, zoneCode } from "../lib/format.js";
import { badge } from "../map/overlap.js";
import { box } from "./controls.js";
import { Evidence } from "./evidence.js";
import { levelOf, matrixPicker } from "./matrix.js";

const REST = 350; // ms after the last change of the shape

export const RISK_ZONE = {
  one: "zone",
  foot: "Another adviser publishes it",
  homes: { impact: "likelihood" },
  titles: { likelihood: "Likelihood and impact" },
  coded: zoneCode,
  steps: (id) => `/risk-zones/${id}/steps`,

  async prepare(form) {
    form.matrix = await get("/risk-matrix");
  },

  controls: {
    likelihood(form, field) {
      const { likelihood, impact } = form.values;
      form.verdict = h("p", { class: "verdict whole" });
      const picker = matrixPicker(form.matrix, { likelihood, impact }, (one, other) => {
        form.set("likelihood", one);
        form.set("impact", other);
      });
      return h("div", { class: "whole stack" },
        box(field.name, true, h("div", { class: "field-head" }, h("b", {}, "Likelihood"), h("span", { class: "hint-line" }, "(rows)"), h("b", {}, "and impact"), h("span", { class: "hint-line" }, "(columns) ", h("span", { class: "required" }, "required")), h("span", { class: "hint-line far" }, `Matrix ${form.matrix.version} · arrow keys move`)), picker),
        form.verdict);
    },
    impact: null,
    replaces: null,
    evidence(form) {
      form.evidence = new Evidence((value) => form.set("evidence", value));
      form.evidence.set(form.values.evidence);
      return form.evidence.element;
    },
  },

  drawn(form) {
    form.look = null;
    grade(form);
  },

  // What is known about the incidents that were ticked before.
  async begun(form, id) {
    if (!id) return;
    const { incidents } = await get(`/risk-zones/${id}/evidence`, { datetime: "" }).catch(() => ({ incidents: [] }));
    if (form.values) form.evidence.set(form.values.evidence, incidents);
  },

  changed(form, name) {
    if (name === "likelihood" || name === "impact") grade(form);
  },

  shaped(form) {
    clearTimeout(form.looking);
    form.looking = setTimeout(() => look(form), REST);
  },
};

// What lies inside, and what it suggests.
async function look(form) {
  const { shape } = form;
  const geometry = shape?.geometry;
  const turn = (form.lookTurn = (form.lookTurn ?? 0) + 1);
  const current = () => turn === form.lookTurn && form.shape === shape && form.values;
  if (!shape) return;
  if (!geometry) {
    form.look = null;
    form.evidence.show(null);
    grade(form);
    return;
  }
  try {
    const seen = await send("POST", "/risk-zones/look", { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ geometry, handling: form.values.handling }) });
    if (!current()) return;
    form.look = seen;
    form.evidence.show(seen);
    say(`${plural(seen.incidents.length, "incident")} inside the shape; the evidence alone suggests ${label("risk_levels", seen.suggestion.level).toLowerCase()}`);
  } catch (problem) {
    if (!current()) return;
    shape.refuse(problem);
  }
  grade(form);
}

// Judgement beside what the evidence alone suggests: both are kept, both are shown.
function grade(form) {
  const level = levelOf(form.matrix, form.values.likelihood, form.values.impact);
  const suggestion = form.look?.suggestion;
  form.shape?.paint(symbolOf("risk_zones", level)?.fill ?? "#8FA3AB");
  fill(form.verdict,
    level ? badge(level, 24) : icon("alert"),
    h("span", {}, level ? [h("b", {}, label("risk_levels", level)), " your judgement. "] : "Choose likelihood and impact. ",
      suggestion && (suggestion.inputs.incidents ? ["Evidence alone suggests ", h("b", {}, label("risk_levels", suggestion.level).toLowerCase()), " ", h("span", { class: "hint-text" }, `(${label("likelihoods", suggestion.likelihood).toLowerCase()}, ${label("impacts", suggestion.impact).toLowerCase()})`), "; both are kept."] : "There is no evidence inside that would suggest a level.")));
  form.verdict.title = suggestion?.method ?? "";
}
