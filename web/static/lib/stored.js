// What this browser keeps, where it may keep anything at all.

const NAME = "geoapp.name";

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

// Until there are accounts a person is the name that they give in this browser: it is what owners are compared with, and what
// a review and a note say who wrote it.
export const myName = () => stored(NAME) ?? "";
export const setMyName = (name) => store(NAME, name.trim() || null);
