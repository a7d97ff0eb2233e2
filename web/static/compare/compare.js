// Then and now: two maps of one extent that move together, and beside them what changed, by numbers that tie both.

/* global L */

import * as address from "../lib/address.js";
import { get, panel, question } from "../lib/api.js";
import { $, failure, fill, say, skeleton } from "../lib/dom.js";
import { day, later, moment, plural } from "../lib/format.js";
import { Labels } from "../map/labels.js";
import { TileLayers, mounted } from "../map/tiles.js";
import { list } from "./list.js";
import { Ties } from "./ties.js";

const EACH = 3; // records of a kind that are listed, and numbered on the maps, before more are asked for
const EARLIER = "then"; // the parameter; no object of ours has a member of that name, which would make it a promise
const BEFORE = 28; // days back, where the address names no earlier moment

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const began = address.read();
const sides = $("#sides");
const switches = $("#switches");
const state = {
  earlier: began.get(EARLIER) || later(panel.as_of, -BEFORE),
  thenOn: began.get("then_on"),
  nowOn: began.get("now_on"),
  days: began.get("days") === "same" ? "same" : "both",
  mode: ["swipe", "changes"].includes(began.get("mode")) ? began.get("mode") : "side",
};

// ---- two maps ----------------------------------------------------------------------------------------------------

const { map, tiles, labels } = await mounted;
const earlier = new L.Map($("#map-then"), { center: map.getCenter(), zoom: map.getZoom(), minZoom: 2, maxZoom: map.getMaxZoom(), preferCanvas: true, zoomControl: false, attributionControl: false });
const tilesThen = new TileLayers(tiles.layers.map((layer) => layer.name), tiles.loader.address, panel);
tilesThen.home = earlier;
const labelsThen = new Labels(tilesThen).addTo(earlier);
const both = [
  { map: earlier, tiles: tilesThen, labels: labelsThen, side: "then" },
  { map, tiles, labels, side: "now" },
];

// Whichever is moved leads, and the other follows.
let leading = null;
for (const [one, other] of [[map, earlier], [earlier, map]]) {
  const follow = () => leading === one && other.setView(one.getCenter(), one.getZoom(), { animate: false });
  one.on("movestart zoomstart", () => (leading ??= one));
  one.on("move", follow);
  one.on("moveend", () => {
    follow();
    if (leading === one) leading = null;
  });
}
map.on("moveend", () => {
  const { lat, lng } = map.getCenter();
  address.write({ at: `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}` });
});

const whole = () => {
  const [west, south, east, north] = panel.opens ?? panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
};
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => {
    const by = Number(button.dataset.zoom);
    if (by) map.setZoom(map.getZoom() + by, { animate: !still });
    else whole();
  });

function goTo([west, south, east, north]) {
  map.fitBounds([[south, west], [north, east]], { padding: [60, 60], maxZoom: 11, animate: !still, duration: 0.5 });
}

// Events of one day say little beside a state: they are in the list and on the map by their numbers.
const drawn = (layer) => layer.on && !layer.happens;
const ground = (layer) => layer.fixed || layer.name === "boundaries" || layer.background;

function showLayers() {
  for (const each of both) {
    for (const layer of each.tiles.layers) each.tiles.state.get(layer.name).on = drawn(layer) && (state.mode !== "changes" || ground(layer));
    if (each.tiles._map) each.tiles.refresh();
  }
  const said = panel.layers.filter((layer) => drawn(layer) && layer.warning && !layer.warning.startsWith("Absence")).map((layer) => layer.warning);
  $("#warnings").textContent = [...new Set(said)].join(" ");
}

async function getLabels(side, at) {
  const names = panel.layers.filter((layer) => side.tiles.visible(layer.name) && layer.style.label && layer.style.labelled).map((layer) => layer.name);
  const answer = names.length ? await get("/labels", { layer: names.join(), ...at }) : { labels: [] };
  side.labels.set(answer.labels);
}

// ---- what is asked -----------------------------------------------------------------------------------------------

function asked() {
  const same = state.days === "same" ? (state.nowOn ?? panel.as_of) : null;
  return Object.fromEntries([[EARLIER, state.earlier], ["now", question.as_of], ["then_on", same ?? state.thenOn], ["now_on", same ?? state.nowOn]]);
}

const compare = (more) => get("/compare", { ...asked(), as_of: "", shapes: true, ...more });
const ties = new Ties(both);
let turn = 0;

async function load() {
  const mine = ++turn;
  const panelOf = $("#changes");
  panelOf.setAttribute("aria-busy", "true");
  if (!panelOf.childElementCount) fill(panelOf, skeleton(8));
  let found;
  try {
    found = await compare({ each: EACH, limit: 200 });
  } catch (problem) {
    if (mine === turn) fill(panelOf, failure(problem, load));
    return;
  }
  if (mine !== turn) return;
  panelOf.setAttribute("aria-busy", "false");
  told(found);
  for (const each of both) {
    const { known, day: on } = found[each.side];
    const at = { as_of: known ?? "", datetime: `${on}/${on}` };
    each.tiles.ask({ audience: question.audience, ...at });
    getLabels(each, at).catch((problem) => trouble(`${problem.title}: names on the map are missing.`));
  }
}

function told(found) {
  for (const { side } of both) {
    const root = $(`.side-of.${side}`);
    const { known, day: one } = found[side];
    const words = known ? `as known on ${moment(known)}` : "as known now";
    const input = $("input[type=date]", root);
    if (input) {
      input.value = state.earlier.slice(0, 10);
      input.parentElement.dataset.words = day(state.days === "same" ? input.value : one);
    } else $(".side-day", root).textContent = day(one);
    $(".side-known", root).textContent = side === "then" && one !== input?.value ? `known then, of ${day(one)}` : words;
    const counts = Object.values(found.counts).slice(0, 2);
    $(".side-counts", root).textContent = counts.map((n) => plural(n[side], n.one, n.many)).join(" · ");
  }
  const { known } = found.then;
  $("#stamp").textContent = `${known ? `As known on ${day(known)}` : `Of ${day(found.then.day)}`} · cannot be changed`;
  $("#between").textContent = plural(found.matched, "record differs", "records differ");
  say(`${plural(found.matched, "record differs", "records differ")}`, "counts");
  list($("#changes"), found, { ties, goTo, more: compare });
}

function trouble(text) {
  $("#trouble").textContent = text;
  $("#trouble").hidden = !text;
}

// ---- switches ----------------------------------------------------------------------------------------------------

function write() {
  const { earlier: then, thenOn, nowOn, days, mode } = state;
  address.write(Object.fromEntries([[EARLIER, then], ["then_on", thenOn], ["now_on", nowOn], ["days", days === "same" ? days : null], ["mode", mode === "side" ? null : mode]]));
}

function arrange() {
  sides.dataset.mode = state.mode;
  sides.dataset.which = switches.elements.which.value;
  sides.style.setProperty("--swipe", `${$("#swipe").value}%`);
  ties.outlined(state.mode === "changes");
  for (const each of both) each.map.invalidateSize({ pan: false });
  earlier.setView(map.getCenter(), map.getZoom(), { animate: false });
}

switches.elements.mode.value = state.mode;
switches.elements.days.value = state.days;
switches.addEventListener("submit", (event) => event.preventDefault());
switches.addEventListener("change", (event) => {
  const { name, value } = /** @type {HTMLInputElement} */ (event.target);
  if (name === "which") return arrange();
  state[name] = value;
  write();
  if (name === "days") return load();
  showLayers();
  arrange();
});
$("#swipe").addEventListener("input", () => sides.style.setProperty("--swipe", `${$("#swipe").value}%`));
$("#then").addEventListener("change", (event) => {
  if (!event.target.value || !event.target.reportValidity() || document.activeElement !== event.target) return;
  Object.assign(state, { earlier: event.target.value, thenOn: null });
  write();
  load();
});
addEventListener("resize", arrange);
for (const each of both)
  each.tiles.on("drawn", () => {
    const lost = each.tiles.lost().map((layer) => layer.title).join(", ");
    trouble(lost && `Part of a map did not load: ${lost}. What is missing here may still be recorded.`);
  });

document.addEventListener("view-asked", (event) => /** @type {CustomEvent} */ (event).detail({ box: map.getBounds(), names: panel.layers.filter(drawn).map((layer) => layer.name) }));

// ---- begin -------------------------------------------------------------------------------------------------------

showLayers();
arrange();
if (began.at) map.setView([began.at.lat, began.at.lon], began.at.zoom, { animate: false });
else whole();
write();
load();
