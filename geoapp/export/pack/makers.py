"""How is each file of a pack made? By the export format of its suffix, by what writes it, or, a map on paper, by the process
that draws beside this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from geoapp.draw.apart import ATLAS, Drawing
from geoapp.draw.changes import Changes
from geoapp.export.formats import LayerFile
from geoapp.export.formats._base import Progress
from geoapp.export.pack.contents import Contents
from geoapp.export.write import LAYER_FORMATS, format_of
from geoapp.scope import Scope
from layers import Layer
from layers.changes import LAYER as CHANGES
from web.packs import Made, Part


@dataclass(frozen=True)
class Making:
    """A file of a pack under way."""

    connection: Connection
    held: Contents
    part: Part
    layers: list[Layer]
    """Those of the part that the room is shown."""
    path: Path
    about: Mapping[str, str]
    progress: Progress
    changes: Changes
    """What differs from the last pack of this kind for this room."""

    @property
    def lately(self) -> Scope:
        """The days of events, up to the pack's day; of what lasts its last day is drawn."""
        first, last = self.held.scope.period or (None, None)
        return replace(self.held.scope, period=(first, last or self.held.day))


def _layers_file(making: Making) -> dict[str, int]:
    write, held = format_of(making.part.suffix, LAYER_FORMATS).write, making.held
    assert write is not None
    return write(
        LayerFile(
            making.connection, held.scope, making.layers, making.path, held.room.hidden_of(making.layers), making.about,
            making.progress, held.narrowed,
        )
    )  # fmt: skip


def on_paper(part: Part) -> bool:
    """Whether a file is a map on paper."""
    return part.made in ("paper", "atlas") or (part.made == "changes" and part.suffix == ".pdf")


def told(making: Making, records: Mapping[str, int]) -> dict[str, int]:
    """Of the records of each layer on a map those that the file is of, and not what lies under them; of changes also those
    without a place."""
    if making.part.made == "changes":
        return {CHANGES.name: len(making.changes.found)}
    return {name: n for name, n in records.items() if name in making.part.layers}


def drawing(making: Making) -> Drawing | None:
    """What is to be drawn where the file is a map on paper; None where it is made here."""
    part = making.part
    if not on_paper(part):
        return None
    theme = ATLAS if part.made == "atlas" else part.theme
    given = {CHANGES.name: making.changes.rows()} if part.made == "changes" else None
    return Drawing(making.lately, making.path.resolve(), theme, part.size, making.held.pack.only, given)


def _slides(making: Making) -> dict[str, int]:
    from geoapp.draw import slides

    return slides.write(
        making.connection, making.lately, making.held.room, making.path, making.about, changes=making.changes,
        only=making.held.pack.only,
    )  # fmt: skip


def _brief(making: Making) -> dict[str, int]:
    from geoapp.draw import brief

    brief.write(
        making.connection, making.lately, making.held.room, making.path, making.about, changes=making.changes,
        only=making.held.pack.only,
    )  # fmt: skip
    return {}


def _changes(making: Making) -> dict[str, int]:
    rows = making.changes.rows()
    write = format_of(making.part.suffix, LAYER_FORMATS).write
    assert write is not None
    said = " ".join(sentence for part in making.changes.sentences().values() for sentence in part)
    return write(
        LayerFile(
            making.connection, making.held.scope, [CHANGES], making.path, {}, {**making.about, "changes": said},
            making.progress, given={CHANGES.name: rows},
        )
    )  # fmt: skip


MAKERS: Mapping[Made, Callable[[Making], dict[str, int]]] = {
    "layers": _layers_file,
    "slides": _slides,
    "brief": _brief,
    "changes": _changes,
}
"""How a file is made that is no map on paper; each gives the records of each layer in it."""
