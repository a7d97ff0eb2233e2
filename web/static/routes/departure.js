// When the convoy leaves: written as people write it, by the clocks of the operation, with what was understood said below.

import { panel } from "../lib/api.js";
import { $ } from "../lib/dom.js";
import { moment, offset, understood, written } from "../lib/local_time.js";

const zone = panel.operation.time_zone;

/**
 * The field of the departure: `moment()` is what stands in it as ISO in UTC ("" while it is not understood), `set` takes a moment
 * (one without a zone is UTC).
 * @param {HTMLInputElement} input
 * @param {string} first what it begins with, by the operation's clocks
 */
export function departureField(input, first) {
  const said = $("#departure-said");
  const picked = $("#departure-picked");

  function read() {
    const shown = understood(input.value, panel.as_of);
    const iso = shown ? moment(shown, zone) : "";
    input.setCustomValidity(iso ? "" : "Write the day and the time as 22 Oct 2026 06:00.");
    input.setAttribute("aria-invalid", String(!iso));
    if (iso) picked.value = shown;
    said.textContent = iso ? `${zone.startsWith("Etc/") ? "" : `${zone.replaceAll("_", " ")}, `}${offset(iso, zone)}${offset(iso, zone) === "UTC" ? "" : ` · ${written(iso, "UTC")} UTC`}` : "Write it as 22 Oct 2026 06:00.";
    return iso;
  }
  const set = (iso) => {
    const at = /Z|[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`;
    input.value = Number.isNaN(Date.parse(at)) ? iso : written(at, zone);
    read();
  };
  input.addEventListener("input", read);
  input.addEventListener("blur", () => {
    const iso = read();
    if (iso) input.value = written(iso, zone);
  });
  picked.addEventListener("change", () => {
    if (picked.value) set(moment(picked.value, zone));
    input.focus();
  });
  $("#pick").addEventListener("click", () => picked.showPicker());
  set(moment(first, zone));
  return { moment: read, set };
}
