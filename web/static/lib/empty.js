// Why nothing is shown, in the service's own words: withheld from this room, not known yet on that day, or not recorded.

import { panel } from "./api.js";
import { h, icon } from "./dom.js";

const layerOf = (name) => panel.layers.find((layer) => layer.name === name);

/**
 * The state in place of a list that is empty. What is withheld or was not known yet says so, and never asks for a file.
 * @param {string} name the layer that the list is of
 * @param {{ title: string, words: string, more?: Node[] }} none what is said when nothing is recorded
 * @param {{ withheld?: string, unknown?: string }} [found] the answer, which knows as well
 */
export function nothing(name, none, found = {}) {
  const layer = layerOf(name);
  const withheld = found.withheld ?? layer?.withheld;
  const unknown = found.unknown ?? layer?.unknown;
  if (layer?.access === "withheld" || layer?.access === "count")
    return state([icon("lock"), layer.access === "withheld" ? "Withheld" : "Only as counts"], withheld);
  if (unknown) return state("Not known yet", unknown);
  if (withheld) return state(none.title, `Nothing that this room is shown. ${withheld}`);
  return state(none.title, none.words, ...(none.more ?? []));
}

const state = (title, words, ...more) => h("div", { class: "state" }, h("p", { class: "state-title" }, title), h("p", {}, words), ...more);

/**
 * What is kept from this room of these layers, each sentence once; nothing when nothing is.
 * @param {string[]} names
 */
export const keptBack = (names) => [...new Set(names.map(layerOf).map((layer) => layer?.withheld).filter(Boolean))];

/**
 * A sentence that says that none is recorded, or why none is shown.
 * @param {string} name
 * @param {string} words
 */
export function noneOf(name, words) {
  const layer = layerOf(name);
  return layer?.access === "withheld" || layer?.access === "count" ? layer.withheld : (layer?.unknown ?? [words, layer?.withheld].filter(Boolean).join(" "));
}
