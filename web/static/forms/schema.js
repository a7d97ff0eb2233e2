// What may be written to a collection: fields, lists, limits and steps, all from the schema that the service gives.

import { get, label, panel } from "../lib/api.js";
import { day, later, number, plural } from "../lib/format.js";

/**
 * What a collection takes, as JSON Schema.
 * @typedef {{ title: string, required: string[], properties: Record<string, any> } & Record<string, any>} Schema
 */
/**
 * A step of a record's life, and the whole of it.
 * @typedef {{ name: string, title: string, before: string[], after: string, says: string, done: string, second_person: string | null,
 *   requires: Record<string, string>, confirmed: boolean, ends: boolean, opens: boolean }} Step
 * @typedef {{ state: string, author: string, begins: string, editable: string[], states: { const: string, title: string }[], steps: Step[] }} Life
 */
/**
 * A field of a form: what its schema says of it, and how it is written.
 * @typedef {{ name: string, kind: string, title: string, hint: string, required: boolean, past: boolean, default?: unknown,
 *   maxLength?: number, minimum?: number, maximum?: number, "x-ogc-unit"?: string, "x-ogc-collectionId"?: string, "x-geoapp-named-in"?: string,
 *   choices: { const: string | number, title: string }[] }} Field
 */

const LONG = 1000; // characters; a text that may be longer has several lines
const asked = new Map();

// The schema of a collection, asked once.
export function schemaOf(collection) {
  if (!asked.has(collection)) {
    const answer = get(`/collections/${collection}/schema`, { datetime: "" });
    asked.set(collection, answer);
    answer.catch(() => asked.delete(collection));
  }
  return asked.get(collection);
}

function kindOf(name, property) {
  const type = [property.type].flat()[0];
  if (name === "handling") return "handling";
  if (property["x-ogc-role"] === "reference") return "reference";
  if (property["x-geoapp-named-in"]) return "named";
  if (property["x-geoapp-several"]) return "several";
  if (property.oneOf || property.enum) return "choice";
  if (property.format === "date") return "day";
  if (type === "boolean") return "yes";
  if (type === "integer" || type === "number") return "number";
  return type === "string" && property.maxLength > LONG ? "long" : type === "string" ? "text" : "list";
}

/**
 * The fields that are written, in the order of the form.
 * @param {Schema} schema
 * @returns {Field[]}
 */
export const fieldsOf = (schema) => Object.entries(schema.properties).filter(([name, property]) => name !== "geometry" && !property.readOnly)
  .map(([name, property]) => ({
    ...property, name, kind: kindOf(name, property), hint: property.description ?? "", required: schema.required.includes(name), past: Boolean(property["x-geoapp-past"]),
    choices: (property["x-geoapp-several"] ?? property.oneOf ?? property.enum?.map((code) => ({ const: code, title: code })) ?? []).filter((choice) => choice.const !== null),
  }));

/** @returns {Life | null} */
export const lifeOf = (schema) => schema["x-geoapp-lifecycle"] ?? null;

// The field of the last day, and how long a record may last: { usual_days, most_days }.
export const endOf = (schema) => Object.keys(schema.properties).find((name) => schema.properties[name]["x-ogc-role"] === "primary-interval-end");
const startOf = (schema) => Object.keys(schema.properties).find((name) => schema.properties[name]["x-ogc-role"] === "primary-interval-start");
export const lastsOf = (schema) => schema["x-geoapp-lasts"] ?? null;

// A new record: the defaults; a day that must be given is today; a period that ends by rule begins today.
export function blankOf(schema) {
  const values = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field.default ?? (field.required && field.past ? panel.today : null)]));
  const lasts = lastsOf(schema);
  return lasts ? { ...values, ...renewed(schema) } : structuredClone(values);
}

// The usual period, from today on.
export const renewed = (schema) => ({ [startOf(schema)]: panel.today, [endOf(schema)]: later(panel.today, lastsOf(schema).usual_days) });

const nothing = (value) => value === null || value === undefined || value === "";

/**
 * A value in words.
 * @param {Field} field
 */
export function speak(field, value) {
  if (nothing(value)) return "–";
  const word = (code) => field.choices.find((choice) => String(choice.const) === String(code))?.title ?? String(code);
  switch (field.kind) {
    case "choice": return word(value);
    case "several": return String(value).split(",").map(word).join(", ");
    case "day": return day(value);
    case "yes": return value ? "Yes" : "No";
    case "number": return [number(value), field["x-ogc-unit"]].filter(Boolean).join(" ");
    case "handling": return label("handling", value);
    case "list": return plural(value.length, "record");
    case "reference": return `No. ${value}`;
    default: return String(value);
  }
}
