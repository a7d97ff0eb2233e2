"""What a room may not see is told as withheld, by its rule, at every door: never as if nothing were recorded."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner

from geoapp import audiences, db, export
from geoapp.app import create_app
from geoapp.draw.nothing import kept_back
from geoapp.errors import Forbidden
from geoapp.scope import Scope
from geoapp.settings import Settings
from layers import STACK, get

HERE = "/operations/grid"


@pytest.fixture
def client(engine: Engine, nobody: None) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), engine)) as made:
        yield made


def test_every_layer_of_a_room_that_may_see_nothing_is_withheld_by_a_rule(client: TestClient) -> None:
    for layer in client.get(f"{HERE}/panel?audience=public").json()["layers"]:
        if layer["name"] == "basemap":
            continue
        assert layer["access"] == "withheld", layer["name"]
        assert "withheld from this room" in layer["withheld"], layer["name"]
        assert layer["count"] is None
        items = client.get(f"{HERE}/collections/{layer['name']}/items?audience=public").json()
        assert (items["features"], items["withheld"]) == ([], layer["withheld"])
        one = client.get(f"{HERE}/collections/{layer['name']}/items/1?audience=public")
        assert (one.status_code, one.json()["hint"]) == (404, layer["withheld"])


def test_lists_figures_and_bars_say_so(client: TestClient) -> None:
    rule = "Incidents are withheld from this room by its rule “incidents: withheld”."
    for path in ("trends", "histogram"):
        assert client.get(f"{HERE}/{path}?audience=public").json()["withheld"] == rule
    for name in ("overlaps", "doubles", "gaps"):
        found = client.get(f"{HERE}/lists/{name}?audience=public").json()
        assert "are withheld from this room by its rule" in found["withheld"]
    assert "withheld" not in client.get(f"{HERE}/trends").json(), "a room that sees all is told that this is all"


def test_a_file_that_would_hold_nothing_is_refused_with_the_rule(client: TestClient) -> None:
    for suffix in ("csv", "xlsx", "gpkg", "geojson", "kml"):
        refused = client.get(f"{HERE}/export/overlaps.{suffix}?audience=public")
        assert refused.status_code == 403
        assert "“overlaps: withheld”" in refused.json()["detail"]


def test_a_file_says_what_is_not_in_it(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    scope = Scope("grid", "cmwg_mixed", purpose="export")
    export.write(engine, scope, export.layers_of("all"), tmp_path / "all.gpkg")
    about = pyogrio.read_info(tmp_path / "all.gpkg", layer="overlaps")["layer_metadata"]
    assert "Sites are withheld from this room by its rule “sites: withheld”." in about["withheld"]
    assert "Records above GREEN by its clearance are withheld from this room." in about["withheld"]
    export.write(engine, scope, export.layers_of("overlaps"), tmp_path / "overlaps.csv")
    with (tmp_path / "overlaps.csv").open(encoding="utf-8-sig", newline="") as file:
        head = next(csv.reader(file))
    assert any("Records above GREEN" in cell for cell in head)
    with pytest.raises(Forbidden) as refused:
        export.write(engine, scope, export.layers_of("incidents"), tmp_path / "incidents.csv")
    assert "it is told how many each district had" in refused.value.detail
    assert not (tmp_path / "incidents.csv").exists()


def test_a_rule_that_is_coarser_than_a_subject_can_be_shown_withholds_it() -> None:
    room = audiences.Room("r", "R", "RED", {"sites": "admin2", "overlaps": "count"}, (), may_write=False)
    assert (room.precision("sites"), room.precision("overlaps")) == ("withheld", "withheld")
    assert room.sees("sites", "CLEAR")[0] == "counted"
    assert room.withheld("hazards") is None
    assert (
        room.withheld("risk_zones", recorders=True)
        == "This is withheld from this room: only rooms that record are shown it."
    )
    assert "Single sites are withheld" in kept_back([get("sites"), get("hazards")], room)


def test_what_is_said_is_what_the_database_does(engine: Engine, gridded: Callable) -> None:
    """A layer that is told as withheld has no row for the room, whatever the policies are asked."""
    from geoapp.draw import features

    for audience in ("internal", "hct", "cmwg_mixed", "military_counterpart", "public"):
        scope = Scope("grid", audience)
        with db.transaction(engine, scope.context()) as connection:
            room = audiences.room(connection, scope)
            for layer in STACK:
                if room.precision(layer) == "withheld":
                    assert features.count(connection, layer, scope) == 0, (audience, layer.name)


@pytest.mark.parametrize(
    "command",
    [["overlaps"], ["overlaps", "--gaps"], ["incidents", "trends"], ["incidents", "hot-spots"]],
)
def test_the_shell_says_so(command: list[str], nobody: None, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    from geoapp.cli import incidents, overlaps
    from geoapp.cli.app import app

    @contextmanager
    def opened() -> Iterator[tuple[None, None, Engine]]:
        yield None, None, engine

    for module in (incidents, overlaps):
        monkeypatch.setattr(module, "opened", opened)
    told = CliRunner().invoke(app, [*command, "-O", "grid", "--audience", "public"])
    assert told.exit_code == 0, told.output
    assert "withheld from this room by its rule" in " ".join(told.output.split())
