// The drawer: every record under a point, one of them open, or the table of what is on the map.

import { get, label, panel, question } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { keptBack } from "../lib/empty.js";
import { historyOf } from "../lib/history.js";
import { endedBody, overlapBody, speak, speakEnded } from "./overlap.js";
import { sign, swatch } from "../lib/symbols.js";
import { notKnownYet, plural } from "../lib/format.js";

export class Drawer {
  /** @type {HTMLElement} */
  root;
  /** @type {(record: any, fly?: boolean) => void} */
  opened;
  /** @type {(record: any) => any} */
  ruleOf;
  /** @type {((record: any) => void) | undefined} */
  changed;
  /** @type {Record<string, any>} */
  special;
  /** @type {any[]} */
  records;
  /** @type {number} */
  at;

  // `opened` is told the record that is open (or null); `ruleOf` finds the class of a record for its symbol; `special` are
  // layers whose records are told in another way than by their rows: { overline, body, foot } by the layer's name.
  constructor(root, { opened, ruleOf, changed, special = {} }) {
    Object.assign(this, { root, opened, ruleOf, changed, special, records: [], at: -1 });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
  }

  get isOpen() {
    return !this.root.hidden;
  }

  reveal(...parts) {
    if (this.root.hidden) this.before = document.activeElement;
    this.root.hidden = false;
    fill(this.root, ...parts);
  }

  close() {
    this.root.hidden = true;
    this.records = [];
    this.opened(null);
    if (this.before?.isConnected) /** @type {HTMLElement} */ (this.before).focus();
    else $(".folium-map")?.focus();
  }

  head(overline, title, tag, tools = []) {
    return h("div", { class: "drawer-head" }, h("button", { type: "button", class: "grip", "aria-label": "More or less of what was clicked" }),
      h("div", { class: "drawer-line" }, h("span", { class: "overline" }, overline), tag && h("span", { class: "tag" }, tag),
        h("span", { class: "tools" }, tools, h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => this.close() }, icon("close")))),
      h("h2", { tabindex: -1 }, title));
  }

  wait(title) {
    this.reveal(this.head("Identify", title), h("div", { class: "scroll", tabindex: 0 }, skeleton(3)));
  }

  fail(problem, again) {
    this.reveal(this.head("Identify", "No answer"), h("div", { class: "scroll", tabindex: 0 }, failure(problem, again)));
  }

  // The records under a point. One alone, or an overlap on top, is opened at once.
  show(records, where, { focus = true } = {}) {
    this.records = records;
    this.where = where;
    say(records.length ? `${plural(records.length, "record")} here` : "No record here");
    if (records.length && (records.length === 1 || records[0].layer === "overlaps")) this.open(0, focus);
    else this.list(focus);
  }

  // What may lie here and is kept from this room, or was not known yet on that day.
  kept() {
    const asked = panel.layers.filter((layer) => !layer.fixed && !layer.background);
    return [...notKnownYet(asked.filter((layer) => layer.access !== "withheld")), ...keptBack(asked.map((layer) => layer.name))];
  }

  list(focus = true) {
    this.at = -1;
    this.opened(null);
    const count = this.records.length;
    this.reveal(
      this.head("Under the point", count ? plural(count, "record") : "Nothing shown here"),
      count
        ? h("div", { class: "scroll found", tabindex: 0 }, this.records.map((record, i) =>
            h("button", { type: "button", onclick: () => this.open(i) }, this.symbol(record),
              h("span", {}, h("span", { class: "what" }, record.title), h("br"), h("span", { class: "why" }, [record.layer_title, brief(record)].filter(Boolean).join(" · "))), icon("next"))))
        : h("div", { class: "state" }, h("p", {}, "No record of the layers that are switched on lies here in this period. That is not the same as nothing being here."),
            h("p", { class: "hint-text" }, "Switch more layers on, or widen the period."), this.kept().map((words) => h("p", { class: "hint-text" }, icon("lock"), " ", words))),
      h("div", { class: "drawer-foot hint-text small" }, this.where ?? ""));
    if (focus) $("h2", this.root).focus();
  }

  open(i, focus = true) {
    const record = this.records[i];
    this.at = i;
    this.opened(record);
    const several = this.records.length > 1;
    const step = (by, name, words) => h("button", { type: "button", class: "bare", "aria-label": words, onclick: () => this.step(by) }, icon(name));
    const tools = several && [`${i + 1} of ${this.records.length}`, step(-1, "previous", "The one before"), step(1, "next", "The next one")];
    const overlap = record.layer === "overlaps" && record.properties;
    const ended = record.layer === "ended_overlaps" && record.properties;
    const own = this.special[record.layer];
    this.reveal(
      overlap
        ? this.head(`Overlap ${overlap.code}`, record.title, label("relations", overlap.relation), tools)
        : ended ? this.head(`Overlap ${ended.code}`, record.title, "Ended", tools)
        : own ? this.head(own.overline(record)[0], record.title, own.overline(record)[1], tools)
        : this.head(record.layer_title, record.title, null, tools),
      h("div", { class: "scroll", tabindex: 0 }, overlap ? overlapBody(overlap, (now) => this.take(record, now)) : ended ? endedBody(ended, (now) => this.take(record, now)) : own ? own.body(record) : h("section", { class: "section" }, facts(record)), this.history(record)),
      h("div", { class: "drawer-foot" }, own?.foot(record),
        h("button", { type: "button", class: "button", onclick: () => this.opened(record, true) }, icon("whole"), "Whole shape"),
        several && h("button", { type: "button", class: "button", onclick: () => this.list() }, "All records here")));
    this.root.setAttribute("aria-label", overlap ? speak(overlap) : ended ? speakEnded(ended) : `${record.layer_title}: ${record.title}`);
    if (focus) $("h2", this.root).focus();
  }

  // Who changed it, and what: of what is known now.
  history(record) {
    const of = panel.layers.find((layer) => layer.name === record.layer)?.recorded;
    return of && !question.as_of ? historyOf(of, record.id) : null;
  }

  // One record that was not found by a click.
  one(record) {
    this.records = [record];
    this.open(0);
  }

  step(by) {
    if (this.records.length > 1) this.open((this.at + by + this.records.length) % this.records.length);
  }

  take(record, now) {
    Object.assign(record.properties, now);
    this.changed?.(record);
  }

  symbol(record) {
    const found = this.ruleOf(record);
    if (!found) return h("span", {});
    const { rule, layer } = found;
    return layer.style.signed ? sign(rule.symbol, { size: 18 }) : swatch(rule.symbol, layer.shape, { width: 26, height: 18 });
  }

  // The same as the map, in rows: what lies in view, each of which opens.
  table(title, rows, note) {
    this.records = rows.map((row) => row.record);
    this.reveal(
      this.head("On the map", title),
      rows.length
        ? h("div", { class: "scroll", tabindex: 0 }, h("table", { class: "in-view" },
            h("thead", {}, h("tr", {}, h("th", {}, "Record"), h("th", {}, "Layer"), h("th", {}, "When"))),
            h("tbody", {}, rows.map((row, i) => h("tr", {},
              h("td", {}, h("button", { type: "button", onclick: () => this.open(i) }, row.record.title)), h("td", {}, row.record.layer_title), h("td", {}, row.when))))))
        : h("div", { class: "state" }, "Nothing of the layers that are switched on lies in this part of the map."),
      h("div", { class: "drawer-foot hint-text small" }, note));
    $("h2", this.root).focus();
  }
}

const brief = (record) => {
  const named = ["period_start", "valid_to", "occurred_from", "status", "level", "n"];
  const row = record.rows.find((each) => named.includes(each.name) && each.value !== null);
  return row ? `${row.title.toLowerCase()} ${row.text}` : "";
};

/** A record's fields in words; of one that brought none they are asked for. */
export function facts(record) {
  const list = h("dl", { class: "facts" });
  const write = () => fill(list, record.rows.map((row) => [h("dt", {}, row.title), h("dd", { class: row.value === null ? "held" : null }, row.text)]));
  const ask = () => get(`/told/${record.layer}/${record.id}`, { datetime: "" }).then(({ rows }) => {
    record.rows = rows;
    write();
  }, (problem) => fill(list, failure(problem, ask)));
  if (record.rows) write();
  else ask();
  return list;
}
