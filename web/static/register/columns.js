// What the register's tables show of a row, and in which order rows can stand.

import { label, panel, symbolOf } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { badge, domainSign } from "../map/overlap.js";
import { thumbnail } from "../lib/shapes.js";
import { day, km2, number, percent, period, plural } from "../lib/format.js";

const STATUS_SIGN = { new: 0, acknowledged: 0.25, in_coordination: 0.5, agreed: 0.75, monitoring: 0.9, resolved: 1, dismissed: 1 };

const by = (pick, tie = (p) => p.code) => (a, b) => compare(pick(a), pick(b)) || compare(tie(a), tie(b));
const compare = (a, b) => (a === b ? 0 : a === null || a === undefined ? 1 : b === null || b === undefined ? -1 : a < b ? -1 : 1);

const two = (first, second) => [h("div", { class: "one", title: typeof first === "string" ? first : null }, first), h("div", { class: "second hint-text" }, second)];
const actorLine = (name, domain, strong) => h("div", { class: strong ? "actor-line strong" : "actor-line" }, domainSign(domain), h("span", { title: name }, name || "Withheld for this room"));
const share = (value, domain) => h("div", { class: "share" },
  h("span", { class: "share-bar", "aria-hidden": "true" }, h("i", { style: `inline-size:${Math.min(100, (value ?? 0) * 100)}%;background:${symbolOf("areas_of_operation", domain)?.stroke ?? "#6F757A"}` })),
  h("span", {}, percent(value)));

// Within the year of the as-of date the year goes without saying.
const shortPeriod = (p) => period(p.period_start, p.period_end).replaceAll(` ${panel.as_of.slice(0, 4)}`, "");

function statusCell(p) {
  const mark = h("span", { class: "status-mark", style: `--done:${STATUS_SIGN[p.status] ?? 0}`, "aria-hidden": "true" });
  return h("span", { class: p.status === "monitoring" || p.status === "dismissed" ? "status-line calm" : "status-line" }, mark, label("overlap_status", p.status));
}

// The columns of each list: its words, how it sorts (`down` when greatest first), what a cell shows.
export const COLUMNS = {
  overlaps: [
    { name: "where", title: "Where", cell: (p, f) => thumbnail(f, p) },
    { name: "code", title: "Overlap", sort: by((p) => p.code), cell: (p) => two(h("b", {}, p.code), `version ${p.version}`) },
    { name: "actors", title: "Actors", sort: by((p) => p.actor_a), cell: (p) => [actorLine(p.actor_a, p.domain_a, true), actorLine(p.actor_b, p.domain_b)] },
    { name: "relation", title: "Relation", sort: by((p) => p.relation), cell: (p) => two(label("relations", p.relation), p.sector ? p.sector.split(", ").map((s) => label("sectors", s)).join(", ") : "") },
    { name: "districts", title: "Districts", sort: by((p) => p.districts), cell: (p) => h("div", { class: "clamp", title: p.districts }, p.districts || h("span", { class: "hint-text" }, "not known")) },
    { name: "period", title: "Period together", sort: by((p) => p.period_start), cell: (p) => two(shortPeriod(p), p.days === null ? "open" : plural(p.days, "day")) },
    { name: "km2", down: true, title: "km²", end: true, sort: by((p) => -p.km2), cell: (p) => h("b", {}, km2(p.km2)) },
    { name: "share", down: true, title: "Share of each", sort: by((p) => -Math.max(p.share_a, p.share_b)), cell: (p) => [share(p.share_a, p.domain_a), share(p.share_b, p.domain_b)] },
    { name: "risk", down: true, title: "Risk, incidents", sort: by((p) => -(p.risk ?? 0) * 1000 - (p.incidents ?? 0)), cell: (p) => h("div", { class: "risk-cell" }, p.risk ? [badge(p.risk), h("span", { class: "unseen" }, `risk ${p.risk},`)] : h("span", { class: "hint-text", title: "no risk zone recorded" }, "–"), number(p.incidents)) },
    { name: "strategy", title: "Strategy", sort: by((p) => p.strategy), cell: (p) => label("strategies", p.strategy) },
    { name: "status", title: "Status", sort: by((p) => Object.keys(STATUS_SIGN).indexOf(p.status)), cell: statusCell },
    { name: "owner", title: "Owner", sort: by((p) => p.due), cell: (p) => two(p.owner || h("span", { class: "hint-text" }, "No owner"), p.due ? `due ${day(p.due).replace(` ${panel.as_of.slice(0, 4)}`, "")}` : "no due date") },
  ],
  doubles: [
    { name: "district", title: "District", sort: by((p) => p.district, (p) => p.pcode), cell: (p) => two(h("b", {}, p.district), p.pcode) },
    { name: "sector", title: "Sector", sort: by((p) => p.sector, (p) => p.pcode), cell: (p) => label("sectors", p.sector) },
    { name: "n", down: true, title: "Organisations", end: true, sort: by((p) => -p.n, (p) => p.pcode), cell: (p) => h("b", {}, number(p.n)) },
    { name: "actors", title: "Which", cell: (p) => [p.actors].flat().join(", ") },
    { name: "period", title: "Together", sort: by((p) => p.period_start, (p) => p.pcode), cell: (p) => period(p.period_start, p.period_end) },
  ],
  gaps: [
    { name: "district", title: "District", sort: by((p) => p.district, (p) => p.pcode), cell: (p) => two(h("b", {}, p.district), p.pcode) },
    { name: "sector", title: "Sector nobody is known to work in", sort: by((p) => p.sector, (p) => p.pcode), cell: (p) => label("sectors", p.sector) },
  ],
};
// The order a list opens in, with its words.
export const FIRST_SORT = {
  overlaps: { name: "new", words: "New first, then due", sort: (a, b) => (b.status === "new") - (a.status === "new") || compare(a.due, b.due) || compare(a.code, b.code) },
  doubles: { name: "new", words: "Most organisations first", sort: by((p) => -p.n, (p) => p.pcode) },
  gaps: { name: "new", words: "By district", sort: by((p) => p.district, (p) => p.sector) },
};
