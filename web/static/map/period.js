// The days under the map: bars of incidents a month, two handles, two dates. It filters the map and nothing else.

import { h, icon } from "../lib/dom.js";
import { day, month, number } from "../lib/format.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP_MS = 700;
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12, Home: -60, End: 60 };

const after = (text, months) => {
  const [y, m] = text.split("-").map(Number);
  return new Date(Date.UTC(y, m - 1 + months, 1)).toISOString().slice(0, 7);
};
const lastOf = (text) => new Date(Date.parse(`${after(text, 1)}-01`) - 86400000).toISOString().slice(0, 10);

const LONGEST = 60; // months on the axis

export class Period {
  // `days` are the first and last day, `asOf` ends the bars, `changed` is told [from, to].
  constructor({ bars, from, to, play, days, asOf, changed }) {
    Object.assign(this, { bars, from, to, play, asOf, changed });
    this.days = [days[0] ?? asOf, days[1] ?? asOf];
    this.months = [];
    from.addEventListener("change", () => from.value && this.set([from.value, this.days[1] < from.value ? from.value : this.days[1]]));
    to.addEventListener("change", () => to.value && this.set([this.days[0] > to.value ? to.value : this.days[0], to.value]));
    play.addEventListener("click", () => this.run(!this.running));
    this.write();
  }

  // The bars as the service counts them; months without an incident stay empty places on the axis. It ends today, or,
  // where that is more than five years after the chosen days, it lies around these.
  load(counted) {
    const n = new Map(counted.map((bar) => [bar.month, bar.n]));
    const end = this.asOf.slice(0, 7);
    const [from, to] = this.days.map((d) => (d ?? this.asOf).slice(0, 7));
    let at = [counted[0]?.month ?? end, from, after(end, -11)].sort()[0];
    let last = [end, to].sort()[1];
    if (at < after(last, 1 - LONGEST)) {
      at = from >= after(last, 1 - LONGEST) ? after(last, 1 - LONGEST) : [at, after(from, -12)].sort()[1];
      last = [last, after(at, LONGEST - 1)].sort()[0];
    }
    this.months = [];
    for (; at <= last; at = after(at, 1)) this.months.push({ month: at, n: n.get(at) ?? 0 });
    this.draw();
  }

  draw() {
    const { months } = this;
    const most = Math.max(1, ...months.map((m) => m.n));
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${months.length * 10} 44`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Incidents a month, ${months.map((m) => `${month(m.month)} ${m.n}`).join(", ")}`);
    this.rects = months.map(({ month: name, n }, i) => {
      const rect = document.createElementNS(SVG, "rect");
      const height = n ? Math.max(2, (40 * n) / most) : 0;
      for (const [key, value] of Object.entries({ x: i * 10 + 1, width: 8, y: 44 - height, height })) rect.setAttribute(key, value);
      const title = document.createElementNS(SVG, "title");
      title.textContent = `${month(name)}: ${number(n)}`;
      rect.append(title);
      svg.append(rect);
      return rect;
    });
    const every = Math.max(1, Math.ceil(months.length / Math.min(6, this.bars.clientWidth / 90)));
    const axis = h("div", { class: "axis", "aria-hidden": "true" },
      months.map((m, i) => [m, i]).filter(([, i]) => i % every === 0 && i < months.length - every * 0.9)
        .map(([m, i]) => h("span", { style: `left:${((i + (i ? 0.5 : 0)) / months.length) * 100}%` }, month(m.month))),
      h("span", { style: "left:100%" }, month(months.at(-1).month)));
    this.chosen = h("div", { class: "chosen" });
    const handle = (words, pick) => {
      const input = h("input", { type: "range", min: 0, max: months.length, step: 0.01, "aria-label": words });
      input.addEventListener("input", () => pick(Math.round(input.value)));
      input.addEventListener("keydown", (event) => {
        const by = KEYS[event.key];
        if (!by) return;
        event.preventDefault();
        pick(by > 0 ? Math.floor(Number(input.value) + by + 0.02) : Math.ceil(Number(input.value) + by - 0.02));
        clearTimeout(this.keyed);
        this.keyed = setTimeout(() => this.set(this.days), 250);
      });
      input.addEventListener("change", () => this.set(this.days));
      return input;
    };
    this.start = handle("First month", (i) => {
      const at = Math.min(i, Math.ceil(this.end.value) - 1, months.length - 1);
      this.show([`${months[Math.max(0, at)].month}-01`, this.days[1]]);
    });
    this.end = handle("Last month", (i) => {
      const at = Math.min(months.length, Math.max(i, Math.floor(this.start.value) + 1, 1));
      const last = lastOf(months[at - 1].month);
      this.show([this.days[0], last > this.asOf && at === months.length ? this.asOf : last]);
    });
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
    if (!this.months.length || !this.chosen) return;
    const first = this.months[0].month;
    const place = (iso, end) => {
      const [y, m, d] = iso.split("-").map(Number);
      const [fy, fm] = first.split("-").map(Number);
      return Math.min(this.months.length, Math.max(0, (y - fy) * 12 + m - fm + (d - 1 + end) / 30.5));
    };
    const [left, right] = [place(a, 0), place(b, 1)];
    this.chosen.style.left = `${(left / this.months.length) * 100}%`;
    this.chosen.style.right = `${100 - (right / this.months.length) * 100}%`;
    this.start.value = left;
    this.end.value = right;
    this.start.setAttribute("aria-valuetext", day(a));
    this.end.setAttribute("aria-valuetext", day(b));
    this.rects.forEach((rect, i) =>
      rect.setAttribute("fill", i + 0.6 > left && i + 0.4 < right ? "#0F5C6E" : "#B0B9C0"));
  }

  // Moves the whole period on by a month, at most two a second, to the end of the bars.
  run(on) {
    this.running = on;
    this.play.setAttribute("aria-pressed", String(on));
    this.play.replaceChildren(icon(on ? "pause" : "play"));
    clearTimeout(this.timer);
    if (!on) return;
    const [a, b] = this.days.map((iso) => iso.slice(0, 7));
    const last = this.months.at(-1).month;
    const next = b >= last ? [this.months[0].month, after(this.months[0].month, Math.max(0, this.span(a, b)))] : [after(a, 1), after(b, 1)];
    if (b >= last && this.moved) {
      this.moved = false;
      this.run(false);
      return;
    }
    this.moved = true;
    this.set([`${next[0]}-01`, lastOf(next[1]) > this.asOf ? this.asOf : lastOf(next[1])]);
    this.timer = setTimeout(() => this.run(true), STEP_MS);
  }

  span(a, b) {
    const [ay, am] = a.split("-").map(Number);
    const [by, bm] = b.split("-").map(Number);
    return (by - ay) * 12 + bm - am;
  }
}
