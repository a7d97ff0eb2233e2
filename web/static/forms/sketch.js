// A line or ring that is clicked beside the shape, by which the shape is then changed.

/* global L */

import { say } from "../lib/dom.js";
import { mgrs } from "../lib/mgrs.js";
import { plural } from "../lib/format.js";

const LOOK = { color: "#0F5C6E", weight: 3, dashArray: "8 5", interactive: false };

export class Sketch {
  /** @type {number[][]} */
  corners;
  /** @type {boolean} */
  ring;
  /** @type {number} */
  least;
  /** @type {() => void} */
  done;
  /** @type {() => void} */
  left;
  /** @type {() => void} */
  changed;

  // `least` are the corners that it needs; `done` is called by Enter, once it has them, and `left` by Escape.
  constructor(map, { ring = false, done, left, changed = () => {} }) {
    Object.assign(this, { map, ring, done, left, changed, least: ring ? 3 : 2, corners: [] });
    const made = /** @type {(at: any[], how: L.PolylineOptions) => L.Polyline} */ (ring ? L.polygon : L.polyline);
    this.shape = made([], { ...LOOK, fill: ring, fillOpacity: 0.15 }).addTo(map);
    this.dots = L.layerGroup([]).addTo(map);
  }

  get ready() {
    return this.corners.length >= this.least;
  }

  get geometry() {
    const line = this.corners.map(([lat, lon]) => [lon, lat]);
    return this.ring ? { type: "Polygon", coordinates: [[...line, line[0]]] } : { type: "LineString", coordinates: line };
  }

  add(corner) {
    this.corners.push(corner);
    this.draw();
    say(`Corner ${this.corners.length} at ${mgrs(...corner)}`);
  }

  back() {
    this.corners.pop();
    this.draw();
  }

  finish() {
    if (this.ready) this.done();
    else say(`It needs ${plural(this.least, "corner")} at least.`);
  }

  draw() {
    this.shape.setLatLngs(/** @type {any} */ (this.corners));
    this.dots.clearLayers();
    for (const corner of this.corners) L.circleMarker(/** @type {any} */ (corner), { radius: 4, color: LOOK.color, weight: 2, fillColor: "#FFFFFF", fillOpacity: 1, interactive: false }).addTo(this.dots);
    this.changed();
  }

  stop() {
    this.shape.remove();
    this.dots.remove();
  }
}
