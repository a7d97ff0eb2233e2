"""What may the child that opens a file say? Frames of known types, in order, within limits, of a declared shape.

The child reads a file that nobody has reason to trust, so whatever it sends is data from a stranger. A frame is one
byte of type, four bytes of length and that many bytes of payload: H header, D rows as COPY CSV, F findings, P progress,
E end, X refused, C (before X) what was counted until then. Asked for the rows that do not
land, the child says T titles and R rows instead of H and D; asked what a file is, L. U is
what its columns were taken for. All but D are JSON. A stream that breaks a rule raises Forged, and nothing of its file lands.
"""

import os
import re
import select
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from geoapp.ingest.findings import Severity

MIB = 1024 * 1024
LENGTHS = {"H": MIB, "D": 16 * MIB, "F": 8 * MIB, "P": 4096, "C": 4 * MIB, "E": 4 * MIB, "X": MIB, "T": MIB, "U": MIB, "R": 64 * MIB,
           "L": MIB}  # fmt: skip
"""The longest payload of each type."""
DEPTH = 16
"""The deepest nesting of a JSON payload; the deepest that is declared below is 4."""
MODES = {"stage": "HUDFPCEX", "unlanded": "TREX", "look": "LEX"}
"""What the child may be asked for, and the types that it may say then; the first of them comes first."""
FINDINGS = 100_000
"""Findings that one file may list."""
LAST_WORDS_S = 10
"""Seconds that a child has to end after it said that it has."""


class Forged(Exception):
    """The child broke a rule of this protocol; the text says which."""


@dataclass(frozen=True)
class Frame:
    """One message of the child, checked. `json` is what it says; None for D, whose rows only the database reads."""

    type: str
    payload: bytes
    json: Any = None


Words = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
Label = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,80}$")]
Cell = Annotated[str, Field(max_length=1_000_000, pattern=r"^[^\x00]*$")]
Hex = Annotated[str, Field(max_length=60_000_000, pattern=r"^[0-9A-F]*$")]
Level = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Guesses(_Shape):
    columns: dict[Label, Label] = Field(max_length=500)
    headers: list[Label] = Field(max_length=500)
    names: list[Label] = Field(max_length=500)


class _Header(_Shape):
    source: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
    columns: list[Label] = Field(max_length=500)
    guesses: _Guesses | None
    headers: list[Label] = Field(default=[], max_length=500)
    """The columns of the file."""


class _Finding(_Shape):
    severity: Severity
    row: Count | None
    column: Label | None
    code: Code
    message: Words
    hint: Words
    value: Label | None = None


class _Progress(_Shape):
    rows: Count
    of: Count | None


class _More(_Shape):
    severity: Severity
    code: Code
    column: Label | None = None
    count: Count


class _End(_Shape):
    rows: Count
    rejected: Count
    more: list[_More] = Field(max_length=5000)
    """Findings beyond the listed ones, by their code."""


class _Column(_Shape):
    header: Label
    tag: Label | None
    name: Label | None
    by: Code | None
    sure: Annotated[float, Field(ge=0, le=1)] | None
    cell: Label | None
    value: Label | None


class _Understood(_Shape):
    columns: list[_Column] = Field(max_length=500)


class _Titles(_Shape):
    headers: list[Label] = Field(max_length=500)
    tags: list[Label] | None = Field(max_length=500)
    features: bool


class _Row(_Shape):
    row: Count
    cells: list[Cell | None] = Field(max_length=500)
    reasons: list[Words] = Field(max_length=20)
    handling: Level
    shape: Hex | None


class _SheetOf(_Shape):
    name: Label
    rows: Count | None
    hidden: bool


class _Likely(_Shape):
    key: Code
    score: Annotated[float, Field(ge=0, le=1)]


class _Look(_Shape):
    form: Literal["table", "vector", "osm"]
    sheet: Label | None
    sheets: list[_SheetOf] = Field(max_length=30)
    kinds: list[_Likely] = Field(max_length=50)
    headers: list[Label] = Field(default=[], max_length=500)


_FINDINGS: TypeAdapter[list[_Finding]] = TypeAdapter(list[_Finding])
_SHAPES: dict[str, TypeAdapter[Any]] = {
    "H": TypeAdapter(_Header), "F": _FINDINGS, "X": _FINDINGS, "P": TypeAdapter(_Progress), "C": TypeAdapter(_End), "T": TypeAdapter(_Titles),
    "R": TypeAdapter(Annotated[list[_Row], Field(max_length=1000)]), "L": TypeAdapter(_Look), "U": TypeAdapter(_Understood),
    "E": TypeAdapter(_End),
}  # fmt: skip
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))


def _json(type_: str, payload: bytes) -> Any:
    """The payload as plain values, when it has the shape declared for its type. Raises Forged."""
    depth = 0
    for bracket in _STRING.sub(b"", payload).translate(None, _OTHERS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH:
            raise Forged(f"a frame {type_} is nested more than {DEPTH} deep")
    try:
        return _SHAPES[type_].dump_python(_SHAPES[type_].validate_python(orjson.loads(payload)))
    except orjson.JSONDecodeError:
        raise Forged(f"a frame {type_} is no JSON") from None
    except ValidationError as error:
        raise Forged(f"a frame {type_} has not its shape ({error.errors()[0]['type']})") from None


def _exactly(pipe: int, length: int) -> bytes | None:
    """That many bytes of the pipe; None when it ends before. Memory grows only with what has arrived."""
    held = bytearray()
    while len(held) < length:
        part = os.read(pipe, min(length - len(held), MIB))
        if not part:
            return None
        held += part
    return bytes(held)


def frames(pipe: int, row_bytes: int, mode: str = "stage") -> Iterator[Frame]:
    """The frames that come through a pipe, each checked; ends without E or X when the pipe does.

    `row_bytes` is how much all D and R frames may hold together; `mode` one of MODES. Raises Forged.
    """
    headed, counted, rows, findings = False, False, 0, 0
    while (head := _exactly(pipe, 5)) is not None:
        type_, length = chr(head[0]), int.from_bytes(head[1:], "big")
        if type_ not in MODES[mode]:
            raise Forged(f"there is no frame of type {type_!r}")
        if length > LENGTHS[type_]:
            raise Forged(f"a frame {type_} of {length:,} bytes is too long")
        if headed == (type_ == MODES[mode][0]) and type_ != "X":
            raise Forged(f"a frame {type_} {'after' if headed else 'before'} the header")
        if counted and type_ != "X":
            raise Forged(f"a frame {type_} after what was counted")
        payload = _exactly(pipe, length)
        if payload is None:
            return
        rows += length if type_ in "DR" else 0
        if rows > row_bytes:
            raise Forged(f"the rows are more than {row_bytes:,} bytes")
        if type_ == "D":
            yield Frame(type_, payload)
            continue
        said = _json(type_, payload)
        headed, counted = headed or type_ == MODES[mode][0], type_ == "C"
        if type_ in "FX":
            findings += len(said)
            if findings > FINDINGS:
                raise Forged(f"there are more than {FINDINGS:,} findings")
        if type_ == "X" and not any(finding["severity"] == "error" for finding in said):
            raise Forged("a refusal without a reason")
        if type_ in "EX":
            if select.select([pipe], [], [], LAST_WORDS_S)[0] and os.read(pipe, 1):
                raise Forged(f"something comes after the frame {type_}")
            yield Frame(type_, payload, said)
            return
        yield Frame(type_, payload, said)
