// What is known inside a shape: incidents to tick, what they alone suggest, and who would see a zone there.

import { label, symbolOf } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { swatch } from "../lib/symbols.js";
import { day, number, plural } from "../lib/format.js";

const FIRST = 8;
const idOf = (each) => `${each.source}\u0000${each.event}`;

// An incident's disc as on the map.
function disc(incident) {
  const symbol = symbolOf("incidents", incident.event_type) ?? symbolOf("incidents", null);
  return symbol ? swatch(symbol, "point", { width: 18, height: 18 }) : h("span", {});
}

const shortDay = (iso) => day(iso).split(" ").slice(0, 2).join(" ");
const what = (incident) => incident.sub_event_type || incident.event_type || "Incident";

const line = (incident, lead) => [
  lead, disc(incident), h("span", { class: "what", title: what(incident) }, what(incident)), h("span", { class: "when", title: day(incident.occurred_from) }, shortDay(incident.occurred_from)),
  h("span", { class: "where", title: incident.location ?? "" }, incident.location ?? ""), h("span", { class: "sure" }, label("verification", incident.verification).toLowerCase()),
];

// The incidents of a zone as they are told, without boxes.
export const told = (incidents) => h("ul", { class: "evidence told" }, incidents.map((incident) => h("li", {}, line(incident))));

export class Evidence {
  /** @type {(evidence: { source: string, event: string }[]) => void} */
  changed;
  /** @type {Map<string, any>} */
  known;
  /** @type {Set<string>} */
  ticked;
  /** @type {any[]} */
  inside;
  /** @type {any} */
  look;
  /** @type {boolean} */
  all;
  /** @type {Record<string, string>} */
  only;

  // `changed` is told the list of { source, event } that are ticked.
  constructor(changed) {
    Object.assign(this, { changed, known: new Map(), ticked: new Set(), inside: [], look: null, all: false, only: { event_type: "", verification: "" } });
    this.filters = h("div", { class: "evidence-filters" });
    this.summary = h("span", { class: "hint-line" });
    this.list = h("div", { class: "evidence-box" });
    this.buttons = h("span", { class: "evidence-all" });
    this.element = h("div", { class: "whole", "data-field": "evidence" },
      h("div", { class: "field-head" }, h("b", {}, "Evidence"), this.summary, this.buttons), this.filters, this.list);
    this.draw();
  }

  // What was ticked before, with what is known about it.
  set(evidence, incidents = []) {
    for (const incident of incidents) this.known.set(idOf(incident), incident);
    this.ticked = new Set((evidence ?? []).map(idOf));
    this.draw();
  }

  show(look) {
    this.look = look;
    this.inside = look?.incidents ?? [];
    for (const incident of this.inside) this.known.set(idOf(incident), incident);
    this.draw();
  }

  get value() {
    return [...this.ticked].sort().map((id) => {
      const [source, event] = id.split("\u0000");
      return { source, event };
    });
  }

  tick(ids, on) {
    for (const id of ids) this.ticked[on ? "add" : "delete"](id);
    this.changed(this.value);
  }

  row(incident) {
    const id = idOf(incident);
    const box = h("input", { type: "checkbox", checked: this.ticked.has(id), onchange: () => {
      this.tick([id], box.checked);
      this.count();
    } });
    return h("li", {}, h("label", {}, line(incident, box)));
  }

  count() {
    const { look } = this;
    this.summary.textContent = look ? `${plural(this.inside.length, "incident")} inside the shape, last ${look.days} days · ${number(this.ticked.size)} ticked` : "follows the shape";
  }

  // What is chosen of the incidents inside: "Tick all" ticks these alone.
  get listed() {
    return this.inside.filter((incident) => Object.entries(this.only).every(([name, value]) => !value || (incident[name] ?? "") === value));
  }

  drawFilters() {
    const choice = (name, title, words) => {
      const values = [...new Set(this.inside.map((incident) => incident[name] ?? ""))].filter(Boolean).sort();
      if (!values.includes(this.only[name])) this.only[name] = "";
      return values.length > 1 && h("select", { class: "input", "aria-label": title, onchange: (event) => {
        this.only[name] = event.target.value;
        this.draw();
      } }, h("option", { value: "" }, title), values.map((value) => h("option", { value, selected: value === this.only[name] }, words(value))));
    };
    fill(this.filters, choice("event_type", "All types", (value) => value), choice("verification", "However verified", (value) => label("verification", value)));
  }

  draw() {
    this.count();
    this.drawFilters();
    const inside = new Set(this.inside.map(idOf));
    const { listed } = this;
    const outside = [...this.ticked].filter((id) => !inside.has(id));
    const shown = this.all ? listed : listed.slice(0, FIRST);
    const more = listed.length - shown.length;
    const every = (on, words) => h("button", { type: "button", class: "quiet", onclick: () => {
      this.tick(listed.map(idOf), on);
      this.draw();
    } }, words);
    fill(this.buttons, this.inside.length > 1 && [every(true, listed.length < this.inside.length ? `Tick these ${number(listed.length)}` : "Tick all"), every(false, "None")]);
    if (!this.look && !outside.length) {
      fill(this.list, h("p", { class: "hint-text" }, "Draw the shape; the incidents inside it are listed here."));
      return;
    }
    const strange = (id) => h("li", {}, h("label", {}, h("input", { type: "checkbox", checked: true, onchange: () => {
      this.tick([id], false);
      this.draw();
    } }), h("span", {}), h("span", { class: "what" }, this.known.has(id) ? what(this.known.get(id)) : id.split("\u0000")[1]), h("span", { class: "when" }, this.known.has(id) ? shortDay(this.known.get(id).occurred_from) : ""), h("span", { class: "where" }, "outside the shape or the days"), h("span", {})));
    fill(this.list,
      h("ul", { class: "evidence" }, shown.map((incident) => this.row(incident)), (this.look ? outside : []).slice(0, this.all ? undefined : 3).map(strange),
        this.look && !this.inside.length && h("li", { class: "none" }, "No incident known to the settlement lies inside. That is not the same as nothing having happened."),
        this.look?.district_only > 0 && h("li", { class: "counted" }, icon("refused"), h("span", { class: "what" }, plural(this.look.district_only, "event")), h("span", {}, "known to the district only: counted there, not evidence here"))),
      more > 0 && h("button", { type: "button", class: "quiet", onclick: () => {
        this.all = true;
        this.draw();
      } }, `Show ${number(more)} more`));
  }
}

// Which rooms see a zone with this handling, how, and by which rule.
export const rooms = (seen) => h("table", { class: "rooms" }, h("tbody", {}, seen.map((room) => h("tr", { class: room.how === "withheld" ? "held" : null },
  h("th", { scope: "row" }, room.title), h("td", {}, room.how === "withheld" ? icon("hidden") : icon("eye"), " ", room.how), h("td", { class: "hint-text" }, room.why)))));
