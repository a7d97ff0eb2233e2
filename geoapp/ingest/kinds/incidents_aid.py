"""Incidents that affect aid work: the Aid Worker Security Database, and Insecurity Insight's lists of events.

Both give places that are approximate on purpose, so neither is drawn as a dot nor used in a buffer: AWSD says so of its
coordinates; Insecurity Insight publishes some no finer than 25 km.
"""

import calendar
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Wanted
from geoapp.ingest.fields import date as date_column
from geoapp.ingest.locations import point
from geoapp.ingest.parse import MONTHS, integer, mapped, plain
from geoapp.ingest.reading import Reading

AWSD = {"incident id", "means of attack", "year"}
SIND = {"sind event id"}
"""Names of columns by which the sources are recognised."""

WANTED = (
    Wanted("year", ("year",)), Wanted("month", ("month",)), Wanted("day", ("day",)), Wanted("city", ("city",)),
    Wanted("means", ("means of attack",)), Wanted("context", ("attack context",)),
    Wanted("total_killed", ("total killed",)), Wanted("actor_name", ("actor name",)), Wanted("verified", ("verified",)),
    Wanted("sind_id", ("sind event id",)), Wanted("perpetrator_name", ("reported perpetrator name",)),
    Wanted("weapon", ("weapon carried used",)), Wanted("aid_killed", ("aid workers killed",)),
    Wanted("aid_injured", ("aid workers injured",)), Wanted("aid_kidnapped", ("aid workers kidnapped",)),
    Wanted("aid_arrested", ("aid workers arrested",)),
)  # fmt: skip
"""Columns that only these sources have."""


def awsd(reading: Reading) -> None:
    """Stage rows of AWSD: the day may be withheld, and then the month or the year is what is known."""
    out = reading.out
    out["source_event_id"] = reading.long_text("id")
    year, month, day = (_part(reading, name) for name in ("year", "month", "day"))
    spans = [_span(*parts) for parts in zip(year, month, day, strict=True)]
    out["occurred_from"] = pa.array([s[0] for s in spans], pa.date32())
    out["occurred_to"] = pa.array([s[1] for s in spans], pa.date32())
    out["time_precision"] = pa.array([s[2] for s in spans])
    point(reading)
    out["country"], out["admin1"] = reading.text("country", 200), reading.text("admin1", 200)
    out["admin2"], out["location"] = reading.text("admin2", 200), reading.text("city", 200)
    out["geo_precision"] = pc.case_when(
        pc.make_struct(pc.is_valid(out["location"]), pc.is_valid(out["admin2"]), pc.is_valid(out["admin1"])),
        "near", "adm2", "adm1", "country",
    )  # fmt: skip
    out["event_type"] = pc.fill_null(reading.text("means", 120), "Unknown")
    out["sub_event_type"] = reading.text("context", 120)
    out["fatalities"] = reading.integer("total_killed", "warning")
    _rest(reading, "awsd", reading.text("actor_name", 300))


def sind(reading: Reading) -> None:
    """Stage rows of Insecurity Insight's lists; what happened to aid workers is the kind of event."""
    out, n = reading.out, len(reading.batch)
    # where the file has an HXL row, its tags have given these two columns their general names
    killed = "aid_killed" if reading.has("aid_killed") else "fatalities"
    out["source_event_id"] = pc.coalesce(reading.long_text("sind_id"), reading.long_text("id"))
    out["occurred_from"] = out["occurred_to"] = date_column(reading, "date")
    out["time_precision"] = reading.constant("day")
    point(reading)
    out["country"], out["admin1"] = reading.text("country", 200), reading.text("admin1", 200)
    out["admin2"], out["location"] = reading.text("admin2", 200), reading.text("location", 200)
    out["geo_precision"] = reading.constant("near")
    kinds = np.full(n, "Incident affecting aid work", dtype=object)
    for name, words in (("aid_arrested", "Aid workers arrested"), ("aid_kidnapped", "Aid workers kidnapped"),
                        ("aid_injured", "Aid workers injured"), (killed, "Aid workers killed")):  # fmt: skip
        counted = pc.fill_null(reading.integer(name, "warning"), 0).to_numpy(zero_copy_only=False)
        kinds[counted > 0] = words
    out["event_type"] = pa.array(kinds, pa.string())
    out["sub_event_type"] = reading.text("weapon", 120)
    out["fatalities"] = reading.integer(killed, "warning")
    _rest(reading, "sind", pc.coalesce(reading.text("perpetrator_name", 300), reading.text("actor1", 300)))


def _rest(reading: Reading, taxonomy: str, actor: pa.Array) -> None:
    import orjson

    out, n = reading.out, len(reading.batch)
    out["taxonomy"] = reading.constant(taxonomy)
    out["actors"] = pa.array(
        [orjson.dumps([{"label": a, "role": "reported_perpetrator"}] if a else []).decode() for a in actor.to_pylist()]
    )
    out["civilian_targeting"], out["pcode"] = pa.nulls(n, pa.bool_()), pa.nulls(n, pa.string())
    out["notes"], out["source_names"] = reading.long_text("notes"), reading.text("source_names", 1000)
    out["source_ts"] = pa.nulls(n, pa.string())
    out["redistributable"] = reading.constant(value=True, type_=pa.bool_())


def _part(reading: Reading, name: str) -> list[int | None]:
    """A year, month or day; a month may be a word. What cannot be read is as if it were withheld, and told."""

    def read(cell: str) -> int:
        return MONTHS.get(plain(cell)) or integer(cell)

    values, failed = mapped(reading.raw(name), read, pa.int64())
    reading.tell(
        failed, "warning", name, "not-a-date", "{value} is no " + name + "; taken as not said.", "Write digits."
    )
    return list(values.to_pylist())


def _span(year: int | None, month: int | None, day: int | None) -> tuple[date | None, date | None, str]:
    """First and last day that the parts leave open, and how exact that is."""
    first: Any
    try:
        if year and month and day:
            first = date(year, month, day)
            return first, first, "day"
        if year and month:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month"
        if year:
            return date(year, 1, 1), date(year, 12, 31), "unknown"
    except ValueError:
        return None, None, "unknown"
    return None, None, "unknown"
