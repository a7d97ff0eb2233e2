// What lies under a click, in a table of the view, or in a form: loaded when somebody first asks, since a map that is only
// looked at does without.

import * as address from "../lib/address.js";
import { get, label, panel } from "../lib/api.js";
import { $, h, icon, style } from "../lib/dom.js";
import { number, period, plural } from "../lib/format.js";
import { mgrs } from "../lib/mgrs.js";
import { boxOf } from "../lib/shapes.js";
import { recordTools } from "../forms/records.js";
import { Drawer } from "./drawer.js";
import { Tools } from "./tools.js";

const FIRST = 60;
const ALL = 1000;

/**
 * @param {{
 *   map: any, tiles: any, still: boolean, fitBox: (box: number[]) => void, names: () => string[],
 *   warnings: (names: string[]) => string, refresh: () => Promise<void>, shown: (name: string, box?: number[] | null) => void,
 * }} page what of the workbench this needs: `names` are the layers that are on, `refresh` draws and counts anew, `shown`
 * puts a layer on and brings a box into view
 */
export async function inspect({ map, tiles, still, fitBox, names: shownNames, warnings, refresh, shown }) {
  await style("forms/zone.css");
  const told = {};
  let asking = null;

  const drawer = new Drawer($("#drawer"), {
    special: told,
    opened(record, fly) {
      tiles.select(record ? { layer: record.layer, id: record.id } : null);
      address.write({ open: record ? `${record.layer}/${record.id}` : null, point: record && asking ? asking.map((v) => v.toFixed(5)).join() : null });
      if (fly && record?.bbox) fitBox(record.bbox);
      requestAnimationFrame(() => {
        map.invalidateSize({ pan: false });
        if (record && asking && !fly) map.panInside(asking, { padding: [48, 48], animate: !still });
      });
    },
    ruleOf(record) {
      const layer = panel.layers.find((l) => l.name === record.layer);
      const rule = layer && tiles.ruleOf(layer.name, record.properties ?? {});
      return rule ? { rule, layer } : null;
    },
  });

  async function identify(lat, lon, { open = null, focus = true } = {}) {
    asking = [lat, lon];
    const waiting = setTimeout(() => drawer.wait("Asking"), 150);
    try {
      const { features: found } = await get("/identify", { lon: lon.toFixed(6), lat: lat.toFixed(6), zoom: map.getZoom(), layers: shownNames().join() });
      clearTimeout(waiting);
      const drawn = (each) => !tiles.classesOff(each.layer).includes(String(tiles.ruleOf(each.layer, each.properties)?.value ?? "None"));
      const features = found.filter((each) => drawn(each) || `${each.layer}/${each.id}` === open);
      if (open) features.sort((a, b) => (`${b.layer}/${b.id}` === open) - (`${a.layer}/${a.id}` === open));
      drawer.show(features, `${lat.toFixed(4)}, ${lon.toFixed(4)} · ${mgrs(lat, lon)}`, { focus });
      if (open && features.length && `${features[0].layer}/${features[0].id}` === open && drawer.at < 0) drawer.open(0, focus);
    } catch (problem) {
      clearTimeout(waiting);
      drawer.fail(problem, () => identify(lat, lon));
    }
  }

  // The same as a table: the records of the layers and classes that are drawn, in this part of the map; the first of each
  // layer, or for printing all of them.
  async function tableOfView({ all = false } = {}) {
    asking = null;
    const b = map.getBounds();
    const bbox = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((v, i) => Math.max(i % 2 ? -90 : -180, Math.min(i % 2 ? 90 : 180, v)).toFixed(5)).join();
    drawer.wait("What is in view");
    const shown = shownNames();
    const there = (l) => l.tabled !== null && shown.includes(l.name) && l.count !== 0 && l.access !== "withheld" && l.access !== "count";
    const names = panel.layers.filter(there).sort((a, b) => a.tabled - b.tabled).map((l) => l.name);
    // The first page of a layer, and with `all` those after it.
    const records = async (name) => {
      const found = [];
      for (;;) {
        const page = await get(`/collections/${name}/items`, { bbox, limit: all ? ALL : FIRST, offset: found.length, without: tiles.classesOff(name).join() });
        found.push(...page.features);
        if (!all || !page.features.length || found.length >= page.numberMatched) return { found, more: Math.max(0, page.numberMatched - found.length) };
      }
    };
    try {
      const pages = await Promise.all(names.map(records));
      const rows = pages.flatMap(({ found }, i) => found.map((feature) => row(names[i], feature)));
      const more = pages.reduce((sum, page) => sum + page.more, 0);
      drawer.table(plural(rows.length + more, "record"), rows,
        more ? [`The first ${FIRST} of each layer; ${number(more)} more. Move closer, or print all of them. `, h("button", { type: "button", class: "button small", onclick: printAll }, icon("table"), "Print all rows"), ` ${warnings(shown)}`]
          : `Every record of the layers that are on. ${warnings(shown)}`);
      listed = more;
    } catch (problem) {
      drawer.fail(problem, () => tableOfView({ all }));
    }
  }

  // On paper a table that is open has every row.
  let listed = 0;
  async function printAll() {
    if (listed && $(".in-view", $("#drawer"))) await tableOfView({ all: true });
    print();
  }

  // What a record is called: as `titled` of layers/_base.py has it.
  function titleOf(layer, p) {
    for (const form of layer.titled) {
      const names = [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      if (names.length > 1 || p[names[0]]) return form.replace(/\{(\w+)\}/g, (_, name) => (layer.coded[name] && p[name] ? label(layer.coded[name], p[name]) : p[name]) ?? "withheld");
    }
    return tiles.ruleOf(layer.name, p)?.label ?? layer.title;
  }

  // A record that the address names without saying where somebody had clicked.
  async function openRecord(name, id) {
    try {
      drawer.one(row(name, await get(`/collections/${name}/items/${id}`, { datetime: "" })).record);
    } catch (problem) {
      drawer.fail(problem, () => openRecord(name, id));
    }
  }

  function row(name, feature) {
    const p = feature.properties;
    const layer = panel.layers.find((l) => l.name === name);
    const title = [layer.style.label === "code" && p.code, titleOf(layer, p)].filter(Boolean).join(": ");
    const ends = [p.period_start ?? p.valid_from ?? p.occurred_from, p.period_end ?? p.valid_to ?? p.occurred_to];
    return {
      when: ends[0] || ends[1] ? period(...ends) : "",
      record: { layer: name, layer_title: layer.title, id: p.id, title: String(title), properties: p, bbox: boxOf(feature.geometry) },
    };
  }

  const tools = new Tools($("#tools"), $("#hint"));
  tools.add({ name: "identify", start: () => map.getContainer().focus() });
  const { review, told: cards, show: showRecord, outbox } = recordTools({ map, tiles, drawer, tools, refresh, shown });
  Object.assign(told, cards);
  return { drawer, tools, review, showRecord, outbox, identify, tableOfView, printAll, openRecord };
}
