"""Where do incidents gather, seen from afar?"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._sql import steps

LAYER = Layer(
    name="incident_density",
    title="Incident density",
    question="Where do incidents gather, seen from afar?",
    group="Security",
    shape="point",
    background=True,
    subject="incident_counts",
    happens=True,
    reads=("incident_bin", "incident"),
    geometry="b.geom",
    zoom=(0, 7),
    exported=False,
    sql=f"""
        SELECT (min(b.z) * 16384::bigint + min(b.x)) * 16384 + min(b.y) AS id, sum(b.n)::int AS n,
            {steps("sum(b.n)", 5, 20, 100, 500)} AS class, {{geom}} AS geom
        FROM facts.incident_bin AS b
        WHERE b.geom && :box
            AND b.z = CASE WHEN CAST(:period AS daterange) IS NOT NULL THEN 5 ELSE least(CAST(:zoom AS int),
                CASE WHEN (SELECT calc.precision_of('incidents')) <= 1 THEN 8 ELSE 5 END) END
            AND CASE WHEN CAST(:period AS daterange) IS NULL THEN b.month = DATE '1900-01-01'
                ELSE b.month > DATE '1900-01-01'
                    AND daterange(b.month, (b.month + interval '1 month')::date) && CAST(:period AS daterange) END
        GROUP BY b.geom
        """,
    fields=(
        Field("n", "Incidents", "integer", hxl="#meta+count", drawn=True),
        Field("class", "Class", "integer", popup=False),
    ),
    style=Style(
        by="class",
        numbered="n",
        note="Every incident known to the settlement is counted, in whole months that touch the period.",
        rules=tuple(
            Rule(
                place,
                label,
                Symbol(fill="#17212B", fill_opacity=0.75, stroke="#FFFFFF", width=1, marker="circle", size=size),
            )
            for place, (label, size) in enumerate(
                (("1–4", 14.0), ("5–19", 17.0), ("20–99", 20.0), ("100–499", 25.0), ("500 or more", 30.0)), 1
            )
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
