"""How severe is the worst constraint on access of each district, and of which kinds are they?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import SEVERITY, SEVERITY_LABELS
from layers._words import PERIOD

LAYER = Layer(
    name="access_severity",
    title="Access severity by district",
    question="How severe is the worst constraint on access of each district, and of which kinds are they?",
    group="Access and reference",
    shape="polygon",
    subject="access_constraints",
    reads=("access_constraint", "boundary", "footprint"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    # a neighbour that only has its border in common is not touched: interiors meet, or a way runs along the border, or
    # a point lies on it
    sql=f"""
        SELECT b.id, b.pcode, b.name, c.severity, c.n, c.categories, c.reported_on, {{geom}} AS geom
        FROM facts.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        CROSS JOIN LATERAL (
            SELECT max(c.severity)::int AS severity, count(*)::int AS n, max(c.reported_on) AS reported_on,
                string_agg(DISTINCT c.category, ', ' ORDER BY c.category) AS categories
            FROM facts.access_constraint AS c
            CROSS JOIN LATERAL (SELECT c.pcode = b.pcode AS named, c.geom && f.geom AS near) AS w
            WHERE c.operation_id = b.operation_id AND {PERIOD.format("c.valid")} AND CASE
                WHEN w.named THEN true
                WHEN NOT w.near THEN false
                WHEN ST_Dimension(c.geom) = 0 THEN ST_Intersects(f.geom, c.geom)
                ELSE ST_Relate(c.geom, f.geom, 'T********') OR ST_Relate(c.geom, f.geom, '*1*******') END
        ) AS c
        WHERE f.geom && :box AND b.level = 2 AND c.n > 0
        """,
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("name", "District", hxl="#adm2+name"),
        Field("severity", "Highest severity", "integer", code="access_severity", hxl="#severity+access"),
        Field("n", "Constraints", "integer", hxl="#meta+count"),
        Field("categories", "Kinds", "list", code="constraint_categories", hxl="#access+category+list"),
        Field("reported_on", "Last reported", "date", hxl="#date+reported"),
    ),
    style=Style(
        by="severity",
        label="severity",
        note="The highest severity of the constraints that held in the period and touch the district.",
        rules=tuple(Rule(level, label, SEVERITY[level]) for level, label in enumerate(SEVERITY_LABELS)),
    ),
    warning="No constraint recorded does not mean that there is access.",
)
