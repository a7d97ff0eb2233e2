// What was settled of a source's columns: chosen for its next file, kept under a name, kept no longer.

import { get, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say } from "../lib/dom.js";
import { day, plural } from "../lib/format.js";
import { kindTitle } from "./import_report.js";

const mayWrite = panel.audience.may_write;
const field = $("#template-field");
const list = $("#templates");
let kept = []; // as the service has them, the newest first

/** Reads the templates anew: into the choice of the form, and as a list. */
export async function listTemplates() {
  try {
    kept = await get("/imports/templates", { datetime: "" });
  } catch (problem) {
    fill(list, h("h2", {}, "Templates"), failure(problem, listTemplates));
    return;
  }
  const choice = $("select", field);
  const chosen = choice.value;
  fill(choice, h("option", { value: "*" }, "The one that fits"), h("option", { value: "" }, "None"), kept.map((each) => h("option", { value: each.name }, each.name)));
  choice.value = [...choice.options].some((option) => option.value === chosen) ? chosen : "*";
  field.hidden = !kept.length;
  fill(list, kept.length > 0 && [h("div", { class: "block-head" }, h("h2", {}, "Templates"), h("span", { class: "hint-text" }, "which column is which, by source")), h("div", {}, kept.map(line))]);
}

function line(each) {
  const message = h("div", {});
  const remove = () => send("DELETE", `/imports/templates/${encodeURIComponent(each.name)}`).then(listTemplates, (problem) => fill(message, failure(problem)));
  return h("div", { class: "batch" },
    h("p", { class: "name" }, h("b", {}, each.name)),
    h("p", {}, [kindTitle(each.kind), each.source, plural(taken(each).length, "column"), each.handling, each.saved_by, day(each.saved_at, "")].filter(Boolean).join(" · ")),
    h("button", { type: "button", class: "button small", "aria-label": `Delete template ${each.name}`, disabled: !mayWrite, onclick: remove }, "Delete"), message);
}

const taken = (template) => Object.values(template.columns).filter(Boolean);
const none = (columns) => Object.fromEntries(Object.entries(columns ?? {}).filter(([, header]) => !header));

/** The button that keeps what a report's columns were taken for, and the form in which it is named. `said` is what a person
 * said of the file. */
export function saveTemplate(found, said) {
  const columns = Object.fromEntries(found.understood.filter((c) => c.by).map((c) => [c.name, c.header]));
  if (!found.lands || !mayWrite || !Object.keys(columns).length) return {};
  const place = h("div", {});
  const save = async (event) => {
    event.preventDefault();
    const name = event.target.elements.name.value.trim();
    const before = kept.find((each) => each.name === found.template);
    const body = { kind: found.kind, source: found.source, sheet: said.sheet ?? before?.sheet ?? null, handling: before?.handling ?? null, columns: { ...none(before?.columns), ...none(said.columns), ...columns } };
    try {
      await send("PUT", `/imports/templates/${encodeURIComponent(name)}`, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    } catch (problem) {
      fill($(".message", event.target), failure(problem));
      return;
    }
    fill(place, h("p", { class: "template-form" }, h("b", {}, `Kept as template “${name}”. `), "The next file that has these columns is read so; the list beside has it."));
    say(`Kept as template ${name}`);
    button.setAttribute("aria-expanded", "false");
    listTemplates();
  };
  const ask = () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) return fill(place);
    fill(place, h("form", { class: "template-form", "aria-label": "Save as template", onsubmit: save },
      h("label", { class: "field" }, "Name", h("input", { class: "input", name: "name", required: true, maxlength: 80, pattern: "[^\\/*]+", autocomplete: "off", value: found.template ?? (found.source || "") })),
      h("button", { type: "submit", class: "button" }, "Save"), h("div", { class: "message" })));
    return $("input", place).select();
  };
  const button = h("button", { type: "button", class: "button small save-template", "aria-expanded": "false", onclick: ask }, icon("check"), "Save as template");
  return { button, place };
}
