// Who changed what, in lines that open: on the page Activity, and as the history of one record in a drawer or on its page.

import { get, here, panel, question } from "./api.js";
import { failure, fill, h, icon, style, svg } from "./dom.js";
import { day } from "./format.js";
import { clock, wall } from "./local_time.js";
import { boxOf } from "./shapes.js";

const NOW = { as_of: "", datetime: "", only: "" };
const zone = panel.operation.time_zone;
const SIGNS = { added: "plus", changed: "mended", removed: "close", imported: "upload", withdrawn: "back" };

export const changes = (asked) => get("/activity", { ...NOW, ...asked });
export const dayOf = (iso) => wall(iso, zone).slice(0, 10);
export const at = (iso) => `${day(dayOf(iso))}, ${clock(iso, zone)}`;
export const whose = (by) => (by === "local" ? "Somebody at this machine" : by);

/** Where the record of a line is opened; null where nothing shows it. */
function address(line) {
  const kept = { audience: question.audience };
  if (line.of === "actors" && line.record) return `${here}/actor-register?${new URLSearchParams({ ...kept, actor: line.record })}`;
  return line.layer && line.did !== "removed" ? `${here}/map?${new URLSearchParams({ ...kept, open: `${line.layer}/${line.record}` })}` : null;
}

/**
 * Lines, newest first, each of which opens with what it changed.
 * @param {any[]} found
 * @param {{ days?: boolean, links?: boolean }} [as] a heading for each day; a link to the record
 */
export function lines(found, { days = true, links = true } = {}) {
  const parts = [];
  let last = "";
  for (const line of found) {
    const on = dayOf(line.at);
    if (days && on !== last) parts.push(h("h2", { class: "acts-day" }, day(on)));
    last = on;
    parts.push(one(line, days ? clock(line.at, zone) : at(line.at), links));
  }
  return h("div", { class: "acts" }, parts);
}

function one(line, when, links) {
  const [first, ...rest] = line.text.split(": ");
  const words = [
    h("span", { class: "acts-when" }, h("time", { datetime: line.at }, when)),
    h("span", { class: "acts-sign" }, icon(SIGNS[line.did] ?? "mended")),
    h("span", { class: "acts-words" }, line.by ? [h("b", {}, whose(line.by)), ` ${first}`] : first[0].toUpperCase() + first.slice(1), rest.length ? h("span", { class: "hint-text" }, `: ${rest.join(": ")}`) : null),
    line.version ? h("span", { class: "acts-version hint-text" }, `version ${line.version}`) : null,
  ];
  if (!line.id) return h("p", { class: "act" }, words);
  const body = h("div", { class: "act-body" });
  return h("details", { class: "act", ontoggle: (event) => event.target.open && !body.firstChild && open(body, line, links) }, h("summary", {}, words), body);
}

async function open(body, line, links) {
  fill(body, h("p", { class: "hint-text" }, "Asking …"));
  try {
    const told = await get(`/activity/${line.of}/${line.id}`, { ...NOW, at: line.at });
    const to = links && address(line);
    fill(body, fields(told, line.did), told.was_at || told.is_at ? shapes(told) : null,
      to && h("a", { class: "button small", href: to }, icon(line.of === "actors" ? "people" : "map"), line.of === "actors" ? "Open the actor" : "Open on the map"));
  } catch (problem) {
    fill(body, failure(problem, () => open(body, line, links)));
  }
}

function fields({ changes: found, was_at: shaped }, did) {
  if (!found.length) return shaped ? null : h("p", { class: "hint-text" }, "No field that this room is told of.");
  const both = did === "changed";
  return h("table", { class: "act-fields" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Field"), both ? [h("th", { scope: "col" }, "Before"), h("th", { scope: "col" }, "After")] : h("th", { scope: "col" }, did === "removed" ? "As it was" : "As it was written"))),
    h("tbody", {}, found.map((each) => h("tr", {}, h("th", { scope: "row" }, each.title), both ? [h("td", { class: "act-was" }, each.was), h("td", {}, each.now)] : h("td", {}, each.now ?? each.was)))));
}

// Before and after beside each other, at one scale over the districts; what the other side has is a broken line.
const [WIDTH, HEIGHT] = [260, 170];
function shapes({ was_at: was, is_at: now }) {
  const boxes = [was, now].filter(Boolean).map(boxed).filter(Boolean);
  if (!boxes.length) return null;
  let [west, south, east, north] = [0, 1, 2, 3].map((i) => Math[i < 2 ? "min" : "max"](...boxes.map((box) => box[i])));
  const [spanX, spanY] = [Math.max(east - west, 0.02), Math.max(north - south, 0.02)];
  [west, south, east, north] = [west - spanX * 0.25, south - spanY * 0.25, east + spanX * 0.25, north + spanY * 0.25];
  const narrow = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = Math.min(WIDTH / ((east - west) * narrow), HEIGHT / (north - south));
  const place = ([x, y]) => `${(WIDTH / 2 + (x - (west + east) / 2) * narrow * scale).toFixed(1)},${(HEIGHT / 2 - (y - (south + north) / 2) * scale).toFixed(1)}`;
  const sides = [["Before", was, now], ["After", now, was]].filter(([, own]) => own);
  const pictures = sides.map(([title, own, other]) => {
    const ground = svg("g", { class: "act-ground" });
    const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: the shape` }, ground, draw(other, place, "act-other"), draw(own, place, "act-shape"));
    return { ground, element: h("figure", {}, h("figcaption", {}, sides.length > 1 ? title : "Shape"), picture) };
  });
  const around = [west, south, east, north].map((v, i) => Math.max(i % 2 ? -90 : -180, Math.min(i % 2 ? 90 : 180, v)).toFixed(4)).join();
  const grounds = panel.layers.find((layer) => layer.style.labelled === "unit");
  // a help to see where it is: without it the shapes are the same
  if (grounds) get(`/collections/${grounds.name}/items`, { ...NOW, bbox: around, limit: 100 }).then(({ features }) => {
    for (const { ground } of pictures) ground.replaceChildren(...features.map((each) => draw(each.geometry, place, "")).filter(Boolean));
  }, () => null);
  return h("div", { class: "act-shapes" }, pictures.map(({ element }) => element), sides.length > 1 && h("p", { class: "small hint-text" }, "Broken line: where the other one lies. Outlines are generalised to some 200 m."));
}

function parts(geometry) {
  if (!geometry) return [];
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(parts);
  const { type, coordinates } = geometry;
  if (type === "Point") return [{ points: [coordinates] }];
  if (type === "MultiPoint") return [{ points: coordinates }];
  if (type === "LineString") return [{ line: coordinates }];
  if (type === "MultiLineString") return coordinates.map((line) => ({ line }));
  return [{ rings: type === "MultiPolygon" ? coordinates.flat() : coordinates }];
}

function boxed(geometry) {
  const found = parts(geometry).map((part) => boxOf({ type: "MultiLineString", coordinates: part.rings ?? [part.line ?? part.points] })).filter(Boolean);
  return found.length ? [0, 1, 2, 3].map((i) => Math[i < 2 ? "min" : "max"](...found.map((box) => box[i]))) : null;
}

function draw(geometry, place, name) {
  const path = (line, end) => `M${line.map(place).join("L")}${end}`;
  const drawn = parts(geometry).map((part) => {
    if (part.points) return part.points.map((point) => svg("circle", { cx: place(point).split(",")[0], cy: place(point).split(",")[1], r: 5 }));
    return svg("path", { d: part.line ? path(part.line, "") : part.rings.map((ring) => path(ring, "Z")).join(""), "fill-rule": "evenodd", fill: part.line ? "none" : null });
  });
  return drawn.length ? svg("g", { class: name }, ...drawn) : null;
}

/** The history of one record, for the foot of a drawer or a page: asked for when it is opened. */
export function historyOf(of, record) {
  const body = h("div", { class: "history-lines" });
  const load = async (before = null, element = body) => {
    if (!before) fill(element, h("p", { class: "hint-text" }, "Asking …"));
    try {
      await style("lib/history.css");
      const { lines: found, next } = await changes({ of, record, limit: 20, before });
      const more = next && h("button", { type: "button", class: "button small", onclick: (event) => { event.target.remove(); load(next, element); } }, "Older ones");
      if (!before) fill(element, found.length ? null : h("p", { class: "hint-text" }, "No change that this room is told of."));
      if (found.length) element.append(lines(found, { days: false, links: false }));
      if (more) element.append(more);
    } catch (problem) {
      fill(element, failure(problem, () => load(before, element)));
    }
  };
  return h("details", { class: "section history", ontoggle: (event) => event.target.open && !body.firstChild && load() }, h("summary", {}, h("h3", {}, "History")), body);
}
