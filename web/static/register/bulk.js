// Several rows at once: one status, one owner, one due day. They are written on together, each from the version that is on the
// screen; where somebody else changed one meanwhile none is, and the bar says what is there now.

import { label, panel, send } from "../lib/api.js";
import { fill, h, say } from "../lib/dom.js";
import { plural } from "../lib/format.js";

/** @type {Map<number, Record<string, any>>} */
export const selected = new Map();

export const box = (row, changed) => h("input", { type: "checkbox", "aria-label": `Select ${row.code}`, checked: selected.has(row.id),
  onclick: (event) => event.stopPropagation(),
  onchange: (event) => {
    if (event.target.checked) selected.set(row.id, row);
    else selected.delete(row.id);
    changed();
  } });

/**
 * The bar in the table's foot while rows are selected.
 * @param {HTMLElement} root
 * @param {{ changed: (row: Record<string, any>, now: Record<string, any>) => void, cleared: () => void }} told
 */
export function drawBulk(root, { changed, cleared }) {
  if (!selected.size) return void fill(root);
  const status = h("select", { name: "bulk-status", "aria-label": "Status for all selected" }, h("option", { value: "" }, "status stays"),
    Object.entries(panel.codes.overlap_status).map(([code, words]) => h("option", { value: code }, words)));
  const owner = h("input", { name: "bulk-owner", "aria-label": "Owner for all selected", placeholder: "owner stays", maxlength: 200, autocomplete: "off" });
  const due = h("input", { name: "bulk-due", type: "date", "aria-label": "Due day for all selected" });
  const result = h("div", { class: "bulk-result" });
  const apply = h("button", { type: "submit", class: "button primary small" }, "Set");
  const form = h("form", { class: "bulk", "aria-label": "Selected rows", onsubmit: async (event) => {
    event.preventDefault();
    const change = { ...(status.value && { status: status.value }), ...(owner.value.trim() && { owner: owner.value.trim() }), ...(due.value && { due: due.value }) };
    if (!Object.keys(change).length) return void fill(result, "Choose a status, a day, or write an owner.");
    apply.disabled = true;
    const rows = [...selected.values()];
    try {
      const { rows: now } = await send("PATCH", "/overlaps", {
        body: JSON.stringify({ rows: rows.map(({ id, version }) => ({ id, version })), change }), headers: { "Content-Type": "application/json" },
      });
      rows.forEach((row, place) => changed(row, now[place]));
      selected.clear();
      say(`${plural(rows.length, "row")} set`);
      fill(result, h("p", {}, `${plural(rows.length, "row")} set.`));
      count.textContent = "Done";
      setTimeout(() => !selected.size && fill(root), 4000);
    } catch (problem) {
      fill(result, refusal(problem, rows, changed));
    }
    apply.disabled = false;
  } });
  const count = h("b", {}, `${selected.size} selected`);
  form.append(count, h("label", {}, "Status ", status), h("label", {}, "Owner ", owner), h("label", {}, "Due ", due), apply,
    h("button", { type: "button", class: "button small", onclick: () => { selected.clear(); fill(root); cleared(); } }, "Deselect"), result);
  fill(root, form);
}

// Nothing was written: what is there now of the rows that somebody else changed; the person looks and sets again, or leaves them out.
function refusal(problem, rows, changed) {
  const now = problem.status === 412 && Array.isArray(problem.body?.current) ? problem.body.current : [];
  const said = [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ");
  return h("div", { role: "alert" }, h("p", { class: "bulk-refused" }, said), now.map((each) => {
    const row = rows.find(({ id }) => id === each.id);
    if (!row) return null;
    const line = h("p", { class: "bulk-refused" }, h("b", {}, `${row.code}: `),
      `somebody else changed it (version ${each.version}): ${label("overlap_status", each.status).toLowerCase()}, ${each.owner ? `owner ${each.owner}` : "no owner"}. `,
      h("button", { type: "button", class: "quiet", onclick: () => { changed(row, each); selected.delete(row.id); line.remove(); } }, "Leave it as it is"),
      h("button", { type: "button", class: "quiet", onclick: () => { changed(row, each); line.remove(); } }, "Set it with the others"));
    return line;
  }));
}
