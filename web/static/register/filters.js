// What the register can be narrowed by. The service filters; it says which values there are, and how many rows have each.

import { label, panel } from "../lib/api.js";
import { day, later, number } from "../lib/format.js";
import { myName } from "../lib/stored.js";

// The tabs, the list that each shows, and the overlaps that it narrows that list to.
export const LIST_OF = { overlaps: "overlaps", since: "overlaps", mine: "overlaps", due: "overlaps", ended: "ended_overlaps", doubles: "doubles", gaps: "gaps" };
const OVERLAPS = ["overlaps", "since", "mine", "due"];

export const since = (filters) => filters.since || later(panel.as_of, -7);

// The values of a group as options, by their words, with the numbers of rows.
const options = (list) => (group = {}) =>
  Object.entries(group).map(([code, n]) => [code, `${label(list, code)} (${number(n)})`]).sort((a, b) => a[1].localeCompare(b[1]));

export const FILTERS = {
  q: { title: "Search", type: "search", hint: "Actor, district, code", tabs: [...OVERLAPS, "ended", "doubles", "gaps"] },
  relation: { title: "Relation", type: "select", options: options("relations"), tabs: [...OVERLAPS, "ended"] },
  ended: { title: "Why", type: "select", options: options("endings"), tabs: ["ended"] },
  status: { title: "Status", type: "select", tabs: OVERLAPS,
    options: (group, counts) => [["open", `not resolved (${number(counts.open)})`], ...options("overlap_status")(group)] },
  sector: { title: "Sector", type: "select", options: options("sectors"), tabs: [...OVERLAPS, "doubles", "gaps"] },
  owner: { title: "Owner", type: "select", tabs: ["overlaps", "since", "due"],
    options: (group, counts) => counts.unowned === undefined ? null : [["none", `no owner (${number(counts.unowned)})`], ...Object.entries(group ?? {}).map(([name, n]) => [name, `${name} (${number(n)})`])] },
  since: { title: "New since", type: "date", tabs: ["since"], usual: () => since({}) },
  from: { title: "Together from", type: "date", tabs: [...OVERLAPS, "ended", "doubles"] },
  to: { title: "to", type: "date", tabs: [...OVERLAPS, "ended", "doubles"] },
  share: { title: "Share", type: "select", options: () => [["5", "≥ 5 %"], ["10", "≥ 10 %"], ["25", "≥ 25 %"], ["50", "≥ 50 %"]], tabs: OVERLAPS },
};

// The filters of a tab as the service is asked: days together are the days that everything is asked for.
export function parameters(filters, tab, days) {
  const own = Object.fromEntries(Object.entries(filters).filter(([name, value]) => value && FILTERS[name].tabs.includes(tab)));
  const { from, to, ...asked } = own;
  if (tab === "since") asked.since = since(filters);
  if (tab === "mine") asked.owner = myName();
  if (tab === "due") asked.due = "week";
  return { ...asked, datetime: from || to ? `${from ?? ".."}/${to ?? ".."}` : days };
}

// A filter in words, to say what hides the rows.
export function words(name, value) {
  const filter = FILTERS[name];
  if (!filter && name !== "due") return value;
  if (filter?.type === "date") return `${filter.title} ${day(value)}`;
  if (name === "q") return `“${value}”`;
  if (name === "due") return value === "over" ? "past their due day" : "due within seven days";
  if (name === "owner") return value === "none" ? "no owner" : `Owner ${value}`;
  const list = { relation: "relations", sector: "sectors", status: "overlap_status", ended: "endings" }[name];
  return `${filter.title} ${value === "open" ? "not resolved" : list ? label(list, value) : `≥ ${value} %`}`;
}
