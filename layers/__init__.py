"""What can be drawn: one file a layer, and their order on the map, bottom first."""

from layers import (
    areas_of_operation,
    basemap,
    boundaries,
    doubles,
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
    roads,
    sites,
)
from layers._base import Field, Layer, Rule, Style, Symbol

STACK: tuple[Layer, ...] = (
    basemap.LAYER,
    boundaries.LAYER,
    presence_counts.LAYER,
    incident_counts.LAYER,
    gaps.LAYER,
    doubles.LAYER,
    presence.LAYER,
    areas_of_operation.LAYER,
    overlaps.LAYER,
    hot_spots.LAYER,
    risk_zones.LAYER,
    hazards.LAYER,
    roads.LAYER,
    sites.LAYER,
    incident_density.LAYER,
    incidents.LAYER,
)
"""Every layer, in drawing order: what comes later lies on top."""

_BY_NAME = {layer.name: layer for layer in STACK}


def get(name: str) -> Layer:
    """The layer of that name; KeyError when there is none."""
    return _BY_NAME[name]


__all__ = ["STACK", "Field", "Layer", "Rule", "Style", "Symbol", "get"]
