// Merging two actors and splitting one: what would follow is asked and shown before it is done.

import { get, label, send } from "../lib/api.js";
import { $, fill, h, say } from "../lib/dom.js";
import { number, plural } from "../lib/format.js";

const JSON_TYPE = { "Content-Type": "application/json" };
let turn = 0;

// What a step does, from the answer to it.
function follows({ areas, claims, units, names, ends, joins, parts, begins }) {
  const moved = [[areas, "area of operation", "areas of operation"], [claims, "claim of presence", "claims of presence"], [units, "unit"], [names, "former name"]].filter(([n]) => n).map(([n, one, many]) => plural(n, one, many));
  return h("ul", { class: "follows" },
    h("li", {}, moved.length ? `${moved.join(", ")} ${moved.length === 1 && !/^1\D/.test(moved[0]) ? "move" : moved.length > 1 ? "move" : "moves"}` : "Nothing moves but the name"),
    h("li", {}, ends.length ? `${plural(ends.length, "overlap")} would be no more: ${some(ends)}` : "No overlap ends"),
    joins.length ? h("li", {}, `${plural(joins.length, "overlap")} would be one with another of the same two actors: ${some(joins)}`) : null,
    parts.length ? h("li", {}, `${plural(parts.length, "overlap")} would stand alone again: ${some(parts)}`) : null,
    h("li", {}, begins.length ? `${plural(begins.length, "overlap")} would begin: ${some(begins)}` : "No overlap begins"),
    h("li", {}, "Numbers of all other overlaps stay, with their status and notes. It can be undone."));
}

const some = (codes) => `${codes.slice(0, 6).join(", ")}${codes.length > 6 ? ` and ${number(codes.length - 6)} more` : ""}`;
const words = (problem) => [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ");

// A dialog with a form; `ask` gives the path and the body of the step as the form stands, or null while something is missing.
function dialog(title, fields, verb, ask, version, done) {
  const told = h("div", { class: "told", role: "status" });
  const act = h("button", { type: "submit", class: "button primary", disabled: true }, verb);
  const root = h("dialog", { class: "step-dialog", "aria-labelledby": "step-title", onclose: () => root.remove() },
    h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      take();
    } }, h("h2", { id: "step-title" }, title), fields, told,
      h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => root.close() }, "Cancel"), act)));
  const step = (check) => {
    const { path, body } = ask();
    return send("POST", path, { body: body && JSON.stringify(body), parameters: { check: check || null }, headers: { ...JSON_TYPE, ...(version ? { "If-Match": `"${version}"` } : {}) } });
  };
  const look = async () => {
    const mine = (turn += 1);
    act.disabled = true;
    if (!ask()) return void fill(told);
    fill(told, h("p", { class: "hint-text" }, "Looking what would follow …"));
    try {
      const found = await step(true);
      if (mine !== turn) return;
      fill(told, h("h3", {}, "What would follow"), follows(found));
      act.disabled = false;
    } catch (problem) {
      if (mine === turn) fill(told, h("p", { class: "late", role: "alert" }, words(problem)));
    }
  };
  const take = async () => {
    if (act.disabled) return;
    act.disabled = true;
    try {
      const found = await step(false);
      root.close();
      say(`${title}: done`);
      await done(found);
    } catch (problem) {
      fill(told, h("p", { class: "late", role: "alert" }, words(problem)));
    }
  };
  document.body.append(root);
  root.showModal();
  return { root, look };
}

export async function merge({ actor }, done) {
  const { actors } = await get("/actors/register", { domain: actor.domain, datetime: "" });
  const others = actors.filter((each) => each.id !== actor.id);
  const select = h("select", { name: "other", class: "input" }, h("option", { value: "" }, "Choose"), others.map((each) => h("option", { value: each.id }, [each.name, each.acronym].filter(Boolean).join(" · "))));
  const asked = () => (select.value ? { path: `/actors/${actor.id}/merge`, body: { other: Number(select.value) } } : null);
  const { look } = dialog(`Merge into ${actor.name}`, [
    h("p", {}, `${actor.name} stays. The other's areas, units and name become its own, in later files too.`),
    h("label", { class: "field" }, "Which entry is the same actor?", select)], "Merge", asked, actor.version, done);
  select.addEventListener("change", look);
}

export function split({ actor, areas, sectors, chain }, done) {
  const name = h("input", { name: "name", class: "input", maxlength: 300, autocomplete: "off" });
  const box = (kind, id, text) => h("label", { class: "tick" }, h("input", { type: "checkbox", name: kind, value: id }), text);
  const own = areas.filter((each) => each.of === actor.id);
  const units = chain.filter((each) => each.under === actor.id);
  const list = h("fieldset", { class: "ticks" }, h("legend", {}, "What is the new actor's?"),
    own.map((each) => box("areas", each.id, `${each.name ?? "Area"}`)),
    sectors.flatMap((each) => each.claims.map((id) => box("areas", id, `Presence: ${each.sector ? label("sectors", each.sector) : "sector not said"}`))),
    units.map((each) => box("units", each.id, `Unit: ${each.name}`)),
    own.length + sectors.length + units.length ? null : h("p", { class: "hint-text" }, "It has no areas, claims or units that could go."));
  const ticked = (kind) => [...list.querySelectorAll(`input[name="${kind}"]:checked`)].map((each) => Number(each.value));
  const asked = () => (name.value.trim() && ticked("areas").length + ticked("units").length ? { path: `/actors/${actor.id}/split`, body: { name: name.value.trim(), areas: ticked("areas"), units: ticked("units") } } : null);
  const { look } = dialog(`Split ${actor.name}`, [
    h("p", {}, "The new actor is like this one, and has what is ticked, in later files too."),
    h("label", { class: "field" }, "Name of the new actor", name), list], "Split", asked, actor.version, done);
  name.addEventListener("change", look);
  list.addEventListener("change", look);
}

export function undo({ actor }, step, done) {
  const what = step.kind === "merge" ? `${step.other_name} becomes an actor of its own again.` : `What went to ${step.other_name} comes back, and ${step.other_name} goes.`;
  const { root, look } = dialog("Undo this step", [h("p", {}, what)], "Undo", () => ({ path: `/actors/${actor.id}/steps/${step.id}/undo` }), null, done);
  look();
  $("button", root).focus();
}
