// What was noted on an overlap: who, when, the newest first. A note is added and never rewritten; one entered by mistake is
// withdrawn with a reason, and stays.

import { get, mayWrite, panel, send } from "../lib/api.js";
import { failure, fill, h, icon, say } from "../lib/dom.js";
import { moment, plural } from "../lib/format.js";
import { myName, setMyName, signedIn } from "../lib/stored.js";

const JSON_BODY = { "Content-Type": "application/json" };

/**
 * The section of an overlap's notes; `changed` is told the newest note, its day and how many hold.
 * @param {Record<string, any>} overlap
 * @param {(now: Record<string, any>) => void} changed
 */
export function notesOf(overlap, changed) {
  const path = `/overlaps/${overlap.id}/notes`;
  const counted = h("span", {});
  const list = h("ol", { class: "notes" });
  const message = h("div", { role: "status" });
  const section = h("section", { class: "section", "aria-label": "Notes" },
    h("div", { class: "section-head" }, h("h3", {}, "Notes"), counted), mayWrite && form(), message, list);

  async function load(told = "") {
    try {
      const found = await get(path, { datetime: "" });
      draw(found);
      if (!told) return;
      fill(message, h("p", { class: "small" }, icon("check"), ` ${told}`));
      say(told);
      const newest = found.notes?.find((note) => !note.withdrawn_at);
      changed({ note: newest?.text ?? null, noted_on: newest?.written_at.slice(0, 10) ?? null, note_count: found.count });
    } catch (problem) {
      fill(list, problem.status === 404 ? h("li", { class: "hint-text" }, icon("lock"), " Notes are not shown in this room.") : h("li", {}, failure(problem, load)));
    }
  }

  function draw({ notes, count, withheld }) {
    counted.textContent = notes ? plural(count, "note") : "";
    if (!notes) return void fill(list, h("li", { class: "hint-text" }, icon("lock"), ` ${withheld}`));
    if (!notes.length) return void fill(list, h("li", { class: "hint-text" }, "Nothing is noted yet."));
    fill(list, notes.map(entry));
  }

  function entry(note) {
    const who = `${author(note.written_by)}, ${moment(note.written_at)}`;
    if (note.withdrawn_at)
      return h("li", { class: "withdrawn" }, h("p", { class: "small hint-text" }, who), h("p", {}, h("s", {}, note.text)),
        h("p", { class: "small" }, `Withdrawn by ${author(note.withdrawn_by)}, ${moment(note.withdrawn_at)}: ${note.reason}`));
    const row = h("li", {}, h("div", { class: "note-head small hint-text" }, h("span", {}, who),
      mayWrite && h("button", { type: "button", class: "quiet", "aria-label": `Withdraw the note of ${who}`, onclick: () => ask(row, note) }, "Withdraw")),
    h("p", {}, note.text));
    return row;
  }

  // Why it is withdrawn is asked in its place.
  function ask(row, note) {
    const reason = h("input", { name: "reason", required: true, maxlength: 4000, autocomplete: "off" });
    row.append(h("form", { class: "form", onsubmit: (event) => {
      event.preventDefault();
      keep(`${path}/${note.id}/withdrawal`, { reason: reason.value }, "The note is withdrawn.", event.target);
    } }, h("label", { class: "field whole" }, "Why is it withdrawn?", reason),
    h("div", { class: "whole note-keys" }, h("button", { type: "submit", class: "button small" }, "Withdraw"),
      h("button", { type: "button", class: "button small", onclick: () => load() }, "Keep it"))));
    row.querySelector(".note-head .quiet").hidden = true;
    reason.focus();
  }

  function form() {
    const text = h("textarea", { name: "note", rows: 2, maxlength: 4000, required: true });
    const by = h("input", { name: "note-by", maxlength: 200, autocomplete: "name", value: myName(), required: true });
    return h("form", { class: "form", "aria-label": "Add a note", onsubmit: (event) => {
      event.preventDefault();
      setMyName(by.value);
      keep(path, { text: text.value }, "The note is added.", event.target).then((kept) => kept && (text.value = ""));
    } }, h("label", { class: "field whole" }, "New note", text), !signedIn && h("label", { class: "field" }, "Your name", by),
    h("div", { class: "field note-keys" }, h("button", { type: "submit", class: "button small" }, "Add note")));
  }

  // What was written stays in its field when it is refused.
  async function keep(to, body, told, from) {
    const button = from.querySelector('[type="submit"]');
    button.disabled = true;
    try {
      await send("POST", to, { body: JSON.stringify({ ...body, by: myName() || null }), headers: JSON_BODY });
      await load(told);
      return true;
    } catch (problem) {
      fill(message, h("p", { class: "conflict", role: "alert" }, [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")));
      return false;
    } finally {
      button.disabled = false;
    }
  }

  load();
  return section;
}

// Who is signed in while there are no accounts has no name of their own.
const author = (name) => (!name || name === "local" ? `Somebody in the room that records${panel.operation.exercise ? " (exercise)" : ""}` : name);
