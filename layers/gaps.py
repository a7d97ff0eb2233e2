"""In which districts is nobody known to work in a sector that others are served in?"""

from layers._base import Field, Layer, Listing, Rule, Style, Symbol
from layers._sql import DAY, PERIOD, UNIT_ON

LAYER = Layer(
    name="gaps",
    title="Gaps",
    question="In which districts is nobody known to work in a sector that others are served in?",
    group="Coordination",
    shape="polygon",
    subject="presence",
    units=("district",),
    reads=("area_part", "area", "boundary", "footprint"),
    printed=(("District", "district"), ("P-code", "pcode"), ("Sector that has nobody", "sector")),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        WITH held AS MATERIALIZED (
            SELECT DISTINCT p.footprint_id, p.pcode, a.sector, NOT EXISTS (
                SELECT FROM facts.boundary AS u
                WHERE u.operation_id = p.operation_id AND u.pcode = p.pcode AND {UNIT_ON.format("u", DAY)}
            ) AS ended
            FROM facts.area_part AS p JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
            WHERE a.positioning = 'presence' AND {PERIOD.format("p.valid")}
        )
        SELECT hashtextextended(b.pcode || s.sector, 1) & 9007199254740991 AS id, b.pcode, b.name AS district, s.sector,
            {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        CROSS JOIN (
            SELECT DISTINCT a.sector FROM facts.area AS a WHERE a.positioning = 'presence' AND a.sector IS NOT NULL
        ) AS s
        WHERE f.geom && :box AND b.level = 2 AND {UNIT_ON.format("b", DAY)}
            AND NOT EXISTS (SELECT FROM held AS p WHERE p.footprint_id = b.footprint_id AND p.sector = s.sector)
            AND NOT EXISTS (SELECT FROM held AS p WHERE p.pcode = b.pcode AND p.sector = s.sector)
            AND NOT EXISTS (
                SELECT FROM held AS p
                JOIN facts.footprint AS g ON g.operation_id = b.operation_id AND g.id = p.footprint_id
                WHERE p.ended AND p.sector = s.sector AND g.geom && f.label AND ST_Intersects(g.geom, f.label))
        """,
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("district", "District", hxl="#adm2+name"),
        Field("sector", "Sector nobody is known to work in", code="sectors", hxl="#sector+cluster"),
    ),
    listing=Listing(
        fields=("pcode", "district", "sector"),
        search=("pcode", "district"),
        sorts={"new": "t.district", "district": "t.district", "sector": "t.sector"},
        tie="t.pcode, t.sector",
        filters={"sector": "t.sector = :sector"},
        groups={"sector": "ARRAY[t.sector]"},
    ),
    style=Style(rules=(Rule(None, "No presence known in a sector", Symbol(stroke="#5E6B76", width=1, dash=(2, 3))),)),
    warning="Absence of data is not absence of work.",
)
