// One control for one field of a schema: its label, its hint, its limits; it tells the form what was written.

import { get, label, panel } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { day, later } from "../lib/format.js";

const CHIPS = 6; // choices; with more of them, or long ones, a list folds
const WORDS = 24; // characters of a choice that still is a chip
const SHORT = 120; // characters; a text that may be longer takes the whole line
const AFTER = [7, 14]; // days
const PAUSE = 150; // ms after the last letter

const said = (field, hint) => [field.title, " ", h("span", { class: "hint-line" }, field.required ? [h("span", { class: "required" }, "required"), hint && ` · ${hint}`] : hint)];
export const box = (name, wide, ...parts) => h("div", { class: wide ? "whole" : "", "data-field": name }, parts);
const labelled = (field, wide, control, hint = field.hint) => box(field.name, wide, h("label", { class: "field" }, h("span", {}, said(field, hint)), control));
const heard = (set) => (event) => set(event.target.value.trim() || null);

// A day that is chosen, shown with its month as a word, and a way to set it.
export function dayInput(name, value, set, { max = null, empty = "Choose a day" } = {}) {
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

// The handling, always on black and in the colour of its level.
export function handling(id, value, set, choices) {
  const paint = () => (select.style.color = panel.tlp[select.value]);
  const select = h("select", { id, name: "handling", class: "tlp-pick", onchange: () => {
    paint();
    set(select.value);
  } }, choices.map((choice) => h("option", { value: choice.const, selected: choice.const === value }, choice.title)));
  paint();
  return select;
}

// Chips for one code, or for several; the default of several stands alone.
function chips(field, value, set) {
  const several = field.kind === "several";
  const alone = several ? field.default : null;
  const chosen = new Set(String(value ?? "").split(",").filter(Boolean));
  const tick = (code, on) => {
    if (code === alone && on) chosen.clear();
    if (code !== alone) chosen.delete(alone);
    chosen[on ? "add" : "delete"](code);
    if (!chosen.size && alone) chosen.add(alone);
    for (const input of inputs) input.checked = chosen.has(input.value);
    set(field.choices.map((choice) => choice.const).filter((code) => chosen.has(code)).join() || null);
  };
  const inputs = field.choices.map((choice) => {
    const input = h("input", { type: several ? "checkbox" : "radio", name: field.name, value: String(choice.const), checked: chosen.has(String(choice.const)), onchange: () => (several ? tick(choice.const, input.checked) : set(choice.const)) });
    return input;
  });
  return box(field.name, true, h("fieldset", { class: "chips" }, h("legend", {}, said(field, field.hint)), field.choices.map((choice, i) => h("label", { title: choice.description }, inputs[i], icon("check"), choice.title))));
}

function options(field, value) {
  const none = !field.required && field.default === undefined ? "Not said" : value === null ? "Choose" : null;
  return [none && h("option", { value: "" }, none), field.choices.map((choice) => h("option", { value: String(choice.const), title: choice.description, selected: String(choice.const) === String(value) }, choice.title))];
}

// A list that folds.
export const folded = (field, value, set) => labelled(field, field.choices.some((choice) => choice.title.length > SHORT / 3), h("select", { name: field.name, onchange: (event) => set(field.choices.find((choice) => String(choice.const) === event.target.value)?.const ?? null) }, options(field, value)));

const isShort = (field) => field.choices.length <= CHIPS && field.choices.every((choice) => choice.title.length <= WORDS) && (field.required || field.default !== undefined);

const KINDS = {
  text: (field, value, set) => labelled(field, field.maxLength > SHORT, h("input", { name: field.name, value: value ?? "", maxlength: field.maxLength, autocomplete: field.person ? "name" : "off", oninput: heard(set) })),
  long: (field, value, set) => labelled(field, true, h("textarea", { name: field.name, rows: 3, maxlength: field.maxLength, value: value ?? "", oninput: heard(set) })),
  number: (field, value, set) => labelled(field, false, h("input", { name: field.name, inputmode: "numeric", autocomplete: "off", value: value ?? "", oninput: heard(set) }), [field["x-ogc-unit"], field.hint].filter(Boolean).join(" · ")),
  yes: (field, value, set) => labelled(field, false, h("select", { name: field.name, onchange: (event) => set({ true: true, false: false }[event.target.value] ?? null) },
    [...(field.default === undefined ? [["", "Not known"]] : []), ["true", "Yes"], ["false", "No"]].map(([code, words]) => h("option", { value: code, selected: String(value ?? "") === code }, words)))),
  named: (field, value, set) => {
    const id = `names-of-${field.name}`;
    const list = h("datalist", { id });
    const input = h("input", { name: field.name, list: id, value: value ?? "", maxlength: field.maxLength, autocomplete: "off", spellcheck: "false", oninput: (event) => {
      heard(set)(event);
      clearTimeout(soon);
      soon = setTimeout(offer, PAUSE);
    }, onfocus: () => offer() });
    let soon = 0;
    // What it may be: as many as the service offers for these letters.
    const offer = async () => {
      const { actors } = await get(field["x-geoapp-named-in"], { q: input.value, datetime: "" }).catch(() => ({ actors: [] }));
      fill(list, actors.map((each) => h("option", { value: each.name }, [each.acronym, label("domains", each.domain)].filter(Boolean).join(" · "))));
    };
    const element = labelled(field, true, input);
    element.append(list);
    return element;
  },
  several: chips,
  choice: (field, value, set) => (isShort(field) ? chips(field, value, set) : folded(field, value, set)),
  day: (field, value, set, { first, lasts }) => {
    const { element, put } = dayInput(field.name, value, set, { max: field.past ? panel.today : null, empty: field.required ? "Choose a day" : "Open" });
    if (!lasts) return labelled(field, false, element);
    const after = (days) => h("button", { type: "button", class: "button", "aria-label": `Ends ${days} days after the first day`, onclick: () => {
      const iso = later(first() || panel.today, days);
      put(iso);
      set(iso);
    } }, `+${days}`);
    return h("div", { class: "ends" }, labelled(field, false, element, `${lasts.most_days} days at most`), AFTER.map(after));
  },
};

/**
 * The control of a field. `first` gives the record's first day, `lasts` is there for a last day that ends by rule.
 * @param {import("./schema.js").Field & { person?: boolean }} field
 * @param {unknown} value
 * @param {(value: unknown) => void} set
 * @param {{ first?: () => string | null, lasts?: { usual_days: number, most_days: number } | null }} [more]
 * @returns {HTMLElement}
 */
export const control = (field, value, set, more = {}) => KINDS[field.kind](field, value, set, more);
