"""Where are mines or unexploded ordnance suspected or confirmed?"""

from layers._base import Coarse, Field, Layer, Rule, Style
from layers._palette import HAZARD
from layers._sql import CHANGED, PERIOD

LAYER = Layer(
    name="hazards",
    title="Explosive hazards",
    question="Where are mines or unexploded ordnance suspected or confirmed?",
    group="Security",
    shape="polygon",
    pieces=True,
    subject="hazards",
    found=("name",),
    reads=("hazard_area", "footprint"),
    beneath="hazard_type",
    else_told=("explosive hazard", "explosive hazards"),
    tabled=6,
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    on=False,
    stands_in="areas_of_operation",
    sql=f"""
        SELECT h.id, h.name, h.hazard_type, h.hazard_status, h.hazards, h.reported_on, h.source,
            CASE WHEN h.hazard_status IN ('cancelled', 'cleared') THEN h.hazard_status
                ELSE h.hazard_type || '-' || h.hazard_status END AS class,
            round(f.km2::numeric, 3)::float8 AS km2, h.handling::text AS handling, {{geom}} AS geom
        FROM facts.hazard_area AS h
        JOIN facts.footprint AS f ON f.operation_id = h.operation_id AND f.id = h.footprint_id
        WHERE f.geom && :box AND {PERIOD.format("h.valid")}
        """,
    held="explosive hazards",
    coarse=Coarse(
        told=("hazard_type", "hazard_status", "hazards", "reported_on", "class", "handling"),
        valid="(SELECT h.valid FROM facts.hazard_area AS h WHERE h.id = t.id)",
        followed={"hazard_area": CHANGED},
    ),
    fields=(
        Field("name", "Area", hxl="#loc+name", drawn=True),
        Field("hazard_type", "Type", code="hazard_types", hxl="#event+type"),
        Field("hazard_status", "State of release", code="hazard_status", hxl="#status"),
        Field("hazards", "Hazards", hxl="#event+hazard"),
        Field("reported_on", "Reported", "date", hxl="#date+reported"),
        Field("source", "According to", hxl="#meta+source"),
        Field("class", "Class", popup=False, drawn=True),
        Field("km2", "Size", "number", "km²", hxl="#meta+area"),
        Field("handling", "Handling", hxl="#meta+handling"),
    ),
    style=Style(
        by="class",
        rules=(
            Rule("CHA-open", "Confirmed, open", HAZARD["CHA-open"]),
            Rule("CHA-worked_on", "Confirmed, worked on", HAZARD["CHA-worked_on"]),
            Rule("CHA-reduced", "Confirmed, reduced", HAZARD["CHA-reduced"]),
            Rule("SHA-open", "Suspected, open", HAZARD["SHA-open"]),
            Rule("SHA-worked_on", "Suspected, worked on", HAZARD["SHA-worked_on"]),
            Rule("SHA-reduced", "Suspected, reduced", HAZARD["SHA-reduced"]),
            Rule("cancelled", "Cancelled by survey", HAZARD["cancelled"]),
            Rule("cleared", "Cleared", HAZARD["cleared"]),
        ),
    ),
    warning="Land without a polygon is not known to be free of explosive hazards.",
)
