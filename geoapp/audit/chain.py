"""Entries in a chain: each is given the next number of its operation and a code (HMAC-SHA-256) over all that it says, its number and
the code before it. Who has the database and not the key can change no entry that is sealed without `verify` saying at which one.

Writers never wait for a chain: they leave entries, and one process seals them, in the order in which they were written, every few
seconds. Numbers have no gap: they are given to what was committed.
"""

import hashlib
import hmac
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Connection, text

from geoapp.audit.key import Keys
from geoapp.db import streamed
from geoapp.errors import Refused

AT_ONCE = 500
FIRST = bytes(32)
"""What stands for the code before the first entry."""
_SAID = ("id", "operation_id", "at", "who", "room", "did", "subject", "record", "version", "fields", "told")
_log = logging.getLogger("geoapp.event")

_UNSEALED = "SELECT * FROM calc.audit_unsealed(%s, %s)"
_SEAL = "SELECT calc.audit_seal(%s, %s, %s, %s, %s, %s)"
_CHAINS = """
    SELECT x.operation_id, coalesce(o.key, '') AS key, x.unsealed FROM (
        SELECT a.operation_id, count(*) FILTER (WHERE a.number IS NULL) AS unsealed FROM keys.audit AS a GROUP BY 1
        UNION SELECT n, 0 FROM unnest(%s::integer[]) AS n WHERE NOT EXISTS (SELECT FROM keys.audit AS a WHERE a.operation_id = n)
    ) AS x LEFT JOIN facts.operation AS o ON o.operation_id = x.operation_id ORDER BY x.operation_id
"""
_ENTRIES = f"""
    SELECT {", ".join(_SAID)}, number, sealed_at, sealed_with, mac FROM keys.audit
    WHERE operation_id = %s AND number IS NOT NULL ORDER BY number
"""
_HEADS = """
    SELECT DISTINCT ON (operation_id) operation_id, number, mac FROM keys.audit WHERE number IS NOT NULL
    ORDER BY operation_id, number DESC
"""


@dataclass(frozen=True)
class Chain:
    """The entries of one operation, or of the instance: how many are sealed, the code of the last, and how many wait."""

    operation_id: int
    operation: str
    entries: int
    head: bytes
    unsealed: int


@dataclass(frozen=True)
class Checked:
    """A chain that was looked at: the number of the first entry that is not as it was sealed, and what is wrong; None for none."""

    chain: Chain
    altered: int | None
    why: str = ""


def code(key: bytes, entry: Mapping[str, Any], number: int, before: bytes, sealed_at: datetime) -> bytes:
    """The code of an entry at its place in the chain."""
    said = [_plain(entry[name]) for name in _SAID] + [number, before.hex(), _plain(sealed_at)]
    return hmac.digest(key, orjson.dumps(said, option=orjson.OPT_SORT_KEYS), hashlib.sha256)


def _plain(value: Any) -> Any:
    """A moment as text that is the same whatever the session's time zone."""
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def seal(connection: psycopg.Connection[Any], serving_key: str, keys: Keys) -> int:
    """Put the entries that wait into their chains; how many. `connection` is of a login that serves, which `serving_key` proves.

    A chain whose end is not what was noted of it is left as it is. Raises Refused, once the others are sealed, for such a one.
    """
    sealed, cut = 0, {}
    while True:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            heads: dict[int, tuple[int, bytes]] = {}
            noted, now = keys.heads(), datetime.now(UTC)
            waiting = cursor.execute(_UNSEALED, (serving_key, AT_ONCE)).fetchall()
            ids, numbers, macs = [], [], []
            for entry in waiting:
                about = entry["operation_id"]
                last, before = heads.get(about) or (entry["last_number"] or 0, bytes(entry["last_mac"] or FIRST))
                if about in cut or (about not in heads and _cut(noted.get(about), last, before)):
                    cut[about] = last
                    continue
                mac = code(keys.by_name[keys.newest], entry, last + 1, before, now)
                ids.append(entry["id"])
                numbers.append(last + 1)
                macs.append(mac)
                heads[about] = (last + 1, mac)
            if ids:
                cursor.execute(_SEAL, (serving_key, ids, numbers, macs, keys.newest, now))
        if ids:
            keys.note(heads)
            sealed += len(ids)
            for about, (number, mac) in heads.items():
                _log.info("audit sealed", extra={"told": {"chain": about, "number": number, "head": mac.hex()}})
        if not ids or len(waiting) < AT_ONCE:
            break
    if cut:
        about, last = next(iter(cut.items()))
        raise Refused(
            f"The audit (chain {about}) ends with entry {last}, and that is not the end that was noted in {keys.heads_path}:"
            " nothing more is sealed in it.",
            hint=f"`geoapp audit verify` says which entries are missing. Where a backup was restored, what came after it is gone: move"
            f" {keys.heads_path} away, and the chain goes on from there.",
        )  # fmt: skip
    return sealed


def _cut(noted: tuple[int, bytes] | None, last: int, mac: bytes) -> bool:
    """Whether a chain ends before what was noted, or otherwise. It may be longer: what was sealed is noted a moment later."""
    return noted is not None and (last < noted[0] or (last == noted[0] and mac != noted[1]))


def verify(
    connection: psycopg.Connection[Any], keys: Keys, noted: dict[int, tuple[int, bytes]] | None = None
) -> Iterator[Checked]:
    """Every chain, looked at from its first entry to its last, as the database's owner; its end is that which was `noted` outside the
    database, beside the key unless said."""
    noted = keys.heads() if noted is None else noted
    chains = connection.execute(_CHAINS, (list(noted),)).fetchall()
    for about, operation, unsealed in chains:
        yield _check(connection, keys, noted.get(about), about, operation, unsealed)


def _check(
    connection: psycopg.Connection[Any], keys: Keys, noted: tuple[int, bytes] | None, about: int, operation: str, unsealed: int
) -> Checked:  # fmt: skip
    with connection.cursor(name="audit", row_factory=dict_row) as cursor:
        sound, before, altered, why = _walk(cursor.execute(_ENTRIES, (about,)), keys, noted)
    return Checked(Chain(about, operation, sound, before, unsealed), altered, why)


_OF_THIS = f"""
    SELECT {", ".join(_SAID)}, number, sealed_at, sealed_with, decode(mac, 'hex') AS mac FROM calc.audit
    WHERE number IS NOT NULL ORDER BY number
"""
_OPEN = text("SELECT calc.operation(), count(*) FROM calc.audit WHERE number IS NULL")


def check(connection: Connection, keys: Keys, operation: str) -> Checked:
    """The chain of the operation that is asked about, looked at as who asks is shown it; who may not read it is shown none of it."""
    about, unsealed = connection.execute(_OPEN).one()
    pages = streamed(connection, _OF_THIS, {}, 1000)
    entries = (row._asdict() for page in pages for row in page)
    sound, before, altered, why = _walk(entries, keys, keys.heads().get(about))
    return Checked(Chain(about, operation, sound, before, unsealed), altered, why)


def _walk(
    entries: Iterable[Mapping[str, Any]], keys: Keys, noted: tuple[int, bytes] | None
) -> tuple[int, bytes, int | None, str]:
    """How many of the sealed entries of a chain are as they were sealed, the code of the last of these, and the first that is not with
    what is wrong with it."""
    number, before, why = 0, FIRST, ""
    for entry in entries:
        number += 1
        key, mac = keys.by_name.get(entry["sealed_with"]), bytes(entry["mac"])
        if entry["number"] != number:
            why = "it is missing"
        elif key is None:
            why = f"it was sealed with the key {entry['sealed_with']}, which is not in {keys.path}"
        elif not hmac.compare_digest(mac, code(key, entry, number, before, entry["sealed_at"])):
            why = "it is not what was sealed"
        elif noted and noted[0] == number and mac != noted[1]:
            why = "it is not what was noted outside the database"
        if why:
            break
        before = mac
    if not why and noted and noted[0] > number:
        number, why = number + 1, f"it is missing: {noted[0]:,} were noted outside the database"
    return (number, before, None, "") if not why else (number - 1, before, number, why)


def heads_in(connection: psycopg.Connection[Any]) -> dict[int, tuple[int, bytes]]:
    """The last number and code of each chain as the database has them, for its owner."""
    return {about: (number, bytes(mac)) for about, number, mac in connection.execute(_HEADS)}


def head_of(mac: bytes) -> str:
    """A code as people compare it: its first eight bytes, in groups of four digits."""
    said = mac.hex()[:16]
    return " ".join(said[place : place + 4] for place in range(0, 16, 4))
