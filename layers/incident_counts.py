"""How many incidents does each district have, wherever in it they were?"""

from layers._base import Field, Layer, Rule, Style
from layers._palette import COUNT_CLASSES
from layers._sql import DAY, UNIT_NAME, UNIT_OF_CODE, steps

LAYER = Layer(
    name="incident_counts",
    title="Incidents by district",
    question="How many incidents does each district have, wherever in it they were?",
    group="Security",
    shape="polygon",
    subject="incident_counts",
    units=("name",),
    happens=True,
    reads=("incident_tally", "incident", "boundary", "footprint"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        SELECT b.id, b.pcode, {UNIT_NAME.format("b", DAY)} AS name, c.n, {steps("c.n", 10, 25, 50, 100)} AS class, c.unplaced, c.fatalities,
            {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        JOIN (
            SELECT t.operation_id, t.pcode, sum(t.n)::int AS n,
                coalesce(sum(t.n) FILTER (WHERE NOT t.placed), 0)::int AS unplaced, sum(t.fatalities)::int AS fatalities
            FROM facts.incident_tally AS t
            WHERE CAST(:period AS daterange) IS NULL
                OR daterange(t.month, (t.month + interval '1 month')::date) && CAST(:period AS daterange)
            GROUP BY t.operation_id, t.pcode
        ) AS c ON c.operation_id = b.operation_id AND c.pcode = b.pcode
        WHERE f.geom && :box AND b.level = 2 AND {UNIT_OF_CODE.format("b", DAY)}
        """,
    fields=(
        Field("pcode", "P-code", hxl="#adm2+code"),
        Field("name", "District", hxl="#adm2+name", drawn=True),
        Field("n", "Incidents", "integer", hxl="#meta+count"),
        Field("class", "Class", "integer", popup=False, drawn=True),
        Field("unplaced", "Of these known only to the district", "integer", hxl="#meta+count+unplaced"),
        Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
    ),
    style=Style(
        by="class",
        label="n",
        labelled="number",
        note="Whole months that touch the period.",
        rules=tuple(
            Rule(place, label, symbol)
            for place, (label, symbol) in enumerate(
                zip(("1–9", "10–24", "25–49", "50–99", "100 or more"), COUNT_CLASSES, strict=True), 1
            )
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
