// The files of a page: this view, one layer, what is listed, everything; one place makes their addresses.

import { get, panel, question, url } from "./api.js";
import { $, failure, fill, h, icon, skeleton } from "./dom.js";
import { number, plural } from "./format.js";
import { side } from "./help.js";

const dialog = $("#files");
const SHOWN = { exact: "as recorded", settlement: "to settlement", admin2: "by district", mgrs10: "counted", count: "counted only", withheld: "withheld" };
const chosen = { what: "", layer: "", suffix: "gpkg" };
let listing = null;
let formats = null;

/**
 * A page says what it lists now: the list's name and title, the question that it was asked with, and how many rows match.
 * @param {() => { name: string, title: string, asked: Record<string, unknown>, matched: number } | null} tell
 */
export const offerList = (tell) => (listing = tell);

/**
 * The address of a file: the same question as the page's, so the same records for the same room as of the same day.
 * @param {string[]} layers
 * @param {string} suffix
 * @param {Record<string, unknown>} [asked]
 */
export const fileAddress = (layers, suffix, asked = {}) => url(`/export/${layers.join(",")}.${suffix}`, asked);

// A map on paper of what is on screen, and of the whole operation by theme; each is made when it is asked for.
const SHEETS = [["overview", "Overview"], ["overlaps", "Overlaps"], ["risk", "Risk and incidents"], ["access", "Access"], ["presence", "Presence"]];
const paper = { size: "a3", orientation: "landscape", suffix: "pdf", grid: "degrees" };

function printing() {
  const view = choices().find((each) => each.what === "view");
  const asked = { size: paper.size, orientation: paper.orientation, grid: paper.grid };
  const whole = { ...asked, only: "" };
  const pick = (name, legend, values) => h("label", {}, `${legend} `, h("select", { "data-paper": name, onchange: async (event) => {
    paper[name] = event.target.value;
    await draw();
    $(`[data-paper="${name}"]`, dialog)?.focus();
  } }, values.map((value) => h("option", { value, selected: paper[name] === value }, value.length < 4 || value === "mgrs" ? value.toUpperCase() : value))));
  return h("section", { class: "paper" }, h("h3", {}, "On paper"),
    h("p", { class: "papers" }, pick("size", "Size", ["a3", "a4"]), " ", pick("orientation", "Side", ["landscape", "portrait"]), " ", pick("suffix", "As", ["pdf", "png", "svg"]), " ", pick("grid", "Grid", ["degrees", "mgrs"])),
    view && h("p", {}, h("a", { class: "button", id: "print-view", href: url(`/paper/view.${paper.suffix}`, { ...asked, ...view.asked, layers: view.layers.join(",") }), download: "" }, icon("download"), "Print this view")),
    h("p", { class: "small" }, "Whole operation: ", SHEETS.map(([name, title]) => [h("a", { href: url(`/paper/${name}.${paper.suffix}`, whole), download: "" }, title), " · "]), h("a", { href: url("/paper/atlas.pdf", whole), download: "" }, "Atlas of provinces")));
}

// What a map shows, told by the page that has one: its box, and the names of the layers that are on.
function viewed() {
  /** @type {{ box: any, names: string[] } | null} */
  let view = null;
  document.dispatchEvent(new CustomEvent("view-asked", { detail: (found) => (view = found) }));
  return view;
}

// What can be taken: title, what it holds in words, layers, and the question.
function choices() {
  const found = [];
  const view = viewed();
  if (view) {
    const { box, names } = view;
    const layers = formats.layers.map((each) => each.name).filter((name) => names.includes(name));
    const bbox = [Math.max(-180, box.getWest()), Math.max(-90, box.getSouth()), Math.min(180, box.getEast()), Math.min(90, box.getNorth())].map((n) => n.toFixed(5)).join(",");
    if (layers.length) found.push({ what: "view", title: "This view", words: `${plural(layers.length, "layer")} that are on, within the frame, in the days chosen${question.only ? ", narrowed as on the map" : ""}`, layers, asked: { bbox } });
  }
  const list = listing?.();
  if (list) found.push({ what: "listed", title: "What is listed", words: `${list.title}: ${plural(list.matched, "row")}, filters kept`, layers: [list.name], asked: list.asked });
  const layer = formats.layers.find((each) => each.name === chosen.layer) ?? formats.layers[0];
  found.push({ what: "layer", title: "This layer", words: `${question.datetime ? "in the days chosen" : "all days"}${question.only.startsWith(`${layer.name}:`) ? ", narrowed as on the map" : ""}`, layers: [layer.name], asked: {} });
  found.push({ what: "all", title: "Everything", words: "every layer that this room is shown, all days", layers: ["all"], asked: { datetime: "", only: "" } });
  return found;
}

async function draw() {
  const head = h("div", { class: "side-head" },
    h("h2", { id: "files-title" }, "Files"), h("span", { class: "hint-text" }, `for ${panel.audience.title}`),
    h("span", { class: "tlp-tag" }, `TLP:${panel.audience.handling}`),
    h("button", { type: "button", class: "bare", "data-close": true, "aria-label": "Close files" }, icon("close")));
  if (!formats) fill(dialog, head, skeleton(4, 40));
  try {
    formats ??= await get("/export", { datetime: "" });
  } catch (problem) {
    return void fill(dialog, head, failure(problem, draw));
  }
  if (!formats.layers.some((each) => each.name === chosen.layer)) chosen.layer = (listing?.()?.name ?? panel.layers.find((each) => each.on && each.tabled)?.name) || formats.layers[0].name;
  const found = choices();
  const now = found.find((each) => each.what === chosen.what) ?? found[0];
  const many = now.layers.length > 1 || now.what === "all";
  const fits = formats.formats.filter((each) => each.layers !== "none");
  const possible = (each) => each.layers === "many" || !many;
  const format = fits.find((each) => each.suffix === `.${chosen.suffix}` && possible(each)) ?? fits.find(possible);
  const address = fileAddress(now.layers, format.suffix.slice(1), now.asked);
  const name = `${panel.operation.key}_${now.layers.length > 1 ? "view" : now.layers[0]}_${panel.audience.key}${format.suffix}`;
  fill(dialog, head,
    h("div", { class: "side-body" }, printing(),
      h("fieldset", { class: "takes" }, h("legend", {}, "What"), found.map((each) => h("label", { class: each === now ? "on" : null },
        h("input", { type: "radio", name: "what", value: each.what, checked: each === now, onchange: () => choose({ what: each.what }) }),
        h("span", {}, h("b", {}, each.title), h("span", { class: "second" }, each.words),
          each.what === "layer" && h("select", { "aria-label": "Layer", onchange: (event) => choose({ what: "layer", layer: event.target.value }) },
            formats.layers.map((layer) => h("option", { value: layer.name, selected: layer.name === chosen.layer }, layer.title))))))),
      h("fieldset", { class: "takes formats" }, h("legend", {}, "As"), fits.map((each) => h("label", { class: each === format ? "on" : null },
        h("input", { type: "radio", name: "suffix", value: each.suffix.slice(1), checked: each === format, disabled: !possible(each), onchange: () => choose({ suffix: each.suffix.slice(1) }) }),
        h("span", {}, h("b", {}, each.title), h("span", { class: "second" }, possible(each) ? each.good_for : "holds one layer"))))),
      h("a", { class: "button primary", id: "take", href: address, download: name }, icon("download"), `${format.title}${now.what === "listed" ? `, ${plural(listing().matched, "row")}` : ""}`),
      h("p", { class: "hint-text file-name" }, name),
      h("p", { class: "small" }, `Room: ${panel.audience.title}. ${question.as_of ? `As known on ${panel.as_of_text}.` : "As known now."} ${now.asked.datetime === "" || !(now.asked.datetime ?? question.datetime) ? "All days." : `Days ${String(now.asked.datetime ?? question.datetime).replace("/", " to ")}.`}`),
      h("h3", {}, "What this room does not get"), missing()));
}

// What is held back from the room, by layer, said again inside each file. Rows that may not be passed on are in no file.
function missing() {
  const held = panel.layers.filter((layer) => layer.access !== "exact");
  return [
    held.length ? h("ul", { class: "held" }, held.map((layer) => h("li", {}, icon(layer.access === "withheld" ? "lock" : "hidden"), h("b", {}, layer.title), h("span", {}, SHOWN[layer.access] ?? layer.access))))
      : h("p", {}, "No layer is withheld from this room."),
    h("p", { class: "small hint-text" }, `Shown to this room: ${panel.audience.sentence}. Rows whose source forbids passing them on, such as ACLED’s, are in no file. ${number(panel.layers.length - held.length)} of ${plural(panel.layers.length, "layer")} are as recorded.`),
  ];
}

async function choose(change) {
  Object.assign(chosen, change);
  const at = /** @type {HTMLInputElement} */ (document.activeElement)?.name;
  await draw();
  $(`[name="${at}"]:checked`, dialog)?.focus();
}

/** @param {string} [what] */
export function openFiles(what) {
  if (what) chosen.what = what;
  if (!dialog.open) $("#open-files").click();
}

side(dialog, $("#open-files"), "f", draw);
