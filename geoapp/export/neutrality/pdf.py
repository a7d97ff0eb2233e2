"""The text of a PDF, page by page. What only draws is left out first: the shapes of a map are a hundred times as long."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdf

_TEXT = re.compile(rb"(?<!\S)(?:BT\s.*?\sET|cm|q|Q)(?!\S)", re.S)
_MATRIX = re.compile(rb"(?:[-+.\d]+\s+){6}\Z")
_MATRIX_BYTES = 200
"""How far before its `cm` a matrix begins at most."""
_SHOWN = re.compile(rb"(?<=[\s\])>])(?:Tj|TJ|'|\")(?!\S)")


def pages(data: bytes) -> Iterator[str]:
    """The text of each page. Raises ValueError for what is no PDF."""
    try:
        for page in pypdf.PdfReader(io.BytesIO(data)).pages:
            _without_drawing(page)
            yield page.extract_text()
    except pypdf.errors.PyPdfError as error:
        raise ValueError(str(error)) from error


def _without_drawing(page: Any) -> None:
    """Leave of a page what writes its text and where; as it was where text would be lost."""
    contents = page.get_contents()
    if contents is None or ("/XObject" in page.get("/Resources", {}) and page["/Resources"]["/XObject"]):
        return
    data = contents.get_data()
    kept = b"\n".join(_texts(data))
    if len(_SHOWN.findall(kept)) == len(_SHOWN.findall(data)):
        short = pypdf.generic.StreamObject()
        short.set_data(kept)
        page[pypdf.generic.NameObject("/Contents")] = short


def _texts(data: bytes) -> Iterator[bytes]:
    """The text objects of a page's operators, what is saved and restored around them, and the matrices that place them."""
    for found in _TEXT.finditer(data):
        if found[0] != b"cm":
            yield found[0]
        elif matrix := _MATRIX.search(data[max(0, found.start() - _MATRIX_BYTES) : found.start()]):
            yield matrix[0] + b"cm"
