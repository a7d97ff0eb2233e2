// What the register can be narrowed by. The service filters; it says which values there are, and how many rows have each.

import { label } from "../lib/api.js";
import { day, number } from "../lib/format.js";

// The values of a group as options, by their words, with the numbers of rows.
const options = (list) => (group = {}) =>
  Object.entries(group).map(([code, n]) => [code, `${label(list, code)} (${number(n)})`]).sort((a, b) => a[1].localeCompare(b[1]));

export const FILTERS = {
  q: { title: "Search", type: "search", hint: "Actor, district, code", tabs: ["overlaps", "doubles", "gaps"] },
  relation: { title: "Relation", type: "select", options: options("relations"), tabs: ["overlaps"] },
  status: { title: "Status", type: "select", tabs: ["overlaps"],
    options: (group, counts) => [["open", `not resolved (${number(counts.open)})`], ...options("overlap_status")(group)] },
  sector: { title: "Sector", type: "select", options: options("sectors"), tabs: ["overlaps", "doubles", "gaps"] },
  from: { title: "Together from", type: "date", tabs: ["overlaps", "doubles"] },
  to: { title: "to", type: "date", tabs: ["overlaps", "doubles"] },
  share: { title: "Share", type: "select", options: () => [["5", "≥ 5 %"], ["10", "≥ 10 %"], ["25", "≥ 25 %"], ["50", "≥ 50 %"]], tabs: ["overlaps"] },
};

// The filters of a tab as the service is asked: days together are the days that everything is asked for.
export function parameters(filters, tab, days) {
  const own = Object.fromEntries(Object.entries(filters).filter(([name, value]) => value && FILTERS[name].tabs.includes(tab)));
  const { from, to, ...asked } = own;
  return { ...asked, datetime: from || to ? `${from ?? ".."}/${to ?? ".."}` : days };
}

// A filter in words, to say what hides the rows.
export function words(name, value) {
  const filter = FILTERS[name];
  if (filter.type === "date") return `${filter.title} ${day(value)}`;
  if (name === "q") return value;
  const list = { relation: "relations", sector: "sectors", status: "overlap_status" }[name];
  return `${filter.title} ${value === "open" ? "not resolved" : list ? label(list, value) : `≥ ${value} %`}`;
}
