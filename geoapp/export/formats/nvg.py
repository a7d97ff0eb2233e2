"""NVG 2.0.2: layers as a military overlay; symbols are those of APP-6D, neutral or unknown, and never a target."""

from typing import BinaryIO

import shapely
from shapely.geometry.base import BaseGeometry

from geoapp.export.formats._base import Format, LayerFile
from geoapp.export.formats._pieces import parts
from geoapp.export.formats._told import Column, Sayings, spoken
from geoapp.export.formats.kml import Writer
from geoapp.operations import operation
from layers import Layer, Symbol

NAMESPACE = "https://tide.act.nato.int/schemas/2012/10/nvg"
_SYMBOLS = {
    ("sites", "point"): ("11", "110400"), ("incidents", "point"): ("25", "131300"),
    ("access_constraints", "point"): ("25", "131300"), ("areas_of_operation", "polygon"): ("25", "120100"),
    ("hazards", "polygon"): ("25", "271000"),
}  # fmt: skip
"""Symbol set and entity by subject and shape: organisation, point of interest, area of operations, UXO area (DOMAIN 7.2).
What has none of these meanings is drawn in its colours without a symbol."""
_CIVIL = "civil"


def write(file: LayerFile) -> dict[str, int]:
    """A group for each layer; records with a place per layer. Longitude comes first; a shape with holes is cut through them."""
    exercise, counts = operation(file.connection, file.scope.operation).exercise, {}
    with file.path.open("wb") as out:
        nvg = _begun(out, file)
        for layer in file.layers:
            fields, counts[layer.name] = file.fields(layer), 0
            says, columns = Sayings(layer, fields), spoken(fields)
            domain = next((place for place, field in enumerate(fields, 2) if field.name == "domain"), None)
            nvg.start("g", label=layer.title)
            nvg.leaf("textInfo", f"{layer.question} {layer.warning or ''}".strip())
            for part in file.batches(layer):
                for row, geom in zip(part, shapely.from_wkb([row[1] for row in part]), strict=True):
                    if geom is None or geom.is_empty:
                        continue
                    counts[layer.name] += 1
                    civil = layer.subject == "sites" or (domain is not None and row[domain] == _CIVIL)
                    for number, piece in enumerate(parts(geom)):
                        _item(nvg, file, layer, says, columns, row, piece, number, exercise=exercise, civil=civil)
            nvg.end()
        nvg.finish()
    return counts


def _begun(out: BinaryIO, file: LayerFile) -> Writer:
    nvg = Writer(out)
    nvg.start("nvg", xmlns=NAMESPACE, version="2.0.2", classification=file.about["handling"])
    nvg.start("g", label=file.about["title"])
    nvg.leaf("textInfo", "\n".join(f"{name}: {words}" for name, words in file.about.items()))
    nvg.end()
    return nvg


def _item(
    nvg: Writer, file: LayerFile, layer: Layer, says: Sayings, columns: list[Column], row: tuple[object, ...],
    piece: BaseGeometry, number: int, *, exercise: bool, civil: bool,
) -> None:  # fmt: skip
    name = says.called(row)
    known = _SYMBOLS.get((layer.subject, layer.shape))
    more = {"uri": f"{file.scope.operation}/{layer.name}/{row[0]}/{number}", "label": name}
    if known:
        more |= {"symbol": f"app6d:{sidc(*known, exercise=exercise, neutral=civil)}"}
        more |= {"modifiers": f"T:{name.replace(';', ',')};"}
    at = shapely.get_coordinates(piece)
    if piece.geom_type == "Point":
        nvg.start("point", x=f"{at[0][0]:.7f}", y=f"{at[0][1]:.7f}", **more)
    else:
        # a polygon closes itself: its first corner is not said again
        corners = at[:-1] if piece.geom_type == "Polygon" else at
        points = " ".join(f"{x:.7f},{y:.7f}" for x, y in corners)
        style = _style(layer.style.rules[says.class_of(row)].symbol)
        nvg.start("polygon" if piece.geom_type == "Polygon" else "polyline", points=points, style=style, **more)
    nvg.start("ExtendedData")
    for column in columns:
        value = column.of(row)
        if value is not None:
            nvg.leaf("SimpleData", value, key=column.title)
    nvg.end()
    nvg.end()


def sidc(symbols: str, entity: str, *, exercise: bool, neutral: bool) -> str:
    """Twenty digits of APP-6D: reality or exercise, neutral or unknown, present, without echelon and modifiers."""
    return f"10{1 if exercise else 0}{4 if neutral else 1}{symbols}0000{entity}0000"


def _style(symbol: Symbol) -> str:
    # there is no hatch: a hatched class is filled thinly with the hatch's colour
    fill, opacity = (symbol.fill, symbol.fill_opacity) if symbol.fill else (symbol.hatch_color, 0.15)
    said = {"stroke": symbol.stroke, "stroke-width": f"{symbol.width:g}", "fill": fill or "none"}
    said |= {"fill-opacity": f"{opacity:g}"} if fill else {}
    return ";".join(f"{name}:{value}" for name, value in said.items() if value)


NVG = Format(".nvg", "application/vnd.nato.nvg+xml", "NVG", "military overlays, neutral symbols only", write, many=True)
