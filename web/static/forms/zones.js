// Risk zones on the workbench: the tool that marks one, and the review of those that wait.

import { $ } from "../lib/dom.js";
import { mayWrite, Review } from "./review.js";
import { ZoneForm } from "./zone.js";

// Adds the tool where this room writes; gives the review, which every room has for the zones it is shown.
export function zoneTool({ map, tiles, drawer, tools, refresh, shown }) {
  const review = new Review(drawer, { form: { open: (asked) => tools.use("zone", asked) }, refresh, shown });
  if (!mayWrite) return review;
  const form = new ZoneForm($("#form"), {
    map, bar: $("#bar"),
    list() {
      form.close({ quietly: true });
      review.list();
    },
    closed() {
      tools.ended("zone");
      tiles.select(null);
      requestAnimationFrame(() => map.invalidateSize({ pan: false }));
    },
    async written(id, done) {
      shown("zones_to_review");
      await refresh();
      if (done) review.show(id, "Sent for review. Another adviser publishes it.");
    },
  });
  tools.add({
    name: "zone", key: "R", icon: "warn", title: "Mark a risk zone",
    async start(asked) {
      if (!asked && form.isOpen) return;
      if (drawer.isOpen) drawer.close();
      const opening = form.open(asked);
      map.invalidateSize({ pan: false });
      await opening;
    },
    stop: () => form.close({ quietly: true }),
  });
  return review;
}
