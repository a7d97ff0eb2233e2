"""Who says they operate where, and from when to when? The areas of operation of the exercise."""

from typing import Any, NamedTuple

from data.demo.actors import ACTORS
from data.demo.drawing import Pen

AOO, INFLUENCE, PATROL, SITE = "area_of_operations", "area_of_influence", "patrol_area", "site"
CHECKPOINT, CORRIDOR, BOUNDARY = "checkpoint", "deployment_corridor", "boundary"


class Claim(NamedTuple):
    """One claim: who, what it is called, kind, days (open where empty), grade, handling, shape."""

    actor: str
    name: str
    positioning: str
    start: str
    end: str
    grade: str
    handling: str
    shape: Any
    activity: str = ""
    sector: str = ""
    status: str = "active"
    source: str = "Liaison note, September 2026"
    disputed: bool = False


COLUMNS = (
    "source_key", "name", "actor", "acronym", "origin", "domain", "kind", "parent", "positioning", "sector", "activity",
    "status", "date_from", "date_to", "source", "reliability", "credibility", "disputed", "handling",
)  # fmt: skip


def armed(pen: Pen) -> list[Claim]:
    """What is known of forces and armed groups."""
    old, minutes, press = (
        "Handover file, August 2026",
        "CMWG minutes, 24 September 2026",
        "Press statement, 2 October 2026",
    )
    oval, land = pen.oval, pen.on_land
    return [
        Claim("Joint Command", "Headquarters, Velmar", SITE, "2025-01-01", "", "A1", "GREEN", oval(86.285, -12.455, 2.2, 1.6), "Headquarters"),
        Claim("Joint Command", "Capital boundary", BOUNDARY, "2026-01-01", "", "A2", "AMBER", pen.around("Velmar", 11), "Boundary of command", source=minutes),
        Claim("3rd Brigade", "3rd Brigade area", AOO, "2026-08-01", "", "B2", "AMBER", land(oval(86.43, -12.62, 40, 29, 20)), "Area security", source=minutes),
        Claim("3rd Brigade", "3rd Brigade area until July", AOO, "2025-09-01", "2026-07-31", "B2", "AMBER", land(oval(86.50, -12.48, 27, 22)), "Area security", status="ended", source=old),
        Claim("3rd Brigade", "Velmar–Korune corridor", CORRIDOR, "2026-11-01", "2026-12-15", "B3", "AMBER", pen.corridor(("Velmar", "Korune"), 2.5), "Movement of supplies", status="planned"),
        Claim("31st Battalion", "Velmar east", AOO, "2026-08-15", "2026-12-31", "B2", "AMBER+STRICT", oval(86.42, -12.53, 13, 9, -25), "Area security"),
        Claim("31st Battalion", "Checkpoint, Torvane road", CHECKPOINT, "2026-09-01", "2026-11-30", "B2", "AMBER", oval(86.47, -12.60, 1.1, 0.9), "Vehicle checks"),
        Claim("32nd Battalion", "Miresh and the lake", PATROL, "2026-09-01", "2026-12-31", "B3", "AMBER", oval(86.17, -12.73, 17, 13, 30), "Patrols"),
        Claim("5th Brigade", "5th Brigade area", AOO, "2026-03-01", "2026-12-31", "B2", "AMBER", land(oval(87.08, -13.28, 26, 20, -30)), "Area security", source=minutes),
        Claim("5th Brigade", "Sarova garrison", SITE, "2025-06-01", "", "A2", "GREEN", pen.around("Sarova", 2.4), "Garrison"),
        Claim("51st Battalion", "Corve patrols", PATROL, "2026-06-01", "2026-11-30", "C3", "AMBER", land(oval(86.93, -13.66, 15, 10, 20)), "Patrols"),
        Claim("51st Battalion", "Telvan, until May", PATROL, "2025-10-01", "2026-05-31", "C3", "AMBER", oval(86.90, -13.36, 12, 9), "Patrols", status="ended", source=old),
        Claim("Engineer Battalion", "Averen–Wexen road works", AOO, "2026-10-04", "2027-02-28", "A2", "GREEN", pen.corridor(("Averen", "Wexen"), 3.5), "Road and bridge repair", source=minutes),
        Claim("Engineer Battalion", "Harrow Ford bridge", SITE, "2026-08-20", "2026-11-20", "A1", "GREEN", pen.around("Harrow Ford", 2.0), "Bridge repair"),
        Claim("Engineer Battalion", "Caldera quarry", SITE, "2026-10-10", "2026-12-20", "B2", "GREEN", pen.around("Caldera", 2.6), "Stone for roads"),
        Claim("Naval District East", "Pellam approaches", PATROL, "2026-01-01", "2026-12-31", "B2", "AMBER", oval(87.42, -12.14, 22, 17, 15), "Patrols at sea"),
        Claim("UN mission", "Central sector", AOO, "2026-07-15", "2026-12-31", "A1", "GREEN", pen.districts("Averen", "Harrow Ford", "Lissen"), "Protection of civilians", source="Mission map, July 2026"),
        Claim("UN mission", "Velmar logistics base", SITE, "2025-03-01", "", "A1", "GREEN", oval(86.35, -12.44, 1.5, 1.2), "Logistics base", source="Mission map, July 2026"),
        Claim("UN mission, Sector East", "Tessany–Halden patrols", PATROL, "2026-08-01", "2027-01-31", "A2", "GREEN", pen.corridor(("Tessany", "Halden"), 5), "Patrols", source="Mission map, July 2026"),
        Claim("UN mission, Sector East", "Ashkel, until June", PATROL, "2025-11-01", "2026-06-30", "A2", "GREEN", land(pen.around("Ashkel", 12)), "Patrols", status="ended", source="Mission map, January 2026"),
        Claim("UN mission, Sector South", "Brenn–Wexen patrols", PATROL, "2026-09-01", "2027-01-31", "A2", "GREEN", pen.corridor(("Brenn", "Wexen"), 4), "Patrols", source="Mission map, July 2026"),
        Claim("UN Police", "Averen advisers", SITE, "2026-05-01", "2027-04-30", "A2", "GREEN", pen.around("Averen", 3.2), "Advice to police", source="Mission map, July 2026"),
        Claim("National Police", "Tessany town", AOO, "2026-01-01", "", "B2", "GREEN", land(pen.around("Tessany", 5)), "Public order"),
        Claim("National Police", "Orlosk town", AOO, "2026-01-01", "", "B2", "GREEN", pen.around("Orlosk", 5), "Public order"),
        Claim("National Police", "Brenn town", AOO, "2026-02-01", "2026-12-31", "B2", "GREEN", pen.around("Brenn", 4.5), "Public order"),
        Claim("National Police, Velmar", "Velmar town", AOO, "2025-10-01", "", "B1", "GREEN", pen.around("Velmar", 7), "Public order"),
        Claim("Border Guard, Western Command", "Western strip", AOO, "2026-04-01", "", "B3", "AMBER", pen.coast(("Garda", "Westmark", "Dursa"), 9, 4), "Border control", source=minutes),
        Claim("Border Guard, Western Command", "Checkpoint, Westmark", CHECKPOINT, "2026-07-01", "2026-12-31", "B2", "AMBER", pen.around("Westmark", 1.2), "Vehicle checks"),
        Claim("Border Guard, Western Command", "Serran hills, planned", PATROL, "2026-11-15", "2027-03-31", "C3", "AMBER", land(oval(85.70, -12.62, 13, 8, 30)), "Patrols", status="planned"),
        Claim("Coast Guard, East", "Eastern coast", PATROL, "2026-09-20", "2027-03-31", "B2", "AMBER", pen.coast(("Tessany", "Halden", "Quillan"), 3.5, 7), "Coastal patrols"),
        Claim("Coast Guard, South", "Southern coast", PATROL, "2026-05-01", "2026-12-31", "B2", "GREEN", pen.coast(("Wexen", "Brenn", "Salney"), 3, 7), "Coastal patrols"),
        Claim("Gendarmerie, Kavar", "Port Kavar", AOO, "2026-03-01", "2026-12-31", "B2", "GREEN", land(pen.around("Port Kavar", 8)), "Public order"),
        Claim("Upland Self-Defence Council", "Upland area", INFLUENCE, "2026-06-01", "", "C3", "AMBER", land(oval(85.93, -12.30, 33, 20, -20)), "Local security", source="Two partners, September 2026", disputed=True),
        Claim("Upland Self-Defence Council", "Serran side", INFLUENCE, "2026-08-01", "2027-01-15", "D3", "AMBER", oval(86.02, -12.52, 15, 11, 10), "Local security", source="Two partners, September 2026", disputed=True),
        Claim("Upland Self-Defence Council", "Upland area, 2025", INFLUENCE, "2025-05-01", "2026-05-31", "C3", "AMBER", land(oval(85.90, -12.22, 25, 16, -15)), "Local security", status="ended", source=old),
        Claim("Upland Council, Dolmar Column", "Dolmar", AOO, "2026-05-20", "2026-12-31", "C2", "AMBER+STRICT", land(pen.around("Dolmar", 11)), "Local security"),
        Claim("Western Valleys Front", "Brannec hills", INFLUENCE, "2026-02-01", "", "D4", "RED", oval(85.72, -12.80, 12, 9, 60), "Presence reported", source="One partner, August 2026", disputed=True),
        Claim("Western Valleys Front", "Kestra hills, spring", INFLUENCE, "2026-02-01", "2026-06-30", "E4", "AMBER", oval(85.84, -13.20, 11, 8), "Presence reported", status="ended", source=old),
        Claim("Quillan Road Group", "Quillan road", INFLUENCE, "2026-07-01", "2026-12-31", "D3", "AMBER+STRICT", pen.corridor(("Halden", "Quillan"), 4), "Road tolls reported", source="Two partners, September 2026"),
        Claim("Harbour Site Guards", "Wexen port", SITE, "2026-01-01", "2026-12-31", "A2", "GREEN", pen.around("Wexen", 1.6), "Guarding of stores"),
        Claim("Harbour Site Guards", "Tessany port", SITE, "2026-01-01", "2026-12-31", "A2", "GREEN", oval(87.215, -12.33, 1.4, 1.1), "Guarding of stores"),
        Claim("Corvel Security", "Korune mine", SITE, "2026-03-01", "2027-02-28", "B3", "AMBER", oval(86.74, -12.44, 4, 3), "Guarding of a mine", source=press),
        Claim("Corvel Security", "Korune–Tessany convoys", CORRIDOR, "2026-09-01", "2026-11-30", "C3", "AMBER", pen.corridor(("Korune", "Tessany"), 1.8), "Guarding of convoys", source=press),
        Claim("Unidentified armed actor", "Marrow Hills", INFLUENCE, "2026-10-06", "2026-12-20", "E5", "AMBER", land(oval(86.48, -11.98, 13, 9)), "Presence reported", status="unknown", source="One partner, October 2026", disputed=True),
        Claim("Unidentified armed actor", "Morvane, July", INFLUENCE, "2026-07-05", "2026-08-20", "F6", "RED", oval(86.05, -13.52, 9, 7), "Presence reported", status="ended", source="Radio report, July 2026", disputed=True),
    ]  # fmt: skip


def partners(pen: Pen) -> list[Claim]:
    """What civil organisations say of their own work."""
    d, land, oval = pen.districts, pen.on_land, pen.oval
    year, autumn, quarter = ("2026-01-01", "2026-12-31"), ("2026-09-01", "2026-12-31"), ("2026-10-01", "2026-12-31")

    def claim(actor: str, name: str, days: tuple[str, str], sector: str, activity: str, shape: Any, status: str = "active", handling: str = "GREEN") -> Claim:  # fmt: skip
        return Claim(actor, name, AOO, *days, "A1", handling, shape, activity, sector, status, "The organisation itself, October 2026")  # fmt: skip

    return [
        claim("Clearwater Alliance", "Miresh and Serran water", ("2026-09-12", "2026-12-31"), "WSH", "Water trucking", d("Miresh", "Lower Serran")),
        claim("Clearwater Alliance", "Kestra and Elmere water", year, "WSH", "Water points", d("Kestra", "Elmere")),
        claim("Clearwater Alliance", "Tolven springs", ("2026-05-01", ""), "WSH", "Protection of springs", land(pen.around("Tolven", 10))),
        claim("Clearwater Alliance", "Orlosk sanitation", ("2026-11-10", "2027-04-30"), "WSH", "Latrines", pen.around("Orlosk", 7), "planned"),
        claim("Northway Relief", "Velmar and Torvane food", ("2026-08-01", "2026-11-30"), "FSC", "General food distribution", d("Velmar", "Torvane"), handling="AMBER"),
        claim("Northway Relief", "Harrin Gate food", autumn, "FSC", "General food distribution", d("Harrin Gate")),
        claim("Northway Relief", "Korune market vouchers", ("2026-03-01", "2026-08-31"), "FSC", "Food vouchers", pen.around("Korune", 9), "ended"),
        claim("Northway Relief", "Ironsill winter stores", ("2026-11-20", "2027-03-15"), "FSC", "Stores for the winter", oval(86.28, -12.18, 12, 8), "planned"),
        claim("Harbour Health", "Lissen and Averen clinics", quarter, "HEA", "Mobile clinics", d("Lissen", "Averen")),
        claim("Harbour Health", "Telvan health posts", year, "HEA", "Support to health posts", oval(86.92, -13.34, 13, 10)),
        claim("Harbour Health", "Wexen hospital area", ("2026-02-01", ""), "HEA", "Support to a hospital", pen.around("Wexen", 9)),
        claim("Harbour Health", "Halden outreach", ("2026-02-01", "2026-06-30"), "HEA", "Vaccination", pen.around("Halden", 11), "ended"),
        claim("Open Shelter Network", "Kelvar shelter", ("2026-10-05", "2027-01-15"), "SHL", "Shelter kits", d("Kelvar"), handling="AMBER"),
        claim("Open Shelter Network", "Dolmar road shelter", ("2026-07-01", "2026-12-15"), "SHL", "Repair of roofs", land(oval(85.86, -12.16, 12, 8, 20)), "suspended", "AMBER"),
        claim("Open Shelter Network", "Caldera sites", autumn, "SHL", "Site planning", d("Caldera")),
        claim("Open Shelter Network", "Naveth flood repair", ("2026-03-15", "2026-07-31"), "SHL", "Repair of roofs", oval(86.22, -13.26, 12, 9), "ended"),
        claim("Bright Schools Fund", "Marrow Hills schools", ("2026-09-01", "2027-06-30"), "EDU", "Temporary learning spaces", d("Marrow Hills", "Havrin Pass")),
        claim("Bright Schools Fund", "Tessany schools", ("2026-09-01", "2027-06-30"), "EDU", "Teaching materials", land(pen.around("Tessany", 10))),
        claim("Bright Schools Fund", "Ostrel schools", ("2026-09-15", "2026-12-15"), "EDU", "Repair of classrooms", land(pen.around("Ostrel", 9))),
        claim("Lakeside Medical", "Sollan and Lissen health", ("2026-08-15", "2026-12-31"), "HEA", "Mobile clinics", oval(86.72, -13.08, 18, 13, 70)),
        claim("Lakeside Medical", "Oressa nutrition", year, "NUT", "Outpatient therapeutic care", d("Oressa")),
        claim("Lakeside Medical", "Serran lakeside clinics", ("2026-06-01", "2026-11-30"), "HEA", "Mobile clinics", oval(86.10, -12.60, 9, 8), handling="AMBER"),
        claim("Lakeside Medical", "Marisk outreach", ("2026-11-01", "2027-02-28"), "HEA", "Vaccination", land(pen.around("Marisk", 9)), "planned"),
        claim("Shoreline Livelihoods", "Eastern fishers", ("2026-09-20", "2027-03-31"), "ERY", "Small grants to fishers", pen.coast(("Tessany", "Halden"), 6, 2)),
        claim("Shoreline Livelihoods", "Southern fishers", year, "ERY", "Repair of jetties", pen.coast(("Wexen", "Salney"), 5, 2)),
        claim("Shoreline Livelihoods", "Sandrel island", ("2026-04-01", "2026-12-31"), "ERY", "Vocational training", d("Sandrel")),
        claim("Shoreline Livelihoods", "Pellam island", ("2026-06-01", "2027-05-31"), "ERY", "Cash for work", d("Pellam")),
        claim("Ministry of Public Works", "Averen–Wexen road", ("2026-10-01", "2027-02-28"), "", "Road repair", pen.corridor(("Averen", "Wexen"), 2.2)),
        claim("Ministry of Public Works", "Orlosk–Brenn road", ("2026-05-01", "2026-11-30"), "", "Road repair", pen.corridor(("Orlosk", "Brenn"), 2.2)),
        claim("Ministry of Public Works", "Garda–Westmark road", ("2026-08-01", "2026-12-31"), "", "Road repair", pen.corridor(("Garda", "Westmark"), 2.2)),
        claim("Ministry of Public Works", "Velmar water works", ("2026-01-15", ""), "WSH", "Repair of water works", pen.around("Velmar", 5)),
        claim("National Society", "Orlosk and Dursa first aid", year, "HEA", "First aid and referral", d("Orlosk", "Dursa")),
        claim("National Society", "Westmark relief", ("2026-09-10", "2026-12-31"), "SHL", "Household items", pen.around("Westmark", 10)),
        claim("National Society", "Amberay flood relief", ("2025-12-01", "2026-03-31"), "SHL", "Household items", d("Amberay"), "ended"),
        claim("National Society", "Corve first aid", ("2026-06-01", "2026-12-31"), "HEA", "First aid and referral", land(pen.around("Corve", 9))),
    ]  # fmt: skip


def row(claim: Claim, number: int) -> dict[str, Any]:
    """The columns of the import kind `areas` for a claim, without its shape."""
    actor = next(a for a in ACTORS if a.name == claim.actor)
    values = (
        f"KVA-{number:03d}", claim.name, actor.name, actor.acronym, actor.origin, actor.domain, actor.kind, actor.parent,
        claim.positioning, claim.sector, claim.activity, claim.status, claim.start, claim.end,
        claim.source, claim.grade[0], int(claim.grade[1]), claim.disputed, claim.handling,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
