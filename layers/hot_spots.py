"""Where and when did incidents gather, and is it going on?"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._gathered import DAYS, GATHERED, KM, LEAST, MOST_KM
from layers._palette import INK
from layers._sql import DAY, UNIT_OF_CODE

MARGIN_KM = 2
"""How far the drawn ground reaches beyond the outermost incidents."""

WORDS = f"At least {LEAST} incidents within {KM} km of each other, no more than {DAYS} days apart; what reaches farther than {MOST_KM} km is parted"
"""What a hot spot is, in words."""

SPOTS = f"""
        WITH hot AS (
            SELECT min(c.id) AS id, c.spot, count(*)::int AS n, min(c.day) AS first_day, max(c.day) AS last_day,
                coalesce(sum(c.fatalities), 0)::int AS fatalities,
                mode() WITHIN GROUP (ORDER BY c.event_type) AS event_type,
                mode() WITHIN GROUP (ORDER BY c.pcode) AS pcode, count(DISTINCT c.pcode)::int AS districts,
                count(*) FILTER (WHERE c.day >= s.stop - {DAYS})::int AS recent,
                count(*) FILTER (WHERE c.day >= s.stop - 2 * {DAYS} AND c.day < s.stop - {DAYS})::int AS before,
                ST_ConvexHull(ST_Collect(c.place)) AS hull
            FROM sized AS c CROSS JOIN span AS s WHERE c.size >= {LEAST} GROUP BY c.spot, c.part, c.piece, s.stop
        ), h AS (
            SELECT t.*, ST_SetSRID(ST_Scale(
                ST_Buffer(ST_Scale(ST_SetSRID(t.hull, 0), c.x, c.y), {MARGIN_KM}, 4), 1 / c.x, 1 / c.y), 4326) AS geom
            FROM hot AS t CROSS JOIN scale AS c
            WHERE ST_Expand(t.hull, {MARGIN_KM} / c.x, {MARGIN_KM} / c.y) && :box
        )
        SELECT h.id, (
                SELECT b.name FROM calc.boundary AS b WHERE b.pcode = h.pcode AND {UNIT_OF_CODE.format("b", DAY)}
            ) AS district, h.districts, h.n, h.first_day, h.last_day, h.fatalities, h.event_type, h.recent, h.before,
            CASE WHEN h.recent > h.before THEN 'rising' WHEN h.recent < h.before THEN 'falling'
                WHEN h.recent > 0 THEN 'steady' ELSE 'past' END AS course,
            (
                SELECT count(*)::int FROM sized AS c WHERE c.spot = h.spot AND c.size < {LEAST}
                    AND c.day BETWEEN h.first_day - {DAYS} AND h.last_day + {DAYS}
            ) AS beside,
            {KM} AS within_km, {LEAST} AS least, {DAYS} AS gap_days, {{geom}} AS geom
        FROM h
"""
"""SELECT of the hot spots among the CTEs of `GATHERED`."""


def _course(width: float, dash: tuple[float, ...], tint: float) -> Symbol:
    return Symbol(fill=INK, fill_opacity=tint, stroke=INK, width=width, dash=dash, casing=True)


LAYER = Layer(
    name="hot_spots",
    title="Hot spots",
    question="Where and when did incidents gather, and is it going on?",
    group="Security",
    shape="polygon",
    subject="incidents",
    units=("district",),
    happens=True,
    reads=("incident", "boundary"),
    printed=(
        ("Mostly in", "district"),
        ("Days", "first_day", "last_day"),
        ("Incidents", "n"),
        ("Deaths reported", "fatalities"),
        ("Mostly", "event_type"),
        ("Course", "course"),
        ("Lately, before", "recent", "before"),
    ),
    geometry="h.geom",
    whole=True,
    on=False,
    sql=f"{GATHERED} SELECT s.* FROM ({SPOTS}) AS s",
    fields=(
        Field("district", "Mostly in", hxl="#adm2+name"),
        Field("districts", "Districts", "integer", popup=False, hxl="#meta+count+districts"),
        Field("n", "Incidents", "integer", hxl="#meta+count"),
        Field("first_day", "First", "date", hxl="#date+start"),
        Field("last_day", "Last", "date", hxl="#date+end"),
        Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
        Field("event_type", "Most often reported as", code="event_types", hxl="#event+type"),
        Field("recent", f"In the last {DAYS} days", "integer", hxl="#meta+count+recent"),
        Field("before", f"In the {DAYS} days before", "integer", hxl="#meta+count+before"),
        Field("course", "Course", code="courses", hxl="#status+course"),
        Field("beside", "More nearby that form none", "integer", "incidents", hxl="#meta+count+beside"),
        Field("within_km", "Incidents lie within", "integer", "km", hxl="#meta+distance"),
        Field("least", "At least", "integer", "incidents", hxl="#meta+least"),
        Field("gap_days", "No more apart than", "integer", "days", hxl="#meta+gap"),
    ),
    style=Style(
        by="course",
        label="n",
        key=f"Rising: more in the last {DAYS} days than in the {DAYS} before; none of late: none in both.",
        note=f"{WORDS}; of those known to the settlement and dated to the week or better.",
        rules=(
            Rule("rising", "Rising", _course(2.4, (), 0.26)),
            Rule("steady", "Steady", _course(1.8, (10, 3), 0.17)),
            Rule("falling", "Falling", _course(1.6, (4, 3), 0.1)),
            Rule("past", "None of late", _course(1.2, (1, 4), 0.04)),
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
