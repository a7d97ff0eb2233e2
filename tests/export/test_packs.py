"""A pack is files of one moment for one room: what may be shown to it and nothing else, provable later, whole or not at all."""

import hashlib
import io
import json
import os
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from sqlalchemy import Engine, create_engine, text
from starlette.testclient import TestClient

from geoapp import db, jobs
from geoapp.app import create_app
from geoapp.cluster import Cluster, Urls
from geoapp.draw import apart, features
from geoapp.errors import BadRequest, Ended, Forbidden, NotFound, OutOfSpace, Refused, Stopped
from geoapp.export import neutrality, pack
from geoapp.export.write import LAYER_FORMATS
from geoapp.scope import Scope, parse_moment
from geoapp.settings import Settings
from layers import get
from tests import gridland
from tests.conftest import bringer
from web.packs import PACKS, Pack, Part

HERE = "/operations/grid/packs"
HCT = Scope("grid", "hct", member="tester", purpose="export")


@dataclass
class Shared:
    """A database that nobody writes to, and what was made of it."""

    engine: Engine
    folder: Path
    made: dict[tuple[str, str], tuple[dict[str, Any], zipfile.ZipFile]] = field(default_factory=dict)

    def pack(self, declared: Pack, audience: str) -> tuple[dict[str, Any], zipfile.ZipFile]:
        """The manifest and the archive of a pack for a room, made once."""
        key = declared.name, audience
        if key not in self.made:
            scope = Scope("grid", audience, member="tester", purpose="export")
            self.made[key] = built(self.engine, scope, self.folder / f"{declared.name}-{audience}.zip", declared)
        return self.made[key]


@pytest.fixture(scope="module")
def shared(cluster: Cluster, full: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Gridland with marked areas, and packs of it that several tests look into, each made once."""
    folder, urls = tmp_path_factory.mktemp("packs"), cluster.create_database("packs", template=full)
    engine = db.engine(urls.app)
    shapes = [
        gridland.area(f"k{n}", f"Marked {handling}", "military", gridland.square(n, 7), handling=handling, date_to="")
        for n, handling in enumerate(("RED", "AMBER+STRICT", "AMBER"))
    ]
    assert bringer(engine, db.Context("grid", member="tester"), folder)("areas", shapes).landed
    yield Shared(engine, folder)
    engine.dispose()
    cluster.drop_database("packs")


@pytest.fixture
def client(engine: Engine, gridded: Callable) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more pack is declared, which is made in a second."""
    monkeypatch.setattr("web.packs.PACKS", (*PACKS, SMALL))


SMALL = Pack(
    "small", "Small pack", "", "hct",
    (Part("layers", ".gpkg", "All layers"), Part("overlaps", ".kml", "Areas", ("areas_of_operation", "overlaps"))),
)  # fmt: skip
"""What a pack is made of in a second or two."""


EVERY_KIND = Pack(
    "every", "One file of every kind", "", "hct",
    (
        Part("brief", ".docx", "Brief", made="brief"),
        Part("map", ".pdf", "Map", ("overlaps",), made="paper", theme="overlaps", size="a4"),
        Part("slides", ".pptx", "Slides", ("overlaps",), made="slides"),
        *(Part("layers", suffix, "Layers", ("overlaps", "risk_zones")) for suffix, form in LAYER_FORMATS.items()
          if form.many and form.suffix == suffix),
    ),
)  # fmt: skip


def built(engine: Engine, scope: Scope, path: Path, declared: Pack = SMALL) -> tuple[dict[str, Any], zipfile.ZipFile]:
    manifest = pack.build(engine, scope, declared, path)
    return manifest, zipfile.ZipFile(path)


def everything(archive: zipfile.ZipFile) -> bytes:
    """The bytes of an archive, unpacked as far as they can be."""
    found = []
    for name in archive.namelist():
        data = archive.read(name)
        found.append(everything(zipfile.ZipFile(io.BytesIO(data))) if zipfile.is_zipfile(io.BytesIO(data)) else data)
    return b"\n".join(found)


def test_its_manifest_says_what_is_in_it(shared: Shared, tmp_path: Path) -> None:
    manifest, archive = shared.pack(pack.find("hct"), "hct")
    assert manifest == json.loads(archive.read("MANIFEST.json"))
    assert sorted(archive.namelist()) == sorted(
        [*(f["name"] for f in manifest["files"]), "READ_ME.html", "MANIFEST.json"]
    )
    for file in manifest["files"]:
        data = archive.read(file["name"])
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    (tmp_path / "layers.gpkg").write_bytes(archive.read("layers.gpkg"))
    counts = {layer["name"]: layer["records"] for layer in manifest["layers"]}
    (layers,) = (file for file in manifest["files"] if file["name"] == "layers.gpkg")
    for name, count in layers["records"].items():
        assert counts[name] == count == pyogrio.read_info(tmp_path / "layers.gpkg", layer=name)["features"]
    with db.transaction(shared.engine, HCT.context()) as connection:
        assert counts["boundaries"] == features.count(connection, get("boundaries"), HCT) > 0
    assert "Gridland" in archive.read("READ_ME.html").decode()
    assert manifest["neutrality"]["overridden"] == [] and manifest["nothing"] is None
    assert set(manifest["neutrality"]["files"]) == {file["name"] for file in manifest["files"]}


def test_the_same_moment_gives_the_same_bytes(shared: Shared) -> None:
    shared.pack(EVERY_KIND, "hct")
    time.sleep(1.1)  # a clock in a file counts in seconds
    built(shared.engine, HCT, shared.folder / "again.zip", EVERY_KIND)
    assert (shared.folder / "every-hct.zip").read_bytes() == (shared.folder / "again.zip").read_bytes()


def test_the_preview_says_the_same(shared: Shared) -> None:
    for name, audience in (("hct", "hct"), ("public", "internal"), ("public", "public")):
        made, _ = shared.pack(pack.find(name), audience)
        scope = Scope("grid", audience, member="tester", purpose="export")
        with db.transaction(shared.engine, scope.context()) as connection:
            said = pack.preview(connection, scope, pack.find(name))
        for each in ("layers", "left_out", "sources", "nothing", "only"):
            assert said[each] == made[each]
        assert [file["name"] for file in said["files"]] == [file["name"] for file in made["files"]]
        assert bool(said["batches"]) is (audience == "internal")


def test_a_room_receives_nothing_that_it_is_not_shown(shared: Shared) -> None:
    seen = {
        audience: everything(shared.pack(declared, audience)[1])
        for audience, declared in (("internal", SMALL), ("hct", pack.find("hct")), ("public", pack.find("public")), ("military_counterpart", pack.find("military_counterpart")))
    }  # fmt: skip
    assert all(f"Marked {handling}".encode() in seen["internal"] for handling in ("RED", "AMBER+STRICT", "AMBER"))
    assert b"Marked RED" not in seen["hct"] and b"Marked AMBER+" not in seen["hct"] and b"Marked AMBER" in seen["hct"]
    assert b"Marked" not in seen["public"] and b"Marked" not in seen["military_counterpart"]


def test_layers_are_chosen_and_how_many_there_are_before_the_rules(shared: Shared) -> None:
    scope = Scope("grid", "hct", member="tester", purpose="export")
    declared = pack.chosen(SMALL, ["areas_of_operation"])
    with db.transaction(shared.engine, scope.context()) as connection:
        said = pack.preview(connection, scope, declared, "internal")
        assert [layer["name"] for layer in said["layers"]] == ["basemap", "areas_of_operation"]
        area = said["layers"][1]
        assert area["before"] == area["records"] + 2  # those marked RED and AMBER+STRICT
        with pytest.raises(Forbidden, match="rooms that record"):
            pack.preview(connection, scope, declared, "public")
    manifest, archive = built(shared.engine, HCT, shared.folder / "chosen.zip", declared)
    assert manifest["only"] == ["areas_of_operation"] and "before" not in manifest["layers"][1]
    assert b"<Folder" in archive.read("overlaps.kml") and b"Overlaps" not in archive.read("overlaps.kml")
    assert "Only these layers were chosen for it: Areas of operation." in archive.read("READ_ME.html").decode()
    only_zones = pack.chosen(SMALL, ["risk_zones"])
    with db.transaction(shared.engine, scope.context()) as connection:
        left = pack.preview(connection, scope, only_zones)["left_out"]
    assert [(each["name"], each["why"]) for each in left] == [("overlaps.kml", "None of its layers was chosen.")]
    with pytest.raises(NotFound, match="no layer 'nowhere' in this pack"):
        pack.chosen(SMALL, ["nowhere"])


def test_what_takes_sides_stops_it_until_a_reason_is_given(
    engine: Engine, bring: Callable, gridded: Callable, tmp_path: Path
) -> None:
    named = gridland.area("k0", "Safe Childhood", "civil", gridland.square(1, 7), date_to="")
    assert bring("areas", [named]).landed
    place = {"type": "Point", "coordinates": gridland.point(2, 7)}
    words = {
        "name": "A place", "category": "interference", "severity": 2, "reported_on": str(gridland.TODAY),
        "description": "Held by rebels; all clear.",
    }  # fmt: skip
    assert bring("constraints", [(place, words)]).landed
    assert bring("basemap", [(place, {"name": "La Segura", "class": "town"})]).landed, (
        "a town's name, which approves nothing"
    )
    declared = Pack("lists", "Lists", "", "internal", (
        Part("ground", ".gpkg", "Base map", ("basemap",)),
        Part("lists", ".xlsx", "Lists", ("areas_of_operation", "access_constraints")),
        Part("map", ".html", "Map", ("areas_of_operation", "access_constraints")),
    ))  # fmt: skip
    scope, path = Scope("grid", purpose="export"), tmp_path / "a.zip"
    with pytest.raises(Refused) as stopped:
        pack.build(engine, scope, declared, path)
    assert [each["key"] for each in stopped.value.extra["neutrality"]] == ["accusing:rebels", "approval:all clear"]
    assert stopped.value.extra["neutrality"][0]["places"][0].startswith("lists.xlsx, access_constraints, 3")
    assert not list(tmp_path.glob("*.zip")) and not list(tmp_path.glob(".pack-*"))
    with pytest.raises(Refused, match="rebels"):
        pack.build(engine, scope, declared, path, overrides={"approval:all clear": "Quoted."})
    for wrong, why in (
        ({"accusing:rebels": " "}, "no reason"),
        ({"accusing:rebels": "They are terrorists."}, "itself"),
    ):
        with pytest.raises(BadRequest, match=why):
            pack.build(engine, scope, declared, path, overrides=wrong)
    reasons = {"accusing:rebels": "The words of the report, quoted.", "approval:all clear": "Likewise."}
    manifest = pack.build(engine, scope, declared, path, overrides=reasons)
    told = {each["key"]: each for each in manifest["neutrality"]["overridden"]}
    assert {key: each["reason"] for key, each in told.items()} == reasons and told["accusing:rebels"]["n"] >= 2
    with zipfile.ZipFile(path) as archive:
        assert "Why it stays: The words of the report, quoted." in archive.read("READ_ME.html").decode()
    assert neutrality.open_findings(neutrality.check(path)) == []


def test_what_has_ended_is_not_in_it_and_what_comes_is(engine: Engine, bring: Callable, tmp_path: Path) -> None:
    before, after = gridland.TODAY - timedelta(days=1), gridland.TODAY + timedelta(days=1)
    shapes = [
        gridland.area("k0", "Gone Away", "military", gridland.square(1, 7), date_to=str(before)),
        gridland.area("k1", "Still There", "military", gridland.square(2, 7), date_to=str(gridland.TODAY)),
        gridland.area("k2", "Yet To Come", "military", gridland.square(3, 7), date_from=str(after), date_to=""),
    ]
    assert bring("areas", shapes).landed
    _, archive = built(engine, Scope("grid", purpose="export"), tmp_path / "a.zip")
    held = archive.read("overlaps.kml")
    assert b"Gone Away" not in held and b"Still There" in held and b"Yet To Come" in held


def test_nothing_for_a_room_is_said_and_nothing_is_written(engine: Engine, nobody: None, tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="Nothing of this pack"):
        built(engine, Scope("grid", "public", purpose="export"), tmp_path / "a.zip")
    assert not list(tmp_path.iterdir())
    with pytest.raises(NotFound, match="no pack"):
        pack.find("hct2")


def test_stopped_or_broken_off_it_leaves_nothing(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    for after in (0, 1, 2):
        told: list[str] = []

        def tell(step: str, n: int, of: int | None, told: list[str] = told, after: int = after) -> None:
            told.append(step)
            if len(told) > after:
                raise Stopped("Enough.")

        with pytest.raises(Stopped):
            pack.build(engine, HCT, SMALL, tmp_path / "a.zip", tell)
        assert not list(tmp_path.iterdir())


WITH_MAP = Pack("map", "With a map", "", "hct", (
    Part("map", ".pdf", "Map", ("overlaps",), made="paper", theme="overlaps", size="a4"), *SMALL.parts,
))  # fmt: skip


def drawers() -> list[int]:
    """The processes that draw beside this one."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"geoapp.draw.apart" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def test_maps_beside_are_of_the_same_moment_and_room(
    engine: Engine, bring: Callable, gridded: Callable, tmp_path: Path
) -> None:
    red = gridland.area("k0", "Marked", "military", gridland.square(1, 7), handling="RED", date_to="")
    assert bring("areas", [red]).landed
    layer, today = get("areas_of_operation"), replace(HCT, period=(gridland.TODAY, gridland.TODAY))
    with apart.drawer() as beside, db.transaction(engine, HCT.context(), snapshot=True) as connection:
        shown = features.count(connection, layer, today)
        later = gridland.area("k1", "Later", "military", gridland.square(2, 7), date_to="")
        assert bring("areas", [later]).landed
        asked = [
            apart.Drawing(today, tmp_path / "map.pdf", "overlaps", "a4"),
            apart.Drawing(today, tmp_path / "none" / "map.pdf", "overlaps", "a4"),
        ]
        beside.begin(connection, HCT.context(), asked)
        drawn = beside.drawn(lambda asked: None)
        assert next(drawn)[layer.name] == shown > 0
        with pytest.raises(FileNotFoundError) as failed:
            next(drawn)
        assert "in sheet" in failed.value.__notes__[0]
    with db.transaction(engine, HCT.context()) as connection:
        assert features.count(connection, layer, today) == shown + 1
    assert not drawers()


def test_maps_that_are_stopped_or_killed_leave_nothing(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    def stop(step: str, n: int, of: int | None) -> None:
        if step.startswith("map.pdf"):
            assert drawers() and (n, of) == (2, 4)
            raise Stopped("Enough.")

    def kill(step: str, n: int, of: int | None) -> None:
        # held from the first step on: it has drawn nothing yet when the map is waited for
        for process in drawers():
            os.kill(process, signal.SIGKILL if step.startswith("map.pdf") else signal.SIGSTOP)

    for tell, error in ((stop, Stopped), (kill, Ended)):
        with pytest.raises(error):
            pack.build(engine, HCT, WITH_MAP, tmp_path / "a.zip", tell)
        assert not list(tmp_path.iterdir()) and not drawers()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 400 kB, where this machine lets us have one."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk_is_said_and_nothing_is_left_of_the_pack(
    engine: Engine, gridded: Callable, small_disk: Path
) -> None:
    for filled in (0, 300_000, 390_000):
        (small_disk / "filler").write_bytes(bytes(filled))
        with pytest.raises(OutOfSpace, match="nothing of the pack was kept"):
            pack.build(engine, HCT, SMALL, small_disk / "a.zip")
        assert [each.name for each in small_disk.iterdir()] == ["filler"]


def test_before_anything_was_recorded_it_says_so(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    early = Scope("grid", "internal", as_of=parse_moment("2020-01-01"), purpose="export")
    manifest, archive = built(engine, early, tmp_path / "a.zip")
    assert "Nothing was known here on 1 Jan 2020" in manifest["unknown"]["overlaps"]
    assert "Nothing was known here on 1 Jan 2020" in archive.read("READ_ME.html").decode()


def test_over_http_a_reading_room_makes_and_takes_its_own(client: TestClient, small: None) -> None:
    made = client.post(f"{HERE}/small", params={"audience": "hct"})
    assert made.status_code == 201, made.text
    job, result = made.json()["id"], made.json()["result"]
    taken = client.get(f"{HERE}/made/{job}.zip", params={"audience": "hct"})
    assert taken.status_code == 200 and hashlib.sha256(taken.content).hexdigest() == result["sha256"]
    assert f'filename="{result["manifest"]["file_name"]}"' in taken.headers["content-disposition"]
    told = client.get("/operations/grid/audit", params={"did": "taken again"}).json()["entries"]
    assert [(each["room"], each["record"]) for each in told] == [("hct", str(job))]
    assert [each["id"] for each in client.get(HERE, params={"audience": "hct"}).json()["made"]] == [job]
    other = client.get(f"{HERE}/made/{job}.zip", params={"audience": "internal"})
    missing = client.get(f"{HERE}/made/{job + 1}.zip", params={"audience": "internal"})
    assert other.status_code == missing.status_code == 404 and other.json() == missing.json()
    assert client.get(HERE, params={"audience": "public"}).json()["made"] == []
    assert client.post(f"{HERE}/hct2", params={"audience": "hct"}).status_code == 404


def test_the_same_key_is_the_same_pack(client: TestClient, small: None) -> None:
    headers = {"Idempotency-Key": "0123456789abcdef"}
    first, again = (client.post(f"{HERE}/small", params={"audience": "hct"}, headers=headers) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert client.post(f"{HERE}/hct", params={"audience": "hct"}, headers=headers).status_code == 409


def test_when_the_rules_change_it_is_not_given_any_more(client: TestClient, small: None, urls: Urls) -> None:
    job = client.post(f"{HERE}/small", params={"audience": "hct"}).json()["id"]
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.audience NO FORCE ROW LEVEL SECURITY")
        connection.execute(text("UPDATE facts.audience SET clearance = 'GREEN' WHERE key = 'hct'"))
        connection.exec_driver_sql("ALTER TABLE facts.audience FORCE ROW LEVEL SECURITY")
    owner.dispose()
    refused = client.get(f"{HERE}/made/{job}.zip", params={"audience": "hct"})
    assert refused.status_code == 409 and "rules of this room have changed" in refused.json()["detail"]


def test_a_reading_room_still_records_nothing(client: TestClient, engine: Engine) -> None:
    sent = client.post(
        "/operations/grid/imports",
        params={"audience": "hct"},
        data={"kind": "areas"},
        files={"file": ("a.geojson", "{}")},
    )
    assert sent.status_code == 403
    with pytest.raises(Forbidden), db.transaction(engine, db.Context("grid", "hct")) as connection:
        jobs.put(connection, db.Context("grid", "hct"), "count", {})


def test_the_newest_ten_are_kept(engine: Engine, gridded: Callable) -> None:
    context, numbers = db.Context("grid", "hct"), []
    with db.transaction(engine, context) as connection:
        for n in range(12):
            numbers.append(jobs.put(connection, context, "pack", {"pack": "hct"}))
            jobs.keep_file(connection, numbers[-1], io.BytesIO(bytes([n]) * 3_000_000))
        kept = connection.execute(text("SELECT DISTINCT job_id FROM facts.job_file ORDER BY 1")).scalars().all()
        assert kept == numbers[2:]
        assert b"".join(jobs.pieces(connection, numbers[-1])) == b"\x0b" * 3_000_000
