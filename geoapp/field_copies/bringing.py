"""Bring the changes of a field copy home: one edit after another, each in a transaction of its own with the word that it was brought.

Whoever is stopped between two edits begins again and finds which are there. What cannot be applied is kept, with why, for a decision.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, text

from geoapp import backup
from geoapp.db import Context, again, transaction
from geoapp.errors import Conflict, Forbidden, GeoappError, PreconditionFailed, Refused, Unavailable
from geoapp.field_copies.apply import Edit, apply, given
from geoapp.field_copies.file import CHANGES, MIB, Said, read
from geoapp.field_copies.take import proof
from geoapp.field_copies.written import FIELDS

MOST = 200_000
"""Edits that one file may hold."""
_COPY = text("""
    SELECT c.id, c.audience, c.proof, c.ended_why, (SELECT o.key FROM facts.operation AS o WHERE o.operation_id = c.operation_id) AS operation
    FROM facts.field_copy AS c WHERE c.operation_id = calc.operation() AND c.key = :key
""")
_THERE = text("""
    SELECT e.state, e.why ->> 'detail' AS why FROM facts.field_edit AS e
    WHERE e.operation_id = calc.operation() AND e.copy_id = :copy AND e.key = :key AND e.digest = :digest
""")
_KEEP = text("""
    INSERT INTO facts.field_edit (operation_id, handling, copy_id, key, digest, collection, row_id, home_id, edit, entered_by, entered_at,
        brought_by, state, why, version)
    VALUES (calc.operation(), 'RED', :copy, :key, :digest, :collection, :row, :home, CAST(:edit AS jsonb), :by, coalesce(:at, now()),
        calc.member(), :state, CAST(:why AS jsonb), :version)
    ON CONFLICT (operation_id, copy_id, key, digest) DO UPDATE SET state = excluded.state, why = excluded.why, home_id = excluded.home_id,
        version = excluded.version, brought_by = excluded.brought_by, brought_at = excluded.brought_at
    WHERE field_edit.state = 'refused'
""")
_OLDER = text("""
    UPDATE facts.field_edit AS e SET state = 'dropped', why = CAST(:why AS jsonb)
    WHERE e.operation_id = calc.operation() AND e.copy_id = :copy AND e.key = :key AND e.digest <> :digest
        AND e.state IN ('conflict', 'refused')
""")
_NEWER = text("""
    SELECT EXISTS (SELECT FROM facts.field_edit AS e WHERE e.operation_id = calc.operation() AND e.copy_id = :copy AND e.key = :key
        AND e.digest <> :digest AND e.entered_at > :at)
""")
_RETURNED = text("""
    UPDATE facts.field_copy AS c SET returned_at = now(), returned_by = calc.member()
    WHERE c.operation_id = calc.operation() AND c.id = :copy
""")
DONE = ("applied", "conflict", "dropped")
"""States in which an edit that is brought again is left; one that was refused is tried again."""
_LATER = {"detail": "A later edit of the same record from the same copy stands in its place.", "code": "later"}


@dataclass
class Brought:
    """What became of the edits of a file: how many of each state; `before` were here already."""

    copy: int
    states: dict[str, int] = field(default_factory=dict)
    before: int = 0


def bring(engine: Engine, context: Context, path: Path, key: backup.Key, tell: Callable[..., None]) -> Brought:
    """Bring a file of changes home. `context` is of a room that records, of the operation that the copy was taken of.

    Raises Refused for a file that is damaged, of another key, operation, room or copy, or of a copy that has ended; Forbidden for who
    records nothing here, NotFound for no file. Then nothing of it was written.
    """
    size = path.stat().st_size if path.is_file() else 0
    said, count = None, 0
    for each in read(path, key, CHANGES, lambda n: tell("MiB checked", n // MIB, size // MIB)):
        if isinstance(each, Said):
            said = each
        else:
            _edit(each)
            count += 1
        if count > MOST:
            raise Refused(f"A file brings {MOST:,} edits at most.", hint="Nothing was written.", code="too-large")
    assert said is not None
    copy = _copy(engine, context, said)
    found = Brought(copy)
    lines: Iterator[Any] = read(path, key, CHANGES, lambda _: None)
    if next(lines) != said:
        raise Refused("This is another file than the one that was checked.", hint="Nothing was written.")
    for place, line in enumerate(lines):
        tell("edits brought home", place, count)
        state = bring_one(engine, context, copy, *_edit(line))
        if state:
            found.states[state] = found.states.get(state, 0) + 1
        else:
            found.before += 1
    if found.states:
        with transaction(engine, context) as connection:
            connection.execute(_RETURNED, {"copy": copy})
    return found


def _edit(line: list[Any]) -> tuple[str, Edit]:
    """An edit and the collection it is of. Raises Refused for what is none."""
    collection, body = line
    if collection not in FIELDS:
        raise Refused(
            f"{str(collection)[:40]!r} is no collection whose changes come home.", hint="Nothing was written."
        )
    try:
        return collection, Edit.model_validate(body)
    except ValidationError as error:
        raise Refused("The file holds an edit that cannot be read.", hint="Nothing was written.") from error


@again
def _copy(engine: Engine, context: Context, said: Said) -> int:
    with transaction(engine, context) as connection:
        if not connection.execute(text("SELECT calc.may_record()")).scalar_one():
            raise Forbidden("Nothing is recorded here by whoever asks.", hint="Choose a room and a role that records.")
        row = connection.execute(_COPY, {"key": said.key}).one_or_none()
        ours = row is not None and hmac.compare_digest(bytes(row.proof), proof(said.secret))
        if (
            row is None
            or not ours
            or row.operation != said.operation.get("key")
            or row.audience != said.room.get("key")
        ):
            raise Refused(
                "These changes are not of a copy that was given out of this operation for that room.", hint="Nothing was written.",
                code="not-ours",
            )  # fmt: skip
        if row.ended_why:
            raise Refused(
                f"That copy was ended here: it is {row.ended_why}.", hint="Nothing was written. Nothing comes home from it any more.",
                code="ended",
            )  # fmt: skip
        return int(row.id)


@again
def bring_one(engine: Engine, context: Context, copy: int, collection: str, edit: Edit) -> str | None:
    """Apply one edit, or keep it with why it could not be; what became of it, None for one that was brought before."""
    said = orjson.dumps([collection, edit.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)
    binds: dict[str, Any] = {
        "copy": copy, "key": f"{collection}/{edit.id}", "digest": hashlib.sha256(said).hexdigest(), "collection": collection,
        "row": edit.id, "home": None, "edit": orjson.dumps(edit.model_dump(mode="json")).decode(), "by": edit.by, "at": edit.at,
        "why": None, "version": None,
    }  # fmt: skip
    try:
        with transaction(engine, context) as connection:
            if connection.execute(_THERE, binds).scalar() in DONE:
                return None
            if edit.at and connection.execute(_NEWER, binds).scalar_one():
                _keep(connection, binds | {"state": "dropped", "why": _LATER}, newest=False)
                return "dropped"
            done = apply(connection, copy, collection, edit)
            if connection.execute(_THERE, binds).scalar() in DONE:
                raise Conflict("Somebody else brings the same file.", hint="Wait until that is done.")
            left = {"detail": done.left} if done.left else None
            _keep(connection, binds | {"home": done.home_id, "state": "applied", "why": left, "version": done.version})
        return "applied"
    except Unavailable:
        raise
    except GeoappError as error:
        state = "conflict" if isinstance(error, PreconditionFailed) else "refused"
        if isinstance(error, PreconditionFailed):
            error = PreconditionFailed(
                "It was changed here after the copy was given out.", hint="Look at both, and decide."
            )
        why = {
            name: value
            for name, value in error.problem().items()
            if name in ("detail", "hint", "status", "code", "errors")
        }
        with transaction(engine, context) as connection:
            known = given(connection, copy, collection, edit.id)
            before = connection.execute(_THERE, binds).one_or_none()
            if before is not None and (before.state in DONE or (before.state, before.why) == (state, why["detail"])):
                return None
            _keep(connection, binds | {"home": known.home_id if known else None, "state": state, "why": why})
        return state


def _keep(connection: Connection, binds: dict[str, Any], *, newest: bool = True) -> None:
    binds = binds | {"why": orjson.dumps(binds["why"]).decode() if binds["why"] else None}
    if newest:
        connection.execute(_OLDER, binds | {"why": orjson.dumps(_LATER).decode()})
    connection.execute(_KEEP, binds)
