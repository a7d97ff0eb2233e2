// Mark a risk zone: shape and form side by side, since shape and evidence change each other. Another adviser publishes it.

import { get, label, panel, send, symbolOf } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { Drawing } from "./draw.js";
import { drafts, remembered } from "./drafts.js";
import { Evidence, rooms } from "./evidence.js";
import { levelOf } from "./matrix.js";
import { badge } from "../map/overlap.js";
import { Corners, Shaping } from "./shaping.js";
import { km2, plural } from "../lib/format.js";
import { clash, controls, FIELDS, later, merged, same, USUAL_DAYS, wrong } from "./zonefields.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const codeOf = (number) => `RZ-${String(number).padStart(4, "0")}`;

const blank = () => ({
  name: null, threat_category: null, likelihood: null, impact: null, residual_level: null, applies_to: "all", time_of_day: "any",
  valid_from: panel.today, valid_to: later(panel.today, USUAL_DAYS), basis: null, evidence: [], handling: "AMBER", author: remembered() || null, replaces: null,
});

export class ZoneForm {
  // `closed` is told that it is gone; `written` is told the zone's id and whether the form is done with it.
  constructor(root, { map, bar, closed, written, list }) {
    Object.assign(this, { root, map, bar, closed, written, list, up: false });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.up) return;
      event.stopPropagation();
      this.close();
    });
    addEventListener("pagehide", () => this.isOpen && this.keep());
  }

  get isOpen() {
    return this.up;
  }

  // ---- opening and closing ----------------------------------------------------------------------------------------

  // A new zone; another version of the one with this id; or a new draft that takes the place of a published one.
  async open({ id = null, replaces = null } = {}) {
    if (this.isOpen) this.keep();
    this.stopDrawing();
    this.before ??= document.activeElement;
    this.up = true;
    this.root.hidden = false;
    document.body.classList.add("forming");
    fill(this.root, h("div", { class: "drawer-head" }, h("span", { class: "overline" }, "Risk zone"), h("h2", { tabindex: -1 }, "Opening")), h("div", { class: "scroll" }, skeleton(4)));
    const turn = (this.opening = (this.opening ?? 0) + 1);
    try {
      const [matrix, there] = await Promise.all([get("/risk-matrix"), (id ?? replaces) ? this.fetch(id ?? replaces) : null]);
      if (turn === this.opening) this.begin(matrix, there, { id, replaces });
    } catch (problem) {
      if (turn !== this.opening) return;
      fill(this.root, h("div", { class: "scroll" }, failure(problem, () => this.open({ id, replaces }))), h("div", { class: "drawer-foot" }, h("button", { type: "button", class: "button", onclick: () => this.close() }, "Close")));
    }
  }

  async fetch(id) {
    const found = await get(`/collections/risk_zones/items/${id}/record`, { datetime: "" });
    const values = Object.fromEntries(FIELDS.map((name) => [name, found.properties[name] ?? null]));
    values.evidence = (values.evidence ?? []).map(({ source, event }) => ({ source, event }));
    return { version: found.version, number: found.properties.number, status: found.properties.status, values, geometry: found.geometry };
  }

  begin(matrix, there, { id, replaces }) {
    Object.assign(this, { matrix, id, version: id ? there.version : null, number: id ? there.number : null, status: id ? there.status : null, key: id ?? (replaces ? `replaces-${replaces}` : "new") });
    const values = there ? { ...structuredClone(there.values), ...(replaces ? { replaces, valid_from: panel.today, valid_to: later(panel.today, USUAL_DAYS), author: remembered() || null } : {}) } : blank();
    this.base = id ? { values: structuredClone(there.values), geometry: there.geometry } : { values: {}, geometry: null };
    const kept = drafts.read(this.key);
    if (kept) Object.assign(this, { id: kept.id, version: kept.version, number: kept.number ?? this.number, base: kept.base });
    this.values = { ...values, ...kept?.values };
    this.draw();
    this.start(kept ? kept.geometry : (there?.geometry ?? null), kept?.open);
    if (kept) this.tell(h("span", {}, `Your draft of ${kept.words} is back. `, h("button", { type: "button", class: "quiet", onclick: () => this.anew({ id, replaces }) }, "Leave it and begin anew")));
    if (there) this.ticked(id ?? replaces);
    const first = this.drawing.parts.length ? $("h2", this.root) : this.map.getContainer();
    first.focus();
  }

  // What is known about the incidents that were ticked before.
  async ticked(id) {
    const { incidents } = await get(`/risk-zones/${id}/evidence`, { datetime: "" }).catch(() => ({ incidents: [] }));
    this.evidence?.set(this.values.evidence, incidents);
  }

  anew(asked) {
    drafts.forget(this.key);
    this.stopDrawing();
    this.open(asked);
  }

  close({ quietly = false } = {}) {
    if (!this.isOpen) return;
    this.opening += 1;
    this.keep();
    this.stopDrawing();
    this.up = false;
    this.root.hidden = true;
    this.root.classList.remove("full");
    this.bar.hidden = true;
    document.body.classList.remove("forming", "drawing");
    this.values = null;
    this.closed();
    if (!quietly) (this.before?.isConnected ? this.before : this.map.getContainer()).focus();
    this.before = null;
  }

  stopDrawing() {
    this.drawing?.stop();
    this.corners?.element.remove();
    this.drawing = null;
  }

  // ---- the draft keeps itself -------------------------------------------------------------------------------------

  touched() {
    this.changedHere = true;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.keep(), 400);
  }

  keep() {
    clearTimeout(this.soon);
    if (!this.values || !this.drawing || !this.changedHere) return;
    const { id, version, number, base, values } = this;
    const at = drafts.write(this.key, { id, version, number, base, values, geometry: this.drawing.outline, open: this.drawing.open });
    this.stamp.textContent = at ? `draft kept ${at}` : "this browser keeps no drafts";
  }

  forget() {
    clearTimeout(this.soon);
    this.changedHere = false;
    drafts.forget(this.key);
  }

  // ---- the shape --------------------------------------------------------------------------------------------------

  start(geometry, open) {
    this.changedHere = false;
    this.drawing = new Drawing(this.map, { changed: (shape) => this.shaped(shape), left: () => this.close() });
    this.shaping = new Shaping(this.map, this.drawing);
    this.corners = new Corners(this.drawing);
    this.shapeHost.replaceWith(this.shaping.element);
    (matchMedia("(max-width: 1199px)").matches ? this.shaping.element : this.map.getContainer().parentElement).append(this.corners.element);
    this.bar.hidden = false;
    this.drawing.begin(geometry, open);
    this.grade();
    this.changedHere = false;
  }

  shaped(shape) {
    document.body.classList.toggle("drawing", shape.open && shape.corners > 0);
    fill(this.bar, h("b", {}, "Risk zone"), shape.corners ? h("span", {}, `${plural(shape.corners, "corner")} · ${km2(shape.km2)} km²`) : null,
      h("span", { class: "how" }, shape.open ? "click the corners" : shape.editable ? "drag a corner · click an edge to add one" : "taken as it is"),
      shape.open && h("button", { type: "button", class: "quiet", disabled: shape.corners < 3, onclick: () => this.drawing.finish() }, h("kbd", {}, "Enter"), " Finish"),
      h("button", { type: "button", class: "quiet", onclick: () => this.drawing.undo() }, icon("back"), " Undo"));
    this.shaping.write(shape);
    this.shaping.problem("");
    this.corners.write();
    this.touched();
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), 350);
  }

  // What lies inside, what it suggests, who would see it.
  async look() {
    if (!this.drawing) return;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const geometry = this.drawing.open ? null : this.drawing.geometry;
    if (!geometry) {
      this.seen = null;
      this.evidence.show(null);
      this.grade();
      return;
    }
    try {
      const seen = await send("POST", "/risk-zones/look", { headers: JSON_TYPE, body: JSON.stringify({ geometry, handling: this.values.handling }) });
      if (turn !== this.turn || !this.drawing) return;
      this.seen = seen;
      this.evidence.show(seen);
      fill(this.rooms, rooms(seen.seen_by));
      say(`${plural(seen.incidents.length, "incident")} inside the shape; the evidence alone suggests ${label("risk_levels", seen.suggestion.level).toLowerCase()}`);
    } catch (problem) {
      if (turn !== this.turn || !this.drawing) return;
      this.shaping.refuse(problem);
    }
    this.grade();
  }

  // Judgement beside what the evidence alone suggests: both are kept, both are shown.
  grade() {
    const { likelihood, impact } = this.values;
    const level = levelOf(this.matrix, likelihood, impact);
    const suggestion = this.seen?.suggestion;
    this.drawing?.paint(symbolOf("risk_zones", level)?.fill ?? "#8FA3AB");
    fill(this.verdict,
      level ? badge(level, 24) : icon("alert"),
      h("span", {}, level ? [h("b", {}, label("risk_levels", level)), " your judgement. "] : "Choose likelihood and impact. ",
        suggestion && (suggestion.inputs.incidents ? ["Evidence alone suggests ", h("b", {}, label("risk_levels", suggestion.level).toLowerCase()), " ", h("span", { class: "hint-text" }, `(${label("likelihoods", suggestion.likelihood).toLowerCase()}, ${label("impacts", suggestion.impact).toLowerCase()})`), "; both are kept."] : "There is no evidence inside that would suggest a level.")));
    this.verdict.title = suggestion?.method ?? "";
  }

  // ---- the form ---------------------------------------------------------------------------------------------------

  draw() {
    const set = (name) => (value) => this.set(name, value);
    this.evidence = new Evidence(set("evidence"));
    this.evidence.set(this.values.evidence);
    this.seen = null;
    this.verdict = h("p", { class: "verdict whole" });
    this.rooms = h("div", {}, h("p", { class: "hint-text" }, "Who will see it, and how, follows the shape and the handling."));
    this.shapeHost = h("div", {});
    this.stamp = h("span", { class: "hint-text" });
    this.title = h("h2", { tabindex: -1 });
    this.message = h("div", { class: "foot-message", role: "status" });
    this.note = h("div", { class: "form-note whole", hidden: true, role: "status" });
    this.buttons = [
      h("button", { type: "button", class: "button primary", onclick: () => this.save(true) }, "Send for review"),
      h("button", { type: "button", class: "button", onclick: () => this.save(false) }, "Save draft"),
    ];
    const fold = h("button", { type: "button", class: "bare fold", "aria-pressed": "false", "aria-label": "The whole screen for the form", onclick: () => fold.setAttribute("aria-pressed", String(this.root.classList.toggle("full"))) }, icon("whole"));
    fill(this.root,
      h("div", { class: "drawer-head" },
        h("div", { class: "drawer-line" }, (this.overline = h("span", { class: "overline" })),
          h("span", { class: "tools" }, this.stamp, fold, h("button", { type: "button", class: "bare", "aria-label": "Zones to review", title: "Zones to review", onclick: () => this.list() }, icon("table")),
            h("button", { type: "button", class: "bare", "aria-label": "Close; the draft is kept", onclick: () => this.close() }, icon("close")))),
        this.title),
      h("form", { class: "scroll zone-form", novalidate: true, onsubmit: (event) => event.preventDefault() }, this.note, this.shapeHost, controls(this, set)),
      h("div", { class: "drawer-foot" }, this.message, this.buttons, h("span", { class: "hint-text foot-end" }, "Another adviser publishes it")));
    this.head();
  }

  head() {
    this.overline.textContent = this.id ? `Risk zone · ${this.status === "in_review" ? "in review" : "draft"} ${codeOf(this.number)}` : this.values.replaces ? "New draft in place of a published zone" : "New risk zone";
    this.title.textContent = this.values.name || "Without a name yet";
  }

  set(name, value) {
    if (same(this.values[name], value)) return;
    this.values[name] = value;
    wrong(this.root, [], name);
    this.touched();
    if (name === "name") this.head();
    if (name === "handling") this.look();
    if (name === "likelihood" || name === "impact") this.grade();
  }

  // ---- what is said about it --------------------------------------------------------------------------------------

  tell(...words) {
    this.note.hidden = !words.length;
    fill(this.note, ...words);
  }

  refuse(problem) {
    const rest = wrong(this.root, problem.body?.errors ?? []);
    const listed = problem.body?.errors?.length && !rest.length;
    if (["invalid", "empty", "wrong-type", "unreadable"].includes(problem.body?.code)) this.shaping.refuse(problem);
    fill(this.message, h("p", { class: "wrong", role: "alert" }, listed ? `${plural(problem.body.errors.length, "field")} to mend.` : [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")),
      problem.status === 409 && this.id && h("button", { type: "button", class: "button small", onclick: () => this.asNew() }, "Save mine as a new draft"));
  }

  // Its zone went another way meanwhile; what was written here becomes a draft of its own.
  asNew() {
    Object.assign(this, { id: null, version: null, number: null, base: { values: {}, geometry: null } });
    this.values.replaces = null;
    this.head();
    return this.save(false);
  }

  missing(sending) {
    const needed = ["name", "threat_category", "likelihood", "valid_to", ...(sending ? ["author"] : [])];
    const errors = needed.filter((name) => !this.values[name]).map((where) => ({ where, what: "is required" }));
    if (this.drawing.open || !this.drawing.geometry) errors.unshift({ where: "geometry", what: this.drawing.open && this.drawing.corners > 2 ? "is not closed: press Enter on the map" : "is required" });
    return errors;
  }

  // ---- saving -----------------------------------------------------------------------------------------------------

  async save(sending) {
    fill(this.message);
    const errors = this.missing(sending);
    if (errors.length) {
      wrong(this.root, errors);
      fill(this.message, h("p", { class: "wrong", role: "alert" }, `${plural(errors.length, "field")} to mend.`));
      return;
    }
    for (const button of this.buttons) button.disabled = true;
    if (this.values.author) remembered(this.values.author);
    try {
      await this.write();
      if (!sending) return;
      await send("POST", `/risk-zones/${this.id}/steps`, { headers: { ...JSON_TYPE, "If-Match": `"${this.version}"` }, body: JSON.stringify({ step: "send", by: this.values.author }) });
      const { id } = this;
      this.forget();
      this.close({ quietly: true });
      this.written(id, true);
    } catch (problem) {
      if (problem.status === 412) await this.clash();
      else this.refuse(problem);
    } finally {
      for (const button of this.buttons) button.disabled = false;
    }
  }

  async write() {
    const { geometry } = this.drawing;
    const body = JSON.stringify({ type: "Feature", geometry, properties: this.values });
    const answer = this.id
      ? await send("PATCH", `/collections/risk_zones/items/${this.id}`, { body, headers: { ...JSON_TYPE, "If-Match": `"${this.version}"` } })
      : await send("POST", "/collections/risk_zones/items", { body, headers: JSON_TYPE });
    this.forget();
    this.id ??= answer.id;
    const there = await this.fetch(this.id);
    Object.assign(this, { version: answer.version, number: there.number, status: there.status, key: this.id, base: { values: there.values, geometry: there.geometry } });
    this.tell();
    this.head();
    this.stamp.textContent = `saved as ${codeOf(this.number)}, version ${this.version}`;
    say(`Saved as ${codeOf(this.number)}, version ${this.version}`);
    this.written(this.id, false);
  }

  // Somebody else wrote meanwhile: what differs, side by side; the person decides, and neither's work is lost.
  async clash() {
    const there = await this.fetch(this.id);
    const mine = { values: this.values, geometry: this.drawing.geometry };
    const goOn = (taken) => {
      Object.assign(this, { version: there.version, status: there.status, base: { values: there.values, geometry: there.geometry } });
      const { open } = this.drawing;
      this.values = { ...taken.values };
      this.stopDrawing();
      this.draw();
      this.start(taken.geometry, open);
      this.ticked(this.id);
      this.touched();
    };
    this.tell(clash(there, mine, {
      theirs: () => {
        goOn(there);
        this.tell(h("span", {}, `This is version ${there.version}. `, h("button", { type: "button", class: "quiet", onclick: () => goOn(mine) }, "Bring mine back")));
      },
      keep: () => {
        goOn(merged(this.base, mine, there));
        this.tell(`Yours is on top of version ${there.version}; what only the other changed is kept. Save it when it is right.`);
      },
    }));
    this.note.scrollIntoView({ block: "nearest" });
    $("button", this.note)?.focus();
  }
}
