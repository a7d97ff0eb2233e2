"""How does a PDF say where on earth its map is? A viewport with geographic measure (ISO 32000-2, 12.10), read by GDAL and by
map apps on phones; and whose it is, without a time of making."""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from geoapp.draw.paper.projection import Frame


def merged(pages: list[tuple[bytes, Frame]], about: dict[str, str]) -> bytes:
    """One PDF of the pages, each with the ground its map shows; `about` is Title, Subject and the like."""
    writer = PdfWriter()
    for data, _ in pages:
        writer.append(BytesIO(data))
    for page, (_, frame) in zip(writer.pages, pages, strict=True):
        if all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in frame.corners()):
            page[NameObject("/VP")] = ArrayObject([_viewport(frame)])
    writer.metadata = None
    writer.add_metadata({f"/{name}": words for name, words in {"Producer": "geoapp", **about}.items()})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _viewport(frame: Frame) -> DictionaryObject:
    box = frame.box
    around = [each for lon, lat in frame.corners() for each in (lat, lon)]
    unit = [0, 0, 0, 1, 1, 1, 1, 0]  # from the lower left, clockwise, as `Frame.corners` goes
    epsg = frame.crs.to_epsg()
    system: dict[PdfObject, PdfObject] = {
        NameObject("/Type"): NameObject("/PROJCS"),
        NameObject("/WKT"): TextStringObject(frame.crs.to_wkt("WKT1_ESRI")),
    }
    if epsg:
        system[NameObject("/EPSG")] = NumberObject(epsg)
    measure = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Measure"),
            NameObject("/Subtype"): NameObject("/GEO"),
            NameObject("/Bounds"): ArrayObject([NumberObject(each) for each in unit]),
            NameObject("/GPTS"): ArrayObject([FloatObject(f"{each:.9f}") for each in around]),
            NameObject("/LPTS"): ArrayObject([NumberObject(each) for each in unit]),
            NameObject("/GCS"): DictionaryObject(system),
            NameObject("/PDU"): ArrayObject([NameObject("/KM"), NameObject("/SQKM"), NameObject("/DEG")]),
        }
    )
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Viewport"),
            NameObject("/Name"): TextStringObject("Map"),
            NameObject("/BBox"): ArrayObject(
                [FloatObject(f"{v:.4f}") for v in (box.left, box.bottom, box.right, box.top)]
            ),
            NameObject("/Measure"): measure,
        }
    )
