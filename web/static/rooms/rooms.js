// What a room is told of each layer and by which rule; rooms that record change the rules here.

import { get, mayWrite, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { number, plural } from "../lib/format.js";

const HOW = {
  exact: ["as recorded", "", "check"], settlement: ["to settlement", "less", "hidden"], admin2: ["by district", "less", "hidden"],
  mgrs10: ["by 10-km cell", "less", "hidden"], count: ["counted", "less", "hidden"], withheld: ["withheld", "none", "lock"],
};
const PRECISIONS = {
  exact: "As recorded", settlement: "To the settlement", admin2: "By district", mgrs10: "By 10-km cell (MGRS)", count: "Counted by district", withheld: "Withheld",
};
const LABELS = { name: "By name", category: "By category" };
const DATES = { day: "To the day", week: "To the week", month: "To the month" };
const which = $("#which"), dialog = $("#rule");
const state = { room: new URLSearchParams(location.search).get("room") || panel.audience.key, told: null };

const words = (subject) => {
  const said = subject.replaceAll("_", " ").replace(".", " of ");
  return said[0].toUpperCase() + said.slice(1);
};
const moment = (text) => new Date(text).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

async function load() {
  const waiting = setTimeout(() => fill($("#layers"), skeleton(8, 44)), 150);
  try {
    state.told = await get(`/audiences/${encodeURIComponent(state.room)}`);
  } catch (problem) {
    for (const part of ["#rules", "#history"]) fill($(part));
    return void fill($("#layers"), failure(problem, load));
  } finally {
    clearTimeout(waiting);
  }
  draw();
}

function draw() {
  const { told } = state;
  $("#who").textContent = told.title;
  $("#sentence").textContent = `${told.sentence}. ${told.layers[0]?.licence ?? ""}`;
  const records = told.layers.filter((layer) => layer.recorded !== null);
  const less = records.filter((layer) => layer.shown < layer.recorded || !layer.as_recorded);
  $("#counted").textContent = records.length ? `${plural(less.length, "layer")} of ${told.layers.length} are told less than is recorded` : plural(told.layers.length, "layer");
  fill($("#layers"), table(told));
  fill($("#history"), h("h2", {}, "History of the rules"), told.history.length ? told.history.map(past) : h("p", { class: "why" }, "No rule was changed: those hold that the room began with."));
  const rules = $("#rules");
  rules.hidden = !(mayWrite && !told.may_write);
  fill(rules, h("h2", {}, "Rules"), told.rules.filter((rule) => rule.said).map(line),
    h("button", { type: "button", class: "button small", onclick: () => edit(null) }, icon("plus"), "Rule for something else"));
  say(`${told.title}: ${$("#counted").textContent}`);
}

function table({ layers }) {
  const counts = layers.some((layer) => layer.recorded !== null);
  const rows = layers.map((layer) => {
    const [how, kind, sign] = HOW[layer.precision];
    const narrowed = layer.precision === "exact" && !layer.as_recorded;
    return h("tr", {},
      h("th", { scope: "row" }, layer.title),
      h("td", { class: "of-how" }, h("span", { class: `how ${narrowed ? "less" : kind}` }, icon(narrowed ? "hidden" : sign), narrowed ? "in part" : how)),
      h("td", { class: "end" }, counts ? `${number(layer.shown)} of ${number(layer.recorded)}` : number(layer.shown)),
      h("td", { class: "of-why" }, h("p", { class: "why" }, layer.sentence)));
  });
  return h("table", { class: "list" },
    h("thead", {}, h("tr", {}, ["Layer", "Told"].map((title) => h("th", { scope: "col" }, title)),
      h("th", { scope: "col", class: "end" }, counts ? "Records shown" : "Shown"), h("th", { scope: "col" }, "By which rule"))),
    h("tbody", {}, rows));
}

function spoken(rule) {
  const said = [PRECISIONS[rule.precision]];
  if (rule.labels === "category") said.push("actors by category");
  if (rule.dates !== "day") said.push(`days to the ${rule.dates}`);
  if (rule.least) said.push(`${rule.least} organisations at least`);
  if (rule.withheld.length) said.push(`without ${rule.withheld.join(", ")}`);
  return said.join(", ");
}

const line = (rule) => h("div", { class: "rule-line" },
  h("b", {}, words(rule.subject)), h("p", {}, spoken(rule), rule.reason ? ` · ${rule.reason}` : ""),
  h("button", { type: "button", class: "button small", "aria-label": `Change the rule of ${words(rule.subject)}`, onclick: () => edit(rule) }, "Change"));

const past = (rule) => h("div", { class: "past-line" },
  h("b", {}, words(rule.subject)), h("p", {}, spoken(rule), rule.reason ? ` · ${rule.reason}` : ""),
  h("p", {}, `${moment(rule.since)} UTC${rule.until ? ` – ${moment(rule.until)}` : ", holds"} · version ${rule.version} · ${rule.by ?? "not named"}`));

const options = (list, value) => Object.entries(list).map(([key, text]) => h("option", { value: key, selected: key === value }, text));

function edit(rule) {
  const open = state.told.rules.filter((each) => !each.said);
  const of = rule ?? open[0];
  const form = h("form", { method: "dialog" },
    h("h2", { id: "rule-title" }, `What ${state.told.title} is told`),
    rule ? h("p", {}, h("b", {}, words(rule.subject))) : h("label", {}, "Of", h("select", { name: "subject" }, open.map((each) => h("option", { value: each.subject }, words(each.subject))))),
    h("label", {}, "Where", h("select", { name: "precision" }, options(PRECISIONS, of.precision))),
    h("label", {}, "Actors", h("select", { name: "labels" }, options(LABELS, of.labels))),
    h("label", {}, "Days", h("select", { name: "dates" }, options(DATES, of.dates))),
    h("label", {}, "A district needs this many organisations to be told (0: any)", h("input", { type: "number", name: "least", min: 0, max: 100, value: of.least })),
    h("fieldset", {}, h("legend", {}, "Fields that are withheld"), h("div", { class: "fields" })),
    h("label", {}, "Why", h("textarea", { name: "reason", rows: 2, maxlength: 500 }, of.reason ?? "")),
    h("div", { class: "problem", role: "alert" }),
    h("div", { class: "actions" },
      h("button", { type: "submit", class: "button primary" }, "Keep this rule"),
      of.recorded && h("button", { type: "button", class: "button", onclick: () => keep("DELETE", of.subject, of.version) }, "As the room began"),
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel")));
  const offer = () => {
    const subject = rule?.subject ?? form.elements.namedItem("subject").value;
    const named = state.told.fields[subject.split(".")[0]] ?? [];
    fill($(".fields", form), named.map((field) => h("label", {}, h("input", { type: "checkbox", name: "withheld", value: field.name, checked: of.withheld.includes(field.name) }), ` ${field.title}`)));
  };
  if (!rule) form.elements.namedItem("subject").addEventListener("change", offer);
  offer();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const subject = rule?.subject ?? said.get("subject");
    keep("PUT", subject, rule?.version ?? 0, {
      precision: said.get("precision"), labels: said.get("labels"), dates: said.get("dates"), least: Number(said.get("least")),
      withheld: said.getAll("withheld"), reason: said.get("reason") || null,
    });
  });
  fill(dialog, form);
  dialog.showModal();
}

async function keep(method, subject, version, body) {
  try {
    await send(method, `/audiences/${encodeURIComponent(state.room)}/rules/${subject}`, {
      headers: { "Content-Type": "application/json", "If-Match": `"${version}"` }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch (problem) {
    fill($(".problem", dialog), failure(problem));
    if (problem.status === 412) await load();
    return;
  }
  dialog.close();
  await load();
}

if (panel.audience.may_write) {
  which.hidden = false;
  fill($("select", which), panel.audiences.map((room) => h("option", { value: room.key, selected: room.key === state.room }, room.title)));
  $("select", which).addEventListener("change", (event) => {
    state.room = event.target.value;
    const now = new URL(location.href);
    now.searchParams.set("room", state.room);
    history.replaceState(null, "", now);
    load();
  });
} else state.room = panel.audience.key;
load();
