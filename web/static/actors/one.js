// One actor: who it is, what was decided about speaking with it, where and when it operates, what the sources say of it.

import { label, mayWrite, panel, question, symbolOf, url } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { day, km2, moment, number, period, plural } from "../lib/format.js";
import { historyOf } from "../lib/history.js";
import { domainSign } from "../map/overlap.js";
import { interlocutor } from "./list.js";

const words = (list, codes) => String(codes).split(",").map((code) => label(list, code));
const grade = (row) => (row.reliability || row.credibility ? h("span", { class: "grade" }, `${row.reliability ?? "–"}${row.credibility ?? "–"}`) : null);
const fact = (title, ...value) => (value.some(Boolean) ? [h("dt", {}, title), h("dd", {}, value)] : []);

/**
 * What is told of an actor, as elements.
 * @param {Record<string, any>} found
 * @param {{ edit: () => void, merge: () => void, split: () => void, undo: (step: any) => void }} does
 */
export function speak(found, does) {
  const { actor, areas, sectors: works, steps = [] } = found;
  const tags = [label("domains", actor.domain), actor.kind && label("actor_kinds", actor.kind), actor.origin !== "unknown" && label("origins", actor.origin)].filter(Boolean);
  const also = [actor.acronym, actor.other_names && `also “${actor.other_names}”`, actor.merged.length && `and what came as “${actor.merged.join("”, “")}”`].filter(Boolean);
  return [
    h("header", { class: "one-head" },
      h("p", { class: "small hint-text" }, h("span", { class: "overline" }, "Actor"), h("span", { class: "tag" }, tags.join(" · ")), actor.under && h("span", { class: "tag" }, `under ${actor.under}`),
        h("span", { class: "stamp" }, `changed ${day(actor.recorded_at)}${actor.recorded_by && found.recorded ? ` by ${actor.recorded_by}` : ""} · version ${actor.version}`)),
      h("div", { class: "one-title" }, domainSign(actor.domain, 18), h("h2", { tabindex: -1 }, actor.name), also.length ? h("span", { class: "hint-text" }, also.join(" · ")) : null,
        h("span", { class: "does" },
          mayWrite && h("button", { type: "button", class: "button primary small", onclick: does.edit }, "Edit"),
          mayWrite && h("button", { type: "button", class: "button small", onclick: does.merge }, "Merge"),
          mayWrite && h("button", { type: "button", class: "button small", onclick: does.split }, "Split")))),
    h("div", { class: "one-who" },
      h("dl", { class: "who-facts" },
        fact("Mandate", actor.mandate), fact("Mission", actor.mission && label("missions", actor.mission)), fact("Role", actor.role),
        fact("Why mapped", actor.why_mapped && words("mapping_reasons", actor.why_mapped).map((each) => h("span", { class: "reason" }, icon("check"), each))),
        fact("Works in", actor.works_in && words("sectors", actor.works_in).join(", ")),
        fact("How its way of working differs", actor.method),
        fact("According to", actor.source, grade(actor))),
      found.recorded ? decided(actor) : h("p", { class: "small hint-text" }, "What was judged of an actor is told in rooms that record.")),
    where(found, areas),
    sectors(works),
    named(found.reported),
    steps.length ? taken(steps, actor, does) : null,
    question.as_of ? null : historyOf("actors", actor.id),
  ];
}

// Whether the country team speaks with it: its decision, with its day.
function decided(actor) {
  return h("div", { class: "card decided" },
    h("p", { class: "card-head" }, h("b", {}, "Interlocutor"), interlocutor(actor)),
    h("p", {}, actor.interlocutor === "undecided" ? "Nothing was decided yet." : [h("b", {}, `${actor.interlocutor_by} on ${day(actor.interlocutor_on)}`), actor.interlocutor_note ? `: ${actor.interlocutor_note}` : ""]),
    h("p", { class: actor.overdue ? "small late" : "small hint-text" }, actor.review_due ? `${actor.overdue ? "Review was due" : "Review due"} ${day(actor.review_due)}` : "No review is set", actor.reviewed_on ? ` · last ${day(actor.reviewed_on)}` : ""));
}

const stateOf = (row) => (row.period_end && row.period_end < panel.as_of ? "ended" : row.period_start && row.period_start > panel.as_of ? "planned" : "now");

// Bars on one axis of days, and beside them what a table would say.
function where(found, areas) {
  const head = h("h3", {}, "Where and when ");
  if (!areas.length) return section(head, h("p", { class: "hint-text" }, found.withheld.areas_of_operation ?? "No area of operation is recorded."));
  const known = areas.flatMap((row) => [row.period_start, row.period_end]).filter(Boolean).concat(panel.as_of).sort();
  const [first, last] = [Date.parse(known[0]), Math.max(Date.parse(known.at(-1)), Date.parse(known[0]) + 86400000)];
  const at = (iso) => ((Date.parse(iso) - first) / (last - first)) * 100;
  const units = areas.filter((row) => row.of !== found.actor.id).length;
  return section([head, h("span", { class: "hint-text" }, `${plural(areas.length, "claim")} on ground${units ? `, ${number(units)} of them by units under it` : ""}`)],
    wide("Where and when", h("table", { class: "claims" },
      h("thead", {}, h("tr", {}, ["Area", "What is claimed", "Days", "km²", "According to", "Grade"].map((title, i) => h("th", { scope: "col", class: i === 3 ? "end" : "" }, title)))),
      h("tbody", {}, areas.map((row) => {
        const state = stateOf(row);
        const colour = symbolOf("areas_of_operation", row.domain)?.stroke ?? "#6F757A";
        const [left, right] = [row.period_start ? at(row.period_start) : 0, row.period_end ? 100 - at(row.period_end) : 0];
        return h("tr", {},
          h("th", { scope: "row" }, row.of === found.actor.id ? (row.name ?? "Area") : `${row.of_name}: ${row.name ?? "area"}`, row.disputed ? h("span", { class: "late" }, " ? disputed") : ""),
          h("td", {}, label("positioning", row.positioning)),
          h("td", { class: "when" }, h("span", { class: "unseen" }, `${period(row.period_start, row.period_end)}, ${state}`),
            h("span", { class: "claim-days", "aria-hidden": "true", title: period(row.period_start, row.period_end) },
              h("i", { class: `${state}${row.of === found.actor.id ? "" : " unit"}`, style: `inset-inline-start:${left}%;inset-inline-end:${right}%;--bar:${colour}` }),
              h("u", { style: `inset-inline-start:${at(panel.as_of)}%` }))),
          h("td", { class: "end" }, row.km2 === undefined ? "–" : km2(row.km2)),
          h("td", { class: "source" }, row.source ?? ""),
          h("td", {}, grade(row)));
      })),
      h("tfoot", {}, h("tr", {}, h("td", { colspan: 2 }), h("td", { class: "when small hint-text" }, h("span", { class: "ends" }, h("span", {}, day(known[0])), h("b", {}, day(panel.as_of)), h("span", {}, day(known.at(-1))))), h("td", { colspan: 3 }))))));
}

function sectors(works) {
  if (!works.length) return null;
  return section(h("h3", {}, "What it does, by sector"),
    wide("By sector", h("table", { class: "plain" }, h("thead", {}, h("tr", {}, ["Sector", "Districts", "Where", "Days"].map((title, i) => h("th", { scope: "col", class: i === 1 ? "end" : "" }, title)))),
      h("tbody", {}, works.map((row) => h("tr", {}, h("th", { scope: "row" }, row.sector ? label("sectors", row.sector) : "Not said"), h("td", { class: "end" }, number(row.units)),
        h("td", {}, (row.places ?? []).filter(Boolean).join(", "), row.units > (row.places ?? []).length ? " …" : ""), h("td", {}, period(row.period_start, row.period_end))))))));
}

function named(incidents) {
  if (!incidents?.all) return null;
  return section([h("h3", {}, "Reported incidents that name it"), h("span", { class: "hint-text" }, `${plural(incidents.all, "incident")} in 12 months; the source names it as a party, which says nothing of who did what`)],
    wide("Reported incidents", h("table", { class: "plain" }, h("thead", {}, h("tr", {}, ["Day", "Reported as", "Place", "Reported by"].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, incidents.newest.map((row) => h("tr", {}, h("td", {}, day(row.occurred_from)), h("td", {}, label("event_types", row.event_type)), h("td", {}, row.location ?? ""), h("td", {}, row.source)))))));
}

function taken(steps, actor, does) {
  return section(h("h3", {}, "Merged and split"),
    h("ul", { class: "steps" }, steps.map((step) => h("li", {},
      h("span", {}, step.kind === "merge" ? `${step.other_name} was merged into ${step.name ?? actor.name}` : `${step.other_name} was split off ${step.name ?? actor.name}`,
        h("span", { class: "hint-text" }, ` · ${moment(step.taken_at)}${step.taken_by ? ` by ${step.taken_by}` : ""} · ${plural(step.areas, "claim")}, ${plural(step.units, "unit")}${step.undone_at ? ` · undone ${moment(step.undone_at)}` : ""}`)),
      mayWrite && !step.undone_at && step.actor_id === actor.id ? h("button", { type: "button", class: "button small", onclick: () => does.undo(step) }, icon("back"), "Undo") : null))));
}

// A table that scrolls in itself where the screen is narrow, by keyboard too.
const wide = (name, table) => h("div", { class: "scroll", role: "region", "aria-label": name, tabindex: 0 }, table);
const section = (head, ...body) => h("section", { class: "one-part" }, h("div", { class: "section-head" }, head), body);

// The chain of command: a nested list, of which the lines are only the picture.
export function chainOf({ actor, chain }, choose) {
  const under = new Map();
  for (const each of chain) under.set(each.under ?? 0, [...(under.get(each.under ?? 0) ?? []), each]);
  const branch = (key) => {
    const rows = under.get(key) ?? [];
    return rows.length ? h("ul", {}, rows.map((each) => h("li", {},
      h("button", { type: "button", class: "unit-row", "aria-current": each.id === actor.id ? "true" : null, onclick: () => choose(each.id) }, domainSign(each.domain, 12), h("b", {}, each.name), h("span", { class: "small hint-text" }, each.kind ? label("actor_kinds", each.kind) : "")),
      branch(each.id)))) : null;
  };
  const levels = Math.max(0, ...chain.map((each) => each.level));
  return [h("h2", { id: "chain-title" }, "Chain of command"), h("p", { class: "small hint-text" }, `as of ${day(panel.as_of)} · one chain never overlaps itself`),
    chain.length > 1 ? h("div", { class: "scroll tree", tabindex: 0, role: "region", "aria-label": "Chain of command" }, branch(0)) : h("p", { class: "hint-text" }, "It stands alone: nobody is recorded above or below it."),
    chain.length > 1 ? h("p", { class: "small hint-text" }, `${plural(chain.length, "actor")}, ${plural(levels, "level")}`) : null];
}

export function sharedWith({ actor, shares, withheld }, root) {
  const { all, largest } = shares;
  fill(root, h("div", { class: "section-head" }, h("h3", {}, "Shares ground with"), all === null || (!all && withheld.overlaps) ? null : h("span", { class: "small hint-text" }, plural(all, "overlap"))),
    all === null || (!all && withheld.overlaps) ? h("p", { class: "hint-text" }, withheld.overlaps ?? "Overlaps are withheld from this room.")
      : [h("ul", { class: "shares" }, largest.map((row) => h("li", {}, domainSign(row.domain, 12), h("span", {}, row.actor ?? "Withheld for this room"), h("span", { class: "end" }, row.km2 === null ? "" : `${km2(row.km2)} km²`)))),
        all ? h("a", { href: url("/overlaps", { q: actor.name, datetime: "" }), class: "small" }, all > largest.length ? `${number(all - largest.length)} more in the register` : "In the register") : null]);
}
