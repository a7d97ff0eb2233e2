// The audit of the operation, for who may read it: every step that was told, how far it is sealed, and whether one was altered.

import { get, panel, send } from "../lib/api.js";
import { failure, fill, h, icon, skeleton, say } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";
import { at, dayOf, whose } from "../lib/history.js";
import { clock } from "../lib/local_time.js";

const NOW = { as_of: "", datetime: "" };
const zone = panel.operation.time_zone;
const spaced = (code) => code.replace(/(.{4})(?=.)/g, "$1 ");
const words = (text) => text.replaceAll("_", " ");

export async function audit(root) {
  fill(root, skeleton(8, 36));
  try {
    const found = await get("/audit", { ...NOW, limit: 100 });
    const list = h("div", { class: "acts" });
    fill(root, chain(found.chain), list);
    add(list, found);
    say(`${plural(found.chain.entries, "entry", "entries")} in the audit`);
  } catch (problem) {
    fill(root, failure(problem, () => audit(root)));
  }
}

function add(list, found) {
  let last = list.dataset.day ?? "";
  for (const entry of found.entries) {
    if (dayOf(entry.at) !== last) list.append(h("h2", { class: "acts-day" }, day(dayOf(entry.at))));
    last = dayOf(entry.at);
    list.append(line(entry));
  }
  list.dataset.day = last;
  if (found.next) list.append(h("button", { type: "button", class: "button older", onclick: async (event) => {
    event.target.disabled = true;
    try {
      const more = await get("/audit", { ...NOW, limit: 100, before: found.next });
      event.target.remove();
      add(list, more);
    } catch (problem) {
      event.target.replaceWith(failure(problem, () => audit(list.parentElement)));
    }
  } }, "Older entries"));
}

function line(entry) {
  const about = [words(entry.subject), entry.record, entry.version && `version ${entry.version}`].filter(Boolean).join(" ");
  const told = [entry.room && `in the room ${entry.room}`, entry.fields?.map(words).join(", "), entry.told?.rows && plural(entry.told.rows, "record")].filter(Boolean).join(" · ");
  return h("p", { class: "act" },
    h("span", { class: "acts-when" }, h("time", { datetime: entry.at }, clock(entry.at, zone))), h("span", { class: "acts-sign" }, icon(entry.did === "refused" ? "refused" : "check")),
    h("span", { class: "acts-words" }, h("b", {}, whose(entry.who) ?? "Nobody named"), ` ${entry.did === "refused" ? "was refused" : words(entry.did)} ${about}`, told && h("span", { class: "hint-text" }, ` · ${told}`)),
    h("span", { class: "audit-head" }, entry.number ? `${number(entry.number)} · ${spaced(entry.head).slice(0, 9)}` : "not sealed yet"));
}

function chain(state) {
  const box = h("section", { class: "chain", role: "status", "aria-label": "State of the audit" });
  const check = h("button", { type: "button", class: "button small", onclick: () => verify(box, state, check) }, "Check now");
  fill(box, h("p", {}, h("b", {}, plural(state.entries, "entry", "entries")), state.number ? `, sealed up to ${number(state.number)} at ${at(state.sealed_at)}, head ` : ", none sealed yet", state.head && h("code", {}, spaced(state.head)), state.unsealed ? ` · ${number(state.unsealed)} wait to be sealed` : "", "."), check);
  return box;
}

async function verify(box, state, check) {
  check.disabled = true;
  check.textContent = "Looking at every entry …";
  try {
    const found = await send("POST", "/audit/checks", { parameters: NOW });
    box.classList.toggle("altered", found.altered !== null);
    const said = found.altered === null
      ? [h("b", {}, `Checked: ${plural(found.entries, "entry", "entries")}, none altered, missing or moved.`), ` Head `, found.head ? h("code", {}, spaced(found.head)) : "none", `, at ${at(found.at)}.`]
      : [h("b", {}, `Entry ${number(found.altered)} is not as it was sealed: ${found.why}.`), ` The ${number(found.entries)} before it are. Tell whoever runs this instance.`];
    fill(box, h("p", {}, said), check);
    say(box.textContent);
  } catch (problem) {
    fill(box, failure(problem, () => verify(box, state, check)));
  } finally {
    check.disabled = false;
    check.textContent = "Check now";
  }
}
