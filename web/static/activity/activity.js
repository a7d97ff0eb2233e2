// Who changed what in this operation: narrowed by kind, day, member and what was done, page by page.

import * as address from "../lib/address.js";
import { panel } from "../lib/api.js";
import { $, failure, fill, folded, h, icon, say, skeleton } from "../lib/dom.js";
import { later, plural } from "../lib/format.js";
import { changes, lines } from "../lib/history.js";
import { moment } from "../lib/local_time.js";
import { audit } from "./audit.js";

const FILTERS = ["of", "did", "who", "day"];
const began = new URLSearchParams(location.search);
const asked = Object.fromEntries(FILTERS.map((name) => [name, began.get(name) ?? ""]));
const zone = panel.operation.time_zone;
let tab = began.get("tab") === "audit" ? "audit" : "changes";
let turn = 0;
let shown = 0;
const people = new Set();

function parameters(before) {
  const { day, ...rest } = asked;
  const bounds = day ? { since: moment(`${day}T00:00`, zone), until: moment(`${later(day, 1)}T00:00`, zone) } : {};
  return { ...rest, ...bounds, before };
}

async function load(before = null) {
  const mine = ++turn;
  const root = $("#lines");
  const waiting = setTimeout(() => !before && fill(root, skeleton(8, 36)), 150);
  try {
    const found = await changes(parameters(before));
    if (mine !== turn) return;
    if (!before) {
      fill(root);
      shown = 0;
    }
    for (const { by } of found.lines) if (by) people.add(by);
    filters(found);
    may = found.audit;
    tabs();
    shown += found.lines.length;
    if (!shown) fill(root, h("div", { class: "state" }, h("p", { class: "state-title" }, "No change to tell"), h("p", {}, narrowed() ? "None of this kind; take a filter away." : "Nobody has changed by hand what this room is shown.")));
    else root.append(lines(found.lines));
    if (found.next) root.append(h("button", { type: "button", class: "button older", onclick: (event) => { event.target.remove(); load(found.next); } }, "Older changes"));
    $("#counted").textContent = shown ? `${plural(shown, "line")}${found.next ? ", the newest" : ""}${found.people ? "" : " · who made them is told in rooms that record"}` : "";
    say($("#counted").textContent || "No change to tell");
  } catch (problem) {
    if (mine === turn) fill(root, failure(problem, () => load(before)));
  } finally {
    clearTimeout(waiting);
  }
}

const narrowed = () => FILTERS.some((name) => asked[name]);

function set(name, value) {
  asked[name] = value;
  address.write({ [name]: value || null });
  load();
}

function chip(name, title, control) {
  const on = Boolean(asked[name]);
  return h("label", { class: `chip${on ? " on" : ""}`, "data-set": on ? "yes" : null }, title, control,
    on && h("button", { type: "button", class: "bare", "aria-label": `Take the filter ${title} away`, onclick: (event) => { event.preventDefault(); set(name, ""); } }, icon("close")));
}

const choice = (name, title, options) => chip(name, title,
  h("select", { "aria-label": title, onchange: (event) => set(name, event.target.value) },
    h("option", { value: "" }, "any"), options.map(([value, words]) => h("option", { value, selected: value === asked[name] }, words))));

function filters(found) {
  if (asked.who) people.add(asked.who);
  fill($("#filters"), folded([
    choice("of", "Kind", found.of.map((each) => [each.key, each.title])),
    choice("did", "What was done", found.did.filter((each) => found.people || !["removed", "imported", "withdrawn"].includes(each.key)).map((each) => [each.key, each.title])),
    found.people && choice("who", "By", [...people].sort().map((each) => [each, each])),
    chip("day", "Day", h("span", { class: "day" }, h("input", { type: "date", "aria-label": "Day", value: asked.day, max: panel.today > asked.day ? null : asked.day, onchange: (event) => event.target.validity.valid && set("day", event.target.value) }))),
  ], (each) => each.dataset.set));
}

function tabs() {
  const button = (name, title) => h("button", { type: "button", role: "tab", "aria-selected": String(tab === name), onclick: () => show(name) }, title);
  $("#tabs").hidden = !may && tab !== "audit";
  fill($("#tabs"), button("changes", "Changes"), button("audit", "Audit"));
}

let may = false;
function show(name) {
  tab = name;
  address.write({ tab: name === "audit" ? "audit" : null });
  tabs();
  $("#filters").hidden = name === "audit";
  $("#counted").textContent = "";
  turn++;
  if (name === "audit") audit($("#lines"));
  else load();
}

show(tab);
