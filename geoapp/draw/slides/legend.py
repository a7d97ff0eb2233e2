"""The legend of a slide: the classes that its map draws, each with its sample and its number, as shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

from geoapp.draw.slides import paint
from geoapp.draw.slides.ground import PT, Box
from geoapp.draw.slides.records import Record
from geoapp.draw.slides.shapes import Line, Pen
from layers import Layer, Rule

HIGH = 17 * PT
SHORT = 21
"""Characters of a class for which half the width is enough; a longer one has the width to itself."""
Entry = tuple[Layer, Rule | None, int]
"""A class and how many records it has; without a class the title of the layer."""


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


def arranged(found: Sequence[tuple[Layer, Rule, int]]) -> list[list[Entry]]:
    """The classes in lines, in their order: two short ones beside each other, a longer one alone; where some are numbers, the
    title of each layer above its own."""
    lines: list[list[Entry]] = []
    titled = any(rule.label[:1].isdigit() for _, rule, _ in found)
    for each in found:
        if titled and not (lines and lines[-1][-1][0] is each[0]):
            lines += [[(each[0], None, 0)], [each]]
            continue
        short = len(_words(each)) <= SHORT
        if short and lines and len(lines[-1]) == 1 and len(_words(lines[-1][0])) <= SHORT:
            lines[-1].append(each)
        else:
            lines.append([each])
    return lines


def legend(pen: Pen, at: Box, lines: Sequence[Sequence[Entry]]) -> str:
    """The classes in their lines, as one group; no word of them is cut."""
    shapes = []
    for number, line in enumerate(lines):
        top, wide = at.top + number * HIGH, at.width // 2 if len(line) > 1 else at.width
        for place, (layer, rule, n) in enumerate(line):
            left, words = at.left + place * wide, _words((layer, rule, n))
            if rule is None:
                shapes.append(
                    pen.text(words, Box(left, top, wide, HIGH), [Line(words, 12, color=paint.SECOND, bold=True)], "ctr")
                )
                continue
            shapes.append(_sample(pen, layer, rule, left, top))
            box = Box(left + 24 * PT, top, wide - 28 * PT, HIGH)
            shapes.append(pen.text(words, box, [Line(f"{words}  {n:,}", 12, color=paint.SECOND)], "ctr"))
    return pen.group("Legend", shapes)


def _words(entry: Entry) -> str:
    layer, rule, _ = entry
    return rule.label if rule is not None and len(layer.style.rules) > 1 else layer.title


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
