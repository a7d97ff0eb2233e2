// One layer narrowed as its list is, as it stands in the address: `overlaps:status=open&share=10`.

/** What `only` of the address says: a layer, and its list's filters by name. */
export function parsed(text) {
  const [layer, query = ""] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
  return { layer, filters: Object.fromEntries(new URLSearchParams(query)) };
}

/** The same as it stands in the address; "" where nothing is narrowed. */
export function written(layer, filters) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  return query.size ? `${layer}:${query}` : "";
}
