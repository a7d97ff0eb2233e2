"""By which rules is a room told a layer in another form, and are the forms that are kept those of today's rules?"""

import hashlib
from collections.abc import Mapping
from functools import cache, lru_cache

import orjson

from geoapp.audiences import Room, Rule
from geoapp.forms import statements
from geoapp.model import DOMAINS, PRECISIONS
from geoapp.model.subjects import CLAIMS
from layers import STACK, Layer

KEPT = tuple(layer for layer in STACK if layer.coarse or layer.held)
"""The layers of which rooms are told other forms, or numbers."""
COUNTS = next(layer for layer in STACK if layer.counting)
"""The layer of these numbers."""
_BOUNDARIES = ("boundary", "footprint", "audience", "audience_rule")


def narrowed(room: Room, layer: Layer) -> bool:
    """Whether some of a layer's records are told to the room in another form than they are recorded in."""
    return not room.as_recorded(layer.subject) and room.finest(layer.subject).precision != "withheld"


def reads(layer: Layer) -> list[str]:
    """The tables that a layer's forms are made from."""
    return sorted({*layer.reads, *_BOUNDARIES})


def by_subject(room: Room, layer: Layer) -> Mapping[str, Rule]:
    """The room's rules by every subject that a record of the layer may be of."""
    subjects = [layer.subject]
    if layer.coarse and layer.coarse.rules:
        subjects += [*CLAIMS.values(), *(f"{claim}.{domain}" for claim in CLAIMS.values() for domain in DOMAINS)]
    return {subject: room.rule(subject) for subject in subjects}


def as_json(rules: Mapping[str, Rule]) -> str:
    """These rules for SQL."""
    return orjson.dumps([
        {
            "subject": subject, "rank": PRECISIONS.index(rule.precision), "category": rule.labels == "category", "dates": rule.dates,
            "least": rule.least, "withheld": sorted(rule.withheld), "as_recorded": rule.as_recorded,
        }
        for subject, rule in rules.items()
    ]).decode()  # fmt: skip


def tells(room: Room, layer: Layer, field: str) -> bool:
    """Whether the room is told a field that says more of a record than its district does, of some record of the layer."""
    rules = by_subject(room, layer).values()
    return any(
        rule.precision == "exact" and rule.labels == "name" and rule.dates == "day" and field not in rule.withheld
        for rule in rules
    )


@lru_cache(maxsize=256)
def made_from(room: Room) -> Mapping[str, str]:
    """The layers that the room is told in forms, and from what these are made besides records, boundaries and the day: while it is
    the same, those that are kept are right."""
    return {
        layer.name: _digest(
            f"{room.clearance} {room.withheld_domains} {as_json(by_subject(room, layer))} {_sql(layer)}"
        )
        for layer in KEPT
        if narrowed(room, layer)
    }


@cache
def _sql(layer: Layer) -> str:
    return _digest(" ".join(statement.text for statement in statements.of(layer, some=False)))


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:24]
