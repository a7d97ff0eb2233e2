import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { day, km2, later, notKnownYet, number, percent, period, plural } = await import("../../web/static/lib/format.js");

test("numbers and plurals as people write them", () => {
  assert.equal(number(12345), "12,345");
  assert.equal(number(null), "–");
  assert.equal(plural(1, "field"), "1 field");
  assert.equal(plural(1200, "incident"), "1,200 incidents");
  assert.equal(plural(2, "zone is", "zones are"), "2 zones are");
});

test("small areas and shares keep a digit", () => {
  assert.equal(km2(7.129), "7.13");
  assert.equal(km2(1234.5), "1,235");
  assert.equal(percent(0.004), "0.4\u202f%");
  assert.equal(percent(0.45), "45\u202f%");
});

test("days have their month as a word, in every zone of time", () => {
  assert.equal(day("2026-10-18"), "18 Oct 2026");
  assert.equal(day(null), "open");
  assert.equal(period("2026-09-01", "2026-09-30"), "1 – 30 Sep 2026");
});

test("days are counted over months, years, leap days and changes of clocks", () => {
  assert.equal(later("2026-12-20", 30), "2027-01-19");
  assert.equal(later("2028-02-28", 1), "2028-02-29");
  assert.equal(later("2026-03-28", 2), "2026-03-30");
  assert.equal(later("2026-10-18", 90), "2027-01-16");
});

const SEPTEMBER = "Nothing was known here on 15 Sep 2026; the first record is of 26 Sep 2026.";
const OCTOBER = "Nothing was known here on 15 Sep 2026; the first record is of 2 Oct 2026.";

test("what all layers say is said once, without their names", () => {
  assert.deepEqual(notKnownYet([{ title: "Incidents", unknown: SEPTEMBER }, { title: "Risk zones", unknown: SEPTEMBER }]), [SEPTEMBER]);
});

test("where some layers were known, it is said of which that is not so", () => {
  const told = notKnownYet([{ title: "Incidents" }, { title: "Risk zones", unknown: SEPTEMBER }, { title: "Overlaps", unknown: OCTOBER }, { title: "Roads", unknown: OCTOBER }]);
  assert.deepEqual(told, [
    "Risk zones: nothing was known here on 15 Sep 2026; the first record is of 26 Sep 2026.",
    "Overlaps, Roads: nothing was known here on 15 Sep 2026; the first record is of 2 Oct 2026.",
  ]);
});

test("nothing is said where everything was known", () => assert.deepEqual(notKnownYet([{ title: "Incidents" }]), []));
