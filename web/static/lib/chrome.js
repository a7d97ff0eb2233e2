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
