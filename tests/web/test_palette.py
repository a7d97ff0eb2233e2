"""Do the colours of the map hold for colour-blind eyes, on grey paper and beside each other?

Method: colour vision deficiency is simulated in linear RGB with the matrices of Machado, Oliveira and Fernandes (2009)
at severity 1.0; differences are CIEDE2000 under D65; contrast is that of WCAG 2.2.
"""

import math
import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from layers import STACK, Symbol
from layers._palette import (
    ARRANGEMENT,
    CONSTRAINT_RULES,
    COUNT_CLASSES,
    DOMAIN_SYMBOLS,
    HANDLING,
    HAZARD,
    INCIDENT_RULES,
    INK,
    RISK,
    ROAD,
    SECURITY,
    SEVERITY,
    SIDE_CHROMA,
    SIDES,
    constrained_road,
    stripes,
)

Triple = tuple[float, float, float]
LAND, WHITE, BLACK = "#F6F4EE", "#FFFFFF", "#000000"
SIX = {name: symbol for name, symbol in DOMAIN_SYMBOLS.items() if name != "unknown"}
MACHADO: dict[str, tuple[Triple, Triple, Triple]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(color: str) -> Triple:
    """`#RRGGBB` as linear RGB, 0 to 1."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def seen(color: str, eye: str) -> Triple:
    """A colour as an eye of that kind has it, in linear RGB."""
    rgb = linear(color)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb, strict=True)))) for row in MACHADO[eye]
    )  # fmt: skip
    return red, green, blue


def luminance(rgb: Triple) -> float:
    """Relative luminance: what grey printing keeps."""
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def lab(rgb: Triple) -> Triple:
    """CIELAB (D65) of linear RGB."""
    x = (0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047
    y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2]
    z = (0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883

    def f(t: float) -> float:
        return t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29

    return 116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))


def ciede2000(first: Triple, second: Triple) -> float:
    """The difference of two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rc = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    rotation = -rc * math.sin(math.radians(60 * math.exp(-(((mean_h - 275) / 25) ** 2))))
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))


def difference(first: str, second: str, eye: str = "normal") -> float:
    if eye == "grey":
        one, other = luminance(linear(first)), luminance(linear(second))
        return ciede2000(lab((one, one, one)), lab((other, other, other)))
    return ciede2000(lab(seen(first, eye)), lab(seen(second, eye)))


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(linear(first)), luminance(linear(second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def line(symbol: Symbol) -> str:
    assert symbol.stroke is not None
    return symbol.stroke


def fill(symbol: Symbol) -> str:
    assert symbol.fill is not None
    return symbol.fill


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_ruler_measures_what_its_authors_published(first: Triple, second: Triple, expected: float) -> None:
    assert ciede2000(first, second) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("eye", "floor"), [("normal", 15), ("deutan", 15), ("protan", 15), ("tritan", 12)])
def test_actors_stay_apart(eye: str, floor: float) -> None:
    least = min(combinations(SIX, 2), key=lambda pair: difference(line(SIX[pair[0]]), line(SIX[pair[1]]), eye))
    found = difference(line(SIX[least[0]]), line(SIX[least[1]]), eye)
    assert found >= floor, f"{least} differ by {found:.1f} only"


def red_or_blue(color: str) -> bool:
    _, a, b = lab(linear(color))
    chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    return chroma > SIDE_CHROMA and any((hue - first) % 360 <= (last - first) % 360 for first, last in SIDES.values())


def test_actors_are_neither_red_nor_blue() -> None:
    for name, symbol in DOMAIN_SYMBOLS.items():
        assert not red_or_blue(line(symbol)), name


def test_red_and_blue_are_those_that_everybody_means() -> None:
    assert all(map(red_or_blue, ("#FF0000", "#C00000", "#B5402A", "#0000FF", "#1F4E9E", "#4A78B0")))
    assert not any(map(red_or_blue, ("#808080", "#00AA00", "#8E2391", INK)))


def test_no_actor_is_told_by_colour_alone() -> None:
    signs = [(s.hatch, s.dash) for s in DOMAIN_SYMBOLS.values()]
    assert len(set(signs)) == len(signs)
    assert len({s.marker for s in DOMAIN_SYMBOLS.values()}) == len(signs)
    assert all(s.casing for s in DOMAIN_SYMBOLS.values()), "an outline without casing is lost on the sea"


def test_actors_can_be_seen_on_land_and_read_on_white() -> None:
    for name, symbol in DOMAIN_SYMBOLS.items():
        assert contrast(line(symbol), LAND) >= 3.0, name
        assert symbol.text_color is not None
        assert contrast(symbol.text_color, WHITE) >= 4.5, name


def test_overlap_stripes_take_both_colours_and_run_against_the_military_hatch() -> None:
    for first, second in combinations(DOMAIN_SYMBOLS, 2):
        symbol = stripes(first, second)
        assert (symbol.hatch, symbol.stroke) == ("stripes", INK)
        assert {symbol.hatch_color, symbol.hatch_color_2} == {line(DOMAIN_SYMBOLS[d]) for d in (first, second)}
    same = stripes("civil", "civil")
    assert (same.hatch_color, same.hatch_color_2) == (line(DOMAIN_SYMBOLS["civil"]), WHITE)


@pytest.mark.parametrize(
    ("eye", "floor"), [("normal", 13), ("deutan", 11), ("protan", 12.5), ("tritan", 13), ("grey", 7)]
)
def test_neighbouring_risk_levels_stay_apart(eye: str, floor: float) -> None:
    for lower, higher in pairwise(RISK):
        found = difference(fill(RISK[lower]), fill(RISK[higher]), eye)
        assert found >= floor, f"levels {lower} and {higher} differ by {found:.1f} only"


def test_risk_levels_darken_and_carry_their_number() -> None:
    lightness = [lab(linear(fill(symbol)))[0] for symbol in RISK.values()]
    assert lightness == sorted(lightness, reverse=True)
    for level, symbol in RISK.items():
        assert symbol.text == str(level)
        assert symbol.marker == "diamond"
        assert symbol.text_color is not None
        assert contrast(symbol.text_color, fill(symbol)) >= 4.5
        assert contrast(line(symbol), LAND) >= 3.0
        assert symbol.hatch is None, "hatch means an actor"


@pytest.mark.parametrize(("eye", "floor"), [("normal", 11), ("deutan", 9), ("protan", 10), ("tritan", 10), ("grey", 8)])
def test_neighbouring_severities_stay_apart(eye: str, floor: float) -> None:
    for lower, higher in pairwise(SEVERITY):
        found = difference(fill(SEVERITY[lower]), fill(SEVERITY[higher]), eye)
        assert found >= (floor if lower else floor - 3), f"severities {lower} and {higher} differ by {found:.1f} only"


def test_severity_is_no_level_of_risk_and_takes_no_side() -> None:
    lightness = [lab(linear(fill(symbol)))[0] for symbol in SEVERITY.values()]
    assert lightness == sorted(lightness, reverse=True)
    widths = [constrained_road(level).width for level in SEVERITY]
    assert widths == sorted(set(widths)), "a road is told by its width as well"
    for level, symbol in SEVERITY.items():
        assert (symbol.text, symbol.marker, symbol.hatch) == (str(level), "circle", None)
        assert symbol.text_color is not None
        assert contrast(symbol.text_color, fill(symbol)) >= 4.5
        assert contrast(line(symbol), LAND) >= 3.0
        for color in (fill(symbol), line(symbol)):
            assert not red_or_blue(color), level
        # two scales beside each other: no step of one is taken for a step of the other
        assert level == 0 or min(difference(fill(symbol), fill(risk)) for risk in RISK.values()) >= 15


def test_security_levels_are_greys_with_a_roman_numeral_each() -> None:
    assert [symbol.text for symbol in SECURITY.values()] == ["I", "II", "III", "IV", "V", "VI"]
    for lower, higher in pairwise(SECURITY):
        assert difference(fill(SECURITY[lower]), fill(SECURITY[higher]), "grey") >= 7
    for symbol in SECURITY.values():
        _, a, b = lab(linear(fill(symbol)))
        assert math.hypot(a, b) < 8, "a grey"
        assert (symbol.marker, symbol.hatch) == ("square", None)
        assert symbol.text_color is not None
        assert contrast(symbol.text_color, fill(symbol)) >= 4.5


def test_arrangements_are_one_grey_told_apart_by_their_outline() -> None:
    assert len({symbol.dash for symbol in ARRANGEMENT.values()}) == len(ARRANGEMENT)
    (color,) = {line(symbol) for symbol in ARRANGEMENT.values()}
    assert contrast(color, LAND) >= 3.0
    assert min(difference(color, line(symbol)) for symbol in SIX.values()) >= 15
    assert all(symbol.casing and symbol.hatch is None for symbol in ARRANGEMENT.values())


def test_handling_colours_are_those_of_tlp_and_nowhere_else() -> None:
    for word, color in HANDLING.items():
        assert contrast(color, BLACK) >= 4.5, word
    own = {c for word, c in HANDLING.items() if word != "CLEAR"}
    used = set()
    for layer in STACK:
        for rule in layer.style.rules:
            s = rule.symbol
            used |= {s.fill, s.stroke, s.hatch_color, s.hatch_color_2, s.text_color}
    assert not own & used
    sheets = [s for s in (Path(__file__).parents[2] / "web" / "static").rglob("*.css") if "vendor" not in s.parts]
    assert sheets
    for sheet in sheets:
        written = {c.upper() for c in re.findall(r"#[0-9A-Fa-f]{6}\b", sheet.read_text(encoding="utf-8"))}
        assert not own & written, sheet.name


@pytest.mark.parametrize("eye", ["normal", "deutan", "protan", "tritan"])
def test_road_states_stay_apart_and_have_a_second_sign(eye: str) -> None:
    colors = {line(ROAD[state]) for state in ("open", "restricted", "closed", "unspecified")}
    assert min(difference(a, b, eye) for a, b in combinations(colors, 2)) >= (10 if eye == "normal" else 12)
    assert len({(s.dash, s.glyph) for s in ROAD.values()}) == len(ROAD)


def test_counts_are_one_ramp_from_light_to_dark() -> None:
    lightness = [lab(linear(fill(symbol)))[0] for symbol in COUNT_CLASSES]
    assert lightness == sorted(lightness, reverse=True)
    assert all(lower - higher >= 8 for lower, higher in pairwise(lightness))


def test_incidents_are_told_by_their_glyph() -> None:
    glyphs = [rule.symbol.glyph for rule in INCIDENT_RULES]
    assert len(set(glyphs)) == len(glyphs)
    source = (Path(__file__).parents[2] / "web" / "static" / "lib" / "glyphs.js").read_text(encoding="utf-8")
    constraints = [rule.symbol.glyph for rule in CONSTRAINT_RULES]
    assert len(set(constraints)) == len(constraints) == 9
    for glyph in {*glyphs, *constraints, *(s.glyph for s in ROAD.values() if s.glyph)}:
        assert re.search(rf"^  {glyph}: ", source, re.MULTILINE), f"{glyph} is drawn nowhere"
    assert all(rule.symbol.fill == INK for rule in INCIDENT_RULES), "red is not used"


def test_hazards_have_a_sign_each() -> None:
    assert len({(s.hatch, s.dash) for s in HAZARD.values()}) == len(HAZARD)


def test_every_hatch_and_marker_that_is_declared_can_be_drawn() -> None:
    source = (Path(__file__).parents[2] / "web" / "static" / "lib" / "symbols.js").read_text(encoding="utf-8")
    for layer in STACK:
        for rule in layer.style.rules:
            if rule.symbol.hatch:
                assert re.search(rf"^  {rule.symbol.hatch}: \(ctx", source, re.MULTILINE), rule.symbol.hatch


INTERFACE = [
    ("ink", "surface", 4.5), ("ink", "page", 4.5), ("ink-2", "surface", 4.5), ("ink-2", "page", 4.5),
    ("ink-3", "surface", 4.5), ("ink-3", "page", 4.5), ("ink-3", "accent-tint", 4.5), ("control", "surface", 3.0),
    ("control", "page", 3.0), ("accent", "surface", 4.5), ("accent", "accent-tint", 4.5),
    ("accent-strong", "surface", 4.5), ("warn", "surface", 4.5), ("warn-text", "warn-tint", 4.5),
    ("danger", "surface", 4.5), ("danger", "danger-tint", 4.5),
]  # fmt: skip


@pytest.mark.parametrize(("front", "back", "floor"), INTERFACE)
def test_interface_tokens_can_be_read(front: str, back: str, floor: float) -> None:
    sheet = (Path(__file__).parents[2] / "web" / "static" / "lib" / "app.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", sheet))
    assert contrast(tokens[front], tokens[back]) >= floor
