// Imports in two steps: a check says what is in a file and what it would change, then it is landed; and every batch that
// landed, to be withdrawn as a whole.

import { Problem, get, panel, send, url } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";
import { ended } from "../lib/jobs.js";
import { batchName, columnChoice, columnTable, effect, findings, goodRows, kindTitle, nearNames, places, rejectedRows, sums } from "./import_report.js";
import { listTemplates, saveTemplate } from "./import_templates.js";

const STEPS = {
  reading: (done, of) => `Reading row ${number(done)}${of ? ` of ${number(of)}` : ""}`,
  landing: (done) => `Sorting ${plural(done, "row")} in`,
  overlaps: (done, of) => (of ? `Overlaps: ${number(done)} of ${plural(of, "pair")} of areas` : "Overlaps"),
};
const SURE = 0.6; // from here on a file is said to look like a kind
const LARGEST = panel.max_upload_mb * 1024 * 1024;
const form = $("#upload");
const report = $("#report");
const aside = $("#effect");
const mayWrite = panel.audience.may_write;
let said = {}; // what a person said of the file in the form: its columns, its sheet
let landing = null; // lands what is shown, when it is a check that would

// ---- sending ---------------------------------------------------------------------------------------------------

if (!mayWrite) {
  for (const control of form.elements) control.disabled = true;
  form.append(h("p", { class: "hint-text", style: "grid-column: 1 / -1" }, `${panel.audience.title} reads; only a room that may write lands files. Choose Internal under “In the room”.`));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.reportValidity()) check();
});
form.addEventListener("change", () => (said = {}));

// fetch cannot tell how much of a file has gone; XMLHttpRequest can, and can be stopped.
function post(data, told) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
    request.addEventListener("load", () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = { title: "The service gave no answer", detail: `It answered ${request.status}.` };
      }
      if (request.status === 202) resolve(body);
      else reject(new Problem(request.status, body));
    });
    request.addEventListener("error", () => reject(new Problem(0, { title: "The file did not arrive", detail: "Nothing was landed. Check that the service is running, then send it again." })));
    request.addEventListener("abort", () => reject(new Problem(0, { title: "Stopped", detail: "Nothing was landed." })));
  });
  request.open("POST", url("/imports", { check: "true", datetime: "" }));
  request.setRequestHeader("Prefer", "respond-async");
  request.send(data);
  return { done, stop: () => request.abort() };
}

function refused(problem, again) {
  leave();
  fill(report, h("div", { class: "card" }, failure(problem, again)));
  report.focus();
}

function leave() {
  landing = null;
  fill(report);
  fill(aside);
}

/** Shows that work is under way; `stop` ends it. */
function working(words, stop) {
  const bar = h("progress", { max: 1, "aria-label": "Done" });
  const step = h("b", {}, words);
  const box = h("div", { class: "card working" }, step, bar, h("div", {}, h("button", { type: "button", class: "button small", onclick: () => stop() }, "Stop")));
  const waiting = setTimeout(() => fill(report, box), 300);
  return {
    sent: (share) => (bar.value = share),
    told: (job) => {
      step.textContent = STEPS[job.step]?.(job.done, job.of) ?? step.textContent;
      if (job.of) bar.value = job.done / job.of;
      else bar.removeAttribute("value");
    },
    stop: (other) => (stop = other),
    end: () => clearTimeout(waiting),
  };
}

async function check() {
  const data = new FormData(form);
  const file = /** @type {File} */ (data.get("file"));
  if (file.size > LARGEST)
    return refused({ title: "Too large", detail: `The file is larger than ${panel.max_upload_mb} MB; nothing was sent.`, hint: "Split it, or use `geoapp import` at the server." });
  for (const name of ["source", "kind", "template"]) if (!data.get(name)) data.delete(name);
  if (said.columns) data.set("columns", JSON.stringify(said.columns));
  if (said.sheet) data.set("sheet", said.sheet);
  if (said.moved) data.set("moved", "true");
  if (said.matches) data.set("matches", JSON.stringify(said.matches));
  const button = $("#check");
  button.disabled = true;
  landing = null;
  fill(aside);
  const sending = post(data, (share) => work.sent(share));
  const work = working(`Sending ${file.name}`, sending.stop);
  try {
    const job = await sending.done;
    work.stop(() => send("DELETE", `/jobs/${job.id}`).catch(() => {}));
    show(await ended(job, work.told), file.name);
  } catch (problem) {
    refused(problem, check);
  } finally {
    work.end();
    button.disabled = false;
    listBatches();
  }
}

async function land(found, name) {
  landing = null;
  let job;
  const work = working(`Landing ${name}`, () => job && send("DELETE", `/jobs/${job.id}`).catch(() => {}));
  try {
    job = await send("POST", `/imports/checks/${found.job}/land`, { headers: { Prefer: "respond-async" } });
    show(await ended(job, work.told), name);
  } catch (problem) {
    if (problem.body?.changed) problem.title = "Something has changed since the check";
    refused(problem, form.elements.file.files.length ? check : undefined);
  } finally {
    work.end();
    listBatches();
  }
}

// Ctrl Enter lands what is shown, wherever the keyboard is.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !landing) return;
  event.preventDefault();
  landing();
});

// ---- the report ------------------------------------------------------------------------------------------------

function show(found, name) {
  const good = goodRows(found);
  const sheet = found.look?.sheet ? `sheet “${found.look.sheet}”, ` : "";
  const verdict = found.landed
    ? [h("b", {}, `Landed ${plural(good, "row")}. `), `${plural(found.created, "record")} new, ${number(found.updated)} changed, ${number(found.unchanged)} as before. One batch: it can be withdrawn as a whole.`]
    : found.lands
      ? [h("b", {}, `${plural(good, "row")} would land. `), "Nothing is stored until you land it."]
      : [h("b", {}, found.check ? "Nothing would land. " : "Nothing landed. "), "Correct what is listed and send the file again. What was here before is unchanged."];
  fill(report,
    h("div", {}, h("h2", { tabindex: -1 }, name), h("p", { class: "hint-text" }, `${kindTitle(found.kind)} · ${sheet}${plural(found.rows, "row")}, ${plural(found.understood.length, "column")}${found.landed && found.batch ? ` · batch ${batchName(found.batch)}` : ""}`)),
    h("p", { class: found.lands ? "verdict" : "verdict refused", role: "status" }, verdict),
    h("div", { class: "two-steps" },
      h("section", { class: "step", "aria-label": "What is in the file" }, h("h3", { class: "step-title" }, "1 What is in the file"), kindCard(found), columnTable(found, saveTemplate(found, said)), columnChoice(found, mayWrite && hasFile(), (columns) => again({ columns })), places(found), nearNames(found, mayWrite && hasFile(), (matches) => again({ matches: { ...said.matches, ...matches } }))),
      h("section", { class: "step", "aria-label": "Check" }, h("h3", { class: "step-title" }, found.check ? "2 Check" : "2 What was found"), sums(found), findings(found), anotherThing(found), rejectedRows(found))));
  fill(aside, found.lands && effect(found), found.check && found.lands && landButtons(found, name, good));
  $("h2", report).focus();
  say(`${found.landed ? "Landed" : found.lands ? "Would land" : "Nothing lands"}: ${plural(good, "row")} good, ${number(found.rejected)} rejected, ${plural(found.groups.length, "cause")}`);
}

function landButtons(found, name, good) {
  landing = mayWrite ? () => land(found, name) : null;
  return h("div", { class: "land" },
    h("button", { type: "button", class: "button primary", id: "land", disabled: !mayWrite, onclick: () => landing?.() }, icon("upload"), `Land ${plural(good, "row")}`),
    h("kbd", {}, "Ctrl Enter"),
    h("button", { type: "button", class: "button", onclick: () => { leave(); listBatches(); } }, "Keep for an hour"),
    h("button", { type: "button", class: "button", onclick: () => send("DELETE", `/imports/checks/${found.job}`).then(() => { leave(); listBatches(); }, (problem) => refused(problem)) }, "Discard"),
    found.rejected > 0 && h("p", { class: "hint-text" }, `${plural(found.rejected, "row")} ${found.rejected === 1 ? "stays" : "stay"} out, in the file beside.`));
}

const hasFile = () => form.elements.file.files.length > 0;

// What a person says of the file in the form, and the check runs again.
function again(more) {
  said = { ...said, ...more };
  check();
}

// Rows whose identifier is known of something else elsewhere: only a person knows whether these are the same things.
function anotherThing(found) {
  const group = found.groups.find((each) => each.code === "another-thing");
  return group && h("div", { class: "card" }, h("p", {}, `Are the ${plural(group.rows, "row")} with known identifiers the same things, at another place now?`),
    h("button", { type: "button", class: "button small", id: "moved", disabled: !mayWrite || !hasFile(), onclick: () => again({ moved: true }) }, "They are the same: check again"));
}

function takeAs(kind) {
  form.elements.kind.value = kind;
  check();
}

/** The kind with how sure it is; the one that the file looks more like; the sheets of a workbook. */
function kindCard(found) {
  if (!found.look) return null;
  const { kinds, sheets, sheet } = found.look;
  const own = kinds.find((each) => each.key === found.kind);
  const best = kinds.find((each) => each.key !== found.kind);
  const percentOf = (each) => `${Math.round(each.score * 100)} %`;
  const other = best && best.score >= SURE && best.score > (own?.score ?? 0);
  const asked = form.elements.kind.value === found.kind && hasFile();
  return h("section", { class: "card kind-card", "aria-label": "Kind" },
    h("p", {}, h("span", { class: "hint-text" }, asked ? "Kind, as you chose: " : "Kind, guessed: "), h("b", {}, kindTitle(found.kind)), own && own.score > 0 && h("span", { class: "score" }, percentOf(own))),
    other ? h("p", { class: "verdict refused" }, `This looks like ${kindTitle(best.key)} (${percentOf(best)}). `, h("button", { type: "button", class: "button small", disabled: !mayWrite || !hasFile(), onclick: () => takeAs(best.key) }, `Take it as ${kindTitle(best.key)}`))
      : best && best.score > 0 && h("p", { class: "hint-text" }, `Next guess: ${kindTitle(best.key)}, ${percentOf(best)}. Another kind can be chosen above.`),
    sheets.length > 1 && h("label", { class: "field" }, "Sheet",
      h("select", { name: "sheet", disabled: !mayWrite || !hasFile(), onchange: (event) => again({ sheet: event.target.value, columns: undefined }) },
        sheets.map((each) => h("option", { value: each.name, selected: each.name === sheet }, [each.name, each.rows !== null && plural(each.rows, "row"), each.hidden && "hidden"].filter(Boolean).join(" · "))))));
}

// ---- batches ---------------------------------------------------------------------------------------------------

let looking = 0; // the timer of the next look, while jobs are under way

async function listBatches() {
  clearTimeout(looking);
  const side = $("#landed");
  const waiting = setTimeout(() => side.children.length || fill(side, h("h2", {}, "Landed before"), skeleton(4)), 150);
  try {
    const [batches, jobs] = await Promise.all([get("/imports", { datetime: "" }), get("/jobs", { datetime: "" })]);
    clearTimeout(waiting);
    const open = jobs.filter((job) => !job.ended_at);
    const kept = jobs.filter((job) => job.open);
    if (open.length) looking = setTimeout(listBatches, 2000);
    const none = mayWrite
      ? "Nothing has landed yet. Begin with administrative boundaries; presence by P-code needs them."
      : `${panel.audience.title} is not shown which files landed.`;
    fill(side, open.length > 0 && [h("h2", {}, "Under way"), open.map(jobLine)],
      kept.length > 0 && [h("h2", {}, "Checked, not landed"), kept.map(checkLine)],
      h("div", { class: "block-head" }, h("h2", {}, "Landed before"), batches.length > 0 && h("span", { class: "hint-text" }, plural(batches.length, "batch", "batches"))),
      batches.length ? h("div", {}, batches.map(batchLine)) : h("p", { class: "hint-text" }, none));
  } catch (problem) {
    clearTimeout(waiting);
    fill(side, h("h2", {}, "Landed before"), failure(problem, listBatches));
  }
}

// Work that a worker does, whoever asked for it in this room: also when the page was loaded anew meanwhile.
function jobLine(job) {
  const name = job.kind === "import" ? job.about.file_name : "Counting incidents inside overlaps";
  const step = job.stop ? "Stopping" : job.state === "waiting" ? "Waits for a worker" : STEPS[job.step]?.(job.done, job.of) ?? "Under way";
  return h("div", { class: "batch" },
    h("p", { class: "name" }, h("b", {}, name)),
    h("p", {}, [step, job.asked_by, `since ${day(job.asked_at, "")}`].filter(Boolean).join(" · ")),
    h("button", { type: "button", class: "button small", disabled: job.stop, onclick: () => send("DELETE", `/jobs/${job.id}`).then(listBatches, listBatches) }, "Stop"));
}

// A check whose file is kept for an hour.
function checkLine(job) {
  return h("div", { class: "batch" },
    h("p", { class: "name" }, h("b", {}, job.about.file_name)),
    h("p", {}, [kindTitle(job.result.kind), `${plural(goodRows(job.result), "row")} would land`, job.asked_by].filter(Boolean).join(" · ")),
    h("button", { type: "button", class: "button small", onclick: () => show(job.result, job.about.file_name) }, "Look"));
}
function batchLine(b) {
  const root = h("div", { class: "batch" },
    h("p", { class: "name" }, h("b", {}, batchName(b.batch)), ` ${b.file_name ?? ""}`),
    h("p", {}, [day(b.landed_at, ""), b.landed_by, kindTitle(b.kind), plural(b.rows ?? 0, "row"), b.rejected && !b.rejected_rows ? `${number(b.rejected)} rejected` : null, b.handling].filter(Boolean).join(" · ")));
  if (b.rejected_rows) root.append(h("p", {}, h("a", { href: url(`/imports/${b.batch}/rejected.csv`, { datetime: "" }), download: "" }, `${plural(b.rejected_rows, "rejected row")} as CSV`)));
  if (b.withdrawn_at) root.append(h("span", { class: "tag" }, `Withdrawn ${day(b.withdrawn_at)}`));
  else root.append(h("button", { type: "button", class: "button small danger", disabled: !panel.audience.may_write, "aria-expanded": "false", onclick: (event) => confirm(root, b, event.target) }, "Withdraw batch"));
  return root;
}

// Withdrawing cannot be undone by a click and others see it: the number has to be typed.
function confirm(root, b, button) {
  if ($(".confirm", root)) return;
  const name = batchName(b.batch);
  const go = h("button", { type: "submit", class: "button danger filled", disabled: true }, "Withdraw");
  const typed = h("input", { class: "input", "aria-label": `Type ${name} to confirm`, placeholder: `Type ${name} to confirm`, autocomplete: "off", oninput: () => (go.disabled = typed.value.trim().toUpperCase() !== name) });
  const message = h("div", {});
  const leave = () => {
    box.remove();
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  const box = h("div", { class: "confirm", onkeydown: (event) => event.key === "Escape" && leave() },
    h("p", {}, h("b", {}, `Withdraw ${name}? `), `${plural((b.created ?? 0) + (b.updated ?? 0), "record")} that it brought leave every map, and the overlaps that stand on them. What was there before it comes back; notes are kept.`),
    h("form", { onsubmit: async (event) => {
      event.preventDefault();
      go.disabled = true;
      try {
        await send("DELETE", `/imports/${b.batch}`);
        say(`${name} withdrawn`);
        listBatches();
      } catch (problem) {
        fill(message, failure(problem));
        go.disabled = false;
      }
    } }, typed, h("button", { type: "button", class: "button", onclick: leave }, "Cancel"), go), message);
  root.append(box);
  button.setAttribute("aria-expanded", "true");
  typed.focus();
}

listBatches();
listTemplates();
