// The days that are shown: a first and a last one, a step of a month back or forth, all of them.

import { day, period } from "../lib/format.js";

const iso = (date) => date.toISOString().slice(0, 10);
const monthOf = (text, by) => {
  const [y, m] = text.split("-").map(Number);
  return [iso(new Date(Date.UTC(y, m - 1 + by, 1))), iso(new Date(Date.UTC(y, m + by, 0)))];
};

export class Days {
  // `whole` are the first and the last day that the file holds, `first` those that it opens on; `changed(days)` is told of
  // every choice.
  constructor(root, whole, first, changed) {
    const find = (name) => root.querySelector(`[name="${name}"]`);
    Object.assign(this, { whole, changed, days: [null, null], from: find("from"), to: find("to"), words: root.querySelector("output"), all: find("all") });
    for (const field of [this.from, this.to]) {
      [field.min, field.max] = [whole[0] ?? "", ""];
      field.addEventListener("change", () => this.set(this.from.value || null, this.to.value || null));
    }
    find("back").addEventListener("click", () => this.step(-1));
    find("on").addEventListener("click", () => this.step(1));
    this.all.addEventListener("click", () => this.set(null, null));
    this.set(...first);
  }

  // The month before or after the one that is chosen; from all days the last month, or the first.
  step(by) {
    const [first, last] = this.days;
    const from = first ?? last;
    if (from) this.set(...monthOf(by > 0 ? (last ?? from) : from, by));
    else if (this.whole[0]) this.set(...monthOf(by > 0 ? this.whole[0] : this.whole[1], 0));
  }

  set(first, last) {
    if (first && last && first > last) [first, last] = [last, first];
    this.days = [first, last];
    [this.from.value, this.to.value] = [first ?? "", last ?? ""];
    this.all.disabled = !first && !last;
    const held = this.whole[0] ? `${day(this.whole[0])} – ${day(this.whole[1])}` : "";
    this.words.textContent = first || last ? `${period(first, last)}${held && ` of ${held}`}` : held ? `All days in this file: ${held}` : "All days";
    this.changed(this.days);
  }
}
