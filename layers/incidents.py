"""What happened where, when, and how sure are we?"""

from layers._base import Field, Layer, Listing, Style
from layers._palette import INCIDENT_RULES
from layers._sql import INCIDENT_CLASS, LAST_DAY, ONCE, PERIOD, PLACED, cell_x, cell_y

LAYER = Layer(
    name="incidents",
    title="Incidents",
    question="What happened where, when, and how sure are we?",
    group="Security",
    shape="point",
    subject="incidents",
    happens=True,
    reads=("incident",),
    open=True,
    told=("incident", "incidents"),
    tabled=4,
    placing=3,
    geometry="i.geom",
    zoom=(8, 22),
    sql=f"""
        SELECT i.id, i.event_type, {INCIDENT_CLASS.format("i")} AS class, i.sub_event_type, lower(i.valid) AS occurred_from,
            {LAST_DAY.format("i.valid")} AS occurred_to, i.time_precision, i.geo_precision, i.pcode, i.location,
            i.fatalities, i.civilian_targeting, i.notes_neutral AS notes, i.verification, i.source, i.source_event_id,
            i.handling::text AS handling, i.version, {{geom}} AS geom
        FROM facts.incident AS i
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
        Field("event_type", "Reported as", hxl="#event+type"),
        Field("class", "Class", popup=False, hxl="#event+class"),
        Field("sub_event_type", "More closely", hxl="#event+subtype"),
        Field("occurred_from", "From", "date", hxl="#date+occurred+start"),
        Field("occurred_to", "To", "date", hxl="#date+occurred+end"),
        Field("time_precision", "Time known to", code="time_precision", hxl="#date+precision"),
        Field("geo_precision", "Place known to", code="geo_precision", hxl="#geo+precision"),
        Field("pcode", "District", hxl="#adm2+code"),
        Field("location", "Place", hxl="#loc+name"),
        Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
        Field("civilian_targeting", "Civilians were the ones attacked", "boolean", popup=False, hxl="#event+civilian"),
        Field("notes", "Note", hxl="#description"),
        Field("verification", "Verification", code="verification", hxl="#status+verification", drawn=True),
        Field("source", "Source", hxl="#meta+source"),
        Field("source_event_id", "Number at the source", popup=False, hxl="#event+id"),
        Field("handling", "Handling", hxl="#meta+handling"),
        Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
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
