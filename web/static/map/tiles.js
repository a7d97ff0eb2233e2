// The map's picture: every layer of the panel, drawn from its vector tiles on one canvas a tile.
//
// protomaps-leaflet decodes the tiles; drawing is our own (symbols.js), because hatches must be fixed to the ground,
// outlines need a casing, and a fill's opacity must not touch its outline. Markers and words are in labels.js.

/* global L, protomapsL */

import { Labels } from "./labels.js";
import { Loader, Source, idOf, keyOf } from "./tile_source.js";
import { INK, drawLine, drawPolygon, drawSmall, selected } from "../lib/symbols.js";

const SIZE = 512;
const CROWDED = 1500;

let settle;
// Resolves to { map, tiles } when Folium's script has made the map of this page.
export const mounted = new Promise((resolve) => (settle = resolve));

export class TileLayers extends L.GridLayer {
  constructor(names, address, panel) {
    super({ tileSize: SIZE, minZoom: 2, maxZoom: 18, noWrap: true, keepBuffer: 1, updateWhenZooming: false });
    this.loader = new Loader(address);
    this.layers = names.map((name) => panel.layers.find((layer) => layer.name === name));
    this.state = new Map(this.layers.map((l) => [l.name, { on: l.on, opacity: l.style.opacity }]));
    this.rules = new Map(this.layers.map((l) => [l.name, rulesOf(l)]));
    this.hidden = new Set();
    this.usual();
    this.sources = new Map();
    this.older = new Map();
    this.question = {};
    this.selection = null;
    this.drawn = new Map();
    this.on("tileunload", ({ tile }) => {
      const at = this.drawn.get(tile);
      this.drawn.delete(tile);
      if (at) this.loader.stop(at);
    });
  }

  // ---- what is shown -------------------------------------------------------------------------------------------

  // Room and days, as the parameters of every request; the first question begins. Old tiles stay until the new are here.
  ask(question) {
    this.question = said(question);
    this.loader.stop();
    const ready = this.ready?.asked === JSON.stringify(this.question) ? this.ready.sources : new Map();
    this.ready = null;
    for (const { name, fixed } of this.layers) {
      if (fixed || !this.sources.has(name)) continue;
      this.older.set(name, this.sources.get(name).latest());
      this.sources.delete(name);
    }
    for (const [name, source] of ready) this.sources.set(name, Object.assign(source, { before: this.older.get(name) }));
    if (this._map) this.refresh();
    else this.addTo(this.home);
  }

  // Fetches the tiles on screen for a question that is asked next, which is then drawn at once. Resolves when they are here or lost.
  async prepare(question) {
    const next = said(question);
    const sources = new Map(this.layers.filter((layer) => !layer.fixed && this.visible(layer.name)).map(({ name }) => [name, new Source()]));
    this.ready = { asked: JSON.stringify(next), sources };
    this.ahead?.stop();
    this.ahead = new Loader(this.loader.address);
    const wanted = (z) => new Map(this.drawable(z).filter(({ name }) => sources.has(name)).map(({ name }) => [name, sources.get(name)]));
    await Promise.all([...this.drawn.values()].filter(({ z }) => z === this._tileZoom - 1).map((at) => this.ahead.load(at, wanted(at.z), next)));
  }

  show(name, state) {
    Object.assign(this.state.get(name), state);
    this.refresh();
  }

  // Shows one feature ({ layer, id }), or several of a layer ({ layer, ids }), as chosen.
  select(feature) {
    this.selection = feature;
    this.repaint();
    this.fire("drawn");
  }

  visible(name) {
    return this.state.get(name).on;
  }

  source(layer) {
    if (!this.sources.has(layer.name)) this.sources.set(layer.name, new Source(this.older.get(layer.name)));
    return this.sources.get(layer.name);
  }

  // The grid ends where the world does: rounding would add a row above it and a column beside it.
  _isValidTile(coords) {
    const n = 2 ** (coords.z - 1);
    return coords.x >= 0 && coords.y >= 0 && coords.x < n && coords.y < n && super._isValidTile(coords);
  }

  // The layers that have something to draw at a tile zoom, bottom first.
  due(z) {
    return this.drawable(z).filter((layer) => layer.count !== 0);
  }

  drawable(z) {
    return this.layers.filter((l) => this.visible(l.name) && l.access !== "withheld" && z >= l.zoom[0] && z <= l.zoom[1]);
  }

  // Every feature of a layer in the tiles on screen, with where its tile begins in map pixels.
  *features(name) {
    const layer = this.layers.find((each) => each.name === name);
    for (const at of this.drawn.values()) {
      if (at.z !== this._tileZoom - 1) continue;
      for (const feature of this.source(layer).peek(keyOf(at)) ?? []) yield [feature, at.x * SIZE, at.y * SIZE];
    }
  }

  ruleOf(name, props) {
    const { by, map, rest } = this.rules.get(name);
    return (by === null ? rest : map.get(String(props[by]))) ?? rest;
  }

  // The class of a feature, where its class is switched on.
  shownRule(name, props) {
    const rule = this.ruleOf(name, props);
    return rule && this.drawsClass(name, rule) ? rule : undefined;
  }

  // The classes as the map opens them.
  usual() {
    this.hidden = new Set(this.layers.flatMap((l) => l.style.rules.filter((rule) => rule.on === false).map((rule) => `${l.name}:${rule.value}`)));
  }

  drawsClass(name, rule) {
    return !this.hidden.has(`${name}:${rule.value}`);
  }

  // The values of the classes of a layer that are switched off.
  classesOff(name) {
    const layer = this.layers.find((each) => each.name === name);
    return layer.style.by === null ? [] : layer.style.rules.filter((rule) => !this.drawsClass(name, rule)).map((rule) => String(rule.value ?? "None"));
  }

  switchClass(name, rule, on) {
    if (on) this.hidden.delete(`${name}:${rule.value}`);
    else this.hidden.add(`${name}:${rule.value}`);
    this.repaint();
    this.fire("drawn");
  }

  // How many records of a layer lie in classes that are switched off; undefined while they are not counted.
  off(layer) {
    const off = layer.style.rules.filter((rule) => !this.drawsClass(layer.name, rule));
    return off.every((rule) => Number.isInteger(rule.count)) ? off.reduce((sum, rule) => sum + rule.count, 0) : undefined;
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
    const sources = new Map(this.due(at.z).map((layer) => [layer.name, this.source(layer)]));
    await this.loader.load(at, sources, this.question);
    if (!this.drawn.has(canvas)) return;
    this.paint(canvas, at);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.fire("drawn"), 40);
  }

  // The layers that lie so dense in a tile on screen that they are counted there in cells.
  counted() {
    const dense = (layer) => [...this.features(layer.name)].some(([feature]) => feature.props._n);
    return new Set(this.layers.filter((layer) => this.visible(layer.name) && dense(layer)).map((layer) => layer.name));
  }

  // The layers that did not load in a tile on screen.
  lost() {
    const at = [...this.drawn.values()].filter(({ z }) => z === this._tileZoom - 1);
    return this.layers.filter((layer) => at.some((each) => this.due(each.z).includes(layer) && this.source(layer).lost.has(keyOf(each))));
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
    for (const layer of this.due(at.z)) this.paintGround(ctx, layer, at);
    const far = at.z < CLOSE;
    for (const layer of this.due(at.z)) {
      if (layer.shape === "point") continue;
      const opacity = this.state.get(layer.name).opacity;
      const features = this.ordered(layer, this.source(layer).peek(keyOf(at)) ?? []);
      if (layer.style.rules.some((rule) => rule.symbol.hatch === "stripes")) {
        this.paintStripes(ctx, layer, features, { opacity, scale, at: origin, chosen, far });
        continue;
      }
      const draw = (symbol, geometry, kind) =>
        kind === 3
          ? drawPolygon(ctx, symbol, geometry, { opacity, scale, at: origin })
          : drawLine(ctx, symbol, geometry, { opacity });
      const crowded = features.length > CROWDED;
      for (const feature of features) {
        if (feature.geomType < 2) {
          if (feature.props._small) this.paintSmall(ctx, layer, feature);
          continue;
        }
        const rule = this.shownRule(layer.name, feature.props);
        if (!rule) continue;
        if (this.isSelected(layer, feature)) chosen.push([selected(rule.symbol), feature, draw]);
        else draw(symbolOf(layer, rule, { crowded, far }), feature.geom, feature.geomType);
      }
    }
    for (const [symbol, feature, draw] of chosen) draw(symbol, feature.geom, feature.geomType);
  }

  // The ground inside a class's shapes, before anything else is drawn: land, then the country on it.
  paintGround(ctx, layer, at) {
    for (const feature of this.source(layer).peek(keyOf(at)) ?? []) {
      const ground = feature.geomType === 3 && this.ruleOf(layer.name, feature.props)?.ground;
      if (ground) drawPolygon(ctx, { fill: ground, fill_opacity: 1 }, feature.geom);
    }
  }

  // A shape that is too small to be seen is a dot where it lies.
  paintSmall(ctx, layer, { geom, props, id }) {
    const symbol = this.shownRule(layer.name, props)?.symbol;
    const chosen = this.isSelected(layer, { props, id });
    for (const { x, y } of symbol ? geom.flat() : []) drawSmall(ctx, symbol, x, y, chosen ? { r: 4.5, edge: INK } : {});
  }

  // What is drawn last lies on top: of what is graded the highest grade.
  ordered(layer, features) {
    const grade = layer.style.by;
    return layer.style.graded ? features.toSorted((a, b) => a.props[grade] - b.props[grade]) : features;
  }

  // Overlaps lie on one another many deep. Their stripes are put together first and then laid on the map at one
  // opacity: twenty overlaps are no darker than one. Those of two domains lie on those of one, which they would be lost in.
  // From afar they have no edges: hundreds of outlines say less than the ground that is shared.
  paintStripes(ctx, layer, features, { opacity, scale, at, chosen, far }) {
    const found = [];
    for (const feature of features) {
      if (feature.props._small) this.paintSmall(ctx, layer, feature);
      const symbol = feature.geomType > 1 && this.shownRule(layer.name, feature.props)?.symbol;
      if (!symbol) continue;
      if (feature.geomType === 2) drawLine(ctx, symbol, feature.geom);
      else if (this.isSelected(layer, feature)) chosen.push([selected(symbol), feature, (s, geom) => drawPolygon(ctx, s, geom, { opacity, scale, at })]);
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
    if (far) return;
    const edge = { fill: null, hatch: null, ...(found.length > CROWDED ? { casing: false, width: 0.8 } : {}) };
    for (const [{ geom }, symbol] of found) drawPolygon(ctx, { ...symbol, ...edge }, geom);
  }

  isSelected(layer, feature) {
    const { layer: of, id, ids = [id] } = this.selection ?? {};
    return of === layer.name && ids.map(String).includes(String(idOf(feature)));
  }
}

const said = (question) => Object.fromEntries(Object.entries(question).filter(([, value]) => value));

// In a crowd outlines lose casing and dash, which take most of the time and cannot be seen there; the hatch stays.
const CLOSE = 8; // the tile zoom from which shapes are drawn in full
// From afar an actor's ground is an outline and a tint; its hatch, which tells domains apart there too, is the outline's dash.
const light = (rule) => (rule.light ??= { ...rule.symbol, hatch: null, casing: false, width: Math.min(rule.symbol.width, 1.2) });
const symbolOf = (layer, rule, { crowded, far }) =>
  rule.ground ? (rule.bare ??= { ...rule.symbol, fill: null }) : far && layer.style.signed ? light(rule) : crowded ? plain(rule) : rule.symbol;
const plain = (rule) => (rule.plain ??= { ...rule.symbol, casing: false, dash: [], width: Math.min(rule.symbol.width, 0.8) });

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
