"""What happened where, when, and how sure are we?"""

from layers._base import Field, Layer, Listing, Style
from layers._gathered import SPOT
from layers._palette import INCIDENT_RULES
from layers._sql import (
    INCIDENT_KNOWN,
    INCIDENT_NAMED,
    INCIDENT_NAMES,
    INCIDENT_NOTES,
    INCIDENT_PLACE,
    INCIDENT_SELECT,
    INCIDENT_TOLD,
    ONCE,
    PERIOD,
    PLACED,
    cell_x,
    cell_y,
)

LAYER = Layer(
    name="incidents",
    title="Incidents",
    question="What happened where, when, and how sure are we?",
    group="Security",
    shape="point",
    subject="incidents",
    found=("location", "sub_event_type", "event_type"),
    found_exactly=("source", "source_event_id"),
    found_kept=("incident_name", INCIDENT_NAMES.format("true")),
    found_also=INCIDENT_NAMED,
    found_within=INCIDENT_NOTES.format(PLACED.format("i")),
    happens=True,
    reads=("incident",),
    open=True,
    told=("incident", "incidents"),
    tabled=4,
    placing=3,
    geometry="i.geom",
    zoom=(8, 22),
    sql=f"""
        SELECT {INCIDENT_SELECT.format(pcode="i.pcode")}, i.civilian_targeting, {{geom}} AS geom
        FROM calc.incident AS i
        WHERE i.geom && :box AND {PLACED.format("i")} AND {PERIOD.format("i.valid")}
            AND {ONCE}
        """,
    # the stored counts know no report whose event this room is not shown; those are added
    cells=f"""
        SELECT b.x, b.y, b.n FROM facts.incident_bin AS b
        WHERE b.geom && :box AND b.z = :zoom AND b.month = DATE '1900-01-01'
        UNION ALL
        SELECT {cell_x("i.geom", ":cells")}, {cell_y("i.geom", ":cells")}, 1 FROM facts.incident AS i
        WHERE i.geom && :box AND i.same_as_event IS NOT NULL
            AND {PLACED.format("i")} AND {ONCE}
        """,
    cells_zoom=8,
    fields=(
        *INCIDENT_KNOWN,
        *INCIDENT_PLACE,
        Field("civilian_targeting", "Civilians were the ones attacked", "boolean", popup=False, hxl="#event+civilian"),
        *INCIDENT_TOLD,
    ),
    listing=Listing(
        fields=(
            "event_type",
            "class",
            "sub_event_type",
            "occurred_from",
            "occurred_to",
            "time_precision",
            "geo_precision",
            "pcode",
            "location",
            "fatalities",
            "verification",
            "source",
            "handling",
        ),
        search=("event_type", "sub_event_type", "location", "notes"),
        sorts={
            "day": "DATE '2000-01-01' - t.occurred_from",
            "type": "t.event_type, t.sub_event_type",
            "district": "t.pcode",
            "deaths": "-coalesce(t.fatalities, 0)",
            "verification": "t.verification",
            "source": "t.source",
        },
        tie="t.occurred_from",
        filters={
            "event_type": "t.event_type = :event_type",
            "verification": "t.verification = :verification",
            "deaths": "t.fatalities >= CAST(:deaths AS bigint)",
            "source": "t.source = :source",
            "district": "t.pcode = :district",
            "spot": SPOT,
        },
        groups={
            "event_type": "ARRAY[t.event_type]",
            "verification": "ARRAY[t.verification::text]",
            "source": "ARRAY[t.source]",
            "district": "ARRAY[t.pcode]",
        },
    ),
    style=Style(
        by="class",
        rules=INCIDENT_RULES,
        clustered=True,
        key="Filled verified, open partly, broken not yet.",
        note="What is known less well than to the settlement is in Incidents known roughly.",
    ),
    warning="Absence of data is not absence of risk.",
)
