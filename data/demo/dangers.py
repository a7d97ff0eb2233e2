"""Where is it dangerous, and what is where? Risk zones, explosive hazards and sites of the exercise."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from data.demo.actors import ORGANISATIONS
from data.demo.drawing import Pen, scatter
from data.demo.mesh import Mesh
from data.demo.names import PLACES
from data.demo.presence import reach
from data.demo.roads import TRACK
from data.demo.scene import TODAY
from data.demo.units import Units

ZONE = (
    "source_key",
    "name",
    "threat_category",
    "likelihood",
    "impact",
    "applies_to",
    "valid_from",
    "valid_to",
    "basis",
    "handling",
)
HAZARD = ("haz_id", "name", "haz_type", "haz_status", "hazards", "reported", "source", "handling")
SITE = (
    "site_id", "name", "facility_type", "operator", "status", "pcode", "valid_from", "valid_to", "latitude",
    "longitude", "handling",
)  # fmt: skip


def zones(pen: Pen) -> list[tuple[dict[str, Any], Any]]:
    """Risk zones: what, how likely, how bad, until when."""
    drawn = (
        ("Velmar east", "armed_conflict", 5, 5, "all", "2026-10-01", "2026-11-08", "Exchanges of fire on most days since 20 September.", "AMBER", pen.oval(86.40, -12.53, 7, 5, -20)),
        ("Velmar and Torvane road", "armed_conflict", 5, 4, "all", "2026-10-01", "2026-11-08", "Shelling reported within 10 km of the road.", "AMBER", pen.oval(86.43, -12.57, 17, 12, -35)),
        ("Korune road corridor", "armed_conflict", 4, 5, "all", "2026-10-05", "2026-11-08", "Explosive devices on the road, three since September.", "AMBER", pen.corridor(("Harrin Gate", "Korune"), 3)),
        ("Dolmar", "armed_conflict", 4, 4, "all", "2026-10-01", "2026-11-15", "Exchanges of fire around the town.", "AMBER", pen.on_land(pen.oval(85.76, -12.20, 17, 12, 10))),
        ("Quillan road", "crime", 4, 3, "all", "2026-10-01", "2026-11-20", "Goods taken from trucks.", "GREEN", pen.oval(86.97, -12.83, 14, 9, 40)),
        ("Western posts", "crime", 3, 3, "international", "2026-10-01", "2026-11-20", "Vehicles stopped at night.", "GREEN", pen.on_land(pen.oval(85.50, -13.02, 15, 20, 10))),
        ("Averen centre", "civil_unrest", 4, 2, "all", "2026-10-08", "2026-10-31", "Marches announced for each Friday.", "GREEN", pen.around("Averen", 5)),
        ("Tessany port", "civil_unrest", 3, 3, "all", "2026-10-01", "2026-11-10", "Marches over prices.", "GREEN", pen.on_land(pen.around("Tessany", 6))),
        ("Lower valleys in flood", "hazards", 3, 2, "all", "2026-10-15", "2026-11-20", "High water is usual at this season.", "GREEN", pen.on_land(pen.oval(86.56, -13.70, 9, 16, 20))),
    )  # fmt: skip
    return [
        (dict(zip(ZONE, (f"KVZ-{number:02d}", *values[:-1]), strict=True)), values[-1])
        for number, values in enumerate(drawn, 1)
    ]


def hazards(rng: np.random.Generator, pen: Pen) -> list[tuple[dict[str, Any], Any]]:
    """Hazardous areas, suspected and confirmed, near where there was fighting."""
    known = (
        ("Velmar ridge", 86.40, -12.49, "CHA", "worked_on", "AP mine; UXO"), ("Torvane fields", 86.49, -12.60, "SHA", "open", "UXO"),
        ("Serran gap north", 85.88, -12.52, "CHA", "open", "AP mine"), ("Serran gap south", 85.86, -12.58, "SHA", "open", "AP mine; AV mine"),
        ("Dolmar airstrip", 85.77, -12.17, "CHA", "worked_on", "UXO; AXO"), ("Dolmar hills", 85.68, -12.23, "SHA", "open", "UXO"),
        ("Korune culvert", 86.58, -12.40, "CHA", "reduced", "IED"), ("Ostrel bridge", 86.00, -12.12, "SHA", "cancelled", "AV mine"),
        ("Kelvar school path", 86.05, -12.36, "CHA", "cleared", "UXO"), ("Kestra terraces", 85.88, -13.16, "SHA", "open", "AP mine"),
        ("Quillan depot", 87.00, -12.90, "CHA", "open", "AXO; cluster munition remnant"), ("Havrin slope", 86.66, -12.20, "SHA", "reduced", "UXO"),
    )  # fmt: skip
    found = []
    for number, (name, lon, lat, type_, status, what) in enumerate(known, 1):
        day = date(2025, 6, 1) + timedelta(days=int(rng.integers(0, 480)))
        values = (
            f"KVH-{number:02d}", name, type_, status, what, day.isoformat(), "Kavarra Mine Action Centre", "GREEN",
        )  # fmt: skip
        size = float(rng.uniform(0.6, 2.2)) * (1.5 if type_ == "SHA" else 0.8)
        shape = pen.oval(lon, lat, size, size * 0.6, float(rng.uniform(0, 180)))
        found.append((dict(zip(HAZARD, values, strict=True)), shape))
    return found


def sites(rng: np.random.Generator, mesh: Mesh, units: Units, pen: Pen) -> list[dict[str, Any]]:
    """Places where organisations work: by their clusters, in the districts they reach, on land and near a town or road."""
    kinds = {
        "WASH": ("water_point", "Borehole"), "Food Security": ("distribution_point", "Distribution point"),
        "Cash": ("distribution_point", "Cash point"), "Health": ("clinic", "Clinic"), "Nutrition": ("clinic", "Nutrition centre"),
        "Shelter/NFI": ("warehouse", "Store"), "Education": ("school", "School"), "Logistics": ("warehouse", "Common warehouse"),
        "CCCM": ("idp_site", "Site"), "Protection": ("office", "Information desk"), "Early Recovery": ("office", "Field office"),
        "Child Protection": ("office", "Child-friendly space"), "GBV": ("office", "Women's centre"), "HLP": ("office", "Legal desk"),
        "Mine Action": ("office", "Survey base"),
    }  # fmt: skip
    network = shapely.STRtree([r.shape for r in pen.roads if r.fclass != TRACK])
    out: list[dict[str, Any]] = []
    for organisation in ORGANISATIONS:
        for cluster in organisation.clusters:
            type_, word = kinds[cluster]
            for place, district in enumerate(reach(mesh, units, organisation)):
                for turn in range(1 + (place < 2) + (type_ in ("water_point", "idp_site", "clinic"))):
                    where = _spot(rng, mesh, units, district, network, pen.lakes)
                    town = PLACES[district].name
                    out.append(_site(rng, len(out) + 1, f"{word}, {town}" + (f" {turn + 1}" if turn else ""), type_,
                                     organisation.name, units.pcodes[district], where))  # fmt: skip
    for name, town, type_ in (
        ("Velmar General Hospital", "Velmar", "hospital"), ("Averen Hospital", "Averen", "hospital"), ("Wexen Hospital", "Wexen", "hospital"),
        ("Tessany Fuel Depot", "Tessany", "fuel_store"), ("Orlosk Airstrip", "Orlosk", "airstrip_used"), ("Dolmar Airstrip", "Dolmar", "airstrip_used"),
        ("Brenn Guesthouse", "Brenn", "guesthouse"), ("Sarova Airstrip", "Sarova", "airstrip_used"),
    ):  # fmt: skip
        district = next(i for i, p in enumerate(PLACES) if p.name == town)
        where = _spot(rng, mesh, units, district, network, pen.lakes)
        out.append(_site(rng, len(out) + 1, name, type_, "Humanitarian Logistics Service" if type_ in ("airstrip_used", "fuel_store", "guesthouse")
                         else "Ministry of Health", units.pcodes[district], where))  # fmt: skip
    return out


def _spot(rng: np.random.Generator, mesh: Mesh, units: Units, district: int, roads: Any, lakes: Any) -> Any:
    """A place in a district near its town, drawn towards the nearest road."""
    town = mesh.points[units.towns[district]]
    for km in (3.0, 3.0, 5.0, 5.0, 2.0, 1.0, 0.5):
        point = shapely.Point(scatter(rng, town, km, 1)[0])
        road = roads.geometries[int(roads.nearest(point))]
        on = road.interpolate(road.project(point))
        near = shapely.Point(on.x + (point.x - on.x) * 0.15, on.y + (point.y - on.y) * 0.15)
        if units.shapes[district].contains(near) and not lakes.intersects(near):
            return near
    return shapely.point_on_surface(shapely.difference(units.shapes[district], lakes))


def _site(
    rng: np.random.Generator, number: int, name: str, type_: str, operator: str, pcode: str, where: Any
) -> dict[str, Any]:
    opened = date(2025, 6, 1) + timedelta(days=int(rng.integers(0, 480)))
    closed = rng.random() < 0.07
    until = opened + timedelta(days=int(rng.integers(60, 300)))
    status = "closed" if closed and until <= TODAY else "open"
    values = (
        f"KVS-{number:03d}", name, type_, operator, status, pcode, opened.isoformat(), until.isoformat() if closed else "",
        f"{where.y:.5f}", f"{where.x:.5f}", "AMBER" if type_ in ("clinic", "hospital", "idp_site", "office") else "GREEN",
    )  # fmt: skip
    return dict(zip(SITE, values, strict=True))
