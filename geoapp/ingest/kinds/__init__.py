"""What can be read: one file a kind, and the list of them."""

from geoapp.ingest.kinds import (
    areas,
    arrangements,
    basemap,
    boundaries,
    constraints,
    deletions,
    hazards,
    incidents,
    presence,
    risk_zones,
    road_reports,
    roads,
    security_levels,
    sites,
)
from geoapp.ingest.kinds._base import Kind, Reading

FORMATS: tuple[Kind, ...] = (
    boundaries.KIND, presence.KIND, incidents.KIND, deletions.KIND, areas.KIND, risk_zones.KIND, hazards.KIND, sites.KIND,
    roads.KIND, basemap.KIND, arrangements.KIND, security_levels.KIND, constraints.KIND, road_reports.KIND,
)  # fmt: skip


def get(name: str) -> Kind:
    """The kind of that name; KeyError when there is none."""
    return {kind.name: kind for kind in FORMATS}[name]


__all__ = ["FORMATS", "Kind", "Reading", "get"]
