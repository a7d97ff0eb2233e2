"""How to get there: the road network, ways through it, and what they cross."""

from geoapp.access.network_cache import NetworkCache
from geoapp.access.network_store import build, is_large, keep
from geoapp.access.reach import MAX_HOURS, as_geojson, reach
from geoapp.access.route import ask
from geoapp.access.route_request import MAX_POINTS, RouteRequest, Season
from geoapp.access.weighed import not_weighed
from geoapp.gazetteer import Place, find, listed

__all__ = [
    "MAX_HOURS",
    "MAX_POINTS",
    "NetworkCache",
    "Place",
    "RouteRequest",
    "Season",
    "as_geojson",
    "ask",
    "build",
    "find",
    "is_large",
    "keep",
    "listed",
    "not_weighed",
    "reach",
]
