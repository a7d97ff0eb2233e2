// What is going on: months beside the months before, districts and types, and the hot spots on the map.

import * as address from "../lib/address.js";
import { get, label, panel, question, url } from "../lib/api.js";
import { MOST, stacked, swatchOf } from "../lib/charts.js";
import { nothing } from "../lib/empty.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { boxOf } from "../lib/shapes.js";
import { drawSpots, listSpots } from "./hot_spots.js";
import { follow, listIncidents, narrow, ofSpot } from "./incident_list.js";
import { mounted } from "../map/tiles.js";
import { day, month, number, percent, plural } from "../lib/format.js";

const ROWS = innerWidth < 768 ? 10 : 50;
const form = $("#span");
const began = address.read();
const [access, counts] = [panel.layers.find((layer) => layer.name === "incidents").access, panel.layers.find((layer) => layer.name === "incident_counts")];
const COLUMNS = [
  { name: "district", title: "District", sort: (r) => r.district ?? r.pcode, words: "by district" },
  { name: "event_type", title: "Reported as", sort: (r) => kindOf(r.event_type).label, words: "by type" },
  { name: "n", title: "Incidents", end: true, sort: (r) => -r.n, down: true, words: "most incidents first" },
  { name: "before", title: "Before", end: true, sort: (r) => -r.before, down: true, words: "most before first" },
  { name: "change", title: "Change", end: true, sort: (r) => -r.change, down: true, words: "greatest increase first" },
  { name: "unplaced", title: "Place not known", end: true, sort: (r) => -r.unplaced, down: true, words: "most without a place first" },
  { name: "fatalities", title: "Deaths reported", end: true, sort: (r) => -r.fatalities, down: true, words: "most deaths first" },
];
const state = { found: null, kinds: [], sort: COLUMNS.some((c) => c.name === began.get("sort")) ? began.get("sort") : "n", rows: ROWS, redraw: null };
let map, tiles;
let only = "";
const askTiles = () => tiles?.ask({ ...question, only });
follow((narrowed) => {
  const spot = address.read().get("spot");
  if (only === narrowed) return;
  only = narrowed;
  askTiles();
  if (spot && !narrowed.includes("spot=")) unchosen();
});

// ---- which months ----------------------------------------------------------------------------------------------

const back = (text, months) => {
  const [y, m] = text.split("-").map(Number);
  return new Date(Date.UTC(y, m - 1 - months, 1)).toISOString().slice(0, 7);
};
const newest = panel.as_of.slice(0, 7);
// The last month that a person chose; without one the service says the newest months that hold any.
let wanted = /^\d{4}-(0[1-9]|1[0-2])$/.test(began.get("until") ?? "") ? began.get("until") : "";
const untils = [...new Set([wanted || newest, ...Array.from({ length: 60 }, (_, i) => back(newest, i))])].sort().reverse();
const lengths = [...new Set([1, 3, 6, 12, 24, 48, Math.min(60, Math.max(1, Math.round(Number(began.get("months"))) || 3))])].sort((a, b) => a - b);
fill(form.elements.months, lengths.map((n) => h("option", { value: n, selected: n === (Number(began.get("months")) || 3) }, n)));
fill(form.elements.until, untils.map((each) => h("option", { value: each, selected: each === (wanted || newest) }, month(each))));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", (event) => {
  if (event.target === form.elements.until) wanted = form.elements.until.value;
  state.rows = ROWS;
  load();
});

// The days of the months, as far as they have come.
function daysOf(found) {
  const last = new Date(Date.parse(found.until) - 86400000).toISOString().slice(0, 10);
  return `${found.from}/${last > panel.as_of && found.from <= panel.as_of ? panel.as_of : last}`;
}

// The list says the month that is told, also one that is older than those it offers.
function showUntil(last) {
  const list = form.elements.until;
  if (![...list.options].some((option) => option.value === last)) list.append(h("option", { value: last }, month(last)));
  list.value = last;
}

async function load() {
  const asked = { months: form.elements.months.value, until: wanted };
  address.write({ months: asked.months === "3" ? null : asked.months, until: wanted || null });
  const waiting = setTimeout(() => fill($("#table"), skeleton(6, 40)), 150);
  try {
    const found = await get("/trends", { ...asked, datetime: "" });
    if (asked.months !== form.elements.months.value || asked.until !== wanted) return;
    state.found = found;
    showUntil(back(found.until, 1));
    question.datetime = daysOf(found);
    state.kinds = kindsOf(found);
    drawFigures(found);
    drawChart(found);
    drawTable();
    askTiles();
    say(`${plural(found.n, "incident")}, ${plural(found.before, "incident")} before`);
  } catch (problem) {
    for (const part of ["#figures", "#chart", "#spots"]) fill($(part));
    fill($("#table"), failure(problem, load));
    return;
  } finally {
    clearTimeout(waiting);
  }
  await Promise.all([listIncidents(state.found), loadSpots()]);
}

// ---- the figures -----------------------------------------------------------------------------------------------

const signed = (n) => (n > 0 ? `+${number(n)}` : n < 0 ? `−${number(-n)}` : "0");
const months = (found) => (back(found.until, 1) === found.from.slice(0, 7) ? month(found.from) : `${month(found.from)} – ${month(back(found.until, 1))}`);
const monthsBefore = (found) => (back(found.from, 1) === found.before_from.slice(0, 7) ? month(found.before_from) : `${month(found.before_from)} – ${month(back(found.from, 1))}`);

// The months of which nothing is recorded: against these a percentage would compare with silence.
function silentMonths(found) {
  const told = new Set(found.series.map((part) => part.month));
  const silent = [];
  for (let at = found.before_from.slice(0, 7); at < found.until.slice(0, 7) && at <= newest; at = back(at, -1)) if (!told.has(at)) silent.push(at);
  return silent;
}

function drawFigures(found) {
  // figures that are withheld, or of a day on which nothing was known, are no zeros
  if (found.unknown || counts.access === "withheld") return void fill($("#figures"));
  const key = (value, words, more) => h("div", { class: "figure" }, h("b", {}, value), h("span", {}, words), h("span", { class: "hint-text" }, more));
  const silent = silentMonths(found);
  const share = !silent.length && found.before >= 20 && Math.abs(found.change) <= 2 * found.before ? `, ${percent(Math.abs(found.change) / found.before)} ${found.change < 0 ? "fewer" : "more"}` : "";
  const partial = found.until.slice(0, 10) > panel.as_of && found.from <= panel.as_of;
  fill($("#figures"),
    h("p", { class: "months-words" }, h("b", {}, months(found)), ` beside ${monthsBefore(found)}`, partial ? `; ${month(panel.as_of)} is not over, counted to ${day(panel.as_of)}` : "",
      !wanted && back(found.until, 1) < newest ? `; newest records: ${month(back(found.until, 1))}` : "",
      question.as_of ? `; as known on ${panel.as_of_text}` : "",
      silent.length ? `. No data for ${silent.length > 3 ? plural(silent.length, "month") : silent.map(month).join(", ")}: no percentage is told` : ""),
    h("div", { class: "figures" },
      key(number(found.n), "incidents", `${number(found.unplaced)} without a known place${found.nowhere.n ? `, ${number(found.nowhere.n)} in no district` : ""}`),
      key(signed(found.change), "change", `${number(found.before)} before${share}`),
      key(number(found.fatalities), "deaths reported", `${number(found.fatalities_before)} before`),
      key(number(found.districts), found.districts === 1 ? "district with incidents" : "districts with incidents", `${number(found.districts_before)} before`)));
}

// ---- by month --------------------------------------------------------------------------------------------------

const rules = panel.layers.find((layer) => layer.name === "incidents").style.rules;

// The types that occur, in the legend's order, those without a class of their own after them; the least of many are one.
function kindsOf(found) {
  const totals = new Map();
  for (const part of found.series) totals.set(part.event_type, (totals.get(part.event_type) ?? 0) + part.n);
  const place = (type) => (rules.findIndex((r) => r.value === type) + 1 || rules.length + 1);
  const types = [...totals.keys()].sort((a, b) => totals.get(b) - totals.get(a) || (a < b ? -1 : 1));
  const own = types.length > MOST ? types.slice(0, MOST - 1) : types;
  const kinds = own.sort((a, b) => place(a) - place(b) || totals.get(b) - totals.get(a)).map((type) => {
    const rule = rules.find((r) => r.value === type);
    return { types: [type], label: rule?.label ?? type, glyph: rule?.symbol.glyph };
  });
  if (types.length > MOST) kinds.push({ types: types.filter((t) => !own.includes(t)), label: "Other", glyph: "dot" });
  return kinds;
}

const kindOf = (type) => {
  const rule = rules.find((r) => r.value === type);
  return { label: rule?.label ?? type, glyph: rule?.symbol.glyph };
};

function drawChart(found) {
  if (!found.series.length) {
    state.redraw = null;
    return void fill($("#chart"));
  }
  const bars = [];
  for (let at = found.before_from.slice(0, 7); at < found.until.slice(0, 7); at = back(at, -1)) {
    const own = found.series.filter((part) => part.month === at);
    const parts = state.kinds.map((kind) => own.filter((p) => kind.types.includes(p.event_type)).reduce((sum, p) => sum + p.n, 0));
    const said = state.kinds.map((kind, i) => parts[i] && `${kind.label} ${number(parts[i])}`).filter(Boolean).join(", ");
    bars.push({ month: at, name: month(at), short: month(at).replace(/ 20(\d\d)$/, " ’$1"), parts, faint: at < found.from.slice(0, 7),
      says: `${month(at)}: ${plural(parts.reduce((a, b) => a + b, 0), "incident")}${said ? `; ${said}` : ""}` });
  }
  const begins = bars.filter((b) => b.faint).length;
  state.redraw = stacked($("#chart"), { id: "chart-title", title: "Incidents by month and type", words: "paler: the months before; a bar chooses its month for the list", kinds: state.kinds, bars, begins,
    choose: (bar) => !bar.faint && narrow({ month: bar.month }) });
}

// ---- by district and type --------------------------------------------------------------------------------------

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function sortedRows() {
  const column = COLUMNS.find((c) => c.name === state.sort);
  return [...state.found.rows].sort((a, b) => compare(column.sort(a), column.sort(b)) || compare(a.district ?? a.pcode, b.district ?? b.pcode) || compare(a.event_type, b.event_type));
}

function drawTable() {
  const { found } = state;
  if (!found.rows.length) return void fill($("#table"), empty(found));
  const rows = sortedRows();
  const shown = rows.slice(0, state.rows);
  const most = Math.max(...rows.map((r) => Math.max(r.n, r.before)));
  const bar = (n, kind) => h("span", { class: `bar-of ${kind}`, "aria-hidden": "true" }, h("i", { style: `inline-size:${(100 * n) / most}%` }));
  const signs = new Map(state.kinds.flatMap((kind, place) => kind.types.map((type) => [type, [kind, place]])));
  fill($("#table"),
    h("div", { class: "chart-head" }, h("h2", {}, "By district and type"), h("span", { class: "hint-text" }, `Sorted: ${COLUMNS.find((c) => c.name === state.sort).words}, then by district`),
      h("button", { type: "button", class: "button small", onclick: saveCsv }, icon("download"), "CSV")),
    h("div", { class: "scroll", role: "region", "aria-label": "Table by district and type", tabindex: 0 },
      h("table", { class: "list" },
        h("thead", {}, h("tr", {}, COLUMNS.map(header))),
        h("tbody", {}, shown.map((r) => h("tr", {},
          h("th", { scope: "row" }, h("button", { type: "button", class: "bare to-list", title: "List its incidents of this type", onclick: () => narrow({ district: r.pcode, event_type: r.event_type }) }, r.district ?? r.pcode), h("span", { class: "hint-text" }, r.district ? r.pcode : "no name on record")),
          h("td", {}, h("span", { class: "kind" }, signs.has(r.event_type) && swatchOf(...signs.get(r.event_type)), kindOf(r.event_type).label)),
          h("td", { class: "end" }, h("b", {}, number(r.n)), bar(r.n, "now")),
          h("td", { class: "end" }, number(r.before), bar(r.before, "was")),
          h("td", { class: "end" }, signed(r.change)), h("td", { class: "end" }, number(r.unplaced)), h("td", { class: "end" }, number(r.fatalities))))))),
    h("div", { class: "table-foot" }, h("span", { class: "hint-text" }, `${number(shown.length)} of ${plural(rows.length, "row")}. Fewer reports may mean less reporting.`),
      shown.length < rows.length && h("button", { type: "button", class: "button small", onclick: more }, `Show ${number(Math.min(ROWS, rows.length - shown.length))} more`)));
}

function more() {
  state.rows += ROWS;
  drawTable();
  $("#table .scroll").focus();
}

function header(column) {
  const sorted = state.sort === column.name;
  return h("th", { scope: "col", class: column.end ? "end" : null, "aria-sort": sorted ? (column.down ? "descending" : "ascending") : "none" },
    h("button", { type: "button", class: sorted ? "sort on" : "sort", "data-sort": column.name, onclick: () => {
      state.sort = column.name;
      address.write({ sort: column.name === "n" ? null : column.name });
      drawTable();
      $(`#table [data-sort="${column.name}"]`).focus();
    } }, column.title, sorted && icon("down")));
}

function empty(found) {
  const more_ = [h("a", { class: "button", href: url("/import", { datetime: "" }) }, icon("upload"), "Import a file")];
  if (found.nowhere.n + found.nowhere.before) return nothing("boundaries", { title: "In no district", words: "The incidents of these months lie in no district on record. Import boundaries first, then the incidents again.", more: more_ });
  return nothing("incident_counts", { title: "None in these months", words: `No incident is recorded from ${day(found.before_from)} to before ${day(found.until)}. Choose other months, or import a list. Absence of data is not absence of risk.`, more: more_ }, found);
}

// ---- to take along ---------------------------------------------------------------------------------------------

// Each row says for itself what it is a count of and how it may be handled. A text that a spreadsheet would reckon is made one.
function csv(found) {
  const cell = (value) => {
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value ?? "") ? `'${value}` : (value ?? "");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const head = [["P-code", "#adm2+code"], ["District", "#adm2+name"], ["Reported as", "#event+type"], ["From", "#date+start"], ["To before", "#date+end"], ["Incidents", "#meta+count"],
    ["Before", "#meta+count+before"], ["Change", "#meta+count+change"], ["Place not known", "#meta+count+unplaced"], ["Deaths reported", "#affected+killed"], ["Handling", "#meta+handling"], ["As of", "#date+reported"]];
  const rows = sortedRows().map((r) => [r.pcode, r.district, r.event_type, found.from, found.until, r.n, r.before, r.change, r.unplaced, r.fatalities, `TLP:${panel.audience.handling}`, panel.as_of]);
  return [head.map((c) => c[0]), head.map((c) => c[1]), ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

function saveCsv() {
  const link = h("a", { href: URL.createObjectURL(new Blob(["\uFEFF", csv(state.found)], { type: "text/csv" })), download: `incidents-${state.found.from.slice(0, 7)}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// ---- where it gathers ------------------------------------------------------------------------------------------

async function loadSpots() {
  const asked = question.datetime;
  const hidden = access !== "exact" && access !== "settlement";
  try {
    const { features: found, scattered } = hidden ? { features: [] } : await get("/hot-spots");
    if (asked !== question.datetime) return;
    found.sort((a, b) => b.properties.n - a.properties.n || a.properties.id - b.properties.id);
    listSpots($("#spots"), found, { hidden, scattered, choose: (feature) => choose(feature) });
    const chosen = found.find((feature) => String(feature.properties.id) === address.read().get("spot"));
    mounted.then(({ map: on }) => {
      drawSpots(on, found, choose);
      if (chosen) choose(chosen);
      else leave();
    });
  } catch (problem) {
    fill($("#spots"), failure(problem, loadSpots));
  }
}

function whole() {
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
}

// Escape leaves the hot spot, unless it closes something that lies over the page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !address.read().get("spot") || document.querySelector("dialog[open]")) return;
  leave();
  if (map) whole();
  say("Hot spot left");
});

function leave() {
  unchosen();
  ofSpot(null);
}

function unchosen() {
  tiles?.select(null);
  for (const each of document.querySelectorAll("#spots [data-id]")) each.setAttribute("aria-pressed", "false");
}

function choose(feature) {
  const box = boxOf(feature.geometry);
  ofSpot(feature.properties.id, `${feature.properties.district ?? "outside the districts on record"}, ${plural(feature.properties.n, "incident")}`);
  tiles?.select({ layer: "hot_spots", id: feature.properties.id });
  for (const each of document.querySelectorAll("#spots [data-id]")) each.setAttribute("aria-pressed", String(each.dataset.id === String(feature.properties.id)));
  map?.fitBounds([[box[1], box[0]], [box[3], box[2]]], { padding: [40, 40], maxZoom: 11, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches, duration: 0.5 });
  say(`Hot spot ${feature.properties.district ?? ""}, ${plural(feature.properties.n, "incident")}, ${label("courses", feature.properties.course)}`);
}

mounted.then((made) => {
  ({ map, tiles } = made);
  whole();
  const shown = ["basemap", "boundaries", "incident_counts", "hot_spots", "incidents"];
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: shown.includes(layer.name), opacity: layer.style.opacity });
  tiles.refresh();
  if (question.datetime) askTiles();
});

let resized;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => state.redraw?.(), 150);
});

await load();
