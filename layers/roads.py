"""Which roads are there, and are they open?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import ROAD

LAYER = Layer(
    name="roads",
    title="Roads",
    question="Which roads are there, and are they open?",
    group="Access and reference",
    shape="line",
    subject="roads",
    reads=("road",),
    geometry="r.geom",
    sql="""
        SELECT r.id, r.name, r.road_class, r.surface, r.condition, r.seasonal, r.practicability, r.op_status,
            r.security, r.speed_kmh, r.bridge, round(r.length_km::numeric, 3)::float8 AS length_km,
            r.handling::text AS handling, {geom} AS geom
        FROM facts.road AS r
        WHERE r.geom && :box AND (:zoom >= 10 OR r.road_class BETWEEN 1 AND CASE WHEN :zoom >= 8 THEN 4
            WHEN :zoom >= 6 THEN 2 ELSE 1 END)
        """,
    fields=(
        Field("name", "Road", hxl="#loc+name"),
        Field("road_class", "Class", "integer", code="road_classes", hxl="#loc+class"),
        Field("surface", "Surface", "integer", code="road_surface", hxl="#loc+surface"),
        Field("condition", "Condition", "integer", popup=False, hxl="#loc+condition"),
        Field("seasonal", "Seasonal", "integer", popup=False, hxl="#loc+seasonal"),
        Field("practicability", "Passable for", "integer", code="vehicle_classes", hxl="#access+vehicle"),
        Field("op_status", "Status", code="road_status", hxl="#access+status"),
        Field("security", "Security category", hxl="#access+security"),
        Field("speed_kmh", "Speed", "number", "km/h", hxl="#meta+speed"),
        Field("bridge", "Bridge", "boolean", popup=False, hxl="#loc+bridge"),
        Field("length_km", "Length", "number", "km", hxl="#meta+length"),
        Field("handling", "Handling", popup=False, hxl="#meta+handling"),
    ),
    style=Style(
        by="op_status",
        rules=(
            Rule("open", "Open", ROAD["open"]),
            Rule("restricted", "Restricted", ROAD["restricted"]),
            Rule("closed", "Closed", ROAD["closed"]),
            Rule("abandoned", "Abandoned", ROAD["abandoned"]),
            Rule(None, "No report", ROAD["unspecified"]),
        ),
    ),
)
