// The single-file map: the panel, the drawing and the legend of the map's page over records that are in the file itself.

/* global L */

import { ready } from "./older.js";
import { $, h } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { Labels } from "../map/labels.js";
import { LayerPanel } from "../map/layers.js";
import { keyOf } from "../map/tile_source.js";
import { TileLayers } from "../map/tiles.js";
import { Days } from "./days.js";
import { List } from "./list.js";
import { open } from "./popup.js";
import { Records, corners } from "./records.js";

const PAPER_PX = [1040, 590]; // what A4 across has room for under banner and title

// Makes tiles of the records in the file, where the page asks the service for them.
class Here {
  constructor(records) {
    this.records = records;
  }

  async load(at, sources) {
    for (const [name, source] of sources) if (!source.kept.has(keyOf(at))) source.keep(keyOf(at), this.records.tile(name, at));
  }

  stop() {}
}

// Called by the map's own script. `id` is that of the element with the data.
export function mount(map, id) {
  const data = JSON.parse(document.getElementById(id).textContent);
  const { panel } = data;
  const records = new Records(data);
  const layers = new Map(panel.layers.map((layer) => [layer.name, layer]));
  const shown = panel.layers.filter((layer) => layer.access !== "withheld" && layer.access !== "count");
  const tiles = new TileLayers(shown.map((layer) => layer.name), "", panel);
  tiles.loader = new Here(records);
  tiles.home = map;
  const labels = new Labels(tiles);
  map.attributionControl?.setPrefix(false);
  whole();
  labels.addTo(map);

  const go = (record) => {
    if (!tiles.visible(record.layer)) layerPanel.toggle(layers.get(record.layer), true);
    const rule = tiles.ruleOf(record.layer, record.props);
    if (rule && !tiles.drawsClass(record.layer, rule)) tiles.switchClass(record.layer, rule, true);
    sheet(null);
    if (!record.shape) return open(map, tiles, [record], map.getCenter(), layers);
    map.fitBounds(corners(record.shape), { maxZoom: Math.max(map.getZoom(), 10), padding: [40, 40], animate: false });
    const [[south, west], [north, east]] = corners(record.shape);
    open(map, tiles, [record], [(south + north) / 2, (west + east) / 2], layers);
  };
  const listed = [...shown].filter((layer) => !layer.fixed).sort((a, b) => (a.tabled ?? 99) - (b.tabled ?? 99));
  const list = new List($("#list"), $("#search"), { records, tiles, layers: listed, go });
  const layerPanel = new LayerPanel($("#layer-list"), panel, tiles, () => list.update());
  const counted = new Set(panel.layers.filter((layer) => layer.cells).map((layer) => layer.name));
  layerPanel.tell(counted);

  new Days($("#days"), records.span(), panel.period, (days) => {
    records.days = days;
    for (const layer of shown) count(layer);
    tiles.ask({ days: days.map((day) => day ?? "").join("/") });
    labels.set(records.labels(shown));
    layerPanel.update(panel);
    list.update();
    $(".printed-days").textContent = $("#days output").textContent;
  });

  function count(layer) {
    if (layer.cells) return;
    for (const rule of layer.style.rules) rule.count = 0;
    layer.count = 0;
    for (const { props } of records.of(layer.name)) {
      layer.count += 1;
      const rule = tiles.ruleOf(layer.name, props);
      if (rule) rule.count += 1;
    }
  }

  // ---- place, scale, clicks ------------------------------------------------------------------------------------

  function whole() {
    const [west, south, east, north] = panel.bbox;
    map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  }

  function measure() {
    const size = map.getSize();
    const across = map.distance(map.containerPointToLatLng([size.x / 2, size.y / 2]), map.containerPointToLatLng([size.x / 2 + 120, size.y / 2]));
    const unit = 10 ** Math.floor(Math.log10(across));
    const metres = [5, 2, 1].map((n) => n * unit).find((n) => n <= across) ?? unit;
    $("#scale-bar").style.inlineSize = `${(120 * metres) / across}px`;
    $("#scale-text").textContent = metres >= 1000 ? `${number(metres / 1000)} km` : `${number(metres)} m`;
  }
  map.on("moveend zoomend resize", measure);
  measure();

  function identify(latlng) {
    const cluster = labels.clusterAt(map.latLngToLayerPoint(latlng).subtract(map.containerPointToLayerPoint([0, 0])));
    if (cluster && !cluster.one) return map.fitBounds(cluster.corners, { padding: [60, 60], maxZoom: 18 });
    const { lat, lng } = cluster ? cluster.at : latlng;
    const names = [...shown].reverse().filter((layer) => !layer.fixed && tiles.visible(layer.name)).sort((a, b) => a.background - b.background).map((layer) => layer.name);
    const found = records.at(names, lat, lng, map.getZoom(), (record) => tiles.shownRule(record.layer, record.props));
    if (found.length) open(map, tiles, found, latlng, layers);
    else map.closePopup();
  }
  map.on("click", ({ latlng }) => identify(latlng));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.target === map.getContainer() && event.key === "Enter") identify(map.getCenter());
  });
  for (const button of document.querySelectorAll(".zoom button"))
    button.addEventListener("click", () => (button.dataset.zoom === "0" ? whole() : map.setZoom(map.getZoom() + Number(button.dataset.zoom))));

  // ---- sheets of a phone, and paper ----------------------------------------------------------------------------

  function sheet(name) {
    for (const button of document.querySelectorAll(".sheets button")) {
      const on = button.getAttribute("aria-controls") === name;
      button.setAttribute("aria-expanded", String(on));
      document.getElementById(button.getAttribute("aria-controls")).classList.toggle("shown", on);
    }
    labels.draw();
  }
  for (const button of document.querySelectorAll(".sheets button"))
    button.addEventListener("click", () => sheet(button.getAttribute("aria-expanded") === "true" ? null : button.getAttribute("aria-controls")));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      sheet(null);
      map.closePopup();
    } else if (event.key === "/" && !event.target.closest("input")) {
      event.preventDefault();
      sheet("found");
      $("#search").focus();
    }
  });
  addEventListener("beforeprint", () => {
    const { clientWidth, clientHeight } = $("#map");
    const { style } = document.body;
    style.setProperty("--printed-width", `${clientWidth}px`);
    style.setProperty("--printed-height", `${clientHeight}px`);
    style.setProperty("--printed-zoom", String(Math.min(1, PAPER_PX[0] / clientWidth, PAPER_PX[1] / clientHeight)));
    layerPanel.openAll(true);
  });
  addEventListener("afterprint", () => layerPanel.openAll(false));
  document.documentElement.dataset.ready = String(ready);
  if (!shown.some((layer) => !layer.fixed)) $("#trouble").append(h("span", {}, "This room is shown none of the layers of this file."));
  $("#trouble").hidden = !$("#trouble").childNodes.length;
}
