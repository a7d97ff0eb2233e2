// Asking the service: the question (room, days, as known on) stands in the address bar and goes along with every request.

export const panel = JSON.parse(document.getElementById("panel").textContent);
// A page of no operation asks the instance.
export const here = panel.operation ? `${panel.base}/operations/${panel.operation.key}` : panel.base;

// A Problem Details answer, or the lack of any answer, as an error with words for a person.
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    Object.assign(this, { status, body, title: body.title, detail: body.detail, hint: body.hint });
  }
}

const asked = new URLSearchParams(location.search);

// What this page was asked: room, as known on; of the map also what one layer is narrowed to. The days are the page's own to change.
export const question = {
  audience: panel.audience?.key ?? "",
  as_of: asked.get("as_of") || "",
  datetime: "",
  only: (panel.page === "map" && asked.get("only")) || "",
};

// Whether this room records, and the page shows what is known now.
export const mayWrite = panel.audience?.may_write && !question.as_of;

/**
 * The address of a path of the operation, with the room and the time that were asked for.
 * @param {string} path
 * @param {Record<string, unknown>} [parameters]
 */
export function url(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...question, ...parameters }))
    if (value !== "" && value !== null && value !== undefined) query.set(name, value);
  return `${here}${path}?${query}`;
}

async function answer(response) {
  const type = response.headers.get("content-type") || "";
  const body = type.includes("json") ? await response.json() : {};
  if (response.ok) return body;
  throw new Problem(response.status, body.findings ? { title: "Not landed", report: body } : body);
}

function unreachable(error) {
  if (error.name === "AbortError" || error instanceof Problem) throw error;
  throw new Problem(0, {
    title: "The service did not answer",
    detail: "Nothing was lost. Check that it is running and that this machine is connected.",
  });
}

// Always asked anew, which the tag of what is here already makes short: going back in the browser would else show what was
// there before.
export const get = (path, parameters, options) =>
  fetch(url(path, parameters), { cache: "no-cache", headers: { Accept: "application/json" }, ...options }).then(answer).catch(unreachable);

/**
 * A request that changes something, to a path of the operation.
 * @param {string} method
 * @param {string} path
 * @param {{ body?: BodyInit, headers?: Record<string, string>, parameters?: Record<string, unknown> }} [more]
 */
export const send = (method, path, { body, headers, parameters } = {}) =>
  fetch(url(path, { datetime: "", ...parameters }), { method, body, headers }).then(answer).catch(unreachable);

// Every record of a layer, page after page.
export async function items(layer, parameters = {}) {
  const found = [];
  for (;;) {
    const page = await get(`/collections/${layer}/items`, { limit: 1000, offset: found.length, ...parameters });
    found.push(...page.features);
    if (!page.features.length || found.length >= page.numberMatched) return found;
  }
}

// The label of a code; the code itself, made readable, where the list does not have it.
export const label = (list, code) =>
  code === null || code === undefined ? "" : (panel.codes[list]?.[code] ?? String(code).replaceAll("_", " "));

export const symbolOf = (layer, value) =>
  panel.layers.find((l) => l.name === layer)?.style.rules.find((r) => String(r.value) === String(value))?.symbol;
