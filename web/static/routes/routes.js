// Ask for a way, or for what a hub reaches: places, a vehicle and a time in; ways and what they cross out. The choice stays with people.

import * as address from "../lib/address.js";
import { get, label, panel, question, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say } from "../lib/dom.js";
import { noneOf } from "../lib/empty.js";
import { follow } from "../lib/jobs.js";
import { corners, download, formats } from "./route_files.js";
import { departureField } from "./departure.js";
import { answer, drawn as reachDrawn, statusOf } from "./reach.js";
import { sheet } from "./sheet.js";
import { onPaper } from "./sheet_map.js";
import { strip, table } from "./segment_strip.js";
import { PlaceField } from "../lib/place_field.js";
import { mounted } from "../map/tiles.js";
import { actors, card, clock, comparison, hours, km, known, lead, moment, notWeighed, sameDay, statement, zoneOf } from "./route_summary.js";
import { number, plural } from "../lib/format.js";

const form = $("#ask");
const RULES = ["vehicle", "departure", "season", "hours", "risk", "risk_level", "constraint_severity"];
const TICKS = ["closed", "hazards", "night"];
const MOST_VIA = 18;
const CHOSEN = { color: "#0F5C6E", weight: 7, opacity: 1 };
const CASING = { color: "#FFFFFF", weight: 11, opacity: 0.9 };
const OTHERS = [{ color: "#55616B", weight: 5, dashArray: "9 5" }, { color: "#55616B", weight: 5, dashArray: "3 5" }];
const state = { mode: "way", ways: [], found: null, reached: null, chosen: 0, shown: "strip", reason: "", active: null, pins: [] };
let map, tiles, drawn, files = [];

// ---- the question ----------------------------------------------------------------------------------------------

fill($("#vehicle"), Object.entries(panel.codes.vehicle_classes).filter(([code]) => code !== "0").map(([code, words]) => h("option", { value: code, selected: code === "4" }, words)));
fill($("#risk-level"), h("option", { value: "" }, "may be crossed"), [1, 2, 3, 4, 5].map((n) => h("option", { value: n }, `${n} ${label("risk_levels", n)} and above`)));
fill($("#severity"), h("option", { value: "" }, "may be crossed"), [1, 2, 3, 4, 5].map((n) => h("option", { value: n }, `severity ${n} and above`)));
const departure = departureField(form.elements.departure, `${panel.as_of}T06:00`);

const field = (options) => {
  const made = new PlaceField({ ...options, changed: () => both() && form.requestSubmit() });
  made.input.addEventListener("focus", () => (state.active = made));
  return made;
};
const from = field({ sign: "A", title: "From: a place", required: true });
const to = field({ sign: "B", title: "To: a place", required: true });
const vias = [];
const places = () => (state.mode === "reach" ? [from] : [from, ...vias, to]);
const both = () => Boolean(from.value && (state.mode === "reach" || to.value));

function placeFields() {
  fill($("#places"), from.element, ...(state.mode === "reach" ? [] : [...vias.map((via) => via.element), to.element]));
}

function addVia(words = "") {
  if (vias.length === MOST_VIA) return;
  const via = field({ sign: "·", kind: "via", title: "Via: a place", remove: h("button", { type: "button", class: "bare", "aria-label": "Do not pass this place", onclick: () => {
    vias.splice(vias.indexOf(via), 1);
    placeFields();
    from.input.focus();
  } }, icon("close")) });
  via.value = words;
  vias.push(via);
  placeFields();
  return via;
}
$("#add-via").addEventListener("click", () => addVia()?.input.focus());

function setMode(mode) {
  state.mode = mode;
  for (const tab of form.querySelectorAll("[role=tab]")) {
    const on = tab.dataset.mode === mode;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  $("#ways").setAttribute("aria-labelledby", `tab-${mode}`);
  for (const element of form.querySelectorAll(".only-way")) element.hidden = mode !== "way";
  for (const element of form.querySelectorAll(".only-reach")) element.hidden = mode !== "reach";
  from.disc.textContent = mode === "reach" ? "H" : "A";
  from.label.textContent = from.input.placeholder = mode === "reach" ? "Hub: a place" : "From: a place";
  $("button[type=submit]", form).textContent = mode === "reach" ? "Show reach" : "Find ways";
  placeFields();
  empty();
}
form.querySelector(".modes").addEventListener("click", (event) => event.target.dataset.mode && setMode(event.target.dataset.mode));
form.querySelector(".modes").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  setMode(state.mode === "way" ? "reach" : "way");
  $(`#tab-${state.mode}`).focus();
});

function empty() {
  Object.assign(state, { ways: [], found: null, reached: null, pins: [] });
  fill($("#ways"), h("p", { class: "hint-text" }, state.mode === "reach" ? "What a vehicle gets to in time, what later, and what is cut off." : "Up to three ways that truly differ, side by side."));
  show();
}

// ---- asking ----------------------------------------------------------------------------------------------------

function rules() {
  const asked = form.elements;
  const whole = (name) => (asked[name].value ? Number(asked[name].value) : null);
  return {
    vehicle_class: Number(asked.vehicle.value), departure: departure.moment(), season: asked.season.value, weigh: { risk: state.mode === "way" ? Number(asked.risk.value) : 0 },
    forbid: { closed: asked.closed.checked, hazards: asked.hazards.checked, night: state.mode === "way" && asked.night.checked, risk_level: whole("risk_level"), constraint_severity: whole("constraint_severity") },
  };
}

function remember() {
  address.write({
    mode: state.mode === "reach" ? "reach" : null, from: from.value, to: to.value, via: vias.map((via) => via.value).filter(Boolean).join("|"),
    ...Object.fromEntries(RULES.map((name) => [name, name === "departure" ? departure.moment() : form.elements[name].value])),
    ...Object.fromEntries(TICKS.map((name) => [name, form.elements[name].checked === form.elements[name].defaultChecked ? null : Number(form.elements[name].checked)])),
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!departure.moment()) return form.elements.departure.focus();
  const button = $("button[type=submit]", form);
  button.disabled = true;
  fill($("#ways"), h("p", { class: "hint-text" }, "Looking…"));
  try {
    const spots = (await Promise.all(places().map((each) => each.place()))).filter(Boolean);
    remember();
    await networkBuilt();
    const json = { headers: { "Content-Type": "application/json" } };
    if (state.mode === "reach") {
      const [hub] = spots;
      took({ reached: await send("POST", "/reach", { ...json, body: JSON.stringify({ ...rules(), hub: [hub.lon, hub.lat], hours: Number(form.elements.hours.value), bands: true }) }) }, spots);
    } else {
      const waypoints = { type: "MultiPoint", coordinates: spots.map((s) => [s.lon, s.lat]) };
      const asked = { ...rules(), waypoints, alternatives: vias.some((via) => via.value) ? 2 : 3 };
      took({ found: await send("POST", "/routes", { ...json, body: JSON.stringify(asked) }), asked }, spots);
    }
  } catch (problem) {
    empty();
    fill($("#ways"), failure(problem));
  } finally {
    button.disabled = false;
  }
});

/** Waits for a large road network to be built, and says how far that is. */
async function networkBuilt() {
  const job = await get("/network", { datetime: "" }, { headers: { Accept: "application/json", Prefer: "respond-async" } });
  if (!job.state) return;
  await follow($("#ways"), "Joining the roads to a network", job);
  fill($("#ways"), h("p", { class: "hint-text" }, "Looking…"));
}

function took({ found = null, reached = null, asked = null }, spots) {
  for (const way of found?.routes ?? []) way.not_weighed = found.not_weighed;
  Object.assign(state, { found, reached, asked, ways: found?.routes ?? [], chosen: 0, shown: "strip", spots });
  const last = spots.length - 1;
  state.pins = spots.map((s, i) => disc(i === 0 ? from.disc.textContent : i === last ? "B" : String(i), [s.lat, s.lon], i && i < last ? "via pin" : "pin"));
  for (const stop of found?.blocked?.would_open ?? []) state.pins.push(disc("×", [stop.at[1], stop.at[0]]));
  if (reached) {
    fill($("#ways"), notWeighed(reached), answer(reached, fly));
    const counts = reached.places.reduce((n, p) => ({ ...n, [statusOf(p, reached.within_hours)]: (n[statusOf(p, reached.within_hours)] ?? 0) + 1 }), {});
    say(`${number(counts.reached ?? 0)} places reached, ${number(counts.later ?? 0)} later, ${number(counts.cut ?? 0)} cut off`);
  } else listWays();
  show();
  fit();
}

// ---- the ways --------------------------------------------------------------------------------------------------

function listWays() {
  const { found } = state;
  if (!state.ways.length) {
    fill($("#ways"), h("div", { class: "state", role: "alert" }, h("p", { class: "state-title" }, "No way was found"), h("p", {}, found.blocked.what)), notWeighed(found),
      found.blocked.would_open.map((stop) => h("button", { type: "button", class: "line", onclick: () => fly(...stop.at) }, h("span", { class: "grow" }, h("b", {}, stop.road || "A road without a name"), `: ${stop.reason}${stop.names.length ? ` (${stop.names.join(", ")})` : ""}`), icon("next"))));
    say(`No way was found. ${found.blocked.what}`);
    return;
  }
  fill($("#ways"), h("div", { class: "way-head" }, h("b", {}, plural(state.ways.length, "way")), h("span", { class: "hint-text" }, Number(form.elements.risk.value) ? "fewest weighed hours first" : "fewest hours first")),
    notWeighed(found),
    state.ways.map((way, i) => card(way, i, i === state.chosen, choose)),
    h("div", { class: "way-tools" },
      state.ways.length > 1 ? h("button", { type: "button", class: "button small", onclick: () => turn(state.shown === "compare" ? "strip" : "compare", true) }, `Compare ${state.ways.length === 2 ? "both" : "all three"}`) : null,
      files.map(({ suffix, title, good_for }) => h("button", { type: "button", class: "button small", title: `For ${good_for}`, onclick: () => take(suffix) }, icon("download"), title))),
    found.network_complete ? null : h("p", { class: "hint-text small" }, `Roads as of ${moment(found.network_as_of)}; newer ones are being joined to the network.`));
  say(`${plural(state.ways.length, "way")} found; the first is ${km(state.ways[0].km)}, ${hours(state.ways[0].hours)}`);
}

function take(suffix) {
  download(suffix, { ...state.asked, way: state.chosen + 1, names: names() }).catch((problem) => fill($("#ways"), failure(problem)));
}

const names = () => places().map((each) => each.value).filter(Boolean);

function choose(i) {
  state.chosen = i;
  if (state.shown === "compare") state.shown = "strip";
  for (const [place, each] of [...document.querySelectorAll(".way")].entries()) each.setAttribute("aria-pressed", String(place === i));
  show();
}

function turn(to_, focus = false) {
  state.shown = to_;
  show();
  if (focus) $("#strip").focus();
}

// Everything that follows from what was asked and which way is looked at.
function show() {
  const way = state.ways[state.chosen];
  $("#strip").hidden = $("#notify").hidden = !way;
  if (way) {
    drawStrip(way);
    drawNotify(way);
  }
  paper();
  map?.invalidateSize({ pan: false });
  drawLines();
}

function paper() {
  const asked = form.elements;
  const said = [asked.closed.checked && "closed roads", asked.hazards.checked && "hazard areas", asked.night.checked && "travel by night", asked.risk_level.value && `risk zones of level ${asked.risk_level.value} and above`, asked.constraint_severity.value && `access constraints of severity ${asked.constraint_severity.value} and above`].filter(Boolean);
  sheet(state, { names: names(), vehicle: asked.vehicle.value, season: asked.season.selectedOptions[0].textContent, rules: said.length ? `Not crossed: ${said.join(", ")}.` : "Nothing was kept out." });
}

function drawStrip(way) {
  const compare = state.shown === "compare";
  const other = state.shown === "table" ? ["strip", "Same as a strip"] : ["table", "Same as a table"];
  fill($("#strip"),
    h("div", { class: "strip-head" }, h("b", {}, compare ? "Ways side by side" : `Way ${state.chosen + 1}, segment by segment`),
      compare ? null : h("span", { class: "hint-text" }, `${km(way.km)} · ${moment(way.leaves)} to ${sameDay(way.leaves, way.arrives) ? clock(way.arrives) : moment(way.arrives)} local time (${zoneOf(way.leaves)}), at the vehicle’s speed on each road`),
      h("button", { type: "button", class: "quiet", onclick: () => turn(compare ? "strip" : other[0]) }, compare ? "Segment by segment" : other[1])),
    compare ? comparison(state.ways) : state.shown === "table" ? table(way) : strip(way));
}

function drawNotify(way) {
  fill($("#notify"), h("div", { class: "scroll" }, h("h2", {}, "Actors to notify"),
    h("p", { class: "hint-text" }, `Those whose ground way ${state.chosen + 1} crosses. The list follows the way you pick.`),
    way.notify.length ? h("ul", { class: "actors" }, actors(way, state.found)) : h("p", {}, noneOf("areas_of_operation", "No armed actor’s area of operations is recorded on this way.")),
    lead(state.found, way, state.reason, (words) => { state.reason = words; paper(); }),
    h("h3", {}, "Known on the way"),
    h("ul", { class: "known" }, known(way).map(([sign_, words, more]) => h("li", {}, sign_, h("span", { class: "grow" }, words), h("span", { class: "hint-text" }, more)))),
    h("p", { class: "what-not" }, statement())),
    h("div", { class: "notify-foot" }, h("button", { type: "button", class: "button primary", onclick: print }, icon("file"), "Print sheet")));
}

// The whole way is in the picture before it goes to paper.
function print() {
  const waiting = setTimeout(ready, 3_000);
  function ready() {
    clearTimeout(waiting);
    tiles.off("load", ready);
    requestAnimationFrame(() => window.print());
  }
  const before = map.getBounds();
  fit();
  if (before.equals(map.getBounds())) ready();
  else tiles.on("load", ready);
}

// ---- the map ---------------------------------------------------------------------------------------------------

const disc = (words, at, kind = "") => window.L.marker(at, { interactive: false, keyboard: false, zIndexOffset: 800, icon: window.L.divIcon({ className: "route-disc", iconSize: [24, 24], html: h("span", { class: `disc ${kind}` }, words) }) });
const lines = (way) => corners(way).map((line) => line.map(([x, y]) => [y, x]));

function drawLines() {
  if (!map) return;
  drawn?.remove();
  const parts = state.reached ? reachDrawn(window.L, state.reached) : [];
  state.ways.forEach((way, i) => i !== state.chosen && parts.push(window.L.polyline(lines(way), { ...OTHERS[(i > state.chosen ? i - 1 : i) % 2], interactive: false })));
  const way = state.ways[state.chosen];
  if (way) parts.push(window.L.polyline(lines(way), { ...CASING, interactive: false }), window.L.polyline(lines(way), { ...CHOSEN, interactive: false }));
  state.ways.forEach((each, i) => {
    const all = lines(each).flat();
    parts.push(disc(i + 1, all[Math.floor(all.length * (0.35 + 0.15 * i))], i === state.chosen ? "number chosen" : "number"));
  });
  for (const stop of way?.stops ?? []) parts.push(disc("☾", [stop.at[1], stop.at[0]], "number"));
  drawn = window.L.featureGroup([...parts, ...state.pins]).addTo(map);
}

function fit() {
  if (drawn?.getLayers().length) map.fitBounds(drawn.getBounds(), { padding: [40, 40], maxZoom: 14, animate: false });
}

function fly(lon, lat) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches || window.innerWidth < 768;
  map.setView([lat, lon], Math.max(map.getZoom(), 11), { animate: !still, duration: 0.6 });
  if (window.innerWidth < 768) $("#map").scrollIntoView({ block: "start" });
  $("#map").focus({ preventScroll: true });
}

$(".zoom").addEventListener("click", (event) => {
  const step = event.target.closest("button")?.dataset.zoom;
  if (step === "0") fit();
  else if (step) map.setZoom(map.getZoom() + Number(step));
});

fill($("#legend"), ["open", "restricted", "closed", "unspecified"].map((status) => h("span", {}, h("i", { class: `road-line ${status}` }), label("road_status", status).toLowerCase())));

// ---- beginning -------------------------------------------------------------------------------------------------

const began = address.read();
for (const name of RULES) if (began.get(name)) {
  if (name === "departure") departure.set(began.get(name));
  else form.elements[name].value = began.get(name);
}
for (const name of TICKS) if (began.get(name) !== null) form.elements[name].checked = began.get(name) === "1";
from.value = began.get("from") ?? "";
to.value = began.get("to") ?? "";
for (const words of (began.get("via") ?? "").split("|").filter(Boolean)) addVia(words);
setMode(began.get("mode") === "reach" ? "reach" : "way");
files = await formats.catch((problem) => (fill($("#ways"), failure(problem)), []));

mounted.then((made) => {
  ({ map, tiles } = made);
  onPaper(map);
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
  const shown = ["basemap", "boundaries", "roads", "risk_zones", "hazards", "areas_of_operation"];
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: shown.includes(layer.name), opacity: layer.name === "areas_of_operation" ? 0.4 : layer.style.opacity });
  tiles.refresh();
  question.datetime = panel.as_of;
  tiles.ask(question);
  map.on("click", ({ latlng }) => {
    const active = places().includes(state.active) ? state.active : from;
    active.value = `${latlng.lat.toFixed(5)}, ${latlng.lng.toFixed(5)}`;
    state.active = active === from && state.mode === "way" && !to.value ? to : active;
    if (both()) form.requestSubmit();
    else state.active.input.focus();
  });
  if (both()) form.requestSubmit();
  else drawLines();
});
