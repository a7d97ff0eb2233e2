// Rings of [latitude, longitude] without the closing corner, as they are drawn: their size, and GeoJSON there and back.

const RADIUS_KM = 6371.0088;
const radians = (degrees) => (degrees * Math.PI) / 180;

// The area of a ring on a sphere; a hint while drawing: the stored size is computed on the ellipsoid.
function ringKm2(ring) {
  let sum = 0;
  ring.forEach(([lat, lon], i) => {
    const [next, east] = ring[(i + 1) % ring.length];
    sum += radians(east - lon) * (2 + Math.sin(radians(lat)) + Math.sin(radians(next)));
  });
  return Math.abs((sum * RADIUS_KM * RADIUS_KM) / 2);
}

export const areaKm2 = (parts) => parts.reduce((sum, [outer, ...holes]) => sum + holes.reduce((left, hole) => left - ringKm2(hole), ringKm2(outer)), 0);

export const cornersOf = (parts) => parts.flat().reduce((sum, ring) => sum + ring.length, 0);

/** @returns {[number, number]} */
export const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

const position = ([lat, lon]) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))];
const sent = (ring) => [...ring, ring[0]].map(position);

// A Polygon, or a MultiPolygon of several parts; null without three corners.
export function toGeoJSON(parts) {
  const whole = parts.filter(([outer]) => outer?.length >= 3);
  if (!whole.length) return null;
  const coordinates = whole.map((rings) => rings.map(sent));
  return coordinates.length === 1 ? { type: "Polygon", coordinates: coordinates[0] } : { type: "MultiPolygon", coordinates };
}

export function fromGeoJSON(geometry) {
  const parts = geometry?.type === "MultiPolygon" ? geometry.coordinates : geometry?.type === "Polygon" ? [geometry.coordinates] : [];
  const closed = (ring) => ring.length > 1 && ring[0][0] === ring.at(-1)[0] && ring[0][1] === ring.at(-1)[1];
  return parts.map((rings) => rings.map((ring) => (closed(ring) ? ring.slice(0, -1) : ring).map(([lon, lat]) => [lat, lon])));
}

// A LineString of one ring of corners, a MultiLineString of several parts; null without two corners.
export function lineOf(parts) {
  const lines = parts.map(([line]) => line).filter((line) => line?.length >= 2).map((line) => line.map(position));
  if (!lines.length) return null;
  return lines.length === 1 ? { type: "LineString", coordinates: lines[0] } : { type: "MultiLineString", coordinates: lines };
}

export function ofLine(geometry) {
  const lines = geometry?.type === "MultiLineString" ? geometry.coordinates : geometry?.type === "LineString" ? [geometry.coordinates] : [];
  return lines.map((line) => [line.map(([lon, lat]) => [lat, lon])]);
}

// Whether two are one shape, be it a Polygon or a MultiPolygon of one part.
export const alike = (a, b) => JSON.stringify(toGeoJSON(fromGeoJSON(a))) === JSON.stringify(toGeoJSON(fromGeoJSON(b)));

// The corners of a circle around a place.
export function circle({ lat, lon }, km, corners = 32) {
  const turn = km / RADIUS_KM;
  const phi = radians(lat);
  const ring = Array.from({ length: corners }, (_, i) => {
    const bearing = (2 * Math.PI * i) / corners;
    const north = Math.asin(Math.sin(phi) * Math.cos(turn) + Math.cos(phi) * Math.sin(turn) * Math.cos(bearing));
    const east = Math.atan2(Math.sin(bearing) * Math.sin(turn) * Math.cos(phi), Math.cos(turn) - Math.sin(phi) * Math.sin(north));
    return [(north * 180) / Math.PI, lon + (east * 180) / Math.PI];
  });
  return toGeoJSON([[ring]]);
}
