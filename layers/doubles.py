"""Where do several organisations do the same kind of work at the same time?"""

from layers._base import Field, Layer, Listing, Rule, Style, Symbol
from layers._sql import DAY, PERIOD, UNIT_NAME, UNIT_OF_CODE

LAYER = Layer(
    name="doubles",
    title="Doubles",
    question="Where do several organisations do the same kind of work at the same time?",
    group="Coordination",
    shape="polygon",
    subject="presence",
    units=("district",),
    reads=("area_part", "area", "actor", "boundary", "footprint"),
    printed=(
        ("District", "district", "pcode"),
        ("Sector", "sector"),
        ("How many", "n"),
        ("Which", "actors"),
        ("Together", "period_start", "period_end"),
    ),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        SELECT hashtextextended(d.pcode || d.sector, 0) & 9007199254740991 AS id, d.pcode, {UNIT_NAME.format("b", DAY)} AS district, d.sector,
            d.n, d.actors, d.period_start, d.period_end - 1 AS period_end, {{geom}} AS geom
        FROM (
            SELECT p.operation_id, p.pcode, a.sector, count(DISTINCT a.actor_id)::int AS n,
                string_agg(DISTINCT c.name, ', ') AS actors, min(lower(p.valid * q.valid)) AS period_start,
                CASE WHEN bool_or(upper_inf(p.valid * q.valid)) THEN NULL ELSE max(upper(p.valid * q.valid)) END
                AS period_end
            FROM facts.area_part AS p
            JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
            JOIN facts.area_part AS q ON q.operation_id = p.operation_id AND q.pcode = p.pcode
                AND q.valid && p.valid
            JOIN facts.area AS o ON o.operation_id = q.operation_id AND o.id = q.area_id
                AND o.sector = a.sector AND o.actor_id <> a.actor_id AND o.positioning = 'presence'
            LEFT JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
            WHERE a.positioning = 'presence' AND p.pcode IS NOT NULL
                AND {PERIOD.format("p.valid")} AND {PERIOD.format("q.valid")}
            GROUP BY p.operation_id, p.pcode, a.sector
        ) AS d
        JOIN calc.boundary AS b ON b.operation_id = d.operation_id AND b.pcode = d.pcode
            AND {UNIT_OF_CODE.format("b", DAY)}
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE f.geom && :box
        """,
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("district", "District", hxl="#adm2+name"),
        Field("sector", "Sector", code="sectors", hxl="#sector+cluster"),
        Field("n", "Organisations", "integer", hxl="#meta+count+org"),
        Field("actors", "Which", "list", hxl="#org+list"),
        Field("period_start", "Together from", "date", hxl="#date+start"),
        Field("period_end", "Together to", "date", hxl="#date+end"),
    ),
    listing=Listing(
        fields=("pcode", "district", "sector", "n", "actors", "period_start", "period_end"),
        search=("pcode", "district", "actors"),
        sorts={"new": "-t.n", "district": "t.district", "sector": "t.sector", "n": "-t.n", "period": "t.period_start"},
        tie="t.pcode, t.sector",
        filters={"sector": "t.sector = :sector"},
        groups={"sector": "ARRAY[t.sector]"},
    ),
    style=Style(
        rules=(
            Rule(
                None,
                "Several organisations in one sector",
                Symbol(fill="#7FB8B4", fill_opacity=0.35, stroke="#0D6E68", width=1),
            ),
        )
    ),
)
