"""The grid on the map with its labels: meridians and parallels, or the squares of MGRS."""

import math
from typing import Any

import mgrs
import numpy as np

from geoapp.draw.paper import typeface
from geoapp.draw.paper.labels import Ground
from geoapp.draw.paper.page import Box, Page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.projection import Frame

INK_2 = "#45525D"
KM100 = 100_000
SQUARES = (KM100, 10_000, 1_000, 100)
"""Metres from line to line of the MGRS grid."""


def graticule(sheet: Sheet, page: Page, frame: Frame, ground: Ground) -> None:
    """Meridians and parallels with their degrees along the edges of the map."""
    west, south, east, north_ = frame.degrees()
    step = _step(max(east - west, north_ - south) / 4)
    small, box = page.type["small"], frame.box
    lats, lons = np.linspace(south, north_, 60), np.linspace(west, east, 60)
    rows: list[Any] = []
    labels: list[tuple[str, list[tuple[float, float, str]]]] = []
    for lon in np.arange(math.ceil(west / step) * step, east, step):
        row = frame.place(np.full(60, lon), lats)
        rows.append(row)
        up = row[0, 1] < row[-1, 1]
        high, low = (float(np.interp(y, row[:, 1], row[:, 0])) if up else math.nan for y in (box.top, box.bottom))
        labels.append((_angle(lon, "E", "W"), [(high, box.top - small - 2, "center"), (low, box.bottom + 4, "center")]))
    for lat in np.arange(math.ceil(south / step) * step, north_, step):
        row = frame.place(lons, np.full(60, lat))
        rows.append(row)
        on = row[0, 0] < row[-1, 0]
        first, last = (float(np.interp(x, row[:, 0], row[:, 1])) if on else math.nan for x in (box.left, box.right))
        spots = [(box.left + 4, first - small * 0.35, "left"), (box.right - 4, last - small * 0.35, "right")]
        labels.append((_angle(lat, "N", "S"), spots))
    _draw(sheet, ground, rows, labels, small)


def serves(frame: Frame) -> bool:
    """Whether the map lies in one zone of UTM, of which the squares of MGRS are."""
    return " / UTM " in frame.name


def mgrs_squares(sheet: Sheet, page: Page, frame: Frame, ground: Ground) -> None:
    """Lines of the MGRS grid with their digits along the edges, and the letters of each square of 100 km. Beyond the zone, whose
    squares another grid has, there are none."""
    small, box = page.type["small"], frame.box
    right, top = frame.west_m + box.width * frame.metres, frame.south_m + box.height * frame.metres
    step = next((each for each in SQUARES if max(right - frame.west_m, top - frame.south_m) / each >= 4), SQUARES[-1])
    central = _central(frame)
    rows: list[Any] = []
    labels: list[tuple[str, list[tuple[float, float, str]]]] = []
    for east in np.arange(math.ceil(frame.west_m / step) * step, right, step):
        row = _within(frame, np.full(60, east), np.linspace(frame.south_m, top, 60), central)
        if len(row) > 1:
            rows.append(row)
            (low_x, low_y), (high_x, high_y) = row[0].tolist(), row[-1].tolist()
            labels.append((_digits(east, step), [(high_x, high_y - small - 2, "center"), (low_x, low_y + 4, "center")]))
    for north_ in np.arange(math.ceil(frame.south_m / step) * step, top, step):
        row = _within(frame, np.linspace(frame.west_m, right, 240), np.full(240, north_), central)
        if len(row) > 1:
            rows.append(row)
            y = float(row[0, 1]) - small * 0.35
            spots = [(float(row[0, 0]) + 4, y, "left"), (float(row[-1, 0]) - 4, y, "right")]
            labels.append((_digits(north_, step), spots))
    for west in np.arange(math.floor(frame.west_m / KM100) * KM100, right, KM100):
        for south in np.arange(math.floor(frame.south_m / KM100) * KM100, top, KM100):
            x = (max(west, frame.west_m) + min(west + KM100, right)) / 2
            y = (max(south, frame.south_m) + min(south + KM100, top)) / 2
            lon, lat = frame.geographic(x, y)
            if abs(lon - central) < 3:
                at = (x - frame.west_m) / frame.metres + box.left, (y - frame.south_m) / frame.metres + box.bottom
                labels.append((_square(lon, lat), [(*at, "center")]))
    _draw(sheet, ground, rows, labels, small)


def _within(frame: Frame, x: Any, y: Any, central: float) -> Any:
    """The part of a line, in metres, that lies in the zone, as points on the sheet."""
    lon, _ = frame.geographic(x, y)
    inside = np.abs(lon - central) <= 3
    at = np.column_stack([x, y])[inside]
    return np.array([frame.box.left, frame.box.bottom]) + (at - [frame.west_m, frame.south_m]) / frame.metres


def _central(frame: Frame) -> float:
    """The meridian in the middle of the zone."""
    return int(frame.name.rsplit(" ", 1)[1][:-1]) * 6 - 183


def _digits(metres: float, step: int) -> str:
    """What is written at a line: kilometres within the square of 100 km as two digits, hundreds of metres as three; nothing
    at the edges of squares."""
    within = round(metres) % KM100
    return "" if step == KM100 else f"{within // 100:03d}" if step < 1_000 else f"{within // 1_000:02d}"


def _square(lon: float, lat: float) -> str:
    """Zone, band and letters of the square of 100 km: `45L VG`."""
    said = mgrs.MGRS().toMGRS(lat, lon, MGRSPrecision=0)
    return f"{said[:-2]} {said[-2:]}"


def _draw(sheet: Sheet, ground: Ground, rows: Any, labels: Any, small: float) -> None:
    """The lines, and each label at the first of its spots that is free: at the other end of its line, or on it, where one is taken."""
    sheet.line(rows, "#6C7F8B", 0.4, alpha=0.35)
    inner = [
        [(float(row[at][0]), float(row[at][1]), "center") for at in np.linspace(0, len(row) - 1, 9).astype(int)[1:-1]]
        for row in rows
    ]
    inner += [[]] * (len(labels) - len(rows))
    for (words, ends), more in zip(labels, inner, strict=True):
        wide = typeface.width(words, small)
        for x, y, anchor in (*ends, *more):
            left = x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[anchor]
            place = Box(left - 2, y - 2, left + wide + 2, y + small)
            if math.isfinite(x + y) and ground.free(place):
                ground.take(place)
                sheet.text(x, y, words, small, color=INK_2, anchor=anchor, halo="#F6F4EE")
                break


def _step(about: float) -> float:
    steps = (10, 5, 2, 1, 0.5, 0.25, 1 / 6, 0.1, 0.05, 1 / 60)
    return next((step for step in steps if step <= about), 1 / 60)


def _angle(value: float, plus: str, minus: str) -> str:
    value = round(value, 6)
    letter = plus if value > 0 else minus if value < 0 else ""
    whole, minutes = divmod(round(abs(value) * 60), 60)
    return f"{whole}°{f'{minutes:02d}′' if minutes else ''} {letter}".strip()
