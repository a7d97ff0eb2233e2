// The layer panel: groups, boxes, counts, opacity, legend. What is withheld stays in the list.

import { fill, h, icon } from "../lib/dom.js";
import { cellSwatch, sign, swatch } from "../lib/symbols.js";
import { number, plural } from "../lib/format.js";

const SHOWN = {
  settlement: "to settlement",
  admin2: "by district",
  mgrs10: "by square",
  count: "counts only",
};

export class LayerPanel {
  constructor(root, panel, tiles, changed) {
    Object.assign(this, { root, tiles, changed, open: new Set(panel.layers.filter((layer) => layer.open).map((layer) => layer.name)), counted: new Set() });
    this.update(panel);
  }

  // The layers that the map shows as counted cells at the moment.
  tell(counted) {
    if (counted.size === this.counted.size && [...counted].every((name) => this.counted.has(name))) return;
    this.counted = counted;
    this.update(this.panel);
  }

  // New counts, same boxes.
  update(panel) {
    this.panel = panel;
    const groups = new Map();
    for (const layer of [...panel.layers].reverse()) {
      if (!groups.has(layer.group)) groups.set(layer.group, []);
      groups.get(layer.group).push(layer);
    }
    const focused = document.activeElement?.id;
    fill(
      this.root,
      [...groups]
        .sort(([, [a]], [, [b]]) => a.place - b.place)
        .map(([name, layers]) => h("fieldset", { class: "group" }, h("legend", { class: "overline" }, name), layers.map((l) => this.line(l)))),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  line(layer) {
    if (layer.access === "withheld" || layer.access === "count")
      return h("div", { class: "layer-line withheld", title: layer.withheld }, icon("lock"), h("span", {}, layer.title),
        h("span", { class: "tag" }, layer.access === "withheld" ? "withheld" : "only as counts"));
    const state = this.tiles.state.get(layer.name);
    const id = `layer-${layer.name}`;
    const open = this.open.has(layer.name) && state.on;
    const box = h("input", { type: "checkbox", id, checked: state.on, onchange: () => this.toggle(layer, box.checked) });
    const body = h("div", { class: "layer-open", id: `${id}-open`, hidden: !open }, open && this.details(layer, state));
    const chevron = h("button", {
      type: "button", class: "bare", id: `${id}-more`, "aria-expanded": String(open), "aria-controls": `${id}-open`,
      "aria-label": `Legend and opacity of ${layer.title}`, hidden: !state.on,
      onclick: () => this.unfold(layer, body, chevron),
    }, icon("next"));
    return h("div", {},
      h("div", { class: state.on ? "layer-line" : "layer-line off" },
        h("label", { for: id, title: layer.question }, box, h("span", {}, layer.title)),
        SHOWN[layer.access] && h("span", { class: "tag" }, SHOWN[layer.access]),
        h("span", { class: "count" }, number(layer.count)), chevron),
      state.on && this.tiles.off(layer) > 0 && h("div", { class: "layer-open" }, h("p", { class: "legend-note" }, this.told(layer))),
      this.counted.has(layer.name) && h("div", { class: "layer-open" }, h("p", { class: "legend-note" }, "Too many here to be drawn one by one: counted cells.")),
      body);
  }

  // What is recorded and not drawn.
  told(layer) {
    const off = layer.style.rules.filter((rule) => rule.count && !this.tiles.drawsClass(layer.name, rule));
    return `${number(this.tiles.off(layer))} of these not drawn: ${off.map((rule) => rule.label).join(", ")}.`;
  }

  // For paper every legend is open; afterwards those that were.
  openAll(all) {
    this.kept ??= this.open;
    this.open = all ? new Set(this.panel.layers.map((layer) => layer.name)) : this.kept;
    if (!all) this.kept = null;
    this.update(this.panel);
  }

  toggle(layer, on) {
    this.tiles.show(layer.name, { on });
    if (on) this.open.add(layer.name);
    this.update(this.panel);
    this.changed(layer);
  }

  unfold(layer, body, chevron) {
    const open = body.hidden;
    if (open) this.open.add(layer.name);
    else this.open.delete(layer.name);
    body.hidden = !open;
    chevron.setAttribute("aria-expanded", String(open));
    fill(body, open && this.details(layer, this.tiles.state.get(layer.name)));
  }

  details(layer, state) {
    const value = () => Math.round(state.opacity * 100);
    const slider = h("input", {
      type: "range", min: 10, max: 100, step: 5, value: value(), "aria-label": `Opacity of ${layer.title}`, style: `--at:${value()}%`,
      oninput: () => {
        this.tiles.show(layer.name, { opacity: slider.value / 100 });
        slider.style.setProperty("--at", `${slider.value}%`);
        shown.textContent = `${slider.value} %`;
      },
    });
    const shown = h("output", {}, `${value()} %`);
    const [from, to] = layer.zoom;
    return [
      layer.shape === "polygon" && h("div", { class: "opacity" }, h("span", {}, "Opacity"), slider, shown),
      this.legend(layer, state),
      this.counted.has(layer.name) && this.cells(),
      from > 2 && h("p", { class: "legend-note" }, "Drawn when you are close; from afar see the counts."),
      to < 18 && h("p", { class: "legend-note" }, "Drawn from afar; close by see the single records."),
      layer.style.note && h("p", { class: "legend-note" }, layer.style.note),
      layer.warning && h("p", { class: "legend-note" }, layer.warning),
    ];
  }

  legend(layer, { opacity }) {
    const rules = layer.style.rules;
    if (rules.length > 12) {
      const used = rules.filter((rule) => rule.count).sort((a, b) => b.count - a.count);
      if (!used.length) return h("p", { class: "legend-note" }, layer.count === 0 ? (layer.unknown ?? ["None in this period.", layer.withheld].filter(Boolean).join(" ")) : "Not counted yet.");
      const told = used.filter((rule, i) => i < 7 || rule.on === false);
      const rest = used.filter((rule) => !told.includes(rule));
      return [
        told.map((rule) => this.entry(layer, rule, opacity)),
        rest.length > 0 && h("div", { class: "legend-line" }, h("span", {}, `${plural(rest.length, "class", "classes")} more`), h("span", { class: "count" }, number(rest.reduce((sum, rule) => sum + rule.count, 0)))),
      ];
    }
    if (layer.style.ramp)
      return [
        h("div", { class: "ramp" }, rules.map((r) => h("span", { title: `${r.label}: ${number(r.count)}` }, swatch(r.symbol, "polygon", { opacity: 1, width: 42, height: 18 })))),
        h("div", { class: "ramp-ends" }, h("span", {}, rules[0].label), h("span", {}, rules.at(-1).label)),
      ];
    return [
      rules.map((rule) => this.entry(layer, rule, opacity)),
      layer.style.key && h("p", { class: "legend-note" }, layer.style.key),
    ];
  }

  // Where a layer lies too dense to be drawn one by one.
  cells() {
    const steps = [["1–4", 1], ["5–19", 5], ["20–99", 20], ["100–499", 100], ["500 or more", 500]];
    return steps.map(([words, n]) => h("div", { class: "legend-line" }, cellSwatch(n), h("span", {}, `${words} in a cell`)));
  }

  entry(layer, rule, opacity) {
    const { signed } = layer.style;
    const badge = layer.shape === "polygon" && Boolean(rule.symbol.marker && rule.symbol.text);
    const switched = layer.style.rules.some((each) => each.on === false);
    const box = switched && h("input", { type: "checkbox", checked: this.tiles.drawsClass(layer.name, rule), onchange: () => {
      this.tiles.switchClass(layer.name, rule, box.checked);
      this.update(this.panel);
      this.changed(layer);
    } });
    return h(switched ? "label" : "div", { class: rule.count === 0 ? "legend-line none" : "legend-line" }, box,
      swatch(rule.symbol, layer.shape === "polygon" && !rule.symbol.fill && !rule.symbol.hatch && !signed ? "line" : layer.shape, {
        opacity, width: layer.shape === "point" ? 18 : 26, badge: false,
      }),
      signed && sign(rule.symbol),
      badge && sign(rule.symbol, { size: 18, badge }),
      h("span", {}, rule.label),
      h("span", { class: "count" }, number(rule.count)));
  }
}
