"""Has anything that a check rested on changed since? The numbers of changes of the tables that its kind reads and writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import Conflict
from geoapp.ingest.kind import Kind

_CALLED = {
    "boundary": "boundaries", "actor": "actors", "area": "areas", "area_part": "areas", "road": "roads", "incident": "incidents",
    "hazard_area": "hazards", "site": "sites", "risk_zone": "risk zones", "security_area": "security levels",
    "access_constraint": "constraints", "arrangement": "arrangements", "road_report": "reports on roads",
    "incident_deletion": "deletions", "base_feature": "the base map",
}  # fmt: skip


def numbers(connection: Connection, kind: Kind) -> dict[str, int]:
    """How often each table that matters for this kind has changed."""
    asked = {*kind.tables, "boundary", *(("actor", "area", "area_part") if "area" in kind.tables else ())}
    asked |= {"road"} if "road_report" in kind.tables else set()
    rows = connection.execute(
        text("SELECT c.subject, c.number FROM facts.change AS c WHERE c.subject = ANY (:subjects)"),
        {"subjects": sorted(asked)},
    )
    found = {str(subject): int(number) for subject, number in rows}
    return {subject: found.get(subject, 0) for subject in asked}


def unchanged(connection: Connection, kind: Kind, checked: Mapping[str, Any]) -> None:
    """Raises Conflict, saying what has changed, when a check (`numbers`, `at`) does not hold any more."""
    now = numbers(connection, kind)
    changed = sorted(
        {_CALLED.get(subject, subject) for subject in now if now[subject] != checked["numbers"].get(subject)}
    )
    if not changed:
        return
    landed = connection.execute(
        text("""
            SELECT b.id, b.file_name FROM facts.batch AS b
            WHERE greatest(b.landed_at, b.withdrawn_at) > :at ORDER BY b.id LIMIT 5
        """),
        {"at": datetime.fromisoformat(checked["at"])},
    ).all()
    files = f" (B-{', B-'.join(f'{number:04} {name}' for number, name in landed)})" if landed else ""
    raise Conflict(
        f"Since the check, {' and '.join(changed)} have changed{files}: what it said may not hold any more. Nothing landed.",
        hint="Check the file again.", changed=changed,
    )  # fmt: skip
