"""Where does each actor operate, since when, and who says so?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import DOMAIN_LABELS, DOMAIN_SYMBOLS
from layers._sql import CATEGORY, CHANGED, LAST_DAY, PERIOD

LAYER = Layer(
    name="areas_of_operation",
    title="Areas of operation",
    question="Where does each actor operate, since when, and who says so?",
    group="Actors and presence",
    shape="polygon",
    pieces=True,
    subject="areas_of_operation",
    found=("actor", "acronym", "name"),
    reads=("area", "area_part", "actor", "footprint"),
    else_told=("area of operation", "areas of operation"),
    open=True,
    tabled=3,
    placing=2,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    sql=f"""
        SELECT a.id, c.name || CASE WHEN a.disputed THEN ' ?' ELSE '' END AS actor, c.acronym, a.domain, c.kind,
            c.origin, (
                SELECT u.name FROM facts.actor AS u WHERE u.operation_id = c.operation_id AND u.id = c.parent_id
            ) AS under, a.name, a.positioning, a.sector, a.activity, a.status,
            lower(p.valid) AS period_start, {LAST_DAY.format("p.valid")} AS period_end,
            round(f.km2::numeric, 1)::float8 AS km2, a.source, a.reliability, a.credibility, a.disputed,
            a.handling::text AS handling, {{geom}} AS geom
        FROM facts.area_part AS p
        JOIN calc.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
        JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
        LEFT JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
        WHERE f.geom && :box AND a.positioning <> 'presence' AND {PERIOD.format("p.valid")}
        """,
    held="areas of operation",
    coarse=Coarse(
        told=(
            "actor",
            "domain",
            "kind",
            "origin",
            "positioning",
            "sector",
            "status",
            "period_start",
            "period_end",
            "disputed",
            "handling",
        ),
        labels={"actor": CATEGORY.format("t.domain"), "acronym": "NULL", "under": "NULL"},
        organisations="CASE WHEN t.domain = 'civil' THEN ARRAY[t.actor] END",
        rules="ARRAY['areas_of_operation.' || t.domain]",
        followed={
            "area": CHANGED,
            "area_part": "SELECT (d.row ->> 'area_id')::bigint FROM due AS d",
            "actor": f"""
                SELECT a.id FROM facts.area AS a
                JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
                WHERE c.id = ANY (ARRAY({CHANGED})) OR c.parent_id = ANY (ARRAY({CHANGED}))""",
        },
    ),
    fields=(
        Field("actor", "Actor", hxl="#org+name", drawn=True),
        Field("acronym", "Acronym", popup=False, hxl="#org+acronym"),
        Field("domain", "Domain", code="domains", hxl="#org+type"),
        Field("kind", "Kind", code="actor_kinds", hxl="#org+kind"),
        Field("origin", "Origin", code="origins", popup=False, hxl="#org+origin"),
        Field("under", "Under", hxl="#org+parent"),
        Field("name", "Area", hxl="#loc+name", drawn=True),
        Field("positioning", "What is claimed", code="positioning", hxl="#loc+type"),
        Field("sector", "Sector", code="sectors", hxl="#sector+cluster"),
        Field("activity", "Activity", hxl="#activity"),
        Field("status", "Status", code="presence_status", hxl="#status", drawn=True),
        Field("period_start", "From", "date", hxl="#date+start"),
        Field("period_end", "To", "date", hxl="#date+end"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("source", "According to", hxl="#meta+source"),
        Field("reliability", "Reliability of the source", hxl="#meta+reliability"),
        Field("credibility", "Credibility of the report", hxl="#meta+credibility"),
        Field("disputed", "Disputed", "boolean", hxl="#meta+disputed"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="domain",
        label="actor",
        labelled="pill",
        signed=True,
        opacity=0.85,
        rules=tuple(Rule(domain, DOMAIN_LABELS[domain], symbol) for domain, symbol in DOMAIN_SYMBOLS.items()),
    ),
)
