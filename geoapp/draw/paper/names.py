"""Which names, numbers and badges are written on the map: of what is listed, of actors, units and towns, most wanted first?"""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geoapp.draw.paper import typeface
from geoapp.draw.paper.labels import Ground, around, rings, within
from geoapp.draw.paper.lists import Entry
from geoapp.draw.paper.page import Box, Page
from geoapp.draw.paper.pen import PX, Sheet
from geoapp.draw.paper.records import Drawn, stands
from layers._palette import INK, WHITE

REGION, TOWN, LAND = "#6E695D", "#4A535A", "#F6F4EE"
DISC = 6.6
AFAR = (20.0, 32.0, 46.0)
"""Points from a record to its number where there is no room for it nearer by."""


def numbers(sheet: Sheet, ground: Ground, drawn: Drawn, entries: Sequence[Entry]) -> list[int]:
    """The number of each listed record in a disc, inside its shape or beside its marker; where that is taken near by, with a
    line to it. Those that have no free place, which are not drawn."""
    left = []
    for entry in entries:
        geom = drawn.geoms[entry.places[0]]
        if drawn.layer.shape == "point":
            x, y = shapely.get_coordinates(geom)[0]
            spots = around(x, y, DISC * 1.7, DISC * 1.7, 7)
        else:
            spots = within(geom, ground.box)
            if not spots:
                left.append(entry.number)
                continue
            x, y = spots[0]
        found = ground.first(DISC * 2, DISC * 2, spots)
        if not found:
            found = ground.first(DISC * 2, DISC * 2, rings(x, y, AFAR))
            if not found:
                left.append(entry.number)
                continue
            middle = (found.left + found.right) / 2, (found.bottom + found.top) / 2
            # the line is seen between signs, never over them: a number that it crossed would be read wrongly
            signs = shapely.box(*ground.edges.T)
            seen = shapely.get_parts(shapely.difference(shapely.LineString([(x, y), middle]), shapely.union_all(signs)))
            rows = [shapely.get_coordinates(part) for part in seen if not part.is_empty]
            sheet.line(rows, WHITE, 2.2)
            sheet.line(rows, INK, 0.8)
        sheet.disc(str(entry.number), (found.left + found.right) / 2, (found.bottom + found.top) / 2, DISC)
    return left


def left_out(sheet: Sheet, page: Page, ground: Ground, title: str, left: Sequence[int]) -> None:
    """Which numbers of a list are not on the map, on the map: at its edge, or where there is room."""
    said, size, box = f"{title}: no room on the map for {', '.join(map(str, left))}.", page.type["small"], ground.box
    wide = typeface.width(said, size) + 8
    x, y = (
        np.linspace(box.left + wide / 2 + 4, box.right - wide / 2 - 4, 24),
        np.linspace(box.bottom + 9, box.top - 9, 40),
    )
    found = ground.first(wide, size * 1.6, ((float(across), float(up)) for up in y for across in x))
    if found:
        sheet.box(found, fill=WHITE, stroke="#C3CBD1", width=0.5)
        sheet.text(found.left + 4, found.bottom + size * 0.5, said, size)


def badges(sheet: Sheet, ground: Ground, drawn: Drawn) -> None:
    """The marker of each shape's class with its text, the highest class first."""
    order = sorted(range(len(drawn.rows)), key=lambda place: -drawn.layer.style.rules.index(drawn.rules[place]))
    for place in order:
        symbol = drawn.rules[place].symbol
        side = symbol.size * PX
        found = ground.first(side, side, within(drawn.geoms[place], ground.box))
        if found:
            sheet.marker(symbol, (found.left + found.right) / 2, (found.bottom + found.top) / 2)


def markers(sheet: Sheet, ground: Ground, drawn: Drawn) -> None:
    """Points: the class's marker; where several lie on one another a disc with their number."""
    for place in np.argsort([-row["n"] for row in drawn.rows], kind="stable") if drawn.rows else []:
        row, symbol = drawn.rows[place], drawn.rules[place].symbol
        x, y, r = stands(drawn, int(place))
        # the signs of records stand where they are: what is written keeps away from them, not they from each other
        box = Box(x - r, y - r, x + r, y + r)
        if row["n"] > 1 and drawn.layer.style.clustered:
            sheet.disc(f"{row['n']:,}", x, y, r, fill=INK)
        else:
            sheet.marker(symbol, x, y, sure=row.get("verification") or "verified")
        ground.take(box)


def counts(sheet: Sheet, ground: Ground, drawn: Drawn, size: float) -> None:
    """A number in the middle of each shape, such as how many organisations work in a district."""
    name = drawn.layer.style.label or ""
    for place, row in enumerate(drawn.rows):
        if row.get(name) is None:
            continue
        said = f"{row[name]:,}" if isinstance(row[name], int) else str(row[name])
        found = ground.first(typeface.width(said, size, 600) + 2, size, within(drawn.geoms[place], ground.box))
        if found:
            fill = drawn.rules[place].symbol.fill or WHITE
            dark = drawn.rules[place].symbol.fill_opacity > 0.5 and _luminance(fill) < 0.3
            sheet.text(
                (found.left + found.right) / 2, found.bottom + size * 0.14, said, size, weight=600, anchor="center",
                color=WHITE if dark else INK, halo=None if dark else WHITE,
            )  # fmt: skip


def _luminance(color: str) -> float:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)


def plates(sheet: Sheet, ground: Ground, drawn: Drawn, size: float) -> None:
    """Each name once, on a plate with the sign of its class, on the largest of its shapes."""
    name = drawn.layer.style.label or ""
    largest: dict[str, int] = {}
    areas = shapely.area(drawn.geoms)
    for place in np.argsort(-areas, kind="stable"):
        if drawn.rows[place].get(name):
            largest.setdefault(str(drawn.rows[place][name]), int(place))
    for said, place in largest.items():
        symbol = drawn.rules[place].symbol
        sign = size + 4 if drawn.layer.style.signed else 0
        wide, high = typeface.width(typeface.drawable(said), size, 600) + sign + 9, size * 1.75
        found = ground.first(wide, high, within(drawn.geoms[place], ground.box))
        if not found:
            continue
        sheet.box(found, fill=WHITE, stroke="#C3CBD1", width=0.5)
        middle = (found.bottom + found.top) / 2
        if sign:
            sheet.marker(symbol, found.left + 4.5 + size * 0.4, middle, r=size * 0.38)
        sheet.text(
            found.left + 4.5 + sign, middle - size * 0.35, said, size, weight=600, color=symbol.text_color or INK
        )


APART = 0.4
"""What is free at both sides of the name of a unit, by its size."""


def units(sheet: Sheet, ground: Ground, drawn: Drawn, size: float, level: int) -> None:
    """The names of administrative units of one level, spaced capitals where the script has them."""
    for place, row in enumerate(drawn.rows):
        if row.get("level") != level or not row.get("name"):
            continue
        said = str(row["name"])
        if typeface.latin(said):
            said = "\u00a0\u00a0".join("\u2009".join(word) for word in said.upper().split())
        # two spaced names in a row would be read as one: there is room for a letter between them
        wide = typeface.width(typeface.drawable(said), size, 600)
        found = ground.first(wide + 2 * size * APART, size, within(drawn.geoms[place], ground.box))
        if found:
            left = found.left + size * APART
            sheet.text(left, found.bottom + size * 0.14, said, size, weight=600, color=REGION, halo=LAND)


def towns(sheet: Sheet, ground: Ground, base: Drawn, size: float) -> None:
    """Towns with their names, the larger first; one whose name has no room has no dot either."""
    order = [place for place, rule in enumerate(base.rules) if rule.value == "place"]
    for place in sorted(order, key=lambda each: (base.rows[each].get("rank") or 99, base.rows[each]["id"])):
        row, symbol = base.rows[place], base.rules[place].symbol
        rank, name = row.get("rank") or 99, row.get("name")
        if not name:
            continue
        x, y = shapely.get_coordinates(base.geoms[place])[0]
        big = size + (2.2 if rank <= 1 else 1.0 if rank <= 3 else 0)
        dot = Box(x - 3, y - 3, x + 3, y + 3)
        if not ground.free(dot):
            continue
        wide = typeface.width(typeface.drawable(name), big, 600 if rank <= 3 else 400)
        found = ground.first(wide, big, around(x, y, wide, big, 4), gap=0.5)
        if found:
            ground.take(dot)
            sheet.marker(symbol, x, y, r=(2.6 if rank <= 1 else 2.1))
            sheet.text(
                found.left,
                found.bottom + big * 0.16,
                name,
                big,
                weight=600 if rank <= 3 else 400,
                color=TOWN,
                halo=LAND,
            )


def of_layers(sheet: Sheet, page: Page, ground: Ground, found: Mapping[str, Drawn], *, districts: bool) -> None:
    """Everything that layers write on the map beside their numbers, most wanted first; of units the districts where they are
    asked for."""
    size = page.type["label"]
    for drawn in found.values():
        if drawn.layer.style.labelled == "badge":
            badges(sheet, ground, drawn)
    for drawn in found.values():
        if drawn.layer.style.labelled == "pill":
            plates(sheet, ground, drawn, size)
    for drawn in found.values():
        if drawn.layer.style.labelled == "number":
            counts(sheet, ground, drawn, size)
    if "boundaries" in found:
        units(sheet, ground, found["boundaries"], size + 1, 1)
    if "basemap" in found:
        towns(sheet, ground, found["basemap"], size)
    if "boundaries" in found and districts:
        units(sheet, ground, found["boundaries"], size - 0.4, 2)
