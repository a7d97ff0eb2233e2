"""How are the areas and lines of a layer drawn on paper?"""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from geoapp.draw.paper import legend
from geoapp.draw.paper.pen import Sheet
from geoapp.draw.paper.records import Drawn
from layers import Symbol


def shapes_of(out: Sheet, each: Drawn) -> None:
    """The shapes of a layer, class by class: what is a point is drawn with the words, for both keep clear of each other."""
    style = each.layer.style
    if each.layer.name == "boundaries" and each.rows:
        least = min(row["level"] for row in each.rows)
        own = each.geoms[[row["level"] == least for row in each.rows]]
        out.polygons(Symbol(fill=legend.GROUND), own)
    order = style.rules if each.layer.name != "boundaries" else tuple(reversed(style.rules))
    for rule in order:
        geoms = each.of(rule)
        if not len(geoms):
            continue
        kinds = shapely.get_dimensions(geoms)
        if (kinds == 2).any():
            out.polygons(rule.symbol, geoms[kinds == 2], style.opacity)
        if each.layer.mixed and not each.layer.fixed:
            for x, y in shapely.get_coordinates(geoms[kinds == 0]).tolist():
                out.marker(rule.symbol, x, y, r=rule.symbol.size * 0.3)
        if (kinds == 1).any():
            for factor, part in _by_width(each, rule, geoms, kinds):
                lines = shapely.get_parts(part)
                rows = [shapely.get_coordinates(line) for line in lines]
                out.stroke(replace(rule.symbol, width=rule.symbol.width * factor), rows, style.opacity)


def _by_width(each: Drawn, rule: Any, geoms: np.ndarray, kinds: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Lines with the factor of their width: of roads by class, rivers thinner than on a screen, else one."""
    if each.layer.name == "roads":
        classes = np.array(
            [row.get("road_class") or 9 for row, of in zip(each.rows, each.rules, strict=True) if of is rule]
        )
        return [
            (factor, geoms[(classes >= low) & (classes < high)])
            for factor, low, high in ((1.0, 0, 2), (0.7, 2, 4), (0.45, 4, 99))
        ]
    return [(0.6 if each.layer.fixed else 1.0, geoms[kinds == 1])]
