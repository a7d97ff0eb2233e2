// Several rows at once: one status, one owner. Each row is written from the version that is on the screen; a row that somebody
// else changed meanwhile is not, and says what is there now.

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

const patch = (row, change, version) => send("PATCH", `/overlaps/${row.id}`, {
  body: JSON.stringify(change), headers: { "Content-Type": "application/json", "If-Match": `"${version}"` },
});

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
  const result = h("div", { class: "bulk-result" });
  const apply = h("button", { type: "submit", class: "button primary small" }, "Set");
  const form = h("form", { class: "bulk", "aria-label": "Selected rows", onsubmit: async (event) => {
    event.preventDefault();
    const change = { ...(status.value && { status: status.value }), ...(owner.value.trim() && { owner: owner.value.trim() }) };
    if (!Object.keys(change).length) return void fill(result, "Choose a status or write an owner.");
    apply.disabled = true;
    const refused = [];
    let kept = 0;
    for (const row of [...selected.values()])
      try {
        changed(row, await patch(row, change, row.version));
        selected.delete(row.id);
        kept += 1;
      } catch (problem) {
        refused.push([row, problem]);
      }
    apply.disabled = false;
    say(`${plural(kept, "row")} set, ${refused.length} not`);
    fill(result, h("p", {}, `${plural(kept, "row")} set${refused.length ? `, ${plural(refused.length, "row")} not:` : "."}`), refused.map(([row, problem]) => clash(row, problem, change, changed)));
    count.textContent = selected.size ? `${selected.size} selected` : "Done";
    if (!refused.length) setTimeout(() => !selected.size && fill(root), 4000);
  } });
  const count = h("b", {}, `${selected.size} selected`);
  form.append(count, h("label", {}, "Status ", status), h("label", {}, "Owner ", owner), apply,
    h("button", { type: "button", class: "button small", onclick: () => { selected.clear(); fill(root); cleared(); } }, "Deselect"), result);
  fill(root, form);
}

// What is there now beside what was asked; the person decides row by row.
function clash(row, problem, change, changed) {
  const now = problem.body?.current;
  const line = h("p", { class: "bulk-refused", role: "alert" }, h("b", {}, `${row.code}: `));
  if (problem.status !== 412 || !now) {
    line.append([problem.title, problem.detail, problem.hint].filter(Boolean).join(" "));
    return line;
  }
  line.append(`somebody else changed it (version ${now.version}): ${label("overlap_status", now.status).toLowerCase()}, ${now.owner ? `owner ${now.owner}` : "no owner"}. `,
    h("button", { type: "button", class: "quiet", onclick: () => { changed(row, now); selected.delete(row.id); line.remove(); } }, "Keep what is there"),
    h("button", { type: "button", class: "quiet", onclick: async () => {
      try {
        changed(row, await patch(row, change, now.version));
        selected.delete(row.id);
        line.remove();
      } catch (again) {
        line.replaceWith(clash(row, again, change, changed));
      }
    } }, "Set it anyway"));
  return line;
}
