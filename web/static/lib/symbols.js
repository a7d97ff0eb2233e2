// How a Symbol of layers/_base.py is drawn on a canvas: the same code for the map, the legend and the tables.

import { drawGlyph } from "./glyphs.js";

export const INK = "#17212B";
export const LAND = "#F6F4EE";
const WHITE = "#FFFFFF";
const patterns = new Map();

const TURNED = { diagonal: 45, stripes: -45 };
const PAINT = {
  diagonal: (ctx, s, p) => bar(ctx, s.hatch_color, p, 1.1, 0.5),
  vertical: (ctx, s, p) => bar(ctx, s.hatch_color, p, 1.1, 0.6),
  horizontal: (ctx, s, p) => level(ctx, s.hatch_color, p, 1.3, 0.75),
  grid: (ctx, s, p) => {
    bar(ctx, s.hatch_color, p, 0.9, 0.6);
    level(ctx, s.hatch_color, p, 0.9, 0.6);
  },
  dots: (ctx, s, p) => {
    ctx.globalAlpha = 0.9;
    ctx.fillStyle = s.hatch_color;
    for (const [x, y] of [[p / 4, p / 4], [(3 * p) / 4, (3 * p) / 4]]) {
      ctx.beginPath();
      ctx.arc(x, y, p * 0.125, 0, 7);
      ctx.fill();
    }
  },
  stripes: (ctx, s, p) => {
    ctx.fillStyle = WHITE;
    ctx.fillRect(0, 0, p, p);
    const second = s.hatch_color_2 && s.hatch_color_2.toUpperCase() !== WHITE ? s.hatch_color_2 : null;
    ctx.fillStyle = s.hatch_color;
    ctx.fillRect(0, 0, p * (second ? 0.36 : 0.5), p);
    if (second) {
      ctx.fillStyle = second;
      ctx.fillRect(p * 0.5, 0, p * 0.36, p);
    }
  },
};

function bar(ctx, color, p, width, alpha) {
  ctx.globalAlpha = alpha;
  ctx.fillStyle = color;
  ctx.fillRect((p - width) / 2, 0, width, p);
}

function level(ctx, color, p, width, alpha) {
  ctx.globalAlpha = alpha;
  ctx.fillStyle = color;
  ctx.fillRect(0, (p - width) / 2, p, width);
}

// A hatch as a fill. It is fixed to the ground, not to the tile, so `at` is where the canvas begins, in map pixels.
export function hatch(ctx, symbol, scale, at = [0, 0]) {
  const period = symbol.hatch_px;
  const key = [symbol.hatch, symbol.hatch_color, symbol.hatch_color_2, period, scale].join();
  let pattern = patterns.get(key);
  if (!pattern) {
    const cell = document.createElement("canvas");
    const size = Math.max(1, Math.round(period * scale));
    cell.width = cell.height = size;
    const inside = cell.getContext("2d");
    inside.scale(size / period, size / period);
    PAINT[symbol.hatch](inside, symbol, period);
    pattern = ctx.createPattern(cell, "repeat");
    pattern.cell = size;
    patterns.set(key, pattern);
  }
  const turned = TURNED[symbol.hatch] ?? 0;
  const repeat = turned ? period * Math.SQRT2 : period;
  pattern.setTransform(
    new DOMMatrix().translate(-(at[0] % repeat), -(at[1] % repeat)).rotate(turned).scale(period / pattern.cell),
  );
  return pattern;
}

const faint = (color, opacity) => `${color}${Math.round(opacity * 255).toString(16).padStart(2, "0")}`;

export function trace(ctx, lines, close) {
  ctx.beginPath();
  for (const points of lines) {
    points.forEach((p, i) => (i ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
    if (close) ctx.closePath();
  }
}

function stroke(ctx, symbol, width = symbol.width) {
  if (!symbol.stroke) return;
  const dash = symbol.dash ?? [];
  ctx.lineJoin = "round";
  ctx.lineCap = dash.length && dash[0] < 1.6 ? "round" : "butt";
  if (symbol.casing) {
    ctx.setLineDash([]);
    ctx.strokeStyle = WHITE;
    ctx.globalAlpha = 0.85;
    ctx.lineWidth = symbol.casing_px ?? width + 2;
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  ctx.setLineDash(dash);
  ctx.strokeStyle = symbol.stroke;
  ctx.lineWidth = width;
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * One polygon, or many that are alike. `rings` in pixels; `opacity` is of the fill, the outline stays as it is.
 * @param {CanvasRenderingContext2D} ctx
 * @param {any} symbol a Symbol of layers/_base.py
 * @param {{ x: number, y: number }[][]} rings
 * @param {{ opacity?: number, scale?: number, at?: number[] }} [more]
 */
export function drawPolygon(ctx, symbol, rings, { opacity = 1, scale = 1, at } = {}) {
  trace(ctx, rings, true);
  const fills = symbol.hatch === "stripes" ? [] : [[symbol.fill, symbol.fill_opacity]];
  for (const [fill, alpha] of fills) {
    if (!fill) continue;
    ctx.globalAlpha = alpha * opacity;
    ctx.fillStyle = fill;
    ctx.fill();
  }
  if (symbol.hatch) {
    ctx.globalAlpha = opacity * (symbol.hatch === "stripes" ? symbol.fill_opacity : 1);
    ctx.fillStyle = hatch(ctx, symbol, scale, at);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
  stroke(ctx, symbol);
}

// A line, or many that are alike. With an opacity under 1 it is a band that another line can be read on.
export function drawLine(ctx, symbol, lines, { opacity = 1 } = {}) {
  trace(ctx, lines, false);
  stroke(ctx, opacity < 1 ? { ...symbol, stroke: faint(symbol.stroke, opacity) } : symbol);
  if (symbol.glyph) for (const points of lines) along(points, 19, (x, y) => drawGlyph(ctx, symbol.glyph, x, y, 3.4, symbol.stroke));
}

function along(points, step, place) {
  let left = step / 2;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    for (; left <= length; left += step) place(a.x + ((b.x - a.x) * left) / length, a.y + ((b.y - a.y) * left) / length);
    left -= length;
  }
}

const SIDES = { triangle: [3, -90, 1.12], square: [4, -45, 1.18], diamond: [4, -90, 1.22], pentagon: [5, -90, 1.08], hexagon: [6, -90, 1.06] };

function shape(ctx, marker, x, y, r, rounded) {
  ctx.beginPath();
  if (rounded && marker === "square") return ctx.roundRect(x - r, y - r, 2 * r, 2 * r, r * 0.45);
  const sides = SIDES[marker];
  if (!sides) return ctx.arc(x, y, r, 0, 7);
  const [n, from, grow] = sides;
  for (let i = 0; i < n; i++) {
    const angle = ((from + (360 * i) / n) * Math.PI) / 180;
    ctx.lineTo(x + r * grow * Math.cos(angle), y + r * grow * Math.sin(angle));
  }
  return ctx.closePath();
}

// A marker of half-size `r` at x, y. `sure` is how well a report is verified: filled, open, or a broken ring.
export function drawMarker(ctx, symbol, x, y, { r = symbol.size / 2, sure = "verified" } = {}) {
  const ink = symbol.fill ?? symbol.stroke;
  const open = sure !== "verified";
  const color = open ? ink : (symbol.text_color ?? WHITE);
  ctx.lineJoin = "round";
  if (symbol.marker === "ring" || (open && sure !== "partly")) {
    shape(ctx, "circle", x, y, r);
    ctx.fillStyle = WHITE;
    ctx.fill();
    ctx.setLineDash([2, 1.6]);
    ctx.strokeStyle = ink;
    ctx.lineWidth = 1.2;
    ctx.stroke();
    ctx.setLineDash([]);
  } else {
    shape(ctx, symbol.marker, x, y, r, Boolean(symbol.glyph));
    ctx.globalAlpha = symbol.marker === "circle" && !symbol.glyph && !symbol.text ? symbol.fill_opacity : 1;
    ctx.fillStyle = open ? WHITE : ink;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = open ? ink : (symbol.stroke ?? WHITE);
    ctx.lineWidth = open ? 1.3 : Math.min(symbol.width, 1.6);
    ctx.stroke();
  }
  if (symbol.glyph) drawGlyph(ctx, symbol.glyph, x, y, r * 0.52, symbol.fill === WHITE ? symbol.stroke : color);
  if (symbol.text) {
    ctx.font = `700 ${Math.round(r * 1.2)}px Inter, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = color;
    ctx.fillText(symbol.text, x, y + r * 0.08);
  }
}

const CELL_STEPS = [[500, 0.85], [100, 0.7], [20, 0.55], [5, 0.4], [0, 0.28]];

// A cell in which records are counted that lie too dense to be drawn one by one: the more, the darker.
export function drawCell(ctx, n, x, y, size = 15) {
  ctx.globalAlpha = CELL_STEPS.find(([least]) => n >= least)[1];
  ctx.fillStyle = INK;
  ctx.fillRect(x - size / 2, y - size / 2, size, size);
  ctx.globalAlpha = 1;
}

// Several records in one place: a disc with their number.
export function drawCount(ctx, n, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.fillStyle = INK;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = WHITE;
  ctx.stroke();
  drawNumber(ctx, n, x, y);
}

export function drawNumber(ctx, n, x, y) {
  ctx.font = `650 ${n < 1000 ? 11 : 10}px Inter, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = WHITE;
  ctx.fillText(String(n), x, y + 0.5);
}

// A shape that is too small to be drawn as what it is.
export function drawSmall(ctx, symbol, x, y, { r = 2.2, edge = WHITE } = {}) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.fillStyle = symbol.stroke ?? symbol.fill ?? INK;
  ctx.fill();
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = edge;
  ctx.stroke();
}

// A domain's small sign: its marker in its own colour, without an edge.
export function drawSign(ctx, symbol, x, y, r) {
  drawMarker(ctx, { ...symbol, fill: symbol.stroke, fill_opacity: 1, stroke: symbol.stroke, width: 0.5, glyph: null, text: null }, x, y, { r });
}

// The overlap that is open: wider stripes, a heavier edge. Anything else: its own symbol with a heavy ink edge.
export function selected(symbol) {
  const edge = { stroke: INK, width: 2.6, casing: true, casing_px: 8, dash: [] };
  if (symbol.hatch === "stripes") return { ...symbol, ...edge, fill_opacity: 0.66, hatch_px: 14 };
  return { ...symbol, ...edge };
}

function canvas(width, height) {
  const made = document.createElement("canvas");
  const scale = window.devicePixelRatio || 1;
  made.width = Math.round(width * scale);
  made.height = Math.round(height * scale);
  made.style.width = `${width}px`;
  made.style.height = `${height}px`;
  made.setAttribute("aria-hidden", "true");
  made.className = "swatch";
  const ctx = made.getContext("2d");
  ctx.scale(scale, scale);
  return /** @type {[HTMLCanvasElement, CanvasRenderingContext2D, number]} */ ([made, ctx, scale]);
}

// A legend sample of a counted cell.
export function cellSwatch(n) {
  const [made, ctx] = canvas(18, 16);
  drawCell(ctx, n, 9, 8, 13);
  return made;
}

// A legend sample of a class, for a layer of that shape.
export function swatch(symbol, kind, { opacity = 1, width = 26, height = 16, badge = true } = {}) {
  const [made, ctx, scale] = canvas(width, height);
  if (kind === "polygon") {
    const [l, t, r, b] = [2, 2, width - 2, height - 2];
    const ring = [[l, t], [r, t], [r, b], [l, b]].map(([x, y]) => ({ x, y }));
    ctx.fillStyle = LAND;
    ctx.fillRect(l, t, r - l, b - t);
    drawPolygon(ctx, { ...symbol, casing: false, width: Math.min(symbol.width, 1.6) }, [ring], { opacity, scale });
    if (symbol.marker && symbol.text && badge) drawMarker(ctx, symbol, width / 2, height / 2, { r: height / 2 - 2 });
  } else if (kind === "line") {
    drawLine(ctx, symbol, [[{ x: 1, y: height / 2 }, { x: width - 1, y: height / 2 }]], { opacity });
  } else {
    drawMarker(ctx, symbol, width / 2, height / 2, { r: Math.min(symbol.size / 2, height / 2 - 1) });
  }
  return made;
}

// A domain's sign, or a risk level's badge, by itself.
export function sign(symbol, { size = 14, badge = false } = {}) {
  const [made, ctx] = canvas(size, size);
  if (badge) drawMarker(ctx, symbol, size / 2, size / 2, { r: size / 2 - 2.2 });
  else drawSign(ctx, symbol, size / 2, size / 2, size * 0.32);
  return made;
}
