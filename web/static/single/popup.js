// What was clicked, in words: one record after the other. Every text is a text node.

/* global L */

import { h } from "../lib/dom.js";

/**
 * Opens the records at a place of the map, the first of them.
 * @param {any} map @param {any} tiles @param {any[]} found @param {any} at @param {Map<string, any>} layers
 */
export function open(map, tiles, found, at, layers) {
  let place = 0;
  // a click on what is replaced by it would reach the map as a click beside the popup
  const root = h("div", { class: "told", onclick: (event) => event.stopPropagation() });
  const popup = L.popup({ minWidth: 240, maxWidth: 320, maxHeight: Math.max(160, Math.min(360, map.getSize().y - 120)), autoPan: false });
  const show = (by) => {
    place = (place + by + found.length) % found.length;
    const record = found[place];
    const layer = layers.get(record.layer);
    root.replaceChildren(
      h("p", { class: "overline" }, layer.title),
      h("h3", { class: "told-title", dir: "auto" }, record.title),
      h("dl", { class: "facts" }, record.words.map(([field, word]) => [h("dt", {}, field), h("dd", { dir: "auto" }, word)]),
        layer.hidden.map((field) => [h("dt", {}, field), h("dd", { class: "held" }, "withheld")])),
      ...(found.length > 1
        ? [h("div", { class: "told-more" },
            h("button", { type: "button", class: "button small", onclick: () => show(-1) }, "Before"),
            h("span", {}, `${place + 1} of ${found.length} here`),
            h("button", { type: "button", class: "button small", onclick: () => show(1) }, "Next"))]
        : []),
    );
    tiles.select({ layer: record.layer, id: record.id });
    if (!popup.isOpen()) return;
    popup.update();
    intoView(map, popup);
  };
  show(0);
  popup.setLatLng(at).setContent(root).openOn(map);
  intoView(map, popup);
  popup.on("remove", () => tiles.select(null));
}

/**
 * Moves the map by as much as the popup stands outside it, at once: under a map that glides, a click meant for the
 * popup's buttons lands beside it and opens what lies there.
 * @param {any} map @param {any} popup
 */
function intoView(map, popup) {
  const frame = map.getContainer().getBoundingClientRect();
  const box = popup.getElement().getBoundingClientRect();
  const [aside, above] = [16, 48];
  const x = Math.min(0, box.left - frame.left - aside) || Math.max(0, box.right - frame.right + aside);
  const y = Math.min(0, box.top - frame.top - above) || Math.max(0, box.bottom - frame.bottom + above);
  if (x || y) map.panBy([x, y], { animate: false });
}
