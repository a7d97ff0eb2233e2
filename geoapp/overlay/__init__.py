"""Facts derived from facts: shared ground, overlaps, counts. Every import and edit ends with `refresh`."""

from geoapp.overlay.counts import count_inside, count_queued, recount_near
from geoapp.overlay.overlaps import refresh
from geoapp.overlay.tallies import add_incidents, subtract_incidents

__all__ = ["add_incidents", "count_inside", "count_queued", "recount_near", "refresh", "subtract_incidents"]
