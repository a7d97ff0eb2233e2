// Likelihood × impact as a radio group of 25: every cell says its level as number and word, arrow keys move in rows and columns.

import { label, symbolOf } from "../lib/api.js";
import { h } from "../lib/dom.js";

const MOVES = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const GRADES = [1, 2, 3, 4, 5];
const SHORT = { 5: "Unacc." }; // the word is whole in the name that is read out

export const levelOf = (matrix, likelihood, impact) => (likelihood && impact ? matrix.levels[likelihood - 1][impact - 1] : null);

export const levelColors = (level) => {
  const fill = symbolOf("risk_zones", level)?.fill ?? "#EEF1F3";
  return `background:${fill};color:${level > 3 ? "#FFFFFF" : "#17212B"}`;
};

// `chosen` is { likelihood, impact }; `changed` is told the two when a cell is chosen.
export function matrixPicker(matrix, chosen, changed) {
  const cells = new Map();
  const at = (likelihood, impact) => cells.get(`${likelihood},${impact}`);
  const reachable = () => {
    const one = at(chosen.likelihood, chosen.impact) ?? at(3, 3);
    for (const cell of cells.values()) cell.tabIndex = cell === one ? 0 : -1;
  };
  const choose = (likelihood, impact) => {
    const cell = at(likelihood, impact);
    if (!cell) return;
    Object.assign(chosen, { likelihood, impact });
    cell.checked = true;
    cell.focus();
    reachable();
    changed(likelihood, impact);
  };
  const cell = (likelihood, impact) => {
    const level = levelOf(matrix, likelihood, impact);
    const input = h("input", {
      type: "radio", name: "grades", value: `${likelihood},${impact}`, checked: chosen.likelihood === likelihood && chosen.impact === impact,
      "aria-label": `${label("likelihoods", likelihood)}, ${label("impacts", impact).toLowerCase()}: ${level} ${label("risk_levels", level)}`,
      onchange: () => choose(likelihood, impact),
      onkeydown: (event) => {
        const by = MOVES[event.key];
        if (!by) return;
        event.preventDefault();
        choose(likelihood + by[0], impact + by[1]);
      },
    });
    cells.set(`${likelihood},${impact}`, input);
    return h("label", { class: "cell", style: levelColors(level) }, input, h("b", {}, level), h("span", {}, SHORT[level] ?? label("risk_levels", level)));
  };
  const element = h("div", { class: "matrix", role: "radiogroup", "aria-label": "Likelihood and impact" },
    h("span", {}), GRADES.map((impact) => h("span", { class: "head", "aria-hidden": "true" }, label("impacts", impact))),
    GRADES.toReversed().map((likelihood) => [h("span", { class: "side", "aria-hidden": "true" }, label("likelihoods", likelihood)), GRADES.map((impact) => cell(likelihood, impact))]));
  reachable();
  return element;
}
