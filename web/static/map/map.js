// The workbench: layers on the left, the map, the days below it, and what was clicked on the right.

import * as address from "../lib/address.js";
import { get, mayWrite, panel, question } from "../lib/api.js";
import { $, fill, h, icon, say } from "../lib/dom.js";
import { LayerPanel } from "./layers.js";
import { Period } from "./period.js";
import { mounted } from "./tiles.js";
import { OUTBOX, stored } from "../lib/stored.js";
import { month, notKnownYet, number, period, plural } from "../lib/format.js";

// What went wrong, by what it is about: the newest is said, and nothing but an end of its own takes it away.
const troubles = new Map();

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const { map, tiles, labels } = await mounted;
const began = address.read();
const standard = panel.layers.filter((l) => l.on).map((l) => l.name);

// ---- days ------------------------------------------------------------------------------------------------------

const written = (days) => (days.some(Boolean) ? days.map((d) => d ?? "..").join("/") : "");
question.datetime = began.days || written(panel.period);
const asked = { audience: question.audience, as_of: question.as_of };
const askTiles = () => tiles.ask({ ...asked, datetime: question.datetime, only: question.only });
// Before play shows the next days: their tiles are here, and what was counted last is told.
const prepare = (days) => Promise.all([tiles.prepare({ ...asked, datetime: written(days), only: question.only }), counted]);

function newDays(days) {
  question.datetime = written(days);
  address.write({ datetime: question.datetime });
  $("#days").textContent = period(...days);
  narrowing?.tell();
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

// Counts come after the picture, at last those that are computed from all records of the period, which are counted only
// while they are drawn. What was asked before is no longer waited for.
let latest = 0;
let counting = new AbortController();
let counted = Promise.resolve();
const getCounts = () => (counted = askCounts());
async function askCounts() {
  const turn = ++latest;
  counting.abort();
  counting = new AbortController();
  const named = (chosen) => panel.layers.filter(chosen).map((l) => l.name).join();
  const asked = [named((l) => !l.whole), named((l) => l.whole && tiles.visible(l.name))];
  try {
    for (const names of asked.filter(Boolean)) {
      const { layers } = await get("/counts", { layers: names }, { signal: counting.signal });
      if (turn !== latest) return;
      takeCounts(layers);
    }
    trouble("counts", "");
  } catch (problem) {
    if (problem.name === "AbortError") return;
    trouble("counts", `${problem.title}: the counts are those of before.`);
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
  // what was asked for, which may be open where the handles end with the bars
  const [from, to = from] = question.datetime.split("/").map((d) => (d === ".." ? null : d));
  $("#days").textContent = period(from, to);
  const told = panel.layers.filter((l) => l.told && Number.isInteger(l.count));
  // where nothing that is told in the first place is there, what there is instead is told before that
  const others = told.some((l) => l.count) ? [] : panel.layers.filter((l) => l.else_told && l.count > 0);
  const none = told.filter((l) => l.told[0] !== l.told[1]).map((l) => l.told[1]);
  const words = [
    from && to && plural(Math.round((Date.parse(to) - Date.parse(from)) / 86400000) + 1, "day"),
    ...others.map((l) => plural(l.count, ...l.else_told)),
    others.length > 0 && none.length > 0 && `no ${none.join(", ").replace(/, ([^,]*)$/, " or $1")}`,
    ...(others.length ? [] : told).map((l) => plural(l.count, ...l.told) + (tiles.visible(l.name) && tiles.off(l) ? ` (${number(tiles.off(l))} not drawn)` : "")),
  ].filter(Boolean);
  $("#counts").textContent = words.join(" · ");
  say(`${period(from, to)}: ${words.join(", ")}`, "counts");
}

const days = new Period({
  bars: $("#bars"), from: $("#from"), to: $("#to"), play: $("#play"), step: $("#step"), days: began.days ? began.days.split("/").map((d) => (d === ".." ? null : d)) : panel.period,
  asOf: panel.as_of, span: panel.span, note: $("#time-note"), changed: newDays, prepare,
});
// Where the newest records are older than the days one would expect, the page opens on these and says so.
const notYet = notKnownYet(panel.layers.filter((l) => l.told && l.access !== "withheld")).join(" ");
const first = () => ["Nothing is recorded here yet. ", h("a", { href: `${panel.base}/?${new URLSearchParams({ operation: panel.operation.key, audience: question.audience })}` }, "First steps")];
fill($("#newest"), panel.empty ? first() : notYet || (panel.newest && `Newest records: ${month(panel.newest)}`));
$("#newest").hidden = !$("#newest").textContent;
$("#all-days").hidden = !panel.span?.[0];
$("#all-days").addEventListener("click", () => days.set(days.whole));
// The first of the days that were chosen beside the last of them, each as it was known then.
$("#then-and-now").addEventListener("click", ({ currentTarget: link }) => {
  const [from, to] = days.days;
  const chosen = began.days || written(days.days) !== written(panel.period);
  const [first, last] = [chosen ? (from ?? panel.span[0] ?? to) : null, to < panel.as_of ? to : null];
  const { at } = Object.fromEntries(new URLSearchParams(location.search));
  link.href = `${link.pathname}?${new URLSearchParams([...Object.entries({ ...asked, now_on: last, at }), ["then", first]].filter(([, value]) => value))}`;
});
get("/histogram", { datetime: "" }).then(({ bars }) => days.load(bars)).catch(() => days.load([]));

// ---- layers ----------------------------------------------------------------------------------------------------

// Classes that are not as the map opens them stand in the address: "overlaps:civil|civil".
const nameOf = (layer, rule) => `${layer.name}:${rule.value}`;
const switched = new Set((began.get("classes") || "").split(",").filter(Boolean));
for (const layer of panel.layers) for (const rule of layer.style.rules) if (switched.has(nameOf(layer, rule))) tiles.switchClass(layer.name, rule, rule.on === false);

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
  for (const place of document.querySelectorAll("#warnings, .warnings")) place.textContent = warnings(shownNames());
}

function layersChanged() {
  const names = shownNames();
  warn();
  if (panel.layers.some((l) => l.whole && l.count === undefined && names.includes(l.name))) getCounts();
  const otherwise = panel.layers.flatMap((l) => l.style.rules.filter((rule) => tiles.drawsClass(l.name, rule) === (rule.on === false)).map((rule) => nameOf(l, rule)));
  address.write({ layers: names.join() === standard.join() ? null : names.join() || "none", classes: otherwise.join() || null });
  count();
  getLabels();
}

// For the files of this view.
document.addEventListener("view-asked", (event) => /** @type {CustomEvent} */ (event).detail({ box: map.getBounds(), names: shownNames() }));

const layerPanel = new LayerPanel($("#layer-list"), panel, tiles, layersChanged);
$("#reset").addEventListener("click", () => {
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: layer.on, opacity: layer.style.opacity });
  tiles.usual();
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
  const wanted = `${names.join()}|${question.datetime}|${question.only}`;
  if (wanted === labelled) return;
  labelled = wanted;
  try {
    const answer = names.length ? await get("/labels", { layer: names.join() }) : { labels: [] };
    if (labelled === wanted) labels.set(answer.labels);
    trouble("names", "");
  } catch (problem) {
    trouble("names", `${problem.title}: names on the map are missing.`);
  }
}

// ---- what was clicked, and what is written by hand -------------------------------------------------------------

// Drawer, table, tools and forms come when they are first asked for.
let coming = null;
let here = null;
const inspected = () =>
  (coming ??= import("./inspect.js").then(async ({ inspect }) => (here = await inspect({ map, tiles, still, fitBox, names: shownNames, warnings, refresh, shown: shownLayer }))));
const taken = () => map.getContainer().classList.contains("taken");
const ask = async (work) => {
  try {
    const opened = await inspected();
    trouble("page", "");
    return work(opened);
  } catch (problem) {
    coming = null;
    trouble("page", `${problem.title ?? "The page did not load in full"}: ${problem.message}`);
  }
};

// A disc of several records opens: the map goes closer until they lie apart.
map.on("click", ({ latlng: { lat, lng }, containerPoint }) => {
  if (taken()) return;
  const several = labels.clusterAt(containerPoint);
  if (several && !several.one && map.getZoom() < map.getMaxZoom()) map.fitBounds(several.corners, { padding: [80, 80], maxZoom: Math.max(map.getZoom() + 1, 13), animate: !still });
  else if (several) ask((to) => to.identify(several.at.lat, several.at.lng));
  else ask((to) => to.identify(lat, lng));
});
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || taken()) return;
  const { lat, lng } = map.getCenter();
  ask((to) => to.identify(lat, lng));
});

function fitBox([west, south, east, north]) {
  map.fitBounds([[south, west], [north, east]], { padding: [40, 40], maxZoom: 13, animate: !still, duration: 0.5 });
}

$("#in-view").addEventListener("click", () => ask((to) => to.tableOfView()));

const RAIL = [
  { name: "identify", key: "I", sign: "cursor", title: "Identify" },
  ...(mayWrite
    ? [
        { name: "area", key: "A", sign: "area", title: "Draw an area of operation" },
        { name: "zone", key: "R", sign: "warn", title: "Mark a risk zone" },
        { name: "incident", key: "N", sign: "pin", title: "Report an incident" },
        { name: "record", key: "M", sign: "plus", title: "Record something else" },
      ]
    : []),
];
const use = (name) => ask(({ tools }) => tools.use(name));
$("#tools").append(...RAIL.map(({ name, key, sign, title }, i) =>
  h("button", { type: "button", "data-tool": name, "aria-pressed": String(!i), "aria-label": title, title: `${title} (${key})`, "aria-keyshortcuts": key, onclick: () => use(name) }, icon(sign))));

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

$("#to-review").addEventListener("click", () => ask(({ tools: using, review }) => {
  using.leave();
  review.list();
}));

// "Report" on the bar of a phone begins the form here, without a new page.
$('.thumb [data-tool="incident"]')?.addEventListener("click", (event) => {
  event.preventDefault();
  use("incident");
});

// On paper the map is as wide as the page at most, and the legends of what is drawn are open.
const PAPER_PX = 1040;
addEventListener("beforeprint", () => {
  const { clientWidth, clientHeight } = $("#map");
  const { style } = document.body;
  style.setProperty("--printed-width", `${clientWidth}px`);
  style.setProperty("--printed-height", `${clientHeight}px`);
  style.setProperty("--printed-zoom", String(Math.min(1, PAPER_PX / clientWidth)));
  $(".printed-days").textContent = period(...days.days);
  layerPanel.openAll(true);
});
addEventListener("afterprint", () => layerPanel.openAll(false));

// ---- position --------------------------------------------------------------------------------------------------

function whole(box = panel.bbox) {
  const [west, south, east, north] = box;
  const below = phone.matches ? 132 : 12; // the sheet at its lowest
  map.fitBounds([[south, west], [north, east]], { paddingTopLeft: [12, 12], paddingBottomRight: [12, below], animate: false });
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

// The grid reference comes when somebody first points at the map.
let mgrs = () => "";
function locate({ lat, lng }) {
  $("#grid").textContent = mgrs(lat, lng);
  $("#place").textContent = `${lat.toFixed(4)}, ${lng.toFixed(4)}`;
}

map.on("moveend", moved);
map.on("mousemove", (event) => locate(event.latlng));
map.once("mousemove", async () => ({ mgrs } = await import("../lib/mgrs.js")));

// Where this device is: asked of the device when somebody wants to know, told to nobody.
let position = null;
$("#locate").addEventListener("click", async () => {
  const { Position } = await import("./locate.js");
  position ??= new Position(map, $("#locate"), (text) => trouble("place", text));
  position.turn();
});
$("#find").addEventListener("click", () => import("../lib/find.js").then(({ find }) => find($("#find"))));
// What the search found comes with the first of it.
const finds = async (event) => {
  event.preventDefault();
  const { showsFound } = await import("./found.js");
  document.removeEventListener("found", finds);
  showsFound({ map, still, fitBox, shown: shownLayer, open: (layer, id) => ask((to) => to.openRecord(layer, id)) });
  document.dispatchEvent(new CustomEvent("found", { detail: event.detail, cancelable: true }));
};
document.addEventListener("found", finds);
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => {
    const by = Number(button.dataset.zoom);
    if (by) map.setZoom(map.getZoom() + by, { animate: !still });
    else whole();
  });

// ---- trouble and keys ------------------------------------------------------------------------------------------

function trouble(about, text) {
  troubles.delete(about);
  if (text) troubles.set(about, text);
  const said = [...troubles.values()].at(-1) ?? "";
  $("#trouble").textContent = said;
  $("#trouble").hidden = !said;
  if (text) $("#failed").textContent = text;
}

tiles.on("drawn", () => {
  layerPanel.tell(tiles.counted());
  const lost = tiles.lost().map((layer) => layer.title).join(", ");
  trouble("tiles", lost && `Part of the map did not load: ${lost}. What is missing here may still be recorded.`);
});

// Every row of a table that is open goes on paper.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "p" || !here) return;
  event.preventDefault();
  here.printAll();
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (key === "t" || key === "T") ask((to) => to.tableOfView());
  else if (key === "[") here?.drawer.step(-1);
  else if (key === "]") here?.drawer.step(1);
  else if (key === "Escape" && here?.tools.leave()) map.getContainer().focus();
  else if (key === "Escape" && here?.drawer.isOpen) here.drawer.close();
  else if (key === "c" && $("#corner-lines")) $("#corner-lines").focus();
  else if (RAIL.some((tool) => tool.key === key.toUpperCase())) use(RAIL.find((tool) => tool.key === key.toUpperCase()).name);
  else if (key === " " && event.target === document.body) $("#play").click();
  else return;
  event.preventDefault();
});

// ---- phone -----------------------------------------------------------------------------------------------------

const phone = matchMedia("(max-width: 767px)");
async function folded() {
  if (!phone.matches) return;
  phone.removeEventListener("change", folded);
  const { sheets } = await import("./sheet.js");
  sheets(phone, { layers: $("#layers"), time: $("#time"), drawer: $("#drawer"), middle: $("#middle") });
  days.draw();
}
phone.addEventListener("change", folded);

// ---- what one layer is narrowed to ------------------------------------------------------------------------------

let narrowing = null;
if (question.only)
  import("./narrowed.js").then(({ narrowed }) => (narrowing = narrowed($("#middle"), () => {
    question.only = "";
    narrowing = null;
    address.write({ only: null, sorted: null });
    refresh();
  }, began.at ? null : fitBox)));

// ---- begin -----------------------------------------------------------------------------------------------------

if (began.at) map.setView([began.at.lat, began.at.lon], began.at.zoom, { animate: false });
else whole(panel.opens ?? panel.bbox);
folded();
askTiles();
getLabels();
warn();
waiting();
count();
getCounts();
const point = (began.get("point") || "").split(",").map(Number);
const [, opensLayer, opensId] = /^(\w+)\/(\d+)$/.exec(began.open ?? "") ?? [];
const zone = ["risk_zones", "zones_to_review"].includes(opensLayer);
if (began.open)
  ask(({ review, showRecord, identify, openRecord }) => {
    if (zone && opensId && mayWrite) review.show(opensId);
    else if (opensId && showRecord && !began.get("point") && panel.records?.some((each) => each.collection === opensLayer)) showRecord(opensLayer, opensId);
    else if (point.length === 2 && point.every(Number.isFinite)) identify(point[0], point[1], { open: began.open, focus: false });
    else if (opensId && panel.layers.some((l) => l.name === opensLayer)) openRecord(opensLayer, opensId);
  });
if (mayWrite && stored(OUTBOX + panel.operation.key)) ask(async ({ outbox }) => (await outbox()).flush());
if (began.get("tool") === "incident" && mayWrite) use("incident");
