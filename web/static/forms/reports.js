// An incident in the drawer, and which reports are, or may be, of the same event.

import { get, label, mayWrite, send } from "../lib/api.js";
import { failure, fill, h, icon, skeleton } from "../lib/dom.js";
import { facts } from "../map/drawer.js";
import { day } from "../lib/format.js";

const JSON_TYPE = { "Content-Type": "application/json" };

export class IncidentCard {
  /** @type {import("../map/drawer.js").Drawer} */
  drawer;
  /** @type {(id: number) => void} */
  correct;
  /** @type {() => Promise<void>} */
  refresh;

  constructor(drawer, { correct, refresh }) {
    Object.assign(this, { drawer, correct, refresh });
  }

  overline(record) {
    return [record.layer_title, label("verification", record.properties.verification)];
  }

  body(record) {
    const reports = h("section", { class: "section" }, skeleton(1, 28));
    if (mayWrite) this.list(record, reports);
    return [h("section", { class: "section" }, facts(record)), mayWrite && reports];
  }

  foot(record) {
    return mayWrite && h("button", { type: "button", class: "button primary", onclick: () => this.correct(record.id) }, "Correct");
  }

  async list(record, home, said = "") {
    try {
      const { reports } = await get(`/incidents/${record.id}/reports`, { datetime: "" });
      fill(home, h("h3", {}, "Reports of this event"),
        said && h("p", { class: "said-note", role: "status" }, icon("check"), said),
        reports.length ? h("ul", { class: "reports" }, reports.map((each) => this.line(record, home, each)))
          : h("p", { class: "hint-text" }, "No other source reports anything within 25 km and 3 days of it."));
    } catch (problem) {
      fill(home, failure(problem, () => this.list(record, home)));
    }
  }

  line(record, home, each) {
    const work = async (method, path, body, said) => {
      try {
        await send(method, path, { headers: JSON_TYPE, body });
        await this.refresh();
        await this.list(record, home, said);
      } catch (problem) {
        home.append(h("p", { class: "wrong", role: "alert" }, [problem.detail, problem.hint].filter(Boolean).join(" ")));
      }
    };
    return h("li", {},
      h("span", {}, h("b", {}, each.sub_event_type || each.event_type), h("br"), h("span", { class: "hint-text" }, `${day(each.occurred_from)} · ${each.source} · ${each.km} km · TLP:${each.handling}`)),
      each.linked
        ? h("button", { type: "button", class: "button small", onclick: () => work("DELETE", `/incidents/${each.id}/link`, undefined, "Each report stands for itself again.") }, "Not the same")
        : h("button", { type: "button", class: "button small", onclick: () => work("POST", "/incidents/links", JSON.stringify({ one: record.id, other: each.id }), "Both are kept; one is counted and drawn.") }, "Same event"));
  }
}
