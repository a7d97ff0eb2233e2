// The register: a table of overlaps a meeting works down, with the map beside it; doubles and gaps in two more tabs.

import * as address from "../lib/address.js";
import { items, label, panel, question, url } from "../lib/api.js";
import { COLUMNS, FIRST_SORT } from "./columns.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { Drawer } from "../map/drawer.js";
import { FILTERS, matches, words as filterWords } from "./filters.js";
import { speak } from "../map/overlap.js";
import { boxOf } from "../lib/shapes.js";
import { mounted } from "../map/tiles.js";
import { day, number, plural } from "../lib/format.js";

const ROWS = 50;
const OPEN = ["new", "acknowledged", "in_coordination", "agreed", "monitoring"];
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const began = address.read();
question.datetime = began.days;

const state = {
  tab: ["doubles", "gaps"].includes(began.get("tab")) ? began.get("tab") : "overlaps",
  sort: began.get("sort") || "new",
  page: 0,
  filters: Object.fromEntries(Object.keys(FILTERS).map((name) => [name, began.get(name) || ""])),
  rows: {},
};

// ---- the list --------------------------------------------------------------------------------------------------

async function load(tab) {
  if (state.rows[tab]) return;
  const waiting = setTimeout(() => state.tab === tab && fill($("#table"), skeleton(8, tab === "overlaps" ? 52 : 40)), 150);
  try {
    state.rows[tab] = await items(tab);
    $(`#tab-${tab} span`).textContent = number(state.rows[tab].length);
  } finally {
    clearTimeout(waiting);
  }
}

async function show() {
  const { tab } = state;
  for (const name of Object.keys(COLUMNS)) {
    const button = $(`#tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }
  $("#table").setAttribute("aria-labelledby", `tab-${tab}`);
  address.write({ tab: tab === "overlaps" ? null : tab, sort: state.sort === "new" ? null : state.sort, ...state.filters });
  try {
    await load(tab);
  } catch (problem) {
    fill($("#table"), failure(problem, show));
    return;
  }
  if (tab !== state.tab) return;
  drawFilters();
  drawTable();
}

function chosenRows() {
  const all = state.rows[state.tab] ?? [];
  const column = COLUMNS[state.tab].find((c) => c.name === state.sort);
  const order = column?.sort ?? FIRST_SORT[state.tab].sort;
  return all.filter((f) => matches(f.properties, state.filters, state.tab)).sort((a, b) => order(a.properties, b.properties));
}

function drawTable() {
  const all = state.rows[state.tab];
  const rows = chosenRows();
  const columns = COLUMNS[state.tab];
  counted(all, rows);
  if (!rows.length) return void fill($("#table"), empty(all));
  state.page = Math.min(state.page, Math.floor((rows.length - 1) / ROWS));
  const from = state.page * ROWS;
  const shown = rows.slice(from, from + ROWS);
  fill($("#table"),
    h("div", { class: "scroll", role: "region", "aria-label": "Table", tabindex: 0 },
      h("table", { class: `list ${state.tab}` },
        h("thead", {}, h("tr", {}, columns.map(header))),
        h("tbody", {}, shown.map((feature) => line(feature, columns))))),
    h("div", { class: "table-foot" },
      h("span", { class: "hint-text" }, `Sorted: ${sortWords()}`),
      h("span", { class: "pages" }, h("span", {}, `Rows ${number(from + 1)} – ${number(from + shown.length)} of ${number(rows.length)}`),
        h("button", { type: "button", class: "button small", disabled: from === 0, onclick: () => turn(-1) }, "Previous"),
        h("button", { type: "button", class: "button small", disabled: from + ROWS >= rows.length, onclick: () => turn(1) }, "Next"))));
}

function turn(by_) {
  state.page += by_;
  drawTable();
  $("#table .scroll").focus();
}

const sortWords = () => {
  const column = COLUMNS[state.tab].find((c) => c.name === state.sort);
  return column ? `${column.title}, then code` : FIRST_SORT[state.tab].words;
};

function header(column) {
  const sorted = state.sort === column.name;
  const attributes = { scope: "col", class: column.end ? "end" : null };
  if (!column.sort) return h("th", attributes, column.title);
  return h("th", { ...attributes, "aria-sort": sorted ? (column.down ? "descending" : "ascending") : "none" },
    h("button", { type: "button", class: sorted ? "sort on" : "sort", onclick: () => {
      state.sort = sorted ? "new" : column.name;
      state.page = 0;
      show();
    } }, column.title, sorted && icon("down")));
}

function line(feature, columns) {
  const p = feature.properties;
  const row = h("tr", {
    "data-id": p.id, class: open?.id === p.id ? "on" : null,
    onmouseenter: () => state.tab === "overlaps" && !open && highlight(feature),
    onclick: () => choose(feature),
  }, columns.map((c, i) => h(i === 1 && state.tab === "overlaps" ? "th" : "td", { class: c.end ? "end" : null, scope: i === 1 && state.tab === "overlaps" ? "row" : null }, c.cell(p, feature))));
  const name = state.tab === "overlaps" ? speak(p) : `${p.district}, ${label("sectors", p.sector)}`;
  row.lastChild.append(h("button", { type: "button", class: "bare row-open", "aria-label": `Open ${name}`, onclick: (e) => { e.stopPropagation(); choose(feature); } }, icon("next")));
  return row;
}

function counted(all, rows) {
  const parts = state.tab === "overlaps"
    ? [`${number(all.filter((f) => OPEN.includes(f.properties.status)).length)} open of ${number(all.length)}`,
       `${number(all.filter((f) => f.properties.status === "new").length)} new`,
       `${number(all.filter((f) => !f.properties.owner).length)} without an owner`, `${number(rows.length)} listed`]
    : [`${number(rows.length)} of ${plural(all.length, state.tab === "doubles" ? "double" : "gap")}`];
  $("#counted").textContent = parts.join(" · ");
  say(`${plural(rows.length, "row")} listed`);
}

function empty(all) {
  const active = Object.entries(state.filters).filter(([, value]) => value);
  if (all.length && active.length)
    return h("div", { class: "state" }, h("p", { class: "state-title" }, "Nothing matches"),
      h("p", {}, `${plural(all.length, "row")} hidden by ${active.map(([name, value]) => `“${filterWords(name, value)}”`).join(" and ")}. Nothing was removed.`),
      h("button", { type: "button", class: "button", onclick: clear }, `Clear ${plural(active.length, "filter")}`));
  const withheld = panel.layers.find((l) => l.name === state.tab)?.access === "withheld";
  if (withheld) return h("div", { class: "state" }, h("p", { class: "state-title" }, icon("lock"), "Withheld"), h("p", {}, `${panel.audience.title} is not shown this list.`));
  return h("div", { class: "state" }, h("p", { class: "state-title" }, "None yet"),
    h("p", {}, state.tab === "gaps" ? "No district is without a known presence in a sector that others are served in." : "They are computed when two areas share ground and time. Import presence (3W) or areas of operation."),
    h("a", { class: "button primary", href: url("/import") }, icon("upload"), "Import a file"));
}

// ---- filters ---------------------------------------------------------------------------------------------------

function clear() {
  for (const name of Object.keys(state.filters)) state.filters[name] = "";
  state.page = 0;
  show();
}

function drawFilters() {
  const all = (state.rows[state.tab] ?? []).map((f) => f.properties);
  const set = (name) => (event) => {
    state.filters[name] = event.target.value;
    state.page = 0;
    address.write(state.filters);
    drawTable();
    drawFilters();
    $(`#filters [name="${name}"]`)?.focus();
  };
  const active = Object.values(state.filters).some(Boolean);
  const chips = Object.entries(FILTERS).filter(([, f]) => f.tabs.includes(state.tab)).map(([name, filter]) => {
    const value = state.filters[name];
    const control = filter.type === "select"
      ? h("select", { name, onchange: set(name) }, h("option", { value: "" }, "any"), filter.options(all).map(([code, words]) => h("option", { value: code, selected: code === value }, words)))
      : filter.type === "date" ? h("span", { class: "day", "data-words": day(value, "any") }, h("input", { name, type: "date", value, onchange: set(name) }))
        : h("input", { name, type: "search", value, placeholder: filter.hint, onchange: set(name), autocomplete: "off" });
    return h("label", { class: value ? "chip on" : "chip" }, filter.type === "search" ? icon("search") : null, h("span", { class: filter.type === "search" ? "unseen" : "" }, filter.title), control,
      value && h("button", { type: "button", class: "bare", "aria-label": `Clear ${filter.title}`, onclick: () => set(name)({ target: { value: "" } }) }, icon("close")));
  });
  fill($("#filters"), chips, active && h("button", { type: "button", class: "quiet", onclick: clear }, "Clear all"));
}

$("#filters").addEventListener("submit", (event) => event.preventDefault());

// ---- map and drawer --------------------------------------------------------------------------------------------

let tiles = null;
let map = null;
let open = null;

function highlight(feature) {
  tiles?.select(feature ? { layer: state.tab, id: feature.properties.id } : null);
}

function choose(feature) {
  open = feature.properties;
  highlight(feature);
  for (const row of document.querySelectorAll("#table tr[data-id]")) row.classList.toggle("on", row.dataset.id === String(open.id));
  requestAnimationFrame(() => zoomTo(feature));
  if (state.tab !== "overlaps") return;
  const p = feature.properties;
  drawer.show([{ layer: "overlaps", layer_title: "Overlap", id: p.id, title: `${p.actor_a ?? "Withheld"} and ${p.actor_b ?? "withheld"}`, properties: p, rows: [], bbox: boxOf(feature.geometry) }]);
}

function zoomTo(feature) {
  const box = boxOf(feature.geometry);
  if (!map || !box) return;
  map.invalidateSize({ pan: false });
  map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { padding: [36, 36], maxZoom: 11, animate: !still, duration: 0.5 });
}

const drawer = new Drawer($("#drawer"), {
  opened(record, fly) {
    address.write({ open: record ? `overlaps/${record.id}` : null });
    if (fly) zoomTo(state.rows.overlaps.find((f) => f.properties.id === record.id));
    if (record) return;
    const id = open?.id;
    open = null;
    highlight(null);
    for (const row of document.querySelectorAll("#table tr.on")) row.classList.remove("on");
    requestAnimationFrame(() => map?.invalidateSize({ pan: false }));
    requestAnimationFrame(() => $(`#table tr[data-id="${id}"] .row-open`)?.focus());
  },
  ruleOf: () => null,
  changed(record) {
    const feature = state.rows.overlaps.find((f) => f.properties.id === record.id);
    Object.assign(feature.properties, record.properties);
    // The row stays where it is, also when its new status sorts it elsewhere: nobody loses the line they work on.
    $(`#table tr[data-id="${record.id}"]`)?.replaceWith(line(feature, COLUMNS.overlaps));
    counted(state.rows.overlaps, chosenRows());
  },
});

for (const tab of Object.keys(COLUMNS)) {
  const button = $(`#tab-${tab}`);
  button.addEventListener("click", () => {
    if (drawer.isOpen) drawer.close();
    Object.assign(state, { tab, page: 0, sort: "new" });
    drawMap();
    show();
  });
  button.addEventListener("keydown", (event) => {
    const by_ = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by_) return;
    const names = Object.keys(COLUMNS);
    const next = $(`#tab-${names[(names.indexOf(tab) + by_ + names.length) % names.length]}`);
    next.focus();
    next.click();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer.isOpen) drawer.close();
});

// The map beside the table has the ground and the list's own layer, nothing else.
function drawMap() {
  if (!tiles) return;
  const shown = ["basemap", "boundaries", state.tab, ...(state.tab === "overlaps" ? ["areas_of_operation"] : [])];
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: shown.includes(layer.name), opacity: layer.name === "areas_of_operation" ? 0.4 : layer.style.opacity });
  tiles.refresh();
}

fill($("#exports"), [["csv", "Table", "CSV with HXL tags"], ["gpkg", "Shapes", "GeoPackage"], ["geojson", "Shapes", "GeoJSON"]].map(([suffix, what, words]) =>
  h("a", { href: url(`/export/overlaps.${suffix}`), download: "" }, h("b", {}, what), ` ${words} `, h("span", { class: "tlp-tag" }, `TLP:${panel.audience.handling}`))));

mounted.then((made) => {
  ({ map, tiles } = made);
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
  drawMap();
  tiles.ask(question);
});

await show();
for (const tab of Object.keys(COLUMNS)) load(tab).catch(() => ($(`#tab-${tab} span`).textContent = "–"));
if (began.open?.startsWith("overlaps/")) {
  const feature = state.rows.overlaps?.find((f) => String(f.properties.id) === began.open.slice(9));
  if (feature) mounted.then(() => choose(feature));
}
