// The life of a zone after its draft: the list of what waits, a zone with its evidence, and the step that comes next.

import { get, items, label, mayWrite, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { signedIn } from "../lib/stored.js";
import { remembered } from "./drafts.js";
import { rooms, told } from "./evidence.js";
import { badge } from "../map/overlap.js";
import { areaKm2, fromGeoJSON } from "../lib/rings.js";
import { boxOf } from "../lib/shapes.js";
import { day, km2, later, number, period, plural, zoneCode } from "../lib/format.js";
import { lastsOf, lifeOf, schemaOf } from "./schema.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const GROUPS = [
  ["in_review", "In review", "sent, and waiting for a second person"],
  ["expired", "Past their end", "off every map; look at them again or leave them ended"],
  ["draft", "Drafts", "nobody else is shown these"],
  ["suggested", "Suggested from incidents", "computed; nothing of it is published by itself"],
];

export class Review {
  /** @type {import("../map/drawer.js").Drawer} */
  drawer;
  /** @type {{ open: (asked?: { id?: number, replaces?: number }) => unknown }} */
  form;
  /** @type {() => Promise<void>} */
  refresh;
  /** @type {(layer: string, box?: number[]) => void} */
  shown;
  /** @type {import("./schema.js").Step[]} */
  steps;
  /** @type {{ usual_days: number, most_days: number }} */
  lasts;

  // `form` opens the form; `refresh` draws the map and its counts anew; `shown` puts a layer
  // on and brings a box into view.
  constructor(drawer, { form, refresh, shown }) {
    Object.assign(this, { drawer, form, refresh, shown });
  }

  // ---- what waits -------------------------------------------------------------------------------------------------

  async list() {
    const { drawer } = this;
    drawer.wait("Zones to review");
    try {
      const found = await items("zones_to_review", { datetime: "" });
      drawer.records = [];
      const groups = GROUPS.map(([status, title, words]) => ({ title, words, zones: found.filter((f) => f.properties.status === status) }));
      const message = h("div", { class: "foot-message", role: "status" });
      drawer.reveal(
        drawer.head("Risk zones", `${plural(found.length, "zone")} to review`),
        found.length
          ? h("div", { class: "scroll" }, groups.filter(({ zones }) => zones.length).map(({ title, words, zones }) => h("section", { class: "waiting" },
              h("div", { class: "section-head" }, h("h3", {}, `${title} · ${number(zones.length)}`), h("span", {}, words)), zones[0].properties.status === "suggested" && mayWrite && this.together(zones, message), h("div", { class: "found" }, zones.map((zone) => this.line(zone))))))
          : h("div", { class: "state" }, h("p", {}, "No zone is drafted, in review or past its end, and none is suggested."), h("p", { class: "hint-text" }, "Suggestions are computed from the incidents of the last 90 days, district by district.")),
        h("div", { class: "drawer-foot" }, message,
          h("button", { type: "button", class: "button primary", onclick: () => this.form.open() }, icon("warn"), "Mark a zone"),
          h("button", { type: "button", class: "button", onclick: (event) => this.suggest(event.currentTarget, message) }, "Suggest from incidents")));
      $("h2", drawer.root).focus();
    } catch (problem) {
      drawer.fail(problem, () => this.list());
    }
  }

  line({ id, properties: p }) {
    const who = p.status === "suggested" ? `${plural(Number(p.inputs ?? 0), "incident")}` : (p.author ?? "nobody named");
    return h("button", { type: "button", onclick: () => this.show(id) }, badge(p.level, 22),
      h("span", {}, h("span", { class: "what" }, p.name), h("br"), h("span", { class: "why" }, `${p.code} · ${label("risk_levels", p.level)} · ${p.status === "expired" ? "ended" : "until"} ${day(p.valid_to).replace(` ${panel.today.slice(0, 4)}`, "")} · ${who}`)), icon("next"));
  }

  // Suggestions are undone together as they came together: by somebody, who is named.
  together(zones, message) {
    const by = h("input", { class: "input", name: "by", maxlength: 200, autocomplete: "name", value: remembered(), "aria-label": "Your name", placeholder: "Your name" });
    const row = h("form", { class: "together", hidden: true, onsubmit: (event) => {
      event.preventDefault();
      if (by.value.trim()) this.dismissAll(by.value.trim(), message);
      else by.focus();
    } }, !signedIn && by, h("button", { class: "button small" }, `Dismiss ${plural(zones.length, "suggestion")}`));
    return [h("button", { type: "button", class: "quiet", onclick: (event) => {
      event.currentTarget.hidden = true;
      row.hidden = false;
      $("input, button", row).focus();
    } }, "Dismiss all of them"), row];
  }

  async dismissAll(by, message) {
    try {
      const { dismissed } = await send("DELETE", "/risk-zones/suggestions", { parameters: { by } });
      remembered(by);
      await this.refresh();
      await this.list();
      say(`${plural(dismissed, "suggestion")} dismissed`);
    } catch (problem) {
      fill(message, h("p", { class: "wrong", role: "alert" }, [problem.detail, problem.hint].filter(Boolean).join(" ")));
    }
  }

  async suggest(button, message) {
    button.disabled = true;
    try {
      const { suggested } = await send("POST", "/risk-zones/suggestions");
      await this.refresh();
      await this.list();
      say(`${plural(suggested, "suggestion")}`);
    } catch (problem) {
      button.disabled = false;
      fill(message, h("p", { class: "wrong", role: "alert" }, [problem.detail, problem.hint].filter(Boolean).join(" ")));
    }
  }

  // ---- one zone ---------------------------------------------------------------------------------------------------

  // A zone as it stands now, from its own record.
  async show(id, said = "") {
    this.drawer.wait("Risk zone");
    try {
      const [found] = await Promise.all([get(`/collections/risk_zones/items/${id}/record`, { datetime: "" }), this.learn()]);
      const p = found.properties;
      const status = p.status === "published" && p.valid_to < panel.today ? "expired" : p.status;
      const layer = ["published", "withdrawn", "dismissed"].includes(status) ? "risk_zones" : "zones_to_review";
      const bbox = boxOf(found.geometry);
      this.drawer.one({
        layer, id, layer_title: "Risk zone", title: p.name, bbox, rows: [], said,
        properties: { ...p, status, version: found.version, code: zoneCode(p.number), km2: areaKm2(fromGeoJSON(found.geometry)), evidence_count: p.evidence?.length ?? 0 },
        record: found,
      });
      this.shown(layer, bbox);
    } catch (problem) {
      this.drawer.fail(problem, () => this.show(id));
    }
  }

  statusOf(record) {
    return record.properties.status ?? "published";
  }

  overline(record) {
    return [`Risk zone ${record.properties.code ?? ""}`, label("zone_status", this.statusOf(record))];
  }

  body(record) {
    const p = record.properties;
    const evidence = h("div", {}, skeleton(1, 28));
    const suggestion = h("section", { class: "section", hidden: true });
    this.panelAt = h("section", { class: "section step", hidden: true });
    this.get(record).then((now) => this.suggested(suggestion, now?.properties.suggestion));
    get(`/risk-zones/${record.id}/evidence`, { datetime: "" }).then(({ incidents }) => fill(evidence, this.evidenceOf(incidents, p.evidence_count)))
      .catch((problem) => fill(evidence, failure(problem)));
    const rows = [
      ["Likelihood, impact", p.likelihood && `${label("likelihoods", p.likelihood)}, ${label("impacts", p.impact).toLowerCase()}`],
      ["Threat category", p.threat_category && label("threat_categories", p.threat_category)],
      ["Level with measures", p.residual_level && label("risk_levels", p.residual_level)],
      ["Applies to", p.applies_to?.split(",").map((code) => label("applies_to", code)).join(", ")],
      ["Time of day", p.time_of_day && label("times_of_day", p.time_of_day)],
      ["In force", period(p.valid_from, p.valid_to)],
      ["Size", p.km2 ? `${km2(p.km2)} km²` : null],
      ["Author", p.author], ["Reviewer", p.reviewer], ["Handling", p.handling && `TLP:${p.handling}`],
    ];
    return [
      record.said && h("p", { class: "said-note", role: "status" }, icon("check"), record.said),
      this.panelAt,
      h("section", { class: "section" }, h("p", { class: "verdict" }, badge(p.level, 24), h("span", {}, h("b", {}, label("risk_levels", p.level)), this.statusOf(record) === "suggested" ? " is what the incidents suggest; nobody has judged it yet" : ` ${p.author ? `by the judgement of ${p.author}` : "as judged"}`)),
        h("dl", { class: "facts" }, rows.filter(([, text]) => text).map(([title, text]) => [h("dt", {}, title), h("dd", {}, text)]))),
      p.basis && h("section", { class: "section" }, h("h3", {}, "Basis"), h("p", { class: "basis" }, p.basis)),
      h("section", { class: "section" }, h("h3", {}, "Evidence"), evidence),
      suggestion,
    ];
  }

  evidenceOf(incidents, count) {
    if (!incidents.length) return h("p", { class: "hint-text" }, count ? `${plural(count, "incident")} stand as evidence; this room is shown none of them.` : "No incident was ticked as evidence.");
    const hidden = (count ?? incidents.length) - incidents.length;
    return [told(incidents.slice(0, 12)), (incidents.length > 12 || hidden > 0) && h("p", { class: "hint-text" }, [incidents.length > 12 && `${number(incidents.length - 12)} more.`, hidden > 0 && `${number(hidden)} not shown to this room.`].filter(Boolean).join(" "))];
  }

  suggested(section, found) {
    if (!found) return;
    const { inputs } = found;
    section.hidden = false;
    fill(section, h("h3", {}, "What the evidence alone suggests"),
      h("p", { class: "verdict" }, badge(found.level, 20), h("span", {}, h("b", {}, label("risk_levels", found.level)), ` · ${label("likelihoods", found.likelihood).toLowerCase()}, ${label("impacts", found.impact).toLowerCase()}`)),
      h("p", { class: "hint-text" }, found.method),
      h("p", { class: "hint-text" }, `${plural(inputs.incidents, "incident")}; deaths reported of the gravest: ${number(inputs.gravest)}.`, Object.entries(inputs.by_type ?? {}).map(([kind, n]) => ` ${kind} ${number(n)}.`)));
  }

  // The record as it is written, in rooms that write.
  async get(record) {
    if (!mayWrite) return null;
    record.record ??= await get(`/collections/risk_zones/items/${record.id}/record`, { datetime: "" }).catch(() => null);
    return record.record;
  }

  // ---- the next step ----------------------------------------------------------------------------------------------

  // The steps of a zone's life, from its schema.
  async learn() {
    if (!mayWrite) return;
    const schema = await schemaOf("risk_zones");
    Object.assign(this, { steps: lifeOf(schema).steps, lasts: lastsOf(schema) });
  }

  // The buttons of the steps that begin where the zone is; they come with the schema.
  foot(record) {
    if (!mayWrite) return [];
    const home = h("span", { class: "row" });
    this.learn().then(() => fill(home, this.buttons(record))).catch((problem) => fill(home, failure(problem)));
    return home;
  }

  buttons(record) {
    const status = this.statusOf(record);
    const past = status === "published" && record.properties.valid_to < panel.today;
    const steps = this.steps.filter((step) => step.before.includes(status) && (status !== "published" || past || !("valid_to" in step.requires)));
    const button = (step, i) => h("button", { type: "button", class: `button ${step.ends ? "danger" : i === 0 && status !== "published" ? "primary" : ""}`, onclick: () => this.ask(record, step) }, step.title);
    const edit = ["draft", "in_review"].includes(status) && h("button", { type: "button", class: "button", onclick: () => this.form.open({ id: record.id }) }, "Edit");
    const replace = status === "published" && h("button", { type: "button", class: "button primary", onclick: () => this.form.open({ replaces: record.id }) }, "Replace with a new draft");
    return [replace, ...steps.slice(0, 1).map(button), edit, ...steps.slice(1).map((step, i) => button(step, i + 1))];
  }

  // What follows, who does it, and for the serious ones the zone's number, typed.
  ask(record, step) {
    const { code } = record.properties;
    const second = Boolean(step.second_person);
    const ending = "valid_to" in step.requires;
    const by = h("input", { name: "by", required: true, maxlength: 200, autocomplete: "name", value: second && !signedIn ? "" : remembered() });
    const ends = h("input", { type: "date", name: "valid_to", required: true, value: later(panel.today, this.lasts.usual_days), min: panel.today, max: later(panel.today, this.lasts.most_days) });
    const typed = h("input", { name: "code", autocomplete: "off", required: true, oninput: () => (go.disabled = typed.value.trim().toUpperCase() !== code) });
    const go = h("button", { type: "submit", class: `button ${step.ends ? "danger filled" : "primary"}`, disabled: step.confirmed }, step.title);
    const words = h("div", { class: "what-follows" }, step.says || skeleton(1, 20));
    const message = h("div", {});
    const form = h("form", { class: "step-form", onsubmit: (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      this.take(record, step, { by: by.value, valid_to: ending ? ends.value : null }, { go, message });
    } },
      h("h3", {}, `${step.title} · ${code}`), words,
      !signedIn && h("label", { class: "field" }, h("span", {}, second ? "Reviewer" : "Your name", " ", h("span", { class: "hint-line" }, second ? "Required · somebody else than the author" : "Required")), by),
      ending && h("label", { class: "field" }, h("span", {}, "New end ", h("span", { class: "hint-line" }, `Required · ${this.lasts.most_days} days at most`)), ends),
      step.confirmed && h("label", { class: "field" }, h("span", {}, `Type ${code} `, h("span", { class: "hint-line" }, "to confirm")), typed),
      message,
      h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => (this.panelAt.hidden = true) }, "Cancel"), go));
    this.panelAt.hidden = false;
    fill(this.panelAt, form);
    this.panelAt.scrollIntoView({ block: "nearest" });
    $("input, button", form).focus();
    if (second) this.willSee(record, words);
  }

  // Before publishing: on whose maps it goes, from when to when, and what it takes the place of.
  async willSee(record, words) {
    try {
      const now = await this.get(record);
      const p = now.properties;
      const { seen_by: seen } = await send("POST", "/risk-zones/look", { headers: JSON_TYPE, body: JSON.stringify({ geometry: now.geometry, handling: p.handling }) });
      const shown = seen.filter((room) => room.how !== "withheld").length;
      fill(words, h("p", {}, `It goes on the maps of ${plural(shown, "room")} at once, ${period(p.valid_from, p.valid_to)}; ${plural(seen.length - shown, "room")} are not shown it. ${p.replaces ? "The zone it replaces leaves them in the same moment." : ""}`), rooms(seen));
    } catch (problem) {
      fill(words, failure(problem));
    }
  }

  async take(record, step, { by, valid_to }, { go, message }) {
    go.disabled = true;
    fill(message);
    if (!step.second_person) remembered(by.trim());
    try {
      const version = (await this.get(record))?.version ?? record.properties.version;
      await send("POST", `/risk-zones/${record.id}/steps`, { headers: { ...JSON_TYPE, "If-Match": `"${version}"` }, body: JSON.stringify({ step: step.name, by, valid_to }) });
      await this.refresh();
      if (step.opens) await this.form.open({ id: record.id });
      else await this.show(record.id, step.done.replace("{by}", by.trim()));
    } catch (problem) {
      go.disabled = false;
      fill(message, h("p", { class: "wrong", role: "alert" }, [problem.detail, problem.hint].filter(Boolean).join(" ")),
        problem.status === 412 && h("button", { type: "button", class: "button small", onclick: () => this.show(record.id) }, "Look at what is there now"));
    }
  }
}
