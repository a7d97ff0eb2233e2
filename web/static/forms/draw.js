// Polygons and lines put on the map by hand: by clicks, by dragging, and by keys alone.

/* global L */

import { h, say } from "../lib/dom.js";
import { grips } from "./grips.js";
import { take } from "./handles.js";
import { mgrs } from "../lib/mgrs.js";
import { areaKm2, cornersOf, fromGeoJSON, lineOf, middle, ofLine, placed, toGeoJSON } from "../lib/rings.js";

const MOST_HANDLES = 60; // corners in view; where there are more, one moves closer to move them
const EDGE = { color: "#17212B", weight: 2, interactive: false };
const CASING = { color: "#FFFFFF", weight: 5, opacity: 0.9, fill: false, interactive: false };

// One polygon, of several parts and with holes where it was brought like that; or, of the `kind` "line", one line. Corners are clicked, dragged, typed; every
// step can be undone. `changed` is told { corners, km2, open, editable }, `left` when Escape was pressed; `instead` takes the
// clicks while another way to a shape is open, and a sketch that is put `aside` goes before both. A corner near what lies beside
// is put on it (`snap`), and the border between two such corners is followed.
export class Drawing {
  /** @type {L.Map} */
  map;
  /** @type {(shape: { corners: number, km2: number, open: boolean, editable: boolean }) => void} */
  changed;
  /** @type {() => void} */
  left;
  /** @type {((at: L.LatLng) => unknown) | null} */
  instead;
  /** @type {import("./sketch.js").Sketch | null} */
  aside;
  /** @type {import("./snap.js").Snap | null} */
  snap;
  /** @type {number} */
  least;
  /** @type {boolean} */
  line;
  /** @type {boolean} */
  dragging;
  /** @type {number[][][][]} */
  parts;
  /** @type {boolean} */
  open;
  /** @type {{ parts: number[][][][], open: boolean }[]} */
  past;
  /** @type {any[]} */
  handles;

  constructor(map, { kind = "polygon", changed, left }) {
    Object.assign(this, { map, changed, left, least: kind === "line" ? 2 : 3, line: kind === "line", parts: [], open: true, past: [], handles: [], instead: null, aside: null, snap: null, dragging: false });
    const made = /** @type {(at: any[], how: L.PolylineOptions) => L.Polyline} */ (this.line ? L.polyline : L.polygon);
    this.casing = made([], CASING).addTo(map);
    this.shape = made([], { ...EDGE, weight: this.line ? 3 : EDGE.weight, fill: !this.line, fillOpacity: 0.35 }).addTo(map);
    this.band = L.polyline([], { ...EDGE, weight: 1.5, dashArray: "4 4" }).addTo(map);
    this.words = h("span", { class: "grid-label", dir: "ltr" });
    this.label = L.marker([0, 0], { interactive: false, keyboard: false, icon: L.divIcon({ className: "handle-place", iconSize: null, html: this.words }) });
    this.free = take(map, { clicked: (at, by) => this.clicked(at, by?.altKey), pointed: (at) => this.pointed(at), key: (event) => this.key(event) }, () => this.clear());
    this.viewed = () => !this.dragging && this.draw();
    map.on("moveend", this.viewed);
  }

  get ring() {
    return this.parts[0]?.[0] ?? [];
  }

  get corners() {
    return cornersOf(this.parts);
  }

  // Corners in view.
  inView(ring) {
    const view = this.map.getBounds();
    return ring.filter((corner) => view.contains(corner)).length;
  }

  get editable() {
    return this.parts.flat().reduce((sum, ring) => sum + this.inView(ring), 0) <= MOST_HANDLES && !(this.line && this.parts.length > 1);
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

  // A click, or a key that stands for one in the middle of the map.
  clicked(latlng, free = false) {
    if (this.aside) this.aside.add(this.put(latlng, free));
    else if (this.instead) this.instead(latlng);
    else if (this.open) this.add(latlng, free);
  }

  // Where a corner comes to be that is put there: on what lies beside, unless it is put freely.
  put({ lat, lng }, free = false) {
    return (!free && this.snap?.at({ lat, lng })) || placed(lat, lng);
  }

  add(latlng, free = false) {
    const corner = this.put(latlng, free);
    this.remember();
    if (!this.parts.length) this.parts = [[[]]];
    const along = this.ring.length && !free ? (this.snap?.follow(this.ring.at(-1), corner, this.ring) ?? []) : [];
    this.ring.push(...along, corner);
    this.draw();
    say(`Corner ${this.ring.length} at ${mgrs(...corner)}${along.length ? ", along a border" : ""}`);
  }

  // A sketch beside the shape has the clicks and keys until it is left.
  putAside(sketch) {
    this.leaveAside();
    this.aside = sketch;
  }

  leaveAside() {
    this.aside?.stop();
    this.aside = null;
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
    if (!this.line) this.ring.push(...(this.snap?.follow(this.ring.at(-1), this.ring[0], this.ring) ?? []));
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
    const held = this.handles.find((each) => each.button === document.activeElement);
    for (const handle of this.handles) handle.stop();
    this.handles = [];
    this.point(null);
    this.band.setLatLngs([]);
    if (this.editable) for (const ring of this.parts.flat()) this.handles.push(...grips(this, ring));
    this.trace();
    if (held?.ring) this.handles.find((each) => each.ring === held.ring && each.at === held.at)?.button.focus();
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
    if (!this.open || this.instead || this.aside) return;
    const to = at && this.put(at);
    at = to && L.latLng(to);
    this.point(at);
    this.band.setLatLngs(at && this.ring.length ? [this.ring.at(-1), at, ...(this.ring.length > 1 && !this.line ? [this.ring[0]] : [])] : []);
  }

  key(event) {
    const onMap = event.target === this.map.getContainer();
    const onCorner = event.target.matches(".handle.corner");
    if (event.key === "Escape" && this.aside) this.aside.left();
    else if (event.key === "Escape") this.left();
    else if (this.aside && onMap && event.key === "Enter") this.aside.finish();
    else if (this.aside && onMap && event.key === "Backspace") this.aside.back();
    else if (event.key.toLowerCase() === "s" && this.snap && !event.ctrlKey && !event.metaKey) this.turnSnap();
    else if (event.key === "Enter" && (onMap || onCorner)) this.finish();
    else if (event.key === " " && onMap) this.clicked(this.map.getCenter());
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else if (event.key === "Backspace" && onMap) this.undo();
    else return false;
    return true;
  }

  turnSnap() {
    this.snap.turn();
    say(this.snap.on ? "Corners snap to what lies beside" : "Corners stay where they are put");
    this.trace();
  }

  clear() {
    this.leaveAside();
    this.snap?.stop();
    this.map.off("moveend", this.viewed);
    for (const handle of this.handles) handle.stop();
    for (const layer of [this.casing, this.shape, this.band, this.label]) layer.remove();
    this.map.getContainer().classList.remove("dragging");
  }

  stop() {
    this.free();
  }
}
