// Hot spots as a list in words and as numbers on the map; the same number in both.

import { label, panel, symbolOf } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { nothing } from "../lib/empty.js";
import { boxOf } from "../lib/shapes.js";
import { swatch } from "../lib/symbols.js";
import { number, period, plural } from "../lib/format.js";

const LISTED = 20;
let drawn;
let all = false;

const layer = panel.layers.find((each) => each.name === "hot_spots");

const course = (p) => [
  swatch(symbolOf("hot_spots", p.course), "polygon", { opacity: 1 }),
  h("span", {}, h("b", {}, label("courses", p.course)), p.course === "past" ? "" : `: ${number(p.recent)} in the last ${number(p.gap_days)} days, ${number(p.before)} in the ${number(p.gap_days)} before`),
];

function line(feature, place, choose) {
  const p = feature.properties;
  return h("li", {}, h("button", { type: "button", class: "spot", "data-id": p.id, "aria-pressed": "false", onclick: () => choose(feature) },
    h("span", { class: "disc" }, place),
    h("span", { class: "spot-words" },
      h("b", {}, p.district ?? "Outside the districts on record", p.districts > 1 ? ` and ${plural(p.districts - 1, "more district")}` : ""),
      h("span", {}, `${plural(p.n, "incident")}, ${plural(p.fatalities, "death")} reported, ${period(p.first_day, p.last_day)}`),
      h("span", { class: "hint-text" }, `mostly ${mostly(p.event_type)}`),
      p.beside > 0 && h("span", { class: "hint-text" }, `${plural(p.beside, "more incident")} nearby ${p.beside === 1 ? "forms" : "form"} no hot spot`),
      h("span", { class: "course" }, course(p)))));
}

const mostly = (type) => panel.layers.find((each) => each.name === "incidents").style.rules.find((r) => r.value === type)?.label ?? type;

export function listSpots(root, found, { hidden, scattered, choose }) {
  const shown = all ? found : found.slice(0, LISTED);
  fill(root,
    h("div", { class: "chart-head" }, h("h2", {}, "Hot spots"), h("span", { class: "hint-text" }, hidden ? "" : number(found.length))),
    h("p", { class: "hint-text" }, layer.style.note),
    !hidden && found.length ? h("ol", { class: "spots" }, shown.map((feature, i) => line(feature, i + 1, choose)))
      : nothing("hot_spots", { title: "None in these months", words: "No incidents this room is shown lie so close in place and time. Choose more months to look further back. Absence of data is not absence of risk." }),
    scattered?.incidents > 0 && h("p", { class: "hint-text", id: "scattered" }, `${plural(scattered.incidents, "more incident")} lie close together at ${plural(scattered.places, "other place")} and form none: no part of them is large enough within that distance and those days.`),
    shown.length < found.length && h("button", { type: "button", class: "button small", onclick: () => { all = true; listSpots(root, found, { hidden, scattered, choose }); root.focus(); } }, `List all ${number(found.length)}`));
}

const APART = 24;

// The numbers of the list where the hot spots are; a click on one is as one on its line. One that would lie on an earlier
// number is a dot until the map is closer.
export function drawSpots(map, found, choose) {
  drawn?.remove();
  const { L } = window;
  const markers = found.slice(0, LISTED).map((feature, i) => {
    const [west, south, east, north] = boxOf(feature.geometry);
    const title = `${i + 1} ${feature.properties.district ?? ""}`;
    const marker = L.marker([(south + north) / 2, (west + east) / 2], { keyboard: false, title, zIndexOffset: (LISTED - i) * 1000, icon: L.divIcon({ className: "route-disc", iconSize: [22, 22], html: h("span", { class: "disc" }, i + 1) }) });
    return marker.on("click", () => choose(feature));
  });
  const thin = () => {
    const taken = [];
    for (const marker of markers) {
      const at = map.latLngToLayerPoint(marker.getLatLng());
      const free = taken.every((other) => at.distanceTo(other) >= APART);
      if (free) taken.push(at);
      marker.getElement().firstElementChild.classList.toggle("dot", !free);
    }
  };
  drawn = L.layerGroup(markers).addTo(map);
  thin();
  map.on("zoomend", thin);
  drawn.on("remove", () => map.off("zoomend", thin));
}
