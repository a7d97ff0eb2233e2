// Field copies: which were given out, and what came home and waits for a decision, one by one beside what is here.

import { conflict } from "../forms/conflict.js";
import { fieldsOf, schemaOf } from "../forms/schema.js";
import { get, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, plural } from "../lib/format.js";

const dialog = $("#edit");
const STATES = { out: "in the field", past: "its last day is over", lost: "lost", over: "ended" };
const WORDS = { added: "New", changed: "Changed", removed: "Taken away" };
const REGISTER = ["status", "strategy", "liaison", "owner", "due"];
const TYPE = { "Content-Type": "application/json" };
let told = null;

const moment = (text) => `${new Date(text).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" })} UTC`;
const said = (name) => name.replaceAll("_", " ");
const named = (name) => h("span", { class: "cell-name" }, `${name} `);

async function load() {
  const waiting = setTimeout(() => fill($("#copies"), skeleton(4, 44)), 150);
  try {
    told = await get("/field-copies");
  } catch (problem) {
    return void fill($("#copies"), failure(problem, problem.status === 403 ? null : load));
  } finally {
    clearTimeout(waiting);
  }
  $("#counted").textContent = `${plural(told.copies.length, "copy", "copies")}, ${told.open.length} waiting for a decision`;
  fill($("#open"), h("h2", { id: "open-title" }, "Waiting for a decision"), told.open.length ? table(["Record", "Entered in the field", "Why it waits"], told.open.map(waitingLine)) : h("p", { class: "hint-text" }, "Nothing. Edits that meet a record which changed meanwhile, or that cannot be made, wait here."));
  fill($("#copies"), h("h2", { id: "copies-title" }, "Given out"), told.copies.length ? table(["Copy", "Taken", "Opens until", "State", "Came home"], told.copies.map(copyLine)) : h("p", { class: "hint-text" }, "None. In a shell: ", h("code", {}, `geoapp field take -O ${panel.operation.key} --audience hct --until ${panel.today} -o FILE`)));
  say($("#counted").textContent);
}

const table = (titles, lines) => h("table", { class: "list" }, h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)), h("td", {}))), h("tbody", {}, lines));

const waitingLine = (each) => h("tr", {},
  h("th", { scope: "row" }, h("b", {}, `${WORDS[each.did]}: ${said(each.collection)}${each.home_id ? ` ${each.home_id}` : ""}`), each.name && h("p", { class: "small" }, each.name)),
  h("td", {}, named("Entered"), `by ${each.entered_by ?? "nobody named"}, ${moment(each.entered_at)}`, h("p", { class: "small hint-text" }, `brought by ${each.brought_by ?? "–"}, ${moment(each.brought_at)}, copy ${each.of}`)),
  h("td", { class: "why" }, named("Why"), each.why?.detail ?? ""),
  h("td", { class: "of-do" }, h("button", { type: "button", class: "button small", "aria-label": `Decide about ${said(each.collection)} ${each.home_id ?? each.name}`, onclick: () => decide(each) }, "Decide")));

const copyLine = (each) => h("tr", {},
  h("th", { scope: "row" }, h("b", {}, `Copy ${each.id} for ${each.room ?? each.audience}`)),
  h("td", {}, named("Taken"), `${moment(each.taken_at)} by ${each.taken_by ?? "–"}`),
  h("td", {}, named("Until"), day(each.ends_on)),
  h("td", {}, named("State"), STATES[each.state], each.ended_at && h("p", { class: "small hint-text" }, `${moment(each.ended_at)} by ${each.ended_by ?? "–"}`)),
  h("td", {}, named("Came home"), each.returned_at ? `${each.applied} applied, ${each.open} open, ${each.dropped} left` : "nothing yet", each.returned_at && h("p", { class: "small hint-text" }, `${moment(each.returned_at)} by ${each.returned_by ?? "–"}`)),
  h("td", { class: "of-do" }, !each.ended_at && h("button", { type: "button", class: "button small", "aria-label": `End copy ${each.id}`, onclick: () => askEnd(each) }, "End")));

const post = (path, body, version) => send("POST", `/field-copies${path}`, { headers: version ? { ...TYPE, "If-Match": `"${version}"` } : TYPE, body: JSON.stringify(body) });

function open(title, ...parts) {
  fill(dialog, h("div", { class: "side-head" }, h("h2", { id: "edit-title" }, title), h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"))), h("div", { class: "side-body" }, parts));
  if (!dialog.open) dialog.showModal();
}

function askEnd(copy) {
  const problem = h("div", {});
  const end = (why) => done(problem, () => post(`/${copy.id}/end`, { why }));
  open(`End copy ${copy.id}?`, h("p", {}, "Nothing comes home from it any more. Who holds the file and its key can read what is in it all the same."), problem,
    h("div", { class: "actions" }, h("button", { type: "button", class: "button danger", onclick: () => end("lost") }, "It is lost"), h("button", { type: "button", class: "button", onclick: () => end("over") }, "It is not needed any more")));
}

async function done(problem, act) {
  try {
    await act();
    dialog.close();
    await load();
  } catch (error) {
    fill(problem, failure(error));
  }
}

// What the fields of a collection are called, and how their values are spoken.
async function fieldsIn(collection) {
  if (collection === "overlaps") return REGISTER.map((name) => ({ name, title: said(name)[0].toUpperCase() + said(name).slice(1), kind: "text", choices: [] }));
  return collection === "overlap_notes" ? [] : fieldsOf(await schemaOf(collection));
}

async function decide(each) {
  open(`${WORDS[each.did]} in the field`, skeleton(4));
  try {
    const [now, fields] = await Promise.all([get(`/field-copies/edits/${each.id}`), fieldsIn(each.collection)]);
    show(now, fields);
  } catch (error) {
    open(`${WORDS[each.did]} in the field`, failure(error, () => decide(each)));
  }
}

function show(now, fields) {
  const problem = h("div", {});
  const taken = (take) => done(problem, () => post(`/edits/${now.id}/decision`, { take }, take === "field" ? now.there?.version : null));
  const words = `Entered by ${now.entered_by ?? "nobody named"}, ${moment(now.entered_at)}; brought by ${now.brought_by ?? "–"}, ${moment(now.brought_at)}.`;
  const why = h("p", {}, [now.why?.detail, now.why?.hint].filter(Boolean).join(" "));
  const ways = { theirs: () => taken("here"), keep: () => taken("field") };
  const name = `${WORDS[now.did]}: ${said(now.collection)} ${now.home_id ?? ""}`;
  if (now.did === "removed" || !now.there) {
    const words_ = now.did === "removed" ? "It was taken away in the field." : now.did === "added" ? "It was made in the field." : "There is no such record here any more. What was entered is kept.";
    open(name, h("p", {}, words), why, h("p", {}, words_), entered(now, fields), problem,
      h("div", { class: "actions" }, h("button", { type: "button", class: "button", onclick: ways.theirs }, "Leave it as it is here"), h("button", { type: "button", class: "button", onclick: ways.keep }, now.did === "removed" ? "Take it away here too" : "Try it again")));
    return;
  }
  open(name, why, conflict(fields, words, now.there, now.theirs, ways, { mine: "In the field", keep: "Take the field's on top of it" }), problem);
}

// Everything that was entered, where there is nothing to compare it with.
const entered = (now, fields) => h("dl", {}, Object.entries(now.edit.values).filter(([, value]) => value !== null && typeof value !== "object")
  .flatMap(([key, value]) => [h("dt", {}, fields.find((field) => field.name === key)?.title ?? said(key)), h("dd", {}, String(value))]));

load();
