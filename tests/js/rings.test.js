import assert from "node:assert/strict";
import { test } from "node:test";
import { alike, areaKm2, circle, cornersOf, fromGeoJSON, lineOf, ofLine, toGeoJSON, waysBetween } from "../../web/static/lib/rings.js";

const square = { type: "Polygon", coordinates: [[[10, 0], [11, 0], [11, 1], [10, 1], [10, 0]]] };
const holed = { type: "Polygon", coordinates: [...square.coordinates, [[10.25, 0.25], [10.75, 0.25], [10.75, 0.75], [10.25, 0.75], [10.25, 0.25]]] };
const near = (value, wanted, share) => assert.ok(Math.abs(value / wanted - 1) < share, `${value} is not ${wanted}`);

test("a degree by a degree at the equator is 12,309 km² on the ellipsoid, as the service measures it", () => {
  near(areaKm2(fromGeoJSON(square)), 12308.464, 1e-5);
});

test("a hole is taken off, the direction of a ring does not matter", () => {
  near(areaKm2(fromGeoJSON(holed)), 12308.464 * 0.75, 1e-3);
  const turned = { type: "Polygon", coordinates: square.coordinates.map((ring) => ring.toReversed()) };
  near(areaKm2(fromGeoJSON(turned)), 12308.464, 1e-5);
});

test("there and back it is the same shape, without the closing corner in between", () => {
  for (const shape of [square, holed, { type: "MultiPolygon", coordinates: [square.coordinates, holed.coordinates] }]) assert.deepEqual(toGeoJSON(fromGeoJSON(shape)), shape);
  assert.equal(cornersOf(fromGeoJSON(square)), 4);
});

test("what has no area yet is no shape", () => {
  assert.equal(toGeoJSON([]), null);
  assert.equal(toGeoJSON([[[[0, 10], [1, 10]]]]), null);
  assert.deepEqual(fromGeoJSON(null), []);
  assert.deepEqual(fromGeoJSON({ type: "Point", coordinates: [1, 2] }), []);
});

test("a polygon and a multipolygon of that one part are alike", () => {
  assert.ok(alike(square, { type: "MultiPolygon", coordinates: [square.coordinates] }));
  assert.ok(!alike(square, holed));
});

test("a circle has its radius on every side, also far from the equator and across 180 degrees", () => {
  for (const [lat, lon] of [[0, 10], [65, 25], [-50, 179.99]]) {
    const made = circle({ lat, lon }, 10);
    near(areaKm2(fromGeoJSON(made)), Math.PI * 100, 0.02);
    assert.equal(made.coordinates[0].length, 33);
  }
});

test("a line stays a line, several parts stay several", () => {
  const line = { type: "LineString", coordinates: [[10, 5], [11, 5.5]] };
  const several = { type: "MultiLineString", coordinates: [line.coordinates, [[1, 2], [3, 4], [5, 6]]] };
  assert.deepEqual(lineOf(ofLine(line)), line);
  assert.deepEqual(lineOf(ofLine(several)), several);
  assert.equal(lineOf([[[[5, 10]]]]), null);
});

test("between two places on a border lie its corners, the shorter way round, and in the order of going", () => {
  const between = (...asked) => waysBetween(...asked)[0].way;
  const ring = [[0, 0], [0, 1], [0, 2], [1, 2], [1, 0], [0, 0]];
  assert.deepEqual(between(ring, 0, 2), [[0, 1]]);
  assert.deepEqual(between(ring, 2, 0), [[0, 1]]);
  assert.deepEqual(between(ring, 0.5, 2.5), [[0, 1], [0, 2]]);
  assert.deepEqual(between(ring, 2.5, 0.5), [[0, 2], [0, 1]]);
  assert.deepEqual(between(ring, 4.5, 0.25), [[0, 0]]);
  assert.deepEqual(between(ring, 0.25, 4.5), [[0, 0]]);
  assert.deepEqual(between(ring, 3, 0), [[1, 0]]);
  assert.deepEqual(between(ring, 0, 3), [[1, 0]]);
  assert.deepEqual(between(ring, 1, 1), []);
  assert.deepEqual(between(ring.slice(0, -1), 0, 4), [[0, 1], [0, 2], [1, 2]]);
});

test("what is there keeps every decimal, there and back", () => {
  const odd = { type: "Polygon", coordinates: [[[10.1 / 3, 5], [10, 5], [10, 5.123456789012], [10.1 / 3, 5]]] };
  assert.deepEqual(toGeoJSON(fromGeoJSON(odd)), odd);
});
