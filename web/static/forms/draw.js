// Points and polygons put on the map by hand: by clicks, by dragging, and by keys alone.

/* global L */

import { h, say } from "../lib/dom.js";
import { Handle, take } from "./handles.js";
import { mgrs } from "../lib/mgrs.js";
import { areaKm2, cornersOf, fromGeoJSON, lineOf, middle, ofLine, toGeoJSON } from "../lib/rings.js";

const MOST_HANDLES = 60; // corners; a shape with more is taken as it is
const MOST_BETWEEN = 24; // corners; between those of a ring with more there is no room for handles
const EDGE = { color: "#17212B", weight: 2, interactive: false };
const CASING = { color: "#FFFFFF", weight: 5, opacity: 0.9, fill: false, interactive: false };

// One point: a click, or Space for the middle of the map, sets it; then it is dragged, or moved by arrow keys.
// `onPoint` is told { lat, lon, mgrs }. Gives { set(lat, lon), stop() }.
export function pickPoint(map, { onPoint, at = null, name = "The point" }) {
  let handle = null;
  const tell = ({ lat, lng }) => onPoint({ lat, lon: lng, mgrs: mgrs(lat, lng) });
  const show = (latlng) => {
    if (handle) handle.marker.setLatLng(latlng);
    else handle = new Handle(map, latlng, { kind: "point", name, moved: tell });
  };
  const put = (latlng) => {
    show(latlng);
    tell(latlng);
  };
  const key = (event) => {
    if (event.target !== map.getContainer() || (event.key !== " " && event.key !== "Enter")) return false;
    put(map.getCenter());
    say(`Point at ${mgrs(map.getCenter().lat, map.getCenter().lng)}`);
    return true;
  };
  const stop = take(map, { clicked: put, key }, () => handle?.stop());
  if (at) show(L.latLng(at.lat, at.lon));
  return { set: (lat, lon) => show(L.latLng(lat, lon)), stop };
}

// One polygon, of several parts and with holes where it was brought like that; or, of the `kind` "line", one line. Corners are clicked, dragged, typed; every
// step can be undone. `changed` is told { corners, km2, open, editable }, `left` when Escape was pressed; `instead` takes the
// clicks while another way to a shape is open.
export class Drawing {
  /** @type {L.Map} */
  map;
  /** @type {(shape: { corners: number, km2: number, open: boolean, editable: boolean }) => void} */
  changed;
  /** @type {() => void} */
  left;
  /** @type {((at: L.LatLng) => unknown) | null} */
  instead;
  /** @type {number} */
  least;
  /** @type {boolean} */
  line;
  /** @type {number[][][][]} */
  parts;
  /** @type {boolean} */
  open;
  /** @type {{ parts: number[][][][], open: boolean }[]} */
  past;
  /** @type {any[]} */
  handles;

  constructor(map, { kind = "polygon", changed, left }) {
    Object.assign(this, { map, changed, left, least: kind === "line" ? 2 : 3, line: kind === "line", parts: [], open: true, past: [], handles: [], instead: null });
    const made = /** @type {(at: any[], how: L.PolylineOptions) => L.Polyline} */ (this.line ? L.polyline : L.polygon);
    this.casing = made([], CASING).addTo(map);
    this.shape = made([], { ...EDGE, weight: this.line ? 3 : EDGE.weight, fill: !this.line, fillOpacity: 0.35 }).addTo(map);
    this.band = L.polyline([], { ...EDGE, weight: 1.5, dashArray: "4 4" }).addTo(map);
    this.words = h("span", { class: "grid-label", dir: "ltr" });
    this.label = L.marker([0, 0], { interactive: false, keyboard: false, icon: L.divIcon({ className: "handle-place", iconSize: null, html: this.words }) });
    this.free = take(map, { clicked: (at) => (this.instead ? this.instead(at) : this.open && this.add(at)), pointed: (at) => this.pointed(at), key: (event) => this.key(event) }, () => this.clear());
  }

  get ring() {
    return this.parts[0]?.[0] ?? [];
  }

  get corners() {
    return cornersOf(this.parts);
  }

  get editable() {
    return this.corners <= MOST_HANDLES && !(this.line && this.parts.length > 1);
  }

  // GeoJSON; null while it has no area.
  get geometry() {
    return this.line ? lineOf(this.parts) : toGeoJSON(this.parts);
  }

  // The corners as they are, also of what is no area yet.
  get outline() {
    return structuredClone(this.parts);
  }

  // Goes on with GeoJSON, or with an outline that was kept, and brings it into view.
  begin(shape, open = false) {
    this.parts = Array.isArray(shape) ? shape : this.line ? ofLine(shape) : fromGeoJSON(shape);
    this.open = open || !this.parts.length;
    this.past = [];
    this.draw();
    if (this.corners > 1) this.map.fitBounds(this.shape.getBounds(), { padding: [60, 60], maxZoom: 12, animate: false });
  }

  // ---- changes, each of which can be undone ---------------------------------------------------------------------

  remember() {
    this.past.push({ parts: structuredClone(this.parts), open: this.open });
    if (this.past.length > 100) this.past.shift();
  }

  undo() {
    const before = this.past.pop();
    if (!before) return;
    Object.assign(this, before);
    this.draw();
  }

  // Another shape in place of this one: GeoJSON, or null to begin anew.
  set(geometry) {
    this.remember();
    this.parts = fromGeoJSON(geometry);
    this.open = !this.parts.length;
    this.draw();
  }

  // Corners that were typed; three of them are a shape.
  lines(corners) {
    this.remember();
    this.parts = corners.length ? [[corners]] : [];
    this.open = corners.length < this.least;
    this.draw();
  }

  add({ lat, lng }) {
    this.remember();
    if (!this.parts.length) this.parts = [[[]]];
    this.ring.push([lat, lng]);
    this.draw();
    say(`Corner ${this.ring.length} at ${mgrs(lat, lng)}`);
  }

  insert(ring, after) {
    this.remember();
    ring.splice(after + 1, 0, middle(ring[after], ring[(after + 1) % ring.length]));
    this.draw();
    this.handles.find((each) => each.ring === ring && each.at === after + 1)?.button.focus();
  }

  remove(ring, at) {
    if (!this.open && ring.length <= this.least) {
      say(`${this.line ? "Two" : "Three"} corners are the least.`);
      return;
    }
    this.remember();
    ring.splice(at, 1);
    if (!this.ring.length) this.parts = [];
    this.draw();
    const next = this.handles.find((each) => each.ring === ring && each.at === Math.min(at, ring.length - 1));
    (next?.button ?? this.map.getContainer()).focus();
  }

  finish() {
    if (!this.open || this.ring.length < this.least) {
      if (this.open) say(`It has ${this.line ? "two" : "three"} corners at least.`);
      return;
    }
    this.remember();
    this.open = false;
    this.draw();
    say(`${this.line ? "Line finished" : "Shape closed"}, ${this.corners} corners`);
  }

  // ---- what is shown ---------------------------------------------------------------------------------------------

  paint(fill) {
    this.shape.setStyle({ fillColor: fill });
  }

  trace() {
    const drawn = /** @type {any} */ (this.line ? this.parts.flat() : this.parts); // Leaflet has a type a depth
    this.casing.setLatLngs(drawn);
    this.shape.setLatLngs(drawn);
    this.changed({ corners: this.corners, km2: this.line ? 0 : areaKm2(this.parts), open: this.open, editable: this.editable });
  }

  draw() {
    for (const handle of this.handles) handle.stop();
    this.handles = [];
    this.point(null);
    this.band.setLatLngs([]);
    if (this.editable) for (const ring of this.parts.flat()) this.grips(ring);
    this.trace();
  }

  grips(ring) {
    ring.forEach((corner, at) => {
      const handle = new Handle(this.map, corner, {
        kind: "corner", name: `Corner ${at + 1} of ${ring.length}, ${mgrs(...corner)}. Arrow keys move it, Delete removes it.`,
        moved: (to, first) => {
          if (first) this.remember();
          ring[at] = [to.lat, to.lng];
          this.map.getContainer().classList.add("dragging");
          this.trace();
          this.point(to);
        },
        dropped: () => this.settle(ring, at),
        pressed: () => this.open && at === (this.line ? ring.length - 1 : 0) && this.finish(),
        removed: () => this.remove(ring, at),
        shown: (where) => this.point(where),
      });
      this.handles.push(Object.assign(handle, { ring, at }));
    });
    if (this.open || ring.length > MOST_BETWEEN) return;
    ring.slice(0, this.line ? -1 : undefined).forEach((corner, at) => {
      const next = (at + 1) % ring.length;
      this.handles.push(new Handle(this.map, middle(corner, ring[next]), {
        kind: "between", name: `Add a corner between ${at + 1} and ${next + 1}`, pressed: () => this.insert(ring, at),
      }));
    });
  }

  // After a corner was moved the places between the corners are others.
  settle(ring, at) {
    this.map.getContainer().classList.remove("dragging");
    const had = this.handles.find((each) => each.ring === ring && each.at === at)?.button === document.activeElement;
    this.draw();
    if (had) this.handles.find((each) => each.ring === ring && each.at === at)?.button.focus();
  }

  // The grid reference beside the corner or the pointer.
  point(at) {
    if (!at) {
      this.label.remove();
      return;
    }
    this.words.textContent = mgrs(at.lat, at.lng);
    this.label.setLatLng(at).addTo(this.map);
  }

  pointed(at) {
    if (!this.open || this.instead) return;
    this.point(at);
    this.band.setLatLngs(at && this.ring.length ? [this.ring.at(-1), at, ...(this.ring.length > 1 && !this.line ? [this.ring[0]] : [])] : []);
  }

  key(event) {
    const onMap = event.target === this.map.getContainer();
    const onCorner = event.target.matches(".handle.corner");
    if (event.key === "Escape") this.left();
    else if (event.key === "Enter" && (onMap || onCorner)) this.finish();
    else if (event.key === " " && onMap) this.open && this.add(this.map.getCenter());
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else if (event.key === "Backspace" && onMap) this.undo();
    else return false;
    return true;
  }

  clear() {
    for (const handle of this.handles) handle.stop();
    for (const layer of [this.casing, this.shape, this.band, this.label]) layer.remove();
    this.map.getContainer().classList.remove("dragging");
  }

  stop() {
    this.free();
  }
}
