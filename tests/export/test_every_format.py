"""What every format of layers promises: the same snapshot gives the same bytes, what is withheld is nowhere in it, and it
says of itself what it is."""

import gzip
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from sqlalchemy import Engine

from geoapp import audiences, db, export
from geoapp.export.formats import FORMATS, Format, LayerFile
from geoapp.operations import operation
from geoapp.scope import Scope
from layers import Layer, get

MADE_AT = "2026-10-18T09:00:00+00:00"
LAYERS = ("boundaries", "overlaps", "presence", "incidents")
FORMATS_OF_LAYERS = [form for form in FORMATS if form.write]
every = pytest.mark.parametrize("form", FORMATS_OF_LAYERS, ids=lambda form: form.suffix)


def write(engine: Engine, form: Format, layers: list[Layer], path: Path, audience: str = "internal") -> Path:
    """A file of one moment, as a pack writes it."""
    scope = Scope("grid", audience, purpose="export", member="tester")
    with db.transaction(engine, scope.context()) as connection:
        room, of = audiences.room(connection, scope), operation(connection, "grid")
        about = {
            "title": of.title, "handling": f"TLP:{room.clearance}", "drawn_for": room.title, "shown": room.sentence,
            "scope": "1 Jan 2026 – 30 Jun 2026", "made_at": MADE_AT, "disclaimer": "Names do not imply acceptance.",
            "note": "Absence of data is not absence of risk.", "withheld": "Records above this are withheld.",
        }  # fmt: skip
        form.write(LayerFile(connection, scope, layers, path, room.hidden_of(layers), about, lambda s, n, of: None))
    return path


def layers_for(form: Format) -> list[Layer]:
    return [get(name) for name in (LAYERS if form.many else LAYERS[1:2])]


def insides(path: Path) -> bytes:
    """Everything in a file, archives unpacked."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        data += str(pq.read_table(path).to_pylist()).encode()
    if path.suffix == ".pmtiles":
        data += json.dumps(Reader(MemorySource(data)).metadata(), ensure_ascii=False).encode()
        data += b"\n".join(gzip.decompress(packed) for _, packed in all_tiles(MemorySource(path.read_bytes())))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            data += b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())
    return data


def test_the_same_snapshot_gives_the_same_bytes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    made: dict[str, list[bytes]] = {form.suffix: [] for form in FORMATS_OF_LAYERS}
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        for form in FORMATS_OF_LAYERS:
            path = write(engine, form, layers_for(form), tmp_path / turn / f"same{form.suffix}")
            made[form.suffix].append(path.read_bytes())
        time.sleep(2.1)  # an archive tells time by two seconds
    assert [suffix for suffix, (first, second) in made.items() if first != second] == []


@every
def test_it_says_what_it_is(engine: Engine, gridded: Callable, tmp_path: Path, form: Format) -> None:
    told = insides(write(engine, form, layers_for(form), tmp_path / f"about{form.suffix}", "hct")).decode(
        "utf-8", "replace"
    )
    for words in (
        "TLP:",
        "Humanitarian Country Team",
        "Names do not imply",
        "30 Jun 2026",
        "above this are withheld",
        "is not absence",
    ):
        assert words in told, words


@pytest.mark.parametrize("form", [f for f in FORMATS_OF_LAYERS if f.records], ids=lambda form: form.suffix)
def test_what_is_withheld_is_nowhere_in_it(engine: Engine, gridded: Callable, tmp_path: Path, form: Format) -> None:
    """The owner of an overlap is a field that the country team is not told, Secret Force is above its clearance."""
    layers = [get("overlaps"), get("areas_of_operation")] if form.many else [get("overlaps")]
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        connection.exec_driver_sql("UPDATE facts.overlap_pair SET owner = 'CANARY-OWNER'")
    whole = insides(write(engine, form, layers, tmp_path / f"whole{form.suffix}"))
    assert b"CANARY-OWNER" in whole
    assert b"Secret Force" in whole
    told = insides(write(engine, form, layers, tmp_path / f"told{form.suffix}", "hct"))
    assert b"Water Aid Group" in told
    assert b"Secret Force" not in told
    assert b"CANARY-OWNER" not in told


@every
def test_a_layer_without_records_is_a_file_too(engine: Engine, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"none{form.suffix}"
    layers = [get("sites")]
    assert export.write(engine, Scope("grid", purpose="export", member="tester"), layers, path) == {"sites": 0}
    assert b"is not absence" in insides(path)
