"""Which organisation works where, in which sector, from when to when?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import DOMAIN_LABELS, DOMAIN_SYMBOLS
from layers._sql import DAY, LAST_DAY, PERIOD, UNIT_NAME, UNIT_OF_CODE

LAYER = Layer(
    name="presence",
    title="Presence, row by row",
    question="Which organisation works where, in which sector, from when to when?",
    group="Actors and presence",
    shape="polygon",
    subject="presence",
    found=("actor", "acronym"),
    units=("place",),
    reads=("area_part", "area", "actor", "boundary", "footprint"),
    else_told=("row of presence (3W)", "rows of presence (3W)"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        SELECT p.id, p.area_id AS area, c.name AS actor, c.acronym, a.domain, a.sector, p.activity, p.status, p.pcode,
            (SELECT {UNIT_NAME.format("b", DAY)} FROM calc.boundary AS b WHERE b.operation_id = p.operation_id
                AND b.pcode = p.pcode AND {UNIT_OF_CODE.format("b", DAY)}) AS place,
            lower(p.valid) AS period_start, {LAST_DAY.format("p.valid")} AS period_end,
            round(f.km2::numeric, 1)::float8 AS km2, p.handling::text AS handling, {{geom}} AS geom
        FROM facts.area_part AS p
        JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
        JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
        LEFT JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
        WHERE f.geom && :box AND a.positioning = 'presence' AND {PERIOD.format("p.valid")}
        """,
    fields=(
        Field("area", "Area", "integer", popup=False, hxl="#meta+id+area"),
        Field("actor", "Organisation", hxl="#org+name", drawn=True),
        Field("acronym", "Acronym", popup=False, hxl="#org+acronym"),
        Field("domain", "Domain", popup=False, code="domains", hxl="#org+type"),
        Field("sector", "Sector", code="sectors", hxl="#sector+cluster"),
        Field("activity", "Activity", hxl="#activity"),
        Field("status", "Status", code="presence_status", hxl="#status", drawn=True),
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("place", "Place", hxl="#adm2+name"),
        Field("period_start", "From", "date", hxl="#date+start"),
        Field("period_end", "To", "date", hxl="#date+end"),
        Field("km2", "Area", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="domain",
        signed=True,
        rules=tuple(Rule(domain, DOMAIN_LABELS[domain], s) for domain, s in DOMAIN_SYMBOLS.items()),
    ),
)
