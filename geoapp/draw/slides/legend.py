"""The legend of a slide: the classes that its map draws, each with its sample and its number, as shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

from geoapp.draw import office
from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box
from geoapp.draw.slides.records import Record
from geoapp.draw.slides.shapes import Line, Pen
from layers import Layer, Rule

HIGH = 17 * PT


def entries(
    layers: Sequence[Layer], counts: Mapping[str, Mapping[Any, int]], most: int
) -> list[tuple[Layer, Rule, int]]:
    """Each class that is drawn; of more than fit, those that hold most."""
    found = [
        (layer, rule, n)
        for layer in layers
        for rule in layer.style.rules
        if (n := counts.get(layer.name, {}).get(rule.value, 0))
    ]
    kept = sorted(found, key=lambda each: -each[2])[:most]
    return [each for each in found if each in kept]


def by_class(found: Sequence[Record]) -> dict[Any, int]:
    """How many records each class has."""
    counts: dict[Any, int] = {}
    for each in found:
        counts[each.rule.value] = counts.get(each.rule.value, 0) + 1
    return counts


def legend(pen: Pen, at: Box, found: Sequence[tuple[Layer, Rule, int]], columns: int = 2) -> str:
    """The classes in columns, as one group."""
    wide, shapes = at.width // columns, []
    for place, (layer, rule, n) in enumerate(found):
        left, top = at.left + place % columns * wide, at.top + place // columns * HIGH
        shapes.append(_sample(pen, layer, rule, left, top))
        words = rule.label if len(layer.style.rules) > 1 else layer.title
        shapes.append(
            pen.text(
                words,
                Box(left + 24 * PT, top, wide - 28 * PT, HIGH),
                [Line(f"{office.shortened(words, 21)}  {n:,}", 12, color=paint.SECOND)],
                "ctr",
            )
        )
    return pen.group("Legend", shapes)


def _sample(pen: Pen, layer: Layer, rule: Rule, left: int, top: int) -> str:
    symbol, middle = rule.symbol, top + HIGH // 2
    if layer.shape == "line":
        return pen.straight(rule.label, left, left + 19 * PT, middle, paint.line(symbol))
    if layer.shape == "point":
        return pen.marker(rule.label, left + 9 * PT, middle, symbol)
    return pen.box(
        rule.label,
        Box(left, middle - 5 * PT, 19 * PT, 10 * PT),
        paint.fill(symbol, layer.style.opacity),
        paint.line(symbol),
    )
