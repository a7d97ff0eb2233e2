// Moments as people on the road write and read them: by the clocks of the operation's zone, with the zone beside them.

import { day } from "./format.js";

const clocks = new Map();

// A formatter of a zone's wall clock, made once: the browser knows every zone's changes of clocks.
function clockOf(zone) {
  if (!clocks.has(zone))
    clocks.set(zone, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }));
  return clocks.get(zone);
}

/** What the clocks of a zone show at a moment: "2026-10-22T12:00". */
export function wall(iso, zone) {
  const parts = Object.fromEntries(clockOf(zone).formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

const minutes = (iso, zone) => Math.round((Date.parse(`${wall(iso, zone)}Z`) - Date.parse(iso)) / 60_000);

/** The moment at which the clocks of a zone show this, as ISO in UTC; the earlier one where they show it twice. */
export function moment(shown, zone) {
  const naive = Date.parse(`${shown}Z`);
  const offsets = [naive - 86_400_000, naive + 86_400_000].map((at) => minutes(new Date(at).toISOString(), zone));
  const found = offsets.map((offset) => new Date(naive - offset * 60_000).toISOString()).filter((iso) => wall(iso, zone) === shown).sort();
  // an hour that the clocks leave out is meant as if they had not yet been put forward
  return (found[0] ?? new Date(naive - offsets[0] * 60_000).toISOString()).replace(":00.000Z", "Z");
}

/** "UTC+5:30" */
export function offset(iso, zone) {
  const off = minutes(iso, zone);
  if (!off) return "UTC";
  const [h, m] = [Math.floor(Math.abs(off) / 60), Math.abs(off) % 60];
  return `UTC${off < 0 ? "\u2212" : "+"}${h}${m ? `:${String(m).padStart(2, "0")}` : ""}`;
}

/** "22 Oct 2026 12:00" */
export const written = (iso, zone) => `${day(wall(iso, zone))} ${wall(iso, zone).slice(11)}`;

/** "12:00" */
export const clock = (iso, zone) => wall(iso, zone).slice(11);

const names = Array.from({ length: 12 }, (_, m) => [day(`2026-${String(m + 1).padStart(2, "0")}-01`).split(" ")[1], new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2026, m, 1)))]);
const monthOf = (word) => 1 + names.findIndex((each) => each.some((name) => name.toLowerCase().startsWith(word.toLowerCase().replace(/\.$/, "")) && word.length > 2));

/** @type {[RegExp, (...found: string[]) => any[]][]} */
const FORMS = [
  [/^(\d{4})-(\d{1,2})-(\d{1,2})/, (y, m, d) => [y, m, d]],
  [/^(\d{1,2})[./](\d{1,2})[./](\d{4})/, (d, m, y) => [y, m, d]],
  [/^(\d{1,2})\.? ([^\d\s]+)(?: (\d{4}))?/, (d, m, y) => [y, monthOf(m), d]],
];

/**
 * What somebody wrote as a wall clock's time, "2026-10-22T06:00"; null when it is not understood.
 * "22 Oct 2026 06:00", "22 Oct 6:00" (the year of `today`), "22/10/2026 06.00", "22.10.2026", "2026-10-22 06:00": the day first, six in
 * the morning when no time is said.
 */
export function understood(words, today) {
  const said = words.trim().replace(/\s+/g, " ");
  for (const [form, parts] of FORMS) {
    const met = form.exec(said);
    if (!met) continue;
    const [y, m, d] = parts(...met.slice(1)).map((each, i) => Number(each ?? (i === 0 ? today.slice(0, 4) : "")));
    const rest = said.slice(met[0].length).replace(/^[T,]? ?(at )?/, "");
    const time = rest ? /^(\d{1,2})(?:[:.h](\d{2})|(\d{2}))(?::\d{2})?$/.exec(rest) : ["", "6", "00"];
    if (!time) return null;
    const [hour, minute] = [Number(time[1]), Number(time[2] ?? time[3])];
    const date = new Date(Date.UTC(y, m - 1, d));
    if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d || hour > 23 || minute > 59) return null;
    return `${date.toISOString().slice(0, 10)}T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  }
  return null;
}
