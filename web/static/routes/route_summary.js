// One way in words: how long, what it crosses, whom to notify, what is known on it. Numbers stand beside each other; the choice stays with people.

import { label, panel } from "../lib/api.js";
import { h, icon } from "../lib/dom.js";
import { keptBack, noneOf } from "../lib/empty.js";
import { badge, domainSign } from "../map/overlap.js";
import { day, number, plural } from "../lib/format.js";
import { clock as clockOf, offset, wall, written } from "../lib/local_time.js";

export const hours = (value) => `${Math.floor(value + 1 / 120)} h ${String(Math.round(value * 60) % 60).padStart(2, "0")}`;
export const km = (value) => `${number(value, value < 10 ? 1 : 0)} km`;
// Every moment is told by the clocks of the operation; `zoneOf` says which these are.
const zone = panel.operation.time_zone;
export const clock = (iso) => clockOf(iso, zone);
export const moment = (iso) => written(iso, zone);
export const zoneOf = (iso) => offset(iso, zone);
export const sameDay = (a, b) => wall(a, zone).slice(0, 10) === wall(b, zone).slice(0, 10);
export const level = (n) => `${n} ${label("risk_levels", n)}`;

const NONE = "none recorded";

// What each way adds up to: the same lines in the comparison and on paper; a card leaves out those that `held` does not hold for.
export const SUMS = [
  ["In risk zones", (way) => Object.entries(way.km_by_risk).sort(([a], [b]) => b - a).map(([n, length]) => `${km(length)} ${label("risk_levels", n).toLowerCase()}`).join(", ") || NONE],
  ["In hazard areas", (way) => (way.km_in_hazards ? km(way.km_in_hazards) : NONE), (way) => way.km_in_hazards],
  ["Armed actors’ ground", (way) => (way.notify.length ? `${plural(way.notify.length, "actor")}, ${km(way.km_on_armed_ground)}` : NONE)],
  ["Restricted road", (way) => km(way.km_restricted)],
  ["Road without a report", (way) => `${km(way.km_without_report)}${way.km_stale ? `, ${km(way.km_stale)} stale` : ""}`, (way) => way.km_without_report || way.km_stale],
  ["By night", (way) => (way.stops.length ? `${plural(way.stops.length, "night’s stop", "nights’ stops")}` : km(way.night_km)), (way) => way.stops.length || way.night_km],
  ["Constraints, checkpoints", (way) => `${number(way.constraints.length)}, ${number(way.checkpoints.length)}`, (way) => way.constraints.length || way.checkpoints.length],
];

// The one line that a card ends with: the zone of the highest level that is crossed, and nights on the way.
export function crosses(way) {
  const worst = way.zones.reduce((one, z) => (one && one.level >= z.level ? one : z), null);
  const parts = [];
  if (worst) parts.push(`Crosses ${worst.name}: zone ${worst.level}, to ${day(worst.until)}`);
  else if (way.notify.length) parts.push(`Crosses ${way.notify[0].name} ground`);
  if (way.stops.length) parts.push(`${way.stops.length === 1 ? "one night’s stop" : `${number(way.stops.length)} nights’ stops`}`);
  if (!parts.length && way.not_weighed?.length) return "Nothing that this room is told as recorded lies on it.";
  return parts.length ? `${parts.join("; ")}.` : "No zone and no armed actor’s ground recorded on it.";
}

// What this room is told coarser, or not at all, is on no way: said with every answer.
export const notWeighed = (found) => (found?.not_weighed?.length ? h("div", { class: "not-weighed", role: "note" }, icon("lock"), h("div", {}, found.not_weighed.map((words) => h("p", {}, words)))) : null);

export function card(way, i, chosen, choose) {
  return h("button", { type: "button", class: "way", "aria-pressed": String(chosen), onclick: () => choose(i) },
    h("span", { class: "way-head" }, h("span", { class: "disc" }, i + 1), h("b", {}, km(way.km)), hours(way.hours), h("span", { class: "tag shown" }, "shown below")),
    h("dl", {}, SUMS.filter(([, , held]) => !held || held(way)).map(([what, value]) => [h("dt", {}, what), h("dd", {}, value(way))])),
    h("span", { class: "crosses" }, crosses(way)));
}

export function comparison(ways) {
  const head = [["Way", ""], ...ways.map((_, i) => [`${i + 1}`, "end"])];
  const rows = [["Length", (w) => km(w.km)], ["On the road", (w) => hours(w.hours)], ["Arrives", (w) => moment(w.arrives)], ...SUMS,
    ["Incidents near it", (w) => (w.incidents.count === null ? "withheld" : number(w.incidents.count))], ["", crosses]];
  return h("table", { class: "compared" }, h("thead", {}, h("tr", {}, head.map(([title, kind]) => h("th", { scope: "col", class: kind }, title)))),
    h("tbody", {}, rows.map(([what, value]) => h("tr", {}, h("th", { scope: "row" }, what), ways.map((way) => h("td", {}, value(way)))))));
}

// ---- beside the map --------------------------------------------------------------------------------------------

function ground(way, id) {
  const on = way.features.map((f) => f.properties).filter((p) => p.actors.some((a) => a.id === id));
  return `km ${number(on[0].from_km)} – ${number(on.at(-1).from_km + on.at(-1).km)}, ${km(on.reduce((t, p) => t + p.km, 0))} on their ground`;
}

export function actors(way, found) {
  const before = (hours_) => new Date(Date.parse(way.leaves) - hours_ * 3_600_000).toISOString();
  const past = (hours_) => found.lead.hours < hours_;
  const { usual_hours: usual, emergency_hours: emergency } = found.lead;
  // short notice: the usual day is over, the one for an emergency may not be
  const due = found.lead.hours < 0 ? [`by ${moment(before(usual))}`, "the departure is past"]
    : !past(usual) ? [`by ${moment(before(usual))}`, `${number(usual)} h before`]
    : past(emergency) ? [`past: ${moment(before(emergency))}`, `less than ${number(emergency)} h left, notify now`]
    : [`by ${moment(before(emergency))}`, `short notice: the usual ${number(usual)} h are past, ${number(emergency)} h in an emergency`];
  return way.notify.map((a) => h("li", {}, domainSign(a.domain),
    h("span", { class: "grow" }, h("b", {}, a.name), h("span", { class: "hint-text" }, ground(way, a.id))),
    h("span", { class: `due ${past(usual) && found.lead.hours >= 0 ? "late" : ""}` }, due[0], h("span", { class: "hint-text" }, due[1]))));
}

// The usual time to notify is longer than what is left: a warning with room for a reason, and nothing that is kept back.
export function lead(found, way, reason, changed) {
  if (!found.lead.short) return null;
  return h("div", { class: "lead" }, h("p", {}, h("b", {}, "Lead time is short. "),
    `Leaving ${moment(way.leaves)} gives ${hours(found.lead.hours)}. The usual time is ${number(found.lead.usual_hours)} h, or ${number(found.lead.emergency_hours)} h for an emergency. Go on with a reason.`),
    h("label", { class: "field" }, "Reason, printed on the sheet", h("input", { class: "input", name: "reason", maxlength: 200, value: reason, oninput: (event) => changed(event.target.value) })));
}

const NOTED = {
  zones: (z) => [badge(z.level), z.name, `to ${day(z.until)}${z.time_of_day ? `, by ${z.time_of_day}` : ""}`],
  hazards: (z) => [icon("warn"), z.name, "hazard area"],
  constraints: (c) => [icon("refused"), `${c.name}: ${label("constraint_categories", c.category)}`, `severity ${c.severity}`],
  arrangements: (a) => [icon("calendar"), `${a.name}, ${label("arrangement_types", a.type)}`, a.until ? `to ${day(a.until)}` : "no end recorded"],
  checkpoints: (c) => [icon("people"), `Checkpoint expected: ${c.name}${c.of === c.name ? "" : `, ${c.of}`}`, "within 500 m"],
};

// Zones, hazards, constraints, arrangements, checkpoints, incidents, stale stretches, nights: as [sign, words, qualifier].
export function known(way) {
  const lines = Object.entries(NOTED).flatMap(([kind, note]) => way[kind].map(note));
  const { count, newest, within_km, days } = way.incidents;
  lines.push([icon("alert"), count === null ? noneOf("incidents", "Incidents are not counted.") : `${plural(count, "incident")} within ${number(within_km)} km, ${number(days)} days`, newest ? `last ${day(newest)}` : ""]);
  for (const { properties: p } of way.features) {
    if (p.stale) lines.push([icon("hidden"), `km ${number(p.from_km)} – ${number(p.from_km + p.km)} not reported since ${day(p.status_recorded)}`, "stale"]);
    else if (p.reported && p.status !== "open") lines.push([icon("warn"), `${p.road || label("road_classes", p.road_class)}: ${label("road_status", p.status).toLowerCase()}${p.status_reason ? `, ${label("constraint_categories", p.status_reason)}` : ""}`, `seen ${day(p.status_recorded)}`]);
  }
  for (const stop of way.stops) lines.push([icon("pause"), `Night at km ${number(stop.km)}, ${moment(stop.from)} – ${clock(stop.until)}`, stop.zones.map((z) => `zone ${z.level}`).join(", ")]);
  for (const words of keptBack(["risk_zones", "hazards", "access_constraints", "arrangements", "areas_of_operation"])) lines.push([icon("lock"), words, ""]);
  const seen = new Set();
  return lines.filter(([, words, more]) => !seen.has(`${words}|${more}`) && seen.add(`${words}|${more}`));
}

export const statement = () =>
  `This shows what is known as of ${panel.as_of_text}. It gives no permission and no protection. Notification informs; it does not ask. Protection under IHL does not depend on it. Absence of data is not absence of risk.`;
