// The days under the map: bars of incidents a month or a year over all data, two handles, two dates. It filters the map and nothing else.

import { h, icon } from "../lib/dom.js";
import { day, days, later, month, number } from "../lib/format.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP_MS = 700;
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12, Home: -60, End: 60 };

const after = (text, months) => {
  const [y, m] = text.split("-").map(Number);
  return new Date(Date.UTC(y, m - 1 + months, 1)).toISOString().slice(0, 7);
};
const lastOf = (text) => new Date(Date.parse(`${after(text, 1)}-01`) - 86400000).toISOString().slice(0, 10);

// The day nearest to one from which a step of that kind may begin: every day, or a Monday.
export function stepTo(iso, kind) {
  if (kind !== "week") return iso;
  const after = (new Date(iso).getUTCDay() + 6) % 7;
  return later(iso, after < 4 ? -after : 7 - after);
}

// A period moved by so many days or weeks, no further than from `first` to `last`; it keeps its length.
export function movedBy([from, to], by, kind, [first, last]) {
  const most = kind === "week" ? 7 * by : by;
  const step = Math.min(Math.max(most, days(first, from) * -1 + 1), days(to, last) - 1);
  return [later(from, step), later(to, step)];
}

const LONGEST = 60; // months on the axis; where there are more, a bar is a year

export class Period {
  // `days` are the first and last day, `asOf` ends the bars, `span` are the first and last day that hold a record, `note`
  // is told what a bar is, `changed` is told [from, to], `prepare` gives what to wait for before play shows these.
  constructor({ bars, from, to, play, step, days, asOf, span, note, changed, prepare }) {
    Object.assign(this, { bars, from, to, play, step, asOf, note, changed, prepare });
    this.span = span ?? [];
    this.days = [days[0] ?? this.span[0] ?? asOf, days[1] ?? asOf];
    this.units = [];
    from.addEventListener("change", () => from.value && this.set([from.value, this.days[1] < from.value ? from.value : this.days[1]]));
    to.addEventListener("change", () => to.value && this.set([this.days[0] > to.value ? to.value : this.days[0], to.value]));
    play.addEventListener("click", () => this.run(!this.running));
    this.write();
  }

  // From the first day that holds a record to the last day of the axis.
  get whole() {
    return [this.span[0] ?? this.days[0], this.asOf];
  }

  // The bars as the service counts them by month; what is without an incident stays an empty place on the axis. It spans
  // all data, the chosen days and the last year.
  load(counted) {
    const end = this.asOf.slice(0, 7);
    const [from, to] = this.days.map((d) => (d ?? this.asOf).slice(0, 7));
    const first = [counted[0]?.month ?? end, (this.span[0] ?? end).slice(0, 7), from, after(end, -11)].sort()[0];
    const last = [end, to].sort()[1];
    this.yearly = first < after(last, 1 - LONGEST);
    const name = (text) => (this.yearly ? text.slice(0, 4) : text);
    const n = new Map();
    for (const bar of counted) n.set(name(bar.month), (n.get(name(bar.month)) ?? 0) + bar.n);
    this.units = [];
    for (let at = this.yearly ? `${name(first)}-01` : first; at <= last; at = after(at, this.size)) {
      const begins = `${at}-01`;
      this.units.push({ words: this.yearly ? name(at) : month(at), first: begins, last: lastOf(after(at, this.size - 1)), n: n.get(name(at)) ?? 0 });
    }
    if (this.step) this.step.options[0].textContent = this.yearly ? "year" : "month";
    if (this.note) this.note.textContent = this.yearly ? "Incidents a year" : "Incidents a month";
    this.draw();
  }

  // Months in a bar.
  get size() {
    return this.yearly ? 12 : 1;
  }

  // By what handles and play go on: "bar", "week" or "day".
  get kind() {
    return this.step?.value ?? "bar";
  }

  // The day that begins at a place on the axis, of the steps that were chosen.
  dayAt(place) {
    const { units } = this;
    const i = Math.min(Math.floor(place), units.length - 1);
    return stepTo(later(units[i].first, Math.round((place - i) * days(units[i].first, units[i].last))), this.kind);
  }

  // Moves one end by steps of days or weeks, where the other end and the data stay.
  moveEnd(end, by) {
    const [a, b] = this.days;
    const step = this.kind === "week" ? 7 * by : by;
    const first = this.units[0].first;
    if (end) this.show([a, [[later(b, step), a].sort()[1], this.asOf].sort()[0]]);
    else this.show([[[later(a, step), b].sort()[0], first].sort()[1], b]);
  }

  draw() {
    const { units } = this;
    if (!units.length) return;
    const most = Math.max(1, ...units.map((m) => m.n));
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${units.length * 10} 44`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Incidents a ${this.yearly ? "year" : "month"}, ${units.map((m) => `${m.words} ${m.n}`).join(", ")}`);
    this.rects = units.map(({ words, n }, i) => {
      const rect = document.createElementNS(SVG, "rect");
      const height = n ? Math.max(2, (40 * n) / most) : 0;
      for (const [key, value] of Object.entries({ x: i * 10 + 1, width: 8, y: 44 - height, height })) rect.setAttribute(key, value);
      const title = document.createElementNS(SVG, "title");
      title.textContent = `${words}: ${number(n)}`;
      rect.append(title);
      svg.append(rect);
      return rect;
    });
    const every = Math.max(1, Math.ceil(units.length / Math.min(6, this.bars.clientWidth / 90)));
    const axis = h("div", { class: "axis", "aria-hidden": "true" },
      units.map((m, i) => [m, i]).filter(([, i]) => i % every === 0 && i < units.length - every * 0.9)
        .map(([m, i]) => h("span", { style: `left:${((i + (i ? 0.5 : 0)) / units.length) * 100}%` }, m.words)),
      h("span", { style: "left:100%" }, units.at(-1).words));
    this.chosen = h("div", { class: "chosen" });
    const handle = (words, pick, end) => {
      const input = h("input", { type: "range", min: 0, max: units.length, step: 0.01, "aria-label": words });
      input.addEventListener("input", () => {
        if (this.kind === "bar") return pick(Math.round(input.value));
        const at = this.dayAt(Number(input.value));
        this.show(end ? [this.days[0], [[later(at, -1), this.days[0]].sort()[1], this.asOf].sort()[0]] : [[at, this.days[1]].sort()[0], this.days[1]]);
      });
      input.addEventListener("keydown", (event) => {
        const by = KEYS[event.key];
        if (!by) return;
        event.preventDefault();
        if (this.kind !== "bar") this.moveEnd(end, by);
        else pick(by > 0 ? Math.floor(Number(input.value) + by + 0.02) : Math.ceil(Number(input.value) + by - 0.02));
        clearTimeout(this.keyed);
        this.keyed = setTimeout(() => this.set(this.days), 250);
      });
      input.addEventListener("change", () => this.set(this.days));
      return input;
    };
    this.start = handle(this.yearly ? "First year" : "First month", (i) => {
      const at = Math.min(i, Math.ceil(this.end.value) - 1, units.length - 1);
      this.show([units[Math.max(0, at)].first, this.days[1]]);
    }, 0);
    this.end = handle(this.yearly ? "Last year" : "Last month", (i) => {
      const at = Math.min(units.length, Math.max(i, Math.floor(this.start.value) + 1, 1));
      const { last } = units[at - 1];
      this.show([this.days[0], last > this.asOf && at === units.length ? this.asOf : last]);
    }, 1);
    this.bars.replaceChildren(svg, this.chosen, axis, this.start, this.end);
    this.write();
  }

  show(days) {
    this.days = days;
    this.write();
  }

  set(days) {
    this.show(days);
    this.changed(days);
  }

  write() {
    const [a, b] = this.days;
    for (const [input, iso] of [[this.from, a], [this.to, b]]) {
      input.value = iso;
      input.parentElement.dataset.words = day(iso);
    }
    const { units } = this;
    if (!units.length || !this.chosen) return;
    const place = (iso, end) => {
      if (iso < units[0].first) return 0;
      const i = units.findIndex((unit) => iso <= unit.last);
      if (i < 0) return units.length;
      return Math.min(i + 1, i + (days(units[i].first, iso) - 1 + end) / days(units[i].first, units[i].last));
    };
    const [left, right] = [place(a, 0), place(b, 1)];
    this.chosen.style.left = `${(left / units.length) * 100}%`;
    this.chosen.style.right = `${100 - (right / units.length) * 100}%`;
    this.start.value = left;
    this.end.value = right;
    this.start.setAttribute("aria-valuetext", day(a));
    this.end.setAttribute("aria-valuetext", day(b));
    const least = this.yearly ? 0.02 : 0.4; // of a bar that is chosen, so that it counts as chosen
    this.rects.forEach((rect, i) =>
      rect.setAttribute("fill", i + 1 - least > left && i + least < right ? "#0F5C6E" : "#B0B9C0"));
  }

  // Moves the whole period on, step by step, at most two a second, to the end of the bars; each step is shown when it is prepared.
  async run(on) {
    this.running = on;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.play.setAttribute("aria-pressed", String(on));
    this.play.replaceChildren(icon(on ? "pause" : "play"));
    for (let steps = 0; this.running && turn === this.turn; ) {
      const [next, from] = [this.following(steps > 0), this.days];
      if (!next) return this.run(false);
      await Promise.all([steps && new Promise((rest) => setTimeout(rest, STEP_MS)), this.prepare?.(next)]);
      if (turn !== this.turn || from !== this.days) continue; // stopped, or moved by hand meanwhile
      this.set(next);
      steps += 1;
    }
  }

  // The days of the next step. Where there is none it begins anew, or when it has `moved`, ends: null.
  following(moved) {
    if (this.kind !== "bar") {
      const ends = [this.units[0].first, this.asOf];
      const next = movedBy(this.days, 1, this.kind, ends);
      if (next[1] !== this.days[1]) return next;
      return moved ? null : [ends[0], later(ends[0], days(...this.days) - 1)];
    }
    const [a, b] = this.days.map((iso) => iso.slice(0, 7));
    const [first, last] = [this.units[0].first, [this.units.at(-1).last, this.asOf].sort()[0]].map((iso) => iso.slice(0, 7));
    const ended = b >= last || after(a, this.size) > last;
    if (ended && moved) return null;
    const next = ended ? [first, after(first, Math.max(0, this.between(a, b)))] : [after(a, this.size), after(b, this.size)];
    return [`${next[0]}-01`, lastOf(next[1]) > this.asOf ? this.asOf : lastOf(next[1])];
  }

  between(a, b) {
    const [ay, am] = a.split("-").map(Number);
    const [by, bm] = b.split("-").map(Number);
    return (by - ay) * 12 + bm - am;
  }
}
