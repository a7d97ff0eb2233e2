"""A notebook's way to an operation: frames with their kinds, maps without a network, what-if; and the notebook in `docs/` runs."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import folium
import folium.plugins
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geoapp import TOP, db
from geoapp.app import create_app
from geoapp.client import Operation, connect
from geoapp.draw.assets import NotVendored
from geoapp.errors import BadRequest, Conflict, Forbidden, NotFound, Unavailable
from geoapp.settings import Settings
from layers import STACK
from tests.gridland import area, square

NOTEBOOK = TOP / "docs" / "an_operation_in_a_notebook.ipynb"


@pytest.fixture
def op(engine: Engine, gridded: Callable) -> Iterator[Operation]:
    with TestClient(create_app(Settings(), engine)) as client:
        yield connect(client=client).operation("grid")


def shape(column: float, row: float, width: float = 1, height: float = 1) -> Any:
    return shapely.geometry.shape(square(column, row, width, height))


def test_every_layer_is_a_frame_of_its_kinds(op: Operation) -> None:
    assert op.service.operations().key.tolist() == ["grid"]
    kinds = {"integer": "Int64", "number": "float64", "boolean": "boolean", "date": "datetime64[s]"}
    for layer in STACK:
        frame = op.layer(layer.name)
        assert frame.crs == "OGC:CRS84"
        for field in layer.fields:
            if field.kind in kinds:
                assert str(frame[field.name].dtype) == kinds[field.kind], (layer.name, field.name)
            assert not field.code or f"{field.name}_words" in frame, (layer.name, field.name)
    overlaps = op.layer("overlaps", audience="hct", sortby="-km2")
    assert overlaps.km2.is_monotonic_decreasing
    assert "owner" not in overlaps
    assert "withheld" in overlaps.attrs
    assert overlaps.relation_words.notna().all()
    assert not (overlaps.relation_words == overlaps.relation).any()
    pages = op._ask("GET", "collections/boundaries/items", params={"limit": 7})
    assert len(pages["features"]) == 7
    assert len(op.layer("boundaries", bbox=(10.01, 5.01, 10.19, 5.09), filter="level = 2")) == 2
    assert op.layer("areas_of_operation", filter="actor = 'Late Comers'").period_start.tolist() == [
        pd.Timestamp("2026-07-01")
    ]
    with pytest.raises(NotFound):
        op.layer("nothing")
    with pytest.raises(BadRequest, match="no field"):
        op.layer("overlaps", filter="owner = 'x'", audience="hct")
    with pytest.raises(NotFound):
        op.service.operation("nowhere")
    with pytest.raises(Unavailable):
        connect("http://127.0.0.1:9").operations()


def test_what_if_shares_ground_as_recording_would_and_records_nothing(
    op: Operation, engine: Engine, gridded: Callable
) -> None:
    def recorded() -> list[int]:
        with db.transaction(engine, db.Context("grid")) as connection:
            tables = ("area", "footprint", "ground", "overlap", "change")
            return [connection.execute(text(f"SELECT count(*) FROM facts.{t}")).scalar_one() for t in tables]

    mine = gpd.GeoDataFrame({"period_start": ["2026-02-01"], "period_end": ["2026-03-31"]}, geometry=[shape(2, 2, 2, 2)], crs=4326, index=["planned"])  # fmt: skip
    before = recorded()
    found = op.overlap_of(mine)
    assert recorded() == before
    assert {"First Brigade", "Water Aid Group"} <= set(found.actor)
    assert "Late Comers" not in set(found.actor), "on the same ground in other days"
    brigade = found[found.actor == "First Brigade"].iloc[0]
    assert (brigade["shape"], brigade.share, brigade.share_theirs) == ("planned", 1, pytest.approx(0.25, abs=1e-3))
    assert (brigade.period_start, brigade.period_end) == (pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-31"))
    metres = op.overlap_of(mine.to_crs(32632))
    assert metres.km2.tolist() == pytest.approx(found.km2.tolist(), rel=1e-4)
    # the same as when it is recorded
    assert gridded(
        "areas", [area("x", "Planned", "civil", square(2, 2, 2, 2), date_from="2026-02-01", date_to="2026-03-31")]
    ).landed
    kept = op.layer("overlaps", filter="actor_a = 'Planned' OR actor_b = 'Planned'")
    civil = found[(found.domain == "military")]
    assert np.allclose(sorted(kept[kept.relation == "civil_military"].km2), sorted(civil.km2), rtol=1e-3)
    assert "Secret Force" not in set(
        op.overlap_of(gpd.GeoDataFrame(geometry=[shape(5, 5, 2, 2)], crs=4326), audience="hct").actor
    )
    assert op.overlap_of(gpd.GeoDataFrame(geometry=[shape(90, 5)], crs=4326)).empty
    planned = op.what_if(shape(2, 2, 2, 2), "Health Hands", period_start="2026-02-01", period_end="2026-03-31")
    assert set(planned.actor) == {"First Brigade", "Planned", "Water Aid Group"}
    assert planned.share.tolist() == [1, 1, 1]
    assert (planned.attrs["ends"], len(planned.attrs["beneath"])) == ([], 0)
    with pytest.raises(Forbidden):
        op.what_if(shape(2, 2), "Health Hands", audience="hct")
    bow = shapely.Polygon([(10, 5), (11, 6), (11, 5), (10, 6)])
    for wrong in (gpd.GeoDataFrame(geometry=[shape(1, 1)]), gpd.GeoDataFrame(geometry=[bow], crs=4326),
                  gpd.GeoDataFrame(geometry=[shapely.Point(10, 5)], crs=4326), gpd.GeoDataFrame({"period_start": ["2026-05-01"], "period_end": ["2026-04-01"]}, geometry=[shape(1, 1)], crs=4326)):  # fmt: skip
        with pytest.raises(BadRequest):
            op.overlap_of(wrong)


def test_a_map_works_without_a_network_and_takes_further_layers(
    op: Operation, gridded: Callable, tmp_path: Path, browser: Browser
) -> None:
    hostile = "</script><script>document.title='ran'</script>${document.title='ran'}<img src=x onerror=\"document.title='ran'\">"
    assert gridded("areas", [area("h", hostile, "civil", square(7, 7, 2, 2))]).landed
    made = op.map("areas_of_operation", op.layer("overlaps"), "incidents")
    folium.Marker([5.5, 10.5], tooltip="Mine", popup="A note", icon=folium.Icon(color="green")).add_to(made)
    folium.Marker([5.6, 10.6]).add_to(made)
    folium.plugins.MarkerCluster([[5.1, 10.1], [5.1, 10.1]]).add_to(made)
    folium.LayerControl().add_to(made)
    path = tmp_path / "map.html"
    made.save(path)
    made.save(path)  # again, as when a notebook shows it and then saves it
    assert "Gridland" in made.get_root()._repr_html_()
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked, wrong = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.goto(path.as_uri())
    expect(page.locator(".leaflet-control-layers-overlays label")).to_have_count(5)
    expect(page.locator(".geoapp-said")).to_contain_text("TLP:")
    expect(page.locator(".awesome-marker")).to_have_count(2)
    expect(page.locator(".marker-cluster")).to_have_text("2")
    page.locator(".awesome-marker-icon-green").click()
    expect(page.locator(".leaflet-popup")).to_contain_text("A note")
    page.locator("path.leaflet-interactive").last.click(force=True)
    expect(page.locator(".geoapp-record")).to_be_visible()
    assert page.title() != "ran"
    assert (wrong, [url for url in asked if not url.startswith(("file:", "data:"))]) == ([], [])
    context.close()
    folium.plugins.Terminator().add_to(made)
    with pytest.raises(NotVendored, match="not among the vendored"):
        made.get_root().render()


def test_the_notebook_in_docs_runs(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_URL", address.split("/operations")[0])
    monkeypatch.setenv("GEOAPP_OPERATION", "grid")
    monkeypatch.setenv("GEOAPP_OUT", str(tmp_path))
    names: dict[str, Any] = {}
    cells = [each for each in json.loads(NOTEBOOK.read_text())["cells"] if each["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells), "committed without what was shown"
    for cell in cells:
        tree = ast.parse("".join(cell["source"]))
        exec(compile(tree, str(NOTEBOOK), "exec"), names)  # noqa: S102
    assert len(names["overlaps"])
    assert (tmp_path / "map.html").stat().st_size > 100_000


def test_the_register_of_actors_is_a_frame_and_steps_are_looked_at_first(op: Operation) -> None:
    frame = op.actors("brig")
    assert list(frame.name) == ["First Brigade"] and frame.attrs["all"] > 1
    assert len(op.actors(domain="military")) == 3 and op.actors("nobody of that name").empty
    everybody = {row.name_: id_ for id_, row in op.actors().rename(columns={"name": "name_"}).iterrows()}
    kept, other = everybody["Water Aid Group"], everybody["Well Diggers"]
    assert op.merge_actors(kept, other)["claims"] == 1 and len(op.actors()) == len(everybody)
    done = op.merge_actors(kept, other, check=False)
    assert len(op.actors()) == len(everybody) - 1
    op.undo_actor_step(kept, done["step"])
    units = [everybody["First Battalion"]]
    assert op.split_actor(everybody["First Brigade"], "Second Brigade", units=units)["units"] == 1
    assert set(op.actors().name) == set(everybody)
    with pytest.raises(Conflict):
        op.merge_actors(kept, everybody["Army"])
