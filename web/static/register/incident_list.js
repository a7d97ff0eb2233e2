// The single incidents of the chosen months: filtered, sorted and paged by the service; each opens on the map.

import * as address from "../lib/address.js";
import { get, label, panel, question, url } from "../lib/api.js";
import { $, failure, fill, folded, h, icon, say, skeleton } from "../lib/dom.js";
import { nothing } from "../lib/empty.js";
import { offerList } from "../lib/files.js";
import { day, month, number, period, plural } from "../lib/format.js";
import { written } from "../lib/only.js";
import { kind } from "./incident_words.js";

const ROWS = 25;
const root = $("#list");
const layer = panel.layers.find((each) => each.name === "incidents");
const began = address.read();

const COLUMNS = [
  { name: "day", title: "Day", down: true, cell: (p) => (p.occurred_from === p.occurred_to ? day(p.occurred_from) : period(p.occurred_from, p.occurred_to)) },
  { name: "type", title: "Reported as", cell: (p) => [h("div", {}, kind(p.event_type)), h("div", { class: "hint-text" }, p.sub_event_type)] },
  { name: "district", title: "Place", cell: (p) => [h("div", {}, p.location ?? "Place not named"), h("div", { class: "hint-text" }, districtOf(p.pcode))] },
  { name: "deaths", title: "Deaths reported", end: true, down: true, cell: (p) => number(p.fatalities) },
  { name: "verification", title: "Verification", cell: (p) => label("verification", p.verification) },
  { name: "source", title: "Source", cell: (p) => p.source },
];
const FILTERS = {
  month: { title: "Month", words: month },
  event_type: { title: "Type", words: kind },
  verification: { title: "Verification", words: (value) => label("verification", value) },
  deaths: { title: "Deaths", words: (value) => `${number(Number(value))} or more` },
  source: { title: "Source", words: (value) => value },
  district: { title: "District", words: (value) => districtOf(value) },
  spot: { title: "Hot spot", words: () => spotCalled },
};
const DEATHS = ["1", "5", "10", "25"];

const wanted = began.get("list") ?? "";
const state = {
  filters: Object.fromEntries(Object.keys(FILTERS).map((name) => [name, began.get(name) ?? ""])),
  sort: COLUMNS.some((column) => column.name === wanted.replace("-", "")) ? wanted : "day",
  page: Math.max(0, (Math.round(Number(began.get("page"))) || 1) - 1),
};
if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(state.filters.month)) state.filters.month = "";
/** @type {{ rows: any[], all: number, matched: number, groups: Record<string, Record<string, number>>, withheld?: string } | null} */
let found = null;
let trends = null;
let names = new Map();
let spotCalled = "chosen on the map";
const districtOf = (pcode) => names.get(pcode) ?? pcode ?? "In no district on record";

// The days of the chosen month within those of the page; all of the page's without one.
function days() {
  const { month: chosen } = state.filters;
  const [from, to] = question.datetime.split("/");
  if (!chosen) return question.datetime;
  const [y, m] = chosen.split("-").map(Number);
  const last = new Date(Date.UTC(y, m, 0)).toISOString().slice(0, 10);
  return `${`${chosen}-01` < from ? from : `${chosen}-01`}/${last > to && `${chosen}-01` <= to ? to : last}`;
}

// The filters as the service has them: a hot spot is one of the days of the page, also where a month of them is listed.
const filters = () => {
  const { month: _, spot, ...plain } = state.filters;
  return { ...plain, spot: spot && `${spot}:${question.datetime}` };
};
const asked = () => {
  const { month: chosen } = state.filters;
  return { ...filters(), sort: state.sort, datetime: chosen ? days() : question.datetime };
};

const active = () => Object.entries(state.filters).filter(([, value]) => value);

/** The list of the months that the counts are of; a month outside them is left. */
export async function listIncidents(counts) {
  trends = counts;
  names = new Map(counts.rows.filter((row) => row.district).map((row) => [row.pcode, row.district]));
  if (state.filters.month && (state.filters.month < counts.from.slice(0, 7) || state.filters.month >= counts.until.slice(0, 7))) state.filters.month = "";
  await show();
}

/** The map beside the list holds what is listed: `tell` is told what its incidents are narrowed to. */
export const follow = (tell) => (told = tell);
let told = () => {};

/** Lists the incidents of one hot spot, called so in words; of all with null. */
export async function ofSpot(id, called = "") {
  const now = id === null ? "" : String(id);
  if (called) spotCalled = called;
  if (state.filters.spot === now) return void (found && draw());
  state.filters.spot = now;
  state.page = 0;
  await show();
}

/** Narrows the list, as a bar of the chart or a row of the table says, and goes there. */
export async function narrow(filters) {
  Object.assign(state.filters, filters);
  state.page = 0;
  await show();
  root.scrollIntoView({ block: "start" });
  root.focus({ preventScroll: true });
}

async function show() {
  told(written("incidents", filters()));
  address.write({ ...state.filters, list: state.sort === "day" ? null : state.sort, page: state.page ? state.page + 1 : null });
  if (!["exact", "settlement"].includes(layer.access)) {
    found = null;
    return void fill(root, head(""), nothing("incidents", { title: "None", words: "" }));
  }
  const now = { ...asked(), limit: ROWS, offset: state.page * ROWS };
  const waiting = setTimeout(() => fill(root, head(""), skeleton(6, 40)), 150);
  try {
    let got = await get("/lists/incidents", now);
    if (!got.rows.length && got.matched) {
      state.page = Math.floor((got.matched - 1) / ROWS);
      address.write({ page: state.page ? state.page + 1 : null });
      got = await get("/lists/incidents", { ...now, offset: state.page * ROWS });
    }
    if (JSON.stringify(asked()) !== JSON.stringify({ ...now, limit: undefined, offset: undefined })) return;
    found = got;
    draw();
  } catch (problem) {
    found = null;
    fill(root, head(""), failure(problem, show));
  } finally {
    clearTimeout(waiting);
  }
}

const head = (words) => h("div", { class: "chart-head" }, h("h2", {}, "Single incidents"), h("span", { class: "hint-text" }, words));

function draw() {
  const { rows, all, matched } = found;
  const from = state.page * ROWS;
  const rough = trends?.unplaced ? ` ${number(trends.unplaced)} of the chosen months are known only roughly and not listed here: they are counted above, and on the map.` : "";
  fill(root,
    head(`${number(matched)} of ${number(all)} ${state.filters.month ? `of ${month(state.filters.month)}` : "of the chosen months"}`),
    h("form", { class: "list-filters", "aria-label": "Filters of the list", onsubmit: (event) => event.preventDefault() }, folded(Object.keys(FILTERS).map(chip), (each) => each.matches(".on")),
      active().length > 0 && h("button", { type: "button", class: "quiet", onclick: clear }, "Clear all")),
    rows.length ? table(rows) : empty(),
    matched > 0 && h("p", { class: "to-map" }, h("a", { class: "button small", href: listOnMap() }, icon("layers"), "Show on map")),
    h("div", { class: "table-foot" }, h("span", { class: "hint-text" }, `${rows.length ? `Rows ${number(from + 1)} – ${number(from + rows.length)}.` : ""}${rough}`),
      matched > ROWS && h("span", { class: "pages" },
        h("button", { type: "button", class: "button small", disabled: from === 0, onclick: () => turn(-1) }, "Previous"),
        h("button", { type: "button", class: "button small", disabled: from + ROWS >= matched, onclick: () => turn(1) }, "Next"))));
  say(`${plural(matched, "incident")} listed`);
}

function clear() {
  for (const name of Object.keys(FILTERS)) state.filters[name] = "";
  state.page = 0;
  show();
}

function chip(name) {
  const value = state.filters[name];
  if (name === "spot")
    return value ? h("span", { class: "chip on" }, "Hot spot", h("b", {}, spotCalled), h("button", { type: "button", class: "bare", "aria-label": "Clear Hot spot", onclick: () => ofSpot(null) }, icon("close"))) : null;
  const codes = name === "month" ? [...new Set(trends.series.map((part) => part.month))].filter((each) => each >= trends.from.slice(0, 7)) : name === "deaths" ? DEATHS : Object.keys(found.groups[name] ?? {});
  if (name === "deaths" ? found.rows.length > 0 && !("fatalities" in found.rows[0]) : name !== "month" && !found.groups[name]) return null;
  if (value && !codes.includes(value)) codes.push(value);
  const told = codes.map((code) => [code, `${FILTERS[name].words(code)}${found.groups[name] ? ` (${number(found.groups[name][code] ?? 0)})` : ""}`]);
  if (name !== "deaths" && name !== "month") told.sort((a, b) => a[1].localeCompare(b[1]));
  return h("label", { class: value ? "chip on" : "chip" }, FILTERS[name].title,
    h("select", { name, onchange: async (event) => {
      state.filters[name] = event.target.value;
      state.page = 0;
      await show();
      $(`#list [name="${name}"]`)?.focus();
    } }, h("option", { value: "" }, "any"), told.map(([code, words]) => h("option", { value: code, selected: code === value }, words))));
}

const table = (rows) => h("div", { class: "scroll", role: "region", "aria-label": "Table of single incidents", tabindex: 0 },
  h("table", { class: "list" },
    h("thead", {}, h("tr", {}, COLUMNS.map(header), h("th", { scope: "col" }, h("span", { class: "unseen" }, "On the map")))),
    h("tbody", {}, rows.map((p) => h("tr", { "data-id": p.id }, COLUMNS.map((column) => h("td", { class: column.end ? "end" : null }, column.cell(p))),
      h("td", {}, h("a", { href: onMap(p), "aria-label": `On the map: ${kind(p.event_type)}, ${day(p.occurred_from)}, ${p.location ?? districtOf(p.pcode)}` }, icon("next"))))))));

// The record, open on the map, in the days of the list.
const onMap = (p) => url("/map", { datetime: days(), layers: "basemap,boundaries,incidents", open: `incidents/${p.id}` });

// The same incidents on the map, in the days of the list.
const listOnMap = () => url("/map", { datetime: days(), layers: "basemap,boundaries,incidents", only: written("incidents", filters()), sorted: state.sort === "day" ? "" : state.sort });

function header(column) {
  const back = state.sort === `-${column.name}`;
  const sorted = back || state.sort === column.name;
  const down = Boolean(column.down) !== back;
  return h("th", { scope: "col", class: column.end ? "end" : null, "aria-sort": sorted ? (down ? "descending" : "ascending") : "none" },
    h("button", { type: "button", class: sorted ? "sort on" : "sort", "data-list": column.name, onclick: async () => {
      state.sort = sorted && !back ? `-${column.name}` : column.name;
      state.page = 0;
      await show();
      $(`#list [data-list="${column.name}"]`)?.focus();
    } }, column.title, sorted && icon(down ? "down" : "up")));
}

async function turn(by) {
  state.page += by;
  await show();
  $("#list .scroll")?.focus();
}

function empty() {
  if (found.all && active().length)
    return h("div", { class: "state" }, h("p", { class: "state-title" }, "Nothing matches"),
      h("p", {}, `${plural(found.all, "incident")} hidden by ${active().map(([name, value]) => `“${FILTERS[name].title}: ${FILTERS[name].words(value)}”`).join(" and ")}. Nothing was removed.`));
  return nothing("incidents", { title: "None in these days", words: "No single incident is recorded in them. Absence of data is not absence of risk." }, found);
}

offerList(() => found && { name: "incidents", title: "Single incidents", asked: { ...asked(), sort: undefined }, matched: found.matched });
