// The handles by which the corners of a drawing are moved, added and taken away.

/* global L */

import { say } from "../lib/dom.js";
import { mgrs } from "../lib/mgrs.js";
import { middle } from "../lib/rings.js";
import { Handle } from "./handles.js";

const MOST_BETWEEN = 24; // corners in view; where there are more, there is no room for handles between them

// The handles of a ring's corners in view, and of the places between them.
export function grips(drawing, ring) {
  const made = [];
  const view = drawing.map.getBounds();
  ring.forEach((corner, at) => {
    if (!view.contains(corner)) return;
    const handle = new Handle(drawing.map, corner, {
      kind: "corner", name: `Corner ${at + 1} of ${ring.length}, ${mgrs(...corner)}. Arrow keys move it, B puts it on the border beside it, Delete removes it.`,
      moved: (to, first, free) => {
        if (first) drawing.remember();
        ring[at] = drawing.put(to, free);
        drawing.dragging = true;
        drawing.map.getContainer().classList.add("dragging");
        drawing.trace();
        drawing.point(L.latLng(ring[at]));
        return ring[at];
      },
      dropped: () => settle(drawing),
      keyed: (key) => key.toLowerCase() === "b" && toBorder(drawing, ring, at),
      pressed: () => drawing.open && at === (drawing.line ? ring.length - 1 : 0) && drawing.finish(),
      removed: () => drawing.remove(ring, at),
      shown: (where) => drawing.point(where),
    });
    made.push(Object.assign(handle, { ring, at }));
  });
  if (drawing.open || drawing.inView(ring) > MOST_BETWEEN) return made;
  ring.slice(0, drawing.line ? -1 : undefined).forEach((corner, at) => {
    const next = (at + 1) % ring.length;
    if (!view.contains(middle(corner, ring[next]))) return;
    made.push(new Handle(drawing.map, middle(corner, ring[next]), {
      kind: "between", name: `Add a corner between ${at + 1} and ${next + 1}`, pressed: () => drawing.insert(ring, at),
    }));
  });
  return made;
}

// A corner is put on what lies beside it, farther off than a pointer would.
function toBorder(drawing, ring, at) {
  const [lat, lng] = ring[at];
  const spot = drawing.snap?.at({ lat, lng }, { far: true });
  if (spot) {
    drawing.remember();
    ring[at] = spot;
    drawing.draw();
    drawing.handles.find((each) => each.ring === ring && each.at === at)?.button.focus();
  }
  say(spot ? `Put on the border, at ${mgrs(...spot)}` : "No border lies near it.");
  return true;
}

// After a corner was moved the places between the corners are others.
function settle(drawing) {
  drawing.dragging = false;
  drawing.map.getContainer().classList.remove("dragging");
  drawing.draw();
}
