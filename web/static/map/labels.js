// What lies on top of the tiles and must not be cut at their edges: markers, numbered badges, names.
//
// One canvas over the whole map. A word that does not fit is left out, never printed over another; what is selected
// comes first, then actors, towns, regions.

/* global L */

import { INK, LAND, drawCell, drawCount, drawMarker, drawNumber, drawSign } from "../lib/symbols.js";
import { idOf } from "./tile_source.js";

const EDGE = 120;
const NAMED_PX = 60; // how wide a shape must be on the screen to bear its actor's name
const FONT = 'Inter, "Noto Sans Arabic", system-ui, sans-serif';
const BIG = 16;
const CLUSTER_PX = 44;
const ASIDE = [[0, 0], ...[14, 24].flatMap((d) => [[d, 0], [-d, 0], [0, -d], [0, d], [d, -d], [-d, -d], [d, d], [-d, d]])];
const OVER = ".map :is(.tools-rail, .zoom, .hint, .exercise-mark, .readout, .note, .trouble, .leaflet-marker-icon), .panel[data-stop], .drawer[data-stop]";

export class Labels extends L.Layer {
  constructor(tiles) {
    super();
    this.tiles = tiles;
    this.labels = [];
    tiles.on("drawn", () => this.draw());
    document.fonts?.ready.then(() => this.draw());
  }

  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "map-labels leaflet-zoom-animated");
    this.canvas.setAttribute("aria-hidden", "true");
    map.getPane("overlayPane").append(this.canvas);
    map.on("moveend resize zoomend", this.draw, this);
    map.on("zoomanim", this.animate, this);
    this.draw();
  }

  onRemove(map) {
    this.canvas.remove();
    map.off("moveend resize zoomend", this.draw, this).off("zoomanim", this.animate, this);
  }

  set(labels) {
    this.labels = labels;
    this.draw();
  }

  animate(event) {
    const scale = this._map.getZoomScale(event.zoom, this.zoom);
    const offset = this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center);
    L.DomUtil.setTransform(this.canvas, offset, scale);
  }

  draw() {
    const map = this._map;
    if (!map || !this.canvas || map._animatingZoom) return;
    const size = map.getSize().add([2 * EDGE, 2 * EDGE]);
    const scale = window.devicePixelRatio || 1;
    const corner = map.containerPointToLayerPoint([-EDGE, -EDGE]);
    this.corner = map.layerPointToLatLng(corner);
    this.zoom = map.getZoom();
    this.origin = map.getPixelOrigin().add(corner);
    L.DomUtil.setTransform(this.canvas, corner, 1);
    this.canvas.width = size.x * scale;
    this.canvas.height = size.y * scale;
    this.canvas.style.width = `${size.x}px`;
    this.canvas.style.height = `${size.y}px`;
    this.ctx = this.canvas.getContext("2d");
    this.ctx.scale(scale, scale);
    this.size = size;
    this.taken = this.covered();
    this.written = [];
    this.clusters = [];
    this.markers();
    this.words();
  }

  // What stands over the map: tools, hint, stamps, scale, notes, numbered discs, the sheets of a phone. No word is written under it.
  covered() {
    const view = this._map.getContainer().getBoundingClientRect();
    return [...document.querySelectorAll(OVER)].map((each) => each.getBoundingClientRect()).filter((box) => box.width)
      .map((box) => [box.left - view.left + EDGE - 4, box.top - view.top + EDGE - 4, box.right - view.left + EDGE + 4, box.bottom - view.top + EDGE + 4]);
  }

  // ---- markers -------------------------------------------------------------------------------------------------

  markers() {
    const z = this.zoom - 1;
    for (const layer of this.tiles.due(z)) {
      for (const [{ geom, props }, x0, y0] of this.tiles.features(layer.name))
        if (props._n) for (const p of geom.flat()) drawCell(this.ctx, props._n, x0 + p.x - this.origin.x, y0 + p.y - this.origin.y);
      if (layer.shape !== "point") continue;
      if (layer.style.clustered) {
        this.clustered(layer);
        continue;
      }
      const seen = new Set();
      for (const [feature, x0, y0] of this.tiles.features(layer.name)) {
        if (feature.geomType !== 1 || feature.props._n || seen.has(feature.id ?? feature.props._id)) continue;
        seen.add(feature.id ?? feature.props._id);
        const rule = this.tiles.shownRule(layer.name, feature.props);
        if (!rule) continue;
        for (const part of feature.geom)
          for (const p of part) {
            const [x, y] = [x0 + p.x - this.origin.x, y0 + p.y - this.origin.y];
            const chosen = this.tiles.isSelected(layer, feature);
            if (chosen) this.ring(x, y, rule.symbol.size / 2 + 4);
            drawMarker(this.ctx, rule.symbol, x, y, { sure: feature.props.verification ?? "verified" });
            if (layer.style.numbered) drawNumber(this.ctx, feature.props[layer.style.numbered], x, y);
            const r = rule.symbol.size / 2;
            if (layer.style.numbered) this.taken.push([x - r, y - r, x + r, y + r]);
            else if (rule.symbol.glyph && rule.symbol.size >= BIG) this.taken.push([x - 11, y - 11, x + 11, y + 11]);
          }
      }
    }
    for (const layer of this.labelled("badge"))
      for (const label of this.shown(layer.name).sort((a, b) => Number(a.class) - Number(b.class))) {
        const symbol = this.ruleFor(label)?.symbol;
        const at = this.place(label);
        if (!symbol || !this.inside(at.x, at.y)) continue;
        const [x, y] = this.beside(at.x + (layer.beside && this.tiles.visible(layer.beside) ? 20 : 0), at.y);
        drawMarker(this.ctx, symbol, x, y, { r: 9 });
        this.taken.push([x - 11, y - 11, x + 11, y + 11]);
      }
  }

  // Where a badge covers no number: at its place, or a little beside it; at its place when there is no room.
  beside(x, y) {
    const [dx, dy] = ASIDE.find(([dx, dy]) => this.free([x + dx - 9, y + dy - 9, x + dx + 9, y + dy + 9])) ?? [0, 0];
    return [x + dx, y + dy];
  }

  // Markers that would lie on one another are one disc with their number; what is chosen stands alone.
  clustered(layer) {
    const groups = new Map();
    const seen = new Set();
    for (const [feature, x0, y0] of this.tiles.features(layer.name)) {
      const id = idOf(feature);
      const rule = feature.geomType === 1 && !feature.props._n && !seen.has(id) && this.tiles.shownRule(layer.name, feature.props);
      if (!rule) continue;
      seen.add(id);
      const chosen = this.tiles.isSelected(layer, feature);
      for (const p of feature.geom.flat()) {
        const [x, y] = [x0 + p.x - this.origin.x, y0 + p.y - this.origin.y];
        // cells are fixed to the ground, so that moving the map regroups nothing
        const key = chosen ? `chosen ${id}` : `${Math.floor((x0 + p.x) / CLUSTER_PX)}/${Math.floor((y0 + p.y) / CLUSTER_PX)}`;
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push({ x, y, rule, chosen, sure: feature.props.verification ?? "verified" });
      }
    }
    for (const found of groups.values()) {
      if (found.length === 1) {
        const [{ x, y, rule, chosen, sure }] = found;
        if (chosen) this.ring(x, y, rule.symbol.size / 2 + 4);
        drawMarker(this.ctx, rule.symbol, x, y, { sure });
        continue;
      }
      const middle = (axis) => found.reduce((sum, each) => sum + each[axis], 0) / found.length;
      const [x, y, r] = [middle("x"), middle("y"), found.length < 10 ? 9 : found.length < 100 ? 11 : 14];
      drawCount(this.ctx, found.length, x, y, r);
      this.taken.push([x - r, y - r, x + r, y + r]);
      this.clusters.push({ x, y, r, found });
    }
  }

  // The disc of several records under a point of the map's pane, and the box around them; null where there is none, or
  // where they all lie in one place.
  clusterAt({ x, y }) {
    const hit = this.clusters.find((each) => Math.hypot(each.x - x - EDGE, each.y - y - EDGE) <= each.r + 2);
    if (!hit) return null;
    const ends = (axis) => [Math.min(...hit.found.map((each) => each[axis])), Math.max(...hit.found.map((each) => each[axis]))];
    const [[left, right], [top, bottom]] = [ends("x"), ends("y")];
    const at = (px, py) => this._map.containerPointToLatLng([px - EDGE, py - EDGE]);
    return { one: right - left < 1 && bottom - top < 1, at: at(hit.found[0].x, hit.found[0].y), corners: [at(left, bottom), at(right, top)] };
  }

  ring(x, y, r) {
    this.ctx.beginPath();
    this.ctx.arc(x, y, r, 0, 7);
    this.ctx.strokeStyle = "#FFFFFF";
    this.ctx.lineWidth = 5;
    this.ctx.stroke();
    this.ctx.strokeStyle = INK;
    this.ctx.lineWidth = 2.4;
    this.ctx.stroke();
  }

  // ---- words ---------------------------------------------------------------------------------------------------

  words() {
    const chosen = this.tiles.selection;
    for (const label of this.labels)
      if (chosen && label.layer === chosen.layer && String(label.id) === String(chosen.id)) this.pill(label, true);
    const named = new Set();
    for (const { name } of this.labelled("pill")) {
      const widths = this.widths(name);
      for (const label of this.shown(name).sort((a, b) => (widths.get(String(b.id)) ?? 0) - (widths.get(String(a.id)) ?? 0))) {
        const { x, y } = this.place(label);
        if ((widths.get(String(label.id)) ?? 0) < NAMED_PX) continue;
        const once = `${name}|${label.text}|${Math.round(x / 200)}|${Math.round(y / 200)}`;
        if (!this.inside(x, y) || named.has(once)) continue;
        named.add(once);
        this.pill(label, false);
      }
    }
    for (const { name } of this.labelled("number")) for (const label of this.shown(name)) this.text(label, { font: `600 11px ${FONT}`, color: INK });
    for (const layer of this.labelled("town")) this.towns(layer);
    for (const { name } of this.labelled("unit")) {
      const fine = this.zoom >= 10;
      for (const label of this.shown(name)) {
        if (label.class === 1) this.text(label, { font: `600 11px ${FONT}`, color: "#6E695D", spaced: true });
        else if (label.class === 2 && fine) this.text(label, { font: `500 11px ${FONT}`, color: "#6E695D" });
      }
    }
  }

  // How wide each shape of a layer is on the screen, by its number: what is narrow is named when one comes closer.
  widths(name) {
    const found = new Map();
    for (const [feature, x0] of this.tiles.features(name)) {
      const key = String(idOf(feature));
      feature.ends ??= feature.geom.flat().reduce(([a, b], p) => [Math.min(a, p.x), Math.max(b, p.x)], [Infinity, -Infinity]);
      const [left, right] = found.get(key) ?? [Infinity, -Infinity];
      found.set(key, [Math.min(left, x0 + feature.ends[0]), Math.max(right, x0 + feature.ends[1])]);
    }
    for (const [key, [left, right]] of found) found.set(key, right - left);
    return found;
  }

  // The layers that are on and written in that way, bottom first.
  labelled(how) {
    return this.tiles.layers.filter((layer) => layer.style.labelled === how && this.tiles.visible(layer.name));
  }

  shown(layer) {
    return this.tiles.visible(layer) ? this.labels.filter((label) => label.layer === layer && this.tiles.drawsClass(layer, this.ruleFor(label) ?? {})) : [];
  }

  place(label) {
    return this._map.project([label.lat, label.lon], this.zoom).subtract(this.origin);
  }

  ruleFor(label) {
    return this.tiles.ruleOf(label.layer, { [this.tiles.rules.get(label.layer).by]: label.class });
  }

  inside(x, y) {
    return x > 0 && y > 0 && x < this.size.x && y < this.size.y;
  }

  // Whether a box lies within what is seen of the map.
  whole(box) {
    return box[0] >= EDGE + 4 && box[1] >= EDGE + 4 && box[2] <= this.size.x - EDGE - 4 && box[3] <= this.size.y - EDGE - 4;
  }

  free(box) {
    return !this.taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
  }

  pill(label, always) {
    const { ctx } = this;
    const { x, y } = this.place(label);
    const rule = this.ruleFor(label);
    const actor = this.tiles.layers.find((layer) => layer.name === label.layer)?.style.signed;
    const text = shorten(label.text, 34);
    ctx.font = `600 12px ${FONT}`;
    const width = ctx.measureText(text).width + (actor ? 26 : 16);
    for (const [dx, dy] of [[0, 0], [0, -26], [0, 26], [width * 0.6, 0], [-width * 0.6, 0]]) {
      const box = [x + dx - width / 2, y + dy - 11, x + dx + width / 2, y + dy + 11];
      if (!always && (!this.free(box) || !this.whole(box))) continue;
      this.taken.push([box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2]);
      this.written.push(box);
      ctx.save();
      ctx.shadowColor = "rgb(23 33 43 / .18)";
      ctx.shadowBlur = 3;
      ctx.shadowOffsetY = 1;
      ctx.fillStyle = "rgb(255 255 255 / .94)";
      ctx.beginPath();
      ctx.roundRect(box[0], box[1], width, 22, 4);
      ctx.fill();
      ctx.restore();
      const start = box[0] + (actor ? 19 : 8);
      if (actor && rule) drawSign(ctx, rule.symbol, box[0] + 11, y + dy, 4.2);
      ctx.font = `${always ? 700 : 600} 12px ${FONT}`;
      ctx.textAlign = "left";
      ctx.textBaseline = "middle";
      ctx.fillStyle = actor ? (rule?.symbol.text_color ?? INK) : INK;
      ctx.fillText(text, start, y + dy + 0.5);
      return;
    }
  }

  // The named points in a layer's tiles, by rank.
  towns(layer) {
    const places = new Map();
    for (const [feature, x0, y0] of this.tiles.features(layer.name)) {
      if (feature.geomType !== 1 || feature.props._small || !feature.props.name) continue;
      const p = feature.geom[0][0];
      const rule = this.tiles.ruleOf(layer.name, feature.props);
      if (rule) places.set(feature.id ?? feature.props.name, [rule, feature.props, x0 + p.x - this.origin.x, y0 + p.y - this.origin.y]);
    }
    const { ctx } = this;
    for (const [rule, props, x, y] of [...places.values()].sort((a, b) => (a[1].rank ?? 9) - (b[1].rank ?? 9))) {
      const rank = props.rank ?? 9;
      const [weight, size] = rank <= 2 ? [700, 13.5] : rank <= 4 ? [600, 13] : [500, 11.5];
      ctx.font = `${weight} ${size}px ${FONT}`;
      const width = ctx.measureText(props.name).width;
      const dot = rank <= 4 ? 3.5 : 2.5;
      const at = [[x + 7, y, "left"], [x - 7 - width, y, "left"], [x - width / 2, y - 12, "left"], [x - width / 2, y + 12, "left"]];
      for (const [left, middle] of at) {
        const box = [left - 1, middle - size / 2 - 1, left + width + 1, middle + size / 2 + 1];
        if (!this.free(box)) continue;
        // a town under a disc with a number keeps its name; the disc is where it is
        const bare = this.free([x - 4, y - 4, x + 4, y + 4]);
        if (bare) this.taken.push([x - 4, y - 4, x + 4, y + 4]);
        this.taken.push(box);
        this.written.push(box);
        if (bare) drawMarker(ctx, { ...rule.symbol, text: null, glyph: null, marker: "circle", fill: "#FFFFFF", stroke: INK }, x, y, { r: dot });
        this.halo(props.name, left, middle, rank <= 4 ? INK : "#4A535A", "left");
        break;
      }
    }
  }

  text(label, { font, color, spaced = false }) {
    const { ctx } = this;
    const { x, y } = this.place(label);
    if (!this.inside(x, y)) return;
    const text = spaced ? label.text.toLocaleUpperCase() : label.text;
    ctx.font = font;
    ctx.letterSpacing = spaced ? "2px" : "0px";
    const width = ctx.measureText(text).width;
    const box = [x - width / 2 - 2, y - 8, x + width / 2 + 2, y + 8];
    if (this.free(box)) {
      this.taken.push(box);
      this.written.push(box);
      this.halo(text, x, y, color, "center");
    }
    ctx.letterSpacing = "0px";
  }

  halo(text, x, y, color, align) {
    const { ctx } = this;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = LAND;
    ctx.globalAlpha = 0.9;
    ctx.strokeText(text, x, y);
    ctx.globalAlpha = 1;
    ctx.fillStyle = color;
    ctx.fillText(text, x, y);
  }
}

const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
