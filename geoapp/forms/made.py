"""Makes the forms of a layer in a room: of all of its records, or of those that changed and of the districts that they lie and lay in."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.forms import statements
from geoapp.forms.rules import COUNTS, as_json, by_subject, reads
from geoapp.geometry import LOW_M, MID_M
from geoapp.model import PRECISIONS
from geoapp.scope import Scope
from layers import Layer

_MADE = text("""
    INSERT INTO facts.form_made (operation_id, audience, layer, made_from, reads)
    VALUES (calc.operation(), :audience, :layer, :state, CAST(:reads AS text[]))
    ON CONFLICT (operation_id, audience, layer) DO UPDATE SET made_from = excluded.made_from, reads = excluded.reads
""")
_FORGOTTEN = text("DELETE FROM facts.form_made AS m WHERE m.audience = :audience AND m.layer = :layer")


def make(connection: Connection, room: Room, layer: Layer, today: date, ids: Collection[int] | None) -> None:
    """Make the forms of these records anew, of all of the layer's for None. The context is the room's, for `form`."""
    if ids is None:
        forget(connection, room, layer)
    rules = by_subject(room, layer)
    ranks = {PRECISIONS.index(rule.precision) for rule in rules.values()}
    run = statements.of(layer, some=ids is not None)
    counts_units = layer.coarse is not None and layer.coarse.counts is not None
    binds: dict[str, Any] = _binds(room, layer, today if counts_units else None)
    binds |= {"rules": as_json(rules), "ids": sorted(ids or ())}
    units: set[str] = set()
    told = ranks != {5}
    if ids is not None:
        units.update(connection.execute(run.leave, binds).scalars())
    if ranks & {1, 2, 3, 4} and not counts_units:
        entered = connection.execute(run.enter, binds).scalars().all()
        told = bool(entered)
        units.update(unit for unit in entered if unit is not None)
        if units and layer.coarse and layer.coarse.organisations and any(rule.least for rule in rules.values()):
            changed = connection.execute(run.recount, binds | {"units": sorted(units)}).scalars().all()
            if ids is not None and changed:
                connection.execute(run.gone, binds | {"ids": changed})
                binds["ids"], told = sorted({*binds["ids"], *changed}), True
    if layer.coarse and told:
        connection.execute(run.told, binds)
    if layer.held and (ids is None or units) and ranks - {5, *statements.singly(layer)}:
        for step in (run.uncounted, run.counted):
            connection.execute(step, binds | {"units": sorted(units)})


def forget(connection: Connection, room: Room, layer: Layer) -> None:
    """Take all forms of a layer away from a room that is told none."""
    run, binds = statements.of(layer, some=False), _binds(room, layer, None)
    for step in (run.leave, run.uncounted, _FORGOTTEN):
        connection.execute(step, binds)


def remember(connection: Connection, room: Room, layer: Layer, day: date, state: str) -> None:
    """Say from what all of a layer's forms were made, and of which day they are."""
    connection.execute(_MADE, _binds(room, layer, None) | {"state": f"{day} {state}"})


def _binds(room: Room, layer: Layer, day: date | None) -> dict[str, Any]:
    return Scope("", period=(day, day) if day else None).binds() | {
        "layer": layer.name, "kind": layer.held, "reads": reads(layer), "counts": COUNTS.name, "low_m": LOW_M, "mid_m": MID_M,
        "audience": room.key,
    }  # fmt: skip
