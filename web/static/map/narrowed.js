// The map shows part of one layer, as its list was filtered: what is left and by what, one click to all, and the way back to the list.

import { read } from "../lib/address.js";
import { get, panel, question, url } from "../lib/api.js";
import { h, icon, say } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { parsed } from "../lib/only.js";
import { words as ofOverlaps } from "../register/filters.js";
import { words as ofIncidents } from "../register/incident_words.js";

// The page that a layer is listed on, what its order is called in its address, and how its filters are said.
const PAGES = {
  overlaps: { path: "/overlaps", words: ofOverlaps },
  ended_overlaps: { path: "/overlaps", tab: "ended", words: ofOverlaps },
  doubles: { path: "/overlaps", tab: "doubles", words: ofOverlaps },
  gaps: { path: "/overlaps", tab: "gaps", words: ofOverlaps },
  incidents: { path: "/incidents", sort: "list", words: ofIncidents },
};

// The list with the same filters in the same order: the days that the map shows are the list's, where it was asked for some.
function listed({ layer, filters }) {
  const { path, tab, sort = "sort" } = PAGES[layer];
  const [from, to] = question.datetime.split("/").map((day) => (day === ".." ? "" : day));
  const whole = from === panel.span?.[0] && !to;
  const days = path === "/incidents" ? { datetime: question.datetime } : { datetime: "", from: whole ? "" : from, to: to ?? from };
  const { spot, ...plain } = filters;
  return url(path, { ...plain, spot: spot?.split(":")[0], ...days, [sort]: read().get("sorted") ?? "", only: "", tab: tab ?? (filters.since ? "since" : filters.due ? "due" : "") });
}

/**
 * @param {Element} place where the line stands
 * @param {() => void} all draws and counts everything
 * @param {((box: number[]) => void) | null} fit brings into view what is left; null where the address says what is
 * @returns {{ tell: () => Promise<void> }} counts anew what is left
 */
export function narrowed(place, all, fit) {
  const only = parsed(question.only);
  const layer = panel.layers.find((each) => each.name === only.layer);
  const told = h("span", { class: "narrowed-words" });
  const title = layer?.title.toLowerCase() ?? only.layer;
  const line = h("p", { class: "narrowed", role: "region", "aria-label": "What the map is narrowed to" }, icon("filter"), told,
    h("button", { type: "button", class: "button small", onclick: () => { line.remove(); all(); } }, `All ${title}`),
    PAGES[only.layer] && h("a", { class: "button small", onclick: (event) => (event.currentTarget.href = listed(only)), href: listed(only) }, icon("back"), "Back to the list"));
  place.prepend(line);
  for (const link of document.querySelectorAll(`:is(.nav, .thumb) a[href*="${PAGES[only.layer]?.path}?"]`))
    link.addEventListener("click", (event) => line.isConnected && (/** @type {HTMLAnchorElement} */ (event.currentTarget).href = listed(only)));

  async function tell() {
    const by = Object.entries(only.filters).map(([name, value]) => PAGES[only.layer]?.words(name, value) ?? `${name} ${value}`).join(", ");
    try {
      const [some, every] = await Promise.all([get("/counts", { layers: only.layer }), get("/counts", { layers: only.layer, only: "" })]);
      const { count } = some.layers[only.layer];
      if (count === null) return void told.replaceChildren(layer.withheld ?? `${layer.title} are withheld from this room.`);
      told.replaceChildren(h("b", {}, `${number(count)} of ${number(every.layers[only.layer].count)} ${title}`), ` · ${by}`);
      say(`The map is narrowed: ${told.textContent}`);
    } catch (problem) {
      told.replaceChildren(h("b", {}, `No ${title} are drawn`), ` · ${problem.detail ?? problem.message}`);
    }
  }
  if (fit) get(`/collections/${only.layer}`).then(({ extent }) => extent.spatial.bbox[0][0] > -180 && fit(extent.spatial.bbox[0])).catch(() => null);
  tell();
  return { tell };
}
