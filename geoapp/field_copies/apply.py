"""One edit of a field copy goes through the gate that every writer passes: the same checks, rights and policies, at the version that
was given out. What is in the copy of a place that its room is told coarser never comes back as that place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, text

from geoapp import audit, record
from geoapp.errors import Conflict, NotFound, PreconditionFailed, Refused
from geoapp.field_copies.contents import COLLECTIONS
from geoapp.field_copies.written import REGISTER, TABLE
from geoapp.record import NOUNS, Noun
from geoapp.writing import lock_operation

PLACING = ("geo_precision",)
"""Fields that say how well a place is known: they go with the place."""
_GIVEN = text("""
    SELECT r.home_id, r.version, r.coarse FROM facts.field_record AS r
    WHERE r.operation_id = calc.operation() AND r.copy_id = :copy AND r.collection = :collection AND r.row_id = :id
""")
_MADE = text("""
    INSERT INTO facts.field_record (operation_id, copy_id, collection, row_id, home_id, version, made)
    VALUES (calc.operation(), :copy, :collection, :id, :home, :version, true)
""")
_NOW_AT = text("""
    UPDATE facts.field_record AS r SET version = :version
    WHERE r.operation_id = calc.operation() AND r.copy_id = :copy AND r.collection = :collection AND r.row_id = :id
""")
_BETWEEN = text("""
    SELECT o.pair_id FROM facts.overlap AS o
    WHERE o.operation_id = calc.operation() AND o.area_a = least(CAST(:a AS bigint), :b) AND o.area_b = greatest(CAST(:a AS bigint), :b)
""")
_REGISTER = text(f"""
    SELECT o.version, {", ".join(f"o.{name}" for name in REGISTER)} FROM calc.overlap_pair AS o
    WHERE o.operation_id = calc.operation() AND o.id = :id
""")
_NOTE = text("""
    SELECT n.pair_id, n.version FROM facts.overlap_note AS n WHERE n.operation_id = calc.operation() AND n.id = :id
""")
_EVENT = text("""
    SELECT i.source, i.source_event_id FROM facts.field_edit AS e
    JOIN facts.incident AS i ON i.operation_id = e.operation_id AND i.id = e.home_id
    WHERE e.operation_id = calc.operation() AND e.copy_id = :copy AND e.collection = 'incidents' AND e.state = 'applied'
        AND e.edit ->> 'event' = :event AND e.edit ->> 'did' = 'added'
""")


class Edit(BaseModel):
    """One edit as it is brought."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    id: int = Field(ge=-(2**63), lt=2**63)
    version: int | None = None
    by: str | None = Field(default=None, max_length=320)
    at: datetime | None = None
    did: Literal["added", "changed", "removed"]
    values: dict[str, Any]
    was: dict[str, Any]
    geometry: dict[str, Any] | None = None
    event: str | None = Field(default=None, max_length=300)
    between: tuple[int, int] | None = None


@dataclass(frozen=True)
class Applied:
    """The record here that an edit is in, its version, and what of the edit was not taken."""

    home_id: int
    version: int
    left: str = ""


@dataclass(frozen=True)
class Given:
    """A record that was in the copy, or made there and brought home."""

    home_id: int
    version: int
    coarse: bool


def given(connection: Connection, copy: int, collection: str, id_: int) -> Given | None:
    """The record here that a record of the copy is; None for one that was never in it."""
    row = connection.execute(_GIVEN, {"copy": copy, "collection": collection, "id": id_}).one_or_none()
    return Given(*row) if row else None


def apply(connection: Connection, copy: int, collection: str, edit: Edit, at: int | None = None) -> Applied:
    """Write one edit, at the version that the copy was given or that somebody has looked at (`at`).

    Raises what writing that record raises: PreconditionFailed when it has changed since, NotFound when it is gone, BadRequest, Refused,
    Conflict, Forbidden; and Refused for a record that was not in the copy.
    """
    lock_operation(connection, TABLE[collection])
    known = given(connection, copy, collection, edit.id)
    if collection == "overlap_notes":
        done = _note(connection, copy, known, edit)
    elif collection == "overlaps":
        done = _register(connection, copy, known, edit, at)
    else:
        done = _noun(connection, copy, collection, known, edit, at)
    binds = {"copy": copy, "collection": collection, "id": edit.id, "home": done.home_id, "version": done.version}
    if known is None and edit.did == "added":
        connection.execute(_MADE, binds)
    else:
        connection.execute(_NOW_AT, binds)
    entered = {"entered_by": edit.by, "entered_at": edit.at.isoformat() if edit.at else None, "copy": copy}
    audit.tell(connection, "brought from the field", TABLE[collection], str(done.home_id), entered)
    return done


def _not_given() -> Refused:
    return Refused(
        "This record was not in the copy, so that nobody can have changed it there.", hint="Look where the file comes from.",
        code="not-given",
    )  # fmt: skip


def _noun(
    connection: Connection, copy: int, collection: str, known: Given | None, edit: Edit, at: int | None
) -> Applied:
    noun = NOUNS[collection]
    values = _here(connection, copy, noun, edit.values)
    status = values.pop("status", None) if noun.lifecycle else None
    if edit.did == "added" and known is None:
        blank = {name: value for name, value in values.items() if value is not None}
        home, version = record.add(connection, noun, edit.geometry, blank)
        return _stepped(connection, noun, home, version, edit, "draft", status)
    if known is None:
        raise _not_given()
    version = known.version if at is None else at
    if edit.did == "removed":
        record.remove(connection, noun, known.home_id, version)
        return Applied(known.home_id, version)
    left, geometry = "", edit.geometry
    if known.coarse and (geometry is not None or any(name in values for name in PLACING)):
        left = (
            "The place was not taken: the copy's room is told it to the settlement alone, and it is known better here."
        )
        geometry, values = None, {name: value for name, value in values.items() if name not in PLACING}
        if not values and status is None:
            raise Refused(left, hint="Somebody who knows the place corrects it on the map.", code="coarse-place")
    there = record.read(connection, noun, known.home_id)
    alike = all(there["properties"].get(name) == value for name, value in values.items())
    if there["version"] != version and geometry is None and status is None and alike:
        return Applied(known.home_id, there["version"], "The same was recorded here meanwhile.")
    if values or geometry is not None:
        version = record.change(connection, noun, known.home_id, geometry, values, version)
    elif there["version"] != version:
        raise PreconditionFailed(
            f"The {noun.one} {known.home_id} is at version {there['version']}; the copy had version {version}.",
            hint="Look at what is there now.",
        )
    done = _stepped(connection, noun, known.home_id, version, edit, str(edit.was.get("status")), status)
    return Applied(done.home_id, done.version, " ".join(filter(None, (left, done.left))))


def _stepped(
    connection: Connection, noun: Noun, home: int, version: int, edit: Edit, was: str, status: str | None
) -> Applied:
    """A zone takes the step that it took in the copy, unless that takes a second person: there are none but those at home."""
    if noun.lifecycle is None or status in (None, was):
        return Applied(home, version)
    step = next(
        (name for name, each in noun.lifecycle.transitions.items()
         if was in each.before and each.after == status and not each.requires),
        None,
    )  # fmt: skip
    if step is None and was == "draft" and status == "published":
        version = record.take_step(connection, home, "send", version, by=edit.by)
        return Applied(home, version, "It was published in the copy. Here a second person publishes it.")
    if step is None or noun.lifecycle.transitions[step].second_person:
        return Applied(home, version, f"Its step to {str(status)[:40]} was not taken: it is taken here.")
    return Applied(home, record.take_step(connection, home, step, version, by=edit.by))


def _here(connection: Connection, copy: int, noun: Noun, values: dict[str, Any]) -> dict[str, Any]:
    """The values with the numbers that records have here."""
    found = dict(values)
    for name, field in noun.fields.items():
        if field.refers_to in COLLECTIONS.values() and found.get(name) is not None:
            other = given(connection, copy, str(field.refers_to), int(found[name]))
            if other is None:
                raise _not_given()
            found[name] = other.home_id
    if found.get("evidence"):
        named = []
        for each in found["evidence"]:
            row = connection.execute(_EVENT, {"copy": copy, "event": each.get("event")}).one_or_none()
            named.append({"source": row[0], "event": row[1]} if row else each)
        found["evidence"] = named
    return found


def _overlap(connection: Connection, copy: int, known: Given | None, edit: Edit) -> int:
    """The overlap here: one that was in the copy, or the one between the areas that it was computed of there."""
    if known is not None:
        return known.home_id
    if edit.between is None:
        raise _not_given()
    sides = [given(connection, copy, "areas_of_operation", area) for area in edit.between]
    if None in sides:
        raise _not_given()
    a, b = (each.home_id for each in sides if each)
    found = connection.execute(_BETWEEN, {"a": a, "b": b}).scalar()
    if found is None:
        raise NotFound("The two areas share no ground here.", hint="What was written on their overlap is kept here.")
    return int(found)


def register_of(connection: Connection, overlap: int) -> dict[str, Any]:
    """What is written on an overlap now. Raises NotFound."""
    row = connection.execute(_REGISTER, {"id": overlap}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no overlap {overlap}.")
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


def _register(connection: Connection, copy: int, known: Given | None, edit: Edit, at: int | None) -> Applied:
    """What follows from areas gives an overlap new versions: whether its register changed since is told by what it says."""
    overlap = _overlap(connection, copy, known, edit)
    now = register_of(connection, overlap)
    values = {name: value for name, value in edit.values.items() if name in REGISTER}
    if all(now[name] == value for name, value in values.items()):
        return Applied(overlap, now["version"], "The same was recorded here meanwhile.")
    if at is None and any(now[name] != edit.was.get(name) for name in values):
        raise PreconditionFailed(
            f"The register of overlap {overlap} has changed since.", hint="Look at what is there now."
        )
    done = record.change_overlap(connection, overlap, values, now["version"] if at is None else at)
    return Applied(overlap, done["version"])


def _note(connection: Connection, copy: int, known: Given | None, edit: Edit) -> Applied:
    if edit.did == "added" and known is None:
        on = given(connection, copy, "overlaps", int(edit.values.get("pair_id") or 0))
        overlap = on.home_id if on else _overlap(connection, copy, None, edit)
        said = f"Entered in the field{f' by {edit.by}' if edit.by else ''}{f', {edit.at:%-d %b %Y %H:%M} UTC' if edit.at else ''}."
        words = f"{edit.values.get('words') or ''}\n{said}"
        note = record.add_note(
            connection, overlap, words if len(words) <= 4000 else edit.values.get("words"), by=edit.by
        )
        return Applied(int(note["id"]), 1)
    if known is None:
        raise _not_given()
    there = connection.execute(_NOTE, {"id": known.home_id}).one_or_none()
    if there is None:
        raise NotFound(f"There is no note {known.home_id}.")
    if not edit.values.get("reason"):
        raise Conflict("A note is never rewritten.", hint="It is withdrawn, and another one is added.")
    record.withdraw_note(connection, there.pair_id, known.home_id, edit.values["reason"], by=edit.by)
    return Applied(known.home_id, there.version + 1)
