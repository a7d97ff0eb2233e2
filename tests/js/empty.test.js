import "./page.js";
import assert from "node:assert/strict";
import { test } from "node:test";

const { notKnownYet } = await import("../../web/static/lib/empty.js");
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
