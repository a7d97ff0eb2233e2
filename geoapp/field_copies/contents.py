"""What is in a field copy? Of each table the rows that its room is shown, and of each row what that room is told.

Rows are found by the policies, in the room that the copy is for and as for export; nothing here shows more than they do. What a row
says of rows that the room is not shown is taken out: who else stands above an actor, counts by handling, other reports of an event.
"""

from functools import cache

from sqlalchemy import DefaultClause

from geoapp.model import Base
from geoapp.model.subjects import read_from
from geoapp.record import NOUNS

TABLES = (
    "actor", "footprint", "boundary", "area", "area_part", "ground", "overlap_pair", "overlap", "overlap_note", "incident", "incident_bin",
    "incident_tally", "site", "road", "road_report", "hazard_area", "arrangement", "risk_zone", "security_area",
    "access_constraint", "base_feature", "risk_matrix", "form",
)  # fmt: skip
"""In an order in which they can be filled."""

COLLECTIONS = {noun.table: name for name, noun in NOUNS.items() if name != "zones_to_review"} | {
    "overlap_pair": "overlaps",
    "overlap_note": "overlap_notes",
}
"""By its table, the collection whose records are changed by hand."""

WITHHELD = ("batch_id", "recorded_by", "adopted_by")
"""Columns that no copy has."""

_WHOLE = "(SELECT calc.may_write())"
_UP_TO = "(SELECT array_position(enum_range(NULL::facts.handling), calc.clearance()))"
_AREA = "EXISTS (SELECT FROM facts.area AS a WHERE a.operation_id = t.operation_id AND a.id = t.area_id)"
_FOOTPRINT = "EXISTS (SELECT FROM facts.footprint AS f WHERE f.operation_id = t.operation_id AND f.id = t.footprint_id)"
_STAND_ON = ("area_part", "boundary", "hazard_area", "arrangement", "risk_zone", "security_area")
_USED = " UNION ALL ".join(f"SELECT u.footprint_id FROM facts.{table} AS u" for table in _STAND_ON)
_GROUNDS = """
    SELECT unnest(ARRAY[o.ground_id, o.last_ground]) FROM facts.overlap AS o
    UNION ALL SELECT unnest(g.members) FROM facts.overlap AS o
    JOIN facts.ground AS g ON g.operation_id = o.operation_id AND g.id IN (o.ground_id, o.last_ground)"""
_OTHERS = """
    WITH named AS (SELECT a.actor_id AS id FROM facts.area AS a UNION SELECT unnest(ARRAY[o.actor_a, o.actor_b]) FROM facts.overlap AS o)
    SELECT n.id FROM named AS n UNION SELECT unnest(c.lineage) FROM facts.actor AS c JOIN named AS n ON n.id = c.id"""

KEEPS = {
    # a room that only reads knows actors by their ground, and those that these stand under
    "actor": f"({_WHOLE} OR t.id IN ({_OTHERS}))",
    # a shape that no record stands on any more is history
    "footprint": f"t.id IN ({_USED})",
    "boundary": _FOOTPRINT,
    "area": "EXISTS (SELECT FROM facts.actor AS c WHERE c.operation_id = t.operation_id AND c.id = t.actor_id)",
    "area_part": f"{_AREA} AND {_FOOTPRINT}",
    "ground": f"t.id IN ({_GROUNDS})",
    "overlap_note": "EXISTS (SELECT FROM facts.overlap_pair AS p WHERE p.operation_id = t.operation_id AND p.id = t.pair_id)",
    # counted again from the incidents that are in the copy, where these are
    "incident_bin": "calc.precision_of('incidents') > 1",
    "incident_tally": "calc.precision_of('incidents') > 1",
    "road_report": "EXISTS (SELECT FROM facts.road AS r WHERE r.operation_id = t.operation_id AND r.id = t.road_id)",
    "hazard_area": _FOOTPRINT,
    "arrangement": _FOOTPRINT,
    "risk_zone": _FOOTPRINT,
    "security_area": _FOOTPRINT,
    "form": "t.audience = calc.audience()",
}
"""Which of the rows that the policies show, by table: all of them unless said."""

_LINKED = """EXISTS (SELECT FROM facts.incident AS l WHERE l.operation_id = t.operation_id AND l.source = t.same_as_source
    AND l.source_event_id = t.same_as_event)"""

COLUMNS = {
    "actor": {
        "parent_id": "(SELECT p.id FROM facts.actor AS p WHERE p.operation_id = t.operation_id AND p.id = t.parent_id)",
        "lineage": """ARRAY(SELECT l.id FROM unnest(t.lineage) WITH ORDINALITY AS l (id, place)
            JOIN facts.actor AS p ON p.operation_id = t.operation_id AND p.id = l.id ORDER BY l.place)""",
        "merged_into": f"CASE WHEN {_WHOLE} THEN t.merged_into END",
    },
    "boundary": {"name": "coalesce(t.name, t.pcode)"},
    "area_part": {"source_rows": "'{}'::int[]"},
    # of a row of the register the kinds of pieces that the room is shown, so that the copy says nothing of others
    "overlap_pair": {
        "handling": "(SELECT min(o.handling) FROM facts.overlap AS o WHERE o.pair_id = coalesce(t.joined_into, t.id))",
        "shown": """ARRAY(SELECT DISTINCT o.handling::text || '|' || (
            SELECT string_agg(s.subject, '|' ORDER BY s.subject COLLATE "C") FROM unnest(o.subjects) AS s (subject))
            FROM facts.overlap AS o WHERE o.pair_id = coalesce(t.joined_into, t.id) ORDER BY 1)""",
    },
    "overlap": {
        "incidents": f"""CASE WHEN calc.precision_of('incidents') <= 1 THEN ARRAY(
            SELECT CASE WHEN c.place <= {_UP_TO} THEN c.n ELSE 0 END FROM unnest(t.incidents) WITH ORDINALITY AS c (n, place)
            ORDER BY c.place) END""",
        "risk": f"""CASE WHEN calc.precision_of('risk_zones') <= 2 THEN ARRAY(
            SELECT CASE WHEN c.place <= {_UP_TO} THEN c.n ELSE 0 END FROM unnest(t.risk) WITH ORDINALITY AS c (n, place)
            ORDER BY c.place) END""",
    },
    # a place that the room is told to its settlement is, in the copy, known to its settlement
    "incident": {
        "finest": "0",
        "geo_precision": "CASE WHEN t.finest = 1 THEN 'settlement' ELSE t.geo_precision END",
        "same_as_source": f"CASE WHEN {_LINKED} THEN t.same_as_source END",
        "same_as_event": f"CASE WHEN {_LINKED} THEN t.same_as_event END",
    },
    "risk_zone": {
        "suggestion": f"CASE WHEN {_WHOLE} THEN t.suggestion END",
        "replaces": "(SELECT z.id FROM facts.risk_zone AS z WHERE z.operation_id = t.operation_id AND z.id = t.replaces)",
        "evidence": """(SELECT coalesce(jsonb_agg(e.said), '[]') FROM jsonb_array_elements(t.evidence) AS e (said)
            WHERE EXISTS (SELECT FROM facts.incident AS i WHERE i.operation_id = t.operation_id
                AND i.source = e.said ->> 'source' AND i.source_event_id = e.said ->> 'event'))""",
    },
    "form": {"audience": "'internal'", "reads": "'{}'::text[]"},
}  # fmt: skip
"""What stands in place of a column, by table."""

_ORDER = {
    "overlap_pair": "t.joined_into IS NOT NULL, t.id",
    "actor": "t.merged_into IS NOT NULL, cardinality(t.lineage), t.id",
    "risk_matrix": "t.adopted_at",
}
_NO_ID = ("incident_bin", "incident_tally", "risk_matrix", "form")


@cache
def rows_of(table: str) -> str:
    """The SELECT of a table's rows as JSON; beside it the record's number, and for a place that is told coarser the event it is of."""
    place = (
        "CASE WHEN t.finest = 1 THEN t.source END, CASE WHEN t.finest = 1 THEN t.source_event_id END"
        if table == "incident"
        else "NULL, NULL"
    )
    number = "NULL::bigint" if table in _NO_ID else "t.id"
    return f"""
        SELECT jsonb_build_object({", ".join(_pairs(table))})::text, {number}, {place}
        FROM {read_from(table)} AS t
        WHERE t.operation_id = (SELECT calc.operation()) AND {KEEPS.get(table, "true")}
        ORDER BY {_ORDER.get(table, "1" if table in _NO_ID else "t.id")}
    """


def _pairs(table: str) -> list[str]:
    found = []
    for column in Base.metadata.tables[f"facts.{table}"].columns:
        if column.name == "operation_id" or column.name in WITHHELD:
            continue
        sql = COLUMNS.get(table, {}).get(column.name, f"t.{column.name}")
        if type(column.type).__name__ == "Geometry":
            sql += "::text"  # as PostGIS writes it: JSON would round it
        elif not column.nullable and isinstance(column.server_default, DefaultClause):
            sql = f"coalesce({sql}, {column.server_default.arg})"  # what is withheld is as if nobody had said it
        found.append(f"'{column.name}', {sql}")
    return found
