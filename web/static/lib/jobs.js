// Waiting for a job: it goes on at the service, whoever looks.

import { Problem, get, send } from "./api.js";
import { fill, h } from "./dom.js";

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * What came of a job, when it has ended; how far it is meanwhile is told. Throws the problem that ended it.
 * @param {any} job
 * @param {(job: any) => void} told
 */
export async function ended(job, told) {
  let now = job;
  for (let wait = 60; !now.ended_at; wait = Math.min(wait * 1.4, 700)) {
    await pause(wait);
    now = await get(`/jobs/${job.id}`, { datetime: "" });
    told(now);
  }
  if (!now.result) throw new Problem(now.error.status ?? 500, now.error);
  return now.result;
}

/**
 * What came of a job; how far it is stands in `place` meanwhile, with a button that stops it. Throws the problem that ended it.
 * @param {Element} place
 * @param {string} title
 * @param {any} job
 */
export function follow(place, title, job) {
  const bar = h("progress", { "aria-label": "Done" });
  const step = h("p", { class: "small" }, "Waiting for its turn");
  const stop = h("button", { type: "button", class: "button small", onclick: () => send("DELETE", `/jobs/${job.id}`).catch(() => {}) }, "Stop");
  fill(place, h("div", { class: "working-head" }, h("h2", {}, title), stop), bar, step);
  return ended(job, (now) => {
    if (!now.step) return;
    step.textContent = now.step[0].toUpperCase() + now.step.slice(1);
    if (now.of) bar.value = now.done / now.of;
  });
}
