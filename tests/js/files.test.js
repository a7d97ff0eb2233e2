import assert from "node:assert/strict";
import { test } from "node:test";
import { readShape } from "../../web/static/forms/files.js";

const file = (name, text) => ({ name, size: text.length, text: async () => text });
const RING = "10,5,0 10.1,5,0 10.1,5.1,0 10,5,0";
const polygon = (inside) => `<Polygon><outerBoundaryIs><LinearRing><coordinates>${inside}</coordinates></LinearRing></outerBoundaryIs></Polygon>`;
const SHAPE = { type: "Polygon", coordinates: [[[10, 5], [10.1, 5], [10.1, 5.1], [10, 5]]] };

test("a polygon of KML, with and without a prefix, over several lines", async () => {
  assert.deepEqual(await readShape(file("a.kml", `<kml><Placemark>${polygon(RING)}</Placemark></kml>`), 5000), SHAPE);
  const prefixed = polygon(RING.replaceAll(" ", "\n\t ")).replaceAll("<", "<k:").replaceAll("<k:/", "</k:");
  assert.deepEqual(await readShape(file("a.kml", `<k:kml>${prefixed}</k:kml>`), 5000), SHAPE);
});

test("what stands in a comment or in a description is no polygon", async () => {
  const hidden = `<!-- ${polygon("0,0 1,0 1,1 0,0")} --><description><![CDATA[${polygon("2,2 3,2 3,3 2,2")}]]></description>`;
  assert.deepEqual(await readShape(file("a.kml", `<kml>${hidden}${polygon(RING)}</kml>`), 5000), SHAPE);
});

test("several polygons become one shape of several parts, holes stay", async () => {
  const hole = `<innerBoundaryIs><LinearRing><coordinates>10.05,5.01 10.06,5.01 10.06,5.02 10.05,5.01</coordinates></LinearRing></innerBoundaryIs></Polygon>`;
  const found = await readShape(file("a.kml", `<kml>${polygon(RING).replace("</Polygon>", hole)}${polygon(RING)}</kml>`), 5000);
  assert.deepEqual([found.type, found.coordinates.length, found.coordinates[0].length], ["MultiPolygon", 2, 2]);
});

test("heights are left out, other kinds of shapes too", async () => {
  const mixed = { type: "FeatureCollection", features: [{ type: "Feature", geometry: { type: "GeometryCollection", geometries: [{ type: "Point", coordinates: [1, 1] }, { ...SHAPE, coordinates: [SHAPE.coordinates[0].map((at) => [...at, 400])] }] } }] };
  assert.deepEqual(await readShape(file("a.geojson", JSON.stringify(mixed)), 5000), SHAPE);
});

for (const [what, name, text] of [
  ["neither", "a.txt", "hello"], ["no polygon", "a.geojson", '{"type": "Point", "coordinates": [1, 2]}'], ["metres", "a.geojson", JSON.stringify({ type: "Polygon", coordinates: [[[500000, 1], [500001, 1], [500001, 2], [500000, 1]]] })],
  ["two corners", "a.kml", polygon("1,1 2,2 1,1")], ["broken", "a.geojson", '{"type": "Polygon", "coordinates": [5]}'], ["words", "a.kml", polygon("a,b c,d e,f a,b")],
])
  test(`refused with words: ${what}`, () => assert.rejects(readShape(file(name, text), 5000), /[A-Z].*\./));

test("more corners than a shape may have are refused, and so is a file that is too large", async () => {
  await assert.rejects(readShape(file("a.geojson", JSON.stringify(SHAPE)), 3), /4 corners, 3 are the most/);
  await assert.rejects(readShape({ ...file("a.geojson", "{}"), size: 6_000_000 }, 5000), /more than 5 MB/);
});
