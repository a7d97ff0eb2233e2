"""What do the tiles of a PMTiles archive say? Every record of its last zoom once: what is in an earlier one is there too."""

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError
from mapbox_vector_tile.Mapbox import vector_tile_pb2 as mvt
from pmtiles.reader import MemorySource, all_tiles
from pmtiles.tile import Compression, deserialize_header

MOST_TILES, MOST_BYTES = 1 << 16, 1 << 28
"""Tiles that are looked at, and bytes of all of them unpacked."""
_BROKEN = (
    DecodeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    struct.error,
    zlib.error,
)


def about(data: bytes) -> dict[str, Any]:
    """What an archive says of itself. Raises ValueError where it is none."""
    if data[:7] != b"PMTiles":
        raise ValueError("it is no PMTiles archive")
    try:
        header = deserialize_header(data[:127])
        start = header["metadata_offset"]
        said = json.loads(_unpacked(data[start : start + header["metadata_length"]], header["internal_compression"]))
    except _BROKEN as error:
        raise ValueError(str(error) or "it is cut") from error
    if not isinstance(said, dict):
        raise ValueError("it says nothing of itself")
    return said


def records(data: bytes) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The name of a layer, the number of a record and its texts by field. Raises ValueError where it cannot be read, and for
    one with more than can be looked at."""
    try:
        header = deserialize_header(data[:127])
        known: set[tuple[str, int, str]] = set()
        left = MOST_BYTES
        for n, ((z, _, _), packed) in enumerate(all_tiles(MemorySource(data))):
            if n >= MOST_TILES:
                raise ValueError(f"it has more than {MOST_TILES:,} tiles")
            if z < header["max_zoom"]:
                continue
            unpacked = _unpacked(packed, header["tile_compression"], left)
            left -= len(unpacked)
            for layer in mvt.tile.FromString(unpacked).layers:
                for each in layer.features:
                    pairs = zip(each.tags[::2], each.tags[1::2], strict=True)
                    told = {layer.keys[k]: layer.values[v].string_value for k, v in pairs}
                    cells = {key: value for key, value in told.items() if value}
                    # a record is in every tile that it reaches into
                    if (one := (layer.name, each.id, str(cells))) not in known:
                        known.add(one)
                        yield layer.name, each.id, cells
    except _BROKEN as error:
        raise ValueError(str(error) or "it is cut") from error


def _unpacked(data: bytes, how: Compression, most: int = MOST_BYTES) -> bytes:
    if how is Compression.NONE:
        return data
    if how is not Compression.GZIP:
        raise ValueError("it is packed in a way that is not read here")
    opened = zlib.decompressobj(wbits=31)
    found = opened.decompress(data, max(most, 1))
    if opened.unconsumed_tail:
        raise ValueError("it is too large to be looked at")
    return found
