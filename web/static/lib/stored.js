// What this browser keeps, where it may keep anything at all.

const NAME = "geoapp.name";

// Before the key of an operation: what waits to be sent to it (`forms/outbox.js`).
export const OUTBOX = "geoapp.outbox.";

export function store(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false; // full, or switched off
    throw error;
  }
}

export function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

// The name of the member who has signed in; nothing where there are no accounts.
export const signedIn = document.documentElement.dataset.signedIn ?? "";

// Without accounts a person is the name that they give in this browser: it is what owners are compared with, and what a review
// and a note say who wrote it.
export const myName = () => signedIn || (stored(NAME) ?? "");
export const setMyName = (name) => signedIn || store(NAME, name.trim() || null);
