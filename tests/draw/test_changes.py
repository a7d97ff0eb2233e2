"""What changed since the last pack: two moments of what a room is shown, beside each other."""

import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pyogrio
import pypdf
from sqlalchemy import Engine, text

from geoapp import audiences, jobs
from geoapp.db import Context, transaction
from geoapp.draw import changes
from geoapp.export import pack
from geoapp.scope import Scope
from tests import gridland
from web.packs import Pack, Part

INTERNAL = Scope("grid", member="tester", purpose="export")
NAMES = ("overlaps", "risk_zones", "roads", "incidents", "rough_incidents")
PACK = Pack(
    "small", "Small pack", "", "internal",
    (
        Part("brief", ".docx", "Brief", made="brief"),
        *(Part("changes", suffix, "What changed", NAMES, made="changes", size="a4") for suffix in (".pdf", ".xlsx", ".gpkg")),
    ),
)  # fmt: skip
DAY = timedelta(days=1)


def now(engine: Engine) -> changes.Last:
    """A pack as if it were made at this moment, of three days before the operation's today."""
    with transaction(engine, INTERNAL.context()) as connection:
        moment = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return changes.Last(moment, gridland.TODAY - 3 * DAY)


def since(engine: Engine, last: changes.Last | None, audience: str = "internal") -> changes.Changes:
    scope = Scope("grid", audience, period=(date(2026, 1, 1), None), member="tester", purpose="export")
    with transaction(engine, scope.context(), snapshot=True) as connection:
        room = audiences.room(connection, scope)
        found = changes.since(connection, scope, room, last, gridland.TODAY)
        assert connection.execute(text("SELECT calc.as_of() >= now()")).scalar()
    return found


def test_two_moments_are_compared(engine: Engine, bring: Callable, gridded: Callable, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [list(gridland.point(1, 1)), list(gridland.point(6, 1))]}
    roads = [(line, {"id": f"R{n}", "name": f"Road {n}", "road_class": "primary"}) for n in range(4)]
    assert bring("roads", roads).landed
    head = "report id,road id,road status,observed on"
    states = ["V-0,R0,closed,2026-10-10", "V-1,R1,open,2026-10-10", "V-2,R2,closed,2026-10-10"]
    assert bring("road_reports", "\n".join([head, *states]), "a.csv").landed
    ends = {"date_from": "2026-09-01", "date_to": str(gridland.TODAY - DAY)}
    ground = [gridland.area("e1", "Guard", "military", gridland.square(8, 1), **ends)]
    ground += [gridland.area("e2", "Clinic", "civil", gridland.square(8, 1), **ends | {"date_to": ""})]
    assert bring("areas", ground).landed
    last = now(engine)
    assert since(engine, last).found and {c.kind for c in since(engine, last).found} == {"overlap_ended"}

    states = ["V-3,R0,open,2026-10-17", "V-4,R1,restricted,2026-10-17", "V-5,R3,closed,2026-10-17"]
    assert bring("road_reports", "\n".join([head, *states]), "b.csv").landed
    come = {"date_from": str(gridland.TODAY + 5 * DAY), "date_to": ""}
    assert bring("areas", [gridland.area("e3", "Patrol", "military", gridland.square(8, 1), **come)]).landed
    more = gridland.incident(7, "2026-10-17", 8, 1, type="Protests,Peaceful protest")
    assert bring("incidents", f"{gridland.HEAD}\n{more}", "c.csv", source="exercise").landed
    shape, zone = gridland.ZONES[0]
    assert bring("risk_zones", [(shape, zone | {"likelihood": 2, "impact": 2})]).landed
    found = since(engine, last)
    kinds = {(change.kind, change.name.partition(" · ")[2] or change.name): change for change in found.found}
    assert set(kinds) == {
        ("overlap_new", "Clinic and Patrol"), ("overlap_ended", "Clinic and Guard"), ("zone_down", "Crossing"),
        ("road_closed", "Road 3"), ("road_restricted", "Road 1"), ("road_opened", "Road 0"),
        ("incident_new", "Peaceful protest"),
    }  # fmt: skip
    opened = kinds["road_opened", "Road 0"]
    assert (opened.was, opened.now, opened.day) == ("Closed", "Open", date(2026, 10, 17)) and opened.shape
    assert found.not_told == ()
    # what is known only roughly is told as such: its ring is no point's symbol
    near = gridland.incident(8, "2026-10-17", 3, 7, precision=3)
    assert bring("incidents", f"{gridland.HEAD}\n{near}", "d.csv", source="exercise").landed
    rough = since(engine, last)
    assert [c.layer for c in rough.found if c.kind == "rough_new"] == ["rough_incidents"]
    same = since(engine, changes.Last(now(engine).until, gridland.TODAY)).sentences()
    assert same["new"] == ["Nothing that this room is shown has changed since 18 Oct 2026."] and not same["ended"]
    said = found.sentences()
    assert "1 incident was recorded since 15 Oct 2026: 1 Protests." in said["new"]
    assert "1 road was opened since 15 Oct 2026." in said["ended"]
    forces = since(engine, last, "cmwg_mixed")
    assert not {"incidents", "risk_zones"} & forces.told and any("as of now" in why for why in forces.not_told)

    manifest = pack.build(engine, INTERNAL, PACK, tmp_path / "a.zip", last=last)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path)
        assert "1 road was closed since 15 Oct 2026." in archive.read("READ_ME.html").decode()
        assert "1 road was closed since 15 Oct 2026." in archive.read("MANIFEST.json").decode()
    assert manifest["since"] == "2026-10-15" and manifest["files"][1]["records"] == {"changes": 8}
    rows = list(openpyxl.load_workbook(tmp_path / "changes.xlsx")["changes"].iter_rows(values_only=True))
    assert len(rows) == 10 and any({"Road, closed", "Road 3"} <= set(row) for row in rows)
    layer = pyogrio.read_dataframe(tmp_path / "changes.gpkg", layer="changes")
    assert len(layer) == 8 and set(layer.geometry.geom_type) >= {"MultiPolygon", "Point"} and layer.crs == 4326
    words = pypdf.PdfReader(tmp_path / "changes.pdf").pages[0].extract_text()
    assert "what changed since the last pack" in words.replace("\n", " ") and "Road 3" in words


def test_the_first_pack_says_so_and_the_next_is_compared_with_it(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    context = Context("grid", "internal", "tester")

    def kept(layers: list[str]) -> int:
        with transaction(engine, context) as connection:
            last = jobs.last_pack(connection, "small")
        made = pack.build(engine, INTERNAL, pack.chosen(PACK, layers), tmp_path / "a.zip", last=last)
        with transaction(engine, context) as connection, (tmp_path / "a.zip").open("rb") as read:
            result = {"bytes": 1, "sha256": "", "manifest": made}
            return jobs.keep_pack(connection, context, {"pack": "small", "layers": layers}, result, read)

    with transaction(engine, context) as connection:
        assert jobs.last_pack(connection, "small") is None
    first = kept([])
    with transaction(engine, context) as connection:
        job, pieces = jobs.archive(connection, first)
        assert b"".join(pieces) == (tmp_path / "a.zip").read_bytes()
        assert job.result is not None
        manifest = job.result["manifest"]
        assert manifest["changes"] == [changes.FIRST] and manifest["since"] is None
        assert [each["why"] for each in manifest["left_out"]] == [changes.FIRST] * 3
        last = jobs.last_pack(connection, "small")
        assert last is not None and last.day == gridland.TODAY and last.until.isoformat() == manifest["known_until"]
        assert jobs.last_pack(connection, "small", last.until - DAY) is None
    kept(["overlaps"])  # which was not told of the rest, and is nobody's last
    with transaction(engine, context) as connection:
        assert jobs.last_pack(connection, "small") == last
    with transaction(engine, Context("grid", "hct")) as connection:
        assert jobs.last_pack(connection, "small") is None
