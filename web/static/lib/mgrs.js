// Latitude and longitude as MGRS: the grid of maps that armed actors and teams on foot use. WGS 84, UTM zones only.

import { forward } from "../vendor/mgrs.js";

const DIGITS = 4; // to ten metres

// "45L VG 0793 3227"; nothing near the poles, where UTM ends.
export function mgrs(lat, lon) {
  if (!(lat >= -80 && lat < 84)) return "";
  const east = ((((lon + 180) % 360) + 360) % 360) - 180;
  return forward([east, lat], DIGITS).replace(/^(\d+.)(..)(\d{4})(\d{4})$/, "$1 $2 $3 $4");
}
