"""How does the audit of a whole instance stand, in words? For the shell, backups and `geoapp doctor`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geoapp.audit.chain import Checked, head_of, verify
from geoapp.audit.key import Keys, keys_of, path_of
from geoapp.settings import Settings

_WAITING = """
    SELECT count(*), min(a.at), (SELECT max(v.at) FROM keys.audit AS v WHERE v.did = 'verified')
    FROM keys.audit AS a WHERE a.number IS NULL
"""


@dataclass(frozen=True)
class Report:
    """Every chain that was looked at, and what is said of it; `sound` where no entry was altered, or none could be looked at."""

    chains: tuple[Checked, ...]
    lines: tuple[str, ...]
    sound: bool


def sentence(each: Checked) -> str:
    """What was found of one chain."""
    chain = each.chain
    name = chain.operation or (
        "the instance" if chain.operation_id == 0 else f"operation {chain.operation_id}, which is gone"
    )
    if each.altered is not None:
        return f"✗ {name}: entry {each.altered:,} was altered: {each.why}. The {chain.entries:,} before it are as they were sealed."
    waiting = f", {chain.unsealed:,} not sealed yet" if chain.unsealed else ""
    return f"✓ {name}: {chain.entries:,} entries, none altered, missing or moved{waiting}; head {head_of(chain.head) if chain.entries else 'none'}"


def report(connection: psycopg.Connection[Any], settings: Settings, *, restored: bool = False) -> Report:
    """Every chain of an instance, looked at as the database's owner. Of a `restored` one what was noted outside the database is not
    missed: what was sealed after its backup is named as such. Raises SetupError for a key that cannot be read."""
    keys = keys_of(settings, make=False)
    if keys is None:
        return Report((), (f"The audit was not looked at: there is no key of it in {path_of(settings)}.",), sound=True)
    found = tuple(verify(connection, keys, noted={} if restored else None))
    lines = [sentence(each) for each in found]
    if restored:
        lines += _later(keys, found)
    return Report(found, tuple(lines), all(each.altered is None for each in found))


def _later(keys: Keys, found: tuple[Checked, ...]) -> list[str]:
    """What is noted outside the database of entries that a backup does not hold."""
    held = {each.chain.operation_id: each.chain.entries for each in found if each.altered is None}
    later = sum(max(0, number - held.get(about, 0)) for about, (number, _) in keys.heads().items())
    if not later:
        return []
    return [
        f"Entries that were sealed after this backup are not in it ({later:,}): where it is the instance from now on, move"
        f" {keys.heads_path} away, and the chains go on from here."
    ]


def look(owner_url: str, settings: Settings, *, restored: bool = False) -> Report:
    """The same, by the owner's login. Raises SetupError, and psycopg's errors."""
    with psycopg.connect(owner_url.replace("+psycopg", "", 1)) as connection:
        return report(connection, settings, restored=restored)


def waiting(owner_url: str) -> tuple[int, datetime | None, datetime | None]:
    """How many entries wait to be sealed, since when the oldest of them does, and when somebody looked at all last."""
    with psycopg.connect(owner_url.replace("+psycopg", "", 1)) as connection:
        row = connection.execute(_WAITING).fetchone()
    assert row is not None
    return row
