"""Where on the map do scale, north and warning stand so that they lie on nothing that is drawn of the operation?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.draw.paper.page import Box
from geoapp.draw.paper.projection import Frame, edge, rounded_up

Sizes = Mapping[str, tuple[float, float]]
"""By plate how wide and how high it is."""
CORNERS = ((0, 0), (1, 1), (1, 0), (0, 1))
"""Right and up, each 0 or 1: where scale, north and warning stand unless something is drawn there, and the free corner."""
AWAY, CLEAR = 6.0, 3.0
"""Points from the neat line to a plate, and from a plate to what must not lie under it."""
WIDEST = 1.7
"""The map becomes so much smaller at most for its plates; where that is not enough they stand where least lies under them."""
_STEPS = 9
"""Places of the operation in the map that are tried, each way."""


def place(box: Box, sizes: Sizes, *drawn: NDArray[np.object_]) -> dict[str, Box]:
    """By plate its box: each in a corner of its own, the corners being those with least drawn under them. Of several sets of
    shapes, in points, the first matters most."""
    corners = _orders(len(sizes))
    under = {
        (name, at): tuple(_under(shapes, _corner(box, size, at)) for shapes in drawn)
        for name, size in sizes.items()
        for at in CORNERS
    }
    best = min(corners, key=lambda order: [
        round(sum(each), 1) for each in zip(*(under[pair] for pair in zip(sizes, order, strict=True)), strict=True)
    ])  # fmt: skip
    return {name: _corner(box, size, at) for (name, size), at in zip(sizes.items(), best, strict=True)}


def clearing(
    frame: Frame, extent: tuple[float, float, float, float], own: NDArray[np.object_], sizes: Callable[[Frame], Sizes]
) -> Frame:
    """The frame moved, or made wider, by so little that all of `extent` (degrees) is in it and plates of these sizes have
    corners with nothing of `own` (shapes in degrees) under them; the frame itself where none is wide enough."""
    box, middle = frame.box, _middle(frame.box)
    at = frame.place(*edge(extent))
    at = at[np.isfinite(at).all(axis=1)]
    if not len(own) or not len(at):
        return frame
    low, high = at.min(axis=0), at.max(axis=0)
    shapes = shapely.clip_by_rect(frame.draw(own), *low, *high)
    shapes = shapes[~shapely.is_empty(shapes)]
    shapely.prepare(shapes)
    scale = frame.scale
    while scale <= frame.scale * WIDEST:
        factor = scale / frame.scale
        wider = replace(frame, metres=frame.metres * factor)
        room = np.maximum(0, np.array([box.width, box.height]) / 2 - AWAY - (high - low) / factor / 2)
        tried = np.linspace(-1, 1, _STEPS)
        moves = np.array([(x, y) for x in tried for y in tried]) * room
        moves = moves[np.argsort(np.hypot(*moves.T), kind="stable")]
        asked = [(size, corner) for size in sizes(wider).values() for corner in CORNERS]
        plates = np.array([_edges(_corner(box, size, corner).inset(-CLEAR)) for size, corner in asked])
        # the plates are carried to where the shapes are: a place p of the frame lies at middle + (p - middle) / factor + move
        shift = np.tile(middle, 2)
        back = (plates[None] - shift - np.tile(moves, 2)[:, None]) * factor + shift
        hit = shapely.intersects(shapes[:, None, None], shapely.box(*np.moveaxis(back, -1, 0))[None]).any(axis=0)
        free = ~hit.reshape(len(moves), -1, len(CORNERS))
        for move, corners in zip(moves, free, strict=True):
            if any(
                all(row[CORNERS.index(c)] for row, c in zip(corners, o, strict=True)) for o in _orders(len(corners))
            ):
                return _moved(wider, frame, move)
        scale = rounded_up(scale * 1.001)
    return frame


def _moved(wider: Frame, frame: Frame, move: NDArray[np.float64]) -> Frame:
    """The wider frame about the middle of the frame, with what it shows moved by so many points."""
    half = np.array([frame.box.width, frame.box.height]) / 2
    west, south = np.array([frame.west_m, frame.south_m]) + half * frame.metres - (half + move) * wider.metres
    return replace(wider, west_m=float(west), south_m=float(south))


def _orders(many: int) -> list[tuple[tuple[int, int], ...]]:
    """The ways in which so many plates have corners, the usual one first."""
    return list(permutations(CORNERS, many))


def _corner(box: Box, size: tuple[float, float], at: tuple[int, int]) -> Box:
    wide, high = size
    left = box.right - AWAY - wide if at[0] else box.left + AWAY
    bottom = box.top - AWAY - high if at[1] else box.bottom + AWAY
    return Box(left, bottom, left + wide, bottom + high)


def _under(shapes: NDArray[np.object_], plate: Box) -> float:
    """How much of the shapes lies under a plate, each shape by itself; lines and points are two points wide."""
    cut = shapely.clip_by_rect(shapes, *_edges(plate.inset(-CLEAR)))
    return float(shapely.area(shapely.buffer(cut[~shapely.is_empty(cut)], 1.0)).sum())


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.bottom, box.right, box.top


def _middle(box: Box) -> NDArray[np.float64]:
    return np.array([(box.left + box.right) / 2, (box.bottom + box.top) / 2])
