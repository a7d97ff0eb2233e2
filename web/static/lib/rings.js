// Rings of [latitude, longitude] without the closing corner, as they are drawn: their size, and GeoJSON there and back.

const RADIUS_KM = 6371.0088;
const radians = (degrees) => (degrees * Math.PI) / 180;

const AXIS_KM = 6378.137; // of the ellipsoid WGS 84, and its eccentricity
const E2 = 0.0066943799901413165;
const E = Math.sqrt(E2);

// Longitude and latitude on a plane of equal areas, in kilometres: the one on which the service measures (`geoapp/geometry.py`).
function flat([lat, lon]) {
  const sine = Math.sin(radians(lat));
  const q = (1 - E2) * (sine / (1 - E2 * sine * sine) - Math.log((1 - E * sine) / (1 + E * sine)) / (2 * E));
  return [AXIS_KM * radians(lon), (AXIS_KM * q) / 2];
}

function ringKm2(ring) {
  const corners = ring.map(flat);
  const sum = corners.reduce((twice, [x, y], i) => {
    const [next, up] = corners[(i + 1) % corners.length];
    return twice + (x - corners[0][0]) * (up - corners[0][1]) - (next - corners[0][0]) * (y - corners[0][1]);
  }, 0);
  return Math.abs(sum) / 2;
}

export const areaKm2 = (parts) => parts.reduce((sum, [outer, ...holes]) => sum + holes.reduce((left, hole) => left - ringKm2(hole), ringKm2(outer)), 0);

export const cornersOf = (parts) => parts.flat().reduce((sum, ring) => sum + ring.length, 0);

/** @returns {[number, number]} */
export const middle = (a, b) => placed((a[0] + b[0]) / 2, (a[1] + b[1]) / 2);

// What is put on the map by hand is rounded to a decimetre; what lies beside it keeps every decimal, so that borders are shared.
/** @returns {[number, number]} */
export const placed = (lat, lon) => [Number(lat.toFixed(6)), Number(lon.toFixed(6))];

const position = ([lat, lon]) => [lon, lat];
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

// Every ring and line of a geometry as it is, closing corners included: [latitude, longitude].
export function exact(geometry) {
  const of = { Polygon: (c) => c, MultiPolygon: (c) => c.flat(), LineString: (c) => [c], MultiLineString: (c) => c }[geometry?.type];
  return of ? of(geometry.coordinates).map((line) => line.map(([lon, lat]) => [lat, lon])) : [];
}

// The ways between two places on a line, each said as corners from its first (2.5 is midway from the third to the fourth): the
// corners strictly between them in the order of going, and how long it is; of a closed line both, the shorter first.
export function waysBetween(line, from, to) {
  const on = (first, last) => line.slice(Math.floor(first) + 1, Math.ceil(last));
  const ways = [from <= to ? on(from, to) : on(to, from).reverse()];
  const last = line.length - 1;
  if (line[0][0] === line[last][0] && line[0][1] === line[last][1]) {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const round = [...line.slice(Math.floor(high) + 1, last), ...line.slice(low > 0 ? 0 : 1, Math.ceil(low))];
    ways.push(from <= to ? round.reverse() : round);
  }
  const at = (place) => {
    const [a, b] = [line[Math.floor(place)], line[Math.ceil(place)]];
    return [a[0] + (b[0] - a[0]) * (place % 1), a[1] + (b[1] - a[1]) * (place % 1)];
  };
  const long = (way) => [at(from), ...way, at(to)].reduce((sum, corner, i, all) => (i ? sum + Math.hypot(corner[0] - all[i - 1][0], (corner[1] - all[i - 1][1]) * Math.cos(radians(corner[0]))) : 0), 0);
  return ways.map((way) => ({ way, long: long(way) })).sort((a, b) => a.long - b.long);
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
    return placed((north * 180) / Math.PI, lon + (east * 180) / Math.PI);
  });
  return toGeoJSON([[ring]]);
}
