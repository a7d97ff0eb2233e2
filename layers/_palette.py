"""Which colour and which second sign does each class have: domains, overlaps, risk, counts, roads, incidents, handling?

No reds and no blues for actors, and no class told by colour alone: each has a hatch, an outline or a symbol as well.
"""

from layers._base import Hatch, Marker, Rule, Symbol

INK, WHITE = "#17212B", "#FFFFFF"

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

HAZARD: dict[str, Symbol] = {
    "CHA": Symbol(fill=INK, fill_opacity=0.12, hatch="grid", hatch_color=INK, hatch_px=5, stroke=INK, width=1.6),
    "SHA": Symbol(
        fill=INK, fill_opacity=0.06, hatch="dots", hatch_color=INK, hatch_px=6, stroke=INK, width=1.4, dash=(4, 3)
    ),
    "released": Symbol(stroke="#6F757A", width=1, dash=(1, 3)),
}

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
