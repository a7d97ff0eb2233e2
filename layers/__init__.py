"""What can be drawn: one file a layer, and their order on the map, bottom first."""

from layers import (
    access_constraints,
    access_severity,
    areas_of_operation,
    arrangements,
    basemap,
    boundaries,
    constrained_areas,
    constrained_roads,
    counted_records,
    doubles,
    ended_overlaps,
    gaps,
    hazards,
    hot_spots,
    incident_counts,
    incident_density,
    incidents,
    overlaps,
    presence,
    presence_counts,
    risk_zones,
    road_reports,
    roads,
    rough_incidents,
    rough_unit_counts,
    security_levels,
    sites,
    zones_to_review,
)
from layers._base import Coarse, Field, Layer, Listing, Rule, Style, Symbol

STACK: tuple[Layer, ...] = (
    basemap.LAYER,
    boundaries.LAYER,
    security_levels.LAYER,
    presence_counts.LAYER,
    counted_records.LAYER,
    incident_counts.LAYER,
    access_severity.LAYER,
    gaps.LAYER,
    doubles.LAYER,
    presence.LAYER,
    areas_of_operation.LAYER,
    ended_overlaps.LAYER,
    overlaps.LAYER,
    constrained_areas.LAYER,
    rough_unit_counts.LAYER,
    rough_incidents.LAYER,
    hot_spots.LAYER,
    risk_zones.LAYER,
    zones_to_review.LAYER,
    hazards.LAYER,
    arrangements.LAYER,
    constrained_roads.LAYER,
    roads.LAYER,
    road_reports.LAYER,
    sites.LAYER,
    access_constraints.LAYER,
    incident_density.LAYER,
    incidents.LAYER,
)
"""Every layer, in drawing order: what comes later lies on top."""

GROUPS = ("Actors and presence", "Coordination", "Security", "Access and reference")
"""The groups of the layer list, in its order."""

_BY_NAME = {layer.name: layer for layer in STACK}


def get(name: str) -> Layer:
    """The layer of that name; KeyError when there is none."""
    return _BY_NAME[name]


__all__ = ["GROUPS", "STACK", "Coarse", "Field", "Layer", "Listing", "Rule", "Style", "Symbol", "get"]
