// What a report of an import says: what is in the file, what was found by cause, what landing changes.

import { url } from "../lib/api.js";
import { $, h, icon } from "../lib/dom.js";
import { checkMap } from "./import_map.js";
import { km2, number, percent, plural, sentence } from "../lib/format.js";

const SEVERITIES = [
  { key: "error", title: "Rejected", icon: "refused", class: "rejected", words: ["did not land", "will not land"] },
  { key: "warning", title: "Warned", icon: "warn", class: "warned", words: ["of these, please read", "of these, please read"] },
  { key: "repaired", title: "Repaired", icon: "mended", class: "mended", words: ["of these, by a rule", "of these, by a rule"] },
];
const COLUMNS = { id: "Number", event_type: "What happened", lat: "Latitude", lon: "Longitude", latlon: "Both in one cell", mgrs: "MGRS", pcode: "P-code", admin1: "Province", admin2: "District", source_key: "Number", utm_zone: "UTM zone", mgrs_square: "MGRS square", inter1: "Kind of actor 1", inter2: "Kind of actor 2", sub_event_type: "Kind, closer", source_names: "Source", adm1_code: "Province, code", adm2_code: "District, code", adm3_code: "Admin 3, code", adm1_name: "Province, name", adm2_name: "District, name", org_type: "Organisation type", actor: "Organisation or actor", date_from: "From", date_to: "To" };
const ASKED = ["date", "event_type", "name", "lat", "lon", "id"];
const BY = { said: "you said so", tag: "HXL tag", name: "header", word: "header word", content: "its cells", guess: "word in header" };
const PLACES = { pcode: "by P-code", name: "by name", confirmed: "as confirmed", coarser: "by a unit above", coordinates: "by coordinates", shape: "by shape" };

export const batchName = (number_) => `B-${String(number_).padStart(4, "0")}`;
export const columnTitle = (name) => COLUMNS[name] ?? sentence(name.replaceAll("_", " "));
export const goodRows = (found) => Math.max(0, found.rows - found.rejected);

// Rows under their worst finding, as far as causes tell: of rows that two causes name, more are counted than there are.
function counts(found) {
  const of = (severity) => found.groups.filter((g) => g.severity === severity).reduce((total, g) => total + g.rows, 0);
  return { error: found.rejected, warning: Math.min(of("warning"), goodRows(found)), repaired: Math.min(of("repaired"), goodRows(found)) };
}

/** Four numbers and their bar. */
export function sums(found) {
  const n = counts(found);
  const will = found.check ? 1 : 0;
  const good = goodRows(found);
  return h("div", { class: "card sums" },
    sum("check", found.landed ? "Landed" : "Ready", good, found.landed ? "new, changed or as before" : found.lands ? "will land" : "as they are, not landed", ""),
    ...SEVERITIES.slice().reverse().map((s) => sum(s.icon, s.title, n[s.key], s.words[will], s.class)),
    h("div", { class: "part-bar", "aria-hidden": "true" }, [[good, "var(--accent)"], [found.rejected, "var(--danger)"]].map(([rows, color]) => rows > 0 && h("i", { style: `flex:${rows} 1 0;background:${color}` }))));
}

const sum = (sign, title, value, words, kind) => h("div", { class: `sum ${kind}` }, h("h3", {}, icon(sign), title), h("b", {}, number(value)), h("span", {}, words));

/** What a kind is called, as the form has it. */
export const kindTitle = (key) => [...$("#upload").elements.kind.options].find((o) => o.value === key)?.textContent ?? key;

/** Every column: what it was taken for, how surely, its first cell, and by which sign; beside them what keeps that.
 * @param {any} found
 * @param {{ button?: HTMLElement, place?: HTMLElement }} [keeps]
 */
export function columnTable(found, { button, place } = {}) {
  if (!found.understood.length) return null;
  const used = found.understood.filter((c) => c.name);
  const line = (c) => h("tr", { class: c.name ? null : "unused" },
    h("th", { scope: "row" }, c.header, c.tag && h("span", { class: "hint-text tag-of" }, ` ${c.tag}`)),
    h("td", {}, c.name ? `→ ${columnTitle(c.name)}` : "→ not used"),
    h("td", { class: "end" }, c.sure === null ? "–" : h("span", { class: c.sure < 0.85 ? "doubtful" : null }, percent(c.sure))),
    h("td", { class: "example" }, c.cell === null ? "–" : c.value === null || !c.name ? c.cell : `${c.cell} → ${c.value}`),
    h("td", { class: "hint-text" }, BY[c.by] ?? "–"));
  return h("section", { class: "card", "aria-label": "Columns" },
    h("div", { class: "block-head card-title" }, h("h3", {}, "Columns"), h("span", { class: "hint-text" }, `${number(used.length)} of ${number(found.understood.length)} used${found.template ? ` · by template “${found.template}”` : ""}`), button),
    place,
    h("div", { class: "wide-table" }, h("table", { class: "understood" },
      h("thead", {}, h("tr", {}, ["In the file", "Read as", "Sure", "Example", "By"].map((title, i) => h("th", { scope: "col", class: i === 2 ? "end" : null }, title)))),
      h("tbody", {}, found.understood.map(line)))));
}

/** A plain list: which column was taken for what. What is chosen there is given to `again`. */
export function columnChoice(found, mayWrite, again) {
  if (!found.columns) return null;
  const { columns: taken, headers, names } = found.columns;
  const shown = names.filter((name) => taken[name] !== undefined || ASKED.includes(name));
  const select = (name) => h("label", { class: "field" }, columnTitle(name),
    h("select", { name }, h("option", { value: "" }, "Not in the file"), headers.map((header) => h("option", { value: header, selected: header === taken[name] }, header))));
  const rest = names.filter((name) => !shown.includes(name));
  return h("form", { class: "card columns", "aria-label": "Which column is which", onsubmit: (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    again(Object.fromEntries(Object.entries(said).filter(([name, header]) => header || taken[name] !== undefined)));
  } },
    h("div", { class: "block-head" }, h("span", { class: "sub" }, "Which column is which"), h("span", { class: "hint-text" }, "Recognised by words only. Where it is wrong, choose and check again.")),
    h("div", { class: "columns-grid" }, shown.map(select)),
    rest.length > 0 && h("details", {}, h("summary", {}, "More that a list can say"), h("div", { class: "columns-grid" }, rest.map(select))),
    h("div", {}, h("button", { type: "submit", class: "button", disabled: !mayWrite }, "Check again with these columns")));
}

/** By which sign rows have their place. */
export function places(found) {
  const known = Object.entries(found.matched);
  if (!known.length) return null;
  const lost = found.groups.filter((g) => g.severity === "error" && ["unknown-place", "place-near", "place-two-ways", "no-place", "not-a-coordinate"].includes(g.code)).reduce((total, g) => total + g.rows, 0);
  return h("section", { class: "card", "aria-label": "Places" }, h("div", { class: "card-title" }, h("h3", {}, "Places")),
    h("dl", { class: "figures" }, [...known.map(([how, n]) => [number(n), PLACES[how] ?? how]), lost > 0 && [number(lost), "not found"]].filter(Boolean).map(figure)));
}

/** Names that come near a unit's: each is that unit, another one, or none. What is said is given to `again`. */
export function nearNames(found, mayWrite, again) {
  const { proposed = [], matches = {} } = found;
  if (!proposed.length && !Object.keys(matches).length) return null;
  const line = (each, i) => {
    const other = h("input", { class: "input", name: `code-${i}`, "aria-label": `P-code for ${each.name}`, placeholder: "P-code", autocomplete: "off", maxlength: 40, hidden: true });
    const choice = h("select", { name: `near-${i}`, "aria-label": `Unit of ${each.name}`, onchange: () => {
      other.hidden = choice.value !== "other";
      other.required = !other.hidden;
      if (!other.hidden) other.focus();
    } }, h("option", { value: "" }, "None: leave its rows out"), h("option", { value: each.pcode }, `${each.unit} (${each.pcode})`), h("option", { value: "other" }, "Another unit"));
    return h("tr", {}, h("th", { scope: "row" }, each.name.replace("/", " / ")), h("td", { class: "end" }, number(each.rows)), h("td", {}, choice, other));
  };
  const said = (form) => Object.fromEntries(proposed.map((each, i) => [each.name, form.elements[`near-${i}`].value === "other" ? form.elements[`code-${i}`].value.trim() : form.elements[`near-${i}`].value]).filter(([, code]) => code));
  return h("form", { class: "card near-names", "aria-label": "Names that come near", onsubmit: (event) => {
    event.preventDefault();
    again(said(event.target));
  } },
    h("div", { class: "block-head" }, h("h3", {}, "Names that come near"), h("span", { class: "hint-text" }, "Nothing is placed by a near name until you say so. What you say holds for the next files of this source.")),
    Object.keys(matches).length > 0 && h("p", {}, "Confirmed: ", Object.entries(matches).map(([name, code]) => `${name.replace("/", " / ")} is ${code}`).join("; "), "."),
    proposed.length > 0 && [
      h("div", { class: "wide-table" }, h("table", { class: "understood" },
        h("thead", {}, h("tr", {}, ["In the file", "Rows", "Is"].map((title, i) => h("th", { scope: "col", class: i === 1 ? "end" : null }, title)))), h("tbody", {}, proposed.map(line)))),
      h("div", { class: "buttons" }, h("button", { type: "button", class: "button small", onclick: (event) => proposed.forEach((each, i) => (event.target.form.elements[`near-${i}`].value = each.pcode)) }, "Take every proposal"),
        h("button", { type: "submit", class: "button", disabled: !mayWrite }, "Check again with these places"))]);
}

const figure = (pair) => h("div", {}, h("dd", {}, pair[0]), h("dt", {}, pair[1]));

/** What was found, one line a cause, to be narrowed to one severity. */
export function findings(found) {
  const all = found.groups;
  if (!all.length) return h("p", { class: "hint-text" }, "Nothing to report: every row was as it should be.");
  const body = h("tbody");
  const draw = (severity) => body.replaceChildren(...all.filter((g) => !severity || g.severity === severity).map(findingLine));
  const choice = (severity, words, pressed) => h("button", { type: "button", "aria-pressed": String(pressed), onclick: (event) => {
    for (const each of event.target.parentElement.children) each.setAttribute("aria-pressed", String(each === event.target));
    draw(severity);
  } }, words);
  draw(null);
  return [
    h("div", { class: "block-head" }, h("h3", { class: "sub" }, "Findings by cause"), h("span", { class: "hint-text" }, plural(all.length, "cause")),
      h("div", { class: "choices", role: "group", "aria-label": "Show" }, choice(null, "All", true),
        SEVERITIES.map((s) => ({ s, n: all.filter((g) => g.severity === s.key).length })).filter(({ n }) => n).map(({ s, n }) => choice(s.key, `${s.title} ${number(n)}`, false)))),
    h("div", { class: "card" }, h("table", { class: "findings" },
      h("thead", {}, h("tr", {}, ["Severity", "Rows", "What, and what to do"].map((title, i) => h("th", { scope: "col", class: i === 1 ? "end" : null }, title)))), body)),
  ];
}

function findingLine(group) {
  const s = SEVERITIES.find((each) => each.key === group.severity) ?? SEVERITIES[1];
  const more = group.rows - group.examples.length;
  const shown = group.examples.map((e) => `row ${number(e.row)}${e.value ? ` “${e.value}”` : ""}`).join(", ");
  return h("tr", {},
    h("td", {}, h("span", { class: `severity ${s.class}` }, icon(s.icon), s.title)),
    h("td", { class: "end" }, h("b", {}, group.rows ? number(group.rows) : "file")),
    h("td", {}, h("div", {}, group.column && h("b", {}, `${group.column}: `), group.cause), group.hint && h("div", { class: "hint-text" }, group.hint),
      shown && h("div", { class: "examples" }, shown, more > 0 && ` and ${number(more)} more`)));
}

/** The rows that do not land, as files. */
export function rejectedRows(found) {
  if (!found.rejected_rows) return null;
  const { rows, handling, suffixes } = found.rejected_rows;
  const at = found.landed && found.batch ? `/imports/${found.batch}` : `/jobs/${found.job}`;
  return h("section", { class: "card rejected-rows", "aria-label": "Rejected rows" }, icon("table"),
    h("div", {}, h("h3", {}, "Rejected rows as a file"), h("p", { class: "hint-text" }, `${plural(rows, "row")} as written, the cause in the last columns · TLP:${handling}. Mend them and send the file again.`)),
    h("div", { class: "buttons" }, suffixes.map((suffix) => h("a", { class: "button", href: url(`${at}/rejected.${suffix}`, { datetime: "" }), download: "" }, icon("download"), suffix === "geojson" ? "GeoJSON" : suffix.toUpperCase()))));
}

/** What landing changes, or did. */
export function effect(found) {
  const o = found.overlaps;
  return [
    h("h2", {}, found.check ? "If you land it" : "What it changed"),
    h("dl", { class: "figures" }, [[number(found.created), "new"], [number(found.updated), "changed"], [number(found.unchanged), "as before"], [number(found.removed), "removed"]].map(figure)),
    checkMap(found.map),
    o && h("p", {}, h("b", {}, `${plural(o.arise, "overlap")} ${o.arise === 1 ? "arises" : "arise"}`), h("span", { class: "hint-text" }, ` ${number(o.change)} change, ${number(o.end)} end; notes and decisions stay`)),
    o && o.largest.length > 0 && h("ol", { class: "arising" }, o.largest.map((each) => h("li", {}, h("b", {}, `${each.a}, ${each.b}`), h("span", {}, `${km2(each.km2)} km²`)))),
  ];
}
