// What every page has: the date and the room in the top bar. Both change everything that is shown, so they make a new page.

import * as address from "./address.js";
import { $ } from "./dom.js";

const form = $("#asked");
const day = form.elements.as_of;
day.closest(".pick").classList.toggle("changed", day.value !== day.dataset.today);

function go() {
  if (!form.reportValidity()) return;
  address.write({
    audience: form.elements.audience.value,
    as_of: day.value === day.dataset.today ? null : day.value,
    open: null,
  });
  location.reload();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});
form.elements.audience.addEventListener("change", go);
// A date typed digit by digit is valid before it is meant: wait until the field is left or Enter is pressed.
day.addEventListener("blur", () => day.value !== day.defaultValue && go());
day.addEventListener("change", () => document.activeElement !== day && go());

// The date asked for goes along to the other pages.
for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".nav a, .thumb a"))) {
  link.addEventListener("click", () => {
    const kept = new URLSearchParams(location.search);
    const to = new URL(link.href);
    for (const name of ["as_of", "datetime", "at"]) if (kept.has(name)) to.searchParams.set(name, kept.get(name));
    link.href = String(to);
  });
}

// Search, files and help come when they are first asked for, by their button or their key; from then on they listen themselves.
function summon(button, key, load) {
  const asked = async () => {
    if (button.dataset.ready) return;
    await load();
    button.click();
  };
  button.addEventListener("click", asked);
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (button.dataset.ready || event.key.toLowerCase() !== key || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    asked();
  });
}
summon($("#open-find"), "/", () => import("./find.js"));
summon($("#open-files"), "f", () => import("./files.js"));
summon($("#open-help"), "?", () => import("./help.js"));

// The picker of operations comes when it is first opened.
$("#operations").addEventListener("toggle", () => import("./operations.js"), { once: true });

// What "More" lists on a phone goes away when something else is pressed.
const more = /** @type {HTMLDetailsElement | null} */ (document.querySelector(".thumb-more"));
document.addEventListener("click", (event) => {
  if (more?.open && !more.contains(/** @type {Node} */ (event.target))) more.open = false;
});
more?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !more.open) return;
  more.open = false;
  more.querySelector("summary").focus();
});
