// Finding a place on the map: a name, or coordinates in any notation; the operation's own places before the world's.

import { $, fill, h, icon, say, style } from "../lib/dom.js";
import { PlaceField } from "../lib/place_field.js";

/* global L */

export class Search {
  constructor(map, button, { still }) {
    Object.assign(this, { map, button, still });
    this.field = new PlaceField({ sign: icon("search"), title: "Place, P-code, coordinates, MGRS", required: true, changed: () => this.go() });
    this.told = h("p", { class: "search-told", role: "alert", hidden: true });
    this.form = h("form", { class: "map-search", role: "search", "aria-label": "Find a place", hidden: true, novalidate: true,
      onsubmit: (event) => { event.preventDefault(); this.go(); },
      onkeydown: (event) => event.key === "Escape" && !event.defaultPrevented && this.close() },
      this.field.element, h("button", { type: "submit", class: "button small primary" }, "Go"),
      h("button", { type: "button", class: "bare", "aria-label": "Close the search", onclick: () => this.close() }, icon("close")), this.told);
    this.mark = L.circleMarker([0, 0], { radius: 11, color: "#17212B", weight: 3, fill: false, interactive: false });
    L.DomEvent.disableClickPropagation(this.form);
    L.DomEvent.disableScrollPropagation(this.form);
    $("#map").append(this.form);
  }

  async open() {
    await style("lib/place_field.css");
    this.form.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.field.input.focus();
    this.field.input.select();
  }

  close() {
    this.form.hidden = true;
    this.mark.remove();
    this.button.setAttribute("aria-expanded", "false");
    this.button.focus();
  }

  async go() {
    this.told.hidden = true;
    if (!this.field.value) return;
    try {
      const { name, what, lat, lon } = await this.field.place();
      this.field.close();
      this.mark.setLatLng([lat, lon]).addTo(this.map);
      this.map.setView([lat, lon], Math.max(this.map.getZoom(), 11), { animate: !this.still, duration: 0.5 });
      say(`${name}, ${what}`);
    } catch (problem) {
      fill(this.told, [problem.detail || problem.title || problem.message, problem.hint].filter(Boolean).join(" "));
      this.told.hidden = false;
    }
  }
}
