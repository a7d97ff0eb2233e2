"""Where is it dangerous, until when, and on whose judgement?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import RISK
from layers._words import LAST_DAY

LAYER = Layer(
    name="risk_zones",
    title="Risk zones",
    question="Where is it dangerous, until when, and on whose judgement?",
    group="Security",
    shape="polygon",
    subject="risk_zones",
    reads=("risk_zone", "footprint"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    sql=f"""
        SELECT z.id, z.name, z.level, z.threat_category, z.likelihood, z.impact, z.applies_to,
            lower(z.valid) AS valid_from, {LAST_DAY.format("z.valid")} AS valid_to, z.basis, z.author, z.reviewer,
            round(f.km2::numeric, 1)::float8 AS km2, z.handling::text AS handling, {{geom}} AS geom
        FROM facts.risk_zone AS z
        JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
        WHERE f.geom && :box AND z.status = 'published'
            AND z.valid && coalesce(CAST(:period AS daterange),
                daterange((SELECT calc.today()), (SELECT calc.today()), '[]'))
        """,
    fields=(
        Field("name", "Zone", hxl="#loc+name"),
        Field("level", "Level", "integer", code="risk_levels", hxl="#severity"),
        Field("threat_category", "Threat", code="threat_categories", hxl="#event+category"),
        Field("likelihood", "Likelihood", "integer", hxl="#meta+likelihood"),
        Field("impact", "Impact", "integer", hxl="#meta+impact"),
        Field("applies_to", "Applies to", hxl="#meta+appliesto"),
        Field("valid_from", "From", "date", hxl="#date+start"),
        Field("valid_to", "Until", "date", hxl="#date+end"),
        Field("basis", "Basis", hxl="#description"),
        Field("author", "Author", hxl="#contact+author"),
        Field("reviewer", "Reviewer", popup=False, hxl="#contact+reviewer"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="level",
        label="level",
        opacity=0.55,
        rules=tuple(
            Rule(level, label, RISK[level])
            for level, label in enumerate(("Low", "Medium", "High", "Very high", "Unacceptable"), 1)
        ),
    ),
    warning="No zone recorded does not mean that there is no risk.",
)
