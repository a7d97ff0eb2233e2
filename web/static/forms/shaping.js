// Other ways to a shape than clicking its corners: a district, a circle around a place, a file, corners that are typed.

import { get } from "../lib/api.js";
import { fill, h } from "../lib/dom.js";
import { readShape } from "./files.js";
import { mgrs } from "../lib/mgrs.js";
import { circle } from "../lib/rings.js";
import { km2, plural } from "../lib/format.js";
import { Reshape } from "./reshape.js";

const MOST_LISTED = 60;
const WAYS = [["corners", "Click corners"], ["take", "A district or record"], ["around", "Around a place"], ["corridor", "Along a line"], ["file", "From a file"]];
const CHANGES = [["cut", "Cut"], ["merge", "Merge"], ["buffer", "Buffer"]];
const OWN = { around: true, file: true }; // ways that need no other shape

// The shape section of a form, over a Drawing.
export class Shaping {
  /** @type {L.Map} */
  map;
  /** @type {import("./draw.js").Drawing} */
  drawing;
  /** @type {number} */
  most;
  /** @type {() => string[]} */
  layers;
  /** @type {Reshape} */
  reshape;

  // `kind` is what is drawn, `most` the corners it may have, `layers` gives the names of the layers that are on the map.
  /**
   * @param {L.Map} map
   * @param {import("./draw.js").Drawing} drawing
   * @param {{ kind?: string, most?: number, layers?: () => string[] }} [more]
   */
  constructor(map, drawing, { kind = "polygon", most, layers = () => [] } = {}) {
    Object.assign(this, { map, drawing, most, layers, way: null, leave: null, reshape: new Reshape(this) });
    this.state = h("span", { class: "hint-line" });
    this.panel = h("div", { class: "way-panel", hidden: true });
    this.said = h("p", { class: "hint-text", role: "status" });
    this.buttons = new Map();
    const row = (title, ways) => h("div", { class: "ways-row", role: "group", "aria-label": title }, ways.map(([name, words]) => {
      const button = h("button", { type: "button", class: "button small", "aria-pressed": "false", onclick: () => this.choose(name) }, words);
      this.buttons.set(name, button);
      return button;
    }));
    this.trouble = h("div", { role: "alert" });
    this.changes = kind === "line" ? null : row("Change the shape", CHANGES);
    this.element = h("div", { class: "whole", "data-field": "geometry" },
      h("div", { class: "field-head" }, h("b", {}, kind === "line" ? "Line" : "Shape"), this.state), row("Ways to a shape", kind === "line" ? WAYS.slice(0, 1) : WAYS), this.changes, this.panel, this.said, this.trouble);
  }

  choose(name) {
    this.way = this.way === name && name !== "corners" ? null : name;
    for (const [each, button] of this.buttons) button.setAttribute("aria-pressed", String(each === this.way));
    this.leave?.();
    this.leave = null;
    this.drawing.instead = null;
    this.drawing.leaveAside();
    this.problem("");
    this.tell("");
    fill(this.panel);
    this.panel.hidden = this.way === null || this.way === "corners";
    if (this.way === "corners") {
      if (!this.drawing.open) this.drawing.set(null);
      this.map.getContainer().focus();
    } else if (this.way in OWN) this[this.way]();
    else if (this.way) this.reshape[this.way]();
  }

  // What was done to the shape.
  tell(words) {
    this.said.textContent = words;
  }

  problem(words, ...more) {
    fill(this.trouble, words && h("p", { class: "wrong" }, words), more);
  }

  refuse(problem) {
    this.problem([problem.detail ?? problem.message, problem.hint].filter(Boolean).join(" "),
      problem.body?.code === "invalid" && this.drawing.geometry && h("button", { type: "button", class: "button small", onclick: () => this.reshape.mend() }, "Mend it"));
  }

  // Corners, size, and whether there is anything to move.
  write({ corners, km2: size, open, editable }) {
    this.state.textContent = !corners ? `Required · click the corners on the map${this.changes ? ", or choose another way" : ""}`
      : `${plural(corners, "corner")}${size ? ` · ${km2(size)} km²` : ""}${open ? " · press Enter to finish it" : editable ? "" : " · move closer to move its corners"}`;
    if (this.changes) this.changes.hidden = open;
  }

  bring(geometry) {
    this.problem("");
    this.drawing.set(geometry);
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    const flat = rings.flat();
    const [lons, lats] = [flat.map(([lon]) => lon), flat.map(([, lat]) => lat)];
    this.map.fitBounds([[Math.min(...lats), Math.min(...lons)], [Math.max(...lats), Math.max(...lons)]], { padding: [60, 60], maxZoom: 12, animate: false });
  }

  // ---- districts by their names ------------------------------------------------------------------------------------

  // The names of all districts, put into a list.
  async districtNames(list) {
    try {
      const { labels } = await get("/labels", { layer: "boundaries", datetime: "" });
      fill(list, [...new Set(labels.filter((each) => Number(each.class) >= 2).map((each) => each.text))].sort().map((name) => h("option", { value: name })));
    } catch (problem) {
      this.refuse(problem);
    }
  }

  // The id of a district; null, which is said, where there is none.
  async districtNamed(name) {
    if (!name) return null;
    try {
      const { features } = await get("/collections/boundaries/items", { name, datetime: "", limit: 20, properties: "level" });
      const found = features.sort((a, b) => Math.abs(a.properties.level - 2) - Math.abs(b.properties.level - 2))[0];
      if (!found) this.problem(`There is no district ${name}. Choose one of the list, or click on it.`);
      return found?.id ?? null;
    } catch (problem) {
      this.refuse(problem);
      return null;
    }
  }

  // ---- a circle around a place -----------------------------------------------------------------------------------

  around() {
    const place = h("input", { class: "input", maxlength: 100, autocomplete: "off", "aria-label": "Place", placeholder: "A place, MGRS, or latitude, longitude; or click it" });
    const km = h("input", { class: "input km", type: "number", min: 0.1, max: 200, step: 0.1, value: 5, "aria-label": "Kilometres around it" });
    const use = async () => {
      const [words, radius] = [place.value.trim(), Number(km.value)];
      if (!words) return;
      if (!(radius >= 0.1 && radius <= 200)) {
        this.problem("Give 0.1 to 200 kilometres.");
        return;
      }
      try {
        this.bring(circle(await spotOf(words), radius));
      } catch (problem) {
        this.refuse(problem);
      }
    };
    for (const field of [place, km])
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        use();
      });
    fill(this.panel, place, km, h("span", { class: "hint-text" }, "km"), h("button", { type: "button", class: "button small", onclick: use }, "Draw it"));
    this.drawing.instead = ({ lat, lng }) => {
      place.value = `${lat.toFixed(5)}, ${lng.toFixed(5)}`;
      use();
    };
    place.focus();
  }

  // ---- a file of this machine --------------------------------------------------------------------------------------

  file() {
    const input = h("input", { type: "file", accept: ".geojson,.json,.kml", "aria-label": "File with the shape" });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      try {
        this.bring(await readShape(file, this.most));
      } catch (error) {
        this.problem(error.message);
      }
    });
    fill(this.panel, input, h("p", { class: "hint-text" }, "GeoJSON or KML; its Polygons and MultiPolygons are taken, nothing else of it. It does not leave this browser before you save."));
    input.focus();
  }
}

// A place by name or coordinates: { lat, lon }.
async function spotOf(words) {
  const { spots } = await get("/coordinates", { q: words, datetime: "" });
  return spots[0]?.what ? get("/place", { q: words, datetime: "" }) : spots[0];
}

// Corners as lines of text, there and back. A line that nobody touched keeps the exact corner it was made of.
export class Corners {
  constructor(drawing) {
    this.drawing = drawing;
    this.exact = new Map();
    this.text = h("textarea", { class: "input", rows: 2, dir: "ltr", spellcheck: "false", autocomplete: "off", id: "corner-lines", "aria-describedby": "corner-words", oninput: () => this.typed() });
    this.words = h("p", { class: "hint-text", id: "corner-words", "aria-live": "polite" }, HINT);
    this.element = h("div", { class: "corners" }, h("label", { for: "corner-lines" }, h("b", {}, "Or type the corners"), h("kbd", {}, "C")), this.text, this.words);
  }

  write() {
    if (document.activeElement === this.text) return;
    const ring = this.drawing.parts.length === 1 && this.drawing.corners <= MOST_LISTED ? this.drawing.ring : [];
    this.exact = new Map(ring.map((corner) => [lineOf(corner), corner]));
    this.text.value = ring.map(lineOf).join("\n");
    this.text.rows = Math.min(4, Math.max(2, ring.length));
    this.tell(HINT);
  }

  tell(words, wrong = false) {
    this.words.textContent = words;
    this.words.classList.toggle("wrong", wrong);
  }

  typed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.read(), 500);
  }

  async read() {
    const lines = this.text.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const unknown = [...new Set(lines.filter((line) => !this.exact.has(line)))];
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      const { spots } = unknown.length ? await get("/coordinates", { q: unknown.join("\n"), datetime: "" }) : { spots: [] };
      if (turn !== this.turn) return;
      const wrong = spots.find((spot) => spot.what);
      if (wrong) {
        this.tell(wrong.what, true);
        return;
      }
      for (const spot of spots) this.exact.set(spot.line.trim(), [spot.lat, spot.lon]);
      this.tell(lines.length < this.drawing.least ? `${plural(lines.length, "corner")}; ${this.drawing.least === 2 ? "two" : "three"} are the least` : `${plural(lines.length, "corner")} on the map`);
      const corners = lines.map((line) => this.exact.get(line));
      this.drawing.lines(corners);
      if (corners.some((corner) => !this.drawing.map.getBounds().contains(corner)))
        this.drawing.map.fitBounds(corners, { padding: [60, 60], maxZoom: 12, animate: false });
    } catch (problem) {
      this.tell([problem.detail, problem.hint].filter(Boolean).join(" "), true);
    }
  }
}

const HINT = "MGRS or latitude, longitude; one corner a line";
const lineOf = ([lat, lon]) => mgrs(lat, lon) || `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
