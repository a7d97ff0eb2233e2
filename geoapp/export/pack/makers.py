"""How is each file of a pack made? By the export format of its suffix, or by what draws and writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

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

    def drawn(self, theme: str) -> list[str]:
        """The layers of a map on paper that were chosen; none where all are drawn."""
        from geoapp.draw.paper.themes import theme as of

        only = self.held.pack.only
        return [name for name in of(theme).layers if name in only] if only else []


def _layers_file(making: Making) -> dict[str, int]:
    write, held = format_of(making.part.suffix, LAYER_FORMATS).write, making.held
    assert write is not None
    return write(
        LayerFile(
            making.connection, held.scope, making.layers, making.path, held.room.hidden_of(making.layers), making.about,
            making.progress, held.narrowed,
        )
    )  # fmt: skip


def _paper(making: Making) -> dict[str, int]:
    from geoapp.draw import paper  # matplotlib takes its time: only where a map is drawn

    made = paper.sheet(
        making.connection, making.lately, making.path, theme=making.part.theme, layers=making.drawn(making.part.theme),
        size=making.part.size, in_force=True,
    )  # fmt: skip
    return {name: n for name, n in made.records.items() if name in making.part.layers}


def _atlas(making: Making) -> dict[str, int]:
    from geoapp.draw import paper

    made = paper.atlas(
        making.connection,
        making.lately,
        making.path,
        layers=making.drawn("overview"),
        size=making.part.size,
        in_force=True,
    )
    return {name: n for name, n in made.records.items() if name in making.part.layers}


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
    if making.part.suffix == ".pdf":
        from geoapp.draw import paper

        paper.sheet(
            making.connection, making.lately, making.path, size=making.part.size, in_force=True,
            given={CHANGES.name: rows},
        )  # fmt: skip
        return {CHANGES.name: len(rows)}
    write = format_of(making.part.suffix, LAYER_FORMATS).write
    assert write is not None
    told = " ".join(sentence for part in making.changes.sentences().values() for sentence in part)
    return write(
        LayerFile(
            making.connection, making.held.scope, [CHANGES], making.path, {}, {**making.about, "changes": told},
            making.progress, given={CHANGES.name: rows},
        )
    )  # fmt: skip


MAKERS: Mapping[Made, Callable[[Making], dict[str, int]]] = {
    "layers": _layers_file, "paper": _paper, "atlas": _atlas, "slides": _slides, "brief": _brief,
    "changes": _changes,
}  # fmt: skip
"""How a file of a pack is made; each gives the records of each layer in it."""
