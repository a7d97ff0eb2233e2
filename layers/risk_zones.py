"""Where is it dangerous, until when, and on whose judgement?

A zone is drawn while it is in force on the last day of the period, or today when the period goes on: one that has ended
leaves every map by itself.
"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import RISK
from layers._sql import CHANGED, EVIDENCE, IN_FORCE, LAST_DAY

_SELECT = f"""
        SELECT z.id, 'RZ-' || lpad(z.number::text, 4, '0') AS code, z.name, z.level, z.threat_category, z.likelihood,
            z.impact, z.residual_level, z.applies_to, z.time_of_day, lower(z.valid) AS valid_from,
            {LAST_DAY.format("z.valid")} AS valid_to, z.basis, {EVIDENCE} AS evidence_count, z.matrix_version, z.author,
            z.reviewer, round(f.km2::numeric, 1)::float8 AS km2, z.handling::text AS handling, z.version, {{geom}} AS geom
        FROM facts.risk_zone AS z
        JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
        WHERE f.geom && :box AND z.status = 'published'
        """

LAYER = Layer(
    name="risk_zones",
    title="Risk zones",
    question="Where is it dangerous, until when, and on whose judgement?",
    group="Security",
    shape="polygon",
    pieces=True,
    subject="risk_zones",
    found=("code", "name"),
    reads=("risk_zone", "footprint", "incident"),
    beneath="level",
    open=True,
    told=("risk zone", "risk zones"),
    tabled=2,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    sql=f"{_SELECT} AND {IN_FORCE.format('z.valid')}",
    held="risk zones",
    coarse=Coarse(
        told=(
            "level",
            "threat_category",
            "likelihood",
            "impact",
            "residual_level",
            "applies_to",
            "time_of_day",
            "valid_from",
            "valid_to",
            "handling",
        ),
        valid="daterange(t.valid_from, t.valid_to, '[]')",
        in_force=True,
        followed={
            "risk_zone": CHANGED,
            # of the incidents behind a zone no more is told than how many they are, and that to few rooms
            "incident": """
                SELECT f.row_id FROM facts.form AS f
                WHERE f.audience = (SELECT calc.audience()) AND f.layer = 'risk_zones' AND f.row ->> 'evidence_count' IS NOT NULL""",
        },
        for_one_field={"incident": "evidence_count"},
        sql=_SELECT,
    ),
    fields=(
        Field("code", "Number", popup=False, hxl="#meta+id", drawn=True),
        Field("name", "Zone", hxl="#loc+name", drawn=True),
        Field("level", "Level", "integer", code="risk_levels", hxl="#severity", drawn=True),
        Field("threat_category", "Threat category", code="threat_categories", hxl="#event+category"),
        Field("likelihood", "Likelihood", "integer", code="likelihoods", hxl="#meta+likelihood"),
        Field("impact", "Impact", "integer", code="impacts", hxl="#meta+impact"),
        Field("residual_level", "Level with measures", "integer", code="risk_levels", hxl="#severity+residual"),
        Field("applies_to", "Applies to", code="applies_to", hxl="#meta+appliesto"),
        Field("time_of_day", "Time of day", code="times_of_day", hxl="#meta+timeofday"),
        Field("valid_from", "From", "date", hxl="#date+start"),
        Field("valid_to", "Until", "date", hxl="#date+end"),
        Field("basis", "Basis", hxl="#description"),
        Field("evidence_count", "Incidents as evidence", "integer", hxl="#meta+count+evidence"),
        Field("matrix_version", "Graded by matrix", popup=False, hxl="#meta+matrix"),
        Field("author", "Author", hxl="#contact+author"),
        Field("reviewer", "Reviewer", hxl="#contact+reviewer"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
    ),
    style=Style(
        by="level",
        label="level",
        labelled="badge",
        graded=True,
        ramp=True,
        opacity=0.55,
        rules=tuple(
            Rule(level, label, RISK[level])
            for level, label in enumerate(("Low", "Medium", "High", "Very high", "Unacceptable"), 1)
        ),
    ),
    warning="No zone recorded does not mean that there is no risk.",
)
