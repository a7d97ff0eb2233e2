// One point put on the map by hand.

/* global L */

import { say } from "../lib/dom.js";
import { mgrs } from "../lib/mgrs.js";
import { placed } from "../lib/rings.js";
import { Handle, take } from "./handles.js";

// One point: a click, or Space for the middle of the map, sets it; then it is dragged, or moved by arrow keys.
// `onPoint` is told { lat, lon, mgrs }. Gives { set(lat, lon), stop() }.
export function pickPoint(map, { onPoint, at = null, name = "The point" }) {
  let handle = null;
  const tell = ({ lat, lng }) => {
    const [north, east] = placed(lat, lng);
    onPoint({ lat: north, lon: east, mgrs: mgrs(north, east) });
  };
  const show = (latlng) => {
    if (handle) handle.marker.setLatLng(latlng);
    else handle = new Handle(map, latlng, { kind: "point", name, moved: tell });
  };
  const put = (latlng) => {
    show(latlng);
    tell(latlng);
  };
  const key = (event) => {
    if (event.target !== map.getContainer() || (event.key !== " " && event.key !== "Enter")) return false;
    put(map.getCenter());
    say(`Point at ${mgrs(map.getCenter().lat, map.getCenter().lng)}`);
    return true;
  };
  const stop = take(map, { clicked: put, key }, () => handle?.stop());
  if (at) show(L.latLng(at.lat, at.lon));
  return { set: (lat, lon) => show(L.latLng(lat, lon)), stop };
}
