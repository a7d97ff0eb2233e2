// The records in the file: their shapes, their words, which days they are of, and what lies under a point.

const SCALE = 100000; // coordinates are whole numbers of 1/100,000 degree
const SIZE = 512; // a tile's edge, as in tiles.js
const MARGIN = 64;
const THIN = 0.6; // a corner nearer than this to the one before, in pixels, cannot be seen
const SMALL = 2; // a shape smaller than this is a dot
const REACH = 7; // how near a click must be to a line or a point, in pixels

// Web Mercator with the world from 0 to 1.
const project = (x, y) => {
  const s = Math.sin((Math.max(-8505113, Math.min(8505113, y)) / SCALE / 180) * Math.PI);
  return [x / SCALE / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
};

const plain = (text) => String(text).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Records {
  constructor({ values, lines, shapes, layers }) {
    this.values = values;
    this.lines = lines.map(walked);
    this.shapes = shapes.map(([kind, parts, inside]) => this.shape(kind, parts, inside));
    this.days = [null, null];
    this.layers = new Map(Object.entries(layers).map(([name, told]) => [name, this.records(name, told)]));
  }

  shape(kind, parts, inside) {
    const lines = kind === 1 ? [parts.map(([x, y]) => project(x, y))] : parts.map((part) => this.joined(part));
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const line of lines)
      for (const [x, y] of line) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    return { kind, lines, box, inside: inside ? project(...inside) : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] };
  }

  // Lines laid end to end; `~n` is line n backwards.
  joined(part) {
    return part.flatMap((n, i) => {
      const line = n < 0 ? [...this.lines[~n]].reverse() : this.lines[n];
      return i ? line.slice(1) : line;
    });
  }

  records(name, { fields, drawn, rows, cells }) {
    const say = (n) => this.values[n ?? 0]; // what is not said at the end of a row is left out
    const found = rows.map(([id, shape, from, to, title, ...rest]) => ({
      layer: name, id, shape: shape < 0 ? null : this.shapes[shape], from: say(from), to: say(to), title: say(title),
      props: Object.fromEntries([["_id", id], ...drawn.map((field, i) => [field, say(rest[i])])]),
      words: fields.map((field, i) => [field, say(rest[drawn.length + i])]).filter(([, word]) => word !== null),
    }));
    (cells ?? []).forEach(([x, y, n], i) => found.push({
      layer: name, id: `cell-${i}`, cell: true, from: null, to: null, title: "", props: { _id: `cell-${i}`, _n: n }, words: [],
      shape: this.shape(1, [[x, y]]),
    }));
    return found;
  }

  // Whether a record is of the chosen days: what has no day is of all.
  within({ from, to }) {
    const [first, last] = this.days;
    return !(from && last && from > last) && !(to && first && to < first);
  }

  // The records of a layer in the chosen days, counted cells aside.
  *of(name) {
    for (const record of this.layers.get(name) ?? []) if (!record.cell && this.within(record)) yield record;
  }

  // The first and the last day of what has any.
  span() {
    let [first, last] = [null, null];
    for (const records of this.layers.values())
      for (const { from, to } of records) {
        for (const day of [from, to]) {
          if (day && (!first || day < first)) first = day;
          if (day && (!last || day > last)) last = day;
        }
      }
    return [first, last];
  }

  // Whether all words are in a record's title or its fields; accents and capitals aside.
  matches(record, words) {
    record.text ??= plain([record.title, record.id, ...record.words.map(([, word]) => word)].join(" \n "));
    return words.every((word) => record.text.includes(word));
  }

  static asked(text) {
    return plain(text).split(/\s+/).filter(Boolean);
  }

  // The features of a layer in a tile, as a decoded vector tile has them.
  tile(name, { x, y, z }) {
    const size = SIZE * 2 ** z;
    const [left, top] = [x * SIZE, y * SIZE];
    const edge = MARGIN / size;
    const [west, north, east, south] = [left / size - edge, top / size - edge, (left + SIZE) / size + edge, (top + SIZE) / size + edge];
    const found = [];
    for (const record of this.layers.get(name) ?? []) {
      const { shape } = record;
      if (!shape || !this.within(record)) continue;
      const [a, b, c, d] = shape.box;
      if (c < west || a > east || d < north || b > south) continue;
      const small = shape.kind === 3 && Math.max(c - a, d - b) * size < SMALL;
      const lines = small ? [[shape.inside]] : shape.lines;
      const geom = lines.map((line) => thinned(line, size, left, top, shape.kind > 1));
      found.push({ id: record.id, geomType: small ? 1 : shape.kind, geom, props: small ? { ...record.props, _small: 1 } : record.props });
    }
    return found;
  }

  // A word at every shape of the layers that are labelled.
  labels(layers) {
    return layers.filter((layer) => layer.shape === "polygon" && layer.style.label).flatMap((layer) =>
      [...this.of(layer.name)].filter((record) => record.shape && record.props[layer.style.label] !== null).map((record) => {
        const [lon, lat] = degrees(record.shape.inside);
        return { layer: layer.name, id: record.id, lon, lat, text: String(record.props[layer.style.label]), class: record.props[layer.style.by] };
      }));
  }

  // The records of the layers under a point at a zoom of the map (256-pixel tiles), the top layer first.
  at(names, lat, lng, zoom, drawn) {
    const size = 256 * 2 ** zoom;
    const [px, py] = project(lng * SCALE, lat * SCALE);
    const reach = REACH / size;
    const hit = ({ shape }) => {
      if (!shape) return false;
      const [a, b, c, d] = shape.box;
      if (px < a - reach || px > c + reach || py < b - reach || py > d + reach) return false;
      if (shape.kind === 3 && (shape.lines.reduce((odd, ring) => odd !== crosses(ring, px, py), false) || Math.max(c - a, d - b) < reach)) return true;
      if (shape.kind === 3) return false;
      if (shape.kind === 1) return shape.lines[0].some(([x, y]) => Math.hypot(x - px, y - py) <= reach * 1.4);
      return shape.lines.some((line) => line.some((p, i) => i > 0 && away(line[i - 1], p, px, py) <= reach));
    };
    return names.flatMap((name) => [...this.of(name)].filter((record) => drawn(record) && hit(record)));
  }
}

export function degrees([x, y]) {
  return [(x - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

// South-west and north-east of a shape, as Leaflet writes them.
export function corners({ box: [a, b, c, d] }) {
  const [west, north] = degrees([a, b]);
  const [east, south] = degrees([c, d]);
  return [[south, west], [north, east]];
}

// An encoded polyline: steps in letters of five bits each.
function walked(letters) {
  const line = [];
  const here = [0, 0];
  let [step, shift, axis] = [0, 0, 0];
  for (let i = 0; i < letters.length; i++) {
    const bits = letters.charCodeAt(i) - 63;
    step |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    here[axis] += step & 1 ? ~(step >> 1) : step >> 1;
    if (axis) line.push(project(...here));
    [step, shift, axis] = [0, 0, 1 - axis];
  }
  return line;
}

function thinned(line, size, left, top, thin) {
  const made = [];
  let last = null;
  line.forEach(([wx, wy], i) => {
    const p = { x: wx * size - left, y: wy * size - top };
    if (thin && last && i < line.length - 1 && Math.abs(p.x - last.x) < THIN && Math.abs(p.y - last.y) < THIN) return;
    made.push(p);
    last = p;
  });
  return made;
}

function crosses(ring, px, py) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function away([ax, ay], [bx, by], px, py) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(ax + t * dx - px, ay + t * dy - py);
}
