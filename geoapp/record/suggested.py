"""Suggest a zone where the incidents alone suggest one: to be taken over or dismissed by a person, never published by itself."""

from datetime import timedelta

import orjson
from sqlalchemy import Connection, text

from geoapp.errors import Refused
from geoapp.overlay import risk
from geoapp.record.noun import Row
from geoapp.record.zones import MAX_EVIDENCE, USUAL_DAYS, next_number
from geoapp.writing import lock_operation
from layers._sql import COUNTED, UNIT_ON

_DISTRICTS = text(f"""
    SELECT i.pcode, b.name, b.footprint_id, i.source, i.source_event_id AS event, i.event_type, i.fatalities, i.handling::text AS handling,
        array_position(enum_range(NULL::facts.handling), i.handling) AS rank
    FROM facts.incident AS i
    JOIN (
        SELECT DISTINCT ON (b.pcode) b.operation_id, b.pcode, b.name, b.footprint_id FROM calc.boundary AS b
        WHERE b.level = 2 AND {UNIT_ON.format("b", "CAST(:until AS date)")} ORDER BY b.pcode, b.cod_version DESC
    ) AS b ON b.operation_id = i.operation_id AND b.pcode = i.pcode
    WHERE i.operation_id = calc.operation() AND {COUNTED.format("i")}
        AND i.valid && daterange(:since, :until, '[]')
        AND NOT EXISTS (
            SELECT FROM facts.risk_zone AS z
            WHERE z.operation_id = i.operation_id AND z.footprint_id = b.footprint_id
                AND z.status IN ('draft', 'in_review', 'published') AND upper(z.valid) > :until)
    ORDER BY i.pcode, lower(i.valid) DESC, i.id
""")
_OFFER = text("""
    INSERT INTO facts.risk_zone AS z (operation_id, recorded_by, handling, valid, source_key, number, name,
        threat_category, likelihood, impact, level, matrix_version, evidence, suggestion, status, footprint_id)
    VALUES (:operation, calc.member(), CAST(:handling AS facts.handling), daterange(:first, :last, '[]'), :key, :number, :name,
        :threat, :likelihood, :impact, :level, :matrix, CAST(:evidence AS jsonb), CAST(:suggestion AS jsonb), 'suggested', :footprint)
    ON CONFLICT (operation_id, source_key) DO UPDATE SET valid = excluded.valid, threat_category = excluded.threat_category,
        likelihood = excluded.likelihood, impact = excluded.impact, level = excluded.level, handling = excluded.handling,
        matrix_version = excluded.matrix_version, evidence = excluded.evidence, suggestion = excluded.suggestion,
        status = 'suggested'
    WHERE z.status IN ('suggested', 'withdrawn', 'expired')
        OR (z.status = 'dismissed' AND excluded.level > z.level)
        OR (z.status = 'published' AND upper(z.valid) <= :first)
    RETURNING id
""")


def suggest_zones(connection: Connection, least: int = 2) -> int:
    """Suggest a zone for each district whose incidents alone suggest at least this level and that has none; how many stand.

    A suggestion that was dismissed comes back only when the incidents suggest a higher level than then. Its handling is
    the strictest of what it is computed from. Raises Refused when there are no districts.
    """
    operation = lock_operation(connection, "risk_zone")
    today = risk.today(connection)
    if not connection.execute(text("SELECT EXISTS (SELECT FROM facts.boundary WHERE level = 2)")).scalar_one():
        raise Refused(
            "There are no districts to suggest zones for.", hint="Import boundaries first.", code="no-districts"
        )
    rows = connection.execute(_DISTRICTS, {"since": today - timedelta(days=risk.DAYS), "until": today}).mappings().all()
    graded_by = risk.matrix(connection)
    by_district: dict[str, list[Row]] = {}
    for row in rows:
        by_district.setdefault(row["pcode"], []).append(dict(row))
    standing, number = 0, next_number(connection, operation)
    for pcode, incidents in by_district.items():
        made = risk.suggestion(graded_by, today, incidents)
        if made["level"] < least:
            continue
        strictest = max(incidents, key=lambda i: i["rank"])["handling"]
        found = connection.execute(_OFFER, {
            "operation": operation, "handling": strictest if strictest not in ("CLEAR", "GREEN") else "AMBER",
            "first": today, "last": today + timedelta(days=USUAL_DAYS), "key": f"suggestion-{pcode}", "number": number,
            "name": incidents[0]["name"], "threat": made["threat_category"], "likelihood": made["likelihood"],
            "impact": made["impact"], "level": made["level"], "matrix": graded_by.version,
            "evidence": orjson.dumps([{"source": i["source"], "event": i["event"]} for i in incidents[:MAX_EVIDENCE]]).decode(),
            "suggestion": orjson.dumps(made).decode(), "footprint": incidents[0]["footprint_id"],
        }).scalar()  # fmt: skip
        if found is not None:
            standing += 1
            number = next_number(connection, operation)
    return standing
