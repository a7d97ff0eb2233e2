// Packs: choose what is made and for whom, see exactly what will be in it, make it, take it away.

import * as address from "../lib/address.js";
import { get, here, panel, question, send, url } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";
import { follow } from "../lib/jobs.js";
import { store, stored } from "../lib/stored.js";

const RULES = { exact: "as recorded", settlement: "to settlement", admin2: "by district", mgrs10: "by 10-km square", count: "counted only", withheld: "withheld" };
const form = $("#choice");
const preview = $("#preview");
const build = $("#build");
let kinds = [];
let chosen = new URLSearchParams(location.search).get("pack");

function drawKinds() {
  fill($("#kinds"), h("fieldset", { class: "takes" }, h("legend", {}, "Pack"), kinds.map((each) => h("label", { class: each.name === chosen ? "on" : null },
    h("input", { type: "radio", name: "pack", value: each.name, checked: each.name === chosen }), h("span", {}, h("b", {}, each.title), h("span", { class: "second" }, each.question))))));
  fill($("#rooms"), panel.audiences.map((each) => h("label", { class: each.key === panel.audience.key ? "on" : null },
    h("input", { type: "radio", name: "room", value: each.key, checked: each.key === panel.audience.key }), h("span", {}, h("b", {}, each.title)))));
}

form.addEventListener("change", (event) => {
  if (event.target.name === "room") {
    address.write({ audience: event.target.value, pack: chosen });
    return void location.reload();
  }
  chosen = event.target.value;
  address.write({ pack: chosen });
  for (const each of form.querySelectorAll('[name="pack"]')) each.closest("label").classList.toggle("on", each.checked);
  look();
});

// ---- which layers go in: all, unless somebody chose; kept by this browser for each pack and room -----------------------

const has = new Map(); // a pack's layers, as it is declared
const kept = () => `geoapp.pack.${panel.operation.key}.${panel.audience.key}.${chosen}`;
const picked = () => {
  const names = (stored(kept()) ?? "").split(",").filter((name) => has.get(chosen)?.some((layer) => layer.name === name));
  return names.length ? names : null;
};
const wanted = () => ({ layers: picked()?.join(",") ?? "", asker });
let asker = ""; // the room that is told how many records there are before the rules; nobody unless asked for

function drawLayers() {
  const names = picked();
  const all = has.get(chosen);
  const box = $("#layers");
  box.hidden = false;
  fill(box, h("summary", {}, names ? `Layers: ${names.length} of ${all.length}` : `Layers: all ${all.length}`),
    h("div", { class: "takes" }, all.map((layer) => h("label", {},
      h("input", { type: "checkbox", name: "layer", value: layer.name, checked: !names || names.includes(layer.name) }), h("span", {}, layer.title)))),
    names && h("button", { type: "button", class: "button small", onclick: () => { store(kept(), null); drawLayers(); look(); } }, "All layers"));
}

$("#layers").addEventListener("change", (event) => {
  event.stopPropagation();
  const on = [...form.querySelectorAll('[name="layer"]:checked')].map((each) => each.value);
  if (!on.length) {
    event.target.checked = true;
    return void say("A pack holds at least one layer");
  }
  store(kept(), on.length === has.get(chosen).length ? null : on.join(","));
  $("#layers summary").textContent = `Layers: ${on.length === has.get(chosen).length ? "all" : `${on.length} of`} ${has.get(chosen).length}`;
  look();
});

let looking = 0;
async function look() {
  const mine = ++looking;
  build.disabled = true;
  preview.setAttribute("aria-busy", "true");
  fill(preview, skeleton(6, 44));
  try {
    if (!has.has(chosen)) {
      const whole = await get(`/packs/${chosen}`);
      if (mine !== looking) return;
      has.set(chosen, whole.layers.filter((layer) => layer.name !== "basemap"));
    }
    if ($("#layers").dataset.of !== chosen) {
      $("#layers").dataset.of = chosen;
      drawLayers();
    }
    const found = await get(`/packs/${chosen}`, wanted());
    if (mine !== looking) return;
    show(found);
    build.disabled = !found.files.length;
  } catch (problem) {
    if (mine === looking) fill(preview, failure(problem, look));
  }
  preview.removeAttribute("aria-busy");
}

// How many records there are before the rules says what this room is not told: never shown unless somebody asks for it.
function before(found) {
  const room = found.recorders[0];
  return h("button", { type: "button", class: "button small", "aria-pressed": String(Boolean(asker)), onclick: () => { asker = asker ? "" : room.key; look(); } },
    asker ? "Hide how many there are before the rules" : `Show how many there are before the rules (for ${room.title} alone)`);
}

const sourced = ({ sources }) => Object.keys(sources).length > 0 && h("details", {}, h("summary", {}, "Sources that its records name"),
  h("ul", { class: "small" }, Object.entries(sources).map(([title, names]) => h("li", {}, h("b", {}, title), ` ${names.join("; ")}`))));

const came = ({ batches }) => batches.length > 0 && h("details", {}, h("summary", {}, `${plural(batches.length, "file")} that came in`),
  h("ul", { class: "small" }, batches.map((each) => h("li", {}, `${each.kind.replaceAll("_", " ")}, ${each.source || "source not said"}: ${each.file_name}, landed ${day(each.landed_at)}${each.withdrawn_at ? `, taken back ${day(each.withdrawn_at)}` : ""}`))));

const count = (layer) => (layer.records === null ? h("span", { class: "none" }, "withheld") : number(layer.records));

function show(found) {
  const layers = new Map(found.layers.map((layer) => [layer.name, layer]));
  const sum = (names) => names.reduce((n, name) => n + (layers.get(name)?.records ?? 0), 0);
  fill(preview,
    h("div", { class: "preview-head" }, h("h2", {}, "What will be in it"), h("span", { class: "hint-text" }, `exactly what ${found.drawn_for} receives`)),
    h("p", { class: "small" }, `${found.handling}. As of ${day(found.day)}${found.as_of ? ", as it was known then" : ""}. Holds ${found.holds}. ${found.since ? `What changed is told since the last pack, of ${day(found.since)}.` : "The first of its kind for this room: it is compared with none."}`),
    found.since && h("a", { class: "small", href: `${here}/then-and-now?${new URLSearchParams([["audience", question.audience], ...(question.as_of ? [["as_of", question.as_of]] : []), ["then", found.since_known], ["then_on", found.since]])}` }, "What changed since the last pack, on the map"),
    found.nothing && h("p", { class: "state", role: "status" }, found.nothing),
    h("div", { class: "card" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "File"), h("th", { scope: "col" }, "What it is"), h("th", { scope: "col", class: "end" }, "Records"))),
      h("tbody", {}, found.files.map((file) => h("tr", {}, h("th", { scope: "row" }, file.name), h("td", {}, file.title, file.layers.length > 0 && h("div", { class: "layer-names" }, plural(file.layers.length, "layer"))), h("td", { class: "end" }, file.layers.length ? number(sum(file.layers)) : "–"))),
        h("tr", {}, h("th", { scope: "row" }, "READ_ME.html"), h("td", {}, "What is in the pack, for people"), h("td", {})),
        h("tr", {}, h("th", { scope: "row" }, "MANIFEST.json"), h("td", {}, "The same for programs, with the SHA-256 of each file"), h("td", {})),
        found.left_out.map((file) => h("tr", {}, h("th", { scope: "row", class: "none" }, file.name), h("td", {}, "Left out. ", file.why), h("td", { class: "end none" }, "–")))))),
    h("div", { class: "card" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Layer"), h("th", { scope: "col" }, "Shown"), asker && h("th", { scope: "col", class: "end" }, "Before the rules"), h("th", { scope: "col", class: "end" }, "Records"))),
      h("tbody", {}, found.layers.map((layer) => h("tr", {}, h("th", { scope: "row" }, layer.title), h("td", {}, RULES[layer.rule] ?? layer.rule, found.unknown[layer.name] && h("div", { class: "layer-names" }, found.unknown[layer.name])), asker && h("td", { class: "end" }, layer.before === null ? "–" : number(layer.before)), h("td", { class: "end" }, count(layer)))))),
      found.recorders.length > 0 && h("p", { class: "small table-foot" }, before(found))),
    h("div", { class: "card" }, sourced(found), came(found), h("details", {}, h("summary", {}, "Disclaimer in every file"), h("p", { class: "small" }, panel.disclaimer))));
  const said = new Map();
  for (const layer of found.layers) {
    for (const words of [layer.withheld, layer.fields_withheld.length && `Columns: ${layer.fields_withheld.join(", ")}.`])
      if (words) said.set(words, [...(said.get(words) ?? []), layer.title]);
  }
  const all = [...said].map(([words, titles]) => h("li", {}, icon("lock"), h("span", {}, h("b", {}, titles.length > 6 ? plural(titles.length, "layer") : titles.join(", ")), words)));
  fill($("#changes"), h("h2", {}, `What ${found.drawn_for} does not get`),
    all.length ? h("ul", { class: "kept-back" }, all) : h("p", {}, "No rule keeps anything from this room."),
    h("p", { class: "small hint-text" }, "Rows whose source forbids passing them on, such as ACLED’s, are in no file. Records that have ended are in no pack."));
  say(`${found.title}: ${plural(found.files.length, "file")}`);
}

// ---- making ----------------------------------------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await make({});
});

async function make(overrides) {
  build.disabled = true;
  try {
    await building(await send("POST", `/packs/${chosen}`, {
      parameters: { layers: picked()?.join(",") ?? "" }, body: JSON.stringify({ overrides }),
      headers: { Prefer: "respond-async", "Content-Type": "application/json" },
    }));
  } catch (problem) {
    refused(problem);
  }
  build.disabled = false;
}

// Why nothing was made. What the neutrality check found can stay, for a reason that the pack tells.
function refused(problem) {
  const found = problem.body?.neutrality;
  if (!found) return void fill($("#work"), failure(problem));
  const line = (each) => h("li", {}, h("span", {}, h("b", {}, each.message), ` ${plural(each.n, "time")}: ${each.places.join("; ")}${each.n > each.places.length ? " and more" : ""}. ${each.hint}`),
    h("label", { class: "reason" }, "Why it stays", h("input", { type: "text", maxlength: 500, required: true, "data-key": each.key })));
  fill($("#work"), h("form", { class: "found", onsubmit: (event) => {
    event.preventDefault();
    make(Object.fromEntries([...event.target.querySelectorAll("input")].map((each) => [each.dataset.key, each.value])));
  } }, h("h2", {}, "The neutrality check stopped the pack"), h("p", {}, "Correct the records, or say of each finding why it stays: READ_ME and MANIFEST repeat it."),
  h("ul", { class: "kept-back" }, found.map(line)), h("button", { type: "submit", class: "button small primary" }, "Build with these reasons")));
  say("The neutrality check stopped the pack");
}

async function building(job) {
  const title = kinds.find((each) => each.name === job.about.pack)?.title ?? "pack";
  try {
    await follow($("#work"), `Building: ${title}`, job);
    fill($("#work"));
    say("The pack is ready");
  } catch (problem) {
    refused(problem);
  }
  await listed();
}

const megabytes = (bytes) => (bytes < 1e5 ? `${number(bytes / 1e3, 1)} kB` : `${number(bytes / 1e6, 1)} MB`);

function archive(job) {
  const { manifest, bytes, sha256 } = job.result;
  return h("article", { class: "archive" }, h("span", { class: "file" }, manifest.file_name),
    h("span", { class: "small" }, `Made ${day(job.ended_at)}, ${job.ended_at.slice(11, 16)} UTC. ${megabytes(bytes)}, ${plural(manifest.files.length, "file")}, ${manifest.handling.startsWith("TLP:") ? "" : "TLP:"}${manifest.handling}. As of ${day(manifest.day)}; newest record ${day(manifest.recorded_until)}.`),
    h("code", {}, `sha256 ${sha256}`),
    h("div", { class: "archive-foot" }, h("a", { class: "button small primary", href: url(`/packs/made/${job.id}.zip`, { as_of: "", datetime: "" }), download: manifest.file_name }, icon("download"), "Download"),
      h("button", { type: "button", class: "button small", onclick: (event) => navigator.clipboard.writeText(sha256).then(() => (event.target.textContent = "Copied"), () => (event.target.textContent = "Select and copy it")) }, "Copy digest")));
}

async function listed() {
  try {
    const { packs, made } = await get("/packs", { as_of: "", datetime: "" });
    kinds = packs;
    const done = made.filter((job) => job.state === "done");
    fill($("#made"), h("h2", {}, `Made for ${panel.audience.title}`), done.length ? done.map(archive) : h("p", { class: "hint-text" }, "None yet."));
    return made;
  } catch (problem) {
    fill($("#made"), failure(problem, listed));
    return [];
  }
}

const made = await listed();
if (kinds.length) {
  if (!kinds.some((each) => each.name === chosen)) chosen = (kinds.find((each) => each.audience === panel.audience.key) ?? kinds[0]).name;
  drawKinds();
  look();
}
const going = made.find((job) => !job.ended_at);
if (going) building(going);
