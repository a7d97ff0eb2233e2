"""SQL and fields that several layers say in the same words. Nothing here reads or writes."""

from layers._base import Field
from layers._palette import DOMAIN_LABELS

PERIOD = "(CAST(:period AS daterange) IS NULL OR {0} && CAST(:period AS daterange))"
"""The row's days and the asked period have one in common, or no period was asked."""

IN_FORCE = """{0} && CASE WHEN CAST(:period AS daterange) IS NULL
    THEN daterange((SELECT calc.today()), (SELECT calc.today()), '[]')
    ELSE daterange(greatest(lower(CAST(:period AS daterange)), least(upper(CAST(:period AS daterange)) - 1,
        (SELECT calc.today()))), upper(CAST(:period AS daterange))) END"""
"""The row holds on the last day of the asked period; on some day from today on when the period goes beyond today."""

UNIT_ON = """({0}.valid @> {1} OR (lower({0}.valid) > {1} AND NOT EXISTS (
                SELECT FROM facts.boundary AS e WHERE e.operation_id = {0}.operation_id AND e.level = {0}.level
                    AND substring(e.pcode FROM '^[A-Za-z]+') = substring({0}.pcode FROM '^[A-Za-z]+')
                    AND coalesce(lower(e.valid), '-infinity') < lower({0}.valid))))"""
"""The unit {0} is of the release of boundaries in force on the day {1}; the first release also holds before its day."""

UNIT_OF_CODE = """{0}.id = (
                SELECT n.id FROM facts.boundary AS n WHERE n.operation_id = {0}.operation_id AND n.pcode = {0}.pcode
                ORDER BY coalesce(lower(n.valid) > {1}, false), CASE WHEN lower(n.valid) > {1} THEN lower(n.valid) END,
                    lower(n.valid) DESC NULLS LAST, n.cod_version DESC LIMIT 1)"""
"""Of the releases that have its P-code, the unit {0} is of the one in force on the day {1}, else of the last before it, else
of the first: what is recorded under a code stands on one unit and counts once, after the code has ended too."""

UNIT_NAME = (
    """{0}.name || coalesce(' (until ' || CASE WHEN upper({0}.valid) <= {1} THEN upper({0}.valid) - 1 END || ')', '')"""
)
"""The unit's name; with its last day when it has ended before {1}."""

TURNED = """(lower({0}) > :earlier AND lower({0}) <= :later OR upper({0}) > :earlier AND upper({0}) <= :later)"""
"""The days begin or end between the day `:earlier` and `:later`: they hold on one of the two alone, or on none."""

CHANGED = "SELECT (d.row ->> 'id')::bigint FROM due AS d"
"""The changed rows themselves, where a layer's records are rows of the table."""

EVIDENCE = """(
                SELECT count(DISTINCT (e.source, e.event))::int
                FROM jsonb_to_recordset(z.evidence) AS e (source text, event text)
                JOIN facts.incident AS i ON i.operation_id = z.operation_id AND i.source = e.source
                    AND i.source_event_id = e.event
            )"""
"""How many of the incidents ticked for a zone `z` the room may see."""

PLACED = "{0}.geo_precision IN ('exact', 'settlement')"
"""The incident's place is known to the settlement or better: it is drawn as a point, and lies in cells and areas."""

COUNTED = f"{PLACED} AND {{0}}.same_as_event IS NULL"
"""The incident is placed, and speaks for its event: other reports of the event are kept beside it, uncounted."""

CATEGORY = "CASE {0} " + " ".join(f"WHEN '{domain}' THEN '{label}'" for domain, label in DOMAIN_LABELS.items()) + " END"
"""SQL for what stands in place of an actor's name where it is told by category."""

ONCE = """(i.same_as_event IS NULL OR NOT EXISTS (
                SELECT FROM facts.incident AS l WHERE l.operation_id = i.operation_id AND l.source = i.same_as_source
                    AND l.source_event_id = i.same_as_event))"""
"""An event that several sources report is one: the report that speaks for it, or this one where the room is not shown that."""

LAST_DAY = "upper({0}) - 1"
"""The last day of a period, as people say it; NULL when it has no end."""

DAY = "coalesce(upper(CAST(:period AS daterange)) - 1, (SELECT calc.today()))"
"""The day that a state is asked for: the last of the asked period, today when it has none."""


def cell_x(point: str, cells: str) -> str:
    """SQL for the column of an EPSG:4326 point in a Web Mercator grid of so many cells around the world."""
    return f"floor((ST_X({point}) + 180) / 360 * {cells})::int"


def cell_y(point: str, cells: str) -> str:
    """SQL for its row, from the north."""
    lat = f"radians(greatest(-85.05, least(85.05, ST_Y({point}))))"
    return f"floor((1 - ln(tan({lat}) + 1 / cos({lat})) / pi()) / 2 * {cells})::int"


def steps(value: str, *breaks: int) -> str:
    """SQL for the class 1 … n+1 of a number, by the least values of the classes above the first."""
    cases = " ".join(f"WHEN {value} >= {least} THEN {place}" for place, least in reversed(list(enumerate(breaks, 2))))
    return f"CASE {cases} ELSE 1 END"


CONSTRAINT_SELECT = f"""
        SELECT c.id, c.name, c.category, c.severity, c.scale, c.pcode, c.description, c.reported_on,
            lower(c.valid) AS period_start, {LAST_DAY.format("c.valid")} AS period_end, c.source,
            c.handling::text AS handling, {{geom}} AS geom
        FROM facts.access_constraint AS c
        WHERE c.geom && :box AND {PERIOD.format("c.valid")}
        """
"""Constraints on access: as points, as areas and as ways they are the same records."""

CONSTRAINT_FIELDS = (
    Field("name", "Place", hxl="#loc+name", drawn=True),
    Field("category", "Kind", code="constraint_categories", hxl="#access+category"),
    Field("severity", "Severity", "integer", code="access_severity", hxl="#severity+access"),
    Field("scale", "Graded on", popup=False, hxl="#severity+scale"),
    Field("pcode", "P-code", hxl="#adm+code"),
    Field("description", "What was reported", hxl="#description"),
    Field("reported_on", "Reported", "date", hxl="#date+reported"),
    Field("period_start", "From", "date", hxl="#date+start"),
    Field("period_end", "To", "date", hxl="#date+end"),
    Field("source", "According to", hxl="#meta+source"),
    Field("handling", "Handling", hxl="#meta+handling"),
)

_CLASSES = {
    "Battles": ("State-based violence", "Non-state violence"),
    "Explosions/Remote violence": (
        "Aerial bombardment", "Shelling", "Body-borne IED", "Roadside IED", "Vehicle-borne IED", "Other explosives",
        "Landmine",
    ),
    "Violence against civilians": (
        "One-sided violence", "Bodily assault", "Complex attack", "Kidnapping", "Kidnap-killing",
        "Rape or serious sexual assault", "Rape/sexual assault", "Shooting", "Detention/arrest", "Aid workers killed",
        "Aid workers injured", "Aid workers kidnapped", "Aid workers arrested",
    ),
}  # fmt: skip
"""The class on the map of what sources other than ACLED report: UCDP's types of violence, AWSD's means of attack, what
happened to aid workers in Insecurity Insight's lists. A fight of organised parties is one whoever they are; aid workers are
civilians. What is in none of these is of the class that its own type names, if there is one."""

INCIDENT_CLASS = "CASE {0}.event_type " + " ".join(
    f"WHEN '{type_}' THEN '{class_}'" for class_, types in _CLASSES.items() for type_ in types
) + " ELSE {0}.event_type END"  # fmt: skip
"""SQL for the class of an incident: the type of event that the legend knows it by."""

ROUGH = "{0}.geo_precision NOT IN ('exact', 'settlement')"
"""The incident's place is known less well than to the settlement: no point stands for it."""

NEAR_KM = 25
"""How far off the place of an incident known as near a place may be: UCDP says so of its second precision, Insecurity Insight
of what it publishes."""

INCIDENT_SELECT = f"""i.id, i.event_type, {INCIDENT_CLASS.format("i")} AS class, i.sub_event_type,
            lower(i.valid) AS occurred_from, {LAST_DAY.format("i.valid")} AS occurred_to, i.time_precision, i.geo_precision,
            {{pcode}} AS pcode, i.location, i.fatalities, i.notes_neutral AS notes, i.verification, i.source,
            i.source_event_id, i.handling::text AS handling, i.version"""
"""What every layer of single incidents `i` says; `pcode` is SQL for the district, where one is known."""

INCIDENT_NAMES = """SELECT n.field, n.name, n.ids FROM facts.incident_name AS n WHERE n.placed = {0}"""
"""SQL for the words by which incidents are found that are placed, or are not."""

INCIDENT_NOTES = f"""
    SELECT i.id, concat_ws(' ', i.notes_neutral, i.notes_raw) AS text FROM calc.incident AS i
    WHERE {{0}} AND {PERIOD.format("i.valid")}"""
"""SQL for what is written about incidents: the note as other rooms read it, and in rooms that record the source's own."""

INCIDENT_NAMED = (Field("actors", "Named as a party"),)
"""What is found of an incident in rooms that record, and stands in none of its fields."""

INCIDENT_KNOWN = (
    Field("event_type", "Reported as", code="event_types", hxl="#event+type"),
    Field("class", "Class", popup=False, hxl="#event+class"),
    Field("sub_event_type", "More closely", hxl="#event+subtype"),
    Field("occurred_from", "From", "date", hxl="#date+occurred+start"),
    Field("occurred_to", "To", "date", hxl="#date+occurred+end"),
    Field("time_precision", "Time known to", code="time_precision", hxl="#date+precision"),
    Field("geo_precision", "Place known to", code="geo_precision", hxl="#geo+precision"),
)
"""The fields of a single incident that say what, when, and how closely its place and time are known."""

INCIDENT_PLACE = (
    Field("pcode", "District", hxl="#adm2+code"),
    Field("location", "Place", hxl="#loc+name"),
    Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
)
"""Those that say where and how many."""

INCIDENT_TOLD = (
    Field("notes", "Note", hxl="#description"),
    Field("verification", "Verification", code="verification", hxl="#status+verification", drawn=True),
    Field("source", "Source", hxl="#meta+source"),
    Field("source_event_id", "Number at the source", popup=False, hxl="#event+id"),
    Field("handling", "Handling", hxl="#meta+handling"),
    Field("version", "Version", "integer", popup=False, hxl="#meta+version"),
)
"""Those that say who told it, and how sure it is."""
