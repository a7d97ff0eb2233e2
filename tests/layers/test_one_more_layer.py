"""One more layer is one file and its line in STACK: nothing else that draws knows a layer by its name."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geoapp.cluster import Urls
from layers import STACK

ROOT = Path(__file__).parents[2]
TOY = '''
"""Which sites does a toy show?"""

from layers._base import Field, Layer, Rule, Style, Symbol

LAYER = Layer(
    name="toys",
    title="Toys",
    question="Which squares does a toy show?",
    group="Security",
    shape="polygon",
    subject="boundaries",
    reads=("boundary", "footprint"),
    geometry="f.geom",
    simplified=("f.low", "f.mid"),
    open=True,
    told=("toy", "toys"),
    tabled=99,
    titled=("{nick} of {owner}",),
    printed=(("Toy", "nick"),),
    sql="""
        SELECT b.id, b.name AS nick, NULL::text AS owner, 'soft' AS kind, {geom} AS geom FROM calc.boundary AS b
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE f.geom && :box AND b.level = 2
    """,
    fields=(Field("nick", "Nick", drawn=True), Field("owner", "Owner"), Field("kind", "Kind")),
    style=Style(by="kind", label="nick", labelled="pill", graded=True, rules=(Rule("soft", "Soft", Symbol(fill="#123456")),)),
)
'''
LOOK = """
import io, json, sys
import mapbox_vector_tile
from rich.console import Console
from geoapp import db
from geoapp.cli import output
from geoapp.draw import features, panel
from geoapp.draw.tile import tile
from geoapp.scope import Scope
import layers
engine, scope, layer = db.engine(sys.argv[1]), Scope("grid", member="tester"), layers.get("toys")
with db.transaction(engine, scope.context()) as connection:
    shown = panel.panel(connection, scope)
    out = io.StringIO()
    output.table(Console(file=out), layer, features.rows(connection, layer, scope))
    print(json.dumps({
        "file": layers.__file__,
        "tile": mapbox_vector_tile.decode(tile(connection, layer, scope, 8, 135, 124))["toys"]["features"][0]["properties"],
        "labels": len(panel.labels(connection, scope, ["toys"])),
        "panel": next(each for each in shown["layers"] if each["name"] == "toys"),
        "found": panel.identify(connection, scope, ["toys"], 10.25, 5.25, 9),
        "printed": out.getvalue(),
    }))
"""


def test_a_toy_is_drawn_labelled_and_titled(gridded: Callable, urls: Urls, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "layers", tmp_path / "layers", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "layers" / "toys.py").write_text(TOY, encoding="utf-8")
    stack = tmp_path / "layers" / "__init__.py"
    text = stack.read_text(encoding="utf-8").replace("    sites,\n", "    sites,\n    toys,\n", 1)
    stack.write_text(
        text.replace("    incidents.LAYER,\n", "    incidents.LAYER,\n    toys.LAYER,\n", 1), encoding="utf-8"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    run = subprocess.run([sys.executable, "-c", LOOK, urls.app], env=env, cwd=tmp_path, capture_output=True, text=True)  # noqa: S603
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert Path(told["file"]).is_relative_to(tmp_path)
    assert told["tile"].keys() == {"_id", "nick", "kind"}
    assert told["labels"] == 100
    shown = told["panel"]
    assert (shown["count"], shown["told"], shown["open"], shown["tabled"]) == (100, ["toy", "toys"], True, 99)
    assert (shown["style"]["labelled"], shown["style"]["graded"]) == ("pill", True)
    assert [item["title"] for item in told["found"]] == ["Square 2-2 of withheld"]
    assert "Square 2-2" in told["printed"]


DRAWING = [
    *(ROOT / "geoapp" / "draw").glob("*.py"),
    ROOT / "geoapp" / "cli" / "output.py",
    *(ROOT / "web" / "static" / "map" / f"{name}.js" for name in ("tiles", "tile_source", "layers", "labels")),
    ROOT / "web" / "static" / "lib" / "symbols.js",
]


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.name)
def test_what_draws_names_no_layer(path: Path) -> None:
    names = "|".join(layer.name for layer in STACK)
    # import kinds and lists of codes have names of their own, some of them the same
    text = re.sub(r"^(LISTS|KINDS) = \(.*?^\)", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"(facts\.|piece\[|way\[)\S+", "", text)
    assert not re.findall(rf"""["'`]({names})["'`]""", text)
