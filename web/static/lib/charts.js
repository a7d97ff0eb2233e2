// Small charts as SVG: texts are text nodes, bars can be reached by keyboard and speak, and each has a table that says the same.

import { fill, h, svg as s } from "./dom.js";
import { GLYPHS } from "./glyphs.js";
import { number } from "./format.js";

// One ink from dark to light; the sign in a class's part and in its legend tells it, the tint only helps.
const TINTS = ["#17212B", "#45525D", "#6B7983", "#8E9AA3", "#AEB8BF", "#CBD3D8", "#E3E8EB"];
const LIGHT = 3; // from this tint on, signs are drawn in ink
const HEIGHT = 190;
const EDGE = { top: 10, bottom: 24, start: 34 };
const GAP = 2; // white between the parts of a bar

export const MOST = TINTS.length;

// A glyph as the text of a path: the strokes that it would make on a canvas.
function path(glyph) {
  const parts = [];
  GLYPHS[glyph]({
    beginPath() {}, stroke() {}, fill() {},
    moveTo: (x, y) => parts.push(`M${x} ${y}`),
    lineTo: (x, y) => parts.push(`L${x} ${y}`),
    arc: (x, y, r) => parts.push(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`),
  });
  return parts.join("");
}

function sign(kind, place, x, y, r = 4) {
  const color = place >= LIGHT ? "#17212B" : "#FFFFFF";
  if (!kind.glyph) return s("text", { x, y: y + r * 0.9, fill: color, "text-anchor": "middle", "font-size": 11, "font-weight": 650 }, String(place + 1));
  return s("path", { d: path(kind.glyph), transform: `translate(${x} ${y}) scale(${r})`, fill: kind.glyph === "dot" ? color : "none", stroke: color, "stroke-width": 1.5 / r, "stroke-linecap": "round", "stroke-linejoin": "round" });
}

export const swatchOf = (kind, place) => s("svg", { width: 18, height: 18, "aria-hidden": "true", class: "kind-sign" },
  s("rect", { x: 0.5, y: 0.5, width: 17, height: 17, rx: 3, fill: TINTS[place], stroke: "#17212B", "stroke-width": place >= LIGHT ? 1 : 0 }), sign(kind, place, 9, 9));

function ticks(most) {
  const step = [1, 2, 5].flatMap((n) => [1, 10, 100, 1000, 1e4, 1e5, 1e6].map((t) => n * t)).sort((a, b) => a - b).find((n) => most / n <= 4) ?? most;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

// Bars of stacked parts. `bars` are { name, short, parts: [n a class], faint, says }, `kinds` the classes { label, glyph }.
// `choose` is told of the bar that was clicked, or on which Enter was pressed.
export function stacked(root, { id, title, words, kinds, bars, begins, choose = (_bar) => {} }) {
  let table = false;
  let at = bars.length - 1;
  const total = (bar) => bar.parts.reduce((sum, n) => sum + n, 0);

  function picture() {
    const width = Math.max(240, root.clientWidth - 32);
    const levels = ticks(Math.max(1, ...bars.map(total)));
    const y = (n) => HEIGHT - EDGE.bottom - ((HEIGHT - EDGE.bottom - EDGE.top) * n) / levels.at(-1);
    const step = (width - EDGE.start) / bars.length;
    const every = Math.ceil(52 / step);
    const wide = Math.min(56, step * 0.74);
    const groups = bars.map((bar, i) => {
      const x = EDGE.start + step * i + (step - wide) / 2;
      let low = 0;
      const parts = bar.parts.map((n, place) => {
        if (!n) return null;
        const [top, bottom] = [y(low + n), y(low)];
        low += n;
        const tall = Math.max(1, bottom - top - GAP);
        return [s("rect", { x, y: top, width: wide, height: tall, fill: TINTS[place], stroke: place >= LIGHT ? "#45525D" : null, "stroke-width": 0.75 }),
          tall >= 13 && wide >= 13 ? sign(kinds[place], place, x + wide / 2, top + tall / 2) : null];
      });
      const group = s("g", { class: bar.faint ? "bar faint" : "bar", tabindex: i === at ? 0 : -1, role: "img", "aria-label": bar.says },
        s("title", {}, bar.says), s("rect", { class: "reach", x: x - 2, y: EDGE.top, width: wide + 4, height: HEIGHT - EDGE.bottom - EDGE.top, fill: "transparent" }), parts.flat());
      group.addEventListener("focus", () => (at = i));
      group.addEventListener("click", () => choose(bar));
      group.addEventListener("keydown", (event) => event.key === "Enter" && choose(bar));
      return group;
    });
    const drawn = s("svg", { class: "chart", width, height: HEIGHT, role: "group", "aria-label": `${title}. Arrow keys go from bar to bar.` },
      levels.flatMap((n) => [s("line", { x1: EDGE.start, x2: width, y1: y(n), y2: y(n), class: n ? "level" : "level ground" }),
        s("text", { x: EDGE.start - 6, y: y(n) + 4, "text-anchor": "end", class: "tick" }, number(n))]),
      groups,
      bars.map((bar, i) => (bars.length - 1 - i) % every ? null : s("text", { x: EDGE.start + step * (i + 0.5), y: HEIGHT - 7, "text-anchor": "middle", class: "tick", "aria-hidden": "true" }, bar.short)),
      begins ? s("line", { class: "begins", x1: EDGE.start + step * begins, x2: EDGE.start + step * begins, y1: 2, y2: HEIGHT - EDGE.bottom + 6 }) : null);
    drawn.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
      if (to === undefined || !groups[to]) return;
      event.preventDefault();
      groups[at].setAttribute("tabindex", -1);
      groups[to].setAttribute("tabindex", 0);
      groups[to].focus();
    });
    return [drawn, h("ul", { class: "kinds" }, kinds.map((kind, place) => h("li", {}, swatchOf(kind, place), kind.label)))];
  }

  const same = () => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    h("table", { class: "plain" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Month"), kinds.map((kind) => h("th", { scope: "col", class: "end" }, kind.label)), h("th", { scope: "col", class: "end" }, "All"))),
      h("tbody", {}, bars.map((bar) => h("tr", {}, h("th", { scope: "row" }, bar.name), bar.parts.map((n) => h("td", { class: "end" }, number(n))), h("td", { class: "end" }, h("b", {}, number(total(bar)))))))));

  function draw() {
    fill(root,
      h("div", { class: "chart-head" }, h("h2", { id }, title), h("span", { class: "hint-text" }, words),
        h("button", { type: "button", class: "quiet", "aria-expanded": String(table), onclick: () => { table = !table; draw(); root.querySelector(".quiet").focus(); } }, table ? "Same as a chart" : "Same as a table")),
      table ? same() : picture());
  }

  draw();
  return () => table || draw();
}
