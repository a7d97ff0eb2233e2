// Report an incident, or correct one: what, when, where and how sure; the neutral note is what leaves.

import { get, label, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { drafts } from "./drafts.js";
import { pickPoint } from "./draw.js";
import { rooms } from "./evidence.js";
import { mgrs } from "../lib/mgrs.js";
import { plural } from "../lib/format.js";
import { dayInput, handling, same, wrong } from "./zonefields.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const FIELDS = ["event_type", "sub_event_type", "occurred_from", "occurred_to", "time_precision", "geo_precision", "location", "fatalities", "civilian_targeting", "notes", "notes_raw", "source_names", "verification", "handling"];

const blank = () => ({ event_type: null, occurred_from: panel.today, time_precision: "day", geo_precision: "settlement", verification: "unverified", handling: "AMBER" });

const box = (name, ...parts) => h("div", { "data-field": name }, parts);
const whole = (name, ...parts) => h("div", { class: "whole", "data-field": name }, parts);
const titled = (title, hint, control) => h("label", { class: "field" }, h("span", {}, title, " ", h("span", { class: "hint-line" }, hint)), control);
const options = (list, value, empty) => [empty && h("option", { value: "" }, empty), Object.entries(list).map(([code, words]) => h("option", { value: code, selected: code === value }, words))];

export class IncidentForm {
  // `closed` is told that it is gone; `written` is told { id, lat, lon } of the record, or null when it went.
  constructor(root, { map, closed, written }) {
    Object.assign(this, { root, map, closed, written });
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.before) return;
      event.stopPropagation();
      this.close();
    });
    addEventListener("pagehide", () => this.keep());
  }

  async open({ id = null } = {}) {
    this.stop();
    this.values = null;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.before ??= document.activeElement;
    this.root.hidden = false;
    document.body.classList.add("forming");
    fill(this.root, this.head(id ? "Incident" : "New incident", "Opening"), h("div", { class: "scroll" }, skeleton(4)));
    try {
      const there = id ? await get(`/collections/incidents/items/${id}/record`, { datetime: "" }) : null;
      if (turn === this.turn) this.begin(id, there);
    } catch (problem) {
      if (turn !== this.turn) return;
      fill(this.root, this.head("Incident", "No answer"), h("div", { class: "scroll" }, failure(problem, () => this.open({ id }))));
    }
  }

  begin(id, there) {
    const kept = drafts.read(`incident-${id ?? "new"}`);
    const values = there ? Object.fromEntries(FIELDS.map((name) => [name, there.properties[name] ?? null])) : blank();
    const [lon, lat] = there?.geometry.coordinates ?? [null, null];
    Object.assign(this, { id, version: there?.version ?? null, source: there?.properties.source ?? null, values: { ...values, ...kept?.values }, spot: kept?.spot ?? (lat === null ? null : { lat, lon }), touchedHere: Boolean(kept) });
    this.draw();
    this.point = pickPoint(this.map, { at: this.spot, name: "Where it happened", onPoint: (spot) => this.placed(spot, "clicked") });
    this.placed(this.spot, "there", true);
    this.seen();
    if (kept) this.tell(`Your draft of ${kept.words} is back.`);
    $("[name=event_type]", this.root).focus();
  }

  stop() {
    this.point?.stop();
    this.point = null;
  }

  close({ quietly = false } = {}) {
    if (!this.turn || (!this.values && !this.before)) return;
    this.turn += 1;
    this.keep();
    this.stop();
    this.values = null;
    this.root.hidden = true;
    document.body.classList.remove("forming");
    this.closed();
    if (!quietly) (this.before?.isConnected ? this.before : this.map.getContainer()).focus();
    this.before = null;
  }

  // ---- what is kept until it is saved -----------------------------------------------------------------------------

  keep() {
    if (!this.values || !this.touchedHere) return;
    const at = drafts.write(`incident-${this.id ?? "new"}`, { values: this.values, spot: this.spot });
    this.stamp.textContent = at ? `draft kept ${at}` : "this browser keeps no drafts";
  }

  set(name, value) {
    if (same(this.values[name], value)) return;
    this.values[name] = value;
    this.touchedHere = true;
    wrong(this.root, [], name);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.keep(), 400);
    if (name === "handling") this.seen();
    if (name === "event_type") this.subTypes();
  }

  // ---- the place --------------------------------------------------------------------------------------------------

  placed(spot, how, quietly = false) {
    this.spot = spot ? { lat: spot.lat, lon: spot.lon } : null;
    this.where.textContent = spot ? `${mgrs(spot.lat, spot.lon)} · ${spot.lat.toFixed(5)}, ${spot.lon.toFixed(5)}` : "required · click it on the map, or write it";
    if (quietly) return;
    this.touchedHere = true;
    this.keep();
    wrong(this.root, [], "geometry");
    if (how === "written") {
      this.point.set(spot.lat, spot.lon);
      this.map.setView([spot.lat, spot.lon], Math.max(this.map.getZoom(), 10), { animate: false });
    }
  }

  async find() {
    const field = $("[name=place]", this.root);
    const words = field.value.trim();
    if (!words) return;
    try {
      const found = await get("/place", { q: words, datetime: "" });
      this.placed(found, "written");
      if (!this.values.location && found.name && !/^[-\d.,\s]+$/.test(found.name)) {
        $("[name=location]", this.root).value = found.name;
        this.set("location", found.name);
      }
      say(`Placed at ${mgrs(found.lat, found.lon)}`);
    } catch (problem) {
      wrong(this.root, [{ where: "geometry", what: [problem.detail, problem.hint].filter(Boolean).join(" ") }]);
    }
  }

  async seen() {
    const { seen_by: found } = await get("/seen-by", { subject: "incidents", handling: this.values.handling, datetime: "" }).catch(() => ({ seen_by: [] }));
    if (this.values) fill(this.roomsAt, rooms(found));
  }

  // ---- the form ---------------------------------------------------------------------------------------------------

  head(overline, title) {
    this.stamp = h("span", { class: "hint-text" });
    return h("div", { class: "drawer-head" },
      h("div", { class: "drawer-line" }, h("span", { class: "overline" }, overline),
        h("span", { class: "tools" }, this.stamp, h("button", { type: "button", class: "bare", "aria-label": "Close; the draft is kept", onclick: () => this.close() }, icon("close")))),
      h("h2", { tabindex: -1 }, title));
  }

  subTypes() {
    const known = panel.events[this.values.event_type] ?? [];
    const select = $("[name=sub_event_type]", this.root);
    if (!known.includes(this.values.sub_event_type)) this.values.sub_event_type = null;
    fill(select, options(Object.fromEntries(known.map((each) => [each, each])), this.values.sub_event_type, "Not said"));
    select.disabled = !known.length;
  }

  draw() {
    const v = this.values;
    const kinds = Object.fromEntries([...new Set([...Object.keys(panel.events), v.event_type].filter(Boolean))].map((each) => [each, each]));
    const choose = (name, list, empty) => h("select", { name, onchange: (event) => this.set(name, event.target.value || null) }, options(list, v[name], empty));
    const text = (name, more = {}) => h("input", { name, value: v[name] ?? "", autocomplete: "off", oninput: (event) => this.set(name, event.target.value.trim() || null), ...more });
    const area = (name, more) => h("textarea", { name, rows: 3, value: v[name] ?? "", oninput: (event) => this.set(name, event.target.value.trim() || null), ...more });
    const date = (name, empty) => dayInput(name, v[name], (value) => this.set(name, value), { max: panel.today, empty }).element;
    const yes = { "": null, true: true, false: false };
    this.where = h("span", { class: "hint-line", dir: "ltr" });
    this.note = h("div", { class: "form-note whole", hidden: true, role: "status" });
    this.roomsAt = h("div", { class: "whole" });
    this.message = h("div", { class: "foot-message", role: "status" });
    this.saveButton = h("button", { type: "button", class: "button primary", onclick: () => this.save() }, this.id ? "Save the correction" : "Record the incident");
    fill(this.root,
      this.head(this.id ? `Incident · reported by ${this.source === "hand" ? "this operation" : this.source}` : "New incident", this.id ? "Correct an incident" : "Report an incident"),
      h("form", { class: "scroll zone-form", novalidate: true, onsubmit: (event) => event.preventDefault() },
        this.note,
        box("event_type", titled("What was reported", "required", choose("event_type", kinds, "Choose"))),
        box("sub_event_type", titled("More closely", "", h("select", { name: "sub_event_type", onchange: (event) => this.set("sub_event_type", event.target.value || null) }))),
        box("occurred_from", titled("On, or from", "required", date("occurred_from", "choose a day"))),
        box("occurred_to", titled("To", "when it lasted, or the day is not sure", date("occurred_to", "the same day"))),
        whole("geometry", h("div", { class: "field-head" }, h("b", {}, "Place"), this.where),
          h("div", { class: "row" }, h("input", { class: "input", name: "place", maxlength: 100, autocomplete: "off", "aria-label": "Place: a name, MGRS, or latitude, longitude", placeholder: "A place, MGRS, or latitude, longitude",
            onkeydown: (event) => event.key === "Enter" && (event.preventDefault(), this.find()) }), h("button", { type: "button", class: "button small", onclick: () => this.find() }, "Find"))),
        box("geo_precision", titled("Place known to", "", choose("geo_precision", panel.codes.geo_precision))),
        box("time_precision", titled("Time known to", "", choose("time_precision", panel.codes.time_precision))),
        whole("location", titled("Name of the place", "", text("location", { maxlength: 300 }))),
        box("fatalities", titled("Reported deaths", "empty when not known", h("input", { name: "fatalities", inputmode: "numeric", value: v.fatalities ?? "", oninput: (event) => this.set("fatalities", event.target.value.trim() === "" ? null : event.target.value.trim()) }))),
        box("civilian_targeting", titled("Civilians were the ones attacked", "", h("select", { name: "civilian_targeting", onchange: (event) => this.set("civilian_targeting", yes[event.target.value]) },
          options({ true: "Yes", false: "No" }, v.civilian_targeting === null || v.civilian_targeting === undefined ? "" : String(v.civilian_targeting), "Not known")))),
        whole("notes", titled("Neutral note", "what other rooms read: what was reported, no judgement of anybody", area("notes", { maxlength: 4000 }))),
        whole("notes_raw", titled("As it was told", "stays in this room", area("notes_raw", { maxlength: 20000 }))),
        box("source_names", titled("Sources", "stay in this room", text("source_names", { maxlength: 1000 }))),
        box("verification", titled("Verification", "", choose("verification", panel.codes.verification))),
        whole("handling", h("div", { class: "field-head" }, h("b", {}, h("label", { for: "incident-handling" }, "Handling"), " and who will see it"), handling("incident-handling", v.handling, (value) => this.set("handling", value)))),
        this.roomsAt),
      h("div", { class: "drawer-foot" }, this.message, this.saveButton,
        this.id && this.source === "hand" && h("button", { type: "button", class: "button danger", onclick: (event) => this.asked(event.currentTarget) }, "Take it away")));
    this.subTypes();
  }

  tell(words) {
    this.note.hidden = !words;
    fill(this.note, words);
  }

  // ---- saving -----------------------------------------------------------------------------------------------------

  async save() {
    fill(this.message);
    const errors = ["event_type", "occurred_from"].filter((name) => !this.values[name]).map((where) => ({ where, what: "is required" }));
    if (!this.spot) errors.push({ where: "geometry", what: "is required" });
    if (errors.length) return this.refuse(errors);
    this.saveButton.disabled = true;
    const body = JSON.stringify({ type: "Feature", geometry: { type: "Point", coordinates: [this.spot.lon, this.spot.lat] }, properties: this.values });
    try {
      const { id } = this.id
        ? { id: this.id, ...(await send("PATCH", `/collections/incidents/items/${this.id}`, { headers: { ...JSON_TYPE, "If-Match": `"${this.version}"` }, body })) }
        : await send("POST", "/collections/incidents/items", { headers: JSON_TYPE, body });
      await this.done("Recorded", { id, ...this.spot });
    } catch (problem) {
      this.saveButton.disabled = false;
      if (problem.status === 412) this.clash(problem);
      else if (problem.body?.errors) this.refuse(problem.body.errors);
      else fill(this.message, h("p", { class: "wrong", role: "alert" }, [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")));
    }
  }

  async done(words, there) {
    this.touchedHere = false;
    clearTimeout(this.soon);
    drafts.forget(`incident-${this.id ?? "new"}`);
    this.close({ quietly: true });
    say(words);
    await this.written(there);
  }

  refuse(errors) {
    const rest = wrong(this.root, errors);
    fill(this.message, h("p", { class: "wrong", role: "alert" }, rest.length ? `${rest.join(". ")}.` : `${plural(errors.length, "field")} to mend.`));
  }

  // Somebody else changed it meanwhile: both stand there, and nobody's edit is lost.
  clash(problem) {
    const theirs = problem.body.current;
    const differ = FIELDS.filter((name) => name in theirs && !same(theirs[name] ?? null, this.values[name] ?? null));
    this.tell(h("div", { class: "conflict", role: "alert" },
      h("b", {}, `Somebody else changed this incident: it is at version ${theirs.version}.`),
      h("table", {}, h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "There now"), h("th", { scope: "col" }, "Yours"))),
        h("tbody", {}, differ.map((name) => h("tr", {}, h("th", { scope: "row" }, name.replaceAll("_", " ")), h("td", {}, theirs[name] ?? "–"), h("td", {}, this.values[name] ?? "–"))))),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", onclick: () => { drafts.forget(`incident-${this.id}`); this.touchedHere = false; this.open({ id: this.id }); } }, "Take what is there"),
        h("button", { type: "button", class: "button small", onclick: () => { this.version = theirs.version; this.tell(""); this.save(); } }, "Keep mine on top of it"))));
    this.note.scrollIntoView({ block: "nearest" });
  }

  asked(button) {
    fill(this.message, h("p", {}, "It leaves every map and count; its history keeps it."),
      h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: () => { fill(this.message); button.focus(); } }, "Cancel"),
        h("button", { type: "button", class: "button danger", onclick: () => this.remove() }, "Take it away")));
    $("button", this.message).focus();
  }

  async remove() {
    try {
      await send("DELETE", `/collections/incidents/items/${this.id}`, { headers: { "If-Match": `"${this.version}"` } });
      await this.done("Taken away", null);
    } catch (problem) {
      fill(this.message, h("p", { class: "wrong", role: "alert" }, [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")));
    }
  }
}
