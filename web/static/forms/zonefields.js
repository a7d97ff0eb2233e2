// The fields of a risk zone: their names and controls, what is wrong with them, and how two people's changes come together.

import { label, panel } from "../lib/api.js";
import { $, h, icon } from "../lib/dom.js";
import { matrixPicker } from "./matrix.js";
import { alike, areaKm2, fromGeoJSON } from "../lib/rings.js";
import { day, km2, plural } from "../lib/format.js";

export const USUAL_DAYS = 30;
const MOST_DAYS = 90;
export const TITLES = {
  name: "Name", threat_category: "Threat category", likelihood: "Likelihood and impact", impact: "Impact", residual_level: "Level with measures",
  applies_to: "Applies to", time_of_day: "Time of day", valid_from: "From", valid_to: "Ends", basis: "Basis", evidence: "Evidence", handling: "Handling",
  author: "Your name", replaces: "Takes the place of", geometry: "The shape",
};
export const FIELDS = Object.keys(TITLES).filter((name) => name !== "geometry");
const LISTS = { threat_category: "threat_categories", applies_to: "applies_to", time_of_day: "times_of_day" };
const HALF = new Set(["valid_from", "valid_to", "residual_level", "time_of_day"]);

// A day so many days later.
export const later = (iso, count) => new Date(Date.parse(iso) + count * 86400000).toISOString().slice(0, 10);

export const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// ---- controls -----------------------------------------------------------------------------------------------------

const box = (name, ...parts) => h("div", { class: HALF.has(name) ? "" : "whole", "data-field": name }, parts);
const field = (name, hint, control) => box(name, h("label", { class: "field" }, h("span", {}, TITLES[name], " ", h("span", { class: "hint-line" }, hint)), control));

// A day that is chosen, shown with its month as a word, and a way to set it.
export function dayInput(name, value, set, { max = null, empty = "choose a day" } = {}) {
  const input = h("input", { type: "date", name, max, value: value ?? "" });
  const element = h("span", { class: "day" }, input);
  const put = (iso) => {
    input.value = iso ?? "";
    element.dataset.words = day(iso, empty);
  };
  put(value);
  input.addEventListener("change", () => {
    put(input.value);
    set(input.value || null);
  });
  return { element, put };
}

function dayField(name, hint, value, set) {
  const { element, put } = dayInput(name, value, set);
  return { element: field(name, hint, element), put };
}

// One code of a list, or several; "everybody" stands alone.
function chips(name, hint, type, value, set) {
  const codes = Object.entries(panel.codes[LISTS[name]]);
  const chosen = new Set(String(value ?? "").split(",").filter(Boolean));
  const several = (code, on) => {
    if (code === "all" && on) chosen.clear();
    if (code !== "all") chosen.delete("all");
    chosen[on ? "add" : "delete"](code);
    if (!chosen.size) chosen.add("all");
    for (const input of inputs) input.checked = chosen.has(input.value);
    set(codes.map(([each]) => each).filter((each) => chosen.has(each)).join());
  };
  const inputs = codes.map(([code]) => {
    const input = h("input", { type, name, value: code, checked: chosen.has(code), onchange: () => (type === "radio" ? set(code) : several(code, input.checked)) });
    return input;
  });
  return box(name, h("fieldset", { class: "chips" }, h("legend", {}, TITLES[name], " ", h("span", { class: "hint-line" }, hint)),
    codes.map(([, words], i) => h("label", {}, inputs[i], icon("check"), words))));
}

// The handling, always on black and in the colour of its level.
export function handling(id, value, set) {
  const paint = () => (select.style.color = panel.tlp[select.value]);
  const select = h("select", { id, class: "tlp-pick", onchange: () => {
    paint();
    set(select.value);
  } }, Object.entries(panel.codes.handling).map(([code, words]) => h("option", { value: code, selected: code === value }, words)));
  paint();
  return select;
}

// Every control of the form, in its order; `set(name)` takes a value. The form brings its verdict, evidence and rooms.
export function controls({ values: v, matrix, verdict, evidence, rooms }, set) {
  const text = (name, hint, more) => field(name, hint, h("input", { name, value: v[name] ?? "", autocomplete: "off", oninput: (event) => set(name)(event.target.value.trim() || null), ...more }));
  const ends = dayField("valid_to", [h("span", { class: "required" }, "required"), ` ${MOST_DAYS} days at most`], v.valid_to, set("valid_to"));
  const after = (count) => h("button", { type: "button", class: "button", "aria-label": `Ends ${count} days after the first day`, onclick: () => {
    const iso = later(v.valid_from || panel.today, count);
    ends.put(iso);
    set("valid_to")(iso);
  } }, `+${count}`);
  const levels = Object.entries(panel.codes.risk_levels);
  return [
    text("name", "required", { maxlength: 300, placeholder: "What people call it: the road, the quarter" }),
    chips("threat_category", "required", "radio", v.threat_category, set("threat_category")),
    box("likelihood",
      h("div", { class: "field-head" }, h("b", {}, "Likelihood"), h("span", { class: "hint-line" }, "(rows)"), h("b", {}, "and impact"), h("span", { class: "hint-line" }, "(columns) required"), h("span", { class: "hint-line far" }, `matrix ${matrix.version} · arrow keys move`)),
      matrixPicker(matrix, { likelihood: v.likelihood, impact: v.impact }, (likelihood, impact) => {
        set("likelihood")(likelihood);
        set("impact")(impact);
      })),
    verdict,
    chips("applies_to", "", "checkbox", v.applies_to, set("applies_to")),
    dayField("valid_from", "", v.valid_from, set("valid_from")).element,
    h("div", { class: "ends" }, ends.element, after(7), after(14)),
    chips("time_of_day", "", "radio", v.time_of_day, set("time_of_day")),
    field("residual_level", "once they are taken", h("select", { name: "residual_level", onchange: (event) => set("residual_level")(event.target.value ? Number(event.target.value) : null) },
      h("option", { value: "" }, "Not assessed"), levels.map(([code, words]) => h("option", { value: code, selected: String(v.residual_level) === code }, `${code} ${words}`)))),
    evidence.element,
    field("basis", "what the judgement rests on besides", h("textarea", { name: "basis", rows: 3, maxlength: 4000, value: v.basis ?? "", oninput: (event) => set("basis")(event.target.value.trim() || null) })),
    text("author", "needed to send it", { maxlength: 200, autocomplete: "name" }),
    box("handling", h("div", { class: "field-head" }, h("b", {}, h("label", { for: "zone-handling" }, "Handling"), " and who will see it"), handling("zone-handling", v.handling, set("handling"))), rooms),
  ];
}

// ---- what is wrong, field by field --------------------------------------------------------------------------------

// Says what is wrong beside each field and goes to the first; with `only`, takes away what was said about one. Gives back
// what has no field here.
export function wrong(root, errors, only = null) {
  const named = (where) => TITLES[where] ?? where.replaceAll("_", " ");
  const homeOf = (where) => (where === "impact" ? "likelihood" : where);
  for (const each of root.querySelectorAll("[data-field]")) {
    if (only && each.dataset.field !== homeOf(only)) continue;
    each.querySelectorAll(":scope > .wrong[data-said]").forEach((said) => said.remove());
    each.querySelectorAll("[aria-invalid]").forEach((control) => {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    });
  }
  const rest = [];
  let first = null;
  for (const { where, what } of errors) {
    const home = $(`[data-field="${CSS.escape(homeOf(where))}"]`, root);
    if (!home) rest.push(`${named(where)} ${what}`);
    if (!home || $(":scope > .wrong[data-said]", home)) continue;
    home.append(h("p", { class: "wrong", "data-said": true, id: `wrong-${where}` }, `${named(where)} ${what}.`));
    const control = $("input:not([tabindex='-1']), select, textarea, button", home);
    control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", `wrong-${where}`);
    first ??= control;
  }
  first?.focus();
  return rest;
}

// ---- two people, one zone -----------------------------------------------------------------------------------------

const shapeWords = (geometry) => {
  const parts = fromGeoJSON(geometry);
  return parts.length ? `${plural(parts.flat(2).length, "corner")}, ${km2(areaKm2(parts))} km²` : "–";
};

const spoken = {
  threat_category: (v) => label("threat_categories", v), likelihood: (v) => label("likelihoods", v), impact: (v) => label("impacts", v),
  residual_level: (v) => label("risk_levels", v), applies_to: (v) => String(v).split(",").map((each) => label("applies_to", each)).join(", "), time_of_day: (v) => label("times_of_day", v),
  valid_from: day, valid_to: day, evidence: (v) => plural(v.length, "incident"), handling: (v) => `TLP:${v}`,
};
export const speakField = (name, value) => (value === null || value === undefined || value === "" ? "–" : (spoken[name]?.(value) ?? String(value)));

// What one has changed of the base, on top of what is there now: only what both changed is the one's own.
export function merged(base, mine, there) {
  const values = { ...there.values };
  for (const name of FIELDS) if (!same(mine.values[name], base.values[name])) values[name] = mine.values[name];
  return { values, geometry: alike(mine.geometry, base.geometry) ? there.geometry : mine.geometry };
}

// Both versions side by side.
export function clash(there, mine, { theirs, keep }) {
  const differ = FIELDS.filter((name) => !same(there.values[name], mine.values[name]));
  const rows = differ.map((name) => [TITLES[name] === "Likelihood and impact" ? "Likelihood" : TITLES[name], speakField(name, there.values[name]), speakField(name, mine.values[name])]);
  if (!alike(there.geometry, mine.geometry)) rows.push(["Shape", shapeWords(there.geometry), shapeWords(mine.geometry)]);
  return h("div", { class: "conflict", role: "alert" },
    h("b", {}, `Somebody else changed this zone: it is at version ${there.version}${there.status === "draft" ? "" : `, ${label("zone_status", there.status).toLowerCase()}`}.`),
    h("table", {}, h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "There now"), h("th", { scope: "col" }, "Yours"))),
      h("tbody", {}, rows.map(([title, one, other]) => h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, one), h("td", {}, other))))),
    h("div", { class: "row" }, h("button", { type: "button", class: "button small", onclick: theirs }, "Take what is there"),
      h("button", { type: "button", class: "button small", onclick: keep }, "Keep mine on top of it")));
}
