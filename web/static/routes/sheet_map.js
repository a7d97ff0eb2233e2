// The map of the sheet: a picture of the page's map as it stands, taken when printing begins, with a bar of kilometres.

import { $, fill, h } from "../lib/dom.js";
import { label } from "../lib/api.js";
import { number } from "../lib/format.js";

const WIDTH = 700; // pixels of paper between the margins of A4
const LONGEST = 0.3; // of the width that the bar takes at most

/** The longest of 1, 2, 5, 10 … (km) that is no longer than this. */
export function roundKm(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].find((n) => n * power <= most) * power;
}

// Every canvas is drawn once more, since a copy of the elements has none of their pixels.
function picture(from) {
  const made = from.cloneNode(true);
  const [was, is] = [from.querySelectorAll("canvas"), made.querySelectorAll("canvas")];
  was.forEach((canvas, i) => canvas.width && is[i].getContext("2d").drawImage(canvas, 0, 0));
  for (const each of [made, ...made.querySelectorAll("[id]")]) each.removeAttribute("id");
  made.querySelector(".leaflet-control-container")?.remove();
  made.setAttribute("aria-hidden", "true");
  return made;
}

function bar(map, zoom) {
  const { x, y } = map.getSize();
  const km = map.distance(map.containerPointToLatLng([0, y / 2]), map.containerPointToLatLng([x, y / 2])) / 1000;
  const length = roundKm(km * LONGEST);
  return h("span", { class: "sheet-bar" }, h("i", { style: `inline-size:${(x * zoom * length) / km}px` }), `${number(length, length < 1 ? 2 : 0)} km`);
}

/**
 * Draw it whenever the page goes to paper.
 * @param {any} map Leaflet's
 */
export function onPaper(map) {
  const draw = () => {
    const place = $("#sheet-map");
    if (!place) return;
    const { x, y } = map.getSize();
    const zoom = Math.min(1.5, WIDTH / x);
    fill(place, h("div", { class: "sheet-picture", style: `inline-size:${x}px;block-size:${y}px;zoom:${zoom}` }, picture(map.getContainer())),
      h("p", { class: "sheet-key" }, bar(map, zoom), h("span", {}, h("i", { class: "road-line chosen" }), "this way"), h("span", {}, h("i", { class: "road-line other" }), "other ways"),
        ["open", "restricted", "closed", "unspecified"].map((status) => h("span", {}, h("i", { class: `road-line ${status}` }), `road ${label("road_status", status).toLowerCase()}`)), h("span", {}, "north is up")));
  };
  window.addEventListener("beforeprint", draw);
  window.matchMedia("print").addEventListener("change", ({ matches }) => matches && draw());
}
