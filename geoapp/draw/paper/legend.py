"""What does each sign on the map mean? The classes that are drawn, in drawing order, with what is unknown; and the locator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geoapp.draw.paper.furniture import INK_2, INK_3, LINE, wrap
from geoapp.draw.paper.page import Box, Page
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.projection import Frame, fit
from geoapp.draw.paper.records import Drawn
from layers import Layer, Rule, Symbol
from layers._palette import INK

MOST_RULES = 7
"""Classes of a layer that the legend names; of overlaps, whose stripes say their pair, fewer."""
INDENT = 38
"""Points from a sample to its words."""
_QUIET = ("basemap",)
GROUND, NEIGHBOUR, WATER = "#F6F4EE", "#E9E6DF", "#D6E4EA"
_KEPT = ("unknown", None)


@dataclass(frozen=True)
class Block:
    """One layer in the legend: its title and, for each class, label, sample and how many lie in the map."""

    layer: Layer
    title: str
    rows: tuple[tuple[Rule, int], ...]
    more: str = ""


def blocks(drawn: Sequence[Drawn]) -> list[Block]:
    """The legend's content: what is drawn, and always what stands for unknown."""
    found = []
    for each in drawn:
        rules = [
            rule
            for rule in each.layer.style.rules
            if rule.on and (each.counts[rule.value] or (rule.value == "unknown" and each.total))
        ]
        if each.layer.name in _QUIET or not rules:
            continue
        most = 4 if each.layer.name == "overlaps" else MOST_RULES
        if len(rules) > most:
            kept = sorted(rules, key=lambda rule: -each.counts[rule.value])[:most]
            rules = [rule for rule in rules if rule in kept or rule.value in _KEPT]
        told = {rule.value for rule in rules}
        more = sum(n for value, n in each.counts.items() if value not in told) - each.off
        words = f"and {more:,} of other pairs" if more > 0 and each.layer.name == "overlaps" else ""
        found.append(
            Block(each.layer, each.layer.title, tuple((rule, each.counts[rule.value]) for rule in rules), words)
        )
    return found


def draw(sheet: Sheet, page: Page, column: Box, found: Sequence[Block]) -> float:
    """Write the legend into two halves of a column, each block whole, the next where there is more room; how far down it goes."""
    gap, size = 10.0, page.type["small"]
    half = (column.width - gap) / 2
    tops = [column.top, column.top]
    for block in found:
        rows = [(rule, n, wrap(rule.label, size, half - INDENT)[:2]) for rule, n in block.rows]
        heading = wrap(block.title, size + 0.4, half, 600)[:2]
        high = (
            size * (2.2 + 1.2 * (len(heading) - 1))
            + sum(size * (1.55 + 1.15 * (len(lines) - 1)) for _, _, lines in rows)
            + (size * 1.3 if block.more else 0)
        )
        side = 0 if tops[0] >= tops[1] else 1
        if tops[side] - high < column.bottom:
            continue
        left, y = column.left + side * (half + gap), tops[side]
        for at, line in enumerate(heading):
            sheet.text(left, y - size * (1 + 1.2 * at), line, size + 0.4, weight=600)
        y -= size * 1.2 * (len(heading) - 1)
        sheet.line([[(left, y - size * 1.4), (left + half, y - size * 1.4)]], INK, 0.6)
        y -= size * 1.75
        for rule, _, lines in rows:
            deep = size * (1.55 + 1.15 * (len(lines) - 1))
            patch = Box(left + 1, y - size * 1.3, left + 22, y)
            _sample(sheet, block.layer, rule, patch)
            for at, line in enumerate(lines):
                sheet.text(left + INDENT, y - size * (0.95 + 1.15 * at), line, size)
            y -= deep
        if block.more:
            sheet.text(left + INDENT, y - size * 0.9, block.more, size, color=INK_3)
            y -= size * 1.3
        tops[side] = y - size * 0.55
    return min(tops)


def _sample(sheet: Sheet, layer: Layer, rule: Rule, patch: Box) -> None:
    style, symbol = layer.style, rule.symbol
    sign: Symbol | None = (
        symbol if layer.shape == "polygon" and symbol.marker and (style.signed or style.labelled == "badge") else None
    )
    if layer.shape == "point":
        patch = Box(patch.left + 4, patch.bottom, patch.right + 4, patch.top)
    bare = layer.shape == "polygon" and not (symbol.fill or symbol.hatch or symbol.marker)
    sheet.sample(symbol, patch, "line" if bare else layer.shape, style.opacity, sign)


def locator(sheet: Sheet, page: Page, box: Box, frame: Frame, land: np.ndarray, own: np.ndarray) -> None:
    """Where on earth the map is: land around it, the operation's own ground, the map's frame; `land` and `own` in degrees."""
    size = page.type["small"]
    sheet.text(box.left, box.top - size, "Where this is", size + 0.4, weight=600)
    sheet.line([[(box.left, box.top - size * 1.4), (box.right, box.top - size * 1.4)]], INK, 0.6)
    inner = Box(box.left, box.bottom, box.right, box.top - size * 1.9)
    around = fit(widened(frame), inner)
    sheet.box(inner, fill=WATER)
    shapes = around.draw(land)
    edge = (inner.left, inner.bottom, inner.right, inner.top)
    sheet.polygons(Symbol(fill=NEIGHBOUR, stroke="#A9A294", width=0.5), shapely.clip_by_rect(shapes, *edge))
    sheet.polygons(Symbol(fill="#9FB1B9", stroke=INK_2, width=0.6), shapely.clip_by_rect(around.draw(own), *edge))
    west, south, east, north = frame.degrees()
    corners = np.array(frame.corners())
    at = around.place(
        *corners.T if (np.abs(corners) <= [180, 85]).all() else ([west, east], [max(-85, south), min(85, north)])
    )
    x0, y0 = at.min(axis=0)
    x1, y1 = at.max(axis=0)
    if x1 - x0 < 6:
        x0, x1, y0, y1 = x0 - 4, x1 + 4, y0 - 4, y1 + 4
    sheet.box(
        Box(max(x0, inner.left), max(y0, inner.bottom), min(x1, inner.right), min(y1, inner.top)), stroke=INK, width=1.1
    )
    sheet.box(inner, stroke=LINE, width=0.6)


def widened(frame: Frame) -> tuple[float, float, float, float]:
    """The extent of the locator: a good three times that of the map."""
    west, south, east, north = frame.degrees()
    lon, lat = (east - west) * 1.2, (north - south) * 1.2
    return max(-180.0, west - lon), max(-85.0, south - lat), min(180.0, east + lon), min(85.0, north + lat)
