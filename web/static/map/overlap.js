// One overlap in words: both actors in equal size, four numbers, the days, what is inside, what was agreed.

import { get, label, panel, question, send, symbolOf } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { noneOf } from "../lib/empty.js";
import { notesOf } from "./notes.js";
import { sign } from "../lib/symbols.js";
import { day, days, km2, number, percent, period, plural } from "../lib/format.js";

const LISTS = { status: "overlap_status", strategy: "strategies", liaison: "liaison" };
const TITLES = { status: "Status", strategy: "Strategy", liaison: "Liaison arrangement", owner: "Owner", due: "Due" };

export const domainSign = (domain, size = 14) => {
  const symbol = symbolOf("areas_of_operation", domain) ?? symbolOf("areas_of_operation", "unknown");
  return symbol ? sign(symbol, { size }) : null;
};

export const badge = (level, size = 20) => {
  const symbol = symbolOf("risk_zones", level);
  return symbol ? sign(symbol, { size, badge: true }) : null;
};

const actorName = (name) => name || "Withheld for this room";

export function speak(p) {
  return `Overlap ${p.code}, ${actorName(p.actor_a)} and ${actorName(p.actor_b)}, ${km2(p.km2)} square kilometres, ${label("overlap_status", p.status).toLowerCase()}`;
}

export const speakEnded = (p) => `Overlap ${p.code}, ${actorName(p.actor_a)} and ${actorName(p.actor_b)}, ended`;

/** One that ended: why, since when, and what was agreed and noted, which can still be written on. */
export function endedBody(p, changed) {
  const coordination = new Coordination(p, changed);
  return [
    h("section", { class: "section" },
      h("div", { class: "pair" }, card(p.actor_a, p.domain_a), card(p.actor_b, p.domain_b)),
      h("p", {}, h("b", {}, `${label("endings", p.ended)}.`), ` Ended on ${day(p.ended_on)}.`),
      h("p", { class: "hint-text" }, `Together ${period(p.period_start, p.period_end)}, ${km2(p.km2)} km². ${p.ended === "over" ? "It is open again when both stay longer." : "It is open again, as it stands here, once the two meet again."}`)),
    h("section", { class: "section" }, h("div", { class: "section-head" }, h("h3", {}, "Coordination"), coordination.version), coordination.element),
    notesOf(p, (now) => changed?.(now)),
  ];
}

export function overlapBody(p, changed) {
  const cards = h("div", { class: "pair" }, card(p.actor_a, p.domain_a), card(p.actor_b, p.domain_b));
  const spans = h("div", { class: "spans" });
  const where = h("section", { class: "section" });
  const coordination = new Coordination(p, changed);
  drawSpans(spans, p, [], []);
  get(`/overlaps/${p.id}/places`, { datetime: "" }).then(({ places, joined }) => {
    const [a, b] = ["a", "b"].map((side) => places.map((each) => each[side]).filter(Boolean));
    fill(cards, card(p.actor_a, p.domain_a, a), card(p.actor_b, p.domain_b, b));
    drawSpans(spans, p, a, b);
    fill(where, h("h3", {}, plural(places.length, "place")), places.map((each) => placeOf(p, each)),
      joined.length ? h("p", { class: "small hint-text" }, `${joined.join(", ")} ${joined.length === 1 ? "was" : "were"} joined into this one: the same two actors.`) : null);
  }).catch((problem) => fill(spans, h("p", { class: "small hint-text" }, `${problem.title}: when each of them is there is not shown.`)));
  return [
    h("section", { class: "section" }, cards),
    h("section", { class: "section" },
      h("div", { class: "keys" },
        key(km2(p.km2), "km² shared"),
        key(percent(p.share_a), `of ${possessive(p.actor_a)} area`),
        key(percent(p.share_b), `of ${possessive(p.actor_b)} area`),
        key(p.days === null || p.days === undefined ? "open" : number(p.days), p.days === null || p.days === undefined ? "no end known" : "days")),
      spans),
    where,
    h("section", { class: "section" }, h("h3", {}, "Inside the overlap"), inside(p)),
    h("section", { class: "section" }, h("div", { class: "section-head" }, h("h3", {}, "Coordination"), coordination.version),
      coordination.element),
    notesOf(p, (now) => changed?.(now)),
  ];
}

// One place where the two meet: how much ground, which areas of each, since when; or why it is none any more.
function placeOf(p, place) {
  const side = (name, area) => area && h("div", {}, h("b", {}, `${actorName(name)}: `),
    [area.name, area.positioning && label("positioning", area.positioning), area.sector && label("sectors", area.sector),
     [area.source, area.reliability && `graded ${area.reliability}${area.credibility ?? ""}`].filter(Boolean).join(", "), area.disputed && "disputed"].filter(Boolean).join(" · ") || "area");
  return h("div", { class: "place" },
    h("div", {}, h("b", {}, `${km2(place.km2)} km²`), ` · ${period(place.period_start, place.period_end)}`, place.handling && ` · ${place.handling}`),
    place.ended ? h("div", { class: "hint-text" }, `${label("endings", place.ended)}, on ${day(place.ended_on)}`) : null,
    side(p.actor_a, place.a), side(p.actor_b, place.b));
}

const possessive = (name) => (name ? `${name.split(" ").slice(0, 2).join(" ").replace(/[^\p{L}\p{N}]+$/u, "")}’s` : "one");
const key = (value, words) => h("div", { class: "key" }, h("b", {}, value), h("span", {}, words));

// The days of one side's parts that meet the other's, at whichever place: the first two, and how many more.
const periodsOf = (areas) => [...new Map(areas.flatMap((each) => each.periods).map((each) => [`${each.period_start}/${each.period_end}`, each])).values()];
function daysOf(areas) {
  const periods = periodsOf(areas);
  const more = periods.length - 2;
  return [...periods.slice(0, 2).map((each) => period(each.period_start, each.period_end)), more > 0 && `and ${plural(more, "period")} more`];
}

function card(name, domain, areas = []) {
  const words = (of) => [...new Set(areas.map(of).filter(Boolean))];
  const sources = words((area) => [area.source, area.reliability && `graded ${area.reliability}${area.credibility ?? ""}`].filter(Boolean).join(", "));
  const lines = areas.length
    ? [[...words((area) => area.kind && label("actor_kinds", area.kind)), ...words((area) => area.sector && label("sectors", area.sector))].join(" · "),
       ...daysOf(areas), sources[0] && (sources.length > 1 ? `${sources[0]}, and ${plural(sources.length - 1, "source")} more` : sources[0]),
       areas.some((area) => area.disputed) && "disputed"]
    : [label("domains", domain)];
  return h("div", { class: "actor" }, h("b", {}, domainSign(domain), h("span", {}, actorName(name))), lines.filter(Boolean).map((line) => h("div", {}, line)));
}

function drawSpans(root, p, a, b) {
  const rows = [[actorName(p.actor_a), p.domain_a, a], [actorName(p.actor_b), p.domain_b, b]];
  const all = [p, ...periodsOf(a), ...periodsOf(b)];
  const starts = all.map((each) => each.period_start).filter(Boolean).sort();
  const ends = [...all.map((each) => each.period_end), panel.as_of].filter(Boolean).sort();
  const [first, last] = [Date.parse(starts[0] ?? panel.as_of), Date.parse(ends.at(-1))];
  const at = (iso, open) => (iso ? Math.min(100, Math.max(0, ((Date.parse(iso) - first) / Math.max(1, last - first)) * 100)) : open);
  const together = panel.as_of >= (p.period_start ?? "") && panel.as_of <= (p.period_end ?? "9999")
    ? `today: day ${number(days(p.period_start ?? panel.as_of, panel.as_of))}` : (p.period_end ?? "9999") < panel.as_of ? "ended" : "not begun";
  fill(root,
    rows.map(([name, domain, area]) => [
      h("span", { title: name }, name),
      h("div", { class: "span-track", dir: "ltr" },
        periodsOf(area).map((each) => h("div", { class: "span-bar", title: period(each.period_start, each.period_end), style: `left:${at(each.period_start, 0)}%;right:${100 - at(each.period_end, 100)}%;background:${symbolOf("areas_of_operation", domain)?.stroke ?? "#6F757A"}` }))),
    ]),
    h("b", {}, "Together"),
    h("div", { class: "span-words" }, h("b", {}, period(p.period_start, p.period_end)), h("span", { class: "hint-text" }, together)));
}

// What lies inside is counted as of now, and by what the room is shown.
const NOT_THEN = "is not kept for another day";
export const noRisk = () => (question.as_of ? `Risk inside ${NOT_THEN}` : noneOf("risk_zones", "No risk zone recorded."));
const noneCounted = () => (question.as_of ? `The count of incidents ${NOT_THEN}` : noneOf("incidents", "Not counted yet."));

function inside(p) {
  const incidents = p.incidents === null || p.incidents === undefined;
  return h("div", { class: "inside" },
    p.risk ? badge(p.risk) : icon("hidden"), h("span", {}, p.risk ? `Highest risk: ${label("risk_levels", p.risk)}` : noRisk()), h("span", {}, p.risk ? `level ${p.risk}` : ""),
    icon("alert"), h("span", {}, incidents ? noneCounted() : plural(p.incidents, "incident")), h("span", {}, "in the days together"),
    icon("map"), h("span", {}, p.districts || "District not known"), h("span", {}, p.sector ? label("sectors", p.sector) : ""));
}

// The register's own fields of an overlap. Every change names the version it was made from; a clash shows both.
export class Coordination {
  /** @type {Record<string, any>} */
  p;
  /** @type {(now: Record<string, any>) => void} */
  changed;

  constructor(p, changed) {
    Object.assign(this, { p: { ...p }, changed });
    this.element = h("form", { class: "form", onsubmit: (event) => event.preventDefault() });
    this.version = h("span", {});
    this.turn = Promise.resolve();
    this.draw();
    this.write();
  }

  draw() {
    const off = !panel.audience.may_write;
    const save = (name) => (event) => this.save(name, event.target.value);
    const select = (name) => h("label", { class: "field" }, TITLES[name],
      h("select", { name, disabled: off, onchange: save(name) },
        Object.entries(panel.codes[LISTS[name]]).map(([code, words]) => h("option", { value: code }, words))));
    fill(this.element,
      h("fieldset", { class: "segments" }, h("legend", {}, TITLES.strategy),
        Object.entries(panel.codes.strategies).map(([code, words]) => h("label", {},
          h("input", { type: "radio", name: "strategy", value: code, disabled: off, onchange: () => this.save("strategy", code) }), words))),
      select("status"),
      h("label", { class: "field" }, TITLES.owner,
        h("input", { name: "owner", disabled: off, maxlength: 200, autocomplete: "off", placeholder: "No owner", onchange: save("owner") })),
      select("liaison"),
      h("label", { class: "field" }, TITLES.due,
        h("span", { class: "day" }, h("input", { type: "date", name: "due", disabled: off, onchange: save("due") }))),
      (this.message = h("div", { class: "whole" }, off && h("p", { class: "small hint-text" }, `${panel.audience.title} reads this register; the Internal room writes on it.`))));
  }

  // What is kept, into the fields; not into the one that somebody is writing in, unless that was just refused.
  write(refused = null) {
    this.version.textContent = `version ${this.p.version}`;
    for (const control of this.element.elements) {
      const value = this.p[control.name] ?? "";
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.name && (control !== document.activeElement || control.name === refused)) control.value = value;
      if (control.type === "date") control.parentElement.dataset.words = day(this.p.due, "no due date");
    }
  }

  // One change after the other, so that two quick ones by the same person are not a clash.
  save(name, value) {
    this.turn = this.turn.then(() => this.keep(name, value));
    return this.turn;
  }

  async keep(name, value) {
    if ((this.p[name] ?? "") === value) return;
    const { version } = this.p;
    try {
      const now = await send("PATCH", `/overlaps/${this.p.id}`, {
        body: JSON.stringify({ [name]: value === "" ? null : value }),
        headers: { "Content-Type": "application/json", "If-Match": `"${version}"` },
      });
      const before = this.p[name];
      this.take(now);
      const undo = h("button", { type: "button", class: "quiet", onclick: () => this.save(name, before ?? "") }, "Undo");
      fill(this.message, h("p", { class: "small" }, icon("check"), ` ${TITLES[name]} kept, version ${now.version}. `, undo));
      say(`${TITLES[name]} of ${this.p.code} kept`);
    } catch (problem) {
      this.write(name);
      if (problem.status === 412) this.clash(name, value, problem.body);
      else this.refuse(problem, name, value);
    }
  }

  take(now) {
    Object.assign(this.p, now);
    this.write();
    fill(this.message);
    this.changed?.(now);
  }

  // What was written is not lost with the refusal: it can be sent again as it was.
  refuse(problem, name, value) {
    const again = h("button", { type: "button", class: "button small", onclick: () => this.save(name, value) }, `Set ${TITLES[name].toLowerCase()} again`);
    fill(this.message, h("div", { class: "conflict", role: "alert" },
      h("p", {}, [`${TITLES[name]} was not kept.`, problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")), again));
  }

  // Somebody else wrote meanwhile: both versions side by side, and the person decides.
  clash(name, value, body) {
    const now = body.current ?? {};
    const words = (field, v) => (v === null || v === undefined || v === "" ? "–" : LISTS[field] ? label(LISTS[field], v) : field === "due" ? day(v) : String(v));
    const differ = Object.keys(TITLES).filter((field) => field === name || (field in now && (now[field] ?? "") !== (this.p[field] ?? "")));
    fill(this.message,
      h("div", { class: "conflict", role: "alert" },
        h("b", {}, `Somebody else changed ${this.p.code}: it is at version ${now.version}.`),
        h("table", {}, h("tr", {}, h("th", {}, ""), h("th", {}, "There now"), h("th", {}, "Yours")),
          differ.map((field) => h("tr", {}, h("th", {}, TITLES[field]), h("td", {}, words(field, now[field])), h("td", {}, words(field, field === name ? value : this.p[field]))))),
        h("div", {},
          h("button", { type: "button", class: "button small", onclick: () => this.take(now) }, "Keep what is there"), " ",
          h("button", { type: "button", class: "button small", onclick: () => { Object.assign(this.p, now); this.save(name, value); } }, `Set ${TITLES[name].toLowerCase()} to yours`))));
  }
}
