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
INDENT, SIGNED = 27, 38
"""Points from the start of a sample to its words; where a sign stands beside it."""
TIGHT = (1.0, 0.9, 0.82, 0.76)
"""How much of the usual distance from line to line the legend has, where it would not be whole otherwise."""
_QUIET = ("basemap",)
GROUND, NEIGHBOUR, WATER = "#F6F4EE", "#E9E6DF", "#D6E4EA"
_KEPT = ("unknown", None)


@dataclass(frozen=True)
class Block:
    """One layer in the legend: its title and, for each class, label, sample and how many lie in the map."""

    layer: Layer
    title: str
    rows: tuple[tuple[Rule, int], ...]
    notes: tuple[str, ...] = ()
    """What is not among the classes, and what signs tell besides them."""


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
        style, notes = each.layer.style, []
        if more > 0 and each.layer.name == "overlaps":
            notes.append(f"and {more:,} of other pairs")
        if style.key and style.clustered:
            notes.append(style.key)
        if style.clustered and any(row["n"] > 1 for row in each.rows):
            notes.append("A number: so many together.")
        found.append(
            Block(each.layer, each.layer.title, tuple((rule, each.counts[rule.value]) for rule in rules), tuple(notes))
        )
    return found


@dataclass(frozen=True)
class _Set:
    """A block as it is set: its heading and labels on lines, how far apart they are, and how high that is."""

    block: Block
    heading: tuple[str, ...]
    rows: tuple[tuple[Rule, tuple[str, ...]], ...]
    notes: tuple[str, ...]
    tight: float
    high: float


def draw(sheet: Sheet, page: Page, columns: Sequence[Box], found: Sequence[Block]) -> list[float]:
    """Write the legend into halves of as few columns as hold all of it; how far down it goes in each column.

    Each block is whole, and stands where there is most room; lines stand closer, and high blocks first, where that alone makes
    the legend whole. What has no room in any is named at the end.
    """
    size = page.type["small"]
    places, left = _whole(columns, found, size)
    for each, half, top in places:
        _write(sheet, size, each, half, top)
    if left:
        words = "Not in this legend for want of room: " + ", ".join(each.block.title for each in left)
        for at, line in enumerate(wrap(words, size, columns[0].width)[:2]):
            sheet.text(columns[0].left, columns[0].bottom + size * (1.3 - 1.2 * at), line, size, color=INK_3)
    return _lows(columns, places, size)


def room(page: Page, columns: Sequence[Box], found: Sequence[Block]) -> list[Box]:
    """What the legend leaves free of each column."""
    size = page.type["small"]
    lows = _lows(columns, _whole(columns, found, size)[0], size)
    return [Box(each.left, each.bottom, each.right, low) for each, low in zip(columns, lows, strict=True)]


def _lows(columns: Sequence[Box], places: "_Places", size: float) -> list[float]:
    lows = [column.top for column in columns]
    for each, half, top in places:
        at = next(at for at, column in enumerate(columns) if column.left <= half.left < column.right)
        lows[at] = min(lows[at], top - each.high - size * 0.55)
    return lows


_Places = list[tuple[_Set, Box, float]]


def _whole(columns: Sequence[Box], found: Sequence[Block], size: float) -> tuple[_Places, list[_Set]]:
    """Where each block begins, and those that have no room: the first way of setting them that leaves none, else the last."""
    places: _Places = []
    left: list[_Set] = []
    for tight in TIGHT:
        for many in range(1, len(columns) + 1):
            halves = [half for column in columns[:many] for half in _halves(column)]
            set_ = [_set(block, size, halves[0].width, tight) for block in found]
            for order in (set_, sorted(set_, key=lambda each: -each.high)):
                places, left = _placed(order, halves, size)
                if not left:
                    return places, left
    return places, left


def _halves(column: Box) -> tuple[Box, Box]:
    middle, gap = (column.left + column.right) / 2, 5.0
    return Box(column.left, column.bottom, middle - gap, column.top), Box(
        middle + gap, column.bottom, column.right, column.top
    )


def _sign(layer: Layer, symbol: Symbol) -> Symbol | None:
    """The sign that stands beside the sample of a class."""
    signed = layer.shape == "polygon" and symbol.marker and (layer.style.signed or layer.style.labelled == "badge")
    return symbol if signed else None


def _indent(block: Block) -> int:
    return SIGNED if any(_sign(block.layer, rule.symbol) for rule, _ in block.rows) else INDENT


def _set(block: Block, size: float, wide: float, tight: float) -> _Set:
    rows = tuple((rule, tuple(wrap(rule.label, size, wide - _indent(block)))) for rule, _ in block.rows)
    heading = tuple(wrap(block.title, size + 0.4, wide, 600))
    notes = tuple(line for note in block.notes for line in wrap(note, size, wide))
    high = size * (2.2 + 1.2 * (len(heading) - 1) + 1.3 * len(notes) * tight)
    return _Set(block, heading, rows, notes, tight, high + sum(_deep(size, lines, tight) for _, lines in rows))


def _deep(size: float, lines: Sequence[str], tight: float) -> float:
    return size * (1.55 * tight + 1.15 * max(tight, 0.9) * (len(lines) - 1))


def _placed(set_: Sequence[_Set], halves: Sequence[Box], size: float) -> tuple[_Places, list[_Set]]:
    """Where each block begins, and those that have no room."""
    tops, places, left = [half.top for half in halves], [], []
    for each in set_:
        at = max(range(len(halves)), key=lambda at: tops[at] - halves[at].bottom)
        if tops[at] - each.high < halves[at].bottom:
            left.append(each)
            continue
        places.append((each, halves[at], tops[at]))
        tops[at] -= each.high + size * 0.55 * each.tight
    return places, left


def _write(sheet: Sheet, size: float, each: _Set, half: Box, y: float) -> None:
    for at, line in enumerate(each.heading):
        sheet.text(half.left, y - size * (1 + 1.2 * at), line, size + 0.4, weight=600)
    y -= size * 1.2 * (len(each.heading) - 1)
    sheet.line([[(half.left, y - size * 1.4), (half.right, y - size * 1.4)]], INK, 0.6)
    y -= size * 1.75
    for rule, lines in each.rows:
        _sample(sheet, each.block.layer, rule, Box(half.left + 1, y - size * 1.3 * each.tight, half.left + 22, y))
        for at, line in enumerate(lines):
            under = size * (0.95 * each.tight + 1.15 * max(each.tight, 0.9) * at)
            sheet.text(half.left + _indent(each.block), y - under, line, size)
        y -= _deep(size, lines, each.tight)
    for at, line in enumerate(each.notes):
        sheet.text(half.left, y - size * (0.9 + 1.3 * at) * each.tight, line, size, color=INK_3)


def _sample(sheet: Sheet, layer: Layer, rule: Rule, patch: Box) -> None:
    style, symbol = layer.style, rule.symbol
    sign = _sign(layer, symbol)
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
