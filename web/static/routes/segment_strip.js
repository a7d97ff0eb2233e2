// A way segment by segment: whose ground, which zone, what road, on one axis of kilometres and hours; and the same as a table.

import { label, symbolOf } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { clock, hours, km, zoneOf } from "./route_summary.js";
import { domainSign } from "../map/overlap.js";
import { day, number } from "../lib/format.js";

const armed = (p) => p.actors.filter((a) => a.domain !== "civil");

// Segments that say the same are one block; its share of the way is its width.
function blocks(way, words, nothing) {
  const made = [];
  for (const { properties: p } of way.features) {
    const said = words(p);
    if (made.at(-1)?.key === said.key) made.at(-1).km += p.km;
    else made.push({ ...said, from: p.from_km, km: p.km });
  }
  return made.map((b) => {
    const share = b.km / way.km;
    const title = `${b.title || b.words || nothing}, km ${number(b.from, 1)} – ${number(b.from + b.km, 1)}`;
    return h("i", { class: `${b.class ?? ""} ${b.words ? "" : "none"}`, style: `left:${(100 * b.from) / way.km}%;width:${100 * share}%;${b.style ?? ""}`, title },
      b.rows ? b.rows(share) : share > 0.07 ? b.words || (share > 0.2 ? nothing : "") : share > 0.02 ? (b.short ?? "") : "");
  });
}

const LANES = [
  ["Whose ground", "ground", "none recorded", (p) => ({
    key: armed(p).map((a) => a.id).join(), words: armed(p).map((a) => a.name).join(", "),
    rows: armed(p).length ? (share) => armed(p).map((a) => {
      const symbol = symbolOf("areas_of_operation", a.domain) ?? symbolOf("areas_of_operation", "unknown");
      return h("span", { class: `row ${a.domain}`, style: `border-color:${symbol?.stroke ?? "#6F757A"};--hatch:${symbol?.stroke ?? "#6F757A"}` }, h("b", {}, domainSign(a.domain, 11), share > 0.1 ? a.name : ""));
    }) : null,
  })],
  ["Risk zone", "risk", "no zone recorded", (p) => {
    const symbol = symbolOf("risk_zones", p.risk_level);
    return { key: `${p.zones.map((z) => z.id)}`, words: p.risk_level ? `${p.risk_level} ${label("risk_levels", p.risk_level)}` : "", short: p.risk_level || "",
             title: p.zones.map((z) => `${z.level} ${z.name}`).join(", "), style: symbol ? `background:${symbol.fill};color:${p.risk_level > 3 ? "#fff" : "#17212B"};` : "" };
  }],
  ["Road status", "road", "no report", (p) => ({ key: `${p.status}${p.stale}`, class: p.stale ? "unspecified" : p.status, words: `${label("road_status", p.status)}${p.stale ? ", stale" : ""}` })],
];
const NIGHT = ["Night", "night", "day", (p) => ({ key: String(p.night), words: p.night ? "night" : "", style: "" })];

// When the convoy is at a kilometre: nights that are stood lie between two segments.
function at(way, kilometre) {
  const f = way.features.findLast((each) => each.properties.from_km <= kilometre + 1e-6) ?? way.features[0];
  const p = f.properties;
  const [from, to] = [Date.parse(p.arrives), Date.parse(p.leaves)];
  return new Date(from + (to - from) * Math.min(1, Math.max(0, (kilometre - p.from_km) / (p.km || 1)))).toISOString();
}

export function strip(way) {
  const lanes = way.night_km ? [...LANES, NIGHT] : LANES;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return h("div", { class: "lanes" },
    lanes.map(([title, kind, nothing, words]) => [h("span", { class: "lane-name" }, title), h("div", { class: `lane ${kind}` }, blocks(way, words, nothing),
      ticks.slice(1, -1).map((share) => h("u", { style: `left:${100 * share}%` })))]),
    h("div", { class: "axis-km", "aria-hidden": "true" }, ticks.map((share) => h("span", {}, `${share === 0 ? "0" : share === 1 ? km(way.km) : number(way.km * share)} · ${clock(at(way, way.km * share))}`))));
}

const danger = (p) => [...p.zones.map((z) => `${z.level} ${z.name}`), ...p.hazards.map((z) => z.name), ...p.constraints.map((c) => `${c.name}, severity ${c.severity}`)].join(", ") || "–";
const more = (p) => [...p.arrangements.map((a) => `${a.name}${a.until ? `, to ${day(a.until)}` : ""}`), ...p.checkpoints.map((c) => `checkpoint expected: ${c.name}`), p.night ? "by night" : ""].filter(Boolean).join("; ");

export function road(p) {
  return [label("road_status", p.status), p.status_recorded && `, ${p.reported ? "seen" : "recorded"} ${day(p.status_recorded)}`, p.status_source && p.reported && `, ${p.status_source}`, p.stale && ", stale"].filter(Boolean).join("");
}

const SHORT_KM = 0.05;
const ground = (p) => p.actors.map((a) => a.name).join(", ");
const names = (p) => p.road || label("road_classes", p.road_class);

/**
 * The lines of a table: pieces one after another on which ground, zones, status and everything else repeat are one, whatever the road is
 * called; a piece too short to be told in tenths of a kilometre goes with the one before, unless something lies on it alone.
 */
export function rows(way) {
  const made = [];
  for (const { properties: p } of way.features) {
    const said = { ground: ground(p), danger: danger(p), more: more(p), status: road(p) };
    const last = made.at(-1);
    const same = last && last.ground === said.ground && last.danger === said.danger && last.more === said.more;
    if (same && (last.status === said.status || p.km < SHORT_KM)) {
      last.km += p.km;
      if (p.km >= SHORT_KM && !last.roads.includes(names(p))) last.roads.push(names(p));
    } else made.push({ ...said, roads: [names(p)], from_km: p.from_km, km: p.km, arrives: p.arrives });
  }
  return made;
}

export function table(way) {
  const head = [["From km", "end"], ["Km", "end"], [`Arrives (${zoneOf(way.leaves)})`, "end"], ["Road", ""], ["Status", ""], ["Ground of", ""], ["Zones, hazards, constraints", ""], ["Arrangements, checkpoints", ""]];
  return h("table", { class: "segments-table" }, h("caption", { class: "unseen" }, `The way segment by segment, ${km(way.km)}, ${hours(way.hours)}`),
    h("thead", {}, h("tr", {}, head.map(([title, kind]) => h("th", { scope: "col", class: kind }, title)))),
    h("tbody", {}, rows(way).map((row) => h("tr", {},
      h("td", { class: "end" }, number(row.from_km, 1)), h("td", { class: "end" }, row.km < SHORT_KM ? "< 0.1" : number(row.km, 1)), h("td", { class: "end" }, clock(row.arrives)),
      h("td", {}, row.roads.join(", ")), h("td", {}, row.status), h("td", {}, row.ground || "–"), h("td", {}, row.danger), h("td", {}, row.more || "–")))));
}
