"""What was recorded in a field copy since it was opened? Written into a file that opens to the copy's own key, to be taken home.

One edit a record: what it says now that it did not say when the copy was opened, by whom and when it was written last, and the version
that it started from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyrage
from sqlalchemy import Connection, create_engine, text

from geoapp import __version__, db
from geoapp.backup.dump import fresh
from geoapp.backup.manifest import connect
from geoapp.backup.sealed import Lock
from geoapp.errors import Conflict, NotFound, SetupError
from geoapp.field_copies.file import CHANGES, FORM, MIB, Said, write
from geoapp.field_copies.written import FIELDS, SHAPE, TABLE, written

_COPY = text("""
    SELECT o.operation_id, o.key, o.title, o.copy_of, k.secret, k.recipients, k.wrapped
    FROM facts.operation AS o JOIN keys.opened AS k ON k.operation_id = o.operation_id
""")
_DIFFER = """
    SELECT n.id, b.version, n.record AS now, b.record AS was, n.recorded_at, n.recorded_by, n.batch_id, n.shape, n.event, n.between
    FROM ({written}) AS n
    LEFT JOIN keys.as_opened AS b ON b.collection = :collection AND b.row_id = n.id
    WHERE b.row_id IS NULL OR b.version <> n.version AND b.record <> n.record ORDER BY n.id
"""
_GONE = """
    SELECT b.row_id AS id, b.version, h.at, h.by FROM keys.as_opened AS b
    LEFT JOIN LATERAL (
        SELECT upper(h.recorded) AS at, h.replaced_by AS by FROM facts.history AS h
        WHERE h.operation_id = b.operation_id AND h.subject = :table AND h.row_id = b.row_id ORDER BY upper(h.recorded) DESC LIMIT 1
    ) AS h ON true
    WHERE b.collection = :collection AND NOT EXISTS (SELECT FROM facts.{table} AS t WHERE t.id = b.row_id) ORDER BY b.row_id
"""
_BLANK = {"status": "new", "strategy": "undetermined", "liaison": "unknown", "owner": None, "due": None}
"""What the register of an overlap says on which nobody has written."""


@dataclass
class Changes:
    """What was written: how many edits of each collection, and how many records came by files, which are imported at home."""

    edits: dict[str, int] = field(default_factory=dict)
    by_file: int = 0


def changes(owner_url: str, target: Path, tell: Callable[..., None]) -> Changes:
    """Write what was recorded since the copy was opened into a new file.

    Raises NotFound where this instance is no copy, Conflict when the file exists, Forbidden when policies bind the login, SetupError.
    """
    if target.exists():
        raise Conflict(f"{target} exists.", hint="Choose another name; nothing is overwritten.")
    if not target.absolute().parent.is_dir():
        raise SetupError(f"There is no folder {target.absolute().parent}.", hint="Make it first.")
    connect(owner_url).close()
    found = Changes()
    owner = create_engine(owner_url, isolation_level="REPEATABLE READ")
    try:
        with fresh(target) as file, owner.begin() as connection:
            copy = connection.execute(_COPY).mappings().one_or_none()
            if copy is None:
                raise NotFound(
                    "This instance is no field copy.", hint="`geoapp field open` makes one of an empty instance."
                )
            mark = copy["copy_of"]
            said = Said(
                what=CHANGES.word, form=FORM, version=__version__, head=db.version(connection), key=mark["key"],
                secret=copy["secret"], operation={"key": copy["key"], "title": copy["title"]}, room={"key": mark["room_key"], "title": mark["room"]},
                taken_at=mark["taken_at"], ends_on=mark["ends_on"], recipients=list(copy["recipients"]),
            )  # fmt: skip
            lock = Lock(tuple(copy["recipients"]), bytes(copy["wrapped"]))
            try:
                write(
                    file, lock, CHANGES, said, _lines(connection, found, tell), lambda n: tell("MiB written", n // MIB)
                )
            except (OSError, pyrage.EncryptError) as error:
                raise SetupError(f"{target} could not be written: {error}.", hint="Is the disk full?") from error
    finally:
        owner.dispose()
    return found


def _lines(connection: Connection, found: Changes, tell: Callable[..., None]) -> Iterator[bytes]:
    for edits in (_written, _removed):
        for place, collection in enumerate(FIELDS if edits is _written else reversed(FIELDS)):
            tell(f"comparing {collection.replace('_', ' ')}", place, len(FIELDS))
            for edit in edits(connection, collection, found):
                found.edits[collection] = found.edits.get(collection, 0) + 1
                yield orjson.dumps([collection, edit])


def _written(connection: Connection, collection: str, found: Changes) -> Iterator[dict[str, Any]]:
    asked = text(_DIFFER.format(written=written(collection)))
    for row in connection.execute(asked, {"collection": collection}).mappings():
        if row["was"] is None and row["batch_id"] is not None:
            found.by_file += 1
            continue
        was, now = row["was"] or {}, row["now"]
        differ = [name for name in now if name != SHAPE and now[name] != was.get(name)]
        edit = {
            "id": row["id"], "version": row["version"], "by": row["recorded_by"], "at": row["recorded_at"].isoformat(),
            "did": "changed" if row["was"] is not None else "added",
            "values": {name: now[name] for name in differ}, "was": {name: was.get(name) for name in differ},
            "geometry": orjson.loads(row["shape"]) if row["shape"] and now[SHAPE] != was.get(SHAPE) else None,
        }  # fmt: skip
        if row["event"] is not None:
            edit["event"] = row["event"]
        elif collection == "overlap_notes":
            edit["between"] = list(row["between"])
        if collection == "overlaps" and row["was"] is None:
            # computed here from areas that were drawn here: what is written on it is found at home by them
            edit |= {"did": "changed", "between": list(row["between"])}
            edit["values"] = {name: value for name, value in now.items() if value != _BLANK[name]}
            edit["was"] = {name: _BLANK[name] for name in edit["values"]}
        if edit["values"] or edit["geometry"]:
            yield edit


def _removed(connection: Connection, collection: str, _found: Changes) -> Iterator[dict[str, Any]]:
    if collection == "overlaps":  # they come and go with their areas
        return
    table = TABLE[collection]
    for row in connection.execute(
        text(_GONE.format(table=table)), {"collection": collection, "table": table}
    ).mappings():
        yield {
            "id": row["id"], "version": row["version"], "by": row["by"], "at": row["at"].isoformat() if row["at"] else None,
            "did": "removed", "values": {}, "was": {}, "geometry": None,
        }  # fmt: skip
