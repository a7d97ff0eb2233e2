"""How a layer's symbol is said in DrawingML: fill, hatch as a pattern fill, outline, marker. Theme colours where they fit.

The six domains of actors are the six accents of the theme, so that one change of the theme recolours them everywhere.
"""

from layers import Symbol, _palette
from layers._palette import DOMAIN_SYMBOLS

INK = _palette.INK

ACCENTS = {DOMAIN_SYMBOLS[d].stroke: f"accent{n}" for n, d in enumerate(list(DOMAIN_SYMBOLS)[:6], 1)}
"""Colour → its name in the theme."""
LAND, WATER, SECOND, PETROL, LINE = "#F6F4EE", "#D6E4EA", "#45525D", "#0F5C6E", "#C3CBD1"
THEME = {
    "dk1": INK, "lt1": "#FFFFFF", "dk2": SECOND, "lt2": LAND,
    **{name: color for color, name in ACCENTS.items() if color}, "hlink": PETROL, "folHlink": SECOND,
}  # fmt: skip
_NAMED = {color: name for name, color in {"tx1": INK, "bg1": "#FFFFFF", "tx2": SECOND, "bg2": LAND}.items()} | ACCENTS
HATCHES = {"diagonal": "wdUpDiag", "horizontal": "ltHorz", "vertical": "ltVert", "dots": "pct10", "grid": "smGrid",
           "stripes": "wdDnDiag"}  # fmt: skip
MARKERS = {
    "circle": "ellipse", "square": "rect", "pentagon": "pentagon", "hexagon": "hexagon", "diamond": "diamond",
    "triangle": "triangle", "ring": "donut",
}  # fmt: skip
GLYPHS = {
    "cross": "mathMultiply", "star": "star5", "bar": "mathMinus", "bars": "mathEqual", "triangle": "triangle",
    "arrow": "rightArrow", "denied": "noSmoking", "entry": "homePlate", "barrier": "mathMinus", "wave": "wave",
    "shield": "flowChartOffpageConnector", "person": "flowChartDelay", "mine": "sun", "hills": "flowChartExtract",
}  # fmt: skip
"""The small drawings inside markers, as forms of their own: a marker has no drawing in it on a slide."""
PX = 9_525
"""EMU of a CSS pixel."""


def color(value: str, opacity: float = 1.0) -> str:
    """A colour element: by its name in the theme where it has one."""
    alpha = "" if opacity >= 1 else f'<a:alpha val="{round(opacity * 100_000)}"/>'
    name = _NAMED.get(value)
    if name:
        return f'<a:schemeClr val="{name}">{alpha}</a:schemeClr>'
    return f'<a:srgbClr val="{value[1:].upper()}">{alpha}</a:srgbClr>'


def solid(value: str, opacity: float = 1.0) -> str:
    """A fill of one colour."""
    return f"<a:solidFill>{color(value, opacity)}</a:solidFill>"


def fill(symbol: Symbol, opacity: float = 1.0) -> str:
    """The fill of a polygon: its hatch as a pattern, else its colour, else none."""
    if symbol.hatch:
        front, back = symbol.hatch_color or INK, symbol.hatch_color_2 or symbol.fill or LAND
        stripes = symbol.hatch == "stripes"
        tinted = (
            (tint(front, 0.62), tint(back, 0.45))
            if stripes
            else (tint(front, 0.8), tint(back, max(symbol.fill_opacity, 0.1)))
        )
        preset = HATCHES[symbol.hatch]
        return f'<a:pattFill prst="{preset}"><a:fgClr>{tinted[0]}</a:fgClr><a:bgClr>{tinted[1]}</a:bgClr></a:pattFill>'
    if symbol.fill:
        return solid(symbol.fill, symbol.fill_opacity * opacity)
    return "<a:noFill/>"


def tint(value: str, share: float) -> str:
    """So much of a colour on the land: patterns have no opacity that every program draws."""
    mixed = (round(int(value[at : at + 2], 16) * share + int(LAND[at : at + 2], 16) * (1 - share)) for at in (1, 3, 5))
    return color("#" + "".join(f"{each:02X}" for each in mixed))


def line(symbol: Symbol) -> str:
    """The outline of a polygon, or a line."""
    if not symbol.stroke:
        return "<a:ln><a:noFill/></a:ln>"
    return stroke(symbol.stroke, symbol.width, symbol.dash)


def stroke(value: str, width_px: float, dash: tuple[float, ...] = ()) -> str:
    """A line of a colour; dashes are multiples of its width, as DrawingML has them."""
    dashes = ""
    if dash:
        pairs = list(zip(dash[::2], dash[1::2], strict=True))
        each = "".join(
            f'<a:ds d="{max(1, round(on / width_px)) * 100_000}" sp="{max(1, round(off / width_px)) * 100_000}"/>'
            for on, off in pairs
        )
        dashes = f"<a:custDash>{each}</a:custDash>"
    return f'<a:ln w="{max(3175, round(width_px * PX))}">{solid(value)}{dashes}<a:round/></a:ln>'
