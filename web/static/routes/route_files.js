// A way to take along: GPX, KML, GeoJSON. Every file that leaves says what it is, for whom it was drawn, and what it is not.

import { panel } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { hours, km } from "./route_summary.js";

const GPX = "http://www.topografix.com/GPX/1/1";
const KML = "http://www.opengis.net/kml/2.2";

export const corners = (way) => way.features.flatMap((f) => (f.geometry.type === "LineString" ? [f.geometry.coordinates] : f.geometry.coordinates));

const NOT = "It gives no permission and no protection; absence of data is not absence of risk.";

export const said = (way, names) =>
  `Way from ${names[0]} to ${names.at(-1)}, ${km(way.km)}, ${hours(way.hours)} on the road, leaves ${way.leaves}. TLP:${panel.audience.handling}, drawn for ${panel.audience.title}, as of ${panel.as_of_text}. ${NOT}${panel.operation.exercise ? " EXERCISE: all data invented." : ""}`;

function document_(space, root) {
  const xml = document.implementation.createDocument(space, root);
  const make = (tag, attributes = {}, ...children) => {
    const element = xml.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const text = () => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(xml)}`;
  return { xml, make, text };
}

export function gpx(way, title, names) {
  const { xml, make, text } = document_(GPX, "gpx");
  Object.entries({ version: "1.1", creator: "geoapp" }).forEach(([name, value]) => xml.documentElement.setAttribute(name, value));
  xml.documentElement.append(
    make("metadata", {}, make("desc", {}, said(way, names))),
    make("trk", {}, make("name", {}, title), ...corners(way).map((line) => make("trkseg", {}, ...line.map(([lon, lat]) => make("trkpt", { lat, lon }))))));
  return text();
}

export function kml(way, title, names) {
  const { xml, make, text } = document_(KML, "kml");
  const line = (coordinates) => make("LineString", {}, make("tessellate", {}, "1"), make("coordinates", {}, coordinates.map(([lon, lat]) => `${lon},${lat}`).join(" ")));
  const what = (p) => [p.road, `km ${p.from_km.toFixed(1)}`, `arrives ${p.arrives}`, p.actors.map((a) => a.name).join(", "), p.zones.map((z) => `${z.level} ${z.name}`).join(", ")].filter(Boolean).join("; ");
  xml.documentElement.append(make("Document", {}, make("name", {}, title), make("description", {}, said(way, names)),
    ...way.features.map((f) => make("Placemark", {}, make("name", {}, `Segment ${f.properties.number}`), make("description", {}, what(f.properties)),
      f.geometry.type === "LineString" ? line(f.geometry.coordinates) : make("MultiGeometry", {}, ...f.geometry.coordinates.map(line))))));
  return text();
}

export function geojson(way, title, names) {
  return JSON.stringify({ ...way, name: title, description: said(way, names) });
}

export function save(name, type, text) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const FILES = [
  ["GPX", "way.gpx", "application/gpx+xml", gpx],
  ["KML", "way.kml", "application/vnd.google-earth.kml+xml", kml],
  ["GeoJSON", "way.geojson", "application/geo+json", geojson],
];
