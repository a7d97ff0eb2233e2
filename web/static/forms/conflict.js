// Two people changed one record: both versions side by side, and how they come together.

import { h } from "../lib/dom.js";
import { km2, plural } from "../lib/format.js";
import { alike, areaKm2, fromGeoJSON } from "../lib/rings.js";
import { speak } from "./schema.js";

export const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
export const sameShape = (a, b) => same(a, b) || (/Polygon$/.test(a?.type ?? "") && alike(a, b));

function shapeWords(geometry) {
  if (geometry?.type === "Point") return geometry.coordinates.toReversed().map((degrees) => degrees.toFixed(5)).join(", ");
  const parts = fromGeoJSON(geometry);
  if (parts.length) return `${plural(parts.flat(2).length, "corner")}, ${km2(areaKm2(parts))} km²`;
  return geometry ? plural(geometry.coordinates.flat(geometry.type === "MultiLineString" ? 1 : 0).length, "corner") : "–";
}

// What one has changed of the base, on top of what is there now: only what both changed is the one's own.
export function merged(base, mine, there) {
  const values = { ...there.values };
  for (const name of Object.keys(mine.values)) if (!same(mine.values[name], base.values[name])) values[name] = mine.values[name];
  return { values, geometry: sameShape(mine.geometry, base.geometry) ? there.geometry : mine.geometry };
}

// The table of what differs, with the two ways to go on.
export function conflict(fields, words, there, mine, { theirs, keep }, titles = { mine: "Yours", keep: "Keep mine on top of it" }) {
  const rows = fields.filter(({ name }) => !same(there.values[name], mine.values[name])).map((field) => [field.title, speak(field, there.values[field.name]), speak(field, mine.values[field.name])]);
  if (!sameShape(there.geometry, mine.geometry)) rows.push(["Shape", shapeWords(there.geometry), shapeWords(mine.geometry)]);
  return h("div", { class: "conflict", role: "alert" },
    h("b", {}, words),
    h("table", {}, h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "There now"), h("th", { scope: "col" }, titles.mine))),
      h("tbody", {}, rows.map(([title, one, other]) => h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, one), h("td", {}, other))))),
    h("div", { class: "row" }, h("button", { type: "button", class: "button small", onclick: theirs }, "Take what is there"),
      h("button", { type: "button", class: "button small", onclick: keep }, titles.keep)));
}
