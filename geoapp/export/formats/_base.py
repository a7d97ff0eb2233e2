"""What is an export format: its suffix, its media type, and how it writes layers or a route to a file."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from geoapp.db import streamed
from geoapp.draw import features
from geoapp.draw.query import meets, source, told
from geoapp.scope import Scope
from layers import Field, Layer

Progress = Callable[[str, int, int | None], None]
BATCH = 5_000
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class LayerFile:
    """Layers to be written to `path`, seen in one transaction under the policies."""

    connection: Connection
    scope: Scope
    layers: Sequence[Layer]
    path: Path
    withheld: Mapping[str, frozenset[str]]
    """By layer the names of the fields that the room is not told."""
    about: Mapping[str, str]
    """What the file says of itself: title, handling, room, scope, moment, disclaimer."""
    progress: Progress
    narrowed: Mapping[str, tuple[str, Mapping[str, Any]]] = dataclasses.field(default_factory=dict)
    """By layer the condition on its row `t` that rows of the file meet, and what it binds; every row without."""
    stem: str = ""
    """The file's final name without its suffix; that of `path` when it is not said."""
    given: Mapping[str, Sequence[tuple[Any, ...]]] = dataclasses.field(default_factory=dict)
    """By layer the rows that are written in place of asking for them, as `batches` gives them."""

    @property
    def layer(self) -> Layer:
        """The one layer of a format that holds one."""
        (layer,) = self.layers
        return layer

    def fields(self, layer: Layer) -> list[Field]:
        """The fields that the room is told."""
        return features.shown(layer, self.hidden(layer))

    def hidden(self, layer: Layer) -> frozenset[str]:
        """The names of those that it is not told."""
        return self.withheld.get(layer.name, frozenset())

    def rows(self, layer: Layer) -> tuple[str, Mapping[str, Any]]:
        """The condition on the layer's row `t` that its rows in the file meet, and what it binds."""
        return self.narrowed.get(layer.name, ("true", {}))

    def batches(self, layer: Layer) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in order of id, at most BATCH at a time, each `(id, WKB in EPSG:4326, value of each field told …)`; one
        empty batch where there are none, so that an empty layer is still a layer. Calls `progress` after each."""
        if layer.name in self.given:
            rows = self.given[layer.name]
            yield from ([*rows[at : at + BATCH]] for at in range(0, max(len(rows), 1), BATCH))
            return
        asked = "".join(f", {told(field.name)}" for field in self.fields(layer))
        where, binds = self.rows(layer)
        sql = (
            f"SELECT t.id, ST_AsBinary(t.geom){asked} FROM ({source(layer, self.scope)}) AS t"
            f" WHERE {meets(self.scope)} AND {where} ORDER BY t.id"
        )
        total = 0
        for part in streamed(self.connection, sql, self.scope.binds() | dict(binds), BATCH):
            total += len(part)
            yield [tuple(row) for row in part]
            self.progress(layer.title, total, None)
        if not total:
            yield []


@dataclass(frozen=True)
class RouteFile:
    """One way of an answer to `access.ask`, to be written as a file."""

    route: Mapping[str, Any]
    """A FeatureCollection of segments."""
    waypoints: Sequence[tuple[str, float, float]]
    """Name, longitude, latitude: from, over, to."""
    title: str
    description: str
    departs: datetime
    arrives: datetime
    exercise: bool = False


@dataclass(frozen=True)
class Format:
    """One export format. `write` gives records per layer; `write_route` the bytes of a file."""

    suffix: str
    media: str
    title: str
    good_for: str
    write: Callable[[LayerFile], dict[str, int]] | None = None
    many: bool = False
    """One file holds several layers."""
    records: bool = True
    """It holds the records itself, and does not open another file that does."""
    write_route: Callable[[RouteFile], bytes] | None = None
    also: tuple[str, ...] = ()
    """Other suffixes that mean the same."""


def xml_text(value: Any) -> str:
    """A value as text that XML can hold: control characters have no form in it and are left out."""
    return _NOT_IN_XML.sub("", str(value))
