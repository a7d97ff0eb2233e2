// The address bar holds what is on the screen: layers, days, position, the open record. Sent to a colleague, it opens the same.

export function read() {
  const asked = new URLSearchParams(location.search);
  const at = (asked.get("at") || "").split("/").map(Number);
  return {
    layers: asked.has("layers") ? asked.get("layers").split(",").filter(Boolean) : null,
    days: asked.get("datetime") || "",
    at: at.length === 3 && at.every(Number.isFinite) ? { zoom: at[0], lat: at[1], lon: at[2] } : null,
    open: /^[a-z_]+\/-?\d+$/.test(asked.get("open") || "") ? asked.get("open") : null,
    get: (name) => asked.get(name),
  };
}

// Sets or (with null) removes parameters, without a new page.
export function write(changes) {
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === "") asked.delete(name);
    else asked.set(name, value);
  const query = asked.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}`);
}
