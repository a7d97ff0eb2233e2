"""The neutrality check: what takes sides, approves or has expired is found in every format, and official words are not."""

import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from pptx import Presentation
from pptx.util import Emu
from sqlalchemy import Engine
from typer.testing import CliRunner

from geoapp import audiences, export
from geoapp.cli.__main__ import app
from geoapp.db import transaction
from geoapp.draw import brief, slides
from geoapp.errors import BadRequest
from geoapp.export import neutrality
from geoapp.export.neutrality import look, words
from geoapp.scope import Scope
from layers._palette import DOMAIN_SYMBOLS

FOOT = "TLP:AMBER. The names shown do not imply official endorsement by us."
SCOPE = Scope("grid", member="tester", purpose="export")


def codes(path: Path, text: str | bytes, day: date | None = None) -> list[str]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [each.code for each in neutrality.check(path, day=day)]


@pytest.mark.parametrize("suffix", sorted(export.LAYER_FORMATS))
def test_what_the_product_writes_is_neutral(engine: Engine, gridded: Callable, tmp_path: Path, suffix: str) -> None:
    form = export.LAYER_FORMATS[suffix]
    for layers in [export.EVERYTHING] if form.many else [[layer] for layer in export.EVERYTHING]:
        path = tmp_path / f"{layers[0].name}{suffix}"
        export.write(engine, SCOPE, layers, path)
        # of Gridland's areas many ended in June, and of all formats only TAK's says on each whether it has
        ended = {"expired"} if suffix == ".dpk" else set()
        assert {each.code for each in neutrality.check(path)} == ended


def test_slides_and_brief_are_neutral(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    about = {"disclaimer": "These do not imply official endorsement.", "handling": "TLP:RED"}
    with transaction(engine, SCOPE.context()) as connection:
        room = audiences.room(connection, SCOPE)
        slides.write(connection, SCOPE, room, tmp_path / "a.pptx", about)
        brief.write(connection, SCOPE, room, tmp_path / "a.docx", about)
    assert neutrality.check(tmp_path / "a.pptx") == []
    assert neutrality.check(tmp_path / "a.docx") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The road is safe.", "approval"), ("Movement APPROVED by the force", "approval"), ("cleared for passage", "approval"),
        ("La route est sûre", "approval"), ("ruta segura", "approval"), ("الطريق آمن", "approval"), ("والطريق الآمن", "approval"),
        ("held by the enemy", "accusing"), ("les rebelles", "accusing"), ("los terroristas", "accusing"),
        ("منطقة الإرهابيين", "accusing"), ("friendly forces", "accusing"),
    ],
)  # fmt: skip
def test_words_of_each_language_are_found(text: str, kind: str) -> None:
    assert [word.kind for word in words.found(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "unsafe", "an unsafe road", "Cleared", "cleared", "Terrorism", "hostilities", "Military operations, hostilities",
        "sur la route", "a fail-safe", "insecure", "safe passage", "records up to AMBER by its clearance", "TLP:AMBER",
        "regimental", "nobody said that it is not safe", "safe drinking water",
    ],
)  # fmt: skip
def test_official_and_other_words_are_no_alarm(text: str) -> None:
    assert words.found(text) == ()


def test_no_colour_of_a_domain_takes_sides() -> None:
    for symbol in DOMAIN_SYMBOLS.values():
        assert symbol.stroke and look.side(symbol.stroke[1:]) is None, symbol
    assert [look.side(each) for each in ("FF0000", "C00000", "0000FF", "1F4E9E", "808080")] == [
        "red", "red", "blue", "blue", None,
    ]  # fmt: skip


def test_friend_hostile_and_tasks_are_found(tmp_path: Path) -> None:
    event = '<event version="2.0" uid="1" type="{0}" time="2026-10-18T00:00:00Z" stale="{1}"><point lat="1" lon="1"/></event>'
    path = tmp_path / "a.cot"
    assert codes(path, event.format("a-f-G-U", "2026-11-01T00:00:00Z")) == ["identity"]
    assert codes(path, event.format("a-h-G", "2026-11-01T00:00:00Z")) == ["identity"]
    assert codes(path, event.format("t-k-d", "2026-11-01T00:00:00Z")) == ["tasking"]
    assert codes(path, event.format("a-n-G", "2026-10-01T00:00:00Z")) == ["expired"]
    assert codes(path, event.format("a-n-G", "2026-11-01T00:00:00Z")) == []
    nvg = '<nvg xmlns="https://tide.act.nato.int/schemas/2012/10/nvg"><point x="1" y="1" label="A" symbol="app6d:{0}"/></nvg>'
    assert codes(tmp_path / "a.nvg", nvg.format("10031000001211000000")) == ["identity"]
    assert codes(tmp_path / "a.nvg", nvg.format("10041000001211000000")) == []
    assert look.identity("SHGPU-----*****") == "hostile" and look.identity("SNGPU-----*****") is None


def test_where_and_what_to_do_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"id,name,note,{FOOT}\n#meta+id,#org+name,#description,#meta+warning\n1,Safe Water Trust,The road is safe.,\n",
        "utf-8",
    )
    (found,) = neutrality.check(path)
    assert (found.where, found.row, found.field, found.key) == ("a.csv", "3", "note", "approval:safe")
    assert found.hint.startswith("Say: ") and found.reason is None
    (kept,) = neutrality.check(path, overrides={"approval:safe": "A quotation of the agreement."})
    assert kept.reason == "A quotation of the agreement." and neutrality.open_findings([kept]) == []
    with pytest.raises(BadRequest, match="no reason"):
        neutrality.check(path, overrides={"approval:safe": " "})


def test_disclaimer_handling_and_expired_records(tmp_path: Path) -> None:
    zone = {"type": "Feature", "id": 1, "geometry": None, "properties": {"level": 3, "valid_to": "2026-10-01"}}
    body = {"type": "FeatureCollection", "features": [zone]}
    path = tmp_path / "a.geojson"
    assert codes(path, json.dumps(body)) == ["disclaimer", "handling"]
    assert codes(path, json.dumps(body | {"about": FOOT})) == []
    assert codes(path, json.dumps(body | {"about": FOOT}), day=date(2026, 10, 18)) == ["expired"]


def test_every_kind_of_file_is_looked_into(tmp_path: Path) -> None:
    bad = "held by rebels"
    book = openpyxl.Workbook()
    book.active.append(["note", FOOT])
    book.active.append([bad])
    book.save(tmp_path / "a.xlsx")
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Emu(0), Emu(0), Emu(9), Emu(9)).text_frame.text = FOOT
    slide.notes_slide.notes_text_frame.text = bad
    deck.save(str(tmp_path / "a.pptx"))
    html = f'<p>{FOOT}</p><script>var safe = "enemy";</script><script type="application/json">{{"a": "{bad}"}}</script>'
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{FOOT}</name><description>{bad}</description></Document></kml>'
    red = kml.replace(bad, "x").replace(
        "<description>", '<Style id="overlaps-0"><LineStyle><color>ff0000ff</color></LineStyle></Style><description>'
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>{FOOT}</text><g id="overlaps"><path fill="#ff0000"/></g></svg>'
    )
    assert [each.code for each in neutrality.check(tmp_path / "a.xlsx")] == ["accusing"]
    assert [each.code for each in neutrality.check(tmp_path / "a.pptx")] == ["accusing"]
    assert codes(tmp_path / "a.html", html) == ["accusing"]
    assert codes(tmp_path / "a.kml", kml) == ["accusing"]
    assert codes(tmp_path / "b.kml", red) == ["colour"]
    assert codes(tmp_path / "a.svg", svg) == ["colour"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as pack:
        for name in ("a.xlsx", "a.pptx", "a.html", "b.kml"):
            pack.write(tmp_path / name, name)
    found = neutrality.check(tmp_path / "a.zip")
    assert [each.code for each in found] == ["accusing", "accusing", "accusing", "colour"]
    assert found[0].where.startswith("a.zip/a.xlsx")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.kml", "<kml"),
        ("a.xlsx", "x"),
        ("a.gpkg", "x"),
        ("a.zip", "x"),
        ("a.json", "{"),
        ("a.exe", "x"),
        ("a.pdf", "x"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(BadRequest):
        codes(tmp_path / name, text)


def test_the_shell_says_what_to_mend(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The road is safe.", "utf-8")
    told = CliRunner().invoke(app, ["check", str(path)])
    assert told.exit_code == 1 and "a.txt, 1, text: “safe” approves." in told.output.replace("\n", " ")
    told = CliRunner().invoke(app, ["check", str(path), "--override", "approval:safe=A quotation.", "--json"])
    assert told.exit_code == 0 and json.loads(told.output)["findings"][0]["reason"] == "A quotation."
