// The one search of an operation, on every page: what may be meant in groups below a field. What is chosen opens on the map.

import { get, here, question } from "./api.js";
import { $, fill, h, icon, say, style } from "./dom.js";
import { day, period, plural } from "./format.js";

const WAIT_MS = 150;
const UNDERSTOOD = "Write a name, a code, a P-code, or coordinates: 5.25, 10.05 or 5°15'N 10°03'E, MGRS (33N WG 0793 3227), UTM (33N 507930 583227).";
const keyOf = (hit) => `${hit.kind} ${hit.id} ${hit.title}`;

let hits = [];
let lines = [];
let chosen = null;
let shownFor = null;
let asking = null;
let waiting;

const input = h("input", { class: "input", type: "text", maxlength: 200, autocomplete: "off", spellcheck: "false", placeholder: "Actor, place, P-code, overlap, incident, coordinates", role: "combobox",
  "aria-label": "Search this operation", "aria-expanded": "false", "aria-controls": "find-list", "aria-autocomplete": "list", oninput: () => typed(), onkeydown: (event) => key(event) });
const list = h("div", { class: "find-list", id: "find-list", role: "listbox", "aria-label": "What may be meant" });
const told = h("p", { class: "find-told" }, UNDERSTOOD);
// sentences are read one by one: that is asked for, and not done at each letter
const notes = h("button", { type: "button", class: "bare find-notes", hidden: true, onclick: () => look(true) }, "Look in the notes of incidents as well");
const dialog = h("dialog", { class: "find", "aria-label": "Search", onclick: (event) => event.target === dialog && dialog.close(), onclose: () => closed() },
  h("div", { class: "find-head", role: "search" }, icon("search"), input, h("button", { type: "button", class: "bare", "aria-label": "Close the search", onclick: () => dialog.close() }, icon("close"))),
  list, told, notes);
document.body.append(dialog);
let opener = null;

export async function find(from) {
  await style("lib/find.css");
  if (dialog.open) return;
  opener = from ?? document.activeElement;
  dialog.showModal();
  input.focus();
  input.select();
}

function closed() {
  clearTimeout(waiting);
  asking?.abort();
  opener?.focus?.();
}

function typed() {
  clearTimeout(waiting);
  waiting = setTimeout(() => look(), WAIT_MS);
}

async function look(within = false) {
  clearTimeout(waiting);
  notes.hidden = true;
  asking?.abort();
  const turn = (asking = new AbortController());
  const asked = input.value.trim();
  if (asked.length < 2) return show([], asked);
  try {
    if (within) tell("Looking in the notes of all incidents …");
    const { groups } = await get("/search", { q: asked, datetime: "", only: "", ...(within && { within }) }, { signal: turn.signal });
    if (turn !== asking || !dialog.open) return;
    show(groups, asked, within);
    notes.hidden = within || groups.some((group) => group.kind === "coordinates");
  } catch (problem) {
    if (problem.name === "AbortError" || turn !== asking) return;
    show([], null);
    tell([problem.title, problem.detail, problem.hint].filter(Boolean).join(" "), true);
  }
}

// What was chosen stays chosen while it is among what was found, wherever it stands then.
function show(groups, asked, within = false) {
  shownFor = asked;
  const before = chosen && keyOf(chosen);
  hits = [];
  lines = [];
  fill(list, groups.map((group, g) => h("div", { role: "group", "aria-labelledby": `find-group-${g}` }, h("h3", { id: `find-group-${g}` }, group.title), group.found.map((each) => line({ ...each, kind: group.kind })))));
  choose(hits.find((hit) => keyOf(hit) === before) ?? null);
  input.setAttribute("aria-expanded", String(hits.length > 0));
  const none = asked && asked.length > 1 && !hits.length;
  tell(none ? `This room is told nothing that is called ${asked}${within ? ", nor a note of an incident that has these words" : ""}. ${UNDERSTOOD}` : hits.length ? "" : UNDERSTOOD);
  if (asked?.length > 1) say(none ? "Nothing of that name" : `${plural(hits.length, "result")} in ${plural(groups.length, "group")}`);
}

function tell(words, wrong = false) {
  fill(told, words);
  told.hidden = !words;
  told.classList.toggle("wrong", wrong);
  told.setAttribute("role", wrong ? "alert" : "note");
}

function line(hit) {
  const [from, to] = hit.period.split("/").map((end) => (end === ".." ? null : end));
  const days = !hit.period ? "" : from === to ? day(from) : period(from, to);
  const made = h("div", { role: "option", id: `find-${hits.length}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => open(hit) },
    h("b", {}, h("bdi", {}, hit.title)), h("span", {}, days), h("span", { class: "matched" }, h("bdi", {}, hit.matched)), h("bdi", {}, hit.where));
  hits.push(hit);
  lines.push(made);
  return made;
}

function choose(hit) {
  chosen = hit;
  lines.forEach((each, i) => each.setAttribute("aria-selected", String(hits[i] === hit)));
  const at = hits.indexOf(hit);
  if (at < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", `find-${at}`);
  lines[at].scrollIntoView({ block: "nearest" });
}

async function key(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && hits.length) {
    event.preventDefault();
    const at = hits.indexOf(chosen);
    choose(hits[(at + step + hits.length + (at < 0 && step < 0 ? 1 : 0)) % hits.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    // what stands there may still be that of fewer letters
    if (shownFor !== input.value.trim()) await look();
    if (hits.length && shownFor === input.value.trim()) open(chosen ?? hits[0]);
  }
}

// An actor opens its page. Of anything else: the map shows it where it is open; any other page goes there.
function open(hit) {
  dialog.close();
  if (hit.kind === "actors") return location.assign(`${here}/actor-register?${new URLSearchParams({ ...(question.audience && { audience: question.audience }), ...(question.as_of && { as_of: question.as_of }), actor: hit.id })}`);
  if (!document.dispatchEvent(new CustomEvent("found", { detail: hit, cancelable: true }))) return;
  const [west, south, east, north] = hit.bbox ?? [];
  const at = !hit.layer && Number.isFinite(west) ? `11/${((south + north) / 2).toFixed(4)}/${((west + east) / 2).toFixed(4)}` : null;
  const to = { audience: question.audience, as_of: question.as_of, open: hit.layer && `${hit.layer}/${hit.id}`, at };
  location.assign(`${here}/map?${new URLSearchParams(Object.entries(to).filter(([, value]) => value))}`);
}

$("#open-find").dataset.ready = "yes";
$("#open-find").addEventListener("click", () => find($("#open-find")));
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  find(target === document.body ? $("#open-find") : target);
});
