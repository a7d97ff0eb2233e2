"""Which colour and which second sign does each class have: domains, overlaps, risk, counts, roads, incidents, handling?

No reds and no blues for actors, and no class told by colour alone: each has a hatch, an outline or a symbol as well.
"""

from layers._base import Hatch, Marker, Rule, Symbol

INK, WHITE = "#17212B", "#FFFFFF"

SIDES = {"red": (352, 52), "blue": (222, 312)}
SIDE_CHROMA = 14
"""The hues (CIELAB, in degrees) that take a side, at more than so little colour: no line or fill of an actor has one, and
nothing that leaves is drawn in one."""

DOMAIN_LABELS = {
    "civil": "Civil",
    "military": "Military",
    "police": "Police",
    "paramilitary": "Paramilitary",
    "non_state_armed": "Non-state armed",
    "private_security": "Private security",
    "unknown": "Unknown",
}


def _domain(
    color: str,
    hatch: Hatch | None,
    hatch_px: float,
    dash: tuple[float, ...],
    marker: Marker,
    tint: float,
    text: str | None = None,
) -> Symbol:
    return Symbol(
        fill=color if tint else None, fill_opacity=tint, hatch=hatch, hatch_color=color, hatch_px=hatch_px,
        stroke=color, width=1.8, dash=dash, casing=True, marker=marker, size=10, text_color=text or color,
    )  # fmt: skip


DOMAIN_SYMBOLS: dict[str, Symbol] = {
    "civil": _domain("#07765B", None, 8, (), "circle", 0.15),
    "military": _domain("#514800", "diagonal", 8, (), "square", 0.07),
    "police": _domain("#A87BB4", "horizontal", 6, (9, 4), "pentagon", 0.07, "#7B4D88"),
    "paramilitary": _domain("#8E2391", "vertical", 6, (10, 3, 2, 3), "hexagon", 0.07),
    "non_state_armed": _domain("#9A7017", "dots", 8, (6, 4), "diamond", 0.07, "#7A5710"),
    "private_security": _domain("#1F3236", "grid", 6, (3, 3), "triangle", 0.07),
    "unknown": _domain("#6F757A", None, 8, (1, 4), "ring", 0.0, "#565C61"),
}
"""How each domain's polygons and marker are drawn; `text_color` is its darker form for words on white."""


def stripes(domain_a: str, domain_b: str) -> Symbol:
    """The symbol of an overlap: stripes of both domains' colours, of one and white when they are the same."""
    first, second = DOMAIN_SYMBOLS[domain_a].stroke, DOMAIN_SYMBOLS[domain_b].stroke
    return Symbol(
        fill=WHITE, fill_opacity=0.42, hatch="stripes", hatch_color=first,
        hatch_color_2=second if second != first else WHITE, hatch_px=8, stroke=INK, width=1.3, casing=True,
    )  # fmt: skip


def _risk(level: int, fill: str, stroke: str, text: str) -> Symbol:
    return Symbol(
        fill=fill, stroke=stroke, width=1.6, dash=(0.1, 4), marker="diamond", size=20, text=str(level), text_color=text
    )


RISK: dict[int, Symbol] = {
    1: _risk(1, "#FBE9C6", "#A0741A", INK),
    2: _risk(2, "#F4C27A", "#A96A12", INK),
    3: _risk(3, "#E08A3C", "#8F4A0C", INK),
    4: _risk(4, "#A94A1C", "#6E2B0C", WHITE),
    5: _risk(5, "#5A1E12", "#2F0D07", WHITE),
}

COUNT_CLASSES: tuple[Symbol, ...] = tuple(
    Symbol(fill=fill, fill_opacity=0.8, stroke=WHITE, width=1)
    for fill in ("#E3EFEF", "#B5D6D4", "#7FB8B4", "#43948F", "#0D6E68")
)

ROAD: dict[str, Symbol] = {
    "open": Symbol(stroke="#5B6770", width=1.7),
    "restricted": Symbol(stroke="#8A5A00", width=1.7, dash=(7, 4)),
    "closed": Symbol(stroke=INK, width=1.3, glyph="cross"),
    "abandoned": Symbol(stroke="#5B6770", width=1, dash=(2, 6)),
    "unspecified": Symbol(stroke="#7C858C", width=1.2, dash=(1.5, 4)),
}


def _hazard(hatch: Hatch, dash: tuple[float, ...], tint: float, px: float, width: float) -> Symbol:
    return Symbol(
        fill=INK, fill_opacity=tint, hatch=hatch, hatch_color=INK, hatch_px=px, stroke=INK, width=width, dash=dash
    )


HAZARD: dict[str, Symbol] = {
    "CHA-open": _hazard("grid", (), 0.12, 5, 1.6),
    "CHA-worked_on": _hazard("grid", (10, 3), 0.12, 5, 1.6),
    "CHA-reduced": _hazard("grid", (6, 2, 1.6, 2), 0.04, 9, 1.2),
    "SHA-open": _hazard("dots", (4, 3), 0.06, 6, 1.4),
    "SHA-worked_on": _hazard("dots", (10, 3), 0.06, 6, 1.4),
    "SHA-reduced": _hazard("dots", (6, 2, 1.6, 2), 0.02, 10, 1.2),
    "cancelled": Symbol(stroke="#6F757A", width=1, dash=(1, 3)),
    "cleared": Symbol(stroke="#6F757A", width=1, dash=(8, 4)),
}
"""By type and state of release (IMAS): the hatch says how sure, the outline how far."""

SITE = Symbol(fill=WHITE, stroke="#07765B", width=1.6, marker="square", glyph="dot", size=12)


def _incident(glyph: str) -> Symbol:
    return Symbol(fill=INK, stroke=WHITE, width=1, marker="circle", glyph=glyph, size=12, text_color=WHITE)


INCIDENT_RULES: tuple[Rule, ...] = (
    Rule("Battles", "Armed clash", _incident("cross")),
    Rule("Explosions/Remote violence", "Explosion or remote violence", _incident("star")),
    Rule("Violence against civilians", "Violence against civilians", _incident("bar")),
    Rule("Protests", "Protest", _incident("triangle")),
    Rule("Riots", "Riot", _incident("bars")),
    Rule("Strategic developments", "Strategic development", _incident("arrow")),
    Rule(None, "Other or not said", _incident("dot")),
)

HANDLING: dict[str, str] = {
    "RED": "#FF2B2B",
    "AMBER+STRICT": "#FFC000",
    "AMBER": "#FFC000",
    "GREEN": "#33FF00",
    "CLEAR": "#FFFFFF",
}
"""TLP 2.0 as FIRST defines it: the colour of the label, always on black and always with the word."""


def _severity(level: int, fill: str, stroke: str, text: str) -> Symbol:
    return Symbol(
        fill=fill, fill_opacity=0.85, stroke=stroke, width=1, dash=(2, 3), marker="circle", size=18, text=str(level),
        text_color=text,
    )  # fmt: skip


SEVERITY: dict[int, Symbol] = {
    0: _severity(0, WHITE, "#7A7480", INK),
    1: _severity(1, "#EFE0EC", "#8A6486", INK),
    2: _severity(2, "#D2ADCB", "#835A7E", INK),
    3: _severity(3, "#AE7AA7", "#6A3E66", INK),
    4: _severity(4, "#824D7E", "#522952", WHITE),
    5: _severity(5, "#4F2550", "#2E102F", WHITE),
}
"""How severe constraints on access are, 0 to 5: a ramp of its own, so that nobody takes it for the level of a risk."""

SEVERITY_LABELS = ("No constraint", "Low", "Moderate", "High", "Very high", "Extreme")


def constrained_road(level: int) -> Symbol:
    """A road with a constraint: a band that the road's own line lies on, the wider the more severe."""
    band = SEVERITY[level]
    return Symbol(
        stroke=band.fill if level else band.stroke, width=3 + 1.6 * level, dash=() if level else (2, 3), casing=True
    )


_PLUM = SEVERITY[5].fill


def _constraint(glyph: str) -> Symbol:
    return Symbol(fill=_PLUM, stroke=WHITE, width=1, marker="square", glyph=glyph, size=19, text_color=WHITE)


CONSTRAINT_RULES: tuple[Rule, ...] = (
    Rule("denial_of_needs", "Denial of needs or entitlements", _constraint("denied")),
    Rule("entry_restriction", "Movement into the country", _constraint("entry")),
    Rule("internal_movement_restriction", "Movement within the country", _constraint("barrier")),
    Rule("interference", "Interference in activities", _constraint("wave")),
    Rule("violence_against_humanitarians", "Violence against humanitarians", _constraint("shield")),
    Rule("population_access_restriction", "People's access to aid", _constraint("person")),
    Rule("hostilities", "Military operations, hostilities", _constraint("cross")),
    Rule("explosive_hazards", "Mines, ERW, UXO, IEDs", _constraint("mine")),
    Rule("physical_environment", "Physical environment", _constraint("hills")),
)
"""The nine categories of the AMRF by the names of the list of codes, which has their official ones beside these."""


def _security(level: int, roman: str, fill: str, text: str) -> Symbol:
    return Symbol(
        fill=fill, stroke="#4E565C", width=1, dash=(12, 4), marker="square", size=20, text=roman, text_color=text
    )


SECURITY: dict[int, Symbol] = {
    1: _security(1, "I", "#F6F8F8", INK),
    2: _security(2, "II", "#D0D4D6", INK),
    3: _security(3, "III", "#AEB4B8", INK),
    4: _security(4, "IV", "#878E94", INK),
    5: _security(5, "V", "#60676D", WHITE),
    6: _security(6, "VI", "#383E43", WHITE),
}
"""The levels of the UN Security Level System: greys and Roman numerals, for they are no levels of risk."""


def _arrangement(*dash: float) -> Symbol:
    return Symbol(fill="#4A6670", fill_opacity=0.1, stroke="#4A6670", width=2.2, dash=dash, casing=True)


ARRANGEMENT: dict[str, Symbol] = {
    "humanitarian_pause": _arrangement(14, 5),
    "humanitarian_corridor": _arrangement(),
    "notification": _arrangement(3, 4),
    "ceasefire": _arrangement(14, 4, 3, 4),
    "cessation_of_hostilities": _arrangement(14, 4, 3, 4, 3, 4),
    "temporary_cessation": _arrangement(7, 4),
    "safe_passage_other": _arrangement(1.5, 5),
}
"""What parties have agreed on: one grey that is no actor's, told apart by the outline and the name."""
