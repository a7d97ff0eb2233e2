// Packs: choose what is made and for whom, see exactly what will be in it, make it, take it away.

import * as address from "../lib/address.js";
import { get, panel, send, url } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";
import { ended } from "../lib/jobs.js";

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

let looking = 0;
async function look() {
  const mine = ++looking;
  build.disabled = true;
  preview.setAttribute("aria-busy", "true");
  fill(preview, skeleton(6, 44));
  try {
    const found = await get(`/packs/${chosen}`);
    if (mine !== looking) return;
    show(found);
    build.disabled = !found.files.length;
  } catch (problem) {
    if (mine === looking) fill(preview, failure(problem, look));
  }
  preview.removeAttribute("aria-busy");
}

const count = (layer) => (layer.records === null ? h("span", { class: "none" }, "withheld") : number(layer.records));

function show(found) {
  const layers = new Map(found.layers.map((layer) => [layer.name, layer]));
  const sum = (names) => names.reduce((n, name) => n + (layers.get(name)?.records ?? 0), 0);
  fill(preview,
    h("div", { class: "preview-head" }, h("h2", {}, "What will be in it"), h("span", { class: "hint-text" }, `exactly what ${found.drawn_for} receives`)),
    h("p", { class: "small" }, `TLP:${found.handling}. As of ${day(found.day)}${found.as_of ? ", as it was known then" : ""}. Holds ${found.holds}.`),
    h("div", { class: "card" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "File"), h("th", { scope: "col" }, "What it is"), h("th", { scope: "col", class: "end" }, "Records"))),
      h("tbody", {}, found.files.map((file) => h("tr", {}, h("th", { scope: "row" }, file.name), h("td", {}, file.title, file.layers.length > 0 && h("div", { class: "layer-names" }, plural(file.layers.length, "layer"))), h("td", { class: "end" }, file.layers.length ? number(sum(file.layers)) : "–"))),
        h("tr", {}, h("th", { scope: "row" }, "READ_ME.html"), h("td", {}, "What is in the pack, for people"), h("td", {})),
        h("tr", {}, h("th", { scope: "row" }, "MANIFEST.json"), h("td", {}, "The same for programs, with the SHA-256 of each file"), h("td", {})),
        found.left_out.map((file) => h("tr", {}, h("th", { scope: "row", class: "none" }, file.name), h("td", {}, "Left out. ", file.why), h("td", { class: "end none" }, "–")))))),
    h("div", { class: "card" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Layer"), h("th", { scope: "col" }, "Shown"), h("th", { scope: "col", class: "end" }, "Records"))),
      h("tbody", {}, found.layers.map((layer) => h("tr", {}, h("th", { scope: "row" }, layer.title), h("td", {}, RULES[layer.rule] ?? layer.rule, found.unknown[layer.name] && h("div", { class: "layer-names" }, found.unknown[layer.name])), h("td", { class: "end" }, count(layer))))))),
    h("div", { class: "card" }, h("details", {}, h("summary", {}, "Disclaimer in every file"), h("p", { class: "small" }, panel.disclaimer))));
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
  build.disabled = true;
  try {
    await follow(await send("POST", `/packs/${chosen}`, { headers: { Prefer: "respond-async" } }));
  } catch (problem) {
    fill($("#work"), failure(problem));
  }
  build.disabled = false;
});

async function follow(job) {
  const bar = h("progress", { "aria-label": "Done" });
  const step = h("p", { class: "small" }, "Waiting for its turn");
  const title = kinds.find((each) => each.name === job.about.pack)?.title ?? "pack";
  fill($("#work"), h("div", { class: "working-head" }, h("h2", {}, `Building: ${title}`), h("button", { type: "button", class: "button small", onclick: () => send("DELETE", `/jobs/${job.id}`).catch(() => {}) }, "Stop")), bar, step);
  try {
    await ended(job, (now) => {
      if (!now.step) return;
      step.textContent = now.step;
      if (now.of) bar.value = now.done / now.of;
    });
    fill($("#work"));
    say("The pack is ready");
  } catch (problem) {
    fill($("#work"), failure(problem));
  }
  await listed();
}

const megabytes = (bytes) => (bytes < 1e5 ? `${number(bytes / 1e3, 1)} kB` : `${number(bytes / 1e6, 1)} MB`);

function archive(job) {
  const { manifest, bytes, sha256 } = job.result;
  return h("article", { class: "archive" }, h("span", { class: "file" }, manifest.file_name),
    h("span", { class: "small" }, `Made ${day(job.ended_at)}, ${job.ended_at.slice(11, 16)} UTC. ${megabytes(bytes)}, ${plural(manifest.files.length, "file")}, TLP:${manifest.handling}. As of ${day(manifest.day)}; newest record ${day(manifest.recorded_until)}.`),
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
if (going) follow(going);
