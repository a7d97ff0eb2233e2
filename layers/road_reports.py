"""What was last seen of each road, by whom, and is it still to be relied on?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import ROAD
from layers._sql import CHANGED, DAY, LAST_DAY, PERIOD

LAYER = Layer(
    name="road_reports",
    title="Reports on roads",
    question="What was last seen of each road, by whom, and is it still to be relied on?",
    group="Access and reference",
    shape="line",
    subject="roads",
    found=("name",),
    happens=True,
    reads=("road_report", "road"),
    geometry="r.geom",
    on=False,
    sql=f"""
        SELECT p.id, p.road_id, r.name, p.op_status, p.practicability, p.reason, p.observed_on,
            (p.observed_on + p.stale_days < {DAY}) AS stale, lower(p.valid) AS valid_from,
            {LAST_DAY.format("p.valid")} AS valid_to, p.stale_days, p.source, p.note, p.handling::text AS handling,
            p.version, {{geom}} AS geom
        FROM calc.road_report AS p
        JOIN calc.road AS r ON r.operation_id = p.operation_id AND r.id = p.road_id
        WHERE r.geom && :box AND {PERIOD.format("p.valid")}
        """,
    held="reports on roads",
    coarse=Coarse(
        told=("op_status", "practicability", "reason", "observed_on", "valid_from", "valid_to", "handling"),
        valid="daterange(t.valid_from, t.valid_to, '[]')",
        followed={
            "road_report": CHANGED,
            "road": f"SELECT p.id FROM facts.road_report AS p WHERE p.road_id = ANY (ARRAY({CHANGED}))",
        },
        turned="""
            SELECT p.id FROM facts.road_report AS p
            WHERE p.observed_on + p.stale_days >= :earlier AND p.observed_on + p.stale_days < :later""",
    ),
    fields=(
        Field("road_id", "Road's number", "integer", popup=False, hxl="#loc+id"),
        Field("name", "Road", hxl="#loc+name", drawn=True),
        Field("op_status", "Status", code="road_status", hxl="#access+status"),
        Field("practicability", "Passable for", "integer", code="vehicle_classes", hxl="#access+vehicle"),
        Field("reason", "Why", code="constraint_categories", hxl="#access+category"),
        Field("observed_on", "Seen on", "date", hxl="#date+observed"),
        Field("stale", "Older than it should be", "boolean", hxl="#status+stale"),
        Field("valid_from", "From", "date", hxl="#date+start"),
        Field("valid_to", "Until", "date", hxl="#date+end"),
        Field("stale_days", "Relied on for", "integer", "days", popup=False, hxl="#meta+days"),
        Field("source", "According to", hxl="#meta+source"),
        Field("note", "Note", hxl="#description"),
        Field("handling", "Handling", hxl="#meta+handling"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
    ),
    style=Style(
        by="op_status",
        rules=(
            Rule("open", "Open", ROAD["open"]),
            Rule("restricted", "Restricted", ROAD["restricted"]),
            Rule("closed", "Closed", ROAD["closed"]),
            Rule("abandoned", "Abandoned", ROAD["abandoned"]),
            Rule("unspecified", "Not said", ROAD["unspecified"]),
        ),
        note="Every report of the period; the layer Roads shows the newest of each road.",
    ),
)
