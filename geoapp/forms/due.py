"""Of which records of a layer must what is told be made again, when rows of some tables were changed, or another day has come?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Connection, TextClause, text

from geoapp.audiences import Room
from geoapp.forms.rules import reads, tells
from layers import Layer, get
from layers._sql import TURNED

MANY = 500
"""Changed rows of a table that are followed one by one, at most."""
# What changed is read once nobody else can be changing it: by a statement of its own, which sees what was committed before.
_TAKEN = text(
    "UPDATE facts.change AS c SET due = false WHERE c.operation_id = calc.operation() AND c.due RETURNING c.subject"
)
_ROWS = text("""
    WITH taken AS (
        DELETE FROM facts.form_due AS d WHERE d.operation_id = calc.operation() RETURNING d.subject, d.row
    ), followed AS (
        SELECT t.subject, jsonb_agg(t.row)::text AS rows FROM taken AS t
        GROUP BY t.subject HAVING bool_and(t.row IS NOT NULL) AND count(*) <= :many
    )
    SELECT calc.today() AS today, (SELECT coalesce(jsonb_object_agg(f.subject, f.rows), '{}') FROM followed AS f) AS few,
        (SELECT coalesce(jsonb_object_agg(m.audience || ' ' || m.layer, m.made_from), '{}') FROM facts.form_made AS m
            WHERE m.operation_id = calc.operation()) AS made
""")


@dataclass(frozen=True)
class Due:
    """The tables that have changed, and of those of which every changed row is known these rows, as JSON; the day that it is,
    and from what the forms that are kept were made, by room and layer."""

    tables: frozenset[str]
    few: Mapping[str, str]
    today: date
    made: Mapping[str, str]

    def of(self, room: Room, layer: Layer) -> frozenset[str]:
        """Those that the forms of a layer are made from in a room."""
        for_one_field = layer.coarse.for_one_field if layer.coarse else {}
        return frozenset(
            table for table in self.tables & set(reads(layer))
            if table not in for_one_field or tells(room, layer, for_one_field[table])
        )  # fmt: skip

    def whole(self, room: Room, layer: Layer) -> bool:
        """Whether a layer must be made anew as a whole. Who changes a rule is known by the rule."""
        followed = layer.coarse.followed if layer.coarse else {}
        return any(
            table not in followed or (table not in self.few and table not in UNFOLLOWED)
            for table in self.of(room, layer) - {"audience", "audience_rule"}
        )


UNFOLLOWED = frozenset({"incident"})
"""Tables of which a layer says what to do when any row has changed: there are too many to note which."""


def take(connection: Connection) -> Due:
    """What is due, and is so no longer, with every other change of these tables kept waiting until the transaction ends."""
    tables = frozenset(connection.execute(_TAKEN).scalars())
    row = connection.execute(_ROWS, {"many": MANY}).one()
    return Due(tables, row.few, row.today, row.made)


def records(connection: Connection, room: Room, due: Due, layers: Iterable[Layer]) -> dict[str, list[int]]:
    """The records of each layer that stand on rows that changed, by the layer's name. The context is the room's, for `form`."""
    asked = tuple((layer.name, table) for layer in layers for table in sorted(due.of(room, layer)))
    query = _records(asked)
    if query is None:
        return {}
    return _by_layer(connection, query, {table: due.few.get(table, "[]") for _, table in asked})


@cache
def _records(asked: tuple[tuple[str, str], ...]) -> TextClause | None:
    parts = []
    for name, table in asked:
        coarse = get(name).coarse
        if coarse is not None and (sql := coarse.followed.get(table)):
            parts.append(f"""
                SELECT '{name}' AS layer, m.id FROM (
                    WITH due AS (SELECT d.row FROM jsonb_array_elements(CAST(:{table} AS jsonb)) AS d (row))
                    {sql}
                ) AS m (id)
            """)
    return text(" UNION ".join(parts)) if parts else None


_ANOTHER_RELEASE = text(f"SELECT EXISTS (SELECT FROM facts.boundary AS b WHERE {TURNED.format('b.valid')})")


def another_release(connection: Connection, was: date, today: date) -> bool:
    """Whether other boundaries are in force on one of two days than on the other."""
    return bool(connection.execute(_ANOTHER_RELEASE, _between(was, today)).scalar_one())


def turned(connection: Connection, was: date, today: date, layers: Iterable[Layer]) -> dict[str, list[int]]:
    """The records of each layer that are told otherwise on one of two days than on the other, where boundaries are the same."""
    query = _turned(tuple(layer.name for layer in layers if layer.coarse and layer.coarse.turned))
    return {} if query is None else _by_layer(connection, query, _between(was, today))


@cache
def _turned(names: tuple[str, ...]) -> TextClause | None:
    parts = [
        f"SELECT '{name}' AS layer, m.id FROM ({coarse.turned}) AS m (id)"
        for name in names
        if (coarse := get(name).coarse)
    ]
    return text(" UNION ".join(parts)) if parts else None


def _between(was: date, today: date) -> dict[str, date]:
    return {"earlier": min(was, today), "later": max(was, today)}


def _by_layer(connection: Connection, query: TextClause, binds: Mapping[str, object]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, record in connection.execute(query, binds):
        found.setdefault(name, []).append(record)
    return found
