// What was chosen in the search, on the map: a record opens in the drawer, a place is marked.

import { say } from "../lib/dom.js";

/* global L */

export function showsFound({ map, still, fitBox, shown, open }) {
  const mark = L.circleMarker([0, 0], { radius: 11, color: "#17212B", weight: 3, fill: false, interactive: false });
  document.addEventListener("found", (event) => {
    event.preventDefault();
    const { layer, id, title, matched, bbox } = /** @type {CustomEvent} */ (event).detail;
    mark.remove();
    if (layer) {
      shown(layer);
      open(layer, id);
    }
    if (bbox?.every(Number.isFinite)) {
      const [west, south, east, north] = bbox;
      if (west === east && south === north) map.setView([south, west], Math.max(map.getZoom(), 11), { animate: !still, duration: 0.5 });
      else fitBox(bbox);
      if (!layer) mark.setLatLng([(south + north) / 2, (west + east) / 2]).addTo(map);
    }
    say(`${title}, ${matched}`);
  });
}
