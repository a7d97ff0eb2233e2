import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { movedBy, stepTo } = await import("../../web/static/map/period.js");

test("a step by weeks begins on the Monday that is nearest, one by days on every day", () => {
  assert.equal(stepTo("2026-10-14", "day"), "2026-10-14");
  assert.equal(stepTo("2026-10-12", "week"), "2026-10-12");
  assert.equal(stepTo("2026-10-15", "week"), "2026-10-12");
  assert.equal(stepTo("2026-10-16", "week"), "2026-10-19");
  assert.equal(stepTo("2026-01-03", "week"), "2026-01-05");
});

test("a period moves with its length, and no further than the data", () => {
  const ends = ["2026-01-01", "2026-10-18"];
  assert.deepEqual(movedBy(["2026-03-01", "2026-03-31"], 1, "day", ends), ["2026-03-02", "2026-04-01"]);
  assert.deepEqual(movedBy(["2026-03-01", "2026-03-31"], 1, "week", ends), ["2026-03-08", "2026-04-07"]);
  assert.deepEqual(movedBy(["2026-10-10", "2026-10-15"], 1, "week", ends), ["2026-10-13", "2026-10-18"]);
  assert.deepEqual(movedBy(["2026-10-13", "2026-10-18"], 1, "day", ends), ["2026-10-13", "2026-10-18"]);
  assert.deepEqual(movedBy(["2026-01-03", "2026-01-10"], -1, "week", ends), ["2026-01-01", "2026-01-08"]);
});
