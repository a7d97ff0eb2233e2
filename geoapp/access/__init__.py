"""How to get there: the road network, ways through it, and what they cross."""

from geoapp.access.kept import Kept
from geoapp.access.place import Place, find, listed
from geoapp.access.question import MAX_POINTS, Question, Season
from geoapp.access.reach import MAX_HOURS, as_geojson, reach
from geoapp.access.route import ask

__all__ = [
    "MAX_HOURS",
    "MAX_POINTS",
    "Kept",
    "Place",
    "Question",
    "Season",
    "as_geojson",
    "ask",
    "find",
    "listed",
    "reach",
]
