// The list of actors: those that the room is told of, narrowed by words, domain, interlocutor and the day of the next review.

import { get, label, panel } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { day, number, plural } from "../lib/format.js";
import { nothing } from "../lib/empty.js";
import { domainSign } from "../map/overlap.js";

const FILTERS = {
  q: { title: "Name, acronym, former name" },
  domain: { title: "Domain", list: "domains" },
  kind: { title: "Kind", list: "actor_kinds" },
  interlocutor: { title: "Interlocutor", list: "interlocutors", judged: true },
  due: { title: "Review", words: { over: "was due", month: "due in 30 days", none: "no day set" }, judged: true },
};
const AREAS = "areas_of_operation";
const PAUSE = 200; // ms after the last letter

export const interlocutor = (row) => h("span", { class: `said ${row.interlocutor}` }, label("interlocutors", row.interlocutor));

export class List {
  /**
   * @param {Record<string, string>} filters those of the address
   * @param {(id: number) => void} choose
   * @param {(filters: Record<string, string>) => void} narrowed
   */
  constructor(filters, choose, narrowed) {
    Object.assign(this, { filters, choose, narrowed, open: null, found: null, turn: 0 });
  }

  async load() {
    const turn = (this.turn += 1);
    const waiting = setTimeout(() => fill($("#listed"), skeleton(8, 42)), 150);
    try {
      const found = await get("/actors/register", { ...this.filters, datetime: "" });
      if (turn !== this.turn) return;
      this.found = found;
      this.narrowed(this.filters);
      this.draw();
    } catch (problem) {
      if (turn === this.turn) fill($("#listed"), failure(problem, () => this.load()));
    } finally {
      clearTimeout(waiting);
    }
  }

  draw() {
    const { actors, all, overdue } = this.found;
    $("#counted").textContent = actors.length === all ? number(all) : `${number(actors.length)} of ${number(all)}`;
    this.drawFilters();
    const active = Object.entries(this.filters).filter(([, value]) => value);
    fill($("#hidden-by"),
      active.length && all > actors.length ? [`${plural(all - actors.length, "actor")} hidden by ${active.map(([name]) => FILTERS[name].title.toLowerCase()).join(" and ")} `, h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, "Clear")]
        : overdue ? h("button", { type: "button", class: "quiet", onclick: () => this.set("due", "over") }, `${plural(overdue, "review")} past the day`)
          : this.found.withheld ?? "");
    if (!actors.length) return void fill($("#listed"), active.length && all
      ? h("div", { class: "state" }, h("p", { class: "state-title" }, "Nobody matches"), h("button", { type: "button", class: "button", onclick: () => this.clear() }, "Clear the filters"))
      : nothing(AREAS, { title: "No actors yet", words: "A list of who does what where, or a file of areas, brings them; so does New actor." }, this.found));
    const groups = Map.groupBy ? Map.groupBy(actors, (each) => each.domain) : actors.reduce((all_, each) => all_.set(each.domain, [...(all_.get(each.domain) ?? []), each]), new Map());
    const order = Object.keys(panel.codes.domains);
    fill($("#listed"), [...groups].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([domain, rows]) => [
      h("h2", { class: "overline group" }, label("domains", domain), h("span", {}, number(rows.length))),
      h("ul", {}, rows.map((row) => this.line(row))),
    ]));
    say(`${plural(actors.length, "actor")} listed`, "list");
  }

  line(row) {
    const kind = [row.kind && label("actor_kinds", row.kind), row.units && plural(row.units, "unit")].filter(Boolean).join(" · ");
    const due = row.review_due ? (row.overdue ? `was due ${day(row.review_due)}` : `review ${day(row.review_due)}`) : "";
    return h("li", {}, h("button", { type: "button", class: "actor-row", "data-id": row.id, "aria-current": this.open === row.id ? "true" : null, onclick: () => this.choose(row.id) },
      domainSign(row.domain), h("span", { class: "who" }, h("b", {}, row.name), h("span", { class: "small hint-text" }, kind || row.acronym || "")),
      h("span", { class: "what" }, row.interlocutor ? interlocutor(row) : null, h("span", { class: row.overdue ? "small late" : "small hint-text" }, due))));
  }

  mark(id) {
    this.open = id;
    for (const each of document.querySelectorAll("#listed .actor-row")) {
      if (Number(each.getAttribute("data-id")) === id) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  }

  async set(name, value) {
    this.filters[name] = value;
    await this.load();
    $(`#filters [name="${name}"]`)?.focus();
  }

  clear() {
    for (const name of Object.keys(this.filters)) this.filters[name] = "";
    return this.load();
  }

  drawFilters() {
    const root = $("#filters");
    const had = document.activeElement?.getAttribute("name") === "q";
    if (!root.childElementCount) root.addEventListener("submit", (event) => event.preventDefault());
    const chips = Object.entries(FILTERS).filter(([name, filter]) => name !== "q" && (!filter.judged || panel.audience.may_write)).map(([name, filter]) => {
      const value = this.filters[name] ?? "";
      const options = Object.entries(filter.words ?? panel.codes[filter.list]).filter(([code]) => name !== "domain" || code === value || this.found.domains[code]);
      return h("label", { class: value ? "chip on" : "chip" }, filter.title,
        h("select", { name, onchange: (event) => this.set(name, event.target.value) }, h("option", { value: "" }, "any"), options.map(([code, words]) => h("option", { value: code, selected: code === value }, words))));
    });
    if (root.childElementCount) return void root.querySelectorAll("label.chip").forEach((each, i) => each.replaceWith(chips[i]));
    const words = h("input", { name: "q", type: "search", class: "input", value: this.filters.q ?? "", autocomplete: "off", placeholder: FILTERS.q.title, "aria-label": FILTERS.q.title, maxlength: 300, oninput: (event) => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => {
        this.filters.q = event.target.value.trim();
        this.load();
      }, PAUSE);
    } });
    fill(root, h("span", { class: "find" }, icon("search"), words), chips);
    if (had) words.focus();
  }
}
