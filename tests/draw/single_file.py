"""The records of a single-file map, read from its bytes by the rules that `web/static/single/records.js` reads them by."""

import json
import re
from typing import Any


def data(page: str) -> dict[str, Any]:
    """What is in the element with the data."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def walk(letters: str) -> list[tuple[int, int]]:
    """The places of an encoded polyline, in 1/100,000 degree."""
    steps, step, shift = [], 0, 0
    for letter in letters:
        bits = ord(letter) - 63
        step |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            steps.append(~(step >> 1) if step & 1 else step >> 1)
            step, shift = 0, 0
    places, x, y = [], 0, 0
    for a, b in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + a, y + b
        places.append((x, y))
    return places


def rings(read: dict[str, Any], shape: int) -> list[list[tuple[int, int]]]:
    """The lines of a shape, laid end to end."""
    made = []
    for part in read["shapes"][shape][1]:
        line: list[tuple[int, int]] = []
        for n in part:
            piece = walk(read["lines"][n if n >= 0 else ~n])[:: 1 if n >= 0 else -1]
            assert not line or line[-1] == piece[0]
            line += piece[1:] if line else piece
        made.append(line)
    return made


def titles(page: str, layer: str) -> list[str]:
    """What the records of a layer are called."""
    read = data(page)
    return [str(read["values"][row[4]]) for row in read["layers"][layer]["rows"]]
