import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { clock, moment, offset, understood, wall, written } = await import("../../web/static/lib/local_time.js");

test("a moment is told by the clocks of its zone", () => {
  assert.equal(wall("2026-10-22T06:00:00+00:00", "Asia/Kabul"), "2026-10-22T10:30");
  assert.equal(wall("2026-10-22T23:30:00Z", "Etc/GMT-6"), "2026-10-23T05:30");
  assert.equal(written("2026-10-22T06:00Z", "Africa/Bangui"), "22 Oct 2026 07:00");
  assert.equal(clock("2026-10-22T00:00Z", "UTC"), "00:00");
  assert.deepEqual(["Asia/Kabul", "America/Port-au-Prince", "UTC", "Etc/GMT-6"].map((zone) => offset("2026-01-22T06:00Z", zone)), ["UTC+4:30", "UTC\u22125", "UTC", "UTC+6"]);
});

test("what the clocks show is one moment, also where they are put forward and back", () => {
  assert.equal(moment("2026-10-22T06:00", "Africa/Bangui"), "2026-10-22T05:00Z");
  assert.equal(moment("2026-07-01T06:00", "Asia/Beirut"), "2026-07-01T03:00Z");
  assert.equal(moment("2026-01-01T06:00", "Asia/Beirut"), "2026-01-01T04:00Z");
  assert.equal(moment("2026-10-25T02:30", "Europe/Kyiv"), "2026-10-24T23:30Z"); // before the hour that comes twice
  assert.equal(moment("2026-10-25T03:30", "Europe/Kyiv"), "2026-10-25T00:30Z"); // comes twice: the earlier one
  assert.equal(moment("2026-03-29T03:30", "Europe/Kyiv"), "2026-03-29T01:30Z"); // left out: as if not yet put forward
  for (const zone of ["Asia/Kabul", "Europe/Kyiv", "America/Port-au-Prince", "Etc/GMT-6"])
    for (let day = 1; day < 365; day += 7) {
      const iso = `${new Date(Date.UTC(2026, 0, day, 11, 15)).toISOString().slice(0, 16)}Z`;
      assert.equal(moment(wall(iso, zone), zone), iso);
    }
});

test("days and times are read as people write them, the day first", () => {
  const read = (words) => understood(words, "2026-10-18");
  for (const words of ["22 Oct 2026 06:00", "22 october 2026, 6:00", "22 Oct 6:00", "22/10/2026 06.00", "22.10.2026 0600", "2026-10-22T06:00", "2026-10-22 6h00", " 22  Oct ", "22 Oct 2026 at 06:00"])
    assert.equal(read(words), "2026-10-22T06:00", words);
  for (const words of ["", "tomorrow", "31 Feb 2026", "22 Oct 2026 25:00", "22 Oct 2026 06:61", "10/22/2026", "22 Xyz 2026", "2026-13-01", "22 Oct 2026 soon"])
    assert.equal(read(words), null, words);
});
