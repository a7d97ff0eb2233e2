"""How do our scripts and styles run in a file that nobody serves? As one classic script and one style, nothing beside them.

A module is what `web/static` has; here each becomes a function that is called once, in the order in which they import one
another. Only the forms that our modules use are understood, and any other is refused rather than left to fail in a browser.
"""

import base64
import re
from pathlib import Path

from geoapp.draw.assets import STATIC
from geoapp.errors import SetupError

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|class|function|async function) ([\w$]+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$|\bimport\s*\(|\bimport\.meta\b(?!\.url)", re.MULTILINE)
_ADDRESS = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_RANGE = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", re.IGNORECASE)
_MEDIA = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def script(entry: str, name: str) -> str:
    """The module `entry` (below `web/static`) and all it imports as one classic script, which leaves what it exports in the
    constant `name`. Raises SetupError for a form of import or export that this does not know, and for a circle."""
    written: list[str] = []
    _add(STATIC / entry, written, ())
    body = "\n".join(written)
    return (
        f'const {name} = (() => {{\n"use strict";\nconst modules = {{}};\n{body}\nreturn modules["{entry}"];\n}})();\n'
    )


def _add(path: Path, written: list[str], above: tuple[Path, ...]) -> None:
    key = path.relative_to(STATIC).as_posix()
    if path in above:
        raise SetupError(f"{key} imports itself, by way of others.", hint="A script in one file has an order.")
    head = f'modules["{key}"] = (() => {{'
    if any(each.startswith(head) for each in written):
        return
    text = path.read_text(encoding="utf-8")

    def taken(match: re.Match[str]) -> str:
        other = (path.parent / match[2]).resolve()
        _add(other, written, (*above, path))
        names = match[1].replace(" as ", ": ")
        return f'const {{{names}}} = modules["{other.relative_to(STATIC).as_posix()}"];'

    body = _IMPORT.sub(taken, text)
    names = _EXPORT.findall(body)
    body = _EXPORT.sub("", body)
    left = _LEFT.search(body)
    if left:
        raise SetupError(f"{key} cannot be put into a single file: {left[0][:80]!r}.", hint="Import names from a file.")
    body = body.replace("import.meta.url", "document.baseURI")
    written.append(f"{head}\n{body}\nreturn {{ {', '.join(names)} }};\n}})();")


def plain(source: str) -> str:
    """A script as the text of a `<script>` element, which it cannot end."""
    return re.sub(r"<(?=/script|!--)", r"\\x3C", source, flags=re.IGNORECASE)


def style(path: Path, used: str) -> str:
    """A style sheet with its fonts and pictures in it; of fonts those that have a letter of the text `used`."""
    letters = {ord(letter) for letter in used}
    text = _FACE.sub(lambda match: match[0] if _has(match[0], letters) else "", path.read_text(encoding="utf-8"))
    return _ADDRESS.sub(lambda match: f"url({_data(path.parent / match[1])})" if _outside(match[1]) else match[0], text)


def _outside(address: str) -> bool:
    return not address.startswith(("data:", "#"))


def _has(face: str, letters: set[int]) -> bool:
    ranges = [range(int(a, 16), int(b or a, 16) + 1) for a, b in _RANGE.findall(face)]
    return not ranges or any(letter in each for letter in letters for each in ranges)


def _data(path: Path) -> str:
    """A file as an address that holds it."""
    return f"data:{_MEDIA[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
