// What an area of operation has beyond its schema: with whom it would share ground, and what lies beneath it, before it is saved.

import { send, symbolOf } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { day, km2, number, percent, plural } from "../lib/format.js";
import { swatch } from "../lib/symbols.js";
import { badge, domainSign } from "../map/overlap.js";

const REST = 350; // ms after the last change
const FIRST = 6; // overlaps that are listed until all are asked for
const OF_IT = ["actor", "period_start", "period_end"];

export const AREA = {
  one: "area",

  below(form) {
    form.planned = h("section", { class: "whole what-if", "aria-label": "What would follow" });
    form.foreseen = null;
    wait(form);
    return form.planned;
  },

  changed(form, name) {
    if (OF_IT.includes(name)) AREA.shaped(form);
  },

  shaped(form) {
    clearTimeout(form.looking);
    form.looking = setTimeout(() => foresee(form), REST);
  },
};

function wait(form, words = "Draw the shape and name the actor: with whom it would share ground, and what lies beneath, is shown here before it is saved.") {
  fill(form.planned, h("p", { class: "hint-text" }, words));
  buttonOf(form, null);
}

const buttonOf = (form, opened) => {
  const [button] = form.buttons ?? [];
  if (button) button.textContent = `${form.id ? "Save the correction" : "Record the area"}${opened ? `, open ${plural(opened, "overlap")}` : ""}`;
};

async function foresee(form) {
  const { shape, values } = form;
  const turn = (form.lookTurn = (form.lookTurn ?? 0) + 1);
  const current = () => turn === form.lookTurn && form.shape === shape && form.values;
  if (!shape || !values) return;
  const geometry = shape.geometry;
  if (!geometry) return wait(form);
  const { period_start, period_end } = values;
  const ask = (actor) => send("POST", "/what-if", { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ geometry, actor, period_start, period_end, id: form.id }) });
  try {
    const found = await ask(values.actor || null).catch((problem) => {
      // A name that is being typed is nobody's yet: that is said beside its field when it is saved.
      if (problem.body?.errors?.[0]?.where === "actor") return ask(null);
      throw problem;
    });
    if (current()) tell(form, found, FIRST);
  } catch (problem) {
    if (current()) wait(form, [problem.detail, problem.hint].filter(Boolean).join(" "));
  }
}

const ARMED = (domain) => !["civil", "unknown"].includes(domain);
const key = (value, words) => h("div", { class: "key" }, h("b", {}, value), h("span", {}, words));

function tell(form, found, most) {
  const of = (layer) => found.beneath.filter((each) => each.layer === layer);
  const { overlaps } = found;
  const armed = overlaps?.filter((each) => ARMED(each.domain)).length ?? 0;
  const fresh = overlaps?.filter((each) => !each.code).length ?? 0;
  const words = `${overlaps ? plural(overlaps.length, "overlap") : "The actor is not named yet"}, ${plural(of("risk_zones").length, "risk zone")}, ${plural(of("access_constraints").length, "constraint")} beneath`;
  if (words !== form.foreseen) say(words);
  form.foreseen = words;
  buttonOf(form, fresh);
  fill(form.planned,
    h("div", { class: "keys" },
      key(km2(found.km2), "km²"),
      key(overlaps ? number(overlaps.length) : "?", overlaps ? `${overlaps.length === 1 ? "overlap" : "overlaps"}, ${number(armed)} armed` : "name the actor"),
      key(number(of("risk_zones").length), of("risk_zones").length === 1 ? "risk zone" : "risk zones"),
      key(number(of("access_constraints").length), of("access_constraints").length === 1 ? "constraint" : "constraints")),
    overlaps && [h("h3", {}, "Overlaps there would be"), overlaps.length ? table(form, found, most) : h("p", { class: "hint-text" }, "It shares no ground and days with the areas and presence of others.")],
    found.ends.length > 0 && h("p", { class: "hint-text" }, `${plural(found.ends.length, "overlap")} would end: ${found.ends.join(", ")}.`),
    h("h3", {}, "Beneath it"), beneath(of));
}

function table(form, found, most) {
  const { overlaps } = found;
  const claims = form.fields.find((field) => field.name === "positioning")?.choices ?? [];
  const row = (each) => h("tr", {},
    h("td", {}, domainSign(each.domain)),
    h("th", { scope: "row" }, h("span", {}, [each.actor ?? "Withheld", each.disputed && " ?"]), h("span", { class: "hint-text" }, [each.area ?? claims.find((choice) => choice.const === each.positioning)?.title ?? "Presence (3W)", each.code].filter(Boolean).join(" · "))),
    h("td", { class: "number" }, km2(each.km2), h("span", { class: "hint-text" }, "km²")),
    h("td", { class: "number" }, percent(each.share), h("span", { class: "hint-text" }, percent(each.share_theirs))),
    h("td", { class: "number" }, each.days === null ? "open" : number(each.days)));
  const left = overlaps.length - most;
  return h("div", {}, h("table", {},
    h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "With, and where"), h("th", { scope: "col", class: "number" }, "Shared"), h("th", { scope: "col", class: "number" }, "This / theirs"), h("th", { scope: "col", class: "number" }, "Days"))),
    h("tbody", {}, overlaps.slice(0, most).map(row))),
  left > 0 && h("button", { type: "button", class: "quiet", onclick: () => tell(form, found, overlaps.length) }, `${number(left)} more`));
}

const MOST = 4; // records of one layer that are named

function beneath(of) {
  const disc = (layer, value) => {
    const symbol = symbolOf(layer, value);
    return symbol ? swatch(symbol, "point", { width: 20, height: 20 }) : icon("alert");
  };
  const until = (each) => each.period_end && `to ${day(each.period_end)}`;
  const [zones, constraints, hazards, arrangements, sites] = ["risk_zones", "access_constraints", "hazards", "arrangements", "sites"].map(of);
  const kinds = Object.entries(grouped(sites)).map(([kind, those]) => `${those.length} × ${kind.toLowerCase()}`);
  const lines = [
    ...named(zones, "risk zone", (each) => [badge(each.kind), each.title, [each.kind_words.toLowerCase(), `${km2(each.km2)} km²`, until(each)]]),
    ...named(constraints, "constraint", (each) => [disc("access_constraints", each.kind), each.title, [each.kind_words.toLowerCase(), `severity ${each.severity}`, until(each)]]),
    ...named(arrangements, "arrangement", (each) => [icon("people"), each.title, [each.kind_words.toLowerCase(), until(each)]]),
    hazards.length > 0 && [icon("warn"), plural(hazards.length, "explosive hazard area"), [`${km2(hazards.reduce((sum, each) => sum + each.km2, 0))} km²`]],
    sites.length > 0 && [icon("pin"), plural(sites.length, "site"), kinds],
  ].filter(Boolean);
  if (!lines.length) return h("p", { class: "hint-text" }, "Nothing is recorded there in its days. Absence of data is not absence of risk.");
  return h("ul", { class: "beneath" }, lines.map(([lead, what, more]) => h("li", {}, lead, h("b", {}, what), h("span", { class: "hint-text" }, more.filter(Boolean).join(", ")))));
}

const grouped = (sites) => {
  const found = {};
  for (const each of sites) (found[each.kind_words] ??= []).push(each);
  return found;
};

const named = (those, one, line) => [...those.slice(0, MOST).map(line), those.length > MOST && [icon("plus"), `${plural(those.length - MOST, one)} more`, []]];
