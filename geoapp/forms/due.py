"""Of which records of a layer must what is told be made again, when rows of some tables were changed?"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, TextClause, text

from geoapp.forms.rules import reads
from layers import Layer, get

MANY = 500
"""Changed rows of a table that are followed one by one, at most."""
_TAKEN = text("SELECT c.subject FROM facts.change AS c WHERE c.operation_id = calc.operation() AND c.due FOR UPDATE")
_FEW = text("""
    SELECT d.subject FROM facts.form_due AS d WHERE d.operation_id = calc.operation()
    GROUP BY d.subject HAVING bool_and(d.row IS NOT NULL) AND count(*) <= :many
""")
_DONE = (
    text("DELETE FROM facts.form_due AS d WHERE d.operation_id = calc.operation() AND d.subject = ANY (:tables)"),
    text("UPDATE facts.change AS c SET due = false WHERE c.operation_id = calc.operation() AND c.subject = ANY (:tables)"),
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """The tables that have changed, and those of them of which every changed row is known."""

    tables: frozenset[str]
    few: frozenset[str]

    def of(self, layer: Layer) -> frozenset[str]:
        """Those that a layer's forms are made from."""
        return self.tables & set(reads(layer))

    def whole(self, layer: Layer) -> bool:
        """Whether a layer must be made anew as a whole. Who changes a rule is known by the rule."""
        followed = layer.coarse.followed if layer.coarse else {}
        return any(
            table not in followed or (table not in self.few and table not in UNFOLLOWED)
            for table in self.of(layer) - {"audience", "audience_rule"}
        )


UNFOLLOWED = frozenset({"incident"})
"""Tables of which a layer says what to do when any row has changed: there are too many to note which."""


def take(connection: Connection) -> Due:
    """What is due, with every other change of these tables kept waiting until the transaction ends."""
    tables = frozenset(connection.execute(_TAKEN).scalars())
    few = connection.execute(_FEW, {"many": MANY}).scalars() if tables else ()
    return Due(tables, frozenset(few))


def done(connection: Connection, due: Due) -> None:
    """What was due is made."""
    if due.tables:
        for step in _DONE:
            connection.execute(step, {"tables": sorted(due.tables)})


def records(connection: Connection, due: Due, layers: Iterable[Layer]) -> dict[str, list[int]]:
    """The records of each layer that are to be made again in the room that the context is of, by the layer's name."""
    asked = tuple((layer.name, table) for layer in layers for table in sorted(due.of(layer)))
    found: dict[str, list[int]] = {}
    query = _records(asked)
    if query is not None:
        for name, record in connection.execute(query):
            found.setdefault(name, []).append(record)
    return found


@cache
def _records(asked: Collection[tuple[str, str]]) -> TextClause | None:
    parts = []
    for name, table in asked:
        coarse = get(name).coarse
        if coarse is not None and (sql := coarse.followed.get(table)):
            parts.append(f"""
                SELECT '{name}' AS layer, m.id FROM (
                    WITH due AS (SELECT d.row FROM facts.form_due AS d
                        WHERE d.operation_id = (SELECT calc.operation()) AND d.subject = '{table}')
                    {sql}
                ) AS m (id)
            """)
    return text(" UNION ".join(parts)) if parts else None
