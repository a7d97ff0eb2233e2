"""Which zones are suggested, drafted, under review, or past their end and to be looked at again?

Only rooms that record are shown any of these.
"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._palette import INK
from layers._sql import EVIDENCE, LAST_DAY

_STATUS = "CASE WHEN z.status = 'published' THEN 'expired' ELSE z.status END"


def _outline(color: str, *dash: float) -> Symbol:
    return Symbol(stroke=color, width=2, dash=dash, casing=True)


LAYER = Layer(
    name="zones_to_review",
    title="Zones to review",
    question="Which zones are suggested, drafted, under review, or past their end and to be looked at again?",
    group="Security",
    shape="polygon",
    subject="risk_zones",
    found=("code", "name"),
    reads=("risk_zone", "footprint", "incident"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    recorders=True,
    sql=f"""
        SELECT z.id, 'RZ-' || lpad(z.number::text, 4, '0') AS code, z.name, {_STATUS} AS status, z.level,
            z.threat_category, z.likelihood, z.impact, (z.suggestion ->> 'level')::int AS suggested_level,
            z.suggestion ->> 'method' AS method, z.suggestion -> 'inputs' ->> 'incidents' AS inputs, z.applies_to,
            z.time_of_day, lower(z.valid) AS valid_from, {LAST_DAY.format("z.valid")} AS valid_to, z.basis,
            {EVIDENCE} AS evidence_count, z.author, z.reviewer, z.replaces, round(f.km2::numeric, 1)::float8 AS km2,
            z.handling::text AS handling, z.version, {{geom}} AS geom
        FROM facts.risk_zone AS z
        JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
        WHERE f.geom && :box AND (SELECT calc.may_write()) AND (z.status IN ('suggested', 'draft', 'in_review', 'expired')
            OR (z.status = 'published' AND upper(z.valid) <= (SELECT calc.today())))
        """,
    fields=(
        Field("code", "Number", hxl="#meta+id", drawn=True),
        Field("name", "Zone", hxl="#loc+name", drawn=True),
        Field("status", "Status", code="zone_status", hxl="#status", drawn=True),
        Field("level", "Level", "integer", code="risk_levels", hxl="#severity", drawn=True),
        Field("threat_category", "Threat category", code="threat_categories", hxl="#event+category"),
        Field("likelihood", "Likelihood", "integer", code="likelihoods", hxl="#meta+likelihood"),
        Field("impact", "Impact", "integer", code="impacts", hxl="#meta+impact"),
        Field("suggested_level", "Evidence alone suggests", "integer", code="risk_levels", hxl="#severity+suggested"),
        Field("method", "How that was computed", hxl="#meta+method"),
        Field("inputs", "Incidents it was computed from", hxl="#meta+count+inputs"),
        Field("applies_to", "Applies to", code="applies_to", hxl="#meta+appliesto"),
        Field("time_of_day", "Time of day", code="times_of_day", hxl="#meta+timeofday"),
        Field("valid_from", "From", "date", hxl="#date+start"),
        Field("valid_to", "Until", "date", hxl="#date+end"),
        Field("basis", "Basis", hxl="#description"),
        Field("evidence_count", "Incidents as evidence", "integer", hxl="#meta+count+evidence"),
        Field("author", "Author", hxl="#contact+author"),
        Field("reviewer", "Reviewer", hxl="#contact+reviewer"),
        Field("replaces", "Takes the place of", "integer", popup=False, hxl="#meta+replaces"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
    ),
    style=Style(
        by="status",
        label="code",
        note="Nothing here is shown to other rooms.",
        rules=(
            Rule("suggested", "Suggested from incidents", _outline("#5E6B76", 1, 4)),
            Rule("draft", "Draft", _outline("#0F5C6E", 6, 4)),
            Rule("in_review", "In review", _outline("#0F5C6E")),
            Rule("expired", "Past its end", _outline(INK, 2, 3)),
        ),
    ),
)
