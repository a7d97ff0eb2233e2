// What an incident has beyond its schema: the events that sources report, and their closer types.

import { label, panel } from "../lib/api.js";
import { folded } from "./controls.js";

const of = (known, value, word = (each) => each) => [...new Set([...known, value].filter(Boolean))].map((each) => ({ const: each, title: word(each) }));

export const INCIDENT = {
  pointName: "Where it happened",
  controls: {
    event_type: (form, field) => folded({ ...field, choices: of(Object.keys(panel.events), form.values.event_type, (each) => label("event_types", each)) }, form.values.event_type, (value) => form.set("event_type", value)),
    sub_event_type(form, field) {
      const known = panel.events[form.values.event_type] ?? [];
      const element = folded({ ...field, choices: of(known, form.values.sub_event_type) }, form.values.sub_event_type, (value) => form.set("sub_event_type", value));
      element.querySelector("select").disabled = !known.length;
      return element;
    },
  },
  changed(form, name) {
    if (name !== "event_type") return;
    if (!(panel.events[form.values.event_type] ?? []).includes(form.values.sub_event_type)) form.values.sub_event_type = null;
    form.redraw("sub_event_type");
  },
  removable: (form) => form.now.source === "hand",
};
