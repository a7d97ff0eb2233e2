// Numbers that tie the list and both maps: a disc where a record is, a broken ring where it is not on that side, and outlines.

/* global L */

import { INK } from "../lib/symbols.js";

const ACCENT = "#0F5C6E";
const GREY = "#5E6B76";
const THEN = { color: INK, weight: 1.6, dashArray: "4 4", fill: false, interactive: false };
const NOW = { color: ACCENT, weight: 2.2, fillColor: ACCENT, fillOpacity: 0.12, interactive: false };
const WAS = { ...NOW, color: GREY, fillColor: GREY };

export class Ties {
  // `sides` are the two maps, then and now.
  constructor(sides) {
    this.sides = sides;
    this.groups = new Map(sides.map(({ map, side }) => [side, L.layerGroup().addTo(map)]));
    this.changes = [];
    this.all = false;
    this.clicked = () => {};
  }

  // `changes` are the numbered ones, in their order.
  set(changes, clicked) {
    Object.assign(this, { changes, clicked });
    this.draw();
  }

  // Whether every record's outline is drawn; else only that of what has moved, where it was.
  outlined(all) {
    this.all = all;
    this.draw();
  }

  draw() {
    for (const { side } of this.sides) {
      const group = this.groups.get(side).clearLayers();
      this.changes.forEach((change, i) => {
        const here = side === "then" ? change.was_at : change.is_at;
        const place = here?.at ?? (side === "then" ? change.is_at : change.was_at)?.at;
        if (this.all && here?.shape) group.addLayer(L.geoJSON(here.shape, { style: () => (side === "then" ? WAS : NOW), pointToLayer: dot }));
        if (change.kind === "moved" && side === "now" && change.was_at?.shape) group.addLayer(L.geoJSON(change.was_at.shape, { style: () => THEN, pointToLayer: dot }));
        if (place) group.addLayer(this.disc(i + 1, place.coordinates, Boolean(here)));
      });
    }
  }

  disc(n, [lng, lat], here) {
    const icon = L.divIcon({ className: here ? "tie" : "tie gone", html: String(n), iconSize: [22, 22] });
    return L.marker([lat, lng], { icon, keyboard: false }).on("click", () => this.clicked(n));
  }
}

const dot = (_, at) => L.circleMarker(at, { radius: 5 });
