import assert from "node:assert/strict";
import { test } from "node:test";
import { mgrs } from "../../web/static/lib/mgrs.js";

// Made by GeoTrans, which is the reference of the grid's keepers.
const KNOWN = [
  [-12.6722, 86.2213, "45L VF 1544 9898"], [48.8584, 2.2945, "31U DQ 4825 1195"], [-33.8568, 151.2153, "56H LH 3490 5228"],
  [60.39, 5.32, "32V KN 9723 0051"], [63.999, 3, "32V KS 0684 1071"], [64, 3, "31W EL 0000 9701"], // Norway
  [75, 8, "31X FD 4429 2969"], [78, 20, "33X XG 1591 6332"], [78, 32, "35X PG 1591 6332"], [72, 33, "37X BV 9336 9923"], // Svalbard
  [0, 0, "31N AA 6602 0000"], [-80, 10, "32C NS 1938 1824"], [0, 180, "1N AA 6602 0000"], [0, -180, "1N AA 6602 0000"],
];

for (const [lat, lon, wanted] of KNOWN)
  test(`${lat}, ${lon} is ${wanted}`, () => assert.equal(mgrs(lat, lon), wanted));

test("a place once around the world is the same place", () => assert.equal(mgrs(-12.6722, 86.2213 + 360), "45L VF 1544 9898"));

test("near the poles, where the grid ends, there is none", () => {
  for (const lat of [84, 85, -80.1, Number.NaN]) assert.equal(mgrs(lat, 10), "");
});
