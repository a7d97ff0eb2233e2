"""A file of risk zones brings published ones, with what remains after measures and the time of day."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geoapp import db
from tests.gridland import square

ZONE = {"name": "Bridge", "likelihood": "likely", "impact": 4, "valid_from": "2026-05-01", "valid_to": "2026-10-30"}


def zones(*more: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(square(i, 8), ZONE | {"name": f"Zone {i}"} | one) for i, one in enumerate(more)]


def test_residual_level_and_time_of_day(engine: Engine, context: db.Context, bring: Callable) -> None:
    content = zones(
        {"time_of_day": "18:00-06:00", "residual_level": "medium", "status": "Published"}, {"residual_level": "9"}
    )
    report = bring("risk_zones", content)
    assert (report.landed, report.created) == (True, 2), report.as_dict()
    assert [(f.code, f.row) for f in report.findings] == [("unknown-level", 3)]
    with db.transaction(engine, context) as connection:
        rows = connection.execute(
            text("SELECT status, level, residual_level, time_of_day FROM facts.risk_zone ORDER BY name")
        )
        assert [tuple(r) for r in rows] == [("published", 3, 2, "18:00-06:00"), ("published", 3, None, None)]
    assert bring("risk_zones", content).unchanged == 2


@pytest.mark.parametrize("status", ["draft", "in_review", "expired", "suggested"])
def test_what_is_not_published_does_not_come_by_file(
    engine: Engine, context: db.Context, bring: Callable, status: str
) -> None:
    report = bring("risk_zones", zones({"status": status}, {}, {}, {}, {}))
    assert (report.created, report.rejected) == (4, 1)
    assert [(f.code, f.row) for f in report.findings] == [("not-published", 2)]
