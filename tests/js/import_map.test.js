import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
import { projection } from "../../web/static/forms/import_map.js";

test("a box fills the picture, north up", () => {
  const { at, height } = projection([10, 0, 11, 0.5]);
  assert.deepEqual(at([10, 0.5]), [0, 0]);
  assert.deepEqual(at([11, 0]), [352, height]);
});

test("on both sides of 180° longitudes go on", () => {
  const { at } = projection([177, -20, -178, -15]);
  const [left, middle, right] = [177, 180, -178].map((x) => at([x, -17])[0]);
  assert.ok(left < middle && middle < right, `${left} ${middle} ${right}`);
});
