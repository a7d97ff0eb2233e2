// A field for a place: coordinates in any notation, or a name with suggestions while it is typed. What was chosen is kept with it.

import { get } from "./api.js";
import { fill, h, say } from "./dom.js";
import { plural } from "./format.js";

let made = 0;

export class PlaceField {
  // `sign` stands in the disc before it, `title` is its name for readers, `changed(field)` follows a choice.
  constructor({ sign, title, kind = "", required = false, changed, remove }) {
    const id = `place-${(made += 1)}`;
    this.changed = changed;
    Object.assign(this, { spot: null, places: [], at: -1 });
    this.input = h("input", { class: "input", id, required, maxlength: 100, autocomplete: "off", placeholder: title, role: "combobox",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event), onblur: () => this.close() });
    this.list = h("ul", { class: "suggestions", id: `${id}-list`, role: "listbox", "aria-label": `${title}: places that may be meant`, hidden: true });
    this.where = h("span", { class: "mgrs", dir: "ltr" });
    this.disc = h("span", { class: `disc ${kind}`, "aria-hidden": "true" }, sign);
    this.label = h("label", { class: "unseen", for: id }, title);
    this.element = h("div", { class: "place-field" }, this.disc, this.label, h("span", { class: "place-box" }, this.input, this.where, this.list), remove);
  }

  get value() {
    return this.input.value.trim();
  }

  set value(words) {
    this.input.value = words;
    this.keep(null);
  }

  keep(spot) {
    this.spot = spot;
    this.where.textContent = spot && spot.mgrs !== spot.name ? spot.mgrs : "";
  }

  // Where it is: asked of the service unless it was chosen from the list.
  async place() {
    if (!this.value) return null;
    if (!this.spot) this.keep(await get("/place", { q: this.value, datetime: "" }));
    return this.spot;
  }

  typed() {
    this.keep(null);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.suggest(), 150);
  }

  async suggest() {
    const asked = this.value;
    if (asked.length < 2) return this.close();
    const opening = (this.opening = {});
    let found;
    try {
      found = await get("/places", { q: asked, datetime: "" });
    } catch {
      return this.close();
    }
    // Whoever chose or went on meanwhile closed the list: a late answer neither opens it again nor speaks over what was said then.
    if (opening !== this.opening || asked !== this.value || document.activeElement !== this.input) return;
    this.places = found.places;
    this.at = -1;
    fill(this.list, found.places.map((place, i) => h("li", { role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); this.take(i); } },
      h("b", {}, place.name), h("span", {}, place.what), h("bdi", { dir: "ltr" }, place.mgrs))));
    this.list.hidden = !found.places.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    say(found.places.length ? plural(found.places.length, "place") : "No place of that name");
  }

  key(event) {
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.at = (this.at + step + this.places.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.places.length;
      [...this.list.children].forEach((line, i) => line.setAttribute("aria-selected", String(i === this.at)));
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
      this.list.children[this.at].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  take(i) {
    const place = this.places[i];
    this.input.value = place.name;
    this.keep(place);
    this.close();
    this.changed?.(this);
  }

  close() {
    clearTimeout(this.waiting);
    this.opening = null;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
