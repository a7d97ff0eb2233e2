// Waiting for a job: it goes on at the service, whoever looks.

import { Problem, get } from "./api.js";

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
