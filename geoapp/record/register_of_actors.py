"""Write an actor by hand: who it is, under whom, why it is mapped, and what the country team decided about speaking with it.

Its name leads to it from then on in every file, as do the names it had before. What follows from its domain and from its chain of
command follows in the same transaction: the subject of its areas, and their overlaps.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from geoapp import overlay
from geoapp.codes import with_column
from geoapp.errors import BadRequest, Conflict
from geoapp.names import plain
from geoapp.record import fields as f
from geoapp.record.actors import meant
from geoapp.record.fields import Check, Field
from geoapp.record.noun import HANDLING, Noun, Row, Values


def _names(value: Any) -> str | None:
    """Names with semicolons between, each once."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 1000 or "\0" in value:
        raise ValueError("must be text of at most 1,000 characters")
    by_key = {plain(name): name.strip() for name in reversed(value.split(";")) if plain(name)}
    return "; ".join(reversed(by_key.values())) or None


NAMES = Check(_names, {"type": "string", "maxLength": 1000})


def _wrong(where: str, what: str, hint: str) -> BadRequest:
    return BadRequest(f"{where} {what}.", hint=hint, errors=[{"where": where, "what": what}])


def _derive(connection: Connection, operation: int, values: Values, was: Row | None) -> Values:
    """What follows from the fields: the key of its name, the actor above it. A name that it had stays one of its others."""
    id_ = was["id"] if was else 0
    if was and was["merged_into"] is not None:
        raise Conflict("This actor was merged into another.", hint="Undo that, or correct the one that was kept.")
    values["name_key"] = plain(values["name"])
    if not values["name_key"]:
        raise _wrong("name", "has neither letters nor figures", "Write what the actor is called.")
    if was and plain(was["name"]) != values["name_key"]:
        values["other_names"] = _names("; ".join(filter(None, (values["other_names"], was["name"]))))
    _only_one_of_that_name(connection, operation, id_, values)
    if values["kind"] and with_column("actor_kinds", "domain")[values["kind"]] != values["domain"]:
        raise _wrong("kind", f"is none of the domain {values['domain']}", "Choose a kind of its domain.")
    decided = values["interlocutor"] != "undecided"
    for name in ("interlocutor_on", "interlocutor_by"):
        if decided and values[name] is None:
            raise _wrong(name, "is required where it was decided", "Write when, and which body decided.")
    if values["reviewed_on"] and values["review_due"] and values["review_due"] < values["reviewed_on"]:
        raise _wrong("review_due", "lies before the day of the review", "Write the day of the next review.")
    values["parent_id"] = _above(connection, operation, id_, values.pop("parent"), values["name"])
    if was:
        _fits_its_areas(connection, operation, id_, values)
    return values


def _only_one_of_that_name(connection: Connection, operation: int, id_: int, values: Values) -> None:
    """Raises BadRequest where another actor has the name, or one of the other names."""
    keys = {values["name_key"]: "name"}
    for each in (values["other_names"] or "").split(";"):
        keys.setdefault(plain(each), "other_names")
    keys.pop("", None)
    for row in connection.execute(_CALLED, {"operation": operation, "id": id_}):
        theirs = {row.name_key, *(plain(each) for each in (row.other_names or "").split(";"))}
        for key in keys.keys() & theirs:
            raise _wrong(
                keys[key],
                f"is a name of {row.name} already",
                "If both are one actor, merge them; else write it otherwise.",
            )


def _above(connection: Connection, operation: int, id_: int, parent: str | None, name: str) -> int | None:
    """The actor that is named as standing above. Raises BadRequest, with the chain named, where it stands below."""
    if parent is None:
        return None
    above = meant(connection, operation, parent, where="parent")
    chain = connection.execute(_CHAIN, {"operation": operation, "id": above.id}).all() if id_ else ()
    ids = [row.id for row in chain]
    if id_ in ids:
        path = [name, *(row.name for row in chain[: ids.index(id_)]), name]
        said = " is under ".join(path)
        raise BadRequest(
            f"A chain of command does not lead back to itself: {said}.", hint="Name an actor that is not below it.",
            errors=[{"where": "parent", "what": f"makes a circle: {' → '.join(path)}"}],
        )  # fmt: skip
    return int(above.id)


def _fits_its_areas(connection: Connection, operation: int, id_: int, values: Values) -> None:
    """Raises BadRequest where the areas that it has can be none of such an actor."""
    binds = {"operation": operation, "id": id_, "handling": values["handling"]}
    below, of_units = connection.execute(_HAS, binds).one()
    if below:
        raise _wrong(
            "handling", f"is above that of {below:,} of its areas, which would name it", "Mark its areas first."
        )
    if values["domain"] == "civil" and of_units:
        raise _wrong(
            "domain", f"cannot be civil: it has {of_units:,} patrol areas or boundaries", "Correct these first."
        )


def _after(connection: Connection, operation: int, id_: int) -> None:
    """Its areas follow its domain, and the overlaps follow the chain of command."""
    changed = move_subject(connection, operation, [id_])
    below = overlay.follow(connection, operation)
    recount(connection, operation, sorted({*changed, *overlay.areas_of(connection, operation, below)}))


def move_subject(connection: Connection, operation: int, actors: Sequence[int]) -> list[int]:
    """Bring the areas of actors to their domain: by it rooms are told of them; the areas that were of another."""
    binds = {"operation": operation, "actors": list(actors)}
    areas = list(connection.execute(_OTHERWISE, binds).scalars())
    if areas:
        for statement in _MOVE:
            connection.execute(statement, {"operation": operation, "areas": areas})
    return areas


def recount(connection: Connection, operation: int, areas: Sequence[int]) -> None:
    """Bring the overlaps of areas up to date, and what lies in them."""
    overlay.refresh(connection, operation, areas)
    overlay.count_few(connection, operation)


def _unneeded(connection: Connection, operation: int, was: Row) -> None:
    """Raises Conflict while something stands on the actor."""
    areas, units, merged, steps = connection.execute(_STANDS_ON, {"operation": operation, "id": was["id"]}).one()
    what = [
        f"{number:,} {words}"
        for number, words in ((areas, "areas of operation or claims of presence"), (units, "actors under it"),
                              (merged, "actors that were merged into it"), (steps, "steps in its history"))
        if number
    ]  # fmt: skip
    if what:
        raise Conflict(
            f"{was['name']} has {', '.join(what)}.",
            hint="Merge it into the actor that it is, or take these away first.",
        )


_CALLED = text("""
    SELECT c.name, c.name_key, c.other_names FROM calc.actor AS c
    WHERE c.operation_id = :operation AND c.id <> :id AND c.merged_into IS DISTINCT FROM :id
""")
_CHAIN = text("""
    SELECT p.id, p.name FROM facts.actor AS a
    CROSS JOIN unnest(a.lineage) WITH ORDINALITY AS l (id, place)
    JOIN facts.actor AS p ON p.operation_id = a.operation_id AND p.id = l.id
    WHERE a.operation_id = :operation AND a.id = :id ORDER BY l.place
""")
_HAS = text("""
    SELECT count(*) FILTER (WHERE a.handling < CAST(:handling AS facts.handling)),
        count(*) FILTER (WHERE a.positioning IN ('patrol_area', 'boundary'))
    FROM facts.area AS a WHERE a.operation_id = :operation AND a.actor_id = :id
""")
_OTHERWISE = text("""
    SELECT a.id FROM facts.area AS a
    JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
    WHERE a.operation_id = :operation AND a.actor_id = ANY (:actors) AND a.domain <> c.domain
""")
_MOVE = (
    text("""
        UPDATE facts.area AS a SET domain = c.domain, subject = split_part(a.subject, '.', 1) || '.' || c.domain
        FROM facts.actor AS c
        WHERE a.operation_id = :operation AND a.id = ANY (:areas) AND c.operation_id = a.operation_id AND c.id = a.actor_id
    """),
    text("""
        INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
        SELECT DISTINCT ON (f.handling, a.subject, f.hash) f.operation_id, f.handling, a.subject, f.hash, f.geom, f.km2, f.label,
            f.mid, f.low
        FROM facts.area AS a
        JOIN facts.area_part AS p ON p.operation_id = a.operation_id AND p.area_id = a.id
        JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
        WHERE a.operation_id = :operation AND a.id = ANY (:areas) AND f.subject NOT IN ('boundaries', a.subject)
        ON CONFLICT DO NOTHING
    """),
    text("""
        UPDATE facts.area_part AS p SET subject = a.subject, footprint_id = CASE f.subject WHEN 'boundaries' THEN f.id ELSE (
            SELECT n.id FROM facts.footprint AS n
            WHERE n.operation_id = f.operation_id AND n.hash = f.hash AND n.handling = f.handling AND n.subject = a.subject) END
        FROM facts.area AS a, facts.footprint AS f
        WHERE p.operation_id = :operation AND a.operation_id = p.operation_id AND a.id = p.area_id AND a.id = ANY (:areas)
            AND f.operation_id = p.operation_id AND f.id = p.footprint_id
    """),
)
_STANDS_ON = text("""
    SELECT (SELECT count(*) FROM facts.area AS a WHERE a.operation_id = :operation AND a.actor_id = :id),
        (SELECT count(*) FROM facts.actor AS u WHERE u.operation_id = :operation AND u.parent_id = :id),
        (SELECT count(*) FROM facts.actor AS m WHERE m.operation_id = :operation AND m.merged_into = :id),
        (SELECT count(*) FROM facts.actor_step AS s WHERE s.operation_id = :operation AND s.actor_id = :id)
""")

ACTORS = Noun(
    one="actor",
    table="actor",
    question="Who is this actor, under whom, and may we speak with it?",
    shape=None,
    period=None,
    keyed=None,
    reads=("merged_into",),
    derive=_derive,
    after=_after,
    needed=_unneeded,
    fields={
        "name": Field(f.text(300), required=True),
        "acronym": Field(f.text(60)),
        "other_names": Field(NAMES, title="Former and other names", hint="With semicolons between; files that say them mean this actor"),
        "domain": Field(f.code("domains"), default="unknown"),
        "kind": Field(f.code("actor_kinds")),
        "origin": Field(f.code("origins"), default="unknown"),
        "parent": Field(
            f.text(300), title="Under", named_in="/actors", hint="Whom it stands under in its chain of command",
            sql="(SELECT p.name FROM facts.actor AS p WHERE p.operation_id = t.operation_id AND p.id = t.parent_id)",
        ),
        "mandate": Field(f.text(2000), hint="What it was given to do, by whom"),
        "mission": Field(f.code("missions"), hint="The group of missions by which support of a force is judged"),
        "role": Field(f.text(2000), title="What it does here"),
        "why_mapped": Field(f.several("mapping_reasons")),
        "works_in": Field(f.several("sectors"), title="Fields of activity"),
        "method": Field(f.text(2000), title="How it works, and how that differs"),
        "interlocutor": Field(f.code("interlocutors"), default="undecided", hint="As the country team decided"),
        "interlocutor_on": Field(f.day, title="Decided on", past=True),
        "interlocutor_by": Field(f.text(300), title="Decided by", hint="The body that decided"),
        "interlocutor_note": Field(f.text(2000), title="On what terms"),
        "source": Field(f.text(500), title="According to"),
        "reliability": Field(f.grade("ABCDEF"), hint="From A, completely reliable, to F, cannot be judged"),
        "credibility": Field(f.grade("123456"), hint="From 1, confirmed, to 6, cannot be judged"),
        "reviewed_on": Field(f.day, title="Reviewed on", past=True),
        "review_due": Field(f.day, title="Review due"),
        "handling": HANDLING,
    },
)  # fmt: skip
