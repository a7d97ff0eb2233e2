// What was begun and not saved, kept in this browser: a draft for every record, and who writes here.

import { panel } from "../lib/api.js";
import { day } from "../lib/format.js";
import { myName, setMyName, store, stored } from "../lib/stored.js";

const place = (key) => `geoapp.draft.${panel.operation.key}.${key}`;
const clock = (date) => `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;

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
  if (name) setMyName(name);
  return myName();
}
