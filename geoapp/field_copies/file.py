"""The file that a field copy is carried in, and the one that its changes come home in: JSON lines, packed, under age's seal.

The first line says what the file is, the last how many lines there were. What is packed is unpacked in small pieces: a file that
unpacks to more than it may is refused before it has filled memory or disk.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson
import pyrage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geoapp.backup.sealed import Key, Kind, Lock, seal, unsealed
from geoapp.errors import Refused

COPY, CHANGES = Kind("field copy"), Kind("changes of a field copy")
MIB = 2**20
LONGEST_LINE = 64 * MIB
MOST = {COPY: 2**36, CHANGES: 2**30}
"""Bytes that a file may unpack to."""
LONGEST_CHANGE = 8 * MIB
FORM = 1


class Said(BaseModel):
    """What a file says of itself."""

    model_config = ConfigDict(extra="forbid")
    what: str = Field(max_length=40)
    form: int
    version: str = Field(max_length=40)
    head: str = Field(max_length=80)
    """The revision of the database that wrote it."""
    key: str = Field(max_length=80, pattern=r"^[0-9a-f]+$")
    secret: str = Field(max_length=80, pattern=r"^[0-9a-f]+$")
    operation: dict[str, Any]
    room: dict[str, Any]
    taken_at: str = Field(max_length=40)
    ends_on: str = Field(max_length=10)
    recipients: list[str] = Field(max_length=40)


def write(
    target: IO[bytes], key: Key | Lock, kind: Kind, said: Said, lines: Iterable[bytes], told: Callable[[int], None]
) -> None:
    """Close a file: what it says of itself, its lines, and how many they were."""
    packed = _Packed(_whole(said, lines))
    try:
        seal(b"", packed, target, key, told, kind)
    except pyrage.EncryptError:
        if packed.failed:
            raise packed.failed from None
        raise


def _whole(said: Said, lines: Iterable[bytes]) -> Iterator[bytes]:
    yield orjson.dumps(said.model_dump()) + b"\n"
    count = 0
    for line in lines:
        count += 1
        yield line + b"\n"
    yield orjson.dumps(["end", count]) + b"\n"


class _Packed:
    """Lines as a packed stream."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._pack, self._ready, self._open = lines, zlib.compressobj(6), b"", True
        self.failed: BaseException | None = None
        """What kept the lines from coming: who encrypts says no more than that something did."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        while self._open and (size < 0 or len(self._ready) < size):
            try:
                line = next(self._lines, None)
            except BaseException as error:
                self.failed = error
                raise
            if line is None:
                self._open = False
                self._ready += self._pack.flush()
            else:
                self._ready += self._pack.compress(line)
        taken, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return taken


def read(path: Path, key: Key, kind: Kind, told: Callable[[int], None]) -> Iterator[Said | list[Any]]:
    """What a file says of itself, then each of its lines; at the end it was whole.

    Raises Refused for a damaged file, one of another kind or form, a wrong key, and one that unpacks to more than it may; NotFound.
    """
    with unsealed(path, key, told, kind) as body:
        count, ended, first = 0, False, True
        for line in _lines(body, kind):
            if first:
                yield _said(line, kind)
                first = False
                continue
            found = _loaded(line)
            if ended or not isinstance(found, list) or len(found) != 2:
                raise _damaged()
            if found[0] == "end":
                if found[1] != count:
                    raise _damaged()
                ended = True
                continue
            count += 1
            yield found
        if not ended:
            raise _damaged()


def _lines(body: IO[bytes], kind: Kind) -> Iterator[bytes]:
    unpack, rest, size = zlib.decompressobj(), b"", 0
    longest = LONGEST_LINE if kind == COPY else LONGEST_CHANGE
    while taken := body.read(MIB):
        while taken:
            try:
                piece = unpack.decompress(taken, MIB)
            except zlib.error as error:
                raise _damaged() from error
            taken = unpack.unconsumed_tail
            size += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            if size > MOST[kind] or len(rest) > longest or any(len(line) > longest for line in whole):
                raise Refused(
                    f"This {kind.word} unpacks to more than one may.", hint="Nothing was touched.", code="too-large"
                )
            yield from whole
            if not piece and not unpack.eof:
                break
        if unpack.unused_data:
            raise _damaged()
    if rest or not unpack.eof:
        raise _damaged()


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _damaged() from error


def _said(line: bytes, kind: Kind) -> Said:
    try:
        said = Said.model_validate(_loaded(line))
    except ValidationError as error:
        raise _damaged() from error
    if said.what != kind.word or said.form != FORM:
        raise Refused(
            f"This is a {said.what} of form {said.form}; {kind.word} of form {FORM} is read here.",
            hint="Nothing was touched. Use the version of geoapp that wrote it.",
        )
    return said


def _damaged() -> Refused:
    return Refused(
        "The file does not hold what it says of itself.", hint="Nothing was touched. Take another copy of it."
    )
