// What lies on top of the tiles and must not be cut at their edges: markers, numbered badges, names.
//
// One canvas over the whole map. A word that does not fit is left out, never printed over another; what is selected
// comes first, then actors, towns, regions.

/* global L */

import { INK, LAND, drawCell, drawMarker, drawSign } from "../lib/symbols.js";

const EDGE = 120;
const FONT = 'Inter, "Noto Sans Arabic", system-ui, sans-serif';
const BIG = 16;

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
    this.taken = [];
    this.markers();
    this.words();
  }

  // ---- markers -------------------------------------------------------------------------------------------------

  markers() {
    const z = this.zoom - 1;
    for (const layer of this.tiles.due(z)) {
      for (const [{ geom, props }, x0, y0] of this.tiles.features(layer.name))
        if (props._n) for (const p of geom.flat()) drawCell(this.ctx, props._n, x0 + p.x - this.origin.x, y0 + p.y - this.origin.y);
      if (layer.shape !== "point") continue;
      const seen = new Set();
      for (const [feature, x0, y0] of this.tiles.features(layer.name)) {
        if (feature.geomType !== 1 || feature.props._n || seen.has(feature.id ?? feature.props._id)) continue;
        seen.add(feature.id ?? feature.props._id);
        const rule = this.tiles.ruleOf(layer.name, feature.props);
        if (!rule) continue;
        for (const part of feature.geom)
          for (const p of part) {
            const [x, y] = [x0 + p.x - this.origin.x, y0 + p.y - this.origin.y];
            const chosen = this.tiles.isSelected(layer, feature);
            if (chosen) this.ring(x, y, rule.symbol.size / 2 + 4);
            drawMarker(this.ctx, rule.symbol, x, y, { sure: feature.props.verification ?? "verified" });
            if (rule.symbol.glyph && rule.symbol.size >= BIG) this.taken.push([x - 11, y - 11, x + 11, y + 11]);
          }
      }
    }
    for (const layer of this.labelled("badge"))
      for (const label of this.shown(layer.name)) {
        const symbol = this.ruleFor(label)?.symbol;
        const at = this.place(label);
        const [x, y] = [at.x + (layer.beside && this.tiles.visible(layer.beside) ? 20 : 0), at.y];
        if (!symbol || !this.inside(x, y)) continue;
        drawMarker(this.ctx, symbol, x, y, { r: 9 });
        this.taken.push([x - 11, y - 11, x + 11, y + 11]);
      }
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
    for (const { name } of this.labelled("pill"))
      for (const label of this.shown(name)) {
        const { x, y } = this.place(label);
        const once = `${name}|${label.text}|${Math.round(x / 200)}|${Math.round(y / 200)}`;
        if (!this.inside(x, y) || named.has(once)) continue;
        named.add(once);
        this.pill(label, false);
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

  // The layers that are on and written in that way, bottom first.
  labelled(how) {
    return this.tiles.layers.filter((layer) => layer.style.labelled === how && this.tiles.visible(layer.name));
  }

  shown(layer) {
    return this.tiles.visible(layer) ? this.labels.filter((label) => label.layer === layer) : [];
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
      if (!always && !this.free(box)) continue;
      this.taken.push([box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2]);
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
      if (feature.geomType !== 1 || !feature.props.name) continue;
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
        const box = [Math.min(left, x - 4) - 1, middle - size / 2 - 1, Math.max(left + width, x + 4) + 1, middle + size / 2 + 1];
        if (!this.free(box)) continue;
        this.taken.push(box);
        drawMarker(ctx, { ...rule.symbol, text: null, glyph: null, marker: "circle", fill: "#FFFFFF", stroke: INK }, x, y, { r: dot });
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
