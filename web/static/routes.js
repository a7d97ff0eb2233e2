// Ask for a way: two places, a vehicle and a time in; ways, their segments and whom to notify out. The choice stays with people.

import * as address from "./address.js";
import { get, label, panel, question, send, symbolOf } from "./api.js";
import { $, failure, fill, h, icon, say } from "./dom.js";
import { badge, domainSign } from "./overlap.js";
import { mounted } from "./tiles.js";
import { number, plural } from "./words.js";

const form = $("#ask");
const fields = ["from", "via", "to"];
const CHOSEN = { color: "#0F5C6E", weight: 6, opacity: 1 };
const CASING = { color: "#FFFFFF", weight: 10, opacity: 0.9 };
const OTHERS = [{ color: "#55616B", weight: 4, dashArray: "9 5" }, { color: "#55616B", weight: 4, dashArray: "3 5" }];
const state = { ways: [], chosen: 0, spots: {}, active: "from", table: false };
let map, drawn;

const hours = (value) => `${Math.floor(value + 1 / 120)} h ${String(Math.round(value * 60) % 60).padStart(2, "0")}`;
const km = (value) => `${number(value, value < 10 ? 1 : 0)} km`;

// ---- the question ----------------------------------------------------------------------------------------------

const vehicles = Object.entries(panel.codes.vehicle_classes).filter(([code]) => code !== "0");
fill($("#vehicle"), vehicles.map(([code, words]) => h("option", { value: code, selected: code === "4" }, words)));
fill($("#risk-level"), h("option", { value: "" }, "may be crossed"), [2, 3, 4, 5].map((level) => h("option", { value: level }, `${level} ${label("risk_levels", level)} and above`)));
form.elements.departure.value = `${panel.as_of}T06:00`;

const began = address.read();
for (const name of [...fields, "vehicle", "departure", "risk_level", "risk"]) if (began.get(name)) form.elements[name].value = began.get(name);

for (const name of fields) {
  const field = form.elements[name];
  field.addEventListener("focus", () => (state.active = name));
  field.addEventListener("input", () => delete state.spots[name]);
}

async function spot(name) {
  const words = form.elements[name].value.trim();
  if (!words) return null;
  state.spots[name] ??= await get("/place", { q: words, datetime: "" });
  return state.spots[name];
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = $("button[type=submit]", form);
  button.disabled = true;
  fill($("#ways"), h("p", { class: "hint-text" }, "Looking for ways…"));
  try {
    const spots = (await Promise.all(fields.map(spot))).filter(Boolean);
    const asked = form.elements;
    address.write(Object.fromEntries([...fields, "vehicle", "departure", "risk_level", "risk"].map((name) => [name, asked[name].value])));
    const found = await send("POST", "/routes", {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        waypoints: { type: "MultiPoint", coordinates: spots.map((s) => [s.lon, s.lat]) },
        vehicle_class: Number(asked.vehicle.value), departure: `${asked.departure.value}:00Z`, alternatives: 3,
        forbid: { closed: asked.closed.checked, hazards: asked.hazards.checked, risk_level: asked.risk_level.value ? Number(asked.risk_level.value) : null },
        weigh: { risk: Number(asked.risk.value) },
      }),
    });
    state.ways = found.routes;
    state.chosen = 0;
    listWays(found);
    draw(spots, found);
  } catch (problem) {
    state.ways = [];
    fill($("#ways"), failure(problem));
    draw([], {});
  } finally {
    button.disabled = false;
  }
});

// ---- the ways --------------------------------------------------------------------------------------------------

function listWays(found) {
  if (!found.routes.length) {
    fill($("#ways"), h("div", { class: "state", role: "alert" }, h("p", { class: "state-title" }, "No way was found"), h("p", {}, found.blocked.what)),
      found.blocked.would_open.map((stop) => h("p", { class: "hint-text" }, h("b", {}, stop.road || "A road without a name"), `: ${stop.reason}${stop.names.length ? ` (${stop.names.join(", ")})` : ""}`)));
    say(`No way was found. ${found.blocked.what}`);
    return;
  }
  fill($("#ways"), h("div", { class: "way-head" }, h("b", {}, plural(found.routes.length, "way")), h("span", { class: "hint-text" }, "fewest weighed hours first")),
    found.routes.map((way, i) => h("button", { type: "button", class: "way", "aria-pressed": String(i === state.chosen), onclick: () => choose(i) },
      h("span", { class: "way-head" }, h("span", { class: "disc" }, i + 1), h("b", {}, km(way.km)), hours(way.hours)),
      h("dl", {}, [
        ["in risk zones", way.km_in_zones ? `${km(way.km_in_zones)}, highest ${label("risk_levels", way.highest_risk)}` : "none recorded"],
        ["in hazard areas", way.km_in_hazards ? km(way.km_in_hazards) : "none recorded"],
        ["restricted road", km(sum(way, (p) => p.status === "restricted"))],
        ["road without a report", km(sum(way, (p) => p.status === "unspecified"))],
        ["actors to notify", number(way.notify.length)],
      ].map(([what, value]) => [h("dt", {}, what), h("dd", {}, value)])))));
  say(`${plural(found.routes.length, "way")} found; the first is ${km(found.routes[0].km)}, ${hours(found.routes[0].hours)}`);
}

const sum = (way, wanted) => way.features.reduce((total, f) => total + (wanted(f.properties) ? f.properties.km : 0), 0);

function choose(i) {
  state.chosen = i;
  for (const [place, card] of [...document.querySelectorAll(".way")].entries()) card.setAttribute("aria-pressed", String(place === i));
  drawLines();
  drawStrip();
  drawNotify();
}

// ---- the map ---------------------------------------------------------------------------------------------------

const disc = (words, at, kind = "") => window.L.marker(at, { interactive: false, icon: window.L.divIcon({ className: "route-disc", iconSize: [22, 22], html: h("span", { class: `disc ${kind}` }, words) }) });

function draw(spots, found) {
  $("#strip").hidden = $("#notify").hidden = !state.ways.length;
  state.pins = spots.map((s, i) => disc(i === 0 ? "A" : i === spots.length - 1 ? "B" : "·", [s.lat, s.lon]));
  for (const stop of found.blocked?.would_open ?? []) state.pins.push(disc("×", [stop.at[1], stop.at[0]]));
  if (state.ways.length) {
    drawStrip();
    drawNotify();
  }
  map?.invalidateSize({ pan: false });
  drawLines();
  if (drawn?.getLayers().length) map.fitBounds(drawn.getBounds(), { padding: [40, 40], animate: false });
}

const lines = (way) => way.features.flatMap((f) => (f.geometry.type === "LineString" ? [f.geometry.coordinates] : f.geometry.coordinates)).map((line) => line.map(([x, y]) => [y, x]));

function drawLines() {
  if (!map) return;
  drawn?.remove();
  const parts = [];
  state.ways.forEach((way, i) => i !== state.chosen && parts.push(window.L.polyline(lines(way), { ...OTHERS[(i > state.chosen ? i - 1 : i) % 2], interactive: false })));
  const way = state.ways[state.chosen];
  if (way) parts.push(window.L.polyline(lines(way), { ...CASING, interactive: false }), window.L.polyline(lines(way), { ...CHOSEN, interactive: false }));
  state.ways.forEach((each, i) => {
    const all = lines(each).flat();
    parts.push(disc(i + 1, all[Math.floor(all.length * (0.35 + 0.15 * i))], i === state.chosen ? "number chosen" : "number"));
  });
  drawn = window.L.featureGroup([...parts, ...(state.pins ?? [])]).addTo(map);
}

// ---- segment by segment ----------------------------------------------------------------------------------------

// Segments that say the same are one block; the share of the way is its width.
function blocks(way, words) {
  const made = [];
  for (const { properties: p } of way.features) {
    const said = words(p);
    if (made.at(-1)?.key === said.key) made.at(-1).km += p.km;
    else made.push({ ...said, from: p.from_km, km: p.km });
  }
  if (!made.some((b) => b.words)) return h("span", { class: "nothing" }, "none recorded on this way");
  return made.map((b) => h("i", { class: b.class, style: `left:${(100 * b.from) / way.km}%;width:${(100 * b.km) / way.km}%;${b.style ?? ""}`, title: `${b.title || b.words}, km ${number(b.from, 1)} – ${number(b.from + b.km, 1)}` }, b.km / way.km > 0.07 ? b.words : ""));
}

function drawStrip() {
  const way = state.ways[state.chosen];
  const armed = (p) => p.actors.filter((a) => a.domain !== "civil");
  const lanes = [
    ["Whose ground", "ground", (p) => ({ key: armed(p).map((a) => a.id).join(), words: armed(p).map((a) => a.name).join(", "), style: armed(p).length ? "" : "background:none;border-color:transparent;" })],
    ["Risk zone", "risk", (p) => {
      const fill_ = symbolOf("risk_zones", p.risk_level);
      return { key: p.zones.map((z) => z.id).join(), words: p.risk_level ? `${p.risk_level} ${label("risk_levels", p.risk_level)}` : "", title: p.zones.map((z) => z.name).join(", ") || "no zone recorded", style: fill_ ? `background:${fill_.fill};color:${p.risk_level > 3 ? "#fff" : "#17212B"};` : "" };
    }],
    ["Road", "road", (p) => ({ key: p.status, class: p.status, words: label("road_status", p.status) })],
  ];
  fill($("#strip"),
    h("div", { class: "strip-head" }, h("b", {}, `Way ${state.chosen + 1}, segment by segment`),
      h("span", { class: "hint-text" }, `${km(way.km)} · ${hours(way.hours)} at the vehicle’s speed on each road`),
      FILES.map(([name, write]) => h("button", { type: "button", class: "button small", onclick: () => write(way) }, icon("download"), name)),
      h("button", { type: "button", class: "quiet", "aria-expanded": String(state.table), onclick: () => { state.table = !state.table; drawStrip(); map?.invalidateSize({ pan: false }); } }, state.table ? "Same as a strip" : "Same as a table")),
    state.table ? table(way) : h("div", { class: "lanes" }, lanes.map(([title, kind, words]) => [h("span", {}, title), h("div", { class: `lane ${kind}` }, blocks(way, words))]),
      h("div", { class: "axis-km", "aria-hidden": "true" }, [0, 0.25, 0.5, 0.75, 1].map((share) => h("span", {}, km(way.km * share))))));
}

// ---- to take along ---------------------------------------------------------------------------------------------

// Every file that leaves says what it is, for whom it was drawn, and what it is not.
const said = (way) => `Way from ${form.elements.from.value} to ${form.elements.to.value}, ${km(way.km)}, ${hours(way.hours)}. TLP:${panel.audience.handling}, drawn for ${panel.audience.title}, as of ${panel.as_of_text}. It gives no permission and no protection; absence of data is not absence of risk.${panel.operation.exercise ? " EXERCISE: all data invented." : ""}`;

function gpx(way) {
  const xml = document.implementation.createDocument("http://www.topografix.com/GPX/1/1", "gpx");
  const make = (tag, attributes = {}, ...children) => {
    const element = xml.createElementNS("http://www.topografix.com/GPX/1/1", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  Object.entries({ version: "1.1", creator: "geoapp" }).forEach(([name, value]) => xml.documentElement.setAttribute(name, value));
  xml.documentElement.append(
    make("metadata", {}, make("desc", {}, said(way))),
    make("trk", {}, make("name", {}, `Way ${state.chosen + 1}`), ...lines(way).map((line) => make("trkseg", {}, ...line.map(([lat, lon]) => make("trkpt", { lat, lon }))))));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(xml)}`;
}

function save(name, type, text) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const FILES = [
  ["GPX", (way) => save("way.gpx", "application/gpx+xml", gpx(way))],
  ["GeoJSON", (way) => save("way.geojson", "application/geo+json", JSON.stringify({ ...way, description: said(way) }))],
];

function table(way) {
  const head = [["From km", "end"], ["After", "end"], ["Road", ""], ["Status", ""], ["Ground of", ""], ["Risk zones, hazards", ""]];
  return h("table", {}, h("thead", {}, h("tr", {}, head.map(([title, kind]) => h("th", { scope: "col", class: kind }, title)))),
    h("tbody", {}, way.features.map(({ properties: p }) => h("tr", {},
      h("td", { class: "end" }, number(p.from_km, 1)), h("td", { class: "end" }, hours(p.from_hours)),
      h("td", {}, p.road || label("road_classes", p.road_class)),
      h("td", {}, label("road_status", p.status), p.status_recorded && p.status !== "unspecified" ? `, recorded ${p.status_recorded}` : ""),
      h("td", {}, p.actors.map((a) => a.name).join(", ") || "–"),
      h("td", {}, [...p.zones.map((z) => `${z.level} ${z.name}`), ...p.hazards.map((z) => z.name)].join(", ") || "–")))));
}

function drawNotify() {
  const way = state.ways[state.chosen];
  const where = (id) => {
    const on = way.features.map((f) => f.properties).filter((p) => p.actors.some((a) => a.id === id));
    return `km ${number(on[0].from_km)} – ${number(on.at(-1).from_km + on.at(-1).km)}, ${km(on.reduce((t, p) => t + p.km, 0))} on their ground`;
  };
  fill($("#notify"), h("h2", {}, "Actors to notify"),
    h("p", { class: "hint-text" }, `Those whose ground way ${state.chosen + 1} crosses.`),
    way.notify.length ? h("ul", {}, way.notify.map((a) => h("li", {}, domainSign(a.domain), h("span", {}, h("b", {}, a.name), h("span", { class: "hint-text" }, where(a.id))))))
      : h("p", {}, "No armed actor's area of operations is recorded on this way."),
    way.highest_risk ? h("p", { class: "way-head" }, badge(way.highest_risk), h("span", {}, `${km(way.km_in_zones)} in risk zones`)) : null,
    h("p", { class: "what-not" }, `This shows what is recorded as of ${panel.as_of_text}. It gives no permission and no protection. Notification informs; it does not ask. Absence of data is not absence of risk.`));
}

// ---- beginning -------------------------------------------------------------------------------------------------

mounted.then((made) => {
  map = made.map;
  const { tiles } = made;
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
  const shown = ["basemap", "boundaries", "roads", "risk_zones", "hazards", "areas_of_operation"];
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: shown.includes(layer.name), opacity: layer.name === "areas_of_operation" ? 0.4 : layer.style.opacity });
  tiles.refresh();
  question.datetime = panel.as_of;
  tiles.ask(question);
  map.on("click", ({ latlng }) => {
    const name = state.active;
    form.elements[name].value = `${latlng.lat.toFixed(5)}, ${latlng.lng.toFixed(5)}`;
    delete state.spots[name];
    state.active = name === "from" && !form.elements.to.value ? "to" : name;
    if (form.elements.from.value && form.elements.to.value) form.requestSubmit();
  });
  if (form.elements.from.value && form.elements.to.value) form.requestSubmit();
  else drawLines();
});
