// Numbers, dates and plurals as a person writes them.

const language = document.documentElement.lang || "en";
const MONTHS = Array.from({ length: 12 }, (_, m) =>
  new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2026, m, 1))),
);

export const number = (value, digits = 0) =>
  value === null || value === undefined
    ? "–"
    : new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);

export const percent = (share) =>
  share === null || share === undefined ? "–" : `${number(share * 100, share < 0.01 ? 1 : 0)}\u202f%`;

export const km2 = (value) => number(value, value < 10 ? 2 : 0);

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

// "18 Oct 2026"; an open end is the word for it.
export function day(iso, open = "open") {
  if (!iso) return open;
  const [y, m, d] = iso.slice(0, 10).split("-").map(Number);
  return `${d} ${MONTHS[m - 1]} ${y}`;
}

// "18 Oct 2026, 14:05 UTC"
export const moment = (iso) => `${day(iso)}, ${iso.slice(11, 16)} UTC`;

// "1 – 18 Oct 2026", "12 Sep – 31 Dec 2026", "1 Aug 2026 – open"
export function period(from, to) {
  if (!from && !to) return "all time";
  if (!from || !to) return `${day(from, "beginning")} – ${day(to)}`;
  const [a, b] = [day(from).split(" "), day(to).split(" ")];
  const keep = a[2] !== b[2] ? 3 : a[1] !== b[1] ? 2 : 1;
  return `${a.slice(0, keep).join(" ")} – ${b.join(" ")}`;
}

export const month = (text) => `${MONTHS[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}`;

export const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000) + 1;

export const sentence = (text) => (text ? text[0].toLocaleUpperCase() + text.slice(1) : text);

// A day so many days later.
export const later = (iso, count) => new Date(Date.parse(iso) + count * 86400000).toISOString().slice(0, 10);

// How a risk zone is called by its number.
export const zoneCode = (n) => (n ? `RZ-${String(n).padStart(4, "0")}` : null);

/**
 * What was not known yet on the day that is asked for: of which of these layers, or of all of them; nothing when all were known.
 * @param {{ title: string, unknown?: string }[]} layers
 */
export function notKnownYet(layers) {
  const about = new Map();
  for (const { title, unknown } of layers) if (unknown) about.set(unknown, [...(about.get(unknown) ?? []), title]);
  if (about.size === 1 && layers.every((layer) => layer.unknown)) return [...about.keys()];
  return [...about].map(([words, titles]) => `${titles.join(", ")}: ${words[0].toLowerCase()}${words.slice(1)}`);
}
