"""Where and when is it tense in Kavarra? The places that incidents, risk zones and road security have in common."""

from datetime import date
from typing import NamedTuple

import numpy as np

from data.demo.mesh import KM, SQUEEZE

FIRST, TODAY = date(2025, 5, 1), date(2026, 10, 18)
"""The first day with incidents, and the day on which the exercise takes place."""


class Spot(NamedTuple):
    """A tense place: where, how wide (km), how many of the incidents, its waves (middle, days), and what happens."""

    name: str
    lon: float
    lat: float
    km: float
    weight: float
    waves: tuple[tuple[date, int], ...]
    kind: str


SPOTS = (
    Spot("Velmar east", 86.38, -12.53, 13, 0.20, ((date(2025, 8, 10), 25), (date(2026, 2, 20), 30), (date(2026, 9, 28), 22)), "front"),
    Spot("Dolmar", 85.75, -12.20, 15, 0.15, ((date(2025, 11, 15), 30), (date(2026, 6, 25), 25), (date(2026, 10, 5), 16)), "front"),
    Spot("Velmar", 86.31, -12.48, 7, 0.12, ((date(2025, 10, 4), 12), (date(2026, 3, 18), 14), (date(2026, 10, 9), 9)), "streets"),
    Spot("Korune road", 86.55, -12.42, 12, 0.07, ((date(2026, 4, 10), 25), (date(2026, 9, 20), 20)), "road"),
    Spot("Quillan", 86.98, -12.85, 14, 0.06, ((date(2025, 7, 1), 20), (date(2026, 8, 15), 30)), "crime"),
    Spot("Serran gap", 85.87, -12.55, 12, 0.07, ((date(2025, 9, 20), 30), (date(2026, 7, 12), 25)), "front"),
    Spot("Western border posts", 85.50, -13.05, 20, 0.05, ((date(2025, 12, 10), 30), (date(2026, 5, 15), 30)), "crime"),
    Spot("Averen", 86.40, -13.50, 9, 0.05, ((date(2025, 6, 5), 12), (date(2026, 3, 22), 12), (date(2026, 10, 12), 8)), "streets"),
    Spot("Tessany", 87.19, -12.31, 10, 0.04, ((date(2026, 1, 20), 15), (date(2026, 9, 1), 20)), "streets"),
)  # fmt: skip


def danger(lon: float, lat: float) -> float:
    """How tense a place is, 0 (calm) to 1."""
    total = 0.0
    for spot in SPOTS:
        km = np.hypot((lon - spot.lon) * SQUEEZE, lat - spot.lat) * KM
        total += spot.weight * 5 * float(np.exp(-((km / (spot.km * 1.4)) ** 2)))
    return min(1.0, total)
