"""Where are the administrative units, and what are they called?"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._sql import DAY, UNIT_ON

GROUND = "#F6F4EE"
"""The operation's own land: its neighbours are darker."""

LAYER = Layer(
    name="boundaries",
    title="Boundaries",
    question="Where are the administrative units, and what are they called?",
    group="Access and reference",
    shape="polygon",
    background=True,
    subject="boundaries",
    found=("name", "pcode"),
    reads=("boundary", "footprint"),
    else_told=("administrative unit", "administrative units"),
    placing=1,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    sql=f"""
        SELECT b.id, b.level, b.pcode, b.name, b.parent_pcode, b.made_from, b.cod_version, lower(b.valid) AS valid_on,
            round(f.km2::numeric, 1)::float8 AS km2, b.handling::text AS handling, {{geom}} AS geom
        FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE f.geom && :box AND (CAST(:period AS daterange) IS NULL OR {UNIT_ON.format("b", DAY)})
            AND (b.level < 2 OR :zoom >= 6 OR b.level = (SELECT min(u.level) FROM facts.boundary AS u))
            AND (b.level < 3 OR :zoom >= 9)
        """,
    fields=(
        Field("level", "Level", "integer", hxl="#meta+level", drawn=True),
        Field("pcode", "P-code", hxl="#adm+code"),
        Field("name", "Name", hxl="#adm+name", drawn=True),
        Field("parent_pcode", "Lies in", hxl="#adm+code+parent"),
        Field("made_from", "Made here of units of level", "integer", hxl="#meta+made"),
        Field("cod_version", "COD version", popup=False, hxl="#meta+version"),
        Field("valid_on", "Valid from", "date", popup=False, hxl="#date+start"),
        Field("km2", "Area", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", popup=False, hxl="#meta+handling"),
    ),
    style=Style(
        by="level",
        label="name",
        labelled="unit",
        rules=(
            Rule(0, "Country", Symbol(stroke="#6E6A60", width=1.5), ground=GROUND),
            Rule(1, "Province", Symbol(stroke="#A39D8E", width=1.2, dash=(7, 3, 2, 3)), ground=GROUND),
            Rule(2, "District", Symbol(stroke="#D3CEC2", width=1), ground=GROUND),
            Rule(None, "Smaller units", Symbol(stroke="#D3CEC2", width=0.6), ground=GROUND),
        ),
    ),
)
