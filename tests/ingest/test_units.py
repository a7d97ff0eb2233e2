"""Who does what where, in files as offices send them: P-codes under any title, places by name, what is near confirmed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import db, ingest
from geoapp.app import create_app
from geoapp.errors import BadRequest
from geoapp.ingest.units import Said, Unit, Units, key_of, loose
from geoapp.settings import Settings
from tests.gridland import square

TOP = [(square(c, 0, 2, 4), {"adm1_pcode": f"TL0{c // 2}", "adm1_name": n, "adm0_pcode": "TL"})
       for c, n in ((0, "Ouest"), (2, "Logone Occidental"))]  # fmt: skip
NAMES = {"TL0001": "Béta", "TL0002": "Bahr El Gazel", "TL0101": "N'Djaména", "TL0102": "La Pendé", "TL0103": "Béta"}
DISTRICTS = [
    (square(place % 2 + 2 * int(code[3]), place // 2), {"adm2_pcode": code, "adm2_name": name, "adm1_pcode": code[:4],
     "adm1_name": "", "adm0_pcode": "TL"})
    for place, (code, name) in enumerate(NAMES.items())
]  # fmt: skip
UNITS = (
    Unit("TL00", 1, "Ouest", "TL"), Unit("TL01", 1, "Logone Occidental", "TL"),
    *(Unit(code, 2, name, code[:4]) for code, name in NAMES.items()),
)  # fmt: skip


def said(*, codes: tuple[str, str, str] = ("", "", ""), names: tuple[str, str, str, str] = ("", "", "", "")) -> Said:
    return Said(codes, names)


def found(*, confirmed: dict[str, str] | None = None, **more: Any) -> tuple[str | None, str]:
    match = Units(UNITS, confirmed or {}).match(said(**more))
    return match.unit.pcode if match.unit else None, match.how


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"codes": ("", "tl0002", "")}, ("TL0002", "code")),
        ({"codes": ("", "TL0002", ""), "names": ("Ouest", "Another", "", "")}, ("TL0002", "code")),
        ({"names": ("ouest", "BETA", "", "")}, ("TL0001", "name")),
        ({"names": ("Logone  Occidental", "beta", "", "")}, ("TL0103", "name")),
        ({"names": ("", "Beta", "", "")}, (None, "several")),
        ({"names": ("Région de l'Ouest", "", "", "")}, ("TL00", "name")),
        ({"codes": ("TL01", "", ""), "names": ("", "NDjamena", "", "")}, ("TL0101", "name")),
        ({"codes": ("TL00", "", ""), "names": ("", "N'Djaména", "", "")}, (None, "unknown")),
        ({"codes": ("TL00", "", ""), "names": ("", "Barh-El-Gazal", "", "")}, (None, "near")),
        ({"codes": ("", "", "TL000107")}, ("TL0001", "coarser")),
        ({"codes": ("", "TL0001", "TL000107")}, ("TL0001", "coarser")),
        ({"codes": ("", "TL0909", "")}, (None, "unknown")),
        ({"codes": ("TL00", "", ""), "names": ("", "", "", "Some village")}, ("TL00", "coarser")),
        ({"codes": ("TL00", "", ""), "names": ("", "", "", "Béta")}, ("TL0001", "name")),
        ({}, (None, "nothing")),
    ],
)  # fmt: skip
def test_a_row_stands_on_the_finest_unit_that_it_names(more: dict[str, Any], expected: tuple[str | None, str]) -> None:
    assert found(**more) == expected


def test_what_is_confirmed_counts_within_its_parent_only() -> None:
    row = {"codes": ("TL00", "", ""), "names": ("", "Barh-El-Gazal", "", "")}
    assert found(confirmed={key_of("barh el gazal"): "TL0002"}, **row) == ("TL0002", "confirmed")
    assert found(confirmed={key_of("Barh-El-Gazal"): "TL0101"}, **row) == (None, "near")
    assert found(confirmed={key_of("Ouest / Barh-El-Gazal"): "TL0002"}, names=("Ouest", "Barh-El-Gazal", "", "")) == (
        "TL0002",
        "confirmed",
    )
    assert found(confirmed={key_of("TL0909"): "TL0103"}, codes=("", "TL0909", "")) == ("TL0103", "confirmed")


def test_the_word_for_the_kind_of_unit_does_not_count() -> None:
    assert {loose(name) for name in ("Région du Lac", "Lac", "Province du Lac", "lac region", "LAC")} == {"lac"}
    assert loose("La Pendé") == "lapende"
    assert loose("Province") == "province"


@pytest.fixture
def units(bring: Callable) -> Callable:
    """Two provinces and five districts."""
    for content, name in ((TOP, "a1.geojson"), (DISTRICTS, "a2.geojson")):
        assert bring("boundaries", content, name).landed
    return bring


def parts(engine: Engine, context: db.Context) -> list[tuple[str, str]]:
    with db.transaction(engine, context) as connection:
        rows = connection.execute(
            text("SELECT c.name, p.pcode FROM facts.area_part AS p JOIN facts.area AS a ON a.id = p.area_id"
                 " JOIN facts.actor AS c ON c.id = a.actor_id ORDER BY 1, 2")
        )  # fmt: skip
        return [(row.name, row.pcode) for row in rows]


def finding(report: Any, code: str) -> Any:
    return next(f for f in report.findings if f.code == code)


def test_p_codes_are_found_under_any_title(units: Callable, engine: Engine, context: db.Context) -> None:
    report = units(
        "presence",
        "Title,Province,Departement,Cluster,Acronyme,Organisation,TypeOrganisation,ID\n"
        ",#adm1+name,,#sector,#org+acronym,,,\n"
        "TL00,Ouest,,Santé,AA,Aide A,ONG Internationale,16\nTL01,Logone Occidental,,WASH,BB,Aide B,Agence UN,17\n",
        "3w.csv",
    )
    assert report.landed
    assert parts(engine, context) == [("Aide A", "TL00"), ("Aide B", "TL01")]
    told = finding(report, "columns-guessed")
    assert told.column == "Title"
    assert "adm1 code" in told.message


def test_a_guess_can_be_refused(units: Callable, engine: Engine, context: db.Context) -> None:
    table = "Remark,Organisation,Province,Departement\nTL00,A,Logone Occidental,Beta\n"
    report = units("presence", table, "3w.csv", options={"columns": {"adm1_code": ""}})
    assert report.landed
    assert parts(engine, context) == [("A", "TL0103")]


def test_places_by_name_in_french_and_the_partner_as_organisation(
    units: Callable, engine: Engine, context: db.Context
) -> None:
    report = units(
        "presence",
        "Implementing Partner Name,Implementing Partner Type,Secteur,Provinces,Departement,Localite\n"
        "Aide A,ONG Nationale,Santé,OUEST,Beta,Somewhere\n"
        "Aide A,ONG Nationale,Santé,Logone occidental,la pende,\n"
        "Aide A,ONG Nationale,Santé,Ouest,Bahr el Gazel,\n"
        "Aide A,ONG Nationale,Santé,Ouest,Bahr-el-Gazel,\n"
        "Aide A,ONG Nationale,Santé,Ouest,Barh-El-Gazal,\n",
        "3w.csv",
    )
    assert (report.landed, report.created, report.rejected) == (True, 4, 1)
    assert parts(engine, context) == [("Aide A", code) for code in ("TL0001", "TL0002", "TL0102")]
    near = finding(report, "place-near")
    assert near.row == 6
    assert "Bahr El Gazel (TL0002)" in near.message
    assert '--match "Barh-El-Gazal=TL0002"' in near.hint
    assert report.as_dict()["proposed"] == [
        {"name": "Ouest/Barh-El-Gazal", "pcode": "TL0002", "unit": "Bahr El Gazel", "rows": 1}
    ]
    assert "4 rows" in finding(report, "placed-by-name").message
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT kind FROM facts.actor WHERE name = 'Aide A'")).scalar_one() == "nngo"


NEAR = "Organisation,Cluster,Province,District\n{},Health,Ouest,Barh-El-Gazal\n{},Health,Ouest,Beta\n"


def test_what_was_confirmed_is_remembered_until_its_file_is_withdrawn(
    units: Callable, engine: Engine, context: db.Context
) -> None:
    assert not units("presence", NEAR.format("A", "A"), "3w.csv").landed  # half of its rows are rejected
    first = units("presence", NEAR.format("A", "A"), "3w.csv", options=ingest.matches_said(["Barh-El-Gazal=TL0002"]))
    assert (first.landed, first.rejected) == (True, 0)
    assert first.as_dict()["matches"] == {"Barh-El-Gazal": "TL0002"}
    assert "Bahr El Gazel (TL0002)" in finding(first, "placed-as-confirmed").message
    again = units("presence", NEAR.format("B", "B"), "next.csv")
    assert (again.landed, again.rejected) == (True, 0)
    assert parts(engine, context) == [(org, code) for org in "AB" for code in ("TL0001", "TL0002")]
    assert not units("presence", NEAR.format("C", "C"), "other.csv", source="another").landed
    ingest.withdraw(engine, context, first.batch)
    assert not units("presence", NEAR.format("D", "D"), "late.csv").landed


def test_places_are_confirmed_over_http(units: Callable, engine: Engine, context: db.Context) -> None:
    with TestClient(create_app(Settings(), engine)) as client:

        def send(**data: str) -> Any:
            return client.post("/operations/grid/imports", data={"kind": "presence"} | data,
                               files={"file": ("3w.csv", NEAR.format("A", "A"))})  # fmt: skip

        refused = send()
        assert refused.status_code == 422
        assert "TL0002" in json.dumps(refused.json()["findings"])
        landed = send(matches='{"Barh-El-Gazal": "TL0002"}')
        assert (landed.status_code, landed.json()["created"]) == (201, 2)
        assert send(matches='{"Barh-El-Gazal": "TL9999"}').status_code == 400
        assert send(matches="[1]").status_code == 400


def test_matches_come_as_pairs_and_as_files(tmp_path: Path, units: Callable) -> None:
    file = tmp_path / "m.csv"
    file.write_text('Bagrimi,TD0801\n\n"Barh, East"=TD02\n', encoding="utf-8")
    assert ingest.matches_said(["A=B", str(file)])["matches"] == {"A": "B", "Bagrimi": "TD0801", "Barh, East": "TD02"}
    assert ingest.matches_said([]) == {}
    for wrong in ("nowhere.csv", "=X", "A="):
        with pytest.raises(BadRequest):
            ingest.matches_said([wrong])
    with pytest.raises(BadRequest, match="no boundary"):
        units("presence", NEAR.format("A", "A"), "3w.csv", options={"matches": {"Beta": "XX"}})


def test_deeper_codes_stand_on_the_unit_that_is_there_and_it_is_told(
    units: Callable, engine: Engine, context: db.Context
) -> None:
    report = units("presence", "Organisation,Sector,Admin3 P-code\nA,Health,TL000101\nA,Health,TL010307\n", "3w.csv")
    assert report.landed
    assert parts(engine, context) == [("A", "TL0001"), ("A", "TL0103")]
    assert "2 rows" in finding(report, "placed-coarser").message


def test_codes_that_no_unit_has_are_told_together(units: Callable) -> None:
    rows = "".join(f"A{n},Health,TL0001\n" for n in range(9)) + "B,Health,TL0911\nC,Health,TL0911\nD,Health,TL0912\n"
    report = units("presence", f"Organisation,Sector,Admin2 P-code\n{rows}", "3w.csv")
    assert (report.landed, report.rejected) == (True, 3)
    assert "3 rows name 2 places" in finding(report, "places-not-found").message
    assert "TL0911 (2 rows), TL0912" in finding(report, "places-not-found").message


def test_rows_of_one_organisation_sector_unit_and_time_are_one_row_of_presence_and_it_is_told(
    units: Callable, engine: Engine, context: db.Context
) -> None:
    rows = [
        "ACME,Health,TL0001,Upper Town",
        "ACME,Health,TL0001,Lower Town",
        "ACME,Health,TL0002,",
        "ACME,WASH,TL0001,",
    ]
    report = units("presence", "\n".join(["Org,Sector,admin2 P-code,Village", *rows]), "twice.csv")
    assert report.landed
    (finding,) = [each for each in report.findings if each.code == "same-presence"]
    assert "1 row names" in finding.message
    assert "4 rows are 3 rows of presence" in finding.message
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.area_part")).scalar_one() == 3
    again = units(
        "presence", "Org,Sector,admin2 P-code,Activity\nACME,Health,TL0001,Clinics\nACME,Health,TL0103,", "more.csv"
    )
    assert (again.created, again.updated, again.unchanged) == (1, 1, 0), "what is there already is changed, not new"
