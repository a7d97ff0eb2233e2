"""Which actor of the operation is meant by a name, and which are called something like it?"""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, Forbidden
from geoapp.names import plain

MOST = 20
"""Actors that are offered for some letters."""


def meant(connection: Connection, operation: int, name: str, *, where: str = "actor") -> Any:
    """The actor of that name (whatever its case, accents and punctuation), former or other name, or acronym: id, name, domain,
    handling. A name of one that was merged means the one that was kept. `where` is the field that names it.

    Raises BadRequest when the room knows of none, or of several, with the names that come near.
    """
    found = list(connection.execute(_MEANT, {"operation": operation, "key": plain(name), "name": name}).all())
    found.sort(key=lambda each: not each.named)
    if not found:
        others = connection.execute(_OTHERS, {"operation": operation}).all()
        found = [
            each for each in others if plain(name) in {plain(other) for other in each.other_names.split(";")} - {""}
        ]
    if found and (len(found) == 1 or found[0].named):
        return found[0]
    if found:
        what = f"{name[:60]!r} is the acronym of {' and of '.join(each.name for each in found)}"
        raise BadRequest(
            f"{what}.", hint="Write the name.", errors=[{"where": where, "what": "is more than one actor"}]
        )
    near = [each["name"] for each in named_like(connection, name)[:3]]
    hint = f"Do you mean {' or '.join(near)}? " if near else ""
    raise BadRequest(
        f"There is no actor {name[:60]!r} in this operation.",
        hint=f"{hint}A list of actors, or a file of areas that names it, brings a new one.",
        errors=[{"where": where, "what": "is not in the register" + (f"; do you mean {' or '.join(near)}?" if near else "")}],
    )  # fmt: skip


def named_like(connection: Connection, words: str) -> list[dict[str, Any]]:
    """Actors whose name has a word that begins like each of these, or whose acronym begins so: id, version, name, acronym, domain.

    At most MOST; without words the first of them all. Raises Forbidden in a room that only reads.
    """
    if not connection.execute(text("SELECT calc.may_write()")).scalar_one():
        raise Forbidden("This room reads; the register of actors is asked where something is recorded.")
    asked = {"begin": [f"% {word}%" for word in plain(words).split()[:8]], "key": plain(words), "most": MOST}
    return [dict(row) for row in connection.execute(_LIKE, asked).mappings()]


_MEANT = text("""
    SELECT DISTINCT ON (k.id) k.id, k.name, k.domain, k.handling::text AS handling, c.name_key = :key AS named
    FROM facts.actor AS c
    JOIN facts.actor AS k ON k.operation_id = c.operation_id AND k.id = coalesce(c.merged_into, c.id)
    WHERE c.operation_id = :operation AND (c.name_key = :key OR c.name = :name OR lower(c.acronym) = lower(:name))
    ORDER BY k.id, c.name_key = :key DESC
""")
_OTHERS = text("""
    SELECT c.id, c.name, c.domain, c.handling::text AS handling, false AS named, c.other_names
    FROM calc.actor AS c
    WHERE c.operation_id = :operation AND c.merged_into IS NULL AND c.other_names IS NOT NULL
""")
_LIKE = text("""
    SELECT c.id, c.version, c.name, c.acronym, c.domain FROM facts.actor AS c
    WHERE c.operation_id = calc.operation() AND c.merged_into IS NULL
        AND ' ' || c.name_key || ' ' || lower(coalesce(c.acronym, '')) LIKE ALL (CAST(:begin AS text[]))
    ORDER BY starts_with(c.name_key, :key) DESC, c.name LIMIT :most
""")
