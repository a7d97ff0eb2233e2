// What a list of incidents is narrowed by, in words.

import { label, panel } from "../lib/api.js";
import { month, number, period } from "../lib/format.js";

const layer = panel.layers.find((each) => each.name === "incidents");

/** A type of incident as the legend calls it. */
export const kind = (type) => layer.style.rules.find((rule) => rule.value === type)?.label ?? type;

/** The hot spot that a filter names, `id:first day/last day`; null for none. */
export function spotOf(value) {
  const [id, span] = value.split(":");
  return span ? { id, span } : null;
}

const SAID = {
  month: (value) => month(value),
  event_type: kind,
  verification: (value) => label("verification", value),
  deaths: (value) => `${number(Number(value))} or more deaths reported`,
  source: (value) => `source ${value}`,
  district: (value) => `district ${value}`,
  spot: (value) => `one hot spot of ${period(...(spotOf(value)?.span ?? "").split("/"))}`,
  q: (value) => `“${value}”`,
};

/** A filter in words. */
export const words = (name, value) => SAID[name]?.(value) ?? value;
