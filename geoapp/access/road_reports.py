"""What was last seen of a road on a day? Reports stand before what the road's own record says of status and practicability.

The newest observed report that holds on the day counts. One older than its `stale_days` is told as stale and not left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.crossed import FIRST, UNTIL
from geoapp.access.passage import Window
from geoapp.access.road_network import RoadNetwork

STALE_DAYS = 30
"""After so many days a road's own status is stale; a report says its own number."""
SUBJECTS = ("road", "road_report", "audience")

_REPORTS = text(f"""
    SELECT r.road_id, r.op_status, r.practicability, r.reason, r.source, r.observed_on, {FIRST.format("r")},
        {UNTIL.format("r")}, r.stale_days
    FROM calc.road_report AS r
    WHERE r.valid && daterange(CAST(:first AS date), CAST(:last AS date), '[]')
    ORDER BY r.road_id, r.observed_on DESC, r.recorded_at DESC, r.id DESC
""")
_WORSE = {"open": 0, "unspecified": 1, "restricted": 2, "abandoned": 3, "closed": 4}


@dataclass(frozen=True)
class RoadReport:
    """What somebody saw of a road."""

    status: str
    practicability: int | None
    reason: str | None
    source: str | None
    observed_on: date
    first: date | None
    until: date | None
    stale_days: int


@dataclass(frozen=True, eq=False)
class RoadReports:
    """The reports of some days by the place of their road in the arrays, the newest observed first."""

    of: dict[int, Sequence[RoadReport]]

    def on(self, road: int, day: date) -> RoadReport | None:
        """The report that counts for a road on a day."""
        for report in self.of.get(road, ()):
            if (report.first is None or report.first <= day) and (report.until is None or day < report.until):
                return report
        return None

    def status(self, roads: RoadNetwork, road: int, day: date) -> dict[str, Any]:
        """The status of a road on a day, who says so, how old that is, and whether it is stale."""
        report = self.on(road, day)
        status = report.status if report else roads.status[road]
        if report is None and status == "unspecified":
            return {
                "status": status, "status_source": None, "status_reason": None, "status_recorded": None,
                "status_age_days": None, "reported": False, "stale": False,
            }  # fmt: skip
        recorded = report.observed_on if report else roads.recorded[road]
        stale_after = timedelta(days=report.stale_days if report else STALE_DAYS)
        return {
            "status": status, "status_source": report.source if report else "the road's own record",
            "status_reason": report.reason if report else None, "status_recorded": recorded.isoformat(),
            "status_age_days": max(0, (day - recorded).days), "reported": report is not None,
            "stale": recorded + stale_after < day,
        }  # fmt: skip

    def strictest(self, roads: RoadNetwork, window: Window, season: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Status and practicability of each road that hold throughout the journey: the worst of its days.

        What was seen stands before the road's own practicability now. Asked for a dry or a wet season it can only lower
        what is known of that season, since it was seen in this one.
        """
        status, limit = roads.status.copy(), roads.limit(season)
        for road in self.of:
            own = int(limit[road])
            said: list[str] = []
            limits: list[int] = []
            for day in window.days():
                report = self.on(road, day)
                said.append(report.status if report else roads.status[road])
                seen = (report.practicability or 0) if report else 0
                limits.append(seen if seen and season == "now" else min((v for v in (seen, own) if v), default=0))
            status[road] = max(said, key=lambda s: _WORSE.get(s, 1))
            limit[road] = min((v for v in limits if v), default=0)
        return status, limit


def reports(connection: Connection, roads: RoadNetwork, window: Window) -> RoadReports:
    """The reports that this transaction's room sees and that hold on any day of the window."""
    place = {road: number for number, road in enumerate(roads.id.tolist())}
    found: dict[int, list[RoadReport]] = {}
    for road, *rest in connection.execute(_REPORTS, {"first": window.first, "last": window.last}):
        if road in place:
            found.setdefault(place[road], []).append(RoadReport(*rest))
    return RoadReports(dict(found))
