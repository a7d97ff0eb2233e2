"""Which roads are there, and are they open?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import ROAD
from layers._sql import DAY

LAYER = Layer(
    name="roads",
    title="Roads",
    question="Which roads are there, and are they open?",
    group="Access and reference",
    shape="line",
    background=True,
    titled=("{name}", "{road_class}"),
    subject="roads",
    found=("name",),
    reads=("road", "road_report"),
    else_told=("road", "roads"),
    tabled=7,
    placing=4,
    geometry="r.geom",
    sql=f"""
        SELECT r.id, r.name, r.road_class, r.surface, r.condition, r.seasonal,
            coalesce(nullif(p.practicability, 0), r.practicability) AS practicability,
            coalesce(p.op_status, r.op_status) AS op_status, p.observed_on, p.source AS status_source,
            p.stale, p.reason, p.note,
            CASE WHEN p.stale THEN 'stale' ELSE coalesce(p.op_status, r.op_status) END AS class,
            r.security, r.speed_kmh, r.bridge, round(r.length_km::numeric, 3)::float8 AS length_km,
            greatest(r.handling, p.handling)::text AS handling, {{geom}} AS geom
        FROM calc.road AS r
        LEFT JOIN LATERAL (
            SELECT o.op_status, o.practicability, o.observed_on, o.source, o.reason, o.note, o.handling,
                {DAY} - o.observed_on > o.stale_days AS stale
            FROM calc.road_report AS o
            WHERE o.operation_id = r.operation_id AND o.road_id = r.id AND o.valid @> {DAY}
            ORDER BY o.observed_on DESC, o.id DESC LIMIT 1
        ) AS p ON true
        WHERE r.geom && :box AND (:zoom >= 10 OR r.road_class BETWEEN 1 AND CASE WHEN :zoom >= 8 THEN 4
            WHEN :zoom >= 6 THEN 2 ELSE 1 END)
        """,
    fields=(
        Field("name", "Road", hxl="#loc+name", drawn=True),
        Field("road_class", "Class", "integer", code="road_classes", hxl="#loc+class", drawn=True),
        Field("surface", "Surface", "integer", code="road_surface", hxl="#loc+surface"),
        Field("condition", "Condition", "integer", popup=False, hxl="#loc+condition"),
        Field("seasonal", "Seasonal", "integer", popup=False, hxl="#loc+seasonal"),
        Field("practicability", "Passable for", "integer", code="vehicle_classes", hxl="#access+vehicle"),
        Field("op_status", "Status", code="road_status", hxl="#access+status"),
        Field("observed_on", "Seen", "date", hxl="#date+observed"),
        Field("status_source", "Status according to", hxl="#meta+source"),
        Field("stale", "Report is stale", "boolean", hxl="#meta+stale"),
        Field("reason", "Reason", code="constraint_categories", hxl="#access+reason"),
        Field("note", "Note", hxl="#description"),
        Field("class", "Class", popup=False, drawn=True),
        Field("security", "Security category", code="road_security", hxl="#access+security"),
        Field("speed_kmh", "Speed", "number", "km/h", hxl="#meta+speed"),
        Field("bridge", "Bridge", "boolean", popup=False, hxl="#loc+bridge"),
        Field("length_km", "Length", "number", "km", hxl="#meta+length"),
        Field("handling", "Handling", popup=False, hxl="#meta+handling"),
    ),
    style=Style(
        by="class",
        note="Status by the newest report that holds on the last day of the period, else the road's own.",
        rules=(
            Rule("open", "Open", ROAD["open"]),
            Rule("restricted", "Restricted", ROAD["restricted"]),
            Rule("closed", "Closed", ROAD["closed"]),
            Rule("abandoned", "Abandoned", ROAD["abandoned"]),
            Rule(None, "No report, or a stale one", ROAD["unspecified"]),
        ),
    ),
)
