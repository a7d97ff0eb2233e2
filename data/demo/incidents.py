"""What happened, where and when? Invented events in ACLED's columns, in waves around tense places."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import shapely

from data.demo.drawing import FLAT
from data.demo.names import PLACES, PROVINCES
from data.demo.scene import FIRST, SPOTS, TODAY, Spot
from data.demo.units import Units
from data.demo.water import Feature

COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso",
    "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip
EVENTS = 4_950
ARMY, POLICE = (
    ("Military Forces of Kavarra (2024-)", "State forces"),
    ("Police Forces of Kavarra (2024-)", "State forces"),
)
UPLAND, FRONT = ("Upland Self-Defence Council", "Identity militia"), ("Western Valleys Front", "Rebel group")
ROAD = ("Unidentified Armed Group (Kavarra)", "Political militia")
PEOPLE, CROWD, MARCH = (
    ("Civilians (Kavarra)", "Civilians"),
    ("Rioters (Kavarra)", "Rioters"),
    ("Protesters (Kavarra)", "Protesters"),
)
MISSION, NOBODY = ("UN mission in Kavarra", "External/Other forces"), ("", "")
KINDS: dict[str, tuple[str, str, tuple[tuple[tuple[str, str], tuple[str, str]], ...], float, str]] = {
    "clash": ("Battles", "Armed clash", ((ARMY, UPLAND), (ARMY, FRONT), (UPLAND, ROAD)), 1.1, "An exchange of fire was reported near {place}."),
    "regain": ("Battles", "Government regains territory", ((ARMY, UPLAND),), 0.8, "State forces were reported to be back in {place}."),
    "overtake": ("Battles", "Non-state actor overtakes territory", ((UPLAND, ARMY), (FRONT, ARMY)), 0.9, "Armed actors were reported to hold positions near {place}."),
    "shell": ("Explosions/Remote violence", "Shelling/artillery/missile attack", ((ARMY, UPLAND), (UPLAND, ARMY)), 0.7, "Shelling was reported around {place}."),
    "device": ("Explosions/Remote violence", "Remote explosive/landmine/IED", ((ROAD, PEOPLE), (UPLAND, ARMY)), 0.6, "An explosion on a road near {place} was reported."),
    "drone": ("Explosions/Remote violence", "Air/drone strike", ((ARMY, UPLAND),), 0.6, "A strike from the air was reported near {place}."),
    "grenade": ("Explosions/Remote violence", "Grenade", ((ROAD, PEOPLE),), 0.2, "A grenade was reported in {place}."),
    "attack": ("Violence against civilians", "Attack", ((ROAD, PEOPLE), (UPLAND, PEOPLE)), 0.6, "An attack on travellers near {place} was reported."),
    "taken": ("Violence against civilians", "Abduction/forced disappearance", ((ROAD, PEOPLE),), 0.0, "People were reported missing near {place}."),
    "march": ("Protests", "Peaceful protest", ((MARCH, NOBODY),), 0.0, "A march over prices and water was held in {place}."),
    "stopped": ("Protests", "Protest with intervention", ((MARCH, POLICE),), 0.0, "A march in {place} was broken up."),
    "riot": ("Riots", "Violent demonstration", ((CROWD, POLICE),), 0.1, "A demonstration in {place} turned violent; tyres were burnt."),
    "mob": ("Riots", "Mob violence", ((CROWD, PEOPLE),), 0.1, "A crowd attacked a shop in {place}."),
    "loot": ("Strategic developments", "Looting/property destruction", ((ROAD, PEOPLE), (CROWD, PEOPLE)), 0.0, "Goods were taken from a truck near {place}."),
    "arrest": ("Strategic developments", "Arrests", ((POLICE, PEOPLE),), 0.0, "Arrests were reported in {place}."),
    "defuse": ("Strategic developments", "Disrupted weapons use", ((ARMY, NOBODY), (MISSION, NOBODY)), 0.0, "An explosive device was found and removed near {place}."),
    "agree": ("Strategic developments", "Agreement", ((ARMY, UPLAND), (MISSION, UPLAND)), 0.0, "A local arrangement on passage was announced in {place}."),
    "base": ("Strategic developments", "Headquarters or base established", ((ARMY, NOBODY), (MISSION, NOBODY)), 0.0, "A new post was set up near {place}."),
    "other": ("Strategic developments", "Other", ((ROAD, PEOPLE), (POLICE, PEOPLE)), 0.0, "Vehicles were stopped and let go near {place}."),
}  # fmt: skip
MIX = {
    "front": {"clash": 38, "shell": 18, "device": 9, "drone": 6, "overtake": 3, "regain": 3, "attack": 8, "loot": 5, "defuse": 4, "agree": 1, "base": 2, "other": 6, "taken": 3},
    "streets": {"march": 36, "stopped": 9, "riot": 13, "mob": 7, "arrest": 12, "grenade": 3, "loot": 7, "attack": 5, "device": 2, "other": 6},
    "road": {"device": 20, "attack": 17, "loot": 22, "clash": 14, "defuse": 7, "other": 15, "taken": 5},
    "crime": {"loot": 25, "attack": 21, "taken": 11, "other": 14, "clash": 8, "arrest": 9, "grenade": 3, "mob": 3},
    "calm": {"march": 30, "mob": 9, "riot": 7, "loot": 15, "arrest": 10, "other": 16, "attack": 7, "clash": 3, "agree": 1, "base": 2},
}  # fmt: skip
POLITICAL = {"Battles", "Explosions/Remote violence", "Violence against civilians"}


def _days(rng: np.random.Generator, spot: Spot | None, count: int) -> list[date]:
    """Days of the events of a place: half in its waves, half at any time."""
    span = (TODAY - FIRST).days
    days = rng.integers(0, span + 1, count)
    if spot:
        wave = rng.integers(0, len(spot.waves), count)
        middle = np.array([(w[0] - FIRST).days for w in spot.waves])[wave]
        width = np.array([w[1] for w in spot.waves])[wave]
        days = np.where(rng.random(count) < 0.6, np.round(rng.normal(middle, width / 1.6)).astype(int), days)
    days = np.where((days < 0) | (days > span), rng.integers(0, span + 1, count), days)
    return [FIRST + timedelta(days=int(d)) for d in days]


def rows(rng: np.random.Generator, units: Units, towns: list[Feature]) -> list[dict[str, Any]]:
    """All the events, in order of their days; each in a district, at a town, near one, or only in a province."""
    tree = shapely.STRtree(units.shapes)
    at = np.array([t.shape.coords[0] for t in towns])
    drafts: list[tuple[date, int, str, np.ndarray[Any, Any]]] = []
    share = 1 - sum(s.weight for s in SPOTS)
    for spot in (*SPOTS, None):
        count = int(EVENTS * (spot.weight if spot else share))
        mix = MIX[spot.kind if spot else "calm"]
        odds = np.array(list(mix.values())) / sum(mix.values())
        kinds = rng.choice(list(mix), count, p=odds)
        if spot:
            places = np.array([spot.lon, spot.lat]) + rng.normal(0, spot.km * 0.6, (count, 2)) / FLAT
        else:
            popular = np.array([0.25 + 2.0 / t.rank for t in towns])
            chosen = rng.choice(len(towns), count, p=popular / popular.sum())
            places = at[chosen] + rng.normal(0, 3.0, (count, 2)) / FLAT
        drafts += [(d, i, str(k), p) for i, (d, k, p) in
                   enumerate(zip(_days(rng, spot, count), kinds, places, strict=True))]  # fmt: skip
    drafts.sort(key=lambda e: (e[0], e[1], e[2], float(e[3][0])))
    found: list[dict[str, Any]] = []
    for day, _, kind, place in drafts:
        inside = tree.query(shapely.Point(place), predicate="within").tolist()
        if inside:
            found.append(_row(rng, len(found) + 1, day, kind, place, int(inside[0]), towns, at, units))
    return found


def _row(
    rng: np.random.Generator, number: int, day: date, kind: str, place: Any, district: int, towns: list[Feature],
    at: Any, units: Units,
) -> dict[str, Any]:  # fmt: skip
    type_, sub, pairs, deadly, text = KINDS[kind]
    precision = int(rng.choice([1, 2, 3], p=[0.70, 0.22, 0.08]))
    nearest = int(np.argmin(np.hypot(*((at - place) * FLAT).T)))
    if precision == 3:
        # as with events known to a region only: the coordinates are those of its main town
        seats = {0: "Velmar", 1: "Tessany", 2: "Orlosk", 3: "Brenn", 4: "Averen", 5: "Sarova"}
        nearest = next(i for i, t in enumerate(towns) if t.name == seats[PLACES[district].province])
        place = at[nearest]
        district = next(i for i, p in enumerate(PLACES) if p.name == towns[nearest].name)
    elif precision == 1 and rng.random() < 0.35 and units.shapes[district].contains(towns[nearest].shape):
        place = at[nearest]
    (actor1, inter1), (actor2, inter2) = pairs[int(rng.integers(len(pairs)))]
    deaths = int(rng.poisson(deadly)) if rng.random() < 0.55 else 0
    targeted = type_ == "Violence against civilians" or (actor2 == PEOPLE[0] and type_ in POLITICAL)
    disorder = "Political violence" if type_ in POLITICAL or kind == "mob" else (
        "Strategic developments" if type_ == "Strategic developments" else "Demonstrations")  # fmt: skip
    known = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=int(rng.integers(1, 6)))
    values = (
        f"QVR{number}", day.isoformat(), day.year, int(rng.choice([1, 2, 3], p=[0.9, 0.08, 0.02])), disorder, type_, sub,
        actor1, "", inter1, actor2, "", inter2, f"{inter1}-{inter2}" if inter2 else f"Sole {inter1}",
        "Civilian targeting" if targeted else "", "", "Indian Ocean", "Kavarra",
        PROVINCES[PLACES[district].province].name, PLACES[district].name, "", towns[nearest].name,
        f"{place[1]:.4f}", f"{place[0]:.4f}", precision, "Exercise staff", "National",
        text.format(place=towns[nearest].name), deaths, "", int(known.timestamp()),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
