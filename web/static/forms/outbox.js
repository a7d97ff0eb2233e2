// What was written while there was no connection: kept in this browser, sent by itself when it is back, never over somebody else's change.

import { get, mayWrite, panel, question, send } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { OUTBOX, store, stored } from "../lib/stored.js";
import { same, sameShape } from "./conflict.js";
import { drafts } from "./drafts.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const PLACE = OUTBOX + panel.operation.key;
const AGAIN = 15000; // ms after which it is tried once more
const LATER = [0, 401, 429, 502, 503, 504]; // answers after which a record goes on waiting

/** @typedef {{ key: string, collection: string, id: number | null, version: number | null, once: string, room: string, title: string, feature: { geometry: any, properties: Record<string, any> } }} Waiting */

/** @returns {Waiting[]} */
export const waiting = () => JSON.parse(stored(PLACE) ?? "[]");
const keep = (/** @type {Waiting[]} */ items) => store(PLACE, items.length ? JSON.stringify(items) : null);

// Words by which a record that is sent again is known.
export const newWords = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Writes a record: { id, version }. One that was written already, and whose answer was lost, is changed at the version it had then.
export async function write({ collection, id, version, once, feature, room = question.audience }) {
  const body = JSON.stringify({ type: "Feature", ...feature });
  const parameters = { audience: room };
  if (!id) {
    const made = await send("POST", `/collections/${collection}/items`, { body, parameters, headers: { ...JSON_TYPE, "Idempotency-Key": once } });
    if (made.new !== false) return made;
    [id, version] = [made.id, 1];
  }
  try {
    const { version: now } = await send("PATCH", `/collections/${collection}/items/${id}`, { body, parameters, headers: { ...JSON_TYPE, "If-Match": `"${version}"` } });
    return { id, version: now };
  } catch (problem) {
    if (problem.status !== 412) throw problem;
    // it may be one's own change, whose answer was lost
    const there = await get(`/collections/${collection}/items/${id}/record`, { datetime: "", ...parameters });
    const mine = Object.entries(feature.properties).every(([name, value]) => same(there.properties[name], value)) && sameShape(there.geometry, feature.geometry);
    if (mine) return { id, version: there.version };
    throw Object.assign(problem, { record: { id, version } });
  }
}

export class Outbox {
  /** @type {(collection: string, id: number) => unknown} */
  sent;
  /** @type {(item: Waiting) => void} */
  open;

  // `sent` is told what has been recorded, `open` opens the form of one that could not be.
  constructor(home, { sent, open }) {
    Object.assign(this, { sent, open, busy: false });
    this.note = h("div", { class: "outbox", role: "status", hidden: true });
    home.append(this.note);
    addEventListener("online", () => this.flush());
    this.tell();
    this.again();
  }

  // One that was to be saved and could not be sent; what waits of the same form is replaced by it.
  put(item) {
    if (!keep([...waiting().filter((each) => each.key !== item.key), item])) return false;
    this.tell();
    this.again();
    return true;
  }

  again() {
    clearTimeout(this.soon);
    if (waiting().length) this.soon = setTimeout(() => this.flush(), AGAIN);
  }

  // Sends one after the other; what is refused stays a draft, which is opened to be mended or compared.
  async flush() {
    if (this.busy || !mayWrite) return;
    this.busy = true;
    try {
      for (const item of waiting()) {
        try {
          const { id } = await write(item);
          this.gone(item);
          drafts.forget(item.key);
          this.tell(`${item.title} was sent and is recorded.`);
          await this.sent(item.collection, id);
        } catch (problem) {
          if (LATER.includes(problem.status)) {
            this.tell(problem.status === 401 ? "Sign in again: then it is sent." : "");
            break;
          }
          if (problem.status === undefined) throw problem;
          this.gone(item);
          const draft = drafts.read(item.key);
          if (draft && problem.record) drafts.write(item.key, { ...draft, ...problem.record });
          this.tell(problem.status === 412 ? `${item.title}: somebody else changed it meanwhile. Nothing was overwritten; yours is kept as a draft.` : `${item.title} was not recorded: ${problem.detail ?? problem.title} It is kept as a draft.`, item);
        }
      }
    } finally {
      this.busy = false;
      this.again();
    }
  }

  gone(item) {
    keep(waiting().filter((each) => each.key !== item.key));
  }

  // How many wait, and what came of the last one.
  tell(words = "", item = null) {
    const count = waiting().length;
    const all = [count > 0 && `${plural(count, "record")} kept in this browser, sent when the connection is back.`, words].filter(Boolean).join(" ");
    this.note.hidden = !all;
    fill(this.note, h("span", {}, all), count > 0 && h("button", { type: "button", class: "quiet", onclick: () => this.flush() }, "Send now"),
      item && h("button", { type: "button", class: "quiet", onclick: () => {
        this.tell();
        this.open(item);
      } }, "Open it"),
      !count && h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => this.tell() }, icon("close")));
    if (words) say(words);
  }
}
