// The map's picture: every layer of the panel, drawn from its vector tiles on one canvas a tile.
//
// protomaps-leaflet decodes the tiles; drawing is our own (symbols.js), because hatches must be fixed to the ground,
// outlines need a casing, and a fill's opacity must not touch its outline. Markers and words are in labels.js.

/* global L, protomapsL */

import { Labels } from "./labels.js";
import { drawLine, drawPolygon, selected } from "../lib/symbols.js";

const SIZE = 512;
const KEPT = 400;
const CROWDED = 1500;
const GRADED = { risk_zones: "level", security_levels: "security_level", constrained_areas: "severity", constrained_roads: "severity" };

let settle;
// Resolves to { map, tiles } when Folium's script has made the map of this page.
export const mounted = new Promise((resolve) => (settle = resolve));

const keyOf = ({ x, y, z }) => `${z}/${x}/${y}`;

// The tiles of one layer for one question (room, days), decoded and kept. `before` answers for what is not here yet.
class Source {
  constructor(url, before) {
    this.url = url;
    this.before = before;
    this.kept = new Map();
    this.lost = new Set();
    this.pending = new Map();
    this.decoder = new protomapsL.PmtilesSource({ getZxy: (z, x, y) => this.fetch(z, x, y) }, false);
  }

  async fetch(z, x, y) {
    const signal = this.pending.get(keyOf({ x, y, z }))?.control.signal ?? AbortSignal.abort();
    const response = await fetch(this.url.replace("{z}", z).replace("{y}", y).replace("{x}", x), { signal });
    if (!response.ok) throw new Error(`${response.status}`);
    const data = await response.arrayBuffer();
    return data.byteLength ? { data } : undefined;
  }

  // The features of a tile, by number, so that the same lies on top in every tile. While they are on their way they
  // are those of the question before; undefined when the tile did not load.
  peek(at) {
    const key = keyOf(at);
    return this.kept.get(key) ?? (this.lost.has(key) ? undefined : this.before?.kept.get(key));
  }

  load(at) {
    const key = keyOf(at);
    if (this.kept.has(key)) return Promise.resolve();
    if (!this.pending.has(key)) {
      const asked = { control: new AbortController() };
      this.pending.set(key, asked);
      asked.work = this.decode(at, key, asked).finally(() => this.pending.get(key) === asked && this.pending.delete(key));
    }
    return this.pending.get(key).work;
  }

  async decode(at, key, { control }) {
    try {
      const layers = await this.decoder.get(at, SIZE);
      this.kept.set(key, [...layers.values()].flat().sort((a, b) => idOf(a) - idOf(b)));
      this.lost.delete(key);
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    } catch (error) {
      if (!control.signal.aborted) this.lost.add(key);
      throw control.signal.aborted ? control.signal.reason : error;
    }
  }

  // Nobody looks at this tile any more (or, without one, at any).
  stop(at) {
    for (const [key, asked] of this.pending) {
      if (at && key !== keyOf(at)) continue;
      this.pending.delete(key);
      asked.control.abort();
    }
  }

  // What to show in place of the next question's tiles until they are here: one question back, not more.
  latest() {
    if (!this.kept.size) return this.before;
    this.before = undefined;
    return this;
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
    this.older = new Map();
    this.question = {};
    this.selection = null;
    this.failed = 0;
    this.drawn = new Map();
    this.on("tileunload", ({ tile }) => {
      const at = this.drawn.get(tile);
      this.drawn.delete(tile);
      if (at) for (const source of this.sources.values()) source.stop(at);
    });
  }

  // ---- what is shown -------------------------------------------------------------------------------------------

  // Room and days, as the parameters of every request; the first question begins. Old tiles stay until the new are here.
  ask(question) {
    this.question = Object.fromEntries(Object.entries(question).filter(([, value]) => value));
    for (const [name, source] of this.sources) {
      if (name === "basemap") continue;
      source.stop();
      this.older.set(name, source.latest());
      this.sources.delete(name);
    }
    this.failed = 0;
    if (this._map) this.refresh();
    else this.addTo(this.home);
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
      const url = `${this.address}/${layer.name}/tiles/WebMercatorQuad/{z}/{y}/{x}${asked.size ? `?${asked}` : ""}`;
      this.sources.set(layer.name, new Source(url, this.older.get(layer.name)));
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
    for (const { status, reason } of await Promise.allSettled(loading))
      if (status === "rejected" && reason.name !== "AbortError") this.failed += 1;
    if (!this.drawn.has(canvas)) return;
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
      const features = this.ordered(layer, this.source(layer).peek(at) ?? []);
      if (layer.style.rules.some((rule) => rule.symbol.hatch === "stripes")) {
        this.paintStripes(ctx, layer, features, { opacity, scale, at: origin, chosen });
        continue;
      }
      const draw = (symbol, geometry, kind) =>
        kind === 3
          ? drawPolygon(ctx, symbol, geometry, { opacity, scale, at: origin })
          : drawLine(ctx, symbol, geometry, { opacity });
      const crowded = features.length > CROWDED;
      for (const feature of features) {
        if (feature.geomType < 2) continue;
        const rule = this.ruleOf(layer.name, feature.props);
        if (!rule) continue;
        if (this.isSelected(layer, feature)) chosen.push([selected(rule.symbol), feature, draw]);
        else draw(crowded ? plain(rule) : rule.symbol, feature.geom, feature.geomType);
      }
    }
    for (const [symbol, feature, draw] of chosen) draw(symbol, feature.geom, feature.geomType);
  }

  // What is drawn last lies on top: of what is graded the highest grade.
  ordered(layer, features) {
    const grade = GRADED[layer.name];
    return grade ? features.toSorted((a, b) => a.props[grade] - b.props[grade]) : features;
  }

  // Overlaps lie on one another many deep. Their stripes are put together first and then laid on the map at one
  // opacity: twenty overlaps are no darker than one. Those of two domains lie on those of one, which they would be lost in.
  paintStripes(ctx, layer, features, { opacity, scale, at, chosen }) {
    const found = [];
    for (const feature of features) {
      const symbol = feature.geomType === 3 && this.ruleOf(layer.name, feature.props)?.symbol;
      if (!symbol) continue;
      if (this.isSelected(layer, feature)) chosen.push([selected(symbol), feature, (s, geom) => drawPolygon(ctx, s, geom, { opacity, scale, at })]);
      else found.push([feature, symbol]);
    }
    if (!found.length) return;
    const mixed = ([, symbol]) => Number(symbol.hatch_color_2?.toUpperCase() !== "#FFFFFF");
    found.sort((a, b) => mixed(a) - mixed(b));
    const sheet = (this.sheet ??= document.createElement("canvas"));
    sheet.width = sheet.height = SIZE * scale;
    const over = sheet.getContext("2d");
    over.scale(scale, scale);
    for (const [{ geom }, symbol] of found) drawPolygon(over, { ...symbol, fill_opacity: 1, stroke: null }, geom, { scale, at });
    ctx.save();
    ctx.globalAlpha = found[0][1].fill_opacity * opacity;
    ctx.drawImage(sheet, 0, 0, SIZE, SIZE);
    ctx.restore();
    const edge = { fill: null, hatch: null, ...(found.length > CROWDED ? { casing: false, width: 0.8 } : {}) };
    for (const [{ geom }, symbol] of found) drawPolygon(ctx, { ...symbol, ...edge }, geom);
  }

  isSelected(layer, feature) {
    return this.selection?.layer === layer.name && String(this.selection.id) === String(idOf(feature));
  }
}

// In a crowd outlines lose casing and dash, which take most of the time and cannot be seen there; the hatch stays.
const plain = (rule) => (rule.plain ??= { ...rule.symbol, casing: false, dash: [], width: Math.min(rule.symbol.width, 0.8) });

export const idOf = (feature) => feature.props._id ?? feature.props.id ?? feature.id;

function rulesOf(layer) {
  const rules = layer.style.rules;
  const map = new Map(rules.filter((r) => r.value !== null).map((r) => [String(r.value), r]));
  return { by: layer.style.by, map, rest: rules.find((r) => r.value === null) ?? (layer.style.by === null ? rules[0] : undefined) };
}

// Called by the map's own script. The tiles come onto the map with the first question, when it is known where to look.
export function mount(map, names, address, panelId) {
  const panel = JSON.parse(document.getElementById(panelId).textContent);
  map.attributionControl?.setPrefix(false);
  const tiles = new TileLayers(names, address, panel);
  tiles.home = map;
  const labels = new Labels(tiles);
  map.whenReady(() => {
    labels.addTo(map);
    settle({ map, tiles, labels, panel });
  });
}
