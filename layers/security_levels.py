"""Which level of the UN Security Level System does each area have?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import SECURITY
from layers._sql import CHANGED, LAST_DAY, PERIOD

LAYER = Layer(
    name="security_levels",
    title="UN security levels",
    question="Which level of the UN Security Level System does each area have?",
    group="Security",
    shape="polygon",
    subject="security_levels",
    found=("name",),
    reads=("security_area", "footprint"),
    else_told=("area with a security level", "areas with a security level"),
    tabled=9,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        SELECT s.id, s.name, s.security_level,
            (ARRAY['I', 'II', 'III', 'IV', 'V', 'VI'])[s.security_level] AS roman, lower(s.valid) AS period_start,
            {LAST_DAY.format("s.valid")} AS period_end, s.source, round(f.km2::numeric, 1)::float8 AS km2,
            s.handling::text AS handling, {{geom}} AS geom
        FROM facts.security_area AS s
        JOIN facts.footprint AS f ON f.operation_id = s.operation_id AND f.id = s.footprint_id
        WHERE f.geom && :box AND {PERIOD.format("s.valid")}
        """,
    held="security levels",
    coarse=Coarse(
        told=("security_level", "roman", "period_start", "period_end", "handling"),
        followed={"security_area": CHANGED},
    ),
    fields=(
        Field("name", "Area", hxl="#loc+name", drawn=True),
        Field("security_level", "Security level", "integer", code="security_levels", hxl="#severity+sls"),
        Field("roman", "Numeral", hxl="#severity+sls+code"),
        Field("period_start", "From", "date", hxl="#date+start"),
        Field("period_end", "To", "date", hxl="#date+end"),
        Field("source", "According to", hxl="#meta+source"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="security_level",
        label="roman",
        labelled="badge",
        graded=True,
        opacity=0.55,
        note="Grades the general environment; it is no level of risk.",
        rules=tuple(
            Rule(level, label, SECURITY[level])
            for level, label in enumerate(
                ("I Minimal", "II Low", "III Moderate", "IV Substantial", "V High", "VI Extreme"), 1
            )
        ),
    ),
)
