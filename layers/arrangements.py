"""Where have parties agreed on a pause, a corridor or something like it, and until when?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import ARRANGEMENT
from layers._sql import CHANGED, LAST_DAY, PERIOD

LAYER = Layer(
    name="arrangements",
    title="Arrangements",
    question="Where have parties agreed on a pause, a corridor or something like it, and until when?",
    group="Access and reference",
    shape="polygon",
    pieces=True,
    subject="arrangements",
    found=("name",),
    reads=("arrangement", "footprint"),
    beneath="arrangement_type",
    else_told=("arrangement", "arrangements"),
    tabled=8,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    sql=f"""
        SELECT a.id, a.name, a.arrangement_type, a.parties, lower(a.valid) AS period_start,
            {LAST_DAY.format("a.valid")} AS period_end, a.source, a.note, round(f.km2::numeric, 1)::float8 AS km2,
            a.handling::text AS handling, {{geom}} AS geom
        FROM calc.arrangement AS a
        JOIN facts.footprint AS f ON f.operation_id = a.operation_id AND f.id = a.footprint_id
        WHERE f.geom && :box AND {PERIOD.format("a.valid")}
        """,
    held="arrangements",
    coarse=Coarse(
        told=("arrangement_type", "parties", "period_start", "period_end", "handling"),
        labels={"parties": "NULL"},
        followed={"arrangement": CHANGED},
    ),
    fields=(
        Field("name", "Arrangement", hxl="#loc+name", drawn=True),
        Field("arrangement_type", "Type", code="arrangement_types", hxl="#access+arrangement"),
        Field("parties", "Agreed between", hxl="#org+parties"),
        Field("period_start", "From", "date", hxl="#date+start"),
        Field("period_end", "To", "date", hxl="#date+end"),
        Field("source", "According to", hxl="#meta+source"),
        Field("note", "Note", hxl="#description"),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="arrangement_type",
        label="name",
        labelled="pill",
        rules=(
            Rule("humanitarian_pause", "Humanitarian pause", ARRANGEMENT["humanitarian_pause"]),
            Rule("humanitarian_corridor", "Humanitarian corridor", ARRANGEMENT["humanitarian_corridor"]),
            Rule("notification", "Notification", ARRANGEMENT["notification"]),
            Rule("ceasefire", "Ceasefire", ARRANGEMENT["ceasefire"]),
            Rule("cessation_of_hostilities", "Cessation of hostilities", ARRANGEMENT["cessation_of_hostilities"]),
            Rule("temporary_cessation", "Temporary cessation of hostilities", ARRANGEMENT["temporary_cessation"]),
            Rule("safe_passage_other", "Other arrangement on passage", ARRANGEMENT["safe_passage_other"]),
        ),
    ),
    warning="What was agreed is recorded; whether it is kept is not.",
)
