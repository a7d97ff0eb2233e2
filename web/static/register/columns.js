// What the register's tables show of a row, and what they can be sorted by.

import { label, panel, symbolOf } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { badge, domainSign, noRisk } from "../map/overlap.js";
import { thumbnail } from "../lib/shapes.js";
import { day, km2, number, percent, period, plural } from "../lib/format.js";

const STATUS_SIGN = { new: 0, acknowledged: 0.25, in_coordination: 0.5, agreed: 0.75, monitoring: 0.9, resolved: 1, dismissed: 1 };

const two = (first, second) => [h("div", { class: "one", title: typeof first === "string" ? first : null }, first), h("div", { class: "second hint-text", title: typeof second === "string" ? second : null }, second)];
const actorLine = (name, domain, strong) => h("div", { class: strong ? "actor-line strong" : "actor-line" }, domainSign(domain), h("span", { title: name }, name || "Withheld for this room"));
const share = (value, domain) => h("div", { class: "share" },
  h("span", { class: "share-bar", "aria-hidden": "true" }, h("i", { style: `inline-size:${Math.min(100, (value ?? 0) * 100)}%;background:${symbolOf("areas_of_operation", domain)?.stroke ?? "#6F757A"}` })),
  h("span", {}, percent(value)));

// Within the year of the as-of date the year goes without saying.
const shortPeriod = (p) => period(p.period_start, p.period_end).replaceAll(` ${panel.as_of.slice(0, 4)}`, "");

const shortDay = (iso) => day(iso).replace(` ${panel.as_of.slice(0, 4)}`, "");

function statusCell(p) {
  const mark = h("span", { class: "status-mark", style: `--done:${STATUS_SIGN[p.status] ?? 0}`, "aria-hidden": "true" });
  const line = h("span", { class: p.status === "monitoring" || p.status === "dismissed" ? "status-line calm" : "status-line" }, mark, label("overlap_status", p.status));
  if (p.ended) return line;
  const over = p.period_end && p.period_end < panel.as_of;
  return over ? two(line, "closed: its days are over") : p.reopened_on ? two(line, `open again since ${shortDay(p.reopened_on)}`) : line;
}

// The columns of each list: its words, whether the service sorts by it (`down` when greatest first), what a cell shows.
export const COLUMNS = {
  overlaps: [
    { name: "where", title: "Where", cell: (p) => thumbnail(p) },
    { name: "code", title: "Overlap", sorts: true, cell: (p) => two(h("b", {}, p.code), [`version ${p.version}`, p.note_count ? h("span", { class: "noted", title: p.note }, ` · ${plural(p.note_count, "note")}`) : ""]) },
    { name: "actors", title: "Actors", sorts: true, cell: (p) => [actorLine(p.actor_a, p.domain_a, true), actorLine(p.actor_b, p.domain_b)] },
    { name: "relation", title: "Relation", sorts: true, cell: (p) => two(label("relations", p.relation), p.sector ? p.sector.split(", ").map((s) => label("sectors", s)).join(", ") : "") },
    { name: "districts", title: "Districts", sorts: true, cell: (p) => h("div", { class: "clamp", title: p.districts }, p.districts || h("span", { class: "hint-text" }, "not known")) },
    { name: "period", title: "Period together", sorts: true, cell: (p) => two(shortPeriod(p), [p.days === null ? "open" : plural(p.days, "day"), p.places > 1 ? ` · ${plural(p.places, "place")}` : ""]) },
    { name: "km2", down: true, title: "km²", end: true, sorts: true, cell: (p) => h("b", {}, km2(p.km2)) },
    { name: "share", down: true, title: "Share of each", sorts: true, cell: (p) => [share(p.share_a, p.domain_a), share(p.share_b, p.domain_b)] },
    { name: "risk", down: true, title: "Risk, incidents", sorts: true, cell: (p) => h("div", { class: "risk-cell" }, p.risk ? [badge(p.risk), h("span", { class: "unseen" }, `risk ${p.risk},`)] : h("span", { class: "hint-text", title: noRisk() }, "–"), number(p.incidents)) },
    { name: "strategy", title: "Strategy", sorts: true, cell: (p) => label("strategies", p.strategy) },
    { name: "status", title: "Status", sorts: true, cell: statusCell },
    { name: "owner", title: "Owner", sorts: true, cell: (p) => two(p.owner || h("span", { class: "hint-text" }, "owner" in p ? "No owner" : "Owner withheld"), p.due ? `due ${shortDay(p.due)}` : "no due date") },
  ],
  ended_overlaps: [
    { name: "where", title: "Where", cell: (p) => thumbnail(p) },
    { name: "code", title: "Overlap", sorts: true, cell: (p) => two(h("b", {}, p.code), [`version ${p.version}`, p.note_count ? h("span", { class: "noted", title: p.note }, ` · ${plural(p.note_count, "note")}`) : ""]) },
    { name: "actors", title: "Actors", sorts: true, cell: (p) => [actorLine(p.actor_a, p.domain_a, true), actorLine(p.actor_b, p.domain_b)] },
    { name: "ended", title: "Why it ended", sorts: true, cell: (p) => two(label("endings", p.ended), `on ${shortDay(p.ended_on)}`) },
    { name: "period", title: "Period together", sorts: true, cell: (p) => shortPeriod(p) },
    { name: "km2", down: true, title: "km² it had", end: true, sorts: true, cell: (p) => km2(p.km2) },
    { name: "strategy", title: "Strategy", cell: (p) => label("strategies", p.strategy) },
    { name: "status", title: "Status then", cell: statusCell },
    { name: "owner", title: "Owner", cell: (p) => p.owner || h("span", { class: "hint-text" }, "owner" in p ? "No owner" : "Owner withheld") },
  ],
  doubles: [
    { name: "district", title: "District", sorts: true, cell: (p) => two(h("b", {}, p.district), p.pcode) },
    { name: "sector", title: "Sector", sorts: true, cell: (p) => label("sectors", p.sector) },
    { name: "n", down: true, title: "Organisations", end: true, sorts: true, cell: (p) => h("b", {}, number(p.n)) },
    { name: "actors", title: "Which", cell: (p) => [p.actors].flat().join(", ") },
    { name: "period", title: "Together", sorts: true, cell: (p) => period(p.period_start, p.period_end) },
  ],
  gaps: [
    { name: "district", title: "District", sorts: true, cell: (p) => two(h("b", {}, p.district), p.pcode) },
    { name: "sector", title: "Sector nobody is known to work in", sorts: true, cell: (p) => label("sectors", p.sector) },
  ],
};
// The order a list opens in, in words.
export const FIRST_SORT = { overlaps: "New first, then due", ended_overlaps: "Ended last first", doubles: "Most organisations first", gaps: "By district" };
