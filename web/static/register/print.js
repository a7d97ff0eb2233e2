// The whole list on paper: every row that matches, not only the page of rows on the screen.

import { get, panel } from "../lib/api.js";
import { $, fill, h, say } from "../lib/dom.js";
import { day, plural } from "../lib/format.js";

const MOST = 200;

// The newest note of an overlap, and how many there are.
const NOTES = { title: "Newest note", cell: (row) => "note" in row ? (row.note ? `${day(row.noted_on)}${row.note_count > 1 ? `, newest of ${row.note_count}` : ""}: ${row.note}` : "–") : "Withheld" };

/**
 * Prints every row of a list under its title, the as-of date, the room and the filters.
 * @param {{ list: string, asked: Record<string, unknown>, columns: any[], matched: number, filters: string[] }} told
 */
export async function printAll({ list, asked, columns, matched, filters }) {
  say(`Preparing ${plural(matched, "row")} for printing`);
  const rows = [];
  while (rows.length < matched) {
    const page = await get(`/lists/${list}`, { ...asked, limit: MOST, offset: rows.length });
    if (!page.rows.length) break;
    rows.push(...page.rows);
  }
  const shown = [...columns.filter((column) => column.name !== "where"), ...(list === "overlaps" ? [NOTES] : [])];
  const sheet = fill($("#print-sheet"),
    h("h1", {}, `${$("h1").textContent}: ${panel.operation.title}${panel.operation.exercise ? " · EXERCISE" : ""}`),
    h("p", {}, `As of ${panel.as_of_text} · for ${panel.audience.title}, ${panel.audience.sentence} · ${plural(rows.length, "row")}${filters.length ? ` · ${filters.join(", ")}` : ""}`),
    h("table", { class: `list ${list}` }, h("thead", {}, h("tr", {}, shown.map((column) => h("th", { scope: "col" }, column.title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, shown.map((column) => h("td", { class: column.end ? "end" : null }, column.cell(row))))))),
    h("p", {}, `${panel.disclaimer} Absence of data is not absence of risk.`));
  document.body.classList.add("printing");
  addEventListener("afterprint", () => { document.body.classList.remove("printing"); sheet.replaceChildren(); }, { once: true });
  print();
}
