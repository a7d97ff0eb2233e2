"""Make the exercise country anew: `python -m data.demo.make` writes every file of this folder, always the same."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from data.demo import access, areas, dangers, incidents, mesh, presence, roads, units, water, write
from data.demo.drawing import Pen
from data.demo.names import PLACES, PROVINCES, SECOND

SEED = 2026
VERSION = {"valid_on": "2026-01-15", "valid_to": None}
LANGUAGES = {"version": "v01", "lang": "en", "lang1": "fr"}
ROOT = {"adm0_name": "Kavarra", "adm0_name1": "Kavarra", "adm0_pcode": "QV"}


def _unit(own: dict[str, Any], above: dict[str, Any], shape: Any) -> tuple[dict[str, Any], Any]:
    lat, lon = write.centre(shape)
    measured = {"area_sqkm": write.area_km2(shape)}
    return {**own, **above, **VERSION, **measured, **LANGUAGES, "center_lat": lat, "center_lon": lon}, shape


def _admin1(number: int) -> dict[str, Any]:
    province = PROVINCES[number]
    return {"adm1_name": province.name, "adm1_name1": province.second, "adm1_pcode": province.pcode}


def boundaries(found: units.Units) -> None:
    """The three levels; every higher level is the union of the lower one, vertex by vertex."""
    districts, provinces = [], []
    for index in sorted(range(len(PLACES)), key=lambda i: found.pcodes[i]):
        name = PLACES[index].name
        own = {"adm2_name": name, "adm2_name1": SECOND.get(name, name), "adm2_pcode": found.pcodes[index]}
        districts.append(_unit(own, {**_admin1(found.province(index)), **ROOT}, found.shapes[index]))
    for number in range(len(PROVINCES)):
        mine = [s for i, s in enumerate(found.shapes) if found.province(i) == number]
        provinces.append(_unit(_admin1(number), ROOT, shapely.coverage_union_all(mine)))
    write.geojson("kvr_admin2.geojson", districts)
    write.geojson("kvr_admin1.geojson", provinces)
    country = shapely.coverage_union_all(found.shapes)
    write.geojson("kvr_admin0.geojson", [_unit({**ROOT, "iso2": None, "iso3": None}, {}, country)])


def _basemap(features: list[water.Feature]) -> Iterator[tuple[dict[str, Any], Any]]:
    for feature in features:
        yield {"class": feature.kind, "name": feature.name, "rank": feature.rank}, feature.shape


def main() -> None:
    """Write all the files; a part of its own generator each, so that a change to one leaves the others as they are."""
    ground, borders, rivers_, towns_, network, pens, rows, events, places, agreed = (
        np.random.default_rng([SEED, part]) for part in range(10)
    )
    land = mesh.make(ground)
    found = units.make(borders, land)
    boundaries(found)
    country = shapely.coverage_union_all(found.shapes)
    lakes, wet = water.lakes(rivers_, land)
    rivers = water.rivers(rivers_, land, country)
    towns = water.towns(towns_, land, found, wet)
    write.geojson("kvr_rivers.geojson", _basemap([*lakes, *rivers]))
    write.geojson("kvr_towns.geojson", _basemap(towns))
    segments = roads.make(network, land, wet, towns, rivers)
    columns = roads.table(network, segments)
    lines = ({name: column[i] for name, column in columns.items()} for i in range(len(segments)))
    write.geopackage("kvr_roads.gpkg", "roads", zip(lines, (s.shape for s in segments), strict=True))
    pen = Pen(pens, found, towns, segments, lakes)
    armed, civil = areas.armed(pen), areas.partners(pen)
    write.kml("kvr_areas.kml", "Kavarra, areas of operation (EXERCISE)",
              ((areas.row(c, n), c.shape) for n, c in enumerate(armed, 1)))  # fmt: skip
    write.geopackage("kvr_areas_partners.gpkg", "areas",
                     ((areas.row(c, n), c.shape) for n, c in enumerate(civil, len(armed) + 1)))  # fmt: skip
    write.geopackage("kvr_risk_zones.gpkg", "risk_zones", dangers.zones(pen))
    write.shapefile("kvr_hazards.zip", "kvr_hazards", dangers.hazards(pens, pen))
    write.table("kvr_sites.csv", dangers.SITE, dangers.sites(places, land, found, pen))
    write.sheet("kvr_3w_2026-10.xlsx", presence.HEADER, presence.rows(rows, land, found))
    other = Pen(agreed, found, towns, segments, lakes)
    write.geojson("kvr_arrangements.geojson", access.arrangements(other))
    write.geojson("kvr_security_levels.geojson", access.security(found))
    write.table("kvr_constraints.csv", access.CONSTRAINT, access.units_constrained(found, other))
    write.geojson("kvr_constraints_drawn.geojson", access.drawn_constraints(other))
    write.table("kvr_road_reports.csv", access.REPORT, access.reports(other))
    known = incidents.rows(events, found, towns)
    for year in (2025, 2026):
        mine = [r for r in known if r["year"] == year]
        write.table(f"kvr_incidents_{year}.csv", incidents.COLUMNS, mine)


if __name__ == "__main__":
    main()
