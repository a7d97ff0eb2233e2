// Where tiles come from: one request brings all layers of a tile that are not here yet.

/* global protomapsL */

const SIZE = 512;
const KEPT = 400;

export const keyOf = ({ x, y, z }) => `${z}/${x}/${y}`;
export const idOf = (feature) => feature.props._id ?? feature.props.id ?? feature.id;

// The tiles of one layer for one question (room, days). `before` answers for what is not here yet.
export class Source {
  constructor(before) {
    this.before = before;
    this.kept = new Map();
    this.lost = new Set();
  }

  // The features of a tile, by number, so that the same lies on top in every tile. While they are on their way they
  // are those of the question before; undefined when the tile did not load.
  peek(key) {
    return this.kept.get(key) ?? (this.lost.has(key) ? undefined : this.before?.kept.get(key));
  }

  keep(key, features) {
    this.kept.set(key, features.sort((a, b) => (idOf(a) ?? 0) - (idOf(b) ?? 0)));
    this.lost.delete(key);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
  }

  // What to show in place of the next question's tiles until they are here: one question back, not more.
  latest() {
    if (!this.kept.size) return this.before;
    this.before = undefined;
    return this;
  }
}

// Asks for tiles. `address` is what stands before `/{z}/{y}/{x}`.
export class Loader {
  constructor(address) {
    this.address = address;
    this.pending = new Map();
  }

  // Resolves when every source (by its layer's name) has the tile, has lost it, or nobody looks at it any more.
  async load(at, sources, question) {
    const key = keyOf(at);
    if (!this.pending.has(key)) this.pending.set(key, new Map());
    const coming = this.pending.get(key);
    const missing = new Map([...sources].filter(([name, source]) => !source.kept.has(key) && !coming.has(name)));
    if (missing.size) {
      const control = new AbortController();
      const work = this.ask(at, missing, question, control.signal);
      for (const name of missing.keys()) coming.set(name, { work, control });
      work.finally(() => missing.forEach((_, name) => coming.get(name)?.work === work && coming.delete(name)));
    }
    await Promise.all([...sources.keys()].map((name) => coming.get(name)?.work));
  }

  // A layer that the service cannot draw must not take the others with it: after such an answer each is asked alone.
  async ask(at, sources, question, signal) {
    const key = keyOf(at);
    try {
      const layers = await this.fetch(at, [...sources.keys()], question, signal);
      for (const [name, source] of sources) source.keep(key, layers.get(name) ?? []);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status >= 500 && error.status !== 503 && sources.size > 1)
        await Promise.all([...sources].map((one) => this.ask(at, new Map([one]), question, signal)));
      else for (const source of sources.values()) source.lost.add(key);
    }
  }

  async fetch({ x, y, z }, names, question, signal, again = true) {
    const asked = new URLSearchParams({ collections: names.join(), ...question });
    const response = await fetch(`${this.address}/${z}/${y}/${x}?${asked}`, { signal });
    if (response.status === 503 && again) {
      const seconds = Math.min(Number(response.headers.get("retry-after")) || 1, 5);
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds * (0.5 + Math.random())));
      return this.fetch({ x, y, z }, names, question, signal, false);
    }
    if (!response.ok) throw Object.assign(new Error(`${response.status}`), { status: response.status });
    const data = await response.arrayBuffer();
    if (!data.byteLength) return new Map();
    return new protomapsL.PmtilesSource({ getZxy: async () => ({ data }) }, false).get({ x, y, z }, SIZE);
  }

  // Nobody looks at this tile any more (or, without one, at any).
  stop(at) {
    for (const [key, coming] of this.pending) {
      if (at && key !== keyOf(at)) continue;
      this.pending.delete(key);
      for (const { control } of coming.values()) control.abort();
    }
  }
}
