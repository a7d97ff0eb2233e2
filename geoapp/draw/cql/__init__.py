"""CQL2, the filter language of OGC API Features: from what was written to SQL over a layer's row."""

from geoapp.draw.cql.condition import condition, order, some

__all__ = ["condition", "order", "some"]
