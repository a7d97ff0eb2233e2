"""What is going on: incidents by district and type over some months, beside as many months before.

Read from counts that are kept with every import, so that a million events cost no more than their districts and months;
events known to their district only are in them, those known to no district are counted apart as well. Counts of another
day's knowledge are made from the events as they were known then, in a room that is shown them; `Room.withheld` says where
there are none.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest
from geoapp.scope import Scope, known
from layers._sql import UNIT_NAME, UNIT_OF_CODE

MAX_MONTHS = 60
_LAST = "(CAST(:stop AS date) - 1)"

_COUNTS = f"""
    WITH counted AS (
        SELECT t.pcode, t.event_type,
            coalesce(sum(t.n) FILTER (WHERE t.month >= :start), 0)::int AS n,
            coalesce(sum(t.n) FILTER (WHERE t.month < :start), 0)::int AS before,
            coalesce(sum(t.n) FILTER (WHERE t.month >= :start AND NOT t.placed), 0)::int AS unplaced,
            coalesce(sum(t.fatalities) FILTER (WHERE t.month >= :start), 0)::int AS fatalities,
            coalesce(sum(t.fatalities) FILTER (WHERE t.month < :start), 0)::int AS fatalities_before
        FROM facts.incident_tally AS t WHERE t.month >= :earlier AND t.month < :stop GROUP BY 1, 2
    )
    SELECT c.pcode, b.name AS district, b.parent_pcode AS province, c.event_type, c.n, c.before, c.n - c.before AS change,
        c.unplaced, c.fatalities, c.fatalities_before
    FROM counted AS c
    LEFT JOIN (
        SELECT b.pcode, {UNIT_NAME.format("b", _LAST)} AS name, b.parent_pcode FROM calc.boundary AS b
        WHERE {UNIT_OF_CODE.format("b", _LAST)}
    ) AS b ON b.pcode = c.pcode
    ORDER BY c.n DESC, c.pcode, c.event_type
"""
_SERIES = """
    SELECT to_char(t.month, 'YYYY-MM') AS month, t.event_type, sum(t.n)::int AS n, sum(t.fatalities)::int AS fatalities
    FROM facts.incident_tally AS t WHERE t.month >= :earlier AND t.month < :stop GROUP BY t.month, 2 ORDER BY t.month, 2
"""
_MONTHS = """
    SELECT to_char(b.month, 'YYYY-MM') AS month, sum(b.n)::int AS n FROM facts.incident_bin AS b
    WHERE b.z = 5 AND b.month > DATE '1900-01-01' AND b.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
        AND (CAST(:period AS daterange) IS NULL
            OR daterange(b.month, (b.month + interval '1 month')::date) && CAST(:period AS daterange))
    GROUP BY b.month ORDER BY b.month
"""
_NEWEST = """
    SELECT max(t.month) FROM facts.incident_tally AS t
    WHERE t.month > DATE '1900-01-01' AND t.month <= (SELECT calc.today())
"""
_SUMS = ("n", "before", "unplaced", "fatalities", "fatalities_before")


@dataclass(frozen=True)
class Span:
    """Months `start` up to but without `stop`, and as many before, from `earlier`; each the first of a month."""

    earlier: date
    start: date
    stop: date

    @classmethod
    def ending(cls, until: date, months: int) -> "Span":
        """The months that end with that of `until`. Raises BadRequest for none or more than five years of them."""
        if not 1 <= months <= MAX_MONTHS:
            raise BadRequest(f"{months} months cannot be compared.", hint=f"1 to {MAX_MONTHS}.")

        def back(count: int) -> date:
            year, month = divmod(until.year * 12 + until.month - count, 12)
            if year < 1:
                raise BadRequest("The months begin before the calendar.")
            return date(year, month + 1, 1)

        return cls(back(2 * months), back(months), back(0))


def span_asked(connection: Connection, until: str | None, months: int, scope: Scope | None = None) -> Span:
    """The months that end with `until` (such as 2026-10). Where none is asked for, with that of the operation's day, or of
    the newest incident if these hold none: lists end when they end, and what they hold is not lost. Raises BadRequest."""
    if until is None:
        now = Span.ending(connection.execute(text("SELECT calc.today()")).scalar_one(), months)
        newest = connection.execute(text(known(_NEWEST, scope) if scope else _NEWEST)).scalar_one()
        return Span.ending(newest, months) if newest and newest < now.start else now
    try:
        return Span.ending(date.fromisoformat(f"{until}-01"), months)
    except ValueError:
        raise BadRequest(f"{until[:40]!r} is no month.", hint="Write it as 2026-10.") from None


def trends(connection: Connection, span: Span, scope: Scope | None = None) -> dict[str, Any]:
    """Counts and their change by district and type, and by month and type, as the room may know them: now, or on
    `scope.as_of`.

    A district without an incident in either span is not listed. `change` is the difference to the span before; a share
    of it would say much about small numbers that they do not hold. `unplaced` are those of `n` whose place is known to
    their district at best; `nowhere` are those in no district on record, which the totals hold and no row does.
    """
    dates = {"earlier": span.earlier, "start": span.start, "stop": span.stop}
    counts, by_month = (known(sql, scope) if scope else sql for sql in (_COUNTS, _SERIES))
    found = [dict(row) for row in connection.execute(text(counts), dates).mappings()]
    rows = [row for row in found if row["pcode"]]
    series = [dict(row) for row in connection.execute(text(by_month), dates).mappings()]
    return {
        "from": span.start.isoformat(), "before_from": span.earlier.isoformat(), "until": span.stop.isoformat(),
        **{name: sum(r[name] for r in found) for name in _SUMS},
        "change": sum(r["change"] for r in found),
        "districts": len({r["pcode"] for r in rows if r["n"]}),
        "districts_before": len({r["pcode"] for r in rows if r["before"]}),
        "nowhere": {name: sum(r[name] for r in found if not r["pcode"]) for name in _SUMS},
        "rows": rows, "months": _by_month(series), "series": series,
    }  # fmt: skip


MONTHS_READ = ("incident", "incident_bin")
"""The tables that `months` reads."""


def months(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """Incidents in the scope's box by month, as `month` and `n`; months without one are left out."""
    return [dict(row) for row in connection.execute(text(known(_MONTHS, scope)), scope.binds()).mappings()]


def _by_month(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sums over the types."""
    months: dict[str, dict[str, Any]] = {}
    for part in series:
        whole = months.setdefault(part["month"], {"month": part["month"], "n": 0, "fatalities": 0})
        whole["n"] += part["n"]
        whole["fatalities"] += part["fatalities"]
    return list(months.values())
