"""How many incidents are known no better than to a district or a province?"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._palette import INK
from layers._sql import DAY, ONCE, PERIOD, UNIT_NAME, UNIT_OF_CODE, UNIT_ON, steps


def _unit(tint: float, *dash: float) -> Symbol:
    return Symbol(fill=INK, fill_opacity=tint, stroke=INK, width=1.2, dash=dash)


LAYER = Layer(
    name="rough_unit_counts",
    title="Known to the district or province only",
    question="How many incidents are known no better than to a district or a province?",
    group="Security",
    shape="polygon",
    subject="incidents",
    units=("name",),
    happens=True,
    reads=("incident", "boundary", "footprint"),
    background=True,
    on=False,
    holds=f"""
        SELECT FROM facts.incident AS i
        JOIN facts.boundary AS b ON b.operation_id = i.operation_id
            AND (i.geo_precision = 'adm2' AND b.level = 2 AND b.pcode = i.pcode OR i.geo_precision = 'adm1' AND b.level = 1)
        WHERE {ONCE}
        """,
    stands_in="incidents",
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    sql=f"""
        WITH rough AS MATERIALIZED (
            SELECT i.operation_id, i.geo_precision, i.pcode, i.fatalities, i.geom FROM facts.incident AS i
            WHERE i.geo_precision IN ('adm2', 'adm1') AND {PERIOD.format("i.valid")} AND {ONCE}
        )
        SELECT b.id, b.level, b.pcode, {UNIT_NAME.format("b", DAY)} AS name, c.n, {steps("c.n", 5, 20, 100)} AS class, c.fatalities, {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        CROSS JOIN LATERAL (
            SELECT count(*)::int AS n, coalesce(sum(r.fatalities), 0)::int AS fatalities FROM rough AS r
            WHERE r.operation_id = b.operation_id AND CASE b.level
                WHEN 2 THEN r.geo_precision = 'adm2' AND r.pcode = b.pcode
                ELSE r.geo_precision = 'adm1' AND f.geom && r.geom AND ST_Intersects(f.geom, r.geom) END
        ) AS c
        WHERE f.geom && :box AND c.n > 0
            AND CASE b.level WHEN 2 THEN {UNIT_OF_CODE.format("b", DAY)} WHEN 1 THEN {UNIT_ON.format("b", DAY)} ELSE false END
        """,
    fields=(
        Field("level", "Level", "integer", popup=False, hxl="#meta+level"),
        Field("pcode", "P-code", hxl="#adm+code"),
        Field("name", "District or province", hxl="#adm+name", drawn=True),
        Field("n", "Incidents known to it only", "integer", hxl="#meta+count"),
        Field("class", "Class", "integer", popup=False, drawn=True),
        Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
    ),
    style=Style(
        by="class",
        label="n",
        labelled="number",
        note="Somewhere in the unit; none of these is among the Incidents.",
        rules=(
            Rule(1, "1–4", _unit(0.03, 1, 4)),
            Rule(2, "5–19", _unit(0.07, 2, 3)),
            Rule(3, "20–99", _unit(0.12, 4, 3)),
            Rule(4, "100 or more", _unit(0.18, 8, 3)),
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
