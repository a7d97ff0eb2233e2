"""Which organisation does what where? The rows of a 3W sheet, as a coordination team collects them."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from data.demo.actors import ACTIVITIES, ORGANISATIONS, Organisation
from data.demo.mesh import Mesh
from data.demo.names import PLACES, PROVINCES
from data.demo.scene import TODAY
from data.demo.units import Units

HEADER = (
    ("Organisation", "#org+name"), ("Acronym", "#org+acronym"), ("Organisation type", "#org+type"),
    ("Cluster", "#sector+cluster"), ("Activity", "#activity"), ("Status", "#status"), ("Admin1", "#adm1+name"),
    ("Admin1 P-code", "#adm1+code"), ("Admin2", "#adm2+name"), ("Admin2 P-code", "#adm2+code"),
    ("Start date", "#date+start"), ("End date", "#date+end"), ("Beneficiaries", "#beneficiary"),
)  # fmt: skip
ROWS = 1_500
YEAR_START, YEAR_END = date(2026, 1, 1), date(2026, 12, 31)


def reach(mesh: Mesh, units: Units, organisation: Organisation) -> list[int]:
    """The districts an organisation works in: its base and those nearest to it, the base first."""
    base = next(i for i, p in enumerate(PLACES) if p.name == organisation.base)
    order = sorted(range(len(PLACES)), key=lambda i: mesh.km(units.towns[i], units.towns[base]))
    return order[: organisation.reach]


def rows(rng: np.random.Generator, mesh: Mesh, units: Units) -> list[tuple[Any, ...]]:
    """The rows of the sheet in the order of HEADER; more of them where an organisation has its base."""
    lines = [
        (organisation, cluster, district, 1 / (1 + 0.25 * place))
        for organisation in ORGANISATIONS for cluster in organisation.clusters
        for place, district in enumerate(reach(mesh, units, organisation))
    ]  # fmt: skip
    weight = np.array([line[3] for line in lines])
    counts = np.maximum(1, np.round(weight / weight.sum() * ROWS)).astype(int)
    out = []
    for (organisation, cluster, district, _), count in zip(lines, counts.tolist(), strict=True):
        place = PLACES[district]
        province = PROVINCES[place.province]
        for _ in range(count):
            start, end, status = _days(rng)
            reached = int(round(float(np.exp(rng.normal(6.0, 1.0))) / 5) * 5)
            out.append((
                organisation.name, organisation.acronym, organisation.type, cluster,
                str(rng.choice(ACTIVITIES[cluster])), status, province.name, province.pcode, place.name,
                units.pcodes[district], start, end, reached if status != "Planned" else None,
            ))  # fmt: skip
    return sorted(out, key=lambda r: (r[0], r[3], r[9], r[10], r[4]))


def _days(rng: np.random.Generator) -> tuple[date, date | None, str]:
    """Start and end of an activity in 2026, and its status in October; a few have no end yet."""
    start = YEAR_START + timedelta(days=int(rng.integers(0, 325)) // 15 * 15)
    end = min(YEAR_END, start + timedelta(days=int(rng.choice([30, 60, 90, 120, 180]))))
    status = "Planned" if start > TODAY else "Completed" if end < TODAY else "Ongoing"
    if status == "Ongoing" and rng.random() < 0.04:
        status = "Suspended"
    return start, None if status == "Ongoing" and rng.random() < 0.1 else end, status
