// Imports: a file in, a report out, numbers first; and every batch that landed, to be withdrawn as a whole.

import { Problem, get, here, panel, question, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";

const SEVERITIES = [
  { key: "error", title: "Rejected", icon: "refused", class: "rejected", words: "did not land" },
  { key: "warning", title: "Warned", icon: "warn", class: "warned", words: "landed, please read" },
  { key: "repaired", title: "Repaired", icon: "mended", class: "mended", words: "changed by a rule, listed below" },
];
const STEPS = {
  reading: (done, of) => `Reading row ${number(done)}${of ? ` of ${number(of)}` : ""}`,
  landing: (done) => `Landing ${plural(done, "row")}`,
  overlaps: (done, of) => (of ? `Overlaps: ${number(done)} of ${plural(of, "pair")} of areas` : "Overlaps"),
};
const COLUMNS = { id: "Number", event_type: "What happened", lat: "Latitude", lon: "Longitude", latlon: "Both in one cell", mgrs: "MGRS", pcode: "P-code", admin1: "Province", admin2: "District", source_key: "Number", utm_zone: "UTM zone", mgrs_square: "MGRS square", inter1: "Kind of actor 1", inter2: "Kind of actor 2", sub_event_type: "Kind, closer", source_names: "Source" };
const ASKED = ["date", "event_type", "name", "lat", "lon", "id"];
const LARGEST = panel.max_upload_mb * 1024 * 1024;
const form = $("#upload");
let chosen = null; // which column is which, as a person said for the file that is in the form; and the batch this replaces
const report = $("#report");

// ---- sending ---------------------------------------------------------------------------------------------------

if (!panel.audience.may_write) {
  for (const control of form.elements) control.disabled = true;
  form.append(h("p", { class: "hint-text", style: "grid-column: 1 / -1" }, `${panel.audience.title} reads; only a room that may write lands files. Choose Internal under “In the room”.`));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.reportValidity()) upload();
});
form.addEventListener("change", () => (chosen = null));

// fetch cannot tell how much of a file has gone; XMLHttpRequest can, and can be stopped.
function post(data, told) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => told(event.lengthComputable ? event.loaded / event.total : null));
    request.addEventListener("load", () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = { title: "The service gave no report", detail: `It answered ${request.status}.` };
      }
      if (body.findings) resolve(body);
      else reject(new Problem(request.status, body));
    });
    request.addEventListener("error", () => reject(new Problem(0, { title: "The file did not arrive", detail: "Nothing was landed. Check that the service is running, then send it again." })));
    request.addEventListener("abort", () => reject(new Problem(0, { title: "Stopped", detail: "If the file had already arrived, it may still land: see the list of batches." })));
  });
  request.open("POST", `${here}/imports?audience=${encodeURIComponent(question.audience)}`);
  request.send(data);
  return { done, stop: () => request.abort() };
}

function refused(problem, again) {
  fill(report, h("div", { class: "card" }, failure(problem, again)));
  report.focus();
}

async function upload() {
  const data = new FormData(form);
  const file = /** @type {File} */ (data.get("file"));
  if (file.size > LARGEST)
    return refused({ title: "Too large", detail: `The file is larger than ${panel.max_upload_mb} MB; nothing was sent.`, hint: "Split it, or use `geoapp import` at the server." });
  if (!data.get("source")) data.delete("source");
  if (chosen) data.set("columns", JSON.stringify(chosen.columns));
  const replaced = chosen?.batch;
  const run = crypto.randomUUID();
  data.set("run", run);
  const { name } = file;
  const button = $("#land");
  button.disabled = true;
  const bar = h("progress", { max: 1, "aria-label": "Sent" });
  const step = h("b", {}, `Sending ${name}`);
  let asking = 0;
  const sending = post(data, (share) => {
    if (share !== null) bar.value = share;
    if (share === 1 && !asking) {
      bar.removeAttribute("value");
      step.textContent = `Checking ${name} row by row`;
      asking = setInterval(() => get(`/imports/running/${run}`, { datetime: "" }).then((now) => {
        step.textContent = STEPS[now.step]?.(now.done, now.of) ?? step.textContent;
        if (now.of) bar.value = now.done / now.of;
        else bar.removeAttribute("value");
      }).catch(() => {}), 600);
    }
  });
  // What has arrived is stopped where it runs, and answers that nothing landed; what has not is not sent on.
  const stop = () => send("DELETE", `/imports/running/${run}`).catch(sending.stop);
  const box = h("div", { class: "card working" }, step, bar, h("div", {}, h("button", { type: "button", class: "button small", onclick: stop }, "Stop")));
  const waiting = setTimeout(() => fill(report, box), 300);
  try {
    const found = await sending.done;
    clearTimeout(waiting);
    // only once the new one has landed does the one with the wrong columns go
    if (replaced && found.landed && found.batch !== replaced) await send("DELETE", `/imports/${replaced}`);
    showReport(found, name);
    listBatches();
  } catch (problem) {
    clearTimeout(waiting);
    refused(problem, upload);
  } finally {
    clearInterval(asking);
    button.disabled = false;
  }
}

// ---- the report ------------------------------------------------------------------------------------------------

function showReport(found, name) {
  const kind = form.elements.kind.selectedOptions[0].textContent;
  const counts = Object.fromEntries(SEVERITIES.map((s) => [s.key, rowsOf(found.findings.filter((f) => f.severity === s.key))]));
  const good = Math.max(0, found.rows - found.rejected);
  fill(report,
    h("div", {}, h("h2", { tabindex: -1 }, name), h("p", { class: "hint-text" }, `${kind} · ${plural(found.rows, "row")}${found.batch ? ` · batch B-${String(found.batch).padStart(4, "0")}` : ""}`)),
    h("p", { class: found.landed ? "verdict" : "verdict refused", role: "status" },
      h("b", {}, found.landed ? `Landed ${plural(good, "row")}. ` : "Nothing landed. "),
      found.landed
        ? `${plural(found.created, "record")} new, ${number(found.updated)} changed, ${number(found.unchanged)} as before. One batch: it can be withdrawn as a whole.`
        : "Correct what is listed and send the file again. What was here before is unchanged."),
    h("div", { class: "card sums" },
      sum("check", found.landed ? "Landed" : "Ready", good, found.landed ? "new, changed or as before" : "as they are, not landed", ""),
      ...SEVERITIES.slice().reverse().map((s) => sum(s.icon, s.title, s.key === "error" ? found.rejected : counts[s.key], found.landed || s.key === "repaired" ? s.words : s.key === "error" ? "cannot land" : "please read", s.class)),
      h("div", { class: "part-bar", "aria-hidden": "true" }, [[good, "var(--accent)"], [found.rejected, "var(--danger)"]].map(([n, color]) => n > 0 && h("i", { style: `flex:${n} 1 0;background:${color}` })))),
    found.columns && columns(found),
    findings(found));
  $("h2", report).focus();
  say(`${found.landed ? "Landed" : "Nothing landed"}: ${plural(good, "row")} good, ${number(found.rejected)} rejected, ${number(counts.warning)} warned, ${number(counts.repaired)} repaired`);
}

const sum = (sign, title, value, words, kind) => h("div", { class: `sum ${kind}` }, h("h3", {}, icon(sign), title), h("b", {}, number(value)), h("span", {}, words));

// A plain list: which column was taken for what; another can be chosen, and the file is imported again with it.
function columns(found) {
  const { columns: taken, headers, names } = found.columns;
  const title = (name) => COLUMNS[name] ?? name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
  const shown = names.filter((name) => taken[name] !== undefined || ASKED.includes(name));
  const select = (name) => h("label", { class: "field" }, title(name),
    h("select", { name }, h("option", { value: "" }, "Not in the file"), headers.map((header) => h("option", { value: header, selected: header === taken[name] }, header))));
  const rest = names.filter((name) => !shown.includes(name));
  const box = h("form", { class: "card columns", "aria-label": "Columns", onsubmit: (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    chosen = { columns: Object.fromEntries(Object.entries(said).filter(([name, header]) => header || taken[name] !== undefined)), batch: found.landed ? found.batch : undefined };
    upload();
  } },
    h("div", { class: "block-head" }, h("span", { class: "sub" }, "Which column is which"), h("span", { class: "hint-text" }, "Recognised by words only. Where it is wrong, choose and import again.")),
    h("div", { class: "columns-grid" }, shown.map(select)),
    rest.length > 0 && h("details", {}, h("summary", {}, "More that a list can say"), h("div", { class: "columns-grid" }, rest.map(select))),
    h("div", {}, h("button", { type: "submit", class: "button", disabled: !panel.audience.may_write }, "Import again with these columns")));
  return box;
}

// How many rows findings speak of: those listed, and those that a last finding only counts.
function rowsOf(list) {
  const more = list.reduce((total, f) => total + (f.more ?? 0), 0);
  return new Set(list.filter((f) => f.row !== null).map((f) => f.row)).size + more;
}

// Findings of one kind in one column are one line with their rows; where their words differ, the first says it for all.
function grouped(list) {
  const groups = new Map();
  for (const finding of list) {
    const more = finding.more ?? 0;
    const key = more ? [...groups.keys()].reverse().find((k) => k.startsWith(`${finding.severity}|${finding.code}|`)) : `${finding.severity}|${finding.code}|${finding.column ?? ""}`;
    const made = key ?? `${finding.severity}|${finding.code}|`;
    if (!groups.has(made)) groups.set(made, { ...finding, rows: [], more: 0, said: new Set() });
    if (more) groups.get(made).more += more;
    else if (finding.row !== null) groups.get(made).rows.push(finding.row);
    if (!more) groups.get(made).said.add(finding.message);
  }
  const rank = (severity) => SEVERITIES.findIndex((s) => s.key === severity);
  return [...groups.values()].sort((a, b) => rank(a.severity) - rank(b.severity) || b.rows.length + b.more - a.rows.length - a.more);
}

// "1201 – 1205", "77, 940, 3312", "31, 48 more"
function rowWords(rows, more) {
  if (!rows.length) return more ? `${number(more)} more` : "whole file";
  const sorted = [...new Set(rows)].sort((a, b) => a - b);
  if (sorted.length > 2 && sorted.at(-1) - sorted[0] === sorted.length - 1) return `${sorted[0]} – ${sorted.at(-1)}${more ? `, ${number(more)} more` : ""}`;
  const left = sorted.length - 3 + more;
  return sorted.slice(0, 3).join(", ") + (left > 0 ? `, ${number(left)} more` : "");
}

function findings(found) {
  const all = grouped(found.findings);
  if (!all.length) return h("p", { class: "hint-text" }, "Nothing to report: every row was as it should be.");
  const body = h("tbody");
  const draw = (severity) => fill(body, all.filter((g) => !severity || g.severity === severity).map(findingLine));
  const choice = (severity, words, pressed) => h("button", { type: "button", "aria-pressed": String(pressed), onclick: (event) => {
    for (const each of event.target.parentElement.children) each.setAttribute("aria-pressed", String(each === event.target));
    draw(severity);
  } }, words);
  draw(null);
  return [
    h("div", { class: "block-head" }, h("span", { class: "sub" }, "What was found"), h("span", { class: "hint-text" }, plural(all.length, "finding")),
      h("div", { class: "choices", role: "group", "aria-label": "Show" }, choice(null, "All", true),
        SEVERITIES.map((s) => ({ s, n: all.filter((g) => g.severity === s.key).length })).filter(({ n }) => n).map(({ s, n }) => choice(s.key, `${s.title} ${number(n)}`, false)))),
    h("div", { class: "card" }, h("table", { class: "findings" },
      h("thead", {}, h("tr", {}, ["Severity", "Rows", "In file", "Column", "What, and what to do"].map((title, i) => h("th", { scope: "col", class: i === 1 ? "end" : null }, title)))), body)),
  ];
}

function findingLine(group) {
  const s = SEVERITIES.find((each) => each.key === group.severity) ?? SEVERITIES[1];
  const n = new Set(group.rows).size + group.more;
  return h("tr", {},
    h("td", {}, h("span", { class: `severity ${s.class}` }, icon(s.icon), s.title)),
    h("td", { class: "end" }, h("b", {}, n ? number(n) : "–")),
    h("td", { class: "rows" }, rowWords(group.rows, group.more)),
    h("td", {}, group.column ?? "–"),
    h("td", {}, h("div", {}, group.message, group.said.size > 1 && h("span", { class: "hint-text", title: [...group.said].slice(1, 13).join("\n") }, ` and ${plural(group.said.size - 1, "other value")}`)), group.hint && h("div", { class: "hint-text" }, group.hint)));
}

// ---- batches ---------------------------------------------------------------------------------------------------

const batchName = (b) => `B-${String(b.batch).padStart(4, "0")}`;

let again = 0; // the timer of the next look, while jobs are under way

async function listBatches() {
  clearTimeout(again);
  const side = $("#batches");
  const waiting = setTimeout(() => side.children.length || fill(side, h("h2", {}, "Landed before"), skeleton(4)), 150);
  try {
    const [batches, jobs] = await Promise.all([get("/imports", { datetime: "" }), get("/jobs", { datetime: "" })]);
    clearTimeout(waiting);
    const open = jobs.filter((job) => !job.ended_at);
    if (open.length) again = setTimeout(listBatches, 2000);
    const none = panel.audience.may_write
      ? "Nothing has landed yet. Begin with administrative boundaries; presence by P-code needs them."
      : `${panel.audience.title} is not shown which files landed.`;
    fill(side, open.length > 0 && [h("h2", {}, "Under way"), open.map(jobLine)],
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

function batchLine(b) {
  const kind = [...form.elements.kind.options].find((o) => o.value === b.kind)?.textContent ?? b.kind;
  const root = h("div", { class: "batch" },
    h("p", { class: "name" }, h("b", {}, batchName(b)), ` ${b.file_name ?? ""}`),
    h("p", {}, [day(b.landed_at, ""), b.landed_by, `${kind}`, plural(b.rows ?? 0, "row"), b.rejected ? `${number(b.rejected)} rejected` : null, b.handling].filter(Boolean).join(" · ")));
  if (b.withdrawn_at) root.append(h("span", { class: "tag" }, `Withdrawn ${day(b.withdrawn_at)}`));
  else root.append(h("button", { type: "button", class: "button small danger", disabled: !panel.audience.may_write, "aria-expanded": "false", onclick: (event) => confirm(root, b, event.target) }, "Withdraw batch"));
  return root;
}

// Withdrawing cannot be undone by a click and others see it: the number has to be typed.
function confirm(root, b, button) {
  if ($(".confirm", root)) return;
  const name = batchName(b);
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
