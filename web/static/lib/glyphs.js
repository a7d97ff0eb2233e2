// The small drawings inside a marker, each in a box from -1 to 1: strokes and fills in the colour the caller set.

const line = (...points) => (ctx) => {
  ctx.beginPath();
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
};
const ring = (x, y, r) => (ctx) => {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.stroke();
};
const disc = (x, y, r) => (ctx) => {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 7);
  ctx.fill();
};
const all = (...parts) => (ctx) => parts.forEach((part) => part(ctx));

export const GLYPHS = {
  cross: all(line([-0.7, -0.7], [0.7, 0.7]), line([0.7, -0.7], [-0.7, 0.7])),
  star: all(
    line([0, -1], [0, 1]),
    line([-0.87, -0.5], [0.87, 0.5]),
    line([0.87, -0.5], [-0.87, 0.5]),
  ),
  bar: all(line([0, -1], [0, 0.25]), line([0, 0.88], [0, 0.9])),
  arrow: all(line([-0.95, 0], [0.9, 0]), line([0.2, -0.7], [0.9, 0], [0.2, 0.7])),
  bars: all(line([-0.75, -0.8], [-0.75, 0.8]), line([0, -0.8], [0, 0.8]), line([0.75, -0.8], [0.75, 0.8])),
  triangle: line([0, -0.85], [0.85, 0.65], [-0.85, 0.65], [0, -0.85], [0.85, 0.65]),
  dot: (ctx) => {
    ctx.beginPath();
    ctx.arc(0, 0, 0.45, 0, 7);
    ctx.fill();
  },
  denied: all(ring(0, 0, 0.85), line([-0.6, -0.6], [0.6, 0.6])),
  entry: all(line([0.9, -0.9], [0.9, 0.9]), line([-0.95, 0], [0.4, 0]), line([-0.2, -0.6], [0.4, 0], [-0.2, 0.6])),
  barrier: all(line([-0.95, -0.25], [0.95, -0.25]), line([-0.6, -0.8], [-0.6, 0.9]), line([0.6, -0.8], [0.6, 0.9])),
  wave: line([-0.95, 0.4], [-0.5, -0.5], [0, 0.4], [0.5, -0.5], [0.95, 0.4]),
  shield: line([0, -0.9], [0.8, -0.6], [0.7, 0.2], [0, 0.95], [-0.7, 0.2], [-0.8, -0.6], [0, -0.9], [0.8, -0.6]),
  person: all(ring(0, -0.5, 0.4), line([-0.75, 0.95], [-0.55, 0.3], [0.55, 0.3], [0.75, 0.95])),
  mine: all(disc(0, 0.15, 0.55), line([0, -0.95], [0, -0.4]), line([-0.85, -0.45], [-0.5, -0.2]), line([0.85, -0.45], [0.5, -0.2])),
  hills: line([-1, 0.75], [-0.3, -0.6], [0.15, 0.2], [0.45, -0.25], [1, 0.75], [-1, 0.75], [-0.3, -0.6]),
};

// Draws a glyph of half-size `r` at x, y.
export function drawGlyph(ctx, name, x, y, r, color) {
  const glyph = GLYPHS[name];
  if (!glyph) return;
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(r, r);
  ctx.lineWidth = 1.5 / r;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.setLineDash([]);
  glyph(ctx);
  ctx.restore();
}
