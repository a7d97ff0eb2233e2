// Latitude and longitude as MGRS: the grid of maps that armed actors and teams on foot use. WGS 84, UTM zones only.

const A = 6378137;
const F = 1 / 298.257223563;
const K0 = 0.9996;
const E2 = F * (2 - F);
const BANDS = "CDEFGHJKLMNPQRSTUVWX";
const COLUMNS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"];
const ROWS = ["ABCDEFGHJKLMNPQRSTUV", "FGHJKLMNPQRSTUVABCDE"];

function zoneOf(lat, lon) {
  if (lat >= 56 && lat < 64 && lon >= 3 && lon < 12) return 32;
  if (lat >= 72 && lon >= 0 && lon < 42) return [31, 33, 35, 37][[9, 21, 33, 42].findIndex((east) => lon < east)];
  return Math.floor((lon + 180) / 6) + 1;
}

// Easting and northing in metres (Krüger's series to the third order: better than a centimetre inside a zone).
function utm(lat, lon, zone) {
  const n = F / (2 - F);
  const meridian = ((zone - 1) * 6 - 177) * (Math.PI / 180);
  const [phi, lambda] = [lat * (Math.PI / 180), lon * (Math.PI / 180) - meridian];
  const e = Math.sqrt(E2);
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
  const radius = (A / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
  const alpha = [n / 2 - (2 * n ** 2) / 3 + (5 * n ** 3) / 16, (13 * n ** 2) / 48 - (3 * n ** 3) / 5, (61 * n ** 3) / 240];
  let [x, y] = [eta, xi];
  alpha.forEach((a, i) => {
    x += a * Math.cos(2 * (i + 1) * xi) * Math.sinh(2 * (i + 1) * eta);
    y += a * Math.sin(2 * (i + 1) * xi) * Math.cosh(2 * (i + 1) * eta);
  });
  return [500000 + K0 * radius * x, K0 * radius * y + (lat < 0 ? 1e7 : 0)];
}

// "45L VG 0793 3227", to ten metres; nothing near the poles, where UTM ends.
export function mgrs(lat, lon) {
  if (!(lat >= -80 && lat < 84)) return "";
  const east = ((((lon + 180) % 360) + 360) % 360) - 180;
  const zone = zoneOf(lat, east);
  const [easting, northing] = utm(lat, east, zone);
  const band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))];
  const column = COLUMNS[(zone - 1) % 3][Math.floor(easting / 1e5) - 1];
  const row = ROWS[(zone - 1) % 2][Math.floor(northing / 1e5) % 20];
  const digits = (metres) => String(Math.floor((metres % 1e5) / 10)).padStart(4, "0");
  return `${zone}${band} ${column}${row} ${digits(easting)} ${digits(northing)}`;
}
