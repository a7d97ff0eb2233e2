"""What is a way not weighed by, and not told of, since the room is told it otherwise than as recorded?"""

from geoapp.audiences import Room
from layers import get

_WEIGHED = ("risk_zones", "hazards", "areas_of_operation", "access_constraints", "arrangements")
"""The layers whose records a way is weighed by and tells of where it crosses them."""


def not_weighed(room: Room) -> list[str]:
    """A sentence for each kind of record that lies on roads and that this room is told coarser, or not at all: of these no way
    says that it is free."""
    found = []
    for layer in map(get, _WEIGHED):
        if not room.as_recorded(layer.subject) or not room.shows(layer):
            kept = room.withheld(layer) or f"{layer.title} are told to this room by its rules."
            found.append(f"{layer.title} are not weighed and not told on a way. {kept}")
    return found
