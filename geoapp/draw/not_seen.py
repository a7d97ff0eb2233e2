"""What does a room not see: layer by layer, by which rule, how many records?

A room that asks for itself is told how many it is shown. How many there are beside these is known to rooms that record alone,
and even they count no more than their own clearance shows them.
"""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection

from geoapp.audiences import Room, rules_of
from geoapp.db import set_context
from geoapp.draw.counts import by_class
from geoapp.errors import Forbidden
from geoapp.scope import Scope
from layers import STACK

LAYERS = tuple(layer for layer in STACK if not layer.fixed and not layer.recorders and layer.exported)
"""The layers that rooms are told, or not."""


def not_seen(connection: Connection, scope: Scope, asker: Room, room: Room) -> list[dict[str, Any]]:
    """By layer what the room is told (as `audiences.LayerRule`), how many records it is `shown` and, for a room that records,
    how many are `recorded`. Raises Forbidden in a room that only reads and asks for another."""
    if room.key != asker.key and not asker.may_write:
        raise Forbidden(f"What {room.title} is told is not for this room.", hint="Ask for your own room.")
    mine = by_class(connection, LAYERS, scope)
    shown = mine
    if room.key != asker.key:
        other = replace(scope, audience=room.key)
        set_context(connection, other.context())
        shown = by_class(connection, LAYERS, other)
        set_context(connection, scope.context())
    found = []
    for rule in rules_of(room, LAYERS):
        said = asdict(rule) | {
            "withheld": sorted(rule.withheld),
            "rules": [each.words for each in rule.rules if not each.as_recorded],
        }
        said["shown"] = sum(shown[rule.layer].values())
        said["recorded"] = sum(mine[rule.layer].values()) if asker.may_write else None
        found.append(said)
    return found
