"""Generated files of any size, the same for the same seed: blobs of 210 corners, events in ACLED's columns."""

import csv
import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

HEAD = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,"
    "latitude,longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
).split(",")
FIRST = datetime.date(2016, 1, 1)
DOMAINS = ("civil", "military", "police", "paramilitary", "non_state_armed")


def areas(count: int, path: Path) -> gpd.GeoDataFrame:
    """Areas of as many as 500 actors in a country whose size keeps the areas as dense at any count; also as a file."""
    rng = np.random.default_rng(7)
    edge = 10 * (count / 10_000) ** 0.5
    middle, radius = rng.uniform((20, 0), (20 + edge, edge), (count, 2)), rng.uniform(0.02, 0.12, count)
    turn = np.linspace(0, 2 * np.pi, 210, endpoint=False)
    shapes = []
    for i in range(count):
        far = radius[i] * (1 + 0.25 * np.sin(turn * 5 + i) + 0.1 * np.sin(turn * 13 + 2 * i))
        shapes.append(shapely.Polygon(middle[i] + far[:, None] * np.c_[np.cos(turn), np.sin(turn)]))
    frame = gpd.GeoDataFrame(
        {
            "source_key": [f"k{i}" for i in range(count)],
            "actor": [f"Unit {i % 500}" for i in range(count)],
            "domain": [DOMAINS[i % 500 % 5] for i in range(count)],
            "date_from": "2026-01-01",
            "date_to": "2026-12-31",
        },
        geometry=shapes,
        crs=4326,
    )
    frame.to_file(path, driver="GPKG")
    return frame


def incidents(
    count: int, path: Path, days: int = 1000, box: tuple[float, float, float, float] = (20, 0, 30, 10)
) -> None:
    """Events at 20,000 places of a box (west, south, east, north) over so many days, as a CSV file."""
    rng = np.random.default_rng(1)
    places = np.round(rng.uniform(box[:2], box[2:], (20_000, 2)), 4)
    at, on = rng.integers(0, len(places), count), rng.integers(0, days, count)
    kinds = (("Battles", "Armed clash"), ("Protests", "Peaceful protest"), ("Riots", "Mob violence"))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for i in range(count):
            day, (kind, sub), (lon, lat) = FIRST + datetime.timedelta(days=int(on[i])), kinds[i % 3], places[at[i]]
            writer.writerow(
                [f"XXX{i}", day, day.year, 1, "", kind, sub, f"Party {i % 90}", "", "", f"Party {i % 37}", "", "", "",
                 "", 999, "", "Testland", f"R{i % 10}", f"D{i % 80}", "", f"Place {at[i]}", lat, lon,
                 1 if i % 10 < 7 else 2, "Radio", "National", f"Something was reported, number {i}.", i % 3, "",
                 1700000000 + i]
            )  # fmt: skip
