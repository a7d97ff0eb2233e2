// What was begun and not saved, kept in this browser: a draft for every record, and who writes here.

import { panel } from "../lib/api.js";
import { day } from "../lib/format.js";

const NAME = "geoapp.name";
const place = (key) => `geoapp.draft.${panel.operation.key}.${key}`;
const clock = (date) => `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;

function store(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false; // full, or switched off
    throw error;
  }
}

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export const drafts = {
  // The time it was kept at; "" where this browser keeps nothing.
  write(key, draft) {
    const at = new Date();
    return store(place(key), JSON.stringify({ ...draft, at: at.toISOString() })) ? clock(at) : "";
  },

  read(key) {
    const text = stored(place(key));
    if (!text) return null;
    const draft = JSON.parse(text);
    const at = new Date(draft.at);
    const local = new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString();
    return { ...draft, words: `${day(local)}, ${clock(at)}` };
  },

  forget: (key) => store(place(key), null),
};

// The name of whoever writes here, while there are no accounts; given, it is remembered.
export function remembered(name) {
  if (name) store(NAME, name);
  return stored(NAME) ?? "";
}
