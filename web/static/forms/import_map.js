// The small map of a check: what would be new, changed or taken back, in the outline of the operation. It is drawn from the
// report alone, so that it needs no tiles and no network.

import { h, svg as s } from "../lib/dom.js";
import { number, plural } from "../lib/format.js";

const WIDTH = 352;
const HEIGHTS = [150, 300];
const DOT = [2.5, 9]; // radii of a point that stands for one record, and for the most
const TINTS = [0.28, 0.8]; // how dark an area is that stands for one record, and for the most
const KM_PER_DEGREE = 111.32;
const FATES = { new: "New", changed: "Changed", removed: "Taken back" };

/**
 * Longitude and latitude to the picture, with its height. Across 180° (west is greater than east) longitudes go on.
 * @param {number[]} box
 */
export function projection([west, south, east, north]) {
  const turned = west > east;
  const last = turned ? east + 360 : east;
  const narrow = Math.max(0.05, Math.cos(((south + north) / 2) * (Math.PI / 180)));
  const [across, up] = [(last - west) * narrow, north - south];
  const height = Math.min(HEIGHTS[1], Math.max(HEIGHTS[0], (WIDTH * up) / across));
  const scale = Math.min(WIDTH / across, height / up);
  const [left, top] = [(WIDTH - across * scale) / 2, (height - up * scale) / 2];
  const at = ([x, y]) => [left + ((turned && x < 0 ? x + 360 : x) - west) * narrow * scale, top + (north - y) * scale].map((n) => Math.round(n * 10) / 10);
  return { at, height: Math.round(height), pixelsPerKm: scale / KM_PER_DEGREE };
}

// The pieces of a geometry: its closed rings, its lines, its points.
function pieces(geometry) {
  const { type, coordinates } = geometry;
  if (type === "GeometryCollection") return geometry.geometries.flatMap(pieces);
  if (type === "MultiPolygon") return coordinates.flat().map((line) => ({ line, closed: true }));
  if (type === "Polygon") return coordinates.map((line) => ({ line, closed: true }));
  if (type === "MultiLineString") return coordinates.map((line) => ({ line, closed: false }));
  if (type === "LineString") return [{ line: coordinates, closed: false }];
  return (type === "Point" ? [coordinates] : coordinates).map((point) => ({ point }));
}

const path = (parts, at) => parts.map(({ line, closed }) => `M${line.map((point) => at(point).join(" ")).join("L")}${closed ? "Z" : ""}`).join("");

/**
 * A share of the most, by its root, so that few records are still seen beside many.
 * @param {number[]} range
 * @param {number} n
 * @param {number} most
 */
const between = ([least, greatest], n, most) => (most > 1 ? least + (greatest - least) * Math.sqrt((n - 1) / (most - 1)) : least);

function shape({ geometry, properties: { fate, n } }, at, most) {
  const parts = pieces(geometry);
  const points = parts.filter((part) => part.point);
  const drawn = parts.filter((part) => part.line);
  const area = drawn.some((part) => part.closed);
  return [
    drawn.length > 0 && s("path", { d: path(drawn, at), class: `landing-${area ? "area" : "line"} ${fate}`, "fill-opacity": area ? between(TINTS, n, most.area) : null, "fill-rule": "evenodd" }),
    ...points.map(({ point }) => {
      const [cx, cy] = at(point);
      return s("circle", { cx, cy, r: between(DOT, n, most.point).toFixed(1), class: `landing-dot ${fate}` });
    }),
  ];
}

function scaleBar(pixelsPerKm, height) {
  const unit = 10 ** Math.floor(Math.log10(WIDTH / 3 / pixelsPerKm));
  const km = [5, 2, 1].map((n) => n * unit).find((n) => n * pixelsPerKm <= WIDTH / 3) ?? unit;
  const words = km < 1 ? `${number(km * 1000)} m` : `${number(km)} km`;
  return s("g", { class: "landing-scale" },
    s("path", { d: `M8 ${height - 14}v6h${(km * pixelsPerKm).toFixed(1)}v-6` }), s("text", { x: (14 + km * pixelsPerKm).toFixed(1), y: height - 8 }, words));
}

/** The map of what a check would land, with its legend and what it does not show; null where nothing would change. */
export function checkMap(map) {
  if (!map?.records) return null;
  const not = [
    map.without_place > 0 && `${plural(map.without_place, "record")} cannot be drawn: no place is known for ${map.without_place === 1 ? "it" : "them"}`,
    map.left_out > 0 && `${plural(map.left_out, "smaller shape")} ${map.left_out === 1 ? "is" : "are"} left out here; they land with the others`,
  ].filter(Boolean);
  const told = not.map((words) => h("p", { class: "hint-text" }, `${words}.`));
  if (!map.bbox || !map.features.length) return told.length > 0 && h("div", { class: "landing" }, told);
  const { at, height, pixelsPerKm } = projection(map.bbox);
  const counted = Object.keys(FATES).map((fate) => [fate, map.features.reduce((sum, each) => sum + (each.properties.fate === fate ? each.properties.n : 0), 0)]).filter(([, n]) => n);
  const dots = map.features.filter((each) => each.geometry.type.endsWith("Point"));
  const areas = map.features.filter((each) => each.geometry.type.endsWith("Polygon"));
  const most = { point: Math.max(1, ...dots.map((each) => each.properties.n)), area: Math.max(1, ...areas.map((each) => each.properties.n)) };
  const words = counted.map(([fate, n]) => `${number(n)} ${FATES[fate].toLowerCase()}`).join(", ");
  const legend = [
    ...counted.map(([fate, n]) => h("li", {}, s("svg", { width: 14, height: 14, "aria-hidden": "true" }, s("circle", { cx: 7, cy: 7, r: 4.5, class: `landing-dot ${fate}` })), `${FATES[fate]} ${number(n)}`)),
    most.area > 1 && h("li", {}, `darker: up to ${number(most.area)} on one ground`),
    most.point > 1 && h("li", {}, `larger: up to ${number(most.point)} close together`),
  ];
  return h("figure", { class: "landing" },
    s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `Where it lands: ${words}` },
      map.outline && s("path", { d: path(pieces(map.outline), at), class: "landing-outline" }),
      [...areas, ...map.features.filter((each) => each.geometry.type.endsWith("LineString")), ...dots].flatMap((each) => shape(each, at, most)),
      scaleBar(pixelsPerKm, height)),
    h("figcaption", {}, h("ul", {}, legend), told));
}
