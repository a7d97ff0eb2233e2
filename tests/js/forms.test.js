import assert from "node:assert/strict";
import { test } from "node:test";
import { panel } from "./page.js";

const { blankOf, fieldsOf, lifeOf, speak } = await import("../../web/static/forms/schema.js");
const { merged, same } = await import("../../web/static/forms/conflict.js");

const SCHEMA = {
  required: ["geometry", "name", "seen", "until"], "x-geoapp-lasts": { usual_days: 30, most_days: 90 }, "x-geoapp-lifecycle": { begins: "draft" },
  properties: {
    geometry: { format: "geometry-point" },
    name: { type: "string", maxLength: 300, title: "Name" },
    note: { type: ["string", "null"], maxLength: 4000, title: "Note" },
    kind: { type: ["string", "null"], title: "Kind", default: "a", oneOf: [{ const: "a", title: "First" }, { const: "b", title: "Second" }, { const: null, title: "Not said" }] },
    level: { type: ["integer", "null"], title: "Level", oneOf: [{ const: 1, title: "Low" }, { const: 2, title: "High" }] },
    who: { type: ["string", "null"], title: "Who", default: "all", "x-geoapp-several": [{ const: "all", title: "Everybody" }, { const: "un", title: "UN" }, { const: "ngo", title: "NGO" }] },
    hurt: { type: ["boolean", "null"], title: "Hurt" },
    seen: { type: "string", format: "date", title: "Seen", "x-geoapp-past": true },
    since: { type: ["string", "null"], format: "date", title: "From", "x-ogc-role": "primary-interval-start" },
    until: { type: ["string", "null"], format: "date", title: "Until", "x-ogc-role": "primary-interval-end" },
    road: { type: "integer", title: "Road", "x-ogc-role": "reference", "x-ogc-collectionId": "roads" },
    handling: { type: ["string", "null"], title: "Handling", default: "AMBER", oneOf: [{ const: "AMBER", title: "TLP:AMBER" }] },
    status: { title: "Status", readOnly: true },
  },
};
const field = (name) => fieldsOf(SCHEMA).find((each) => each.name === name);

test("every field gets the control that its schema asks for, in its order; what is read only gets none", () => {
  assert.deepEqual(fieldsOf(SCHEMA).map(({ name, kind }) => [name, kind]), [
    ["name", "text"], ["note", "long"], ["kind", "choice"], ["level", "choice"], ["who", "several"], ["hurt", "yes"], ["seen", "day"],
    ["since", "day"], ["until", "day"], ["road", "reference"], ["handling", "handling"],
  ]);
  assert.deepEqual(fieldsOf(SCHEMA).filter((each) => each.required).map((each) => each.name), ["name", "seen", "until"]);
  assert.equal(lifeOf(SCHEMA).begins, "draft");
});

test("nothing is no choice of a list", () => {
  assert.deepEqual(field("kind").choices.map((choice) => choice.const), ["a", "b"]);
});

test("a new record has the defaults, today where a day must be given, and the usual period", () => {
  const values = blankOf(SCHEMA);
  assert.deepEqual([values.kind, values.who, values.handling, values.name], ["a", "all", "AMBER", null]);
  assert.equal(values.seen, panel.today);
  assert.deepEqual([values.since, values.until], ["2026-10-18", "2026-11-17"]);
});

test("values are told in words", () => {
  assert.equal(speak(field("kind"), "b"), "Second");
  assert.equal(speak(field("level"), 2), "High");
  assert.equal(speak(field("who"), "un,ngo"), "UN, NGO");
  assert.equal(speak(field("hurt"), false), "No");
  assert.equal(speak(field("until"), "2026-11-17"), "17 Nov 2026");
  assert.equal(speak(field("handling"), "AMBER"), "TLP:AMBER");
  for (const nothing of [null, undefined, ""]) assert.equal(speak(field("name"), nothing), "–");
});

const point = (lon) => ({ type: "Point", coordinates: [lon, 1] });

test("of two people's changes both stay; where both changed one field, mine does", () => {
  const base = { values: { name: "Bridge", note: null, level: 1 }, geometry: point(1) };
  const there = { values: { name: "Old bridge", note: "Seen.", level: 1 }, geometry: point(2) };
  const mine = { values: { name: "New bridge", note: null, level: 2 }, geometry: point(1) };
  assert.deepEqual(merged(base, mine, there), { values: { name: "New bridge", note: "Seen.", level: 2 }, geometry: point(2) });
  assert.deepEqual(merged(base, { ...mine, geometry: point(3) }, there).geometry, point(3));
});

test("nothing and null are the same, order in a list is not", () => {
  assert.ok(same(undefined, null));
  assert.ok(!same(["a", "b"], ["b", "a"]));
});
