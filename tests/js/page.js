// What a script finds on a page before it begins: the language, the address, the panel. No more of a browser is here.

export const panel = { base: "", operation: { key: "grid" }, audience: { key: "internal" }, today: "2026-10-18", codes: { handling: { AMBER: "TLP:AMBER" } }, layers: [] };

globalThis.document = { documentElement: { lang: "en" }, getElementById: () => ({ textContent: JSON.stringify(panel) }) };
globalThis.location = { search: "" };
