"""Gridland: ten by ten squares of 0.1°, two provinces of fifty districts, and answers that can be counted by hand.

District `GD0103` is the square in column 1, row 3. Areas are whole squares, so shared ground is a number of squares.
"""

import json
from datetime import date
from typing import Any

TODAY = date(2026, 10, 18)
STEP = 0.1


def square(column: float, row: float, width: float = 1, height: float = 1) -> dict[str, Any]:
    """A rectangle of squares, its lower left corner at column and row."""
    west, south = 10 + column * STEP, 5 + row * STEP
    east, north = west + width * STEP, south + height * STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[round(x, 9), round(y, 9)] for x, y in ring]]}


def point(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of a square."""
    return round(10 + (column + 0.5) * STEP, 6), round(5 + (row + 0.5) * STEP, 6)


def collection(features: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    """GeoJSON of (geometry, properties)."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": g, "properties": p} for g, p in features],
        }
    )


def area(
    key: str, actor: str, domain: str, shape: dict[str, Any], **more: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One area of operation, from January to June 2026 unless said otherwise."""
    return shape, {
        "source_key": key, "actor": actor, "domain": domain, "date_from": "2026-01-01", "date_to": "2026-06-30",
        "handling": "GREEN",
    } | more  # fmt: skip


DISTRICTS = [
    (square(c, r), {"adm2_pcode": f"GD{c // 5:02d}{c}{r}", "adm2_name": f"Square {c}-{r}", "adm1_pcode": f"GD{c // 5:02d}",
                    "adm1_name": f"Half {c // 5}", "adm0_pcode": "GD", "version": "v01", "lang": "en",
                    "valid_on": "2020-01-01"})
    for c in range(10) for r in range(10)
]  # fmt: skip

AREAS = [
    area("m1", "First Brigade", "military", square(0, 0, 4, 4), parent="Army"),
    area("m2", "First Battalion", "military", square(0, 0, 2, 2), parent="First Brigade"),
    area("c1", "Water Aid Group", "civil", square(2, 2, 4, 4)),
    area("c2", "Late Comers", "civil", square(0, 0, 4, 4), date_from="2026-07-01", date_to="2026-12-31"),
    area("p1", "Town Police", "police", square(4, 0, 1, 4)),
    area("s1", "Secret Force", "non_state_armed", square(5, 5, 2, 2), handling="RED"),
]
"""By hand: First Brigade (4×4 at the corner) and Water Aid Group (4×4 from square 2,2) share 2×2 = 4 squares. First
Battalion lies in First Brigade's ground and under it: no overlap. Late Comers stand on the same ground in other days.
Town Police touch First Brigade along a border, and share 1×2 squares with Water Aid Group. Secret Force shares 1×1
square with Water Aid Group, and only RED sees it."""

PRESENCE = "\n".join(
    ["Organisation,Cluster,Admin2 P-code,Start date,End date", "#org+name,#sector,#adm2+code,#date+start,#date+end"]
    + [f"Health Hands,Health,GD000{r},2026-02-01,2026-04-30" for r in range(3)]
    + ["Well Diggers,WASH,GD0000,2026-02-01,2026-04-30", "Pump Friends,WASH,GD0000,2026-04-01,2026-05-31"]
)
"""Health Hands in three districts of column 0 (rows 0 to 2): with First Brigade they share 3 squares, with First
Battalion 2. Well Diggers and Pump Friends are doubles in GD0000, in April."""

ZONES = [(square(2, 2, 1, 1), {"name": "Crossing", "likelihood": 5, "impact": 4, "valid_from": "2026-05-01",
                               "valid_to": "2026-10-30", "handling": "GREEN"})]  # fmt: skip

HEAD = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,"
    "longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)


def incident(number: int, day: str, column: float, row: float, precision: int = 1, **more: str) -> str:
    """One line in ACLED's columns."""
    lon, lat = point(column, row)
    kind = more.get("type", "Battles,Armed clash")
    return (
        f"GRD{number},{day},{day[:4]},1,Political violence,{kind},One Party,,State forces,Other Party,,Rebel group,x,,0,Grid,"
        f"Gridland,Half 0,Square {int(column)}-{int(row)},,Place {number},{lat},{lon},{precision},Radio,National,"
        f"{more.get('notes', 'A note.')},0,,{more.get('timestamp', '1700000000')}"
    )


INCIDENTS = "\n".join(
    [
        HEAD,
        incident(1, "2026-02-10", 2, 2),  # in the shared ground of First Brigade and Water Aid Group, in their time
        incident(2, "2026-03-10", 3, 3),  # likewise
        incident(3, "2025-03-10", 2, 3),  # there, before their time
        incident(4, "2026-03-11", 2, 2, precision=3),  # known to the province only: inside nothing
        incident(5, "2026-03-12", 8, 8),  # elsewhere
    ]
)
FILES: list[tuple[str, Any, str]] = [
    ("boundaries", DISTRICTS, "admin2.geojson"),
    ("areas", AREAS, "areas.geojson"),
    ("presence", PRESENCE, "3w.csv"),
    ("risk_zones", ZONES, "zones.geojson"),
    ("incidents", INCIDENTS, "incidents.csv"),
]
