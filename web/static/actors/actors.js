// Who is there: the list on the left, the one that is open in the middle, its chain of command and its ground on the right.

import * as address from "../lib/address.js";
import { get, mayWrite, panel, question } from "../lib/api.js";
import { $, failure, fill, h, skeleton } from "../lib/dom.js";
import { mounted } from "../map/tiles.js";
import { List } from "./list.js";
import { chainOf, sharedWith, speak } from "./one.js";
import { merge, split, undo } from "./steps.js";

const NAMES = ["q", "domain", "kind", "interlocutor", "due"];
const AREAS = "areas_of_operation";
const GROUND = ["basemap", "boundaries", AREAS];
const began = address.read();
question.datetime = "";

const list = new List(Object.fromEntries(NAMES.map((name) => [name, began.get(name) ?? ""])), (id) => open(id), (filters) => address.write(filters));
let turn = 0;
let map, tiles;

async function open(id, { quietly = false } = {}) {
  const mine = (turn += 1);
  list.mark(id);
  address.write({ actor: id });
  const waiting = setTimeout(() => fill($("#opened"), skeleton(6, 48)), 150);
  try {
    const found = await get(`/actors/${id}`, { datetime: "" });
    if (mine !== turn) return;
    const again = async (answer) => {
      await list.load();
      await open(answer.kept);
    };
    fill($("#opened"), speak(found, {
      edit: () => write({ collection: "actors", id }), merge: () => merge(found, again), split: () => split(found, again), undo: (step) => undo(found, step, again),
    }));
    fill($("#chain"), chainOf(found, open));
    sharedWith(found, $("#shared"));
    $("#opened").scrollTop = 0;
    document.body.classList.add("one-open");
    if (!quietly) $("#opened h2").focus({ preventScroll: innerWidth >= 768 });
    place(found);
  } catch (problem) {
    if (mine !== turn) return;
    fill($("#chain"));
    fill($("#shared"));
    fill($("#opened"), failure(problem, () => open(id)));
  } finally {
    clearTimeout(waiting);
  }
}

// Its areas on the map, which has all that the room's map has; nothing is drawn that is not in the room's tiles and items.
async function place({ areas }) {
  await mounted;
  const boxes = areas.map((each) => each.bbox).filter((each) => each && each[0] !== null);
  const [west, south, east, north] = boxes.length ? [0, 1, 2, 3].map((i) => Math[i < 2 ? "min" : "max"](...boxes.map((box) => box[i]))) : panel.bbox;
  map.invalidateSize({ pan: false });
  map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  Object.assign(tiles.state.get(AREAS), { opacity: areas.length ? 0.4 : 0.85 });
  tiles.refresh();
  tiles.select(areas.length ? { layer: AREAS, ids: areas.map((each) => each.id) } : null);
}

// ---- writing ---------------------------------------------------------------------------------------------------------

/** @type {import("../forms/record_form.js").RecordForm | null} */
let form = null;
async function write(asked) {
  const { RecordForm } = await import("../forms/record_form.js");
  form ??= new RecordForm($("#form"), {
    map, bar: $("#bar"), list: null, closed: () => {},
    async written(_collection, id, { gone }) {
      await list.load();
      if (gone) fill($("#opened"), h("div", { class: "state" }, h("p", { class: "state-title" }, "Taken away"), h("p", {}, "Its history is kept.")));
      else await open(id);
    },
  });
  await form.open(asked);
}

if (mayWrite) $("#new-actor")?.addEventListener("click", () => mounted.then(() => write({ collection: "actors" })));

mounted.then((made) => {
  ({ map, tiles } = made);
  for (const layer of panel.layers) Object.assign(tiles.state.get(layer.name), { on: GROUND.includes(layer.name), opacity: layer.style.opacity });
  const [west, south, east, north] = panel.bbox;
  map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
  tiles.ask(question);
});

await list.load();
const asked = Number(began.get("actor"));
const first = asked || (innerWidth >= 768 ? list.found?.actors[0]?.id : null);
if (first) await open(first, { quietly: true });
else fill($("#opened"), h("div", { class: "state" }, h("p", { class: "state-title" }, "Choose an actor"), h("p", {}, "It opens here, with its chain of command and its ground beside it.")));
