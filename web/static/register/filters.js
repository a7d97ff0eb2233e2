// What the register can be narrowed by, and whether a row stays.

import { label } from "../lib/api.js";
import { day } from "../lib/format.js";

const distinct = (values) => [...new Set(values.filter(Boolean))].sort();
const coded = (field, list) => (all) => distinct(all.map((p) => p[field])).map((code) => [code, label(list, code)]);
const OPEN = new Set(["new", "acknowledged", "in_coordination", "agreed", "monitoring"]);

export const FILTERS = {
  q: { title: "Search", type: "search", hint: "Actor, district, code", tabs: ["overlaps", "doubles", "gaps"] },
  relation: { title: "Relation", type: "select", options: coded("relation", "relations"), tabs: ["overlaps"] },
  status: { title: "Status", type: "select", options: (all) => [["open", "not resolved"], ...coded("status", "overlap_status")(all)], tabs: ["overlaps"] },
  sector: { title: "Sector", type: "select", tabs: ["overlaps", "doubles", "gaps"],
    options: (all) => distinct(all.flatMap((p) => (p.sector ?? "").split(", "))).map((code) => [code, label("sectors", code)]) },
  from: { title: "Together from", type: "date", tabs: ["overlaps", "doubles"] },
  to: { title: "to", type: "date", tabs: ["overlaps", "doubles"] },
  share: { title: "Share", type: "select", options: () => [["5", "≥ 5 %"], ["10", "≥ 10 %"], ["25", "≥ 25 %"], ["50", "≥ 50 %"]], tabs: ["overlaps"] },
};

const TESTS = {
  q: (p, value) => {
    const text = [p.code, p.actor_a, p.actor_b, p.districts, p.district, p.pcode, p.actors, p.owner, p.note].flat().filter(Boolean).join(" ").toLocaleLowerCase();
    return value.toLocaleLowerCase().split(/\s+/).every((word) => text.includes(word));
  },
  relation: (p, value) => p.relation === value,
  status: (p, value) => (value === "open" ? OPEN.has(p.status) : p.status === value),
  sector: (p, value) => (p.sector ?? "").split(", ").includes(value),
  from: (p, value) => !p.period_end || p.period_end >= value,
  to: (p, value) => !p.period_start || p.period_start <= value,
  share: (p, value) => Math.max(p.share_a ?? 0, p.share_b ?? 0) * 100 >= Number(value),
};

export const matches = (p, filters, tab) =>
  Object.entries(filters).every(([name, value]) => !value || !FILTERS[name].tabs.includes(tab) || TESTS[name](p, value));

// A filter in words, to say what hides the rows.
export function words(name, value) {
  const filter = FILTERS[name];
  if (filter.type === "date") return `${filter.title} ${day(value)}`;
  if (name === "q") return value;
  const list = { relation: "relations", sector: "sectors", status: "overlap_status" }[name];
  return `${filter.title} ${value === "open" ? "not resolved" : list ? label(list, value) : `≥ ${value} %`}`;
}
