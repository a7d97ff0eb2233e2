// A tool that has the map to itself, and the buttons by which corners are moved.

/* global L */

import { h } from "../lib/dom.js";

const STEP_PX = 8;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let release = null;

// Whether a tool has the map: a click then is the tool's, and asks nothing.
export const taken = () => release !== null;

// Gives the map to a tool; whoever had it lets go first. What comes back gives the map free again.
/**
 * @param {L.Map} map
 * @param {{ clicked?: (at: L.LatLng, by?: MouseEvent) => void, pointed?: (at: L.LatLng | null) => void, key?: (event: KeyboardEvent) => boolean }} does
 */
export function take(map, { clicked, pointed, key }, letGo = () => {}) {
  release?.();
  const container = map.getContainer();
  const handlers = { click: ({ latlng, originalEvent }) => clicked?.(latlng, originalEvent), mousemove: ({ latlng }) => pointed?.(latlng), mouseout: () => pointed?.(null) };
  const keyed = (event) => {
    if (!key?.(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  map.on(handlers);
  container.addEventListener("keydown", keyed, true);
  map.doubleClickZoom.disable();
  container.classList.add("taken");
  const free = () => {
    if (release !== free) return;
    release = null;
    map.off(handlers);
    container.removeEventListener("keydown", keyed, true);
    map.doubleClickZoom.enable();
    container.classList.remove("taken");
    letGo();
  };
  release = free;
  return free;
}

// A button on the map that is dragged by pointer and moved by arrow keys.
export class Handle {
  /**
   * @param {L.Map} map
   * @param {L.LatLngExpression} at
   * @param {{ kind: string, name: string, moved?: (to: L.LatLng, first: boolean, free: boolean) => L.LatLngExpression | void, dropped?: () => void, pressed?: () => void, removed?: () => void, keyed?: (key: string) => boolean, shown?: (at: L.LatLng | null) => void }} does
   */
  constructor(map, at, { kind, name, moved, dropped, pressed, removed, keyed, shown }) {
    this.map = map;
    this.moved = moved;
    this.dropped = dropped;
    const button = (this.button = h("button", { type: "button", class: `handle ${kind}`, "aria-label": name }));
    this.marker = L.marker(at, { keyboard: false, interactive: false, zIndexOffset: kind === "corner" ? 900 : 800, icon: L.divIcon({ className: "handle-place", iconSize: [24, 24], html: button }) }).addTo(map);
    for (const event of ["mousedown", "dblclick", "click"]) button.addEventListener(event, (e) => e.stopPropagation());
    button.addEventListener("click", () => (this.dragged ? (this.dragged = false) : pressed?.()));
    button.addEventListener("focus", () => shown?.(this.marker.getLatLng()));
    button.addEventListener("blur", () => shown?.(null));
    button.addEventListener("keydown", (event) => this.keyed(event, removed, keyed));
    button.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      if (event.button || !moved) return;
      this.from = map.mouseEventToContainerPoint(event);
      this.dragged = false;
      button.setPointerCapture(event.pointerId);
    });
    button.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      const to = map.mouseEventToContainerPoint(event);
      if (!this.dragged && to.distanceTo(this.from) < 3) return;
      this.move(map.containerPointToLatLng(to), !this.dragged, event.altKey);
      this.dragged = true;
    });
    for (const end of ["pointerup", "pointercancel"])
      button.addEventListener(end, () => {
        if (this.from && this.dragged) dropped?.();
        this.from = null;
      });
  }

  // Whoever is told may put it somewhere else, unless it is moved freely.
  move(to, first, free = true) {
    this.marker.setLatLng(this.moved(to, first, free) ?? to);
  }

  keyed(event, removed, keyed) {
    const by = ARROWS[event.key];
    if (by && this.moved) {
      const px = event.shiftKey ? STEP_PX * 5 : event.altKey ? 1 : STEP_PX;
      const at = this.map.latLngToContainerPoint(this.marker.getLatLng()).add([by[0] * px, by[1] * px]);
      const now = Date.now();
      this.move(this.map.containerPointToLatLng(at), now - (this.last ?? 0) > 1500);
      this.last = now;
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.dropped?.(), 300);
    } else if ((event.key === "Delete" || event.key === "Backspace") && removed) removed();
    else if (!keyed?.(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  stop() {
    clearTimeout(this.soon);
    this.marker.remove();
  }
}
