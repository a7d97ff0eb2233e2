"""The legend of a file as a picture, and the signs of points: drawn from the layers' one declaration, without a network."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from io import BytesIO
from itertools import pairwise
from math import cos, radians, sin

from PIL import Image, ImageDraw, ImageFont

from geoapp.draw.assets import path
from layers import Layer, Symbol

_INK, _FINE = "#17212B", 4
"""Signs and samples are drawn four times as large and made smaller, so that edges are smooth; letters are so by themselves."""
_ROW, _SAMPLE, _TEXT, _COLUMN, _ROWS = 20, 26, 12, 290, 36
"""Pixels of a row, a sample, a letter and a column; rows of a column."""
_FONTS = ("inter-latin", "inter-latin-ext", "noto-sans-arabic")
_CORNERS = {"pentagon": (5, -90), "hexagon": (6, 0), "diamond": (4, -90), "triangle": (3, -90), "square": (4, -45)}
_SLOPES = {"diagonal": (1, -1), "stripes": (1, 1), "horizontal": (1, 0), "vertical": (0, 1)}


def sign(marker: str) -> bytes:
    """A marker in white on nothing, 48 pixels, as PNG: whoever shows it gives it the colour of its class."""
    size = 48 * _FINE
    image = Image.new("RGBA", (size, size))
    _mark(ImageDraw.Draw(image), marker, (size / 2, size / 2), size * 0.46, "#FFFFFF", "#FFFFFF", size // 8)
    return _png(image.reduce(_FINE))


def legend(title: Sequence[str], layers: Sequence[Layer], drawn: Mapping[str, Mapping[int, int]]) -> bytes:
    """PNG with lines of a title and, for each layer with records, those of its classes that are in the file (`drawn`:
    records by layer and place of the class), in the order of the map."""
    rows: list[tuple[Layer, int | None]] = []
    for layer in reversed(layers):
        places = [place for place in range(len(layer.style.rules)) if drawn[layer.name].get(place)]
        if places:
            rows += [(layer, None), *((layer, place) for place in places)]
    top = 10 + _ROW * len(title)
    across = max(1, -(-len(rows) // _ROWS))
    down = -(-len(rows) // across) if rows else 0
    width, height = 16 + _COLUMN * across, top + _ROW * down + 10
    image = Image.new("RGBA", (width, height), "#FFFFFFEB")
    draw = ImageDraw.Draw(image)
    for n, line in enumerate(title):
        _write(draw, 10, 8 + n * _ROW, line, _TEXT + (2 if n == 0 else 0), width - 20)
    for n, (layer, place) in enumerate(rows):
        x, y = 10 + _COLUMN * (n // down), top + _ROW * (n % down)
        if place is None:
            _write(draw, x, y + 3, layer.title, _TEXT + 1, _COLUMN - 20)
            continue
        rule = layer.style.rules[place]
        _sample(image, x, y + 3, layer.shape, rule.symbol)
        _write(draw, x + _SAMPLE + 8, y + 3, rule.label, _TEXT, _COLUMN - _SAMPLE - 30)
    return _png(image)


def _write(draw: ImageDraw.ImageDraw, x: float, y: float, words: str, size: int, width: int) -> None:
    runs = _runs(words, size)
    while words and sum(draw.textlength(part, font=font) for part, font in runs) > width:
        words = words[:-2] + "…"
        runs = _runs(words, size)
    at = x
    for part, font in runs:
        draw.text((at, y + size), part, fill=_INK, font=font, anchor="ls")
        at += draw.textlength(part, font=font)


def _runs(words: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """The words in pieces, each with the first font that has its letters; a letter that none has is a question mark."""
    runs: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for letter in words:
        if letter == " " and runs:
            runs[-1] = (runs[-1][0] + letter, runs[-1][1])
            continue
        font = _having(letter, size)
        said, font = (letter, font) if font else ("?", _font(_FONTS[0], size))
        if runs and runs[-1][1] is font:
            runs[-1] = (runs[-1][0] + said, font)
        else:
            runs.append((said, font))
    return runs


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path(f"{name}.woff2"), size)


@lru_cache(4096)
def _having(letter: str, size: int) -> ImageFont.FreeTypeFont | None:
    """The first font that has the letter."""
    fonts = (_font(name, size) for name in _FONTS)
    return next((font for font in fonts if bytes(font.getmask(letter)) != _unknown(font)), None)


@cache
def _unknown(font: ImageFont.FreeTypeFont) -> bytes:
    """What the font draws for a letter that it does not have."""
    return bytes(font.getmask("\uffff"))


def _sample(image: Image.Image, x: int, y: int, shape: str, symbol: Symbol) -> None:
    """The sample of a class, on white."""
    wide, high = _SAMPLE * _FINE, 14 * _FINE
    sample = Image.new("RGBA", (wide, high), "#FFFFFF")
    draw = ImageDraw.Draw(sample)
    stroke, width = symbol.stroke or _INK, max(1, round(symbol.width * _FINE))
    if shape == "point":
        _mark(draw, symbol.marker or "circle", (wide / 2, high / 2), high * 0.44, symbol.fill, stroke, width)
    elif shape == "line":
        _dashed(draw, [(0, high / 2), (wide, high / 2)], symbol, width)
    else:
        if symbol.fill:
            tint = Image.new("RGBA", (wide, high), symbol.fill)
            tint.putalpha(round(symbol.fill_opacity * 255))
            sample.alpha_composite(tint)
        _hatch(draw, wide, high, symbol)
        _dashed(draw, [(0, 0), (wide - 1, 0), (wide - 1, high - 1), (0, high - 1), (0, 0)], symbol, width)
    image.paste(sample.reduce(_FINE), (x, y))


def _hatch(draw: ImageDraw.ImageDraw, wide: int, high: int, symbol: Symbol) -> None:
    step, colors = round(symbol.hatch_px * _FINE * 0.7), [c for c in (symbol.hatch_color, symbol.hatch_color_2) if c]
    if not symbol.hatch or not colors:
        return
    if symbol.hatch == "dots":
        for x in range(step // 2, wide, step):
            for y in range(step // 2, high, step):
                draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colors[0])
        return
    for name in ("horizontal", "vertical") if symbol.hatch == "grid" else (symbol.hatch,):
        across, along = _SLOPES[name]
        for n, offset in enumerate(range(-high - wide, wide + high, step)):
            ends = {
                (1, 0): ((0, offset), (wide, offset)), (0, 1): ((offset, 0), (offset, high)),
                (1, -1): ((offset, high), (offset + high, 0)), (1, 1): ((offset, 0), (offset + high, high)),
            }[across, along]  # fmt: skip
            thick = step // 2 if symbol.hatch == "stripes" else _FINE
            draw.line(ends, fill=colors[n % len(colors)], width=thick)


def _dashed(draw: ImageDraw.ImageDraw, line: Sequence[tuple[float, float]], symbol: Symbol, width: int) -> None:
    """A line in the symbol's dashes."""
    if not symbol.stroke:
        return
    pattern = [max(1.0, d * _FINE) for d in symbol.dash] or [1e9, 1.0]
    for (x1, y1), (x2, y2) in pairwise(line):
        length, at, on = abs(x2 - x1) + abs(y2 - y1), 0.0, 0
        while at < length:
            until = min(length, at + pattern[on % len(pattern)])
            if on % 2 == 0:
                ends = [(x1 + (x2 - x1) * d / length, y1 + (y2 - y1) * d / length) for d in (at, until)]
                draw.line(ends, fill=symbol.stroke, width=width)
            at, on = until, on + 1


def _mark(
    draw: ImageDraw.ImageDraw, marker: str, at: tuple[float, float], radius: float, fill: str | None, stroke: str,
    width: int,
) -> None:  # fmt: skip
    x, y = at
    if marker in ("circle", "ring"):
        inside = None if marker == "ring" else fill or stroke
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=inside, outline=stroke, width=width)
        return
    corners, turn = _CORNERS[marker]
    angles = [radians(turn + 360 * n / corners) for n in range(corners)]
    draw.polygon(
        [(x + radius * cos(a), y + radius * sin(a)) for a in angles], fill=fill or stroke, outline=stroke, width=width
    )


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()
