"""geoapp: who operates where, where that overlaps in space and time, and what may be shown of it to whom."""

__version__ = "0.1.0"
