// One form for every collection that is written by hand: fed by its schema, kept as a draft, saved at the version it was read.

import { get, question, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { signedIn } from "../lib/stored.js";
import { conflict, merged, same } from "./conflict.js";
import { box, control, handling } from "./controls.js";
import { drafts, remembered } from "./drafts.js";
import { rooms } from "./evidence.js";
import { newWords, write } from "./outbox.js";
import { Problems } from "./problems.js";
import { referenceField } from "./reference.js";
import { blankOf, endOf, fieldsOf, lastsOf, lifeOf, renewed, schemaOf } from "./schema.js";
import { shapeField } from "./shape_field.js";

const JSON_TYPE = { "Content-Type": "application/json" };
/** @typedef {import("./schema.js").Step} Step */
/** @typedef {import("./schema.js").Life} Life */

const OF_THE_SHAPE = ["invalid", "empty", "wrong-type", "unreadable", "out-of-range"];

// What a collection has beyond its schema, by its name (`forms/zone.js`, `forms/incident.js`); all of it may be missing:
// `one` (its word in a sentence), `homes` (a field told beside another), `controls` (name → (form, field) → element or
// null), `below(form)` (what stands below the shape), `prepare(form)`, `begun(form, id)`, `changed(form, name)`, `shaped(form)`, `coded(number)`, `steps(id)`, `foot`.
export class RecordForm {
  /** @type {HTMLElement} */
  root;
  /** @type {L.Map} */
  map;
  /** @type {HTMLElement} */
  bar;
  /** @type {() => string[]} */
  layers;
  /** @type {import("./outbox.js").Outbox} */
  outbox;
  /** @type {string} */
  once;
  /** @type {(collection: string) => void} */
  closed;
  /** @type {(collection: string, id: number, how: { done: boolean, gone?: boolean, step?: Step | null }) => Promise<void>} */
  written;
  /** @type {() => void} */
  list;
  /** @type {Record<string, Record<string, any>>} */
  extras;
  /** @type {Record<string, any>} */
  extra;
  /** @type {boolean} */
  up;
  /** @type {number} */
  turn;
  /** @type {import("./schema.js").Schema} */
  schema;
  /** @type {import("./schema.js").Field[]} */
  fields;
  /** @type {Life | null} */
  life;
  /** @type {string} */
  collection;
  /** @type {string} */
  key;
  /** @type {string} */
  one;
  /** @type {number | null} */
  id;
  /** @type {number | null} */
  version;
  /** @type {Record<string, any> | null} */
  values;
  /** @type {Record<string, any>} */
  now;
  /** @type {{ values: Record<string, any>, geometry: any }} */
  base;
  /** @type {{ collection: string, id?: number, replaces?: number, values?: Record<string, any> }} */
  asked;

  // `closed` is told that it is gone; `written` is told (collection, id, { done, gone, sent }).
  constructor(root, { map, bar, layers, outbox, closed, written, list, extras = {} }) {
    Object.assign(this, { root, map, bar, layers, outbox, closed, written, list, extras, up: false, turn: 0 });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.up) return;
      event.stopPropagation();
      this.close();
    });
    addEventListener("pagehide", () => this.keep());
  }

  get isOpen() {
    return this.up;
  }

  // ---- opening and closing ----------------------------------------------------------------------------------------

  // A new record, begun with `values`; the one with this id; or a new draft that takes the place of a published one.
  async open({ collection, id = null, replaces = null, values = {} }) {
    this.keep();
    this.letGo();
    this.values = null;
    this.before ??= document.activeElement;
    this.up = true;
    this.root.hidden = false;
    document.body.classList.add("forming");
    fill(this.root, this.head("Opening"), h("div", { class: "scroll" }, skeleton(4)));
    const turn = (this.turn += 1);
    const asked = { collection, id, replaces, values };
    try {
      const extra = this.extras[collection] ?? {};
      const [schema, there] = await Promise.all([schemaOf(collection), (id ?? replaces) ? this.fetch(collection, id ?? replaces) : null, extra.prepare?.(this)]);
      if (turn === this.turn) this.begin(asked, schema, extra, there);
    } catch (problem) {
      if (turn !== this.turn) return;
      fill(this.root, this.head("No answer"), h("div", { class: "scroll" }, failure(problem, () => this.open(asked))), h("div", { class: "drawer-foot" }, h("button", { type: "button", class: "button", onclick: () => this.close() }, "Close")));
    }
  }

  async fetch(collection, id) {
    const [found, schema] = await Promise.all([get(`/collections/${collection}/items/${id}/record`, { datetime: "" }), schemaOf(collection)]);
    const values = Object.fromEntries(fieldsOf(schema).map(({ name }) => [name, found.properties[name] ?? null]));
    return { version: found.version, properties: found.properties, values, geometry: found.geometry };
  }

  begin({ collection, id, replaces, values }, schema, extra, there) {
    const life = lifeOf(schema);
    Object.assign(this, { collection, schema, extra, life, id, fields: fieldsOf(schema), asked: { collection, id, replaces, values }, one: extra.one ?? schema["x-geoapp-one"] });
    Object.assign(this, { version: id ? there.version : null, now: id ? there.properties : {}, key: `${collection}.${id ?? (replaces ? `replaces-${replaces}` : "new")}` });
    const fresh = { ...blankOf(schema), ...(life ? { [life.author]: remembered() || null } : {}), ...values };
    const started = there ? { ...structuredClone(there.values), ...(replaces ? { replaces, ...renewed(schema), [life.author]: remembered() || null } : {}) } : fresh;
    this.base = id ? { values: structuredClone(there.values), geometry: there.geometry } : { values: {}, geometry: null };
    const kept = drafts.read(this.key);
    this.once = kept?.once ?? newWords();
    if (kept) Object.assign(this, { id: kept.id, version: kept.version, now: kept.now, base: kept.base });
    this.values = { ...started, ...kept?.values };
    this.draw(kept ? null : (there?.geometry ?? null), kept?.shape);
    if (kept) this.tell(h("span", {}, `Your draft of ${kept.words} is back. `, h("button", { type: "button", class: "quiet", onclick: () => this.anew() }, "Leave it and begin anew")));
    this.extra.begun?.(this, id ?? replaces);
    this.first();
  }

  // A shape that is still to be drawn begins on the map; else the first field.
  first() {
    if (this.shape?.empty && "drawing" in this.shape) this.map.getContainer().focus();
    else if (this.id) $("h2", this.root).focus();
    else $("form :is(input, select, textarea):not([name=place]):not([type=hidden])", this.root)?.focus();
  }

  anew() {
    const { asked } = this;
    this.forget();
    this.values = null;
    this.open(asked);
  }

  close({ quietly = false } = {}) {
    if (!this.up) return;
    this.turn += 1;
    this.keep();
    this.letGo();
    this.up = false;
    this.values = null;
    this.root.hidden = true;
    this.root.classList.remove("full");
    document.body.classList.remove("forming");
    this.closed(this.collection);
    if (!quietly) (this.before?.isConnected ? this.before : this.map.getContainer()).focus();
    this.before = null;
  }

  // The map is free again.
  letGo() {
    this.shape?.stop();
    this.reference?.stop();
    this.shape = this.reference = null;
    this.bar.hidden = true;
  }

  // ---- the draft keeps itself -------------------------------------------------------------------------------------

  touched() {
    this.changedHere = true;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.keep(), 400);
  }

  keep() {
    clearTimeout(this.soon);
    if (!this.values || !this.changedHere) return;
    const { id, version, now, base, values, once } = this;
    const at = drafts.write(this.key, { id, version, now, base, values, once, shape: this.shape?.kept });
    this.stamp.textContent = at ? `draft kept ${at}` : "this browser keeps no drafts";
  }

  forget() {
    clearTimeout(this.soon);
    this.changedHere = false;
    drafts.forget(this.key);
  }

  // ---- the form ---------------------------------------------------------------------------------------------------

  head(title, tools = []) {
    this.stamp = h("span", { class: "hint-text" });
    this.overline = h("span", { class: "overline" });
    this.title = h("h2", { tabindex: -1 }, title);
    const fold = h("button", { type: "button", class: "bare fold", "aria-pressed": "false", "aria-label": "The whole screen for the form", onclick: () => fold.setAttribute("aria-pressed", String(this.root.classList.toggle("full"))) }, icon("whole"));
    return h("div", { class: "drawer-head" },
      h("div", { class: "drawer-line" }, this.overline, h("span", { class: "tools" }, this.stamp, fold, tools, h("button", { type: "button", class: "bare", "aria-label": "Close; the draft is kept", onclick: () => this.close() }, icon("close")))), this.title);
  }

  draw(geometry, keptShape) {
    this.letGo();
    this.boxes = new Map();
    this.note = h("div", { class: "form-note whole", hidden: true, role: "status" });
    this.message = h("div", { class: "foot-message", role: "status" });
    this.problems = new Problems(this.root, this.message, { titleOf: (name) => this.titleOf(name), homeOf: (name) => this.extra.homes?.[name] ?? name });
    this.shape = shapeField(this.schema, {
      map: this.map, bar: this.bar, layers: this.layers, title: this.schema.title, pointName: this.extra.pointName ?? "The place",
      changed: () => this.shaped(), left: () => this.close(), named: (name) => this.named(name),
    });
    const controls = this.fields.map((field) => {
      const element = this.control(field);
      if (element) this.boxes.set(field.name, element);
      return element;
    });
    this.buttons = this.actions();
    fill(this.root,
      this.head("", this.life && this.list && [h("button", { type: "button", class: "bare", "aria-label": "Zones to review", title: "Zones to review", onclick: () => this.list() }, icon("table"))]),
      h("form", { class: "scroll zone-form", novalidate: true, "aria-label": this.schema.title, onsubmit: (event) => event.preventDefault() }, this.note, this.shape?.element, this.extra.below?.(this), controls),
      h("div", { class: "drawer-foot" }, this.message, this.buttons, this.extra.foot && h("span", { class: "hint-text foot-end" }, this.extra.foot)));
    this.write();
    this.shape?.begin(geometry, keptShape);
    this.changedHere = Boolean(keptShape);
    this.extra.drawn?.(this);
  }

  control(field) {
    const own = this.extra.controls?.[field.name];
    if (own !== undefined) return own?.(this, field) ?? null;
    const set = (value) => this.set(field.name, value);
    const value = this.values[field.name];
    if (signedIn && field.name === this.life?.author) {
      this.values[field.name] = signedIn; // whoever records is the member, whatever a form says
      return null;
    }
    if (field.kind === "handling") return this.handlingOf(field, value, set);
    if (field.kind === "reference") return (this.reference = referenceField(this.map, field, value, set)).element;
    const ends = field.name === endOf(this.schema);
    return control({ ...field, person: field.name === this.life?.author }, value, set, { first: () => this.values[Object.keys(this.values)[Object.keys(this.values).indexOf(field.name) - 1]], lasts: ends ? lastsOf(this.schema) : null });
  }

  // The handling, and which rooms would see the record with it.
  handlingOf(field, value, set) {
    this.seenAt = h("div", {});
    this.seen(value);
    return box(field.name, true, h("div", { class: "field-head" }, h("b", {}, h("label", { for: "form-handling" }, field.title), " and who will see it"), handling("form-handling", value, set, field.choices)), this.seenAt);
  }

  async seen(value) {
    const { seen_by: found } = await get("/seen-by", { subject: this.collection, handling: value, datetime: "" }).catch(() => ({ seen_by: [] }));
    if (this.values?.handling === value) fill(this.seenAt, rooms(found));
  }

  // A control anew, with the value that was set for it.
  redraw(name) {
    const element = this.control(this.fields.find((field) => field.name === name));
    this.problems.mended(name); // what was said beside the old control goes with it, and out of the count
    this.boxes.get(name)?.replaceWith(element);
    this.boxes.set(name, element);
  }

  titleOf(name) {
    if (name === "geometry") return this.extra.shapeTitle ?? (this.schema.properties.geometry?.title === "Shape" ? "The shape" : "The place");
    return this.extra.titles?.[name] ?? this.schema.properties[name]?.title ?? name.replaceAll("_", " ");
  }

  write() {
    const { life, id, now } = this;
    const code = this.extra.coded?.(now.number) ?? "";
    const state = life?.states.find((each) => each.const === now[life.state])?.title.toLowerCase();
    this.overline.textContent = id ? [this.schema.title, [state, code].filter(Boolean).join(" ")].filter(Boolean).join(" · ") : this.values.replaces ? "New draft in place of a published one" : `New ${this.schema["x-geoapp-one"]}`;
    this.title.textContent = "name" in this.values ? this.values.name || "Without a name yet" : id ? `Correct the ${this.one}` : `Record the ${this.one}`;
  }

  actions() {
    const first = this.life?.steps.find((step) => step.before.includes(this.life.begins) && !step.confirmed);
    const button = (kind, words, work) => h("button", { type: "button", class: `button ${kind}`, onclick: work }, words);
    if (first) return [button("primary", first.title, () => this.save(first)), button("", `Save ${this.life.begins}`, () => this.save(null))];
    const removable = this.id && (this.extra.removable?.(this) ?? true);
    return [button("primary", this.id ? "Save the correction" : `Record the ${this.one}`, () => this.save(null)), removable && button("danger", "Take it away", (event) => this.askRemoval(event.currentTarget))];
  }

  // ---- what is changed --------------------------------------------------------------------------------------------

  set(name, value) {
    if (same(this.values[name], value)) return;
    this.values[name] = value;
    this.problems.mended(name);
    this.touched();
    if (name === "name") this.write();
    if (name === "handling") this.seen(value);
    this.extra.changed?.(this, name);
  }

  shaped() {
    this.problems.mended("geometry");
    this.touched();
    this.extra.shaped?.(this);
  }

  // The name of a place that was found is taken over where there is none yet.
  named(name) {
    const field = this.fields.find((each) => each.name === "location");
    if (!field || this.values.location) return;
    this.set("location", name);
    this.redraw("location");
  }

  tell(...words) {
    this.note.hidden = !words.length;
    fill(this.note, ...words);
  }

  // ---- saving -----------------------------------------------------------------------------------------------------

  missing(step) {
    const needed = [...this.schema.required.filter((name) => name !== "geometry"), ...(step ? [this.life.author] : [])];
    const empty = (value) => value === null || value === undefined || value === "";
    const errors = needed.filter((name) => empty(this.values[name])).map((where) => ({ where, what: "is required" }));
    if (this.shape?.problem) errors.unshift({ where: "geometry", what: this.shape.problem });
    return errors;
  }

  // Saves what is written; with a step it is then taken.
  async save(step) {
    this.problems.clear();
    const errors = this.missing(step);
    if (errors.length) return this.problems.show(errors);
    for (const button of this.buttons) if (button) button.disabled = true;
    const person = this.life && this.values[this.life.author];
    if (person) remembered(person);
    try {
      await this.store();
      if (step) await send("POST", this.extra.steps(this.id), { headers: { ...JSON_TYPE, "If-Match": `"${this.version}"` }, body: JSON.stringify({ step: step.name, by: person }) });
      const { collection, id } = this;
      if (this.life && !step) return await this.saved();
      this.forget();
      this.close({ quietly: true });
      say("Recorded");
      await this.written(collection, id, { done: true, step });
    } catch (problem) {
      if (problem.status === 412) await this.clash();
      else if (problem.status !== 0 || !this.wait(step)) this.refuse(problem);
    } finally {
      for (const button of this.buttons) if (button) button.disabled = false;
    }
  }

  // What is sent, and what it is a change of.
  get sending() {
    const { collection, id, version, once } = this;
    return { collection, id, version, once, feature: { geometry: this.shape?.geometry ?? null, properties: { ...this.values } } };
  }

  async store() {
    try {
      Object.assign(this, await write(this.sending));
    } catch (problem) {
      Object.assign(this, problem.record);
      throw problem;
    }
    this.forget();
  }

  // Without a connection it is kept, and sent by itself.
  wait(step) {
    this.changedHere = true;
    this.keep();
    const name = [this.one, this.values.name].filter(Boolean).join(" ");
    const title = `${name[0].toUpperCase()}${name.slice(1)}${step ? `, as a ${this.life.begins},` : ""}`;
    if (!this.outbox.put({ ...this.sending, key: this.key, room: question.audience, title })) return false;
    this.close({ quietly: true });
    return true;
  }

  // A draft that was saved stays open.
  async saved() {
    const there = await this.fetch(this.collection, this.id);
    Object.assign(this, { version: there.version, now: there.properties, key: `${this.collection}.${this.id}`, base: { values: there.values, geometry: there.geometry } });
    const words = [`saved as ${this.extra.coded?.(there.properties.number) ?? `No. ${this.id}`}`, `version ${this.version}`].join(", ");
    this.tell();
    this.write();
    this.stamp.textContent = words;
    say(words);
    await this.written(this.collection, this.id, { done: false });
  }

  refuse(problem) {
    const errors = problem.body?.errors ?? [];
    if (OF_THE_SHAPE.includes(problem.body?.code)) this.shape?.refuse(problem);
    if (errors.length) this.problems.show(errors);
    else this.problems.tell(problem, this.life && problem.status === 409 && this.id && h("button", { type: "button", class: "button small", onclick: () => this.asNew() }, "Save mine as a new draft"));
  }

  // The record went another way meanwhile; what was written here becomes a draft of its own.
  asNew() {
    Object.assign(this, { id: null, version: null, once: newWords(), now: {}, base: { values: {}, geometry: null } });
    this.values.replaces = null;
    this.write();
    return this.save(null);
  }

  // Somebody else wrote meanwhile: what differs, side by side; the person decides, and neither's work is lost.
  async clash() {
    const there = await this.fetch(this.collection, this.id);
    const mine = { values: this.values, geometry: this.shape?.geometry ?? null };
    const goOn = (taken) => {
      Object.assign(this, { version: there.version, now: there.properties, base: { values: there.values, geometry: there.geometry }, values: { ...taken.values } });
      this.draw(taken.geometry);
      this.extra.begun?.(this, this.id);
      this.touched();
    };
    const state = this.life && there.properties[this.life.state];
    const words = `Somebody else changed this ${this.one}: it is at version ${there.version}${state && state !== this.life.begins ? `, ${this.life.states.find((each) => each.const === state)?.title.toLowerCase()}` : ""}.`;
    this.tell(conflict(this.fields, words, there, mine, {
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

  // ---- taking away ------------------------------------------------------------------------------------------------

  askRemoval(button) {
    fill(this.message, h("p", {}, "It leaves every map and count; its history keeps it."),
      h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => { fill(this.message); button.focus(); } }, "Cancel"),
        h("button", { type: "button", class: "button danger", onclick: () => this.remove() }, "Take it away")));
    $("button", this.message).focus();
  }

  async remove() {
    try {
      await send("DELETE", `/collections/${this.collection}/items/${this.id}`, { headers: { "If-Match": `"${this.version}"` } });
      const { collection, id } = this;
      this.forget();
      this.close({ quietly: true });
      say("Taken away");
      await this.written(collection, id, { done: true, gone: true });
    } catch (problem) {
      if (problem.status === 412) await this.clash();
      else this.problems.tell(problem);
    }
  }
}
