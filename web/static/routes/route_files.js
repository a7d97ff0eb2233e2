// A way as a file: the server writes it in each format that it has for routes.

import { Problem, get, url } from "../lib/api.js";
import { h } from "../lib/dom.js";

export const corners = (way) => way.features.flatMap((f) => (f.geometry.type === "LineString" ? [f.geometry.coordinates] : f.geometry.coordinates));

// Formats of routes: [{ suffix, title, good_for }].
export const formats = get("/export").then((found) => found.formats.filter((each) => each.routes));

// Ask the same question again for one way as a file, and hand it to the browser. Raises Problem.
export async function download(suffix, question) {
  const response = await fetch(url(`/routes/file${suffix}`, { datetime: "" }), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) });
  if (!response.ok) throw new Problem(response.status, await response.json());
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"))[1];
  const link = h("a", { href: URL.createObjectURL(await response.blob()), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
