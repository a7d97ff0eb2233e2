"""What are the provinces, districts and towns of Kavarra called, and about where are they?"""

from typing import NamedTuple


class Province(NamedTuple):
    """A province: P-code, name, name in the second language, and places it grows from."""

    pcode: str
    name: str
    second: str
    seeds: tuple[tuple[float, float], ...]


class Place(NamedTuple):
    """A district and its town: name, province, about where."""

    name: str
    province: int
    at: tuple[float, float]


PROVINCES = (
    Province("QV01", "Highlands", "Hautes Terres", ((86.25, -12.45), (85.85, -12.30), (86.15, -12.62))),
    Province("QV02", "Orlan Coast", "Côte d'Orlan", ((87.00, -12.40), (86.85, -12.10), (86.95, -12.70))),
    Province("QV03", "West Marches", "Marches de l'Ouest", ((85.50, -12.95), (85.65, -13.30), (85.60, -12.80))),
    Province("QV04", "South Coast", "Côte Sud", ((85.85, -13.75), (86.25, -13.85), (85.70, -13.65))),
    Province("QV05", "Middle Valleys", "Vallées du Centre", ((86.45, -13.35), (86.60, -13.10), (86.20, -13.15))),
    Province("QV06", "Kavar", "Kavar", ((87.10, -13.20), (86.95, -13.60), (87.30, -13.05))),
)
PLACES = (
    Place("Velmar", 0, (86.32, -12.47)), Place("Torvane", 0, (86.53, -12.68)), Place("Miresh", 0, (86.16, -12.84)),
    Place("Upper Serran", 0, (85.64, -12.36)), Place("Lower Serran", 0, (85.93, -12.68)),
    Place("Dolmar", 0, (85.72, -12.15)), Place("Ostrel", 0, (86.02, -12.06)), Place("Ironsill", 0, (86.30, -12.16)),
    Place("Kelvar", 0, (86.02, -12.38)), Place("Harrin Gate", 0, (86.62, -12.44)),
    Place("Tessany", 1, (87.20, -12.30)), Place("Korune", 1, (86.78, -12.40)), Place("Ashkel", 1, (86.88, -12.12)),
    Place("Halden", 1, (86.98, -12.62)), Place("Havrin Pass", 1, (86.62, -12.16)), Place("Oressa", 1, (86.78, -12.74)),
    Place("Marrow Hills", 1, (86.42, -11.95)), Place("Pellam", 1, (87.42, -12.06)),
    Place("Garda", 2, (85.52, -12.86)), Place("Kestra", 2, (85.92, -13.12)), Place("Westmark", 2, (85.38, -13.10)),
    Place("Orlosk", 2, (85.68, -13.36)), Place("Brannec", 2, (85.80, -12.62)), Place("Tolven", 2, (85.52, -12.66)),
    Place("Dursa", 2, (85.42, -13.27)),
    Place("Brenn", 3, (86.02, -13.70)), Place("Caldera", 3, (85.76, -13.72)), Place("Wexen", 3, (86.28, -13.88)),
    Place("Sandrel", 3, (85.46, -13.98)), Place("Salney", 3, (85.66, -13.88)), Place("Amberay", 3, (85.58, -13.52)),
    Place("Morvane", 3, (86.06, -13.50)),
    Place("Averen", 4, (86.40, -13.50)), Place("Lissen", 4, (86.72, -13.28)), Place("Dunmore Vale", 4, (86.48, -13.05)),
    Place("Naveth", 4, (86.20, -13.28)), Place("Elmere", 4, (86.10, -13.02)), Place("Sollan", 4, (86.70, -12.98)),
    Place("Harrow Ford", 4, (86.62, -13.52)),
    Place("Sarova", 5, (87.20, -13.35)), Place("Quillan", 5, (87.02, -12.94)), Place("Corve", 5, (86.92, -13.68)),
    Place("Marisk", 5, (87.30, -13.04)), Place("Telvan", 5, (86.90, -13.32)), Place("Port Kavar", 5, (87.36, -13.48)),
)  # fmt: skip
UPLAND = ("Dolmar", "Upper Serran", "Havrin Pass", "Marrow Hills", "Harrin Gate", "Ironsill", "Kelvar")
"""Towns that lie high, not where the ground is lowest."""
ISLANDS = ("Pellam", "Sandrel")
"""Districts that are an island each."""
SECOND = {
    "Upper Serran": "Haut-Serran", "Lower Serran": "Bas-Serran", "Havrin Pass": "Col de Havrin",
    "Harrin Gate": "Porte de Harrin", "Marrow Hills": "Collines de Marrow", "Dunmore Vale": "Val de Dunmore",
    "Harrow Ford": "Gué de Harrow", "Port Kavar": "Port-Kavar",
}  # fmt: skip
"""Names in the second language where they differ."""
TOWNS: tuple[tuple[str, tuple[float, float] | None], ...] = (
    ("Serran", (85.86, -12.56)), ("Old Torvane", (86.42, -12.78)), ("Little Brenn", (86.10, -13.56)),
    ("Ombrey", (87.30, -12.16)), ("Saltmere", (85.38, -14.02)), ("Nessar", (87.42, -12.92)),
    *((name, None) for name in (
        "Ansel", "Beldam", "Carrow", "Denna", "Eskar", "Farrow Bay", "Gallen", "Hestra", "Inver Point", "Jarrow",
        "Kellis", "Lorne Mill", "Mavell", "Perrin", "Rethan", "Tamsel", "Ulver", "Verrin", "Wendel", "Yarrow",
        "Zelmer", "Senna Bridge", "Corran", "Ruane",
    )),
)  # fmt: skip
"""Towns that are not the seat of a district, and about where; those without a place lie far from the others."""
RIVERS = (
    "Averen", "Lissen", "Serran", "Orlan", "Kestra", "Halden", "Velm", "Torra", "Miresh Water", "Naveth", "Garda",
    "Dunmore", "Corve", "Sarova", "Brenn", "Ashkel Burn", "Quill", "Marrow", "Tessa", "Wexe", "Korune", "Dolm",
    "Ostrel Burn", "Sollan", "Elme", "Dursa", "Tolve", "Ruane", "Calder", "Amber",
)  # fmt: skip
LAKES = ("Lake Serran", "Lake Sollan")
