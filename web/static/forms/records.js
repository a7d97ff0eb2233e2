// Writing by hand on the workbench: the tools that begin a form, and the drawer's way to tell and correct what was written.

import { get, mayWrite, panel } from "../lib/api.js";
import { $, h, icon } from "../lib/dom.js";
import { boxOf } from "../lib/shapes.js";
import { swatch } from "../lib/symbols.js";
import { facts } from "../map/drawer.js";
import { IncidentCard } from "./reports.js";
import { Review } from "./review.js";
import { fieldsOf, schemaOf, speak } from "./schema.js";

// The tool by which a collection is written; what has none of its own is chosen from a list.
const TOOLS = { areas_of_operation: "area", risk_zones: "zone", incidents: "incident" };
const toolOf = (collection) => TOOLS[collection] ?? "record";
// The layers that show a collection's records besides the one of its name.
const ALSO = { constrained_areas: "access_constraints", constrained_roads: "access_constraints" };
const WHERE = { access_constraints: { Polygon: "constrained_areas", MultiPolygon: "constrained_areas", LineString: "constrained_roads", MultiLineString: "constrained_roads" } };
const written = panel.records ?? [];

// Adds the tools where this room writes; gives the review of zones, and how the drawer tells records by their layer.
export function recordTools({ map, tiles, drawer, tools, refresh, shown }) {
  const use = (asked) => tools.use(toolOf(asked.collection), asked);
  const review = new Review(drawer, { form: { open: (asked = {}) => use({ collection: "risk_zones", ...asked }) }, refresh, shown });
  const card = new RecordCard(drawer, { open: use, shown });
  const told = { risk_zones: review, zones_to_review: review, roads: new RoadCard(drawer, { open: use, shown }) };
  for (const { collection } of written) told[collection] ??= card;
  for (const layer of Object.keys(ALSO)) told[layer] = card;
  told.incidents = new IncidentCard(drawer, { correct: (id) => use({ collection: "incidents", id }), refresh });
  const show = (collection, id, said) => (collection === "risk_zones" ? review.show(id, said) : card.show(collection, id));
  if (!mayWrite) return { review, told, show: null, outbox: null };
  // The form and all that it draws with come when it is first opened: a map that is only read does without.
  /** @type {import("./record_form.js").RecordForm | null} */
  let form = null;
  let box = null;
  const outbox = async () => (box ??= import("./outbox.js").then(({ Outbox }) => new Outbox($("#middle"), {
    async sent(collection, id) {
      await around.written(collection, id, { done: false });
    },
    open: ({ collection, id }) => use({ collection, id }),
  })));
  const loaded = async () => {
    around.outbox = await outbox();
    const [{ RecordForm }, { RISK_ZONE }, { INCIDENT }, { AREA }] = await Promise.all([import("./record_form.js"), import("./zone.js"), import("./incident.js"), import("./area.js")]);
    return (form ??= new RecordForm($("#form"), { ...around, extras: { risk_zones: RISK_ZONE, incidents: INCIDENT, areas_of_operation: AREA } }));
  };
  const around = {
    outbox: null, map, bar: $("#bar"), layers: () => panel.layers.filter((layer) => tiles.visible(layer.name)).map((layer) => layer.name),
    list() {
      form.close({ quietly: true });
      review.list();
    },
    closed(collection) {
      tools.ended(toolOf(collection));
      tiles.select(null);
      requestAnimationFrame(() => map.invalidateSize({ pan: false }));
    },
    async written(collection, id, { done, gone = false, step = null }) {
      if (collection === "risk_zones") shown("zones_to_review");
      await refresh();
      if (done && !gone) await show(collection, id, step?.done.replace("{by}", "you"));
    },
  };
  const start = async (asked) => {
    if (drawer.isOpen) drawer.close();
    const made = await loaded();
    if (tools.used !== toolOf(asked.collection)) return; // another tool was chosen meanwhile
    const opening = made.open(asked);
    map.invalidateSize({ pan: false });
    await opening;
  };
  const stop = () => form?.close({ quietly: true });
  const one = (name, collection) => tools.add({ name, stop, start: (asked) => asked || !form?.isOpen ? start({ collection, ...asked }) : null });
  one("area", "areas_of_operation");
  one("zone", "risk_zones");
  one("incident", "incidents");
  tools.add({ name: "record", stop, start: (asked) => (asked ? start(asked) : choose(drawer, tools, use)) });
  return { review, told, show, outbox };
}

// What else is written by hand.
function choose(drawer, tools, use) {
  const line = ({ collection, title }) => {
    const layer = panel.layers.find((each) => each.name === collection);
    const rule = layer?.style.rules[0];
    return h("button", { type: "button", onclick: () => use({ collection }) }, rule ? swatch(rule.symbol, layer.shape, { width: 26, height: 18 }) : icon("plus"),
      h("span", {}, h("span", { class: "what" }, title), h("br"), h("span", { class: "why" }, layer?.question ?? "")), icon("next"));
  };
  drawer.reveal(drawer.head("By hand", "Record something else"), h("div", { class: "scroll found" }, written.filter(({ collection }) => !(collection in TOOLS)).map(line)));
  tools.ended("record");
  $("h2", drawer.root).focus();
}

// A record that was written by hand or brought by a file, and the way to correct it.
class RecordCard {
  /** @type {import("../map/drawer.js").Drawer} */
  drawer;
  /** @type {(asked: { collection: string, id?: number, values?: Record<string, any> }) => void} */
  open;
  /** @type {(layer: string, box?: number[]) => void} */
  shown;

  constructor(drawer, { open, shown }) {
    Object.assign(this, { drawer, open, shown });
  }

  // From its own record, every field of it.
  async show(collection, id) {
    this.drawer.wait("Record");
    try {
      const [schema, found] = await Promise.all([schemaOf(collection), get(`/collections/${collection}/items/${id}/record`, { datetime: "" })]);
      const p = found.properties;
      const rows = fieldsOf(schema).map((field) => ({ name: field.name, title: field.title, value: p[field.name], text: speak(field, p[field.name]) })).filter((row) => row.value !== null && row.value !== undefined);
      const layer = WHERE[collection]?.[found.geometry?.type] ?? collection;
      const box = boxOf(found.geometry);
      this.shown(layer, box);
      this.drawer.one({ layer, id, layer_title: schema.title, title: p.name ?? p.sub_event_type ?? p.event_type ?? schema.title, rows, bbox: box, properties: { class: p.event_type, ...p, version: found.version } });
    } catch (problem) {
      this.drawer.fail(problem, () => this.show(collection, id));
    }
  }

  overline(record) {
    return [record.layer_title, null];
  }

  body(record) {
    return h("section", { class: "section" }, facts(record));
  }

  foot(record) {
    const collection = ALSO[record.layer] ?? record.layer;
    return mayWrite && h("button", { type: "button", class: "button primary", onclick: () => this.open({ collection, id: record.id }) }, "Correct");
  }
}

// A road, and the way to report on it.
class RoadCard extends RecordCard {
  foot(record) {
    return mayWrite && [h("button", { type: "button", class: "button primary", onclick: () => this.open({ collection: "road_reports", values: { road_id: record.id } }) }, "Report on this road"),
      h("button", { type: "button", class: "button", onclick: () => this.open({ collection: "roads", id: record.id }) }, "Correct")];
  }
}
