// A shape that is changed by another: cut along a line, less or together with a record, narrower or wider, mended.

/* global L */

import { get, panel, send } from "../lib/api.js";
import { fill, h, say } from "../lib/dom.js";
import { km2, number, plural } from "../lib/format.js";
import { Sketch } from "./sketch.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const MOST_LISTED = 8;
const PIECE = { color: "#0F5C6E", weight: 3, fillOpacity: 0.4, interactive: false };

const asked = (body) => send("POST", "/shapes", { headers: JSON_TYPE, body: JSON.stringify(body) });

export class Reshape {
  /** @type {import("./shaping.js").Shaping} */
  shaping;

  constructor(shaping) {
    this.shaping = shaping;
  }

  get drawing() {
    return this.shaping.drawing;
  }

  // Does it, draws what comes of it as one step that can be undone, and says what was done.
  async change(body) {
    try {
      this.shaping.problem("");
      const found = await asked({ geometry: body.do === "take" ? null : this.drawing.geometry, ...body });
      if (found.pieces.length) return this.choosePiece(found.pieces);
      this.bring(found.geometry, found.said.join(" "));
    } catch (problem) {
      this.shaping.refuse(problem);
    }
  }

  bring(geometry, words) {
    this.shaping.choose(null);
    this.shaping.bring(geometry);
    this.shaping.tell(words);
  }

  // ---- along a line, by a ring, by a record -------------------------------------------------------------------------

  cut() {
    const how = (words, work) => h("button", { type: "button", class: "button small", onclick: work }, words);
    fill(this.shaping.panel, how("Along a line", () => this.along()), how("A hole", () => this.hole()),
      how("What lies under a record", () => this.by("away", "Take away")), how("All but what lies in a record", () => this.by("common", "Keep what lies in")));
    this.shaping.panel.querySelector("button").focus();
  }

  along() {
    this.sketch({ ring: false, words: "Click a line across the shape, from outside one edge to outside another; it snaps as corners do.", button: "Cut along it", done: (by) => this.change({ do: "split", by }) });
  }

  hole() {
    this.sketch({ ring: true, words: "Click the corners of what is to be taken away.", button: "Take it away", done: (by) => this.change({ do: "away", by }) });
  }

  sketch({ ring, words, button, done }) {
    const finish = () => {
      const by = sketch.geometry;
      this.drawing.leaveAside();
      done(by);
    };
    const ready = h("button", { type: "button", class: "button small", disabled: true, onclick: finish }, button);
    const count = h("span", { class: "hint-text", "aria-live": "polite" });
    const sketch = new Sketch(this.shaping.map, { ring, done: finish, left: () => this.shaping.choose(null), changed: () => {
      ready.disabled = !sketch.ready;
      count.textContent = plural(sketch.corners.length, "corner");
    } });
    this.drawing.putAside(sketch);
    fill(this.shaping.panel, h("p", { class: "hint-text" }, words, " Enter ends it, Backspace takes a corner back."), ready, count);
    this.shaping.map.getContainer().focus();
  }

  // The pieces that a line has cut it into: one of them is kept.
  choosePiece(pieces) {
    let shown = null;
    const show = (piece) => {
      shown?.remove();
      shown = piece && L.geoJSON(piece.geometry, { style: PIECE, interactive: false }).addTo(this.shaping.map);
    };
    this.shaping.leave = () => show(null);
    const keep = (piece) => {
      show(null);
      this.bring(piece.geometry, `The piece of ${km2(piece.km2)} km² was kept.`);
    };
    fill(this.shaping.panel, h("p", { class: "hint-text" }, `The line cuts it into ${plural(pieces.length, "piece")}. Which one is kept?`),
      pieces.map((piece) => h("button", { type: "button", class: "button small", onclick: () => keep(piece), onfocus: () => show(piece), onblur: () => show(null), onmouseenter: () => show(piece), onmouseleave: () => show(null) }, `Keep ${km2(piece.km2)} km²`)));
    this.shaping.panel.querySelector("button").focus();
  }

  merge() {
    this.by("join", "Join");
  }

  take() {
    this.by("take", "Take");
  }

  // A record that is clicked on the map, or a district by its name.
  by(doing, verb) {
    const use = (layer, id) => this.change({ do: doing, layer, id: Number(id) });
    const list = h("div", { class: "row", role: "group", "aria-label": "What lies there" });
    const field = h("input", { class: "input", list: "district-names", autocomplete: "off", maxlength: 200, "aria-label": "District", placeholder: "Name of a district, or click an area on the map" });
    const names = h("datalist", { id: "district-names" });
    const named = async () => {
      const id = await this.shaping.districtNamed(field.value.trim());
      if (id) use("boundaries", id);
    };
    fill(this.shaping.panel, field, names, h("button", { type: "button", class: "button small", onclick: named }, verb), list);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      named();
    });
    this.shaping.districtNames(names);
    this.drawing.instead = async ({ lat, lng }) => {
      try {
        const areas = panel.layers.filter((layer) => layer.shape === "polygon" && (layer.name === "boundaries" || this.shaping.layers().includes(layer.name))).map((layer) => layer.name);
        const { features } = await get("/identify", { lon: lng.toFixed(6), lat: lat.toFixed(6), zoom: this.shaping.map.getZoom(), layers: areas.join() });
        this.shaping.problem(features.length ? "" : "No area that is on the map lies there.");
        fill(list, features.slice(0, MOST_LISTED).map((each) => h("button", { type: "button", class: "button small", onclick: () => use(each.layer, each.id) }, `${verb} ${each.title}`, h("span", { class: "hint-text" }, each.layer_title))));
        say(`${plural(features.length, "area")} there`);
        list.querySelector("button")?.focus();
      } catch (problem) {
        this.shaping.refuse(problem);
      }
    };
    field.focus();
  }

  // ---- a buffer, and what crosses itself ----------------------------------------------------------------------------

  buffer() {
    const metres = h("input", { class: "input km", inputmode: "numeric", value: "500", maxlength: 8, "aria-label": "Metres; less than 0 makes it narrower" });
    const use = () => {
      const by = Number(metres.value.replace(/[\s,]/g, ""));
      if (Number.isFinite(by) && by) this.change({ do: "widen", metres: by });
      else this.shaping.problem(`Write metres as a number, such as 500, or ${number(-500)} to make it narrower.`);
    };
    metres.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      use();
    });
    fill(this.shaping.panel, metres, h("span", { class: "hint-text" }, "m"), h("button", { type: "button", class: "button small", onclick: use }, "Widen or narrow"),
      h("p", { class: "hint-text" }, "Measured on the ground, all around. A number below 0 makes it narrower."));
    metres.select();
  }

  mend() {
    this.change({ do: "mend" });
  }

  // What lies within some metres of a line that is clicked, such as a corridor.
  corridor() {
    const metres = h("input", { class: "input km", inputmode: "numeric", value: "1000", maxlength: 8, "aria-label": "Metres on each side" });
    this.sketch({ ring: false, words: "Click the line.", button: "Draw it", done: (geometry) => this.change({ do: "widen", geometry, metres: Number(metres.value) || 0 }) });
    this.shaping.panel.prepend(metres, h("span", { class: "hint-text" }, "m on each side"));
  }
}
