// The shape of a record as a field of its form: an area, a line, a point, or whichever of them fits.

import { get } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { km2, plural } from "../lib/format.js";
import { mgrs } from "../lib/mgrs.js";
import { Drawing } from "./draw.js";
import { pickPoint } from "./point.js";
import { Corners, Shaping } from "./shaping.js";
import { Snap } from "./snap.js";

// Every one of them has: `element`, `begin(geometry, kept)`, `geometry` (GeoJSON or null), `kept` (for the draft),
// `problem` (what is missing, or ""), `refuse(problem)`, `paint(fill)`, `stop()`. `changed` is called after each change.

class AreaField {
  /** @type {L.Map} */
  map;
  /** @type {HTMLElement} */
  bar;
  /** @type {string} */
  title;
  /** @type {() => void} */
  changed;
  /** @type {"polygon" | "line"} */
  kind;
  /** @type {() => string[]} */
  layers;

  constructor({ map, bar, title, most, layers, changed, left }, kind = "polygon") {
    Object.assign(this, { map, bar, title, changed, layers, kind, snaps: "" });
    this.drawing = new Drawing(map, { kind, changed: (shape) => this.shaped(shape), left });
    this.shaping = new Shaping(map, this.drawing, { kind, most, layers });
    this.corners = new Corners(this.drawing);
    this.element = this.shaping.element;
  }

  begin(geometry, kept) {
    (matchMedia("(max-width: 1199px)").matches ? this.element : this.map.getContainer().parentElement).append(this.corners.element);
    this.bar.hidden = false;
    this.drawing.snap = new Snap(this.map, { layers: this.layers, own: geometry, told: (words) => {
      this.snaps = words;
      this.tools();
    } });
    this.drawing.begin(kept ? kept.outline : geometry, kept?.open);
  }

  shaped(shape) {
    document.body.classList.toggle("drawing", shape.open && shape.corners > 0);
    this.shape = shape;
    this.tools();
    this.shaping.write(shape);
    this.shaping.problem("");
    this.corners.write();
    this.changed();
  }

  // The bar on the map: what is drawn, and what can be done now.
  tools() {
    const { shape, kind } = this;
    const line = kind === "line";
    const snap = this.drawing.snap;
    if (!shape) return;
    fill(this.bar, h("b", {}, this.title), shape.corners ? h("span", {}, [plural(shape.corners, "corner"), !line && `${km2(shape.km2)} km²`].filter(Boolean).join(" · ")) : null,
      h("span", { class: "how" }, shape.open ? "click the corners" : shape.editable ? "drag a corner · click an edge to add one" : "move closer to move its corners"),
      shape.open && h("button", { type: "button", class: "quiet", disabled: shape.corners < (line ? 2 : 3), onclick: () => this.drawing.finish() }, h("kbd", {}, "Enter"), " Finish"),
      h("button", { type: "button", class: "quiet", onclick: () => this.drawing.undo() }, icon("back"), " Undo"),
      snap && h("button", { type: "button", class: "quiet", "aria-pressed": String(snap.on), "aria-keyshortcuts": "S", title: snap.on ? `${this.snaps || "looking at what lies beside"}; S, or Alt held down, leaves corners where they are put` : "Corners stay where they are put", onclick: () => this.drawing.turnSnap() }, h("kbd", {}, "S"), " Snap"));
  }

  get geometry() {
    return this.drawing.open ? null : this.drawing.geometry;
  }

  get kept() {
    return { outline: this.drawing.outline, open: this.drawing.open };
  }

  get problem() {
    if (this.geometry) return "";
    return this.drawing.open && this.drawing.corners > 2 ? "is not closed: press Enter on the map" : "is required";
  }

  get empty() {
    return !this.drawing.corners;
  }

  refuse(problem) {
    this.shaping.refuse(problem);
  }

  paint(color) {
    this.drawing.paint(color);
  }

  stop() {
    this.drawing.stop();
    this.corners.element.remove();
    this.bar.hidden = true;
    document.body.classList.remove("drawing");
  }
}

class PointField {
  /** @type {L.Map} */
  map;
  /** @type {HTMLElement} */
  bar;
  /** @type {() => void} */
  changed;
  /** @type {(name: string) => void} */
  named;
  /** @type {string} */
  pointName;
  /** @type {{ lat: number, lon: number } | null} */
  spot;

  // `named` is told the name of a place that was found by it.
  constructor({ map, bar, changed, named, pointName }) {
    Object.assign(this, { map, bar, changed, named, pointName, spot: null });
    this.where = h("span", { class: "hint-line", dir: "ltr" });
    this.trouble = h("div", { role: "alert" });
    this.words = h("input", { class: "input", name: "place", maxlength: 100, autocomplete: "off", "aria-label": "Place: a name, MGRS, or latitude, longitude", placeholder: "A place, MGRS, or latitude, longitude",
      onkeydown: (event) => event.key === "Enter" && (event.preventDefault(), this.find()) });
    this.element = h("div", { class: "whole", "data-field": "geometry" }, h("div", { class: "field-head" }, h("b", {}, "Place"), this.where),
      h("div", { class: "row" }, this.words, h("button", { type: "button", class: "button small", onclick: () => this.find() }, "Find")), this.trouble);
    this.write();
  }

  begin(geometry, kept) {
    const [lon, lat] = geometry?.coordinates ?? [];
    this.spot = kept?.spot ?? (geometry ? { lat, lon } : null);
    this.bar.hidden = true;
    this.point = pickPoint(this.map, { at: this.spot, name: this.pointName, onPoint: (spot) => this.placed(spot) });
    this.write();
  }

  placed({ lat, lon }) {
    this.spot = { lat, lon };
    this.write();
    this.refuse({});
    this.changed();
  }

  write() {
    this.where.textContent = this.spot ? `${mgrs(this.spot.lat, this.spot.lon)} · ${this.spot.lat.toFixed(5)}, ${this.spot.lon.toFixed(5)}` : "Required · click it on the map, or write it";
  }

  async find() {
    const words = this.words.value.trim();
    if (!words) return;
    try {
      const found = await get("/place", { q: words, datetime: "" });
      this.point.set(found.lat, found.lon);
      this.map.setView([found.lat, found.lon], Math.max(this.map.getZoom(), 10), { animate: false });
      this.placed(found);
      if (found.name && !/^[-\d.,\s]+$/.test(found.name)) this.named(found.name);
      say(`Placed at ${mgrs(found.lat, found.lon)}`);
    } catch (problem) {
      this.refuse(problem);
    }
  }

  get geometry() {
    return this.spot && { type: "Point", coordinates: [this.spot.lon, this.spot.lat] };
  }

  get kept() {
    return { spot: this.spot };
  }

  get problem() {
    return this.spot ? "" : "is required";
  }

  get empty() {
    return !this.spot;
  }

  refuse(problem) {
    const words = [problem.detail, problem.hint].filter(Boolean).join(" ");
    fill(this.trouble, words && h("p", { class: "wrong" }, words));
  }

  paint() {}

  stop() {
    this.point?.stop();
  }
}

// A shape that was brought by a file and has several lines: shown, and kept as it is.
const WAYS = [["point", "A place"], ["line", "Along a road or way"], ["polygon", "An area"]];
const wayOf = (geometry) => (geometry?.type === "Point" ? "point" : /LineString$/.test(geometry?.type ?? "") ? "line" : geometry ? "polygon" : "point");

class AnyField {
  constructor(more) {
    this.more = more;
    this.host = h("div", {});
    this.buttons = WAYS.map(([way, words]) => h("button", { type: "button", class: "button small", onclick: () => this.choose(way) }, words));
    this.element = h("div", { class: "whole" }, h("div", { class: "ways-row kinds-of-shape", role: "group", "aria-label": "What kind of shape" }, this.buttons), this.host);
  }

  begin(geometry, kept) {
    this.choose(kept?.way ?? wayOf(geometry), geometry, kept?.inside);
  }

  choose(way, geometry = null, kept = null) {
    if (this.way === way && !geometry && !kept) return;
    this.inside?.stop();
    this.way = way;
    this.inside = way === "point" ? new PointField(this.more) : new AreaField(this.more, way);
    WAYS.forEach(([each], i) => this.buttons[i].setAttribute("aria-pressed", String(each === way)));
    fill(this.host, this.inside.element);
    this.inside.begin(geometry, kept);
  }

  get geometry() {
    return this.inside.geometry;
  }

  get kept() {
    return { way: this.way, inside: this.inside.kept };
  }

  get problem() {
    return this.inside.problem;
  }

  get empty() {
    return this.inside.empty;
  }

  refuse(problem) {
    this.inside.refuse(problem);
  }

  paint(color) {
    this.inside.paint(color);
  }

  stop() {
    this.inside?.stop();
  }
}

// The field for a schema's geometry; null where a record has no shape of its own.
export function shapeField(schema, more) {
  const property = schema.properties.geometry;
  if (!property) return null;
  const options = { ...more, most: property["x-geoapp-max-vertices"] };
  if (property.format === "geometry-point") return new PointField(options);
  return property.format === "geometry-any" ? new AnyField(options) : new AreaField(options);
}
