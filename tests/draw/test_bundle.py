"""Our scripts and styles in one text each: nothing is left that a browser would ask for, and nothing is guessed."""

import re
from pathlib import Path

import pytest

from geoapp.draw import bundle
from geoapp.draw.assets import STATIC
from geoapp.errors import SetupError


def test_the_map_in_a_file_is_drawn_by_the_scripts_of_the_map_page() -> None:
    made = bundle.script("single/single.js", "single")
    for module in (
        "lib/symbols.js",
        "lib/glyphs.js",
        "lib/format.js",
        "map/tiles.js",
        "map/labels.js",
        "map/layers.js",
    ):
        text = (STATIC / module).read_text(encoding="utf-8")
        bodies = [line for line in text.splitlines() if line and not line.startswith(("import ", "export "))]
        assert all(line in made for line in bodies if "import.meta" not in line)
    assert not re.search(r"^\s*(import|export)\b", made, re.MULTILINE)
    assert "import(" not in made
    assert "import.meta" not in made


@pytest.mark.parametrize(
    "text", ['import * as a from "./a.js";', "export default 1;", "export { a };", 'const a = import("./a.js");']
)
def test_what_it_does_not_know_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    (tmp_path / "a.js").write_text(text, encoding="utf-8")
    with pytest.raises(SetupError):
        bundle.script("a.js", "made")


def test_a_circle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;', encoding="utf-8")
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 1;', encoding="utf-8")
    with pytest.raises(SetupError, match="imports itself"):
        bundle.script("a.js", "made")


def test_a_script_cannot_end_its_element() -> None:
    assert bundle.plain('a = "</script>"; b = "<!--"; c = 1 < 2') == 'a = "\\x3C/script>"; b = "\\x3C!--"; c = 1 < 2'


def test_a_font_is_there_when_one_of_its_letters_is() -> None:
    path = STATIC / "lib" / "app.css"
    latin, arabic = bundle.style(path, "Kavarra"), bundle.style(path, "Kavarra كفرا")
    assert latin.count("@font-face") == 1
    assert arabic.count("@font-face") == 2
    assert all(address.startswith(("data:", "#")) for address in re.findall(r"url\(([^)]+)\)", arabic))
