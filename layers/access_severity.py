"""How severe is the worst constraint on access of each district, and of which kinds are they?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import SEVERITY, SEVERITY_LABELS
from layers._sql import DAY, PERIOD, TURNED, UNIT_ON

LAYER = Layer(
    name="access_severity",
    title="Access severity by district",
    question="How severe is the worst constraint on access of each district, and of which kinds are they?",
    group="Access and reference",
    shape="polygon",
    subject="access_constraints",
    units=("name",),
    reads=("access_constraint", "boundary", "footprint"),
    tabled=10,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    # A neighbour that only has its border in common is not touched: interiors meet, or a way runs along the border, or a
    # point lies on it. A whole unit is told by its P-code alone, for as
    # long as units have that code: comparing borders vertex by vertex costs most.
    sql=f"""
        WITH held AS MATERIALIZED (
            SELECT c.category, c.severity, c.reported_on, c.pcode, c.geom, ST_Dimension(c.geom) AS dimension, EXISTS (
                SELECT FROM facts.boundary AS u
                JOIN facts.footprint AS g ON g.operation_id = u.operation_id AND g.id = u.footprint_id
                WHERE u.operation_id = c.operation_id AND u.pcode = c.pcode AND u.level IN (1, 2) AND g.geom = c.geom
            ) AND EXISTS (
                SELECT FROM facts.boundary AS u
                WHERE u.operation_id = c.operation_id AND u.pcode = c.pcode AND {UNIT_ON.format("u", DAY)}
            ) AS whole
            FROM facts.access_constraint AS c WHERE {PERIOD.format("c.valid")}
        )
        SELECT b.id, b.pcode, b.name, c.severity, c.n, c.categories, c.reported_on, {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        CROSS JOIN LATERAL (
            SELECT max(c.severity)::int AS severity, count(*)::int AS n, max(c.reported_on) AS reported_on,
                string_agg(DISTINCT c.category, ', ' ORDER BY c.category) AS categories
            FROM held AS c
            WHERE CASE
                WHEN c.pcode = b.pcode THEN true
                WHEN c.whole THEN c.pcode = b.parent_pcode
                WHEN NOT c.geom && f.geom THEN false
                WHEN c.dimension = 0 THEN ST_Intersects(f.geom, c.geom)
                WHEN c.dimension = 1 THEN
                    ST_Intersects(f.geom, c.geom) AND ST_Relate(c.geom, f.geom) SIMILAR TO '[012]%|_1%'
                ELSE ST_Intersects(c.geom, f.label) OR ST_Relate(c.geom, f.geom, 'T********') END
        ) AS c
        WHERE f.geom && :box AND b.level = 2 AND c.n > 0 AND {UNIT_ON.format("b", DAY)}
        """,
    coarse=Coarse(
        told=("pcode", "name", "severity", "categories", "reported_on"),
        valid="CAST('(,)' AS daterange)",
        counts="NULL::int",
        turned=f"""
            WITH held AS MATERIALIZED (SELECT c.pcode, c.geom FROM facts.access_constraint AS c WHERE {TURNED.format("c.valid")})
            SELECT b.id FROM facts.boundary AS b JOIN held AS c ON c.pcode IN (b.pcode, b.parent_pcode)
            UNION SELECT b.id FROM held AS c
            JOIN facts.footprint AS f ON f.geom && c.geom
            JOIN facts.boundary AS b ON b.operation_id = f.operation_id AND b.footprint_id = f.id""",
    ),
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("name", "District", hxl="#adm2+name", drawn=True),
        Field("severity", "Highest severity", "integer", code="access_severity", hxl="#severity+access"),
        Field("n", "Constraints", "integer", hxl="#meta+count"),
        Field("categories", "Kinds", "list", code="constraint_categories", hxl="#access+category+list"),
        Field("reported_on", "Last reported", "date", hxl="#date+reported"),
    ),
    style=Style(
        by="severity",
        label="severity",
        labelled="number",
        note="The highest severity of the constraints that held in the period and touch the district.",
        rules=tuple(Rule(level, label, SEVERITY[level]) for level, label in enumerate(SEVERITY_LABELS)),
    ),
    warning="No constraint recorded does not mean that there is access.",
)
