// The way on A4: what the room, the day and the handling are, the segments as a table, whom to notify, what is known, what it is not.

import { label, panel } from "../lib/api.js";
import { $, fill, h } from "../lib/dom.js";
import { noneOf } from "../lib/empty.js";
import { table } from "./segment_strip.js";
import { SUMS, actors, hours, km, known, moment, notWeighed, statement, zoneOf } from "./route_summary.js";

const zone = panel.operation.time_zone;

const banner = () => h("p", { class: "sheet-banner" }, h("b", {}, `TLP:${panel.audience.handling}`), ` Drawn for ${panel.audience.title} · ${panel.audience.sentence}${panel.operation.exercise ? " · EXERCISE, all data invented" : ""}`);

export function sheet(state, question) {
  const way = state.ways[state.chosen];
  if (!way) return fill($("#sheet"));
  // a table's head and foot are printed again on every page
  return fill($("#sheet"), h("div", { class: "sheet-every" }, banner()), h("div", { class: "sheet-body" },
    h("h1", {}, `Way ${state.chosen + 1} of ${state.ways.length}: ${question.names.join(" – ")}`),
    h("p", {}, `${panel.operation.title}. As of ${panel.as_of_text}. ${label("vehicle_classes", question.vehicle)}. Leaves ${moment(way.leaves)}, arrives ${moment(way.arrives)} local time (${zoneOf(way.leaves)}${zone.startsWith("Etc/") ? "" : `, ${zone.replaceAll("_", " ")}`}), ${km(way.km)}, ${hours(way.hours)} on the road at the vehicle’s speed on each. Roads as in ${question.season}. ${question.rules}`),
    state.reason ? h("p", {}, h("b", {}, "Reason for the short lead time: "), state.reason) : null,
    h("ul", { class: "sheet-sums" }, SUMS.map(([what, value]) => h("li", {}, `${what}: `, h("b", {}, value(way))))),
    notWeighed(state.found),
    h("div", { class: "sheet-map", id: "sheet-map" }),
    h("h2", {}, "Segment by segment"), table(way),
    h("h2", {}, "Actors to notify"),
    way.notify.length ? h("ul", { class: "sheet-list" }, actors(way, state.found)) : h("p", {}, noneOf("areas_of_operation", "No armed actor’s area of operations is recorded on this way.")),
    h("h2", {}, "Known on the way"), h("ul", { class: "sheet-list" }, known(way).map(([, words, more]) => h("li", {}, [words, more].filter(Boolean).join(", ")))),
    h("p", { class: "sheet-not" }, statement()),
    h("p", { class: "sheet-foot" }, `${panel.disclaimer} Night is 18:00 to 06:00 by the sun. Network of ${moment(state.found.network_as_of)}${state.found.network_complete ? "" : ", newer roads not in it yet"}. Printed ${moment(new Date().toISOString())} local time.`)),
    h("div", { class: "sheet-every foot" }, banner()));
}
