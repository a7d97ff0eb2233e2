// What is on the map as a list beside it, and the search in it: names, codes, places and every other word of a record.

import { fill, h, say } from "../lib/dom.js";
import { number, plural } from "../lib/format.js";
import { Records } from "./records.js";

const MOST = 100;

export class List {
  // `go(record)` shows a record on the map.
  constructor(root, field, { records, tiles, layers, go }) {
    Object.assign(this, { root, field, records, tiles, layers, go, open: new Set() });
    field.addEventListener("input", () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.update(true), 120);
    });
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-at]");
      if (button) this.go(this.rows[Number(button.dataset.at)]);
    });
  }

  // Without words what is drawn; with words what has them all, in every layer.
  update(spoken = false) {
    const words = Records.asked(this.field.value);
    this.rows = [];
    let matched = 0;
    const parts = this.layers.map((layer) => {
      if (!words.length && !this.tiles.visible(layer.name)) return null;
      const found = [...this.records.of(layer.name)].filter((record) =>
        words.length ? this.records.matches(record, words) : this.tiles.shownRule(layer.name, record.props));
      matched += found.length;
      return found.length ? this.section(layer, found, words.length > 0) : null;
    });
    const any = parts.some(Boolean);
    fill(this.root, any ? parts : h("p", { class: "state" }, words.length ? "Nothing in this file has these words in these days." : "Nothing is drawn in these days. Absence of data is not absence of risk."));
    if (spoken) say(`${plural(matched, "record")} found`);
  }

  section(layer, found, asked) {
    const open = asked || this.open.has(layer.name) || (!this.open.size && layer.tabled === 1);
    const part = h("details", { class: "listed", open, ontoggle: () => (part.open ? this.open.add(layer.name) : this.open.delete(layer.name)) },
      h("summary", {}, h("span", {}, layer.title), h("span", { class: "count" }, number(found.length))),
      h("table", {}, h("tbody", {}, found.slice(0, MOST).map((record) => this.row(layer, record)))),
      found.length > MOST && h("p", { class: "legend-note" }, `${number(found.length - MOST)} more: search for a name, a code or a place.`));
    return part;
  }

  row(layer, record) {
    const at = this.rows.push(record) - 1;
    const told = record.words.filter(([field]) => layer.listed.includes(field)).map(([, word]) => word);
    return h("tr", {}, h("th", { scope: "row" },
      h("button", { type: "button", "data-at": at, dir: "auto" }, record.title), !record.shape && h("span", { class: "tag" }, "no place known")),
    h("td", { dir: "auto" }, told.join(" · ")));
  }
}
