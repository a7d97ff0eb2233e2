"""What the map says beside itself: the room, the layers with their classes and counts, what lies under a point."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from geoapp import audiences, local_time
from geoapp.audiences import Room
from geoapp.db import by_index
from geoapp.draw import features
from geoapp.draw.counts import Counts, counted
from geoapp.draw.nothing import unknown
from geoapp.draw.query import source
from geoapp.draw.versions import AnswerCache, Versions, look
from geoapp.draw.wording import coded, spoken, title
from geoapp.model import BANNER, FACTS, HANDLING
from geoapp.scope import Scope, known, say_date
from layers import GROUPS, STACK, Layer, get
from layers.recorded import told_of

WINDOW_DAYS = 90
DISCLAIMER = "The boundaries and names shown and the designations used on this map do not imply official endorsement or acceptance by {organisation}."
WORLD = [-170.0, -60.0, 170.0, 75.0]
"""What is shown of an operation that has drawn nothing."""
_BOX = "SELECT ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box){1} FROM (SELECT {0}::box2d AS box) AS e"

_DATED = ("incident", "area_part")
"""The tables that say which days hold something; of incidents the counts by month are asked, which are few."""
_SPAN = """
    (SELECT least(
        (SELECT min(t.month) FROM facts.incident_tally AS t WHERE t.month > DATE '1900-01-01' AND t.month <= :today),
        (SELECT min(lower(p.valid)) FROM facts.area_part AS p WHERE lower(p.valid) BETWEEN DATE '1900-01-01' AND :today)
    )),
    (SELECT least(:today, greatest(
        (SELECT max((t.month + interval '1 month')::date - 1) FROM facts.incident_tally AS t
            WHERE t.month > DATE '1900-01-01' AND t.month <= :today),
        (SELECT max(coalesce(upper(p.valid) - 1, :today)) FROM facts.area_part AS p
            WHERE coalesce(lower(p.valid) <= :today, NOT upper_inf(p.valid)))
    )))
"""
"""The first and the last day, up to today, that hold an incident, an area or presence, NULL and today when none does; what
has neither a beginning nor an end holds on every day and says nothing of them."""

_RECORDS = {table for layer in STACK if not layer.fixed for table in layer.reads if table in FACTS}
"""The tables of what is recorded: the base map is none, nor what is made from records for rooms."""


def frame(
    connection: Connection,
    scope: Scope,
    cache: AnswerCache | None = None,
    rooms: list[Room] | None = None,
    *,
    extent: bool = True,
) -> dict[str, Any]:
    """What a page needs to know before it draws: operation, room, days, layers with their classes; four statements at most.

    Without a period it proposes the newest 90 days that hold an incident, an area or presence: the last ones of what was
    known, or, where these hold nothing, those up to the month of the newest record, which `newest` then names. `span` are the
    first and the last day that hold any; `empty` says that no record was ever entered. `bbox` is where the operation is (the
    world without `extent`), `opens` where the map opens instead, if anywhere. Layers have no counts yet: `counts` answers these.
    Nothing of it is narrowed. Raises NotFound for no such operation, BadRequest for no such room.
    """
    scope = scope.whole
    rooms = rooms or audiences.rooms(connection)
    room = audiences.pick(rooms, scope)
    cache = cache or AnswerCache()
    versions = look(connection, scope)
    about = versions.operation
    today = about.today
    not_yet = unknown(connection, STACK, scope, versions, cache)
    handling, box, span, standing_in, opens = _seen(connection, scope, versions, cache, extent=extent)
    until = min(today, scope.as_of.date()) if scope.as_of else today
    newest = span[1] if span[1] and span[1] < until - timedelta(days=WINDOW_DAYS) else None
    last = newest or until
    period = scope.period or (last - timedelta(days=WINDOW_DAYS), last)
    as_of = scope.as_of.date() if scope.as_of else today
    return {
        "operation": {
            "key": about.key, "title": about.title, "exercise": about.exercise, "organisation": about.organisation,
            "time_zone": about.time_zone or _zone(box), "copy_of": about.copy_of,
        },
        "audience": {
            "key": room.key, "title": room.title, "clearance": room.clearance,
            "handling": handling, "sentence": room.sentence, "may_write": room.may_record,
        },
        "audiences": [{"key": each.key, "title": each.title} for each in rooms],
        "bbox": box,
        "opens": opens,
        "as_of": as_of.isoformat(),
        "as_of_text": say_date(as_of),
        "today": today.isoformat(),
        "period": [d.isoformat() if d else None for d in period],
        "span": [d.isoformat() if d else None for d in span],
        "newest": newest.isoformat() if newest else None,
        "empty": not any(versions.changes.get(table) for table in _RECORDS),
        "disclaimer": DISCLAIMER.format(organisation=about.organisation or "the organisation using this map"),
        "layers": [_described(layer, room, not_yet.get(layer.name), standing_in) for layer in STACK],
    }  # fmt: skip


def _zone(box: list[float]) -> str:
    return "UTC" if box == WORLD else local_time.near(round((box[0] + box[2]) / 2, 1), round((box[1] + box[3]) / 2, 1))


def counts(
    connection: Connection,
    scope: Scope,
    names: Collection[str] | None = None,
    cache: AnswerCache | None = None,
    rooms: list[Room] | None = None,
) -> dict[str, Any]:
    """How many records each layer and each of its classes has in the scope: by the layer's name `count` (None where the
    room is not shown the layer) and `classes`, in the order of the style's rules. Without names every layer is counted."""
    room = audiences.pick(rooms or audiences.rooms(connection), scope)
    layers = [layer for layer in STACK if names is None or layer.name in names]
    found = counted(connection, cache or AnswerCache(), layers, scope, room)
    return {layer.name: _counts(layer, found.get(layer.name)) for layer in layers}


def panel(
    connection: Connection, scope: Scope, cache: AnswerCache | None = None, rooms: list[Room] | None = None
) -> dict[str, Any]:
    """The frame with the counts of its period in its layers."""
    rooms = rooms or audiences.rooms(connection)
    shown = frame(connection, scope, cache, rooms)
    if scope.period is None:
        first, last = (date.fromisoformat(day) for day in shown["period"])
        scope = replace(scope, period=(first, last))
    numbers = counts(connection, scope, cache=cache, rooms=rooms)
    for layer in shown["layers"]:
        own = numbers[layer["name"]]
        rules, layer["count"] = layer["style"]["rules"], own["count"]
        numbered = zip(rules, own["classes"] or [0] * len(rules), strict=True)
        layer["style"] = layer["style"] | {"rules": [rule | {"count": n} for rule, n in numbered]}
    return shown


def extent(connection: Connection, scope: Scope) -> list[float]:
    """Where the operation is: its boundaries, else what it has drawn; the world when it is empty."""
    row = connection.execute(text(_BOX.format(_extent_sql(scope), "")), Scope(scope.operation).binds()).one()
    return WORLD if row[0] is None else [float(v) for v in row]


_Seen = tuple[str, list[float], tuple[date | None, date | None], frozenset[str], list[float] | None]


_DRAWN = [each for each in STACK if not each.fixed and (each.stands_in or (each.on and not each.background))]
"""The layers by which a map knows whether it shows anything."""
_HELD = '(SELECT h.anything FROM "holds {0}" AS h)'
"""SQL for whether a layer holds anything, on whatever day, after `_holding`."""


def _holding(scope: Scope) -> str:
    """SQL that comes before a SELECT and asks of each layer whether it holds anything: planned once however often that is read,
    and not run unless it is."""
    asked = {layer.name: layer for layer in (*_DRAWN, *(get(each.stands_in) for each in STACK if each.stands_in))}
    rows = {name: layer.holds or f"SELECT FROM ({source(layer, scope)}) AS t" for name, layer in asked.items()}
    held = (f'"holds {name}" AS MATERIALIZED (SELECT EXISTS ({sql}) AS anything)' for name, sql in rows.items())
    return known(f"WITH {', '.join(held)} ", scope)


def _seen(connection: Connection, scope: Scope, versions: Versions, cache: AnswerCache, *, extent: bool) -> _Seen:
    """The highest handling of what the room is shown, the box around it, the first and last day that hold any, the
    layers that are drawn in place of others, since those hold nothing, and where the map opens when that is a part of the box.

    On another day's picture there may be what was taken back since, and handled more strictly: the higher of both is said.
    """
    key = (scope.operation, scope.audience, scope.member, scope.as_of, extent)
    placing = (table for layer in STACK if layer.placing is not None for table in layer.reads)
    standing = [layer for layer in STACK if layer.stands_in]
    stood_for = (table for each in standing for layer in (each, get(each.stands_in or "")) for table in layer.reads)
    version = versions.of((*BANNER, *placing, *stood_for, *_DATED))
    with cache.alone(key):
        found: _Seen | None = cache.get(key, version)
        if found is None:
            found = _look_for(connection, scope, versions.operation.today, standing, extent=extent)
            cache.put(key, version, found)
    return found


def _look_for(connection: Connection, scope: Scope, today: date, standing: list[Layer], *, extent: bool) -> _Seen:
    highest = audiences.HIGHEST
    if scope.as_of:
        highest = f"greatest({highest}::facts.handling, {known(highest, scope)}::facts.handling)::text"
    # CASE keeps the order: what stands in is only looked for where the other holds nothing
    instead = (
        f"CASE WHEN {_HELD.format(layer.stands_in)} THEN false ELSE {_HELD.format(layer.name)} END"
        for layer in standing
    )
    opens = _opens_sql(scope) if extent else "NULL"
    more = f", {highest}, {known(_SPAN, scope)}, ARRAY[{', '.join(instead)}], {opens}"
    box = _holding(scope) + _BOX.format(_extent_sql(scope) if extent else "NULL", more)
    row = connection.execute(text(box), Scope(scope.operation).binds() | {"today": today}).one()
    return (
        row[4] or HANDLING[0], WORLD if row[0] is None else [float(v) for v in row[:4]], (row[5], row[6]),
        frozenset(layer.name for layer, stands in zip(standing, row[7], strict=True) if stands), row[8],
    )  # fmt: skip


def _extent_sql(scope: Scope) -> str:
    """SQL for the box around the first layer that holds something; what comes after it is not looked at."""
    now = replace(scope.whole, as_of=None)
    placing = sorted((layer.placing, layer) for layer in STACK if layer.placing is not None)
    boxes = (f"(SELECT ST_Extent(t.geom) FROM ({source(layer, now)}) AS t)" for _, layer in placing)
    return f"coalesce({', '.join(boxes)})"


def _opens_sql(scope: Scope) -> str:
    """SQL for the box around the ways that others run along, where nothing else that is drawn holds anything: from afar they
    are not seen; NULL where something does."""
    now = replace(scope.whole, as_of=None)
    boxes = (
        f"(SELECT ARRAY[ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box), ST_YMax(e.box)]"
        f" FROM (SELECT ST_Extent(t.geom) AS box FROM ({source(layer, now)}) AS t) AS e WHERE e.box IS NOT NULL)"
        for layer in STACK
        if layer.background and layer.shape == "line" and layer.placing is not None
    )
    anything = " OR ".join(_HELD.format(each.name) for each in _DRAWN)
    return known(f"CASE WHEN {anything} THEN NULL ELSE coalesce({', '.join(boxes)}) END", scope)


@cache
def declared(layer: Layer) -> Mapping[str, Any]:
    """What a page is told of a layer's declaration, whoever is in the room: one value for all of them, never to be changed."""
    style = layer.style
    return {
        "name": layer.name, "title": layer.title, "question": layer.question, "group": layer.group,
        "place": GROUPS.index(layer.group), "shape": layer.shape, "zoom": list(layer.zoom), "on": layer.on,
        "warning": layer.warning, "fixed": layer.fixed, "happens": layer.happens, "whole": layer.whole, "open": layer.open, "told": layer.told, "else_told": layer.else_told, "tabled": layer.tabled,
        "titled": list(layer.titled), "coded": coded(layer), "beside": layer.beside,
        "style": {
            "by": style.by, "label": style.label, "labelled": style.labelled, "graded": style.graded,
            "signed": style.signed, "ramp": style.ramp, "clustered": style.clustered, "numbered": style.numbered,
            "key": style.key, "opacity": style.opacity, "note": style.note,
            "rules": [{"value": r.value, "label": r.label, "symbol": asdict(r.symbol), "on": r.on, "ground": r.ground} for r in style.rules],
        },
    }  # fmt: skip


def _described(layer: Layer, room: Room, unknown: str | None, standing_in: frozenset[str]) -> dict[str, Any]:
    return {
        **declared(layer),
        "on": (layer.on or layer.name in standing_in) and room.shows(layer),
        "access": room.precision(layer),
        "withheld": room.withheld(layer),
        "unknown": unknown,
        "recorded": told_of(layer.name),
    }


def _counts(layer: Layer, counts: Counts | None) -> dict[str, Any]:
    """The counts by the style's rules: what no rule names belongs to the rule of everything else."""
    if counts is None:
        return {"count": None, "classes": None}
    named = {rule.value for rule in layer.style.rules}
    others = sum(n for value, n in counts.items() if value not in named or value is None)
    whole = layer.style.by is None
    return {
        "count": sum(counts.values()),
        "classes": [
            counts.get(rule.value, 0) if rule.value is not None or whole else others for rule in layer.style.rules
        ],
    }


def labels(connection: Connection, scope: Scope, names: list[str]) -> list[dict[str, Any]]:
    """One label a feature, at a point inside it, for polygon layers that have one: largest first, at most 500."""
    found: list[dict[str, Any]] = []
    for layer in STACK:
        if layer.name not in names or not layer.style.label or layer.shape != "polygon":
            continue
        by = layer.style.by or "id"
        alias = layer.geometry.split(".")[0]
        inside = f"{alias}.label" if layer.simplified else f"ST_PointOnSurface({layer.geometry})"
        sql = f"""
            SELECT t.id, ST_X(t.geom), ST_Y(t.geom), t."{layer.style.label}"::text, t."{by}"
            FROM ({source(layer, scope, inside)}) AS t WHERE t.geom IS NOT NULL ORDER BY t.id LIMIT 500
        """
        for row in connection.execute(text(sql), scope.binds(9)):
            found.append(
                {"layer": layer.name, "id": row[0], "lon": row[1], "lat": row[2], "text": row[3], "class": row[4]}
            )
    return found


def identify(
    connection: Connection, scope: Scope, names: list[str], lon: float, lat: float, zoom: float
) -> list[dict[str, Any]]:
    """Every record under a point in words, what was meant first: the top layer, and last what others lie on, such as roads.

    A tolerance of 6 pixels for points and lines.
    """
    tolerance = 6 * 360 / (256 * 2 ** min(max(zoom, 0), 22))
    room = audiences.room(connection, scope)
    if scope.as_of is None:  # earlier versions are found by other ways than an index of places
        by_index(connection, few=True)
    found: list[dict[str, Any]] = []
    for layer in sorted(STACK, key=lambda layer: (layer.background, -STACK.index(layer))):
        if layer.name not in names or layer.fixed:
            continue
        hidden = room.hidden(layer)
        for record in features.at(connection, layer, scope, lon, lat, tolerance):
            properties = {"id": record["id"]} | {f.name: record[f.name] for f in features.shown(layer, hidden)}
            found.append(_in_words(layer, record, hidden) | {"bbox": record["bbox"], "properties": properties})
    return found


def told(connection: Connection, scope: Scope, layer: Layer, id_: int) -> dict[str, Any]:
    """One record in words, as `identify` has it. Raises NotFound, the same for a hidden record as for none."""
    hidden = audiences.room(connection, scope).hidden(layer.subject)
    return _in_words(layer, features.record(connection, layer, scope, id_), hidden)


def _in_words(layer: Layer, record: dict[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    return {
        "layer": layer.name, "layer_title": layer.title, "id": record["id"], "title": title(layer, record),
        "rows": spoken(layer, record, hidden),
    }  # fmt: skip
