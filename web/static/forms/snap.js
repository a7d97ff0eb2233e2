// What lies beside the shape that is drawn: its corners and edges, which a corner is put on exactly, and its borders, which are followed.

import { get, panel } from "../lib/api.js";
import { exact, waysBetween } from "../lib/rings.js";

const CORNER_PX = 12;
const EDGE_PX = 9;
const FAR_PX = 60; // within which a key puts a corner on what lies beside
const REST = 250; // ms after the map has come to rest
const CLEARLY = 1.2; // times; a way round that is less than so much longer could be meant as well
const MOST_BETWEEN = 2000; // corners of a border that are followed at once

const keyOf = (corner) => corner.join(" ");

export class Snap {
  /** @type {L.Map} */
  map;
  /** @type {() => string[]} */
  layers;
  /** @type {(words: string) => void} */
  told;
  /** @type {{ line: number[][], xs: Float64Array, ys: Float64Array, zoom: number }[]} */
  lines;
  /** @type {Map<string, number[][]>} */
  known;
  /** @type {Map<string, [number[], number[], number]>} */
  spots;

  // `layers` gives the names of what is drawn, `told` is given the state in words, `own` is the shape that is not to be snapped to (GeoJSON).
  constructor(map, { layers, told, own = null }) {
    Object.assign(this, { map, layers, told, on: true, lines: [], known: new Map(), spots: new Map() });
    this.own = new Set(exact(own).map((line) => keyOf(line[0]) + line.length));
    this.moved = () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.load(), REST);
    };
    map.on("moveend", this.moved);
    this.load();
  }

  turn(on = !this.on) {
    this.on = on;
    if (on) this.load();
    else this.told("");
  }

  async load() {
    if (!this.on) return;
    this.asking?.abort();
    this.asking = new AbortController();
    const names = [...new Set(["boundaries", ...this.layers()])].filter((name) => panel.layers.some((layer) => layer.name === name && layer.shape !== "point"));
    const box = this.map.getBounds();
    const within = [Math.max(-180, box.getWest()), Math.max(-90, box.getSouth()), Math.min(180, box.getEast()), Math.min(90, box.getNorth())];
    if (!names.length || within[0] >= within[2]) return;
    try {
      const found = await get("/beside", { bbox: within.join(), layers: names.join() }, { signal: this.asking.signal });
      this.take(found.lines);
      this.told(found.left_out ? "snaps to the nearest borders; move closer for all" : this.lines.length ? "snaps to what lies beside" : "nothing lies beside");
    } catch (problem) {
      if (problem.name !== "AbortError") this.told("what lies beside did not load: corners stay where they are put");
    }
  }

  // A border that was there before stays the same one, so that it can be followed from before the map was moved.
  take(lines) {
    const zoom = this.map.getZoom();
    this.lines = lines.map((line) => line.map(([lon, lat]) => [lat, lon])).filter((line) => !this.own.has(keyOf(line[0]) + line.length)).map((line) => {
      const name = `${keyOf(line[0])} ${keyOf(line[1])} ${line.length}`;
      const kept = this.known.get(name) ?? line;
      this.known.set(name, kept);
      const xs = new Float64Array(kept.length);
      const ys = new Float64Array(kept.length);
      kept.forEach((corner, i) => {
        const { x, y } = this.map.project(corner, zoom);
        xs[i] = x;
        ys[i] = y;
      });
      return { line: kept, xs, ys, zoom };
    });
  }

  // The corner or, where none is near, the place on an edge that a place is put on: [latitude, longitude]; null where nothing is near.
  at(latlng, { far = false } = {}) {
    const zoom = this.map.getZoom();
    if (!this.on || !this.lines.length || this.lines[0].zoom !== zoom) return null;
    const { x, y } = this.map.project(latlng, zoom);
    let [corner, edge] = [far ? FAR_PX ** 2 : CORNER_PX ** 2, far ? FAR_PX ** 2 : EDGE_PX ** 2];
    let [atCorner, onEdge] = [null, null];
    for (const { line, xs, ys } of this.lines)
      for (let i = 0; i < line.length; i += 1) {
        const here = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
        if (here < corner) [corner, atCorner] = [here, line[i]];
        if (i + 1 === line.length) continue;
        const [dx, dy] = [xs[i + 1] - xs[i], ys[i + 1] - ys[i]];
        const along = Math.max(0, Math.min(1, ((x - xs[i]) * dx + (y - ys[i]) * dy) / (dx * dx + dy * dy || 1)));
        const beside = (xs[i] + along * dx - x) ** 2 + (ys[i] + along * dy - y) ** 2;
        if (beside < edge) [edge, onEdge] = [beside, { line, i, along }];
      }
    if (atCorner && (!far || corner <= edge + CORNER_PX ** 2)) return atCorner;
    if (!onEdge) return null;
    const { line, i, along } = onEdge;
    const [a, b] = [line[i], line[i + 1]];
    const spot = [a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along];
    this.spots.set(keyOf(spot), [a, b, along]);
    return spot;
  }

  // Where on a border a corner lies: how many corners after its first; null when it does not lie on it.
  placeOn(line, corner) {
    const [a, b, along] = this.spots.get(keyOf(corner)) ?? [corner, null, 0];
    for (let i = 0; i < line.length; i += 1) {
      if (line[i][0] !== a[0] || line[i][1] !== a[1]) continue;
      if (!b) return i;
      for (const step of [1, -1]) {
        const next = line[i + step];
        if (next && next[0] === b[0] && next[1] === b[1]) return i + step * along;
      }
    }
    return null;
  }

  // The corners of a border between two corners that lie on it, where one way is clearly the shorter and none of the shape's corners
  // `taken` lies on it; else none: the edge is straight.
  follow(from, to, taken) {
    let best = null;
    if (!this.on || (from[0] === to[0] && from[1] === to[1])) return [];
    const there = new Set(taken.map(keyOf));
    for (const line of this.known.values()) {
      const [first, last] = [this.placeOn(line, from), this.placeOn(line, to)];
      if (first === null || last === null) continue;
      const [short, other] = waysBetween(line, first, last);
      if (other && other.long < short.long * CLEARLY) continue;
      if (!best || short.long < best.long) best = short;
    }
    return best && best.way.length <= MOST_BETWEEN && !best.way.some((corner) => there.has(keyOf(corner))) ? best.way : [];
  }

  stop() {
    this.asking?.abort();
    clearTimeout(this.soon);
    this.map.off("moveend", this.moved);
  }
}
