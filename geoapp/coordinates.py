"""Where is the place that these signs mean? Degrees in every way of writing them, UTM and MGRS, on WGS 84."""

import re
import warnings
from dataclasses import dataclass

import mgrs
import numpy as np
import pyproj

_MGRS = re.compile(r"\s*(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z]{2})\s*((?:\d\s*){0,10})$", re.IGNORECASE)
_UTM = re.compile(
    r"\s*(?:zone\s*)?(\d{1,2})\s*([C-HJ-NP-X]|north|south)?[\s,;]+(?:E\s*)?(\d{6}(?:[.,]\d+)?)\s*(?:m?E)?[\s,;]+(?:N\s*)?"
    r"(\d{1,8}(?:[.,]\d+)?)\s*(?:m?N)?\s*$",
    re.IGNORECASE,
)
_DMS = re.compile(
    r"""([NSEWO])?\s*(-?\d+(?:[.,]\d+)?)\s*[°ºd:\s]\s*(?:(\d+(?:[.,]\d+)?)\s*['′’m:\s]?\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:["″”]|s(?=\s*[NSEWO]$))?\s*)?([NSEWO])?$""",
    re.IGNORECASE,
)
_BARE = re.compile(r"([NSEWO])?\s*(\d+(?:[.,]\d+)?)\s*°?\s*([NSEWO])?", re.IGNORECASE)
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_EDGE = 0.1
"""Degrees by which a square at the edge of a latitude band may lie beyond it."""

# the library warns of such a square; whether the band fits the place is asked below
warnings.filterwarnings("ignore", message=".*Latitude Warning")


@dataclass(frozen=True)
class Spot:
    """A place in degrees and how many metres across the square is that was written down (0: a point)."""

    lon: float
    lat: float
    metres: float = 0.0


def number(text: str) -> float:
    """A finite number; a decimal comma, thousands and a per cent sign are understood. Raises ValueError."""
    cleaned = text.replace("\u00a0", "").replace(" ", "").replace("'", "").rstrip("%")
    if "," in cleaned and "." in cleaned:
        cleaned = (
            cleaned.replace(",", "")
            if cleaned.rfind(".") > cleaned.rfind(",")
            else cleaned.replace(".", "").replace(",", ".")
        )
    elif cleaned.count(",") == 1 and not re.fullmatch(r"-?\d{1,3},\d{3}", cleaned):
        cleaned = cleaned.replace(",", ".")
    else:
        cleaned = cleaned.replace(",", "")
    value = float(cleaned)
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def degrees(text: str) -> float:
    """Degrees of a decimal number (point or comma) or of degrees, minutes, seconds, with or without a letter.

    A comma is a decimal one here, for no angle has thousands. Raises ValueError.
    """
    text = text.strip()
    try:
        return number(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        pass
    bare, found = _BARE.fullmatch(text), _DMS.match(text)
    if bare:
        value, letter = number(bare[2].replace(",", ".")), (bare[1] or bare[3] or "N")
    elif found:
        minutes, seconds = number((found[3] or "0").replace(",", ".")), number((found[4] or "0").replace(",", "."))
        # 12°19'60.0" is what rounding makes of 12°20'
        if minutes > 60 or seconds > 60 or (minutes == 60 and seconds > 0):
            raise ValueError(text)
        whole = number(found[2].replace(",", "."))
        sign = -1 if found[2].startswith("-") else 1
        value = (abs(whole) + minutes / 60 + seconds / 3600) * sign
        letter = found[1] or found[5] or "N"
    else:
        raise ValueError(text)
    return -value if letter.upper() in "SWO" and value > 0 else value


def from_mgrs(text: str) -> Spot:
    """The middle of an MGRS square such as `45L VG 0793 3227`. Raises ValueError."""
    found = _MGRS.match(text)
    digits = "".join(found[4].split()) if found else ""
    if not found or len(digits) % 2:
        raise ValueError(text)
    metres = 10 ** (5 - len(digits) // 2)
    corner = f"{found[1]}{found[2]}{found[3]}".upper()
    half = "5" if len(digits) < 10 else ""
    middle = digits[: len(digits) // 2] + half + digits[len(digits) // 2 :] + half
    try:
        lat, lon = mgrs.MGRS().toLatLon(corner + middle)
    except mgrs.core.MGRSError:
        raise ValueError(text) from None
    south = _BANDS.index(found[2].upper()) * 8 - 80
    if not south - _EDGE <= lat <= south + (12 if south == 72 else 8) + _EDGE:
        raise ValueError(text)
    return Spot(lon, lat, float(metres))


def from_utm(zone: int, band: str, easting: float, northing: float) -> Spot:
    """A place of a UTM zone; `band` is a latitude band, or `north` or `south`. Raises ValueError.

    A lone N or S is read as the band of that letter, as MGRS has it: both lie north of the equator, and no hemisphere
    is guessed.
    """
    if not (1 <= zone <= 60 and 100_000 <= easting <= 900_000 and 0 <= northing <= 10_000_000):
        raise ValueError(f"{zone}{band} {easting} {northing}")
    south = band.lower() == "south" or (len(band) == 1 and band.upper() < "N")
    lon, lat = pyproj.Transformer.from_crs((32700 if south else 32600) + zone, 4326, always_xy=True).transform(
        easting, northing
    )
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise ValueError(f"{zone}{band} {easting} {northing}")
    return Spot(float(lon), float(lat), 1.0)


def spot(text: str) -> Spot:
    """A place written in one line: MGRS, UTM with its zone and band, or latitude and longitude in any notation.

    Raises ValueError when it is none of them, lies outside the world, or can be read two ways.
    """
    text = " ".join(text.replace("\u00a0", " ").split()).strip("()[] ")
    if not text or len(text) > 100:
        raise ValueError(text)
    if _MGRS.match(text):
        return from_mgrs(text)
    utm = _UTM.match(text)
    if utm and utm[2]:
        return from_utm(int(utm[1]), utm[2], number(utm[3].replace(",", ".")), number(utm[4].replace(",", ".")))
    lat_text, lon_text = _pair(text)
    lat, lon = degrees(lat_text), degrees(lon_text)
    if re.search(r"[EWO]", lat_text, re.IGNORECASE) and re.search(r"[NS]", lon_text, re.IGNORECASE):
        lat, lon = lon, lat
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValueError(text)
    return Spot(lon, lat)


def _pair(text: str) -> tuple[str, str]:
    """Two angles in one text: split at a semicolon, a comma with a space, a letter, a lone comma or a lone space."""
    lettered = re.fullmatch(r"(.*\d.*?[NS])[\s,;]*(.*\d.*[EWO])|(.*\d.*?[EWO])[\s,;]*(.*\d.*[NS])", text, re.IGNORECASE)
    if lettered:
        first, second = [part for part in lettered.groups() if part is not None]
        return first, second
    leading = re.fullmatch(r"([NS].*?\d)[\s,;]*([EWO].*\d.*)", text, re.IGNORECASE)
    if leading:
        return leading[1], leading[2]
    for splitter in (r"\s*;\s*", r"\s*,\s+", r"\s*,\s*", r"\s+"):
        parts = re.split(splitter, text)
        if len(parts) == 2:
            return parts[0], parts[1]
    raise ValueError(text)


def say_mgrs(lon: float, lat: float, digits: int = 4) -> str:
    """`45L VG 0793 3227`, to ten metres with four digits; nothing near the poles, where UTM ends."""
    if not -80 <= lat < 84:
        return ""
    # some millimetres south of the equator the library says the first square of the north in a band of the south, which there is not
    code = mgrs.MGRS().toMGRS(0.0 if -1e-6 < lat < 0 else lat, lon, MGRSPrecision=digits)
    head = code[: len(code) - 2 * digits]
    return f"{head[:-2]} {head[-2:]} {code[len(head) : len(head) + digits]} {code[len(head) + digits :]}".strip()
