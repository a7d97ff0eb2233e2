// The workbench: layers on the left, the map, the days below it, and what was clicked on the right.

import * as address from "../lib/address.js";
import { get, label, panel, question } from "../lib/api.js";
import { $, say } from "../lib/dom.js";
import { Drawer } from "./drawer.js";
import { taken } from "../forms/handles.js";
import { LayerPanel } from "./layers.js";
import { mgrs } from "../lib/mgrs.js";
import { Period } from "./period.js";
import { recordTools } from "../forms/records.js";
import { mayWrite } from "../forms/review.js";
import { boxOf } from "../lib/shapes.js";
import { mounted } from "./tiles.js";
import { Tools } from "./tools.js";
import { month, number, period, plural } from "../lib/format.js";

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const { map, tiles, labels } = await mounted;
const began = address.read();
const standard = panel.layers.filter((l) => l.on).map((l) => l.name);

// ---- days ------------------------------------------------------------------------------------------------------

const written = (days) => (days.some(Boolean) ? days.map((d) => d ?? "..").join("/") : "");
question.datetime = began.days || written(panel.period);
const asked = { audience: question.audience, as_of: question.as_of };
const askTiles = () => tiles.ask({ ...asked, datetime: question.datetime });

function newDays(days) {
  question.datetime = written(days);
  address.write({ datetime: question.datetime });
  $("#days").textContent = period(...days);
  uncounted();
  askTiles();
  getLabels();
  getCounts();
}

// What was counted for other days says nothing about these; what is counted again at once stays until then.
function uncounted() {
  for (const layer of tiles.layers) layer.count = null;
  for (const layer of panel.layers.filter((l) => l.whole)) {
    layer.count = undefined;
    for (const rule of layer.style.rules) rule.count = undefined;
  }
}

// Counts come after the picture: first those of the layers that are drawn, then those of the others, at last those that
// are computed from all records of the period, which are counted only while they are drawn.
let latest = 0;
async function getCounts() {
  const turn = ++latest;
  const named = (chosen) => panel.layers.filter(chosen).map((l) => l.name).join();
  const asked = [named((l) => !l.whole && tiles.visible(l.name)), named((l) => !l.whole && !tiles.visible(l.name)), named((l) => l.whole && tiles.visible(l.name))];
  try {
    for (const names of asked.filter(Boolean)) {
      const { layers } = await get("/counts", { layers: names });
      if (turn !== latest) return;
      takeCounts(layers);
    }
  } catch (problem) {
    trouble(`${problem.title}: the counts are those of before.`);
  }
}

function takeCounts(found) {
  let other = false;
  for (const layer of panel.layers.filter((l) => found[l.name])) {
    const { count, classes } = found[layer.name];
    layer.count = count;
    layer.style.rules.forEach((rule, i) => (rule.count = classes?.[i]));
    const own = tiles.layers.find((l) => l.name === layer.name);
    other ||= (own.count === 0) !== (count === 0);
    own.count = count;
  }
  layerPanel.update(panel);
  if (other) tiles.refresh();
  count();
  waiting();
}

function count() {
  const [from, to] = days.days;
  $("#days").textContent = period(from, to);
  const words = [
    from && to && plural(Math.round((Date.parse(to) - Date.parse(from)) / 86400000) + 1, "day"),
    ...panel.layers.filter((l) => l.told && Number.isInteger(l.count)).map((l) => plural(l.count, ...l.told)),
  ].filter(Boolean);
  $("#counts").textContent = words.join(" · ");
  say(`${period(from, to)}: ${words.join(", ")}`);
}

const days = new Period({
  bars: $("#bars"), from: $("#from"), to: $("#to"), play: $("#play"), days: began.days ? began.days.split("/").map((d) => (d === ".." ? null : d)) : panel.period,
  asOf: panel.as_of, span: panel.span, note: $("#time-note"), changed: newDays,
});
// Where the newest records are older than the days one would expect, the page opens on these and says so.
$("#newest").textContent = panel.newest ? `Newest records: ${month(panel.newest)}` : "";
$("#newest").hidden = !panel.newest;
$("#all-days").hidden = !panel.span?.[0];
$("#all-days").addEventListener("click", () => days.set(days.whole));
get("/histogram", { datetime: "" }).then(({ bars }) => days.load(bars)).catch(() => days.load([]));

// ---- layers ----------------------------------------------------------------------------------------------------

if (began.layers) for (const layer of panel.layers) tiles.state.get(layer.name).on = began.layers.includes(layer.name);

function shownNames() {
  return panel.layers.filter((l) => tiles.visible(l.name)).map((l) => l.name);
}

// What must be said on every map with these layers, once each; "absence of data" stands there anyway.
function warnings(names) {
  const said = panel.layers.filter((l) => names.includes(l.name) && l.warning && !l.warning.startsWith("Absence of data")).map((l) => l.warning);
  return [...new Set(said)].join(" ");
}

function warn() {
  $("#warnings").textContent = warnings(shownNames());
}

function layersChanged() {
  const names = shownNames();
  warn();
  if (panel.layers.some((l) => l.whole && l.count === undefined && names.includes(l.name))) getCounts();
  address.write({ layers: names.join() === standard.join() ? null : names.join() || "none" });
  getLabels();
}

const layerPanel = new LayerPanel($("#layer-list"), panel, tiles, layersChanged);
$("#reset").addEventListener("click", () => {
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: layer.on, opacity: layer.style.opacity });
  tiles.refresh();
  layerPanel.update(layerPanel.panel);
  layersChanged();
});

// Between phone and desktop the panel is a rail; it opens over the map and Escape closes it.
function unfold(open) {
  $("#layers").classList.toggle("open", open);
  $("#rail").setAttribute("aria-expanded", String(open));
  if (open) $("#layers").focus();
}

$("#rail").addEventListener("click", () => unfold(!$("#layers").classList.contains("open")));
$("#layers").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !$("#layers").classList.contains("open")) return;
  event.stopPropagation();
  unfold(false);
  $("#rail").focus();
});
document.querySelector('.skip a[href="#layers"]').addEventListener("click", () => unfold(true));

let labelled = "";
async function getLabels() {
  const names = panel.layers.filter((l) => tiles.visible(l.name) && l.style.label && l.style.labelled).map((l) => l.name);
  const wanted = `${names.join()}|${question.datetime}`;
  if (wanted === labelled) return;
  labelled = wanted;
  try {
    const answer = names.length ? await get("/labels", { layer: names.join() }) : { labels: [] };
    if (labelled === wanted) labels.set(answer.labels);
  } catch (problem) {
    trouble(`${problem.title}: names on the map are missing.`);
  }
}

// ---- what was clicked ------------------------------------------------------------------------------------------

const told = {};
const drawer = new Drawer($("#drawer"), {
  special: told,
  opened(record, fly) {
    tiles.select(record ? { layer: record.layer, id: record.id } : null);
    address.write({ open: record ? `${record.layer}/${record.id}` : null, point: record && asking ? asking.map((v) => v.toFixed(5)).join() : null });
    if (fly && record?.bbox) fitBox(record.bbox);
    requestAnimationFrame(() => {
      map.invalidateSize({ pan: false });
      if (record && asking && !fly) map.panInside(asking, { padding: [48, 48], animate: !still });
    });
  },
  ruleOf(record) {
    const layer = panel.layers.find((l) => l.name === record.layer);
    const rule = layer && tiles.ruleOf(layer.name, record.properties ?? {});
    return rule ? { rule, layer } : null;
  },
});

let asking = null;
async function identify(lat, lon, { open = null, focus = true } = {}) {
  asking = [lat, lon];
  const waiting = setTimeout(() => drawer.wait("Asking"), 150);
  try {
    const { features } = await get("/identify", { lon: lon.toFixed(6), lat: lat.toFixed(6), zoom: map.getZoom(), layers: shownNames().join() });
    clearTimeout(waiting);
    if (open) features.sort((a, b) => (`${b.layer}/${b.id}` === open) - (`${a.layer}/${a.id}` === open));
    drawer.show(features, `${lat.toFixed(4)}, ${lon.toFixed(4)} · ${mgrs(lat, lon)}`, { focus });
    if (open && features.length && `${features[0].layer}/${features[0].id}` === open && drawer.at < 0) drawer.open(0, focus);
  } catch (problem) {
    clearTimeout(waiting);
    drawer.fail(problem, () => identify(lat, lon));
  }
}

map.on("click", (event) => taken() || identify(event.latlng.lat, event.latlng.lng));
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || taken()) return;
  const { lat, lng } = map.getCenter();
  identify(lat, lng);
});

function fitBox([west, south, east, north]) {
  map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: 13, animate: !still, duration: 0.5 });
}

// The same as a table: the records of the layers that are on, in this part of the map.
async function tableOfView() {
  asking = null;
  const b = map.getBounds();
  const bbox = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((v, i) => Math.max(i % 2 ? -90 : -180, Math.min(i % 2 ? 90 : 180, v)).toFixed(5)).join();
  drawer.wait("What is in view");
  try {
    const shown = shownNames();
    const there = (l) => l.tabled !== null && shown.includes(l.name) && l.count !== 0 && l.access !== "withheld" && l.access !== "count";
    const names = panel.layers.filter(there).sort((a, b) => a.tabled - b.tabled).map((l) => l.name);
    const pages = await Promise.all(names.map((name) => get(`/collections/${name}/items`, { bbox, limit: 60 })));
    const rows = pages.flatMap((page, i) => page.features.map((feature) => row(names[i], feature)));
    const more = pages.reduce((sum, page) => sum + Math.max(0, (page.numberMatched ?? 0) - page.features.length), 0);
    drawer.table(plural(rows.length + more, "record"), rows, more ? `The first 60 of each layer; ${number(more)} more. Move closer to see them. ${warnings(shown)}` : `Every record of the layers that are on. ${warnings(shown)}`);
  } catch (problem) {
    drawer.fail(problem, tableOfView);
  }
}

// What a record is called: as `titled` of layers/_base.py has it.
function titleOf(layer, p) {
  for (const form of layer.titled) {
    const names = [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    if (names.length > 1 || p[names[0]]) return form.replace(/\{(\w+)\}/g, (_, name) => (layer.coded[name] && p[name] ? label(layer.coded[name], p[name]) : p[name]) ?? "withheld");
  }
  return tiles.ruleOf(layer.name, p)?.label ?? layer.title;
}

// A record that the address names without saying where somebody had clicked.
async function openRecord(name, id) {
  try {
    drawer.one(row(name, await get(`/collections/${name}/items/${id}`, { datetime: "" })).record);
  } catch (problem) {
    drawer.fail(problem, () => openRecord(name, id));
  }
}

function row(name, feature) {
  const p = feature.properties;
  const layer = panel.layers.find((l) => l.name === name);
  const title = [layer.style.label === "code" && p.code, titleOf(layer, p)].filter(Boolean).join(": ");
  const ends = [p.period_start ?? p.valid_from ?? p.occurred_from, p.period_end ?? p.valid_to ?? p.occurred_to];
  const rows = Object.entries(p).filter(([key, value]) => value !== null && key !== "id").map(([key, value]) => ({ name: key, title: key.replaceAll("_", " "), value, text: String(value) }));
  return {
    when: ends[0] || ends[1] ? period(...ends) : "",
    record: { layer: name, layer_title: layer.title, id: p.id, title: String(title), rows, properties: p, bbox: boxOf(feature.geometry) },
  };
}

$("#in-view").addEventListener("click", tableOfView);

// ---- tools -----------------------------------------------------------------------------------------------------

// What somebody has written is drawn and counted at once.
function refresh() {
  askTiles();
  labelled = "";
  getLabels();
  getCounts();
}

function waiting() {
  const n = panel.layers.find((l) => l.name === "zones_to_review")?.count;
  $("#to-review").hidden = !mayWrite;
  $("#to-review .count").textContent = number(n);
}

// The layer is on, and the box in view.
function shownLayer(name, box = null) {
  if (box)
    requestAnimationFrame(() => {
      map.invalidateSize({ pan: false });
      const [west, south, east, north] = box;
      if (!map.getBounds().contains([[south, west], [north, east]])) fitBox(box);
    });
  if (tiles.visible(name)) return;
  tiles.show(name, { on: true });
  layerPanel.update(layerPanel.panel);
  layersChanged();
}

const tools = new Tools($("#tools"), $("#hint"));
tools.add({ name: "identify", key: "I", icon: "cursor", title: "Identify", start: () => map.getContainer().focus() });

const { review, told: cards, show: showRecord } = recordTools({ map, tiles, drawer, tools, refresh, shown: shownLayer });
Object.assign(told, cards);

$("#to-review").addEventListener("click", () => {
  tools.leave();
  review.list();
});

// ---- position --------------------------------------------------------------------------------------------------

function whole() {
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
}

function moved() {
  const { lat, lng } = map.getCenter();
  address.write({ at: `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}` });
  const size = map.getSize();
  const middle = map.containerPointToLatLng([size.x / 2, size.y / 2]);
  const across = map.distance(middle, map.containerPointToLatLng([size.x / 2 + 120, size.y / 2]));
  const unit = 10 ** Math.floor(Math.log10(across));
  const metres = [5, 2, 1].map((n) => n * unit).find((n) => n <= across) ?? unit;
  $("#scale-bar").style.inlineSize = `${(120 * metres) / across}px`;
  $("#scale-text").textContent = metres >= 1000 ? `${number(metres / 1000)} km` : `${number(metres)} m`;
  locate(middle);
}

function locate({ lat, lng }) {
  $("#grid").textContent = mgrs(lat, lng);
  $("#place").textContent = `${lat.toFixed(4)}, ${lng.toFixed(4)}`;
}

map.on("moveend", moved);
map.on("mousemove", (event) => locate(event.latlng));
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => {
    const by = Number(button.dataset.zoom);
    if (by) map.setZoom(map.getZoom() + by, { animate: !still });
    else whole();
  });

// ---- trouble and keys ------------------------------------------------------------------------------------------

function trouble(text) {
  $("#trouble").textContent = text;
  $("#trouble").hidden = !text;
  if (text) $("#failed").textContent = text;
}

tiles.on("drawn", () => {
  layerPanel.tell(tiles.counted());
  const lost = tiles.lost().map((layer) => layer.title).join(", ");
  trouble(lost && `Part of the map did not load: ${lost}. What is missing here may still be recorded.`);
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (key === "t" || key === "T") tableOfView();
  else if (key === "[") drawer.step(-1);
  else if (key === "]") drawer.step(1);
  else if (key === "Escape" && tools.leave()) map.getContainer().focus();
  else if (key === "Escape" && drawer.isOpen) drawer.close();
  else if (key === "c" && $("#corner-lines")) $("#corner-lines").focus();
  else if (tools.key(key)) return void event.preventDefault();
  else if (key === " " && event.target === document.body) $("#play").click();
  else return;
  event.preventDefault();
});

// ---- begin -----------------------------------------------------------------------------------------------------

if (began.at) map.setView([began.at.lat, began.at.lon], began.at.zoom, { animate: false });
else whole();
askTiles();
getLabels();
warn();
waiting();
count();
getCounts();
const [, opensZone] = /^(?:risk_zones|zones_to_review)\/(\d+)$/.exec(began.open ?? "") ?? [];
const point = (began.get("point") || "").split(",").map(Number);
const [, opensLayer, opensId] = /^(\w+)\/(\d+)$/.exec(began.open ?? "") ?? [];
if (opensZone && mayWrite) review.show(opensZone);
else if (opensId && showRecord && !began.get("point") && panel.records?.some((each) => each.collection === opensLayer)) showRecord(opensLayer, opensId);
else if (began.open && point.length === 2 && point.every(Number.isFinite)) identify(point[0], point[1], { open: began.open, focus: false });
else if (opensId && panel.layers.some((l) => l.name === opensLayer)) openRecord(opensLayer, opensId);
if (began.get("tool") === "incident" && mayWrite) tools.use("incident");
