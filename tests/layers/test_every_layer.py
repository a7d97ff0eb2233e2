"""Every layer of the stack keeps the promises of its declaration."""

from collections.abc import Callable
from dataclasses import fields as members
from pathlib import Path

import mapbox_vector_tile
import pyogrio
import pytest
from sqlalchemy import Engine, text

from geoapp import db, export
from geoapp.codes import codes
from geoapp.draw import features, panel, wording
from geoapp.draw.counts import by_class
from geoapp.draw.query import source
from geoapp.draw.tile import drawn, tile
from geoapp.scope import Scope
from layers import STACK, Layer, get

every = pytest.mark.parametrize("layer", STACK, ids=lambda layer: layer.name)
SCOPE = Scope("grid", member="tester")


def test_the_stack_is_the_folder() -> None:
    folder = Path(panel.__file__).parents[2] / "layers"
    files = {p.stem for p in folder.glob("*.py") if not p.stem.startswith("_")}
    # what changed since a pack is drawn in the next one, what is compared and what is recorded name layers; none is one of the map
    assert files == {layer.name for layer in STACK} | {"changes", "compared", "recorded"}


@every
def test_the_declaration_is_whole(layer: Layer) -> None:
    assert layer.question.endswith("?")
    names = [f.name for f in layer.fields]
    assert len(names) == len(set(names))
    for field in layer.fields:
        assert field.code is None or codes(field.code)
    for name in (layer.style.by, layer.style.label):
        assert name is None or name in names
    assert len({r.value for r in layer.style.rules}) == len(layer.style.rules)
    assert all(r.label for r in layer.style.rules)
    assert {m.name for m in members(layer.style.rules[0].symbol)}


@every
def test_its_sql_gives_its_fields(engine: Engine, gridded: Callable, layer: Layer) -> None:
    with db.transaction(engine, SCOPE.context()) as connection:
        result = connection.execute(text(source(layer, SCOPE)), SCOPE.binds())
        first, *told, last = result.keys()
        assert (first, last) == ("id", "geom")
        assert sorted(told) == sorted(f.name for f in layer.fields), "read by name: the order is the declaration's"
        rows = result.all()
        assert len({r[0] for r in rows}) == len(rows)
        assert features.count(connection, layer, SCOPE) == len(rows)
        assert sum(by_class(connection, [layer], SCOPE)[layer.name].values()) == len(rows)


@every
def test_its_tile_decodes(engine: Engine, gridded: Callable, layer: Layer) -> None:
    with db.transaction(engine, SCOPE.context()) as connection:
        for z in {max(layer.zoom[0], 6), min(layer.zoom[1], 9)}:
            x, y = int((10.25 + 180) / 360 * 2**z), {6: 31, 7: 62, 8: 124, 9: 248}[z]
            data = tile(connection, layer, SCOPE, z, x, y)
            for name, content in mapbox_vector_tile.decode(data).items():
                assert name == layer.name
                for feature in content["features"]:
                    assert set(feature["properties"]) <= {"_id", *drawn(layer)}


@every
def test_the_box_uses_the_index(engine: Engine, gridded: Callable, layer: Layer) -> None:
    scope = SCOPE.within((10.0, 5.0, 10.1, 5.1))
    with db.transaction(engine, scope.context()) as connection:
        # on a hundred rows the planner may as well begin at the other table: asked is whether the box can use its index
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_nestloop = off"))
        connection.execute(text("SET LOCAL enable_mergejoin = off"))
        plan = "\n".join(r[0] for r in connection.execute(text("EXPLAIN " + source(layer, scope)), scope.binds(9)))
    assert ("Index Cond: ((operation_id" if layer.whole else "_geom on") in plan, plan
    assert not layer.whole or "ix_incident_began on" in plan, plan


@every
def test_the_popup_speaks(engine: Engine, gridded: Callable, layer: Layer) -> None:
    with db.transaction(engine, SCOPE.context()) as connection:
        found = features.at(connection, layer, SCOPE, 10.25, 5.25, 0.02)
    for item in found:
        assert wording.title(layer, item)
        assert all(isinstance(row["text"], str) and row["text"] for row in wording.spoken(layer, item, set()))


@every
def test_less_clearance_sees_no_more(engine: Engine, gridded: Callable, layer: Layer) -> None:
    counts = []
    for audience in ("internal", "hct", "cmwg_mixed", "military_counterpart", "public"):
        scope = Scope("grid", audience, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            counts.append(features.count(connection, layer, scope))
    assert all(n <= counts[0] for n in counts[1:]) or layer.name in ("gaps", "incident_density")


@every
def test_a_geopackage_round_trip(engine: Engine, gridded: Callable, layer: Layer, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    counts = export.write(engine, Scope("grid", purpose="export", member="tester"), [layer], path)
    frame = pyogrio.read_dataframe(path, layer=layer.name)
    assert len(frame) == counts[layer.name]
    assert set(frame.columns) == {"record", *(f.name for f in layer.fields), "geometry"}
    assert len(frame) == 0 or layer.name == "basemap" or frame.geometry.dropna().is_valid.all()
    assert "layer_styles" in [row[0] for row in pyogrio.list_layers(path)]


def test_a_shape_is_drawn_lighter_from_afar(engine: Engine, gridded: Callable) -> None:
    layer = get("areas_of_operation")
    assert layer.simplified == ("f.low", "f.mid")
