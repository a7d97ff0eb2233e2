// Where is this device? A dot and a circle as wide as the device is unsure. The position stays in the browser.

/* global L */

const ACCENT = "#0F5C6E";
const REFUSED = {
  1: "This device was not allowed to say where it is. Allow it in the browser's settings for this page, then try again.",
  2: "This device does not know where it is. Under the open sky it may.",
  3: "This device has not found out where it is within 30 seconds. Try again under the open sky.",
};

export class Position {
  // `button` shows whether it is on, `tell` says what went wrong ("" when nothing).
  constructor(map, button, tell) {
    Object.assign(this, { map, button, tell, watch: null });
    this.dot = L.circleMarker([0, 0], { radius: 7, color: "#FFFFFF", weight: 2, fillColor: ACCENT, fillOpacity: 1, interactive: false });
    this.around = L.circle([0, 0], { radius: 1, color: ACCENT, weight: 1, fillColor: ACCENT, fillOpacity: 0.1, interactive: false });
  }

  turn() {
    if (this.watch !== null) return this.stop();
    this.tell("");
    if (!window.isSecureContext || !navigator.geolocation)
      return this.tell("A browser tells a page where it is only over https. Ask whoever runs this service for such an address.");
    this.first = true;
    this.mark(true);
    this.watch = navigator.geolocation.watchPosition((found) => this.show(found.coords), (error) => this.refused(error), {
      enableHighAccuracy: true, timeout: 30000, maximumAge: 10000,
    });
  }

  show({ latitude, longitude, accuracy }) {
    const at = [latitude, longitude];
    this.dot.setLatLng(at);
    this.around.setLatLng(at).setRadius(accuracy);
    if (!this.first) return;
    this.first = false;
    this.around.addTo(this.map);
    this.dot.addTo(this.map);
    this.map.setView(at, Math.max(this.map.getZoom(), 12), { animate: false });
  }

  refused(error) {
    this.stop();
    this.tell(REFUSED[error.code] ?? error.message);
  }

  stop() {
    navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.mark(false);
    this.dot.remove();
    this.around.remove();
  }

  mark(on) {
    this.button.setAttribute("aria-pressed", String(on));
  }
}
