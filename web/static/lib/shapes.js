// The box and the small picture of a record's shape.

import { symbolOf } from "./api.js";
import { svg as s } from "./dom.js";

const [WIDTH, HEIGHT] = [84, 44];

const rings = (geometry) => (geometry?.type === "MultiPolygon" ? geometry.coordinates.flat() : geometry?.type === "Polygon" ? geometry.coordinates : []);

// West, south, east, north; null without a geometry.
export function boxOf(geometry) {
  if (geometry?.type === "Point") return [...geometry.coordinates, ...geometry.coordinates];
  const lines = rings(geometry).length ? rings(geometry) : geometry?.type === "LineString" ? [geometry.coordinates] : (geometry?.coordinates ?? []);
  let box = null;
  for (const line of lines)
    for (const [x, y] of line) {
      box ??= [x, y, x, y];
      box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
    }
  return box;
}

let drawn = 0;
// An overlap's outline, as its row brings it, with the stripes of its two actors: a memory aid, not a map.
export function thumbnail(p) {
  const picture = s("svg", { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "thumbnail", "aria-hidden": "true" });
  if (!p.outline) return picture;
  const id = `stripes-${++drawn}`;
  const color = (domain) => symbolOf("areas_of_operation", domain)?.stroke ?? "#6F757A";
  const second = p.domain_a === p.domain_b ? "#FFFFFF" : color(p.domain_b);
  const pattern = s("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" },
    s("rect", { width: 6, height: 6, fill: "#FFFFFF" }), s("rect", { width: 2.4, height: 6, fill: color(p.domain_a) }), s("rect", { x: 3, width: 2.4, height: 6, fill: second }));
  picture.append(s("defs", {}, pattern), s("path", { d: p.outline, fill: `url(#${id})`, stroke: "#17212B", "stroke-width": 1.3, "stroke-linejoin": "round", "fill-rule": "evenodd" }));
  return picture;
}
