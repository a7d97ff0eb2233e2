"""What is agreed, graded and reported about access in Kavarra? Arrangements, security levels, constraints, reports on roads."""

from typing import Any

import numpy as np
import shapely

from data.demo.drawing import Pen
from data.demo.names import PLACES, PROVINCES
from data.demo.roads import Segment
from data.demo.units import Units

CONSTRAINT = (
    "id", "name", "category", "severity", "pcode", "latitude", "longitude", "reported_on", "valid_from", "valid_to",
    "description", "source", "handling",
)  # fmt: skip
REPORT = (
    "report_id", "road", "road_name", "latitude", "longitude", "status", "passable_for", "reason", "observed_on",
    "valid_to", "stale_days", "source", "note", "handling",
)  # fmt: skip
GROUP, CLUSTER = "Access working group (EXERCISE)", "Logistics Cluster (EXERCISE)"
Row = tuple[dict[str, Any], Any]


def arrangements(pen: Pen) -> list[Row]:
    """A pause, a corridor and a ceasefire."""
    drawn = (
        ("KVP-01", "Velmar pause", "humanitarian_pause", "Joint Command; Upland Self-Defence Council", "2026-10-15", "2026-10-25", "Six hours each morning, for the hospital and the water station.", "AMBER", pen.around("Velmar", 9)),
        ("KVP-02", "Averen to Velmar corridor", "corridor", "Joint Command; 3rd Brigade; Humanitarian Logistics Service", "2026-10-10", "2026-10-31", "Two days a week, trucks with a manifest.", "AMBER", pen.corridor(("Averen", "Velmar"), 2.5)),
        ("KVP-03", "Dolmar local ceasefire", "ceasefire", "Joint Command; Upland Self-Defence Council", "2026-10-01", None, "Agreed by elders; no date of review.", "AMBER", pen.on_land(pen.oval(85.72, -12.17, 22, 15, 10))),
    )  # fmt: skip
    names = ("arr_id", "name", "arr_type", "parties", "date_from", "date_to", "note", "handling")
    return [
        (dict(zip(names, values[:-1], strict=True)) | {"source": "CMCoord cell (EXERCISE)"}, values[-1])
        for values in drawn
    ]


def security(units: Units) -> list[Row]:
    """The UN security level of each province, however it was written down."""
    levels = ("V", "III", "4", "2", "Moderate", "II")
    rows = []
    for number, (province, level) in enumerate(zip(PROVINCES, levels, strict=True)):
        shape = shapely.coverage_union_all([s for i, s in enumerate(units.shapes) if units.province(i) == number])
        values = {
            "sls_id": f"KVL-{number + 1}", "sls_area": province.name, "sec_level": level, "effective": "2026-09-01",
            "source": "Security office (EXERCISE)", "handling": "AMBER",
        }  # fmt: skip
        rows.append((values, shape))
    return rows


def units_constrained(units: Units, pen: Pen) -> list[dict[str, Any]]:
    """Constraints of a table: most by the P-code of a district or province, some at a place."""
    code = {place.name: pcode for place, pcode in zip(PLACES, units.pcodes, strict=True)}
    code |= {province.name: province.pcode for province in PROVINCES}
    listed = (
        ("Velmar", "Military operations and ongoing hostilities", 5, "2026-10-12", "", "Exchanges of fire in the east of the town."),
        ("Torvane", "hostilities", 4, "2026-10-09", "", "Shelling near the market."),
        ("Dolmar", "hostilities", 4, "2026-10-05", "", "Movements of forces around the town."),
        ("Harrin Gate", "Presence of mines and UXO", 4, "2026-09-28", "", "Devices found beside the road."),
        ("Upper Serran", "Restriction of movement within the country", 3, "2026-10-02", "2026-11-30", "Two posts ask for letters of passage."),
        ("Westmark", "internal_movement_restriction", 3, "2026-09-20", "2026-10-31", "No movement after 16:00."),
        ("Garda", "interference", 2, "2026-09-15", "", "Lists of staff are asked for."),
        ("Orlosk", "interference", 1, "2026-08-30", "", "Stores are visited without notice."),
        ("Quillan", "Violence against humanitarian personnel, assets and facilities", 3, "2026-10-01", "", "Two trucks robbed in September."),
        ("Averen", "population_access_restriction", 2, "2026-10-08", "2026-10-31", "Marches close the centre on Fridays."),
        ("Korune", "Restrictions on, or obstruction of, affected people's access to services and assistance", 3, "2026-10-06", "", "People without papers are turned back at the clinic."),
        ("Harrow Ford", "physical_environment", 2, "2026-10-15", "2026-11-20", "High water."),
        ("West Marches", "entry_restriction", 2, "2026-09-10", "2026-12-31", "Goods wait for three weeks at the border."),
        ("Elmere", "denial_of_needs", 1, "2026-09-25", "", "The list of entitled households is disputed."),
        ("Kestra", "physical_environment", 0, "2026-10-14", "", "The road has been mended; nothing is held up."),
    )  # fmt: skip
    at = (
        ("Tessany port gate", "entry_restriction", 3, "Tessany", "2026-10-03", "Customs hold medicines."),
        ("Post at Lower Serran", "internal_movement_restriction", 4, "Lower Serran", "2026-10-11", "Convoys wait for hours, some are sent back."),
    )  # fmt: skip
    rows = [
        (place, category, severity, code[place], "", "", day, "", until, what)
        for place, category, severity, day, until, what in listed
    ]
    for name, category, severity, town, day, what in at:
        point = pen.town[town]
        rows.append(
            (name, category, severity, "", f"{point.y + 0.012:.5f}", f"{point.x + 0.015:.5f}", day, "", "", what)
        )
    return [
        dict(zip(CONSTRAINT, (f"KVC-{number:02d}", *values, GROUP, "AMBER"), strict=True))
        for number, values in enumerate(rows, 1)
    ]


def drawn_constraints(pen: Pen) -> list[Row]:
    """Constraints that somebody drew: along roads, and over ground that no unit bounds."""
    drawn = (
        ("KVC-51", "Velmar–Korune road", "explosive_hazards", 5, "2026-10-07", "Three devices since September.", _line(pen.roads, "Velmar–Korune road", 0.35, 0.95)),
        ("KVC-52", "Dolmar–Garda road", "internal_movement_restriction", 3, "2026-09-30", "Escorts are insisted on.", _line(pen.roads, "Dolmar–Garda road", 0.0, 0.5)),
        ("KVC-53", "Lissen–Sarova road", "physical_environment", 2, "2026-10-15", "Soft after rain.", _line(pen.roads, "Lissen–Sarova road", 0.3, 1.0)),
        ("KVC-54", "Serran gap", "hostilities", 4, "2026-10-04", "Contested ground between two posts.", pen.oval(85.87, -12.54, 11, 8, 25)),
        ("KVC-55", "Lower valleys", "physical_environment", 3, "2026-10-16", "Villages that boats alone reach.", pen.on_land(pen.oval(86.57, -13.66, 10, 14, 20))),
    )  # fmt: skip
    names = ("id", "name", "category", "severity", "reported", "note")
    return [
        (dict(zip(names, values[:-1], strict=True)) | {"source": GROUP, "handling": "AMBER"}, values[-1])
        for values in drawn
    ]


def _pieces(roads: list[Segment], name: str) -> list[tuple[str, Segment]]:
    """The pieces of a road from one end to the other, with their numbers."""
    mine = [(f"KVR-{place:05d}", road) for place, road in enumerate(roads, 1) if road.name == name]
    ends = np.array([road.shape.interpolate(0.5, normalized=True).coords[0] for _, road in mine])
    axis = int(np.ptp(ends, axis=0).argmax())
    return [mine[i] for i in np.argsort(ends[:, axis], kind="stable")]


def _line(roads: list[Segment], name: str, start: float, end: float) -> Any:
    pieces = _pieces(roads, name)
    part = pieces[int(len(pieces) * start) : max(int(len(pieces) * end), 1)]
    return shapely.set_precision(
        shapely.simplify(shapely.line_merge(shapely.union_all([p.shape for _, p in part])), 0.0005), 1e-5
    )


def reports(pen: Pen) -> list[dict[str, Any]]:
    """What drivers and clusters saw of the roads: by number, by name, by a place; some of it long ago."""
    by_number = (
        ("Velmar–Korune road", 0.45, "closed", "", "explosive_hazards", "2026-10-12", "Devices on the road; no traffic."),
        ("Velmar–Korune road", 0.52, "closed", "", "explosive_hazards", "2026-10-12", "Devices on the road; no traffic."),
        ("Velmar–Korune road", 0.62, "restricted", "4wd", "hostilities", "2026-10-10", "Turned back at times."),
        ("Velmar–Averen road", 0.30, "partly inaccessible", "light truck", "physical_environment", "2026-10-16", "Landslip, one lane."),
        ("Velmar–Averen road", 0.75, "accessible", "truck", "", "2026-10-14", ""),
        ("Velmar–Dolmar road", 0.35, "inaccessible", "", "hostilities", "2026-10-13", "Closed for all traffic."),
        ("Velmar–Dolmar road", 0.60, "3", "", "hostilities", "2026-10-13", "Closed for all traffic."),
        ("Velmar–Dolmar road", 0.80, "restricted", "4wd", "internal_movement_restriction", "2026-10-09", "Post at the bridge."),
        ("Dolmar–Garda road", 0.25, "restricted", "light truck", "internal_movement_restriction", "2026-09-30", "Escorts are insisted on."),
        ("Orlosk–Brenn road", 0.50, "open", "truck with trailer", "", "2026-10-17", ""),
        ("Sarova–Halden road", 0.40, "open", "truck", "", "2026-10-11", "Mended; the closure of August is over."),
        ("Tessany–Halden road", 0.50, "passable with difficulty", "4wd", "physical_environment", "2026-10-08", "Potholes after rain."),
        ("Wexen–Averen road", 0.60, "open", "truck", "", "2026-07-02", "Seen in the dry season."),
        ("Garda–Orlosk road", 0.50, "closed", "", "physical_environment", "2026-06-20", "Culvert broken; nobody has been there since."),
        ("Averen–Lissen road", 0.55, "restricted", "4wd", "physical_environment", "2026-08-25", "Ford is deep."),
        ("Lissen–Sarova road", 0.80, "restricted", "light truck", "physical_environment", "2026-10-15", "Soft after rain."),
        ("Brenn–Wexen road", 0.20, "open", "truck", "", "2026-09-29", ""),
        ("Naveth–Morvane road", 0.40, "closed", "", "physical_environment", "2026-10-17", "Bridge washed away."),
    )  # fmt: skip
    by_name = (
        ("Velmar–Torvane road", "restricted", "4wd", "hostilities", "2026-10-11", "Mornings only."),
        ("Korune–Tessany road", "open", "truck with trailer", "", "2026-10-13", ""),
        ("Upper Serran–Dolmar road", "closed", "", "hostilities", "2026-10-06", "By order, until further notice."),
        ("Quillan–Halden road", "open", "truck", "", "2026-09-05", "One report, a month old and more."),
    )  # fmt: skip
    by_place = (
        ("Torvane–Harrin Gate road", 0.5, "closed", "", "explosive_hazards", "2026-10-14", "Crater."),
        ("Telvan–Corve road", 0.4, "restricted", "light truck", "physical_environment", "2026-10-12", "Water on the road."),
        ("Sarova–Port Kavar road", 0.5, "open", "truck", "", "2026-10-16", ""),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for name, where, *seen in by_number:
        pieces = _pieces(pen.roads, name)
        rows.append((pieces[int(len(pieces) * where)][0], "", "", "", *seen))
    rows += [("", name, "", "", *seen) for name, *seen in by_name]
    for name, where, *seen in by_place:
        pieces = _pieces(pen.roads, name)
        spot = pieces[int(len(pieces) * where)][1].shape.interpolate(0.5, normalized=True)
        rows.append(("", "", f"{spot.y + 0.0003:.5f}", f"{spot.x:.5f}", *seen))
    out = []
    for number, (*which, status, passable, reason, day, note) in enumerate(rows, 1):
        values = (
            f"KVQ-{number:02d}", *which, status, passable, reason, day, "2026-10-31" if "By order" in note else "",
            14 if reason == "hostilities" else 30, CLUSTER, note, "GREEN",
        )  # fmt: skip
        out.append(dict(zip(REPORT, values, strict=True)))
    return out
