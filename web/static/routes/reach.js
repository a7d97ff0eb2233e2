// What is reached from a hub, later, or not at all: on the map, as a table, and the pieces of road that hold up most.

import { h, icon } from "../lib/dom.js";
import { number, plural } from "../lib/format.js";

const ORDER = { reached: "reached", later: "later", cut: "cut off" };
export const statusOf = (place, within) => (place.hours === null ? "cut" : place.hours <= within ? "reached" : "later");

// The whole answer as elements of the panel; `fly(lon, lat)` brings the map to a place.
export function answer(found, fly) {
  const within = found.within_hours;
  const groups = Object.keys(ORDER).map((kind) => [kind, found.places.filter((p) => statusOf(p, within) === kind)]);
  return [
    h("div", { class: "reach-counts" }, groups.map(([kind, places]) => h("span", {}, mark(kind), h("b", {}, number(places.length)), ` ${ORDER[kind]}`))),
    h("p", { class: "hint-text small" }, `Within ${number(within)} h on the road; nights are not stood. ${plural(found.places.filter((p) => p.what === "site").length, "site")} and ${plural(found.places.filter((p) => p.what === "district").length, "district")}; a district by a point inside it.`),
    found.hold_up.length ? [h("h2", {}, "Pieces of road that hold up most"), h("p", { class: "hint-text small" }, "Lost alone, each would cut these off."),
      h("ol", { class: "hold-up" }, found.hold_up.map((piece, i) => h("li", {}, h("button", { type: "button", class: "line", onclick: () => fly(...piece.at) },
        h("span", { class: "disc" }, i + 1), h("span", { class: "grow" }, h("b", {}, piece.road || "A road without a name"), h("span", { class: "hint-text" }, few(piece.names))), h("span", {}, plural(piece.places, "place"))))))] : null,
    h("h2", {}, "Places"),
    h("table", { class: "reach-table" }, h("thead", {}, h("tr", {}, ["", "Place", "What", "Hours"].map((title, i) => h("th", { scope: "col", class: i === 3 ? "end" : "" }, title || h("span", { class: "unseen" }, "Reached"))))),
      h("tbody", {}, groups.flatMap(([kind, places]) => places.map((place) => h("tr", {}, h("td", {}, mark(kind)),
        h("td", {}, h("button", { type: "button", class: "quiet", onclick: () => fly(place.lon, place.lat) }, place.name)), h("td", {}, place.what),
        h("td", { class: "end" }, place.hours === null ? "cut off" : number(place.hours, 1))))))),
    h("p", { class: "what-not" }, "Reckoned on the roads as recorded. It gives no permission; absence of data is not absence of risk."),
  ];
}

const few = (names) => (names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${number(names.length - 4)} more` : names.join(", "));
export const mark = (kind) => h("span", { class: `mark ${kind}`, role: "img", "aria-label": ORDER[kind] }, kind === "cut" ? icon("close") : "");

// The layers of a reach on the map: roads by quarters of the hours, thinner and lighter the later; places by their sign.
export function drawn(L, found) {
  const parts = found.bands.map((band, i) => L.polyline(band.lines.map((line) => line.map(([x, y]) => [y, x])),
    { color: "#0F5C6E", weight: 4 - i * 0.7, opacity: 0.95 - i * 0.17, dashArray: i === 3 ? "6 5" : null, interactive: false }));
  const size = found.places.length > 400 ? 8 : 12;
  for (const place of found.places) {
    const kind = statusOf(place, found.within_hours);
    const marker = L.marker([place.lat, place.lon], { keyboard: false, icon: L.divIcon({ className: "route-disc", iconSize: [size, size], html: mark(kind) }), title: `${place.name}, ${place.hours === null ? "cut off" : `${number(place.hours, 1)} h`}` });
    parts.push(marker);
  }
  found.hold_up.forEach((piece, i) => parts.push(L.marker([piece.at[1], piece.at[0]], { keyboard: false, title: piece.road || "A road without a name", zIndexOffset: 500, icon: L.divIcon({ className: "route-disc", iconSize: [22, 22], html: h("span", { class: "disc number" }, i + 1) }) })));
  return parts;
}
