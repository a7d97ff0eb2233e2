"""Which incidents are known only roughly, how roughly, and where may they have been?

No geometry says more than is known: what is known to be near a place has a ring around it, as wide as the place may be off;
what is known to its district, its province or its country has none, and is counted on that unit by `rough_unit_counts`.
"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._palette import INK
from layers._sql import (
    DAY,
    INCIDENT_KNOWN,
    INCIDENT_NAMED,
    INCIDENT_NAMES,
    INCIDENT_NOTES,
    INCIDENT_PLACE,
    INCIDENT_SELECT,
    INCIDENT_TOLD,
    NEAR_KM,
    ONCE,
    PERIOD,
    ROUGH,
    UNIT_ON,
)

_DEGREE_KM = 111.195
_RING = f"""CASE WHEN i.geo_precision = 'near' THEN ST_SetSRID(ST_Affine(ST_Buffer(ST_Point(0, 0), 1, 8),
    {NEAR_KM} / ({_DEGREE_KM} * cos(radians(least(abs(ST_Y(i.geom)), 85)))), 0, 0, {NEAR_KM / _DEGREE_KM}, ST_X(i.geom),
    ST_Y(i.geom)), 4326) END"""
"""A circle of NEAR_KM on the ground around the place that the source gives."""
_DRAWN = f"""CASE i.geo_precision WHEN 'near' THEN 'ring' WHEN 'country' THEN 'country'
    WHEN 'adm2' THEN CASE WHEN EXISTS (
        SELECT FROM facts.boundary AS b WHERE b.operation_id = i.operation_id AND b.pcode = i.pcode AND b.level = 2
    ) THEN 'district' ELSE 'no_boundary' END
    ELSE CASE WHEN EXISTS (
        SELECT FROM facts.footprint AS f
        JOIN facts.boundary AS b ON b.operation_id = f.operation_id AND b.footprint_id = f.id AND b.level = 1
            AND {UNIT_ON.format("b", DAY)}
        WHERE f.operation_id = i.operation_id AND f.geom && i.geom AND ST_Intersects(f.geom, i.geom)
    ) THEN 'province' ELSE 'no_boundary' END END"""
_NONE = Symbol(stroke="#6F757A", width=1, dash=(1, 3))


def _ring(dash: tuple[float, ...]) -> Symbol:
    return Symbol(fill=INK, fill_opacity=0.025, stroke=INK, width=1, dash=dash)


LAYER = Layer(
    name="rough_incidents",
    title="Incidents known roughly",
    question="Which incidents are known only roughly, how roughly, and where may they have been?",
    group="Security",
    shape="polygon",
    subject="incidents",
    found=("location", "sub_event_type", "event_type"),
    found_exactly=("source", "source_event_id"),
    found_kept=("incident_name", INCIDENT_NAMES.format("false")),
    found_also=INCIDENT_NAMED,
    found_within=INCIDENT_NOTES.format(ROUGH.format("i")),
    happens=True,
    reads=("incident", "boundary", "footprint"),
    on=False,
    stands_in="incidents",
    open=True,
    told=("known roughly", "known roughly"),
    tabled=5,
    background=True,
    geometry=_RING,
    sql=f"""
        SELECT {INCIDENT_SELECT.format(pcode="CASE WHEN i.geo_precision IN ('near', 'adm2') THEN i.pcode END")},
            {_DRAWN} AS drawn_as, CASE WHEN i.geo_precision = 'near' THEN {NEAR_KM} END AS within_km, {{geom}} AS geom
        FROM calc.incident AS i
        WHERE i.geom && ST_Expand(:box, 1) AND {ROUGH.format("i")} AND {PERIOD.format("i.valid")}
            AND {ONCE}
        """,
    fields=(
        *INCIDENT_KNOWN,
        Field("drawn_as", "On the map", code="drawn_as", hxl="#geo+type"),
        Field("within_km", "May be off by", "integer", "km", hxl="#geo+uncertainty"),
        *INCIDENT_PLACE,
        *INCIDENT_TOLD,
    ),
    style=Style(
        by="drawn_as",
        note="None of these is among the Incidents, and none is drawn as a point.",
        rules=(
            Rule("ring", f"Near a place: a ring of {NEAR_KM} km", _ring((4, 3))),
            Rule("district", "Known to the district: counted on it", _NONE),
            Rule("province", "Known to the province: counted on it", _NONE),
            Rule("no_boundary", "Not drawn: boundaries of their units would place them", _NONE),
            Rule("country", "Not drawn: known to the country only", _NONE),
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
