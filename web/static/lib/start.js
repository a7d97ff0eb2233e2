// The start page chooses without a button, and remembers in this browser when somebody was here last.

import { $, h } from "./dom.js";
import { day } from "./format.js";

const form = $("#asked");
form.addEventListener("change", () => form.reportValidity() && form.submit());

const HERE = "geoapp.last-here";
const last = localStorage.getItem(HERE);
const { today, since } = form.dataset;
if (last && /^\d{4}-\d\d-\d\d$/.test(last) && last < today && last !== since) {
  const to = new URL(location.href);
  to.searchParams.set("since", last);
  $("#since-last")?.append(h("a", { href: String(to) }, `Since you were last here, ${day(last)}`));
}
addEventListener("pagehide", () => today && localStorage.setItem(HERE, today));
