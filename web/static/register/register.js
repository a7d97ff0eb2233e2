// The register: a table of overlaps a meeting works down, with the map beside it; doubles and gaps in two more tabs.

import * as address from "../lib/address.js";
import { get, label, panel, question, url } from "../lib/api.js";
import { COLUMNS, FIRST_SORT } from "./columns.js";
import { $, failure, fill, folded, h, icon, say, skeleton } from "../lib/dom.js";
import { Drawer } from "../map/drawer.js";
import { offerList, openFiles } from "../lib/files.js";
import { box, drawBulk, selected } from "./bulk.js";
import { FILTERS, LIST_OF, parameters, since, words as filterWords } from "./filters.js";
import { myName, setMyName, signedIn } from "../lib/stored.js";
import { printAll } from "./print.js";
import { nothing } from "../lib/empty.js";
import { written } from "../lib/only.js";
import { speak, speakEnded } from "../map/overlap.js";
import { boxOf } from "../lib/shapes.js";
import { mounted } from "../map/tiles.js";
import { day, number, plural } from "../lib/format.js";

const ROWS = 50;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const began = address.read();
question.datetime = began.days;

const state = {
  tab: Object.hasOwn(LIST_OF, began.get("tab")) ? began.get("tab") : "overlaps",
  sort: began.get("sort") || "new",
  page: 0,
  filters: Object.fromEntries(Object.keys(FILTERS).map((name) => [name, began.get(name) || ""])),
};

const list = () => LIST_OF[state.tab];
const ofOverlaps = () => list() === "overlaps";
const opensDrawer = () => ofOverlaps() || state.tab === "ended";
const writes = panel.audience.may_write && !question.as_of;

// ---- the list --------------------------------------------------------------------------------------------------

// A page of the tab's list as it is now: nothing is kept from before, so that going back shows what was saved.
let found = null;
let asking = new AbortController();
async function load() {
  const { tab } = state;
  asking.abort();
  asking = new AbortController();
  const waiting = setTimeout(() => fill($("#table"), skeleton(8, ofOverlaps() ? 52 : 40)), 150);
  const sort = COLUMNS[list()].some((c) => c.name === state.sort.replace("-", "")) ? state.sort : "new";
  const asked = { ...parameters(state.filters, tab, question.datetime), sort, limit: ROWS };
  const { signal } = asking;
  try {
    let got = await get(`/lists/${list()}`, { ...asked, offset: state.page * ROWS }, { signal });
    if (!got.rows.length && got.matched) {
      state.page = Math.floor((got.matched - 1) / ROWS);
      got = await get(`/lists/${list()}`, { ...asked, offset: state.page * ROWS }, { signal });
    }
    found = got;
    $(`#tab-${tab} span`).textContent = number(["since", "mine", "due"].includes(tab) ? found.matched : found.all);
  } finally {
    clearTimeout(waiting);
  }
}

async function show() {
  const { tab } = state;
  $("#tab-since").firstChild.textContent = `New since ${day(since(state.filters)).replace(` ${panel.as_of.slice(0, 4)}`, "")} `;
  for (const name of Object.keys(LIST_OF)) {
    const button = $(`#tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
  }
  $("#table").setAttribute("aria-labelledby", `tab-${tab}`);
  address.write({ tab: tab === "overlaps" ? null : tab, sort: state.sort === "new" ? null : state.sort, ...state.filters });
  if (tab === "mine" && !myName()) return askName();
  try {
    await load();
  } catch (problem) {
    if (problem.name !== "AbortError") fill($("#table"), failure(problem, show));
    return;
  }
  drawFilters();
  drawTable();
}

// Whose rows "mine" are: the name is kept in this browser.
function askName() {
  fill($("#filters"));
  $("#counted").textContent = "";
  const name = h("input", { name: "my-name", class: "input", maxlength: 200, autocomplete: "name", required: true });
  fill($("#table"), h("form", { class: "state", onsubmit: (event) => { event.preventDefault(); setMyName(name.value); show(); } },
    h("p", { class: "state-title" }, "Which owner are you?"),
    h("p", {}, "Write your name as it stands in the column Owner. It is kept in this browser only."),
    h("label", { class: "field" }, "Name", name), h("button", { type: "submit", class: "button primary" }, "Show mine")));
  name.focus();
}

// A column of boxes where rows can be written on together.
const boxes = () => (writes && ofOverlaps() ? [{ name: "box", title: "", cell: (row) => box(row, () => drawBulk($("#bulk"), bulk)) }] : []);
const bulk = {
  changed(row, now) {
    for (const name of Object.keys(now)) if (name in row) row[name] = now[name];
    $(`#table tr[data-id="${row.id}"]`)?.replaceWith(line(row, [...boxes(), ...COLUMNS.overlaps]));
    recount();
  },
  cleared: () => drawTable(),
};

function drawTable() {
  const { rows, matched } = found;
  const columns = [...boxes(), ...COLUMNS[list()]];
  for (const row of rows) if (selected.has(row.id)) selected.set(row.id, row);
  counted();
  if (!rows.length) return void fill($("#table"), empty());
  const from = state.page * ROWS;
  fill($("#table"),
    h("div", { class: "scroll", role: "region", "aria-label": "Table", tabindex: 0 },
      h("table", { class: `list ${list()}${writes ? " boxed" : ""}` },
        h("thead", {}, h("tr", {}, columns.map(header))),
        h("tbody", {}, rows.map((row) => line(row, columns))))),
    h("div", { id: "bulk" }),
    h("div", { class: "table-foot" },
      h("span", { class: "hint-text" }, `Sorted: ${sortWords()}`),
      h("span", { class: "pages" }, h("span", {}, `Rows ${number(from + 1)} – ${number(from + rows.length)} of ${number(matched)}`),
        h("button", { type: "button", class: "button small", disabled: from === 0, onclick: () => turn(-1) }, "Previous"),
        h("button", { type: "button", class: "button small", disabled: from + ROWS >= matched, onclick: () => turn(1) }, "Next"))));
  if (ofOverlaps()) drawBulk($("#bulk"), bulk);
}

async function turn(by_) {
  state.page += by_;
  await show();
  $("#table .scroll")?.focus();
}

const sortWords = () => {
  const column = COLUMNS[list()].find((c) => c.name === state.sort.replace("-", ""));
  return column ? `${column.title}${state.sort.startsWith("-") ? ", the other way round" : ""}, then code` : FIRST_SORT[list()];
};

function header(column) {
  const back = state.sort === `-${column.name}`;
  const sorted = state.sort === column.name || back;
  const attributes = { scope: "col", class: [column.end && "end", `of-${column.name}`].filter(Boolean).join(" ") };
  if (column.name === "box") return h("td", attributes, h("input", { type: "checkbox", "aria-label": "Select all rows listed here", checked: found.rows.every((row) => selected.has(row.id)), onchange: (event) => {
    for (const row of found.rows) if (event.target.checked) selected.set(row.id, row); else selected.delete(row.id);
    drawTable();
  } }));
  if (!column.sorts) return h("th", attributes, column.title);
  return h("th", { ...attributes, "aria-sort": sorted ? (Boolean(column.down) !== back ? "descending" : "ascending") : "none" },
    h("button", { type: "button", class: sorted ? "sort on" : "sort", onclick: () => {
      state.sort = back ? "new" : sorted ? `-${column.name}` : column.name;
      state.page = 0;
      show();
    } }, column.title, sorted && icon(Boolean(column.down) !== back ? "down" : "up")));
}

function line(p, columns) {
  const row = h("tr", {
    "data-id": p.id, class: open?.id === p.id ? "on" : null,
    onmouseenter: () => ofOverlaps() && !open && highlight(p.id),
    onclick: () => choose(p),
  }, columns.map((c) => h(c.name === "code" ? "th" : "td", { class: [c.end && "end", `of-${c.name}`].filter(Boolean).join(" "), scope: c.name === "code" ? "row" : null }, c.cell(p))));
  const name = ofOverlaps() ? speak(p) : state.tab === "ended" ? speakEnded(p) : `${p.district}, ${label("sectors", p.sector)}`;
  row.lastChild.append(h("button", { type: "button", class: "bare row-open", "aria-label": `Open ${name}`, onclick: (e) => { e.stopPropagation(); choose(p); } }, icon("next")));
  return row;
}

// The map with the layer of this list, narrowed as the list is, in its days; all days are those from the first record on. What
// the map usually leaves undrawn of the list's layer is drawn.
function toMap() {
  const { datetime, ...filters } = parameters(state.filters, state.tab, question.datetime);
  const asked = { datetime: datetime || `${panel.span?.[0] ?? ".."}/..`, only: written(list(), filters), sorted: state.sort === "new" ? "" : state.sort };
  const undrawn = panel.layers.find((each) => each.name === list()).style.rules.filter((rule) => rule.on === false).map((rule) => `${list()}:${rule.value}`);
  const kept = new URLSearchParams(location.search);
  const to = new URL($("#on-map").href);
  to.search = "";
  to.searchParams.set("audience", panel.audience.key);
  for (const [name, value] of Object.entries({ as_of: kept.get("as_of"), ...asked, layers: `basemap,boundaries,areas_of_operation,${list()}`, classes: undrawn.join() })) if (value) to.searchParams.set(name, value);
  $("#on-map").href = String(to).replaceAll("%2C", ",").replaceAll("%2F", "/");
}

function counted() {
  toMap();
  const { all, matched, counts } = found;
  const parts = ofOverlaps()
    ? [`${number(counts.open)} open of ${number(all)}`, `${number(counts.new)} new`,
       counts.unowned === undefined ? null : `${number(counts.unowned)} without an owner`, `${number(matched)} listed`]
    : [`${number(matched)} of ${plural(all, { doubles: "double", gaps: "gap", ended: "ended overlap" }[state.tab])}`];
  $("#counted").textContent = parts.filter(Boolean).join(" · ");
  say(`${plural(matched, "row")} listed`);
}

function empty() {
  const active = Object.entries(state.filters).filter(([name, value]) => value && FILTERS[name].tabs.includes(state.tab));
  if (active.length && found.all)
    return h("div", { class: "state" }, h("p", { class: "state-title" }, "Nothing matches"),
      h("p", {}, `${plural(found.all, "row")} hidden by ${active.map(([name, value]) => `“${filterWords(name, value)}”`).join(" and ")}. Nothing was removed.`),
      h("button", { type: "button", class: "button", onclick: clear }, `Clear ${plural(active.length, "filter")}`));
  const narrowed = { since: ["Nothing new", "No overlap was first computed on that day or later."], mine: ["Nothing is yours", `No overlap has the owner ${myName()}.`], due: ["Nothing is due", "No open overlap is past its due day, or due within seven days."], ended: ["None has ended", "No overlap that somebody wrote on has lost its ground, and of none the days are over."] }[state.tab];
  if (narrowed) return nothing(list(), { title: narrowed[0], words: narrowed[1] }, found);
  return nothing(list(), { title: "None yet",
    words: state.tab === "gaps" ? "No district is without a known presence in a sector that others are served in." : "They are computed when two areas share ground and time. Import presence (3W) or areas of operation.",
    more: [h("a", { class: "button primary", href: url("/import") }, icon("upload"), "Import a file")] }, found);
}

// ---- filters ---------------------------------------------------------------------------------------------------

function clear() {
  for (const name of Object.keys(state.filters)) state.filters[name] = "";
  state.page = 0;
  show();
}

function drawFilters() {
  const set = (name) => async (event) => {
    state.filters[name] = event.target.value;
    state.page = 0;
    await show();
    $(`#filters [name="${name}"]`)?.focus();
  };
  const active = Object.values(state.filters).some(Boolean);
  const chips = Object.entries(FILTERS).filter(([, f]) => f.tabs.includes(state.tab)).map(([name, filter]) => {
    const value = state.filters[name];
    const options = filter.type === "select" ? filter.options(found.groups[name], found.counts) : null;
    if (filter.type === "select" && !options) return null;
    const control = filter.type === "select"
      ? h("select", { name, onchange: set(name) }, h("option", { value: "" }, "any"), options.map(([code, words]) => h("option", { value: code, selected: code === value }, words)))
      : filter.type === "date" ? h("span", { class: "day", "data-words": day(value || filter.usual?.(), "any") }, h("input", { name, type: "date", value: value || filter.usual?.() || "", onchange: set(name) }))
        : h("input", { name, type: "search", value, placeholder: filter.hint, onchange: set(name), autocomplete: "off" });
    return h("label", { class: value ? "chip on" : "chip" }, filter.type === "search" ? icon("search") : null, h("span", { class: filter.type === "search" ? "unseen" : "" }, filter.title), control,
      value && h("button", { type: "button", class: "bare", "aria-label": `Clear ${filter.title}`, onclick: () => set(name)({ target: { value: "" } }) }, icon("close")));
  });
  fill($("#filters"), folded(chips, (chip) => chip.matches(".on, :has([type=search])")), state.tab === "mine" && h("span", { class: "mine-name" }, `Owner is ${myName()} `, !signedIn && h("button", { type: "button", class: "quiet", onclick: () => { setMyName(""); show(); } }, "Not me")), active && h("button", { type: "button", class: "quiet", onclick: clear }, "Clear all"));
}

$("#filters").addEventListener("submit", (event) => event.preventDefault());

// ---- map and drawer --------------------------------------------------------------------------------------------

let tiles = null;
let map = null;
let open = null;

function highlight(id) {
  tiles?.select(id === null ? null : { layer: list(), id });
}

// A row brings no shape and not all that an overlap says: the record is asked for when it is opened.
async function choose(row) {
  open = row;
  highlight(row.id);
  for (const each of document.querySelectorAll("#table tr[data-id]")) each.classList.toggle("on", each.dataset.id === String(row.id));
  requestAnimationFrame(() => zoomTo(row.bbox));
  if (!opensDrawer()) return;
  try {
    const layer = list();
    const { properties, geometry } = await get(`/collections/${layer}/items/${row.id}`, { datetime: "" });
    if (open !== row) return;
    if (!row.bbox) zoomTo((row.bbox = boxOf(geometry)));
    drawer.show([{ layer, layer_title: "Overlap", id: row.id, title: `${properties.actor_a ?? "Withheld"} and ${properties.actor_b ?? "withheld"}`, properties, rows: [], bbox: row.bbox }]);
  } catch (problem) {
    if (open === row) drawer.fail(problem, () => choose(row));
  }
}

function zoomTo(box) {
  if (!map || !box) return;
  map.invalidateSize({ pan: false });
  map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { padding: [36, 36], maxZoom: 11, animate: !still, duration: 0.5 });
}

const drawer = new Drawer($("#drawer"), {
  opened(record) {
    address.write({ open: record ? `${record.layer}/${record.id}` : null });
    // the drawer takes room from the map, which then shows what it showed in another frame
    if (record) return void requestAnimationFrame(() => zoomTo(record.bbox));
    const id = open?.id;
    open = null;
    highlight(null);
    for (const row of document.querySelectorAll("#table tr.on")) row.classList.remove("on");
    requestAnimationFrame(() => map?.invalidateSize({ pan: false }));
    requestAnimationFrame(() => $(`#table tr[data-id="${id}"] .row-open`)?.focus());
  },
  ruleOf: () => null,
  changed(record) {
    const row = found.rows.find((each) => each.id === record.id);
    if (!row) return;
    for (const name of Object.keys(row)) if (name in record.properties) row[name] = record.properties[name];
    // The row stays where it is, also when its new status sorts it elsewhere: nobody loses the line they work on.
    $(`#table tr[data-id="${record.id}"]`)?.replaceWith(line(row, [...boxes(), ...COLUMNS[list()]]));
    recount();
  },
});

for (const tab of Object.keys(LIST_OF)) {
  const button = $(`#tab-${tab}`);
  button.addEventListener("click", () => {
    if (drawer.isOpen) drawer.close();
    selected.clear();
    Object.assign(state, { tab, page: 0, sort: "new" });
    drawMap();
    show();
  });
  button.addEventListener("keydown", (event) => {
    const by_ = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by_) return;
    const names = Object.keys(LIST_OF).filter((name) => !$(`#tab-${name}`).hidden);
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
  const shown = ["basemap", "boundaries", list(), ...(ofOverlaps() ? ["areas_of_operation"] : [])];
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: shown.includes(layer.name), opacity: layer.name === "areas_of_operation" ? 0.4 : layer.style.opacity });
  tiles.refresh();
}

offerList(() => found && { name: list(), title: { overlaps: "Overlaps", ended_overlaps: "Ended overlaps", doubles: "Doubles", gaps: "Gaps" }[list()], asked: parameters(state.filters, state.tab, question.datetime), matched: found.matched });
$("#export").addEventListener("click", () => openFiles("listed"));

mounted.then((made) => {
  ({ map, tiles } = made);
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
  drawMap();
  tiles.ask(question);
});

// The numbers above the list, without its rows.
async function recount() {
  const { tab } = state;
  const now = await get(`/lists/${list()}`, { ...parameters(state.filters, tab, question.datetime), limit: 1 }).catch(() => null);
  if (!now || tab !== state.tab) return;
  Object.assign(found, { all: now.all, matched: now.matched, counts: now.counts, groups: now.groups });
  counted();
}

// How many rows the other tabs have; what is withheld from the room cannot be asked by.
async function countTabs() {
  for (const tab of Object.keys(LIST_OF).filter((name) => name !== state.tab)) {
    const narrow = ["since", "mine", "due"].includes(tab);
    if (tab === "mine" && !myName()) continue;
    const asked = narrow ? parameters({}, tab, question.datetime) : {};
    get(`/lists/${LIST_OF[tab]}`, { ...asked, limit: 1 }).then(({ all, matched }) => ($(`#tab-${tab} span`).textContent = number(narrow ? matched : all))).catch(() => ($(`#tab-${tab} span`).textContent = "–"));
  }
}

// A page that the browser kept whole while somebody was elsewhere asks anew: nobody works on rows from before.
addEventListener("pageshow", (event) => event.persisted && show());
$("#print").addEventListener("click", () => printRows());
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "p") return;
  event.preventDefault();
  printRows();
});
const printRows = () => printAll({ list: list(), asked: { ...parameters(state.filters, state.tab, question.datetime), sort: state.sort }, columns: COLUMNS[list()], matched: found?.matched ?? 0,
  filters: Object.entries(state.filters).filter(([name, value]) => value && FILTERS[name].tabs.includes(state.tab)).map(([name, value]) => filterWords(name, value)) });

await show();
if (found && ofOverlaps() && found.counts.unowned === undefined) $("#tab-mine").hidden = true;
countTabs();
const [, ofLayer, opens] = /^(overlaps|ended_overlaps)\/(\d+)$/.exec(began.open ?? "") ?? [];
// A link may name one that was joined into another since: that other is opened.
if (ofLayer === list()) {
  const id = await get(`/overlaps/${opens}/places`, { datetime: "" }).then((told) => told.id, () => Number(opens));
  mounted.then(() => choose(found?.rows.find((row) => row.id === id) ?? { id }));
}
