// A field that names another record, which is chosen by a click on the map: the road of a report.

import { get } from "../lib/api.js";
import { h, say } from "../lib/dom.js";
import { take } from "./handles.js";

// Gives { element, stop }; `set` is told the id.
export function referenceField(map, field, value, set) {
  const collection = field["x-ogc-collectionId"];
  const name = h("span", { class: "hint-line" }, "Required · click it on the map");
  const input = h("input", { class: "input", name: field.name, inputmode: "numeric", autocomplete: "off", value: value ?? "", "aria-label": `${field.title}, by its number`, oninput: () => put(input.value.trim() || null) });
  const trouble = h("p", { class: "wrong", role: "alert", hidden: true });
  const tell = (words) => {
    trouble.textContent = words;
    trouble.hidden = !words;
  };
  const show = async (id) => {
    try {
      const { properties } = await get(`/collections/${collection}/items/${id}`, { datetime: "" });
      name.textContent = properties.name || `No. ${id}`;
    } catch {
      name.textContent = `No. ${id}`;
    }
  };
  const put = (id) => {
    tell("");
    set(id);
  };
  const clicked = async ({ lat, lng }) => {
    try {
      const { features } = await get("/identify", { lon: lng.toFixed(6), lat: lat.toFixed(6), zoom: map.getZoom(), layers: collection, datetime: "" });
      if (!features.length) return tell("None of them lies there. Move closer and click on the line.");
      input.value = features[0].id;
      name.textContent = features[0].title;
      say(`${field.title}: ${features[0].title}`);
      put(String(features[0].id));
    } catch (problem) {
      tell([problem.detail, problem.hint].filter(Boolean).join(" "));
    }
  };
  const key = (event) => {
    if (event.target !== map.getContainer() || (event.key !== " " && event.key !== "Enter")) return false;
    clicked(map.getCenter());
    return true;
  };
  const stop = take(map, { clicked, key });
  if (value) show(value);
  return { stop, element: h("div", { class: "whole", "data-field": field.name }, h("div", { class: "field-head" }, h("b", {}, field.title), name), input, trouble) };
}
