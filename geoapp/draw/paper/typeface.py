"""In which typefaces is paper set, how wide is a text in them, and which of its signs have none?

Inter for Latin, Greek and Cyrillic, Noto Sans Arabic for Arabic, and for Chinese what the machine has. Both packages hold
variable fonts, of which a PDF can only embed the ordinary weight: each weight is made a font of its own, once, and kept
beside matplotlib's other caches.
"""

import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import fontpkg
import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

LATIN, ARABIC = "Inter", "Noto Sans Arabic"
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Droid Sans Fallback", "PingFang SC", "Microsoft YaHei",
)  # fmt: skip
"""The typefaces for Chinese that are taken where the machine has one, the first of these."""
WEIGHTS = (400, 600)
NO_SIGN = "□"
"""Drawn for a sign that no typeface here has."""
_AXES = {LATIN: {"opsz": 14}, ARABIC: {"wdth": 100}}
_LATIN_SIGNS = (
    (0x20, 0x250), (0x300, 0x330), (0x370, 0x530), (0x1E00, 0x1F00), (0x2000, 0x200B), (0x2010, 0x2028), (0x202F, 0x2060),
    (0x20A0, 0x20C0), (0x2190, 0x2270), (0x25A0, 0x2600),
)  # fmt: skip
_JOINERS = "\u200c\u200d"
"""Signs that are not seen and yet shape Persian and Urdu words."""
_BLANKS = re.compile(r"[ \t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
_making = threading.Lock()


@cache
def ready() -> tuple[str, ...]:
    """Make the typefaces known to matplotlib and say how it writes; the families in the order in which signs are looked for."""
    with _making:
        for family in (LATIN, ARABIC):
            for weight in WEIGHTS:
                font_manager.fontManager.addfont(_static(family, weight))
        matplotlib.rcParams.update(
            {
                "pdf.fonttype": 42,
                "pdf.compression": 6,
                "svg.fonttype": "none",
                "svg.hashsalt": "geoapp",
                "path.simplify": False,
            }
        )
        known = {each.name for each in font_manager.fontManager.ttflist}
        return (LATIN, ARABIC, *[name for name in CHINESE if name in known][:1])


def _static(family: str, weight: int) -> Path:
    """The file of one weight of a variable font, made where it is not there yet."""
    source = Path(str(fontpkg.path(family)))
    made = Path(matplotlib.get_cachedir()) / f"geoapp-{source.stat().st_size}-{family.replace(' ', '')}-{weight}.ttf"
    if not made.exists():
        font = TTFont(source)
        if (
            family == LATIN
        ):  # a fifth of its signs and none of its alternates: four times as fast, a quarter of the size
            kept = subset.Subsetter(subset.Options(layout_features=[], name_IDs=["*"]))
            kept.populate(unicodes=[sign for first, last in _LATIN_SIGNS for sign in range(first, last)])
            kept.subset(font)
        instancer.instantiateVariableFont(font, _AXES[family] | {"wght": weight}, inplace=True, updateFontNames=True)
        handle, fresh = tempfile.mkstemp(dir=made.parent, suffix=".ttf")
        os.close(handle)
        font.save(fresh)
        Path(fresh).replace(made)
    return made


def arabic(text: str) -> bool:
    """Whether a text has Arabic letters or digits in it."""
    return any("ARABIC" in unicodedata.name(sign, "") for sign in text)


def latin(text: str) -> bool:
    """Whether a text has no letters but Latin ones, which all have capitals."""
    return all("LATIN" in unicodedata.name(sign, "") for sign in text if sign.isalpha())


def properties(text: str, size: float, weight: int = 400) -> font_manager.FontProperties:
    """The font of a text: where Arabic is in it, spaces and marks are those of its typeface, so that words stay apart.
    A sign of the machine's own typeface has one weight."""
    families = [ARABIC, LATIN] if arabic(text) else [LATIN]
    if any(ord(sign) not in _own_signs() for sign in text):
        families += ready()[2:]
        weight = 400
    return font_manager.FontProperties(family=families, size=size, weight=weight)


@lru_cache(maxsize=20_000)
def _unit_width(text: str, weight: int) -> float:
    found: float = text_to_path.get_text_width_height_descent(text, properties(text, 10, weight), ismath=False)[0]
    return found / 10


def width(text: str, size: float, weight: int = 400) -> float:
    """How wide a text is, in points."""
    return size * _unit_width(text, weight)


def _charmap(families: Iterable[str]) -> frozenset[int]:
    paths = (font_manager.findfont(font_manager.FontProperties(family=name)) for name in families)
    return frozenset(sign for path in paths for sign in FT2Font(path).get_charmap())


@cache
def _own_signs() -> frozenset[int]:
    return _charmap(ready()[:2])


@cache
def _signs() -> frozenset[int]:
    return _charmap(ready())


def drawable(text: object) -> str:
    """A text on one line, as it can be set: what no typeface has is a box, what is no sign at all is left out."""
    signs, said = _signs(), []
    for sign in _BLANKS.sub(" ", str(text)).strip():
        if unicodedata.category(sign)[0] != "C" or sign in _JOINERS:
            said.append(sign if ord(sign) in signs else NO_SIGN)
    return "".join(said)


def without_typeface(text: object) -> bool:
    """Whether a text has signs that no typeface here has."""
    return any(ord(sign) not in _signs() and unicodedata.category(sign)[0] not in "CZ" for sign in str(text))
