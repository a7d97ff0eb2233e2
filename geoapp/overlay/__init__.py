"""Facts derived from facts: shared ground, overlaps, counts. Every import and edit ends with `refresh`."""

from geoapp.overlay.counts import count_few, count_inside, count_one, count_queued, recount_near
from geoapp.overlay.lineage import areas_of, circle, cut_circles, follow
from geoapp.overlay.overlaps import count_rows, refresh
from geoapp.overlay.overview import TABLES as OVERVIEW_TABLES
from geoapp.overlay.overview import overview
from geoapp.overlay.pairs import settle
from geoapp.overlay.peer import compare
from geoapp.overlay.reports import reports
from geoapp.overlay.risk import evidence, look, matrix, today
from geoapp.overlay.tallies import add_incidents, subtract_incidents
from geoapp.overlay.trends import MAX_MONTHS, MONTHS_READ, Span, months, span_asked, trends

__all__ = [
    "MAX_MONTHS",
    "MONTHS_READ",
    "OVERVIEW_TABLES",
    "Span",
    "add_incidents",
    "areas_of",
    "circle",
    "compare",
    "count_few",
    "count_inside",
    "count_one",
    "count_queued",
    "count_rows",
    "cut_circles",
    "evidence",
    "follow",
    "look",
    "matrix",
    "months",
    "overview",
    "recount_near",
    "refresh",
    "reports",
    "settle",
    "span_asked",
    "subtract_incidents",
    "today",
    "trends",
]
