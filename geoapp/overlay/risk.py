"""How grave is a risk, and what do the incidents alone suggest? Likelihood × impact by a matrix that is data.

A suggestion grades what was reported and nothing else; a person's judgement stands beside it, and only that is published.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from geoapp.codes import FOLDER
from geoapp.scope import Scope, known, say_date
from layers._sql import COUNTED, UNIT_ON

DAYS = 90
"""Days of incidents that a suggestion looks at."""

_THREATS = {"Protests": "civil_unrest", "Riots": "civil_unrest"}
"""Which threat an event type speaks of; all others are of armed conflict until somebody says otherwise."""


class Matrix(NamedTuple):
    """A version and its 25 levels, likelihood 1 with impact 1 to 5 first."""

    version: str
    levels: tuple[int, ...]

    def level(self, likelihood: int, impact: int) -> int:
        """The level 1 (low) to 5 (unacceptable) of likelihood and impact, both 1 to 5."""
        return self.levels[(likelihood - 1) * 5 + impact - 1]


@cache
def shipped() -> Matrix:
    """The matrix of `data/codes/risk_matrix.csv`, its newest version (UN security risk management; DOMAIN 5.1)."""
    with (FOLDER / "risk_matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newest = max(row["version"] for row in rows)
    cells = {(int(r["likelihood"]), int(r["impact"])): int(r["level"]) for r in rows if r["version"] == newest}
    return Matrix(newest, tuple(cells[i, j] for i in range(1, 6) for j in range(1, 6)))


def matrix(connection: Connection) -> Matrix:
    """The matrix by which this operation grades: the one it adopted last, else the shipped one."""
    row = connection.execute(
        text(
            "SELECT m.version, m.levels FROM facts.risk_matrix AS m ORDER BY m.adopted_at DESC, m.version DESC LIMIT 1"
        )
    ).one_or_none()
    return Matrix(row.version, tuple(row.levels)) if row else shipped()


@cache
def thresholds() -> tuple[str, Mapping[str, Sequence[tuple[int, int]]]]:
    """The version of `data/risk_suggestion.csv` and, for each scale, the least score of each grade."""
    with (FOLDER.parent / "risk_suggestion.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newest = max(row["version"] for row in rows)
    found: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row["version"] == newest:
            found.setdefault(row["scale"], []).append((int(row["least"]), int(row["grade"])))
    return newest, found


def _grade(scale: str, score: int) -> int:
    return max(grade for least, grade in thresholds()[1][scale] if score >= least)


def suggestion(graded_by: Matrix, until: date, incidents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What these incidents (each with event_type, fatalities, source, event) suggest: grades, method, and inputs.

    Likelihood is graded by how many there were in the period, impact by the deaths reported of the gravest one.
    """
    version, _ = thresholds()
    gravest = max((i["fatalities"] or 0 for i in incidents), default=0)
    likelihood = _grade("likelihood", len(incidents))
    impact = _grade("impact", gravest + 1 if incidents else 0)
    kinds = Counter(str(i["event_type"]) for i in incidents)
    threats = Counter(_THREATS.get(kind, "armed_conflict") for kind in kinds.elements())
    since = until - timedelta(days=DAYS)
    return {
        "likelihood": likelihood, "impact": impact, "level": graded_by.level(likelihood, impact),
        "threat_category": min(threats, key=lambda t: (-threats[t], t), default="armed_conflict"),
        "method": f"Incidents known to the settlement from {say_date(since)} to {say_date(until)}: likelihood by their"
        f" number, impact by the reported deaths of the gravest (thresholds {version}, matrix {graded_by.version}).",
        "inputs": {
            "incidents": len(incidents), "gravest": gravest, "by_type": dict(sorted(kinds.items())),
            "from": since.isoformat(), "to": until.isoformat(), "thresholds": version, "matrix": graded_by.version,
        },
    }  # fmt: skip


_INSIDE = text(f"""
    SELECT i.id, i.source, i.source_event_id AS event, i.event_type, i.sub_event_type, lower(i.valid) AS occurred_from,
        i.location, i.pcode, i.verification, i.fatalities, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
    FROM calc.incident AS i
    CROSS JOIN (SELECT ST_GeomFromWKB(:shape, 4326) AS geom) AS s
    WHERE i.operation_id = calc.operation() AND i.geom && ST_GeomFromWKB(:shape, 4326) AND ST_Intersects(i.geom, s.geom)
        AND {COUNTED.format("i")}
        AND i.valid && daterange(:since, :until, '[]')
    ORDER BY lower(i.valid) DESC, i.id LIMIT 2000
""")
_AROUND = text(f"""
    SELECT b.pcode, b.name, coalesce((
        SELECT sum(t.n) FROM facts.incident_tally AS t
        WHERE t.operation_id = b.operation_id AND t.pcode = b.pcode AND NOT t.placed
            AND t.month BETWEEN date_trunc('month', CAST(:since AS date)) AND :until
    ), 0)::int AS district_only
    FROM facts.footprint AS f
    JOIN calc.boundary AS b ON b.operation_id = f.operation_id AND b.footprint_id = f.id AND b.level = 2
    CROSS JOIN (SELECT ST_GeomFromWKB(:shape, 4326) AS geom) AS s
    WHERE f.operation_id = calc.operation() AND f.geom && ST_GeomFromWKB(:shape, 4326) AND ST_Intersects(f.geom, s.geom)
        AND NOT ST_Touches(f.geom, s.geom) AND {UNIT_ON.format("b", "CAST(:until AS date)")}
    ORDER BY b.name, b.pcode
""")


def today(connection: Connection) -> date:
    """The day the operation is at."""
    found: date = connection.execute(text("SELECT calc.today()")).scalar_one()
    return found


def look(connection: Connection, shape: bytes, until: date) -> dict[str, Any]:
    """What is known inside a shape (WKB, EPSG:4326) in the DAYS up to `until`, as this room sees it: the incidents that may
    be ticked as evidence, how many are known to the districts only (whole months), and what the former suggest."""
    binds = {"shape": shape, "since": until - timedelta(days=DAYS), "until": until}
    incidents = [dict(row) for row in connection.execute(_INSIDE, binds).mappings()]
    around = [dict(row) for row in connection.execute(_AROUND, binds).mappings()]
    return {
        "days": DAYS, "incidents": incidents, "districts": around,
        "district_only": sum(row["district_only"] for row in around),
        "suggestion": suggestion(matrix(connection), until, incidents),
    }  # fmt: skip


_EVIDENCE = """
    SELECT i.id, i.source, i.source_event_id AS event, i.event_type, i.sub_event_type, lower(i.valid) AS occurred_from,
        i.location, i.verification, i.fatalities
    FROM facts.risk_zone AS z
    CROSS JOIN LATERAL jsonb_to_recordset(z.evidence) AS e (source text, event text)
    JOIN calc.incident AS i ON i.operation_id = z.operation_id AND i.source = e.source AND i.source_event_id = e.event
    WHERE z.operation_id = calc.operation() AND z.id = :id
    ORDER BY lower(i.valid) DESC, i.id
"""


def evidence(connection: Connection, zone_id: int, scope: Scope | None = None) -> list[dict[str, Any]]:
    """The incidents ticked as evidence of a zone that this room may see, now or as known on `scope.as_of`."""
    asked = known(_EVIDENCE, scope) if scope else _EVIDENCE
    return [dict(row) for row in connection.execute(text(asked), {"id": zone_id}).mappings()]
