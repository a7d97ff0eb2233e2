"""How many organisations work in each district?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import COUNT_CLASSES
from layers._sql import CHANGED, DAY, PERIOD, TURNED, UNIT_NAME, UNIT_OF_CODE, steps

LAYER = Layer(
    name="presence_counts",
    title="Humanitarian presence (3W)",
    question="How many organisations work in each district?",
    group="Actors and presence",
    shape="polygon",
    subject="presence",
    units=("name",),
    reads=("area_part", "area", "boundary", "footprint"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    stands_in="areas_of_operation",
    sql=f"""
        SELECT b.id, b.pcode, {UNIT_NAME.format("b", DAY)} AS name, c.n, {steps("c.n", 3, 6, 10, 15)} AS class, c.sectors, {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT a.actor_id)::int AS n, string_agg(DISTINCT a.sector, ', ') AS sectors
            FROM facts.area_part AS p
            JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
            WHERE p.operation_id = b.operation_id AND p.pcode = b.pcode AND a.positioning = 'presence'
                AND p.footprint_id IN (SELECT n.footprint_id FROM facts.boundary AS n
                    WHERE n.operation_id = b.operation_id AND n.pcode = b.pcode)
                AND {PERIOD.format("p.valid")}
        ) AS c
        WHERE f.geom && :box AND c.n > 0 AND {UNIT_OF_CODE.format("b", DAY)}
        """,
    coarse=Coarse(
        told=("pcode", "name", "n", "class"),
        valid="CAST('(,)' AS daterange)",
        counts="t.n",
        followed={
            "area_part": "SELECT b.id FROM facts.boundary AS b WHERE b.pcode = ANY (ARRAY(SELECT d.row ->> 'pcode' FROM due AS d))",
            "area": f"""
                SELECT b.id FROM facts.boundary AS b WHERE b.pcode = ANY (ARRAY(
                    SELECT p.pcode FROM facts.area_part AS p WHERE p.area_id = ANY (ARRAY({CHANGED}))))""",
        },
        turned=f"""
            SELECT b.id FROM facts.boundary AS b WHERE b.pcode = ANY (ARRAY(
                SELECT p.pcode FROM facts.area_part AS p WHERE {TURNED.format("p.valid")}))""",
    ),
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("name", "District", hxl="#adm2+name", drawn=True),
        Field("n", "Organisations", "integer", hxl="#meta+count+org"),
        Field("class", "Class", "integer", popup=False, drawn=True),
        Field("sectors", "Sectors", "list", hxl="#sector+list"),
    ),
    style=Style(
        by="class",
        label="n",
        labelled="number",
        rules=tuple(
            Rule(place, label, symbol)
            for place, (label, symbol) in enumerate(
                zip(("1–2", "3–5", "6–9", "10–14", "15 or more"), COUNT_CLASSES, strict=True), 1
            )
        ),
    ),
)
