"""How is a Symbol of `layers/_base.py` drawn on paper: fills, hatches, outlines, markers, and words?

One `Sheet` is one matplotlib figure. Each named part of it is a set of axes in points over the whole sheet, so that an SVG
has one group for each, with its name.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox, TransformedBbox
from numpy.typing import NDArray

from geoapp.draw.paper import typeface
from geoapp.draw.paper.glyphs import GLYPHS, corners
from geoapp.draw.paper.page import MM, Box
from layers import Symbol
from layers._palette import INK, WHITE

PX = 0.75
"""Points of a CSS pixel."""
LEAST_LINE, LEAST_PITCH = 0.35, 1.5 * MM
"""What a laser printer still shows: points of a line, points from line to line of a hatch."""


class Sheet:
    """A figure that is drawn on in points from its lower left corner, part by part, the last part on top."""

    def __init__(self, width: float, height: float) -> None:
        typeface.ready()
        self.figure = Figure(figsize=(width / 72, height / 72), facecolor=WHITE)
        self.width, self.height = width, height
        self._clip: Box | None = None

    def part(self, name: str, clip: Box | None = None, *, above: bool = False) -> None:
        """What is drawn from now on belongs to this part, and is cut at the box; `above` lies over what is drawn later too."""
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, self.width)
        self.axes.set_ylim(0, self.height)
        self.axes.set_gid(name)
        self.axes.set_zorder(1 if above else 0)
        self._clip = clip

    def _add(self, artist: Any) -> Any:
        self.axes.add_artist(artist)
        if self._clip is not None:
            box = self._clip
            artist.set_clip_box(
                TransformedBbox(Bbox.from_extents(box.left, box.bottom, box.right, box.top), self.axes.transData)
            )
        return artist

    def box(
        self, box: Box, *, fill: str | None = None, stroke: str | None = None, width: float = 0.6, alpha: float = 1.0
    ) -> None:
        """A rectangle."""
        self._add(
            Rectangle(
                (box.left, box.bottom), box.width, box.height, facecolor=fill or "none", edgecolor=stroke or "none",
                linewidth=width if stroke else 0, alpha=alpha,
            )
        )  # fmt: skip

    def polygon(self, points: Sequence[tuple[float, float]], fill: str, stroke: str, width: float = 0.6) -> None:
        """A plain polygon."""
        self._add(
            PathPatch(
                Outline([*points, points[0]], closed=True),
                facecolor=fill,
                edgecolor=stroke,
                linewidth=width,
                joinstyle="round",
            )
        )

    def line(
        self,
        rows: Sequence[Any],
        color: str,
        width: float,
        dash: Sequence[float] = (),
        *,
        alpha: float = 1.0,
        round_: bool = False,
    ) -> None:
        """Lines, each a row of points; `dash` in points. They are one path: what is drawn twice is not darker."""
        rows = [row for row in rows if len(row)]
        if rows:
            at, codes = np.concatenate(rows), np.full(sum(map(len, rows)), Outline.LINETO, dtype=np.uint8)
            codes[np.cumsum([0, *map(len, rows[:-1])])] = Outline.MOVETO
            self._add(
                PathPatch(
                    Outline(at, codes), facecolor="none", edgecolor=color, linewidth=max(width, LEAST_LINE), alpha=alpha,
                    linestyle=(0, tuple(dash)) if dash else "solid", capstyle="round" if round_ else "butt",
                    joinstyle="round",
                )
            )  # fmt: skip

    def text(
        self, x: float, y: float, words: object, size: float, *, weight: int = 400, color: str = INK, anchor: str = "left",
        halo: str | None = None, level: str = "baseline",
    ) -> None:  # fmt: skip
        """One line of text; `halo` is the colour that it is edged with, as wide as keeps it apart from what lies under it."""
        said = typeface.drawable(words)
        if not said:
            return
        font, drawn = typeface.properties(said, size, weight), typeface.arabic(said)
        if halo:
            self._letters(x, y, said, size, weight, anchor, level, edgecolor=halo, linewidth=1.9, alpha=0.9)
        if drawn:  # matplotlib 3.11 sets the words of Arabic apart wrongly in a PDF: the text lies unseen on its letters' shapes
            self._letters(x, y, said, size, weight, anchor, level, facecolor=color, linewidth=0)
        self._add(
            Text(
                x, y, said, fontproperties=font, color=color, ha=anchor, va=level, parse_math=False, clip_on=True,
                alpha=0 if drawn else None,
            )
        )  # fmt: skip

    def _letters(
        self, x: float, y: float, said: str, size: float, weight: int, anchor: str, level: str, **how: Any
    ) -> None:
        """The letters' outlines: a text that has an effect of its own could no longer be selected."""
        left = x - typeface.width(said, size, weight) * {"left": 0.0, "center": 0.5, "right": 1.0}[anchor]
        low = y - (size * 0.36 if level == "center" else 0.0)
        path = TextPath((left, low), said, size=size, prop=typeface.properties(said, size, weight))
        self._add(PathPatch(path, **({"facecolor": "none", "joinstyle": "round"} | how)))

    # ---- shapes ------------------------------------------------------------------------------------------------------

    def polygons(self, symbol: Symbol, geoms: NDArray[np.object_], opacity: float = 1.0) -> None:
        """Polygons of one class, alike; `opacity` is of the fill, the outline stays as it is."""
        path = outline(geoms)
        if path is None:
            return
        if symbol.fill and symbol.hatch != "stripes":
            self._add(PathPatch(path, facecolor=symbol.fill, alpha=symbol.fill_opacity * opacity, linewidth=0))
        if symbol.hatch:
            self._hatch(symbol, path, opacity)
        rings = shapely.get_rings(shapely.get_parts(geoms))
        self.stroke(symbol, [shapely.get_coordinates(ring) for ring in rings])

    def stroke(self, symbol: Symbol, rows: Sequence[Any], opacity: float = 1.0) -> None:
        """Lines of one class, with the white casing under them that keeps them apart from other colours."""
        if not symbol.stroke or not len(rows):
            return
        width = symbol.width * PX
        if symbol.casing:
            self.line(rows, WHITE, width + 2 * PX, alpha=0.85)
        dots = bool(symbol.dash) and symbol.dash[0] < 1.6
        self.line(rows, symbol.stroke, width, [each * PX for each in symbol.dash], alpha=opacity, round_=dots)
        if symbol.glyph:
            for row in rows:
                for x, y in _along(np.asarray(row), 19 * PX):
                    self.glyph(symbol.glyph, x, y, 3.2 * PX, symbol.stroke)

    def _hatch(self, symbol: Symbol, path: Outline, opacity: float) -> None:
        """Lines over the whole box of the shapes, cut by them: of a pitch that grey print still shows, and vector in PDF."""
        pitch = max(symbol.hatch_px * PX, LEAST_PITCH)
        extent = path.get_extents()
        color, second = symbol.hatch_color or INK, symbol.hatch_color_2
        two = bool(second) and second != WHITE
        lines: dict[str, list[tuple[float, float, Any, float, float, tuple[float, ...]]]] = {
            "diagonal": [(45, 0, color, 0.85, 0.55, ())],
            "vertical": [(90, 0, color, 0.85, 0.65, ())],
            "horizontal": [(0, 0, color, 1.0, 0.75, ())],
            "grid": [(0, 0, color, 0.7, 0.65, ()), (90, 0, color, 0.7, 0.65, ())],
            "dots": [(0, 0, color, 1.5, 0.95, (0.01, pitch)), (0, 0.5, color, 1.5, 0.95, (0.01, pitch))],
            "stripes": [(-45, 0, color, pitch * (0.36 if two else 0.5), 0.75, ())]
            + [(-45, 0.5, second, pitch * 0.36, 0.75, ())] * two,
        }
        if symbol.hatch == "stripes":
            self._add(PathPatch(path, facecolor=WHITE, alpha=0.45 * opacity, linewidth=0))
        for angle, phase, ink, width, alpha, dash in lines[symbol.hatch or "diagonal"]:
            rows = PathPatch(
                hatch_lines(extent, angle, pitch, phase, dotted=bool(dash)), facecolor="none", edgecolor=ink, linewidth=width,
                alpha=alpha * opacity, linestyle=(0, dash) if dash else "solid", capstyle="round" if dash else "butt",
            )  # fmt: skip
            self._add(rows)
            rows.set_clip_path(path, self.axes.transData)

    # ---- markers -----------------------------------------------------------------------------------------------------

    def marker(
        self,
        symbol: Symbol,
        x: float,
        y: float,
        r: float | None = None,
        sure: str = "verified",
        text: str | None = None,
    ) -> None:
        """A marker of half-size `r`; `sure` is how well a report is verified: filled, open, or a broken ring."""
        r = symbol.size * PX / 2 if r is None else r
        ink, open_ = symbol.fill or symbol.stroke or INK, sure != "verified"
        color = ink if open_ else (symbol.text_color or WHITE)
        broken = symbol.marker == "ring" or (open_ and sure != "partly")
        shape = "circle" if broken else (symbol.marker or "circle")
        face, edge, width = (
            (WHITE, ink, 0.95) if open_ or broken else (ink, symbol.stroke or WHITE, min(symbol.width, 1.6) * PX)
        )
        rows = np.array(corners(shape)) * r + [x, y]
        self._add(
            PathPatch(
                Outline(rows, closed=True), facecolor=face, edgecolor=edge, linewidth=max(width, LEAST_LINE),
                linestyle=(0, (1.6, 1.3)) if broken else "solid", joinstyle="round",
            )
        )  # fmt: skip
        if symbol.glyph:
            self.glyph(symbol.glyph, x, y, r * 0.52, (symbol.stroke or INK) if symbol.fill == WHITE else color)
        said = text if text is not None else symbol.text
        if said:
            self.text(x, y, said, r * 1.2, weight=600, color=color, anchor="center", level="center_baseline")

    def disc(self, text: str, x: float, y: float, r: float, *, fill: str = WHITE, color: str = INK) -> None:
        """A number in a disc."""
        rows = np.array(corners("circle")) * r + [x, y]
        self._add(
            PathPatch(
                Outline(rows, closed=True), facecolor=fill, edgecolor=color if fill == WHITE else WHITE, linewidth=0.9
            )
        )
        size = r * (1.35 if len(text) < 2 else 1.1 if len(text) < 3 else 0.85)
        self.text(
            x,
            y,
            text,
            size,
            weight=600,
            color=color if fill == WHITE else WHITE,
            anchor="center",
            level="center_baseline",
        )

    def glyph(self, name: str, x: float, y: float, r: float, color: str) -> None:
        """The small drawing inside a marker."""
        drawn = GLYPHS[name]
        self.line([np.array(row) * r + [x, y] for row in drawn.strokes], color, max(0.7, r * 0.42), round_=True)
        for cx, cy, size in drawn.discs:
            rows = np.array(corners("circle")) * size * r + [x + cx * r, y + cy * r]
            self._add(PathPatch(Outline(rows, closed=True), facecolor=color, linewidth=0))

    def sample(self, symbol: Symbol, box: Box, shape: str, opacity: float = 1.0, sign: Symbol | None = None) -> None:
        """A class as the legend shows it: a patch, a piece of line or a marker, and beside a patch its sign."""
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        if shape == "point":
            self.marker(symbol, *middle, r=min(symbol.size * PX / 2, box.height / 2))
        elif shape == "line":
            self.stroke(symbol, [np.array([[box.left, middle[1]], [box.right, middle[1]]])], opacity)
        else:
            patch = shapely.box(box.left + 0.8, box.bottom + 0.8, box.right - 0.8, box.top - 0.8)
            self.polygons(symbol, np.array([patch], dtype=object), opacity)
        if sign is not None:
            self.marker(sign, box.right + 6, middle[1], r=3.2 if not sign.text else 4.6)


def outline(geoms: NDArray[np.object_]) -> Outline | None:
    """All polygons as one path whose holes are holes; None where there is none."""
    parts = shapely.get_parts(geoms)
    parts = parts[shapely.get_type_id(parts) == 3]
    if not len(parts):
        return None
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    at, of = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(at), Outline.LINETO, dtype=np.uint8)
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    codes[starts] = Outline.MOVETO
    codes[np.r_[starts[1:] - 1, len(at) - 1]] = Outline.CLOSEPOLY
    return Outline(at, codes)


def hatch_lines(extent: Any, angle: float, pitch: float, phase: float = 0.0, *, dotted: bool = False) -> Outline:
    """Parallel lines over an extent, fixed to the sheet: two hatches of one class never shift against each other."""
    turn = math.radians(angle)
    along, across = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    ends = np.array([[extent.x0, extent.y0], [extent.x1, extent.y0], [extent.x0, extent.y1], [extent.x1, extent.y1]])
    far, near = ends @ across, ends @ along
    rows = np.arange(math.floor(far.min() / pitch), math.ceil(far.max() / pitch) + 1) + phase
    # dots begin at a multiple of their pitch, every second row half of one further
    first = math.floor(near.min() / pitch) * pitch + (pitch * phase if dotted else 0)
    starts = rows[:, None] * pitch * across + first * along
    stops = rows[:, None] * pitch * across + (near.max() + pitch) * along
    at = np.stack([starts, stops], axis=1).reshape(-1, 2)
    return Outline(at, np.tile([Outline.MOVETO, Outline.LINETO], len(rows)))


def _along(row: NDArray[np.float64], step: float) -> Iterable[tuple[float, float]]:
    """Places at every step of a line."""
    lengths = np.hypot(*np.diff(row, axis=0).T)
    total = np.r_[0, np.cumsum(lengths)]
    for at in np.arange(step / 2, total[-1], step):
        yield float(np.interp(at, total, row[:, 0])), float(np.interp(at, total, row[:, 1]))
