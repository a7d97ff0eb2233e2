"""How many records of each kind does a district or a 10-km cell have, where a room is told no more of them?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import COUNT_CLASSES
from layers._sql import steps

LAYER = Layer(
    name="counted_records",
    title="Counted records",
    question="How many records of each kind does a district or a 10-km cell have, where a room is told no more of them?",
    group="Access and reference",
    shape="polygon",
    subject="counted_records",
    units=("name",),
    reads=("form", "audience_rule"),
    on=False,
    counting=True,
    geometry="c.geom",
    simplified=("c.low", "c.mid"),
    sql=f"""
        SELECT c.row_id AS id, c.row ->> 'kind' AS kind, c.row ->> 'unit' AS unit, c.row ->> 'name' AS name,
            (c.row ->> 'n')::int AS n, {steps("(c.row ->> 'n')::int", 3, 6, 10, 15)} AS class, {{geom}} AS geom
        FROM (SELECT f.*, ST_PointOnSurface(f.geom) AS label FROM facts.form AS f) AS c
        WHERE c.layer = 'counted_records' AND c.audience = (SELECT calc.audience()) AND c.geom && :box
            AND (SELECT calc.as_of()) >= now()
        """,
    fields=(
        Field("kind", "What is counted", hxl="#meta+kind"),
        Field("unit", "P-code or cell", hxl="#adm2+code"),
        Field("name", "District or cell", hxl="#adm2+name", drawn=True),
        Field("n", "Records", "integer", hxl="#meta+count"),
        Field("class", "Class", "integer", popup=False, drawn=True),
    ),
    style=Style(
        by="class",
        label="n",
        labelled="number",
        note="Of all days: a period would tell single records.",
        rules=tuple(
            Rule(place, label, symbol)
            for place, (label, symbol) in enumerate(
                zip(("1–2", "3–5", "6–9", "10–14", "15 or more"), COUNT_CLASSES, strict=True), 1
            )
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
