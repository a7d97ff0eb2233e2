// A shape from a GeoJSON or KML file that is chosen in the browser: its polygons, counted and looked at before they are drawn.

const MOST_BYTES = 5_000_000;

// `most` are the corners a shape may have.
export async function readShape(file, most) {
  if (file.size > MOST_BYTES) throw new Error("The file has more than 5 MB. Import it as a file of zones, or simplify it.");
  const text = await file.text();
  const polygons = /\.kml$/i.test(file.name) || text.trimStart().startsWith("<") ? ofKml(text) : ofGeoJSON(text);
  if (!polygons.length) throw new Error("There is no Polygon or MultiPolygon in this file.");
  const corners = polygons.flat(2).length;
  if (corners > most) throw new Error(`The shapes have ${corners} corners, ${most} are the most. Simplify them.`);
  for (const ring of polygons.flat()) check(ring);
  return polygons.length === 1 ? { type: "Polygon", coordinates: polygons[0] } : { type: "MultiPolygon", coordinates: polygons };
}

function check(ring) {
  const fits = (/** @type {number[]} */ [lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
  if (!Array.isArray(ring) || ring.length < 4 || !ring.every((at) => Array.isArray(at) && fits(at)))
    throw new Error("A ring of the shape has fewer than three corners, or corners that are not longitude, latitude in degrees (WGS 84).");
}

const flat = (ring) => (Array.isArray(ring) ? ring.map((at) => (Array.isArray(at) ? at.slice(0, 2) : at)) : ring);

function ofGeoJSON(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error("The file is not GeoJSON, and not KML.");
  }
  const shapes = (one) => {
    if (one?.type === "FeatureCollection" && Array.isArray(one.features)) return one.features.flatMap(shapes);
    if (one?.type === "Feature") return shapes(one.geometry);
    if (one?.type === "GeometryCollection" && Array.isArray(one.geometries)) return one.geometries.flatMap(shapes);
    if (!Array.isArray(one?.coordinates)) return [];
    return one.type === "Polygon" ? [one.coordinates] : one.type === "MultiPolygon" ? one.coordinates : [];
  };
  const polygons = shapes(found);
  if (!polygons.every(Array.isArray)) throw new Error("The shape's coordinates cannot be read.");
  return polygons.map((rings) => rings.map(flat));
}

// By hand, since a reader of whole KML wants the browser's own parser, which these pages never call for what comes from
// outside, and misses names with a prefix. Only what stands between <Polygon> and </Polygon> is looked at, and of that only numbers.
function ofKml(text) {
  const inside = (tag, where) => [...where.matchAll(new RegExp(`<(?:\\w+:)?${tag}\\b[^>]*>([\\s\\S]*?)</(?:\\w+:)?${tag}>`, "g"))].map((found) => found[1]);
  const ring = (where) => inside("coordinates", where).flatMap((numbers) => numbers.trim().split(/\s+/)).map((tuple) => tuple.split(",").slice(0, 2).map(Number));
  const told = text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  return inside("Polygon", told).map((polygon) => [...inside("outerBoundaryIs", polygon), ...inside("innerBoundaryIs", polygon)].map(ring));
}
