// The map's picture: every layer of the panel, drawn from its vector tiles on one canvas a tile.
//
// protomaps-leaflet decodes the tiles; drawing is our own (symbols.js), because hatches must be fixed to the ground,
// outlines need a casing, and a fill's opacity must not touch its outline. Markers and words are in labels.js.

/* global L, protomapsL */

import { Labels } from "./labels.js";
import { drawLine, drawPolygon, selected } from "./symbols.js";

const SIZE = 512;
const KEPT = 400;
const ALIKE = 1500;

let settle;
// Resolves to { map, tiles } when Folium's script has made the map of this page.
export const mounted = new Promise((resolve) => (settle = resolve));

// The tiles of one layer for one question (room, days), decoded and kept.
class Source {
  constructor(url) {
    this.url = url;
    this.kept = new Map();
    this.pending = new Map();
    this.decoder = new protomapsL.PmtilesSource({ getZxy: (z, x, y) => this.fetch(z, x, y) }, false);
  }

  async fetch(z, x, y) {
    const response = await fetch(this.url.replace("{z}", z).replace("{y}", y).replace("{x}", x));
    if (!response.ok) throw new Error(`${response.status}`);
    const data = await response.arrayBuffer();
    return data.byteLength ? { data } : undefined;
  }

  // The features of a tile that is here, or undefined.
  peek({ x, y, z }) {
    return this.kept.get(`${z}/${x}/${y}`);
  }

  load(at) {
    const key = `${at.z}/${at.x}/${at.y}`;
    if (this.kept.has(key)) return Promise.resolve();
    if (!this.pending.has(key)) {
      const work = this.decoder
        .get(at, SIZE)
        .then((layers) => {
          this.kept.set(key, [...layers.values()].flat());
          if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
        })
        .finally(() => this.pending.delete(key));
      this.pending.set(key, work);
    }
    return this.pending.get(key);
  }
}

export class TileLayers extends L.GridLayer {
  constructor(names, address, panel) {
    super({ tileSize: SIZE, minZoom: 2, maxZoom: 18, noWrap: true, keepBuffer: 1, updateWhenZooming: false });
    this.address = address;
    this.layers = names.map((name) => panel.layers.find((layer) => layer.name === name));
    this.state = new Map(this.layers.map((l) => [l.name, { on: l.on, opacity: l.style.opacity }]));
    this.rules = new Map(this.layers.map((l) => [l.name, rulesOf(l)]));
    this.sources = new Map();
    this.question = {};
    this.selection = null;
    this.failed = 0;
    this.drawn = new Map();
    this.on("tileunload", (event) => this.drawn.delete(event.tile));
  }

  // ---- what is shown -------------------------------------------------------------------------------------------

  // Room and days, as the parameters of every request. Old tiles stay until the new ones are here.
  ask(question) {
    this.question = Object.fromEntries(Object.entries(question).filter(([, value]) => value));
    this.sources.clear();
    this.failed = 0;
    this.refresh();
  }

  show(name, state) {
    Object.assign(this.state.get(name), state);
    this.refresh();
  }

  select(feature) {
    this.selection = feature;
    this.repaint();
    this.fire("drawn");
  }

  visible(name) {
    return this.state.get(name).on;
  }

  source(layer) {
    if (!this.sources.has(layer.name)) {
      const asked = new URLSearchParams(layer.name === "basemap" ? {} : this.question);
      this.sources.set(
        layer.name,
        new Source(`${this.address}/${layer.name}/tiles/WebMercatorQuad/{z}/{y}/{x}${asked.size ? `?${asked}` : ""}`),
      );
    }
    return this.sources.get(layer.name);
  }

  // The layers that have something to draw at a tile zoom, bottom first.
  due(z) {
    return this.layers.filter(
      (l) => this.visible(l.name) && l.count !== 0 && l.access !== "withheld" && z >= l.zoom[0] && z <= l.zoom[1],
    );
  }

  // Every feature of a layer in the tiles on screen, with where its tile begins in map pixels.
  *features(name) {
    const layer = this.layers.find((each) => each.name === name);
    for (const at of this.drawn.values()) {
      if (at.z !== this._tileZoom - 1) continue;
      for (const feature of this.source(layer).peek(at) ?? []) yield [feature, at.x * SIZE, at.y * SIZE];
    }
  }

  ruleOf(name, props) {
    const { by, map, rest } = this.rules.get(name);
    return (by === null ? rest : map.get(String(props[by]))) ?? rest;
  }

  // ---- tiles ---------------------------------------------------------------------------------------------------

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.height = SIZE * scale;
    const at = { x: coords.x, y: coords.y, z: coords.z - 1 };
    this.drawn.set(canvas, at);
    this.fill(canvas, at).then(() => done(null, canvas));
    return canvas;
  }

  async fill(canvas, at) {
    const loading = this.due(at.z).map((layer) => this.source(layer).load(at));
    for (const result of await Promise.allSettled(loading)) if (result.status === "rejected") this.failed += 1;
    this.paint(canvas, at);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.fire("drawn", { failed: this.failed }), 40);
  }

  refresh() {
    for (const [canvas, at] of this.drawn) this.fill(canvas, at);
  }

  repaint() {
    for (const [canvas, at] of this.drawn) this.paint(canvas, at);
  }

  paint(canvas, at) {
    const ctx = canvas.getContext("2d");
    const scale = canvas.width / SIZE;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, SIZE, SIZE);
    const origin = [at.x * SIZE, at.y * SIZE];
    const chosen = [];
    for (const layer of this.due(at.z)) {
      if (layer.shape === "point") continue;
      const opacity = this.state.get(layer.name).opacity;
      const features = this.source(layer).peek(at) ?? [];
      const draw = (symbol, geometry, kind) =>
        kind === 3
          ? drawPolygon(ctx, symbol, geometry, { opacity, scale, at: origin })
          : drawLine(ctx, symbol, geometry);
      if (features.length > ALIKE) {
        for (const [symbol, kind, geometry] of this.alike(layer, features)) draw(symbol, geometry, kind);
        continue;
      }
      for (const feature of features) {
        if (feature.geomType < 2) continue;
        const symbol = this.ruleOf(layer.name, feature.props)?.symbol;
        if (!symbol) continue;
        if (this.isSelected(layer, feature)) chosen.push([selected(symbol), feature, draw]);
        else draw(symbol, feature.geom, feature.geomType);
      }
    }
    for (const [symbol, feature, draw] of chosen) draw(symbol, feature.geom, feature.geomType);
  }

  // Many features: one path a class, so that a tile of ten thousand polygons is a few strokes.
  alike(layer, features) {
    const groups = new Map();
    for (const { props, geom, geomType } of features) {
      const rule = this.ruleOf(layer.name, props);
      if (geomType < 2 || !rule) continue;
      if (!groups.has(rule)) groups.set(rule, [{ ...rule.symbol, casing: false, width: 0.8 }, geomType, []]);
      const lines = groups.get(rule)[2];
      for (const part of geom) lines.push(part);
    }
    return groups.values();
  }

  isSelected(layer, feature) {
    return this.selection?.layer === layer.name && String(this.selection.id) === String(idOf(feature));
  }
}

export const idOf = (feature) => feature.props._id ?? feature.props.id ?? feature.id;

function rulesOf(layer) {
  const rules = layer.style.rules;
  const map = new Map(rules.filter((r) => r.value !== null).map((r) => [String(r.value), r]));
  return { by: layer.style.by, map, rest: rules.find((r) => r.value === null) ?? (layer.style.by === null ? rules[0] : undefined) };
}

// Called by the map's own script: puts the layers of the panel on a Leaflet map.
export function mount(map, names, address, panelId) {
  const panel = JSON.parse(document.getElementById(panelId).textContent);
  map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
  const tiles = new TileLayers(names, address, panel);
  const labels = new Labels(tiles);
  map.whenReady(() => {
    tiles.addTo(map);
    labels.addTo(map);
    settle({ map, tiles, labels, panel });
  });
}
