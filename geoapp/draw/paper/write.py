"""A map on paper for somebody who asks from outside: one snapshot of the database, one file that appears whole or not at all."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from geoapp.db import transaction
from geoapp.draw.paper.asked import Made
from geoapp.draw.paper.atlas import atlas
from geoapp.draw.paper.sheet import checked, one_at_a_time, sheet
from geoapp.observe import event
from geoapp.scope import Scope

WAIT_S = 60.0
"""How long an asker waits for those before to be done."""


def write(
    engine: Engine, scope: Scope, path: Path, *, theme: str = "overview", layers: Sequence[str] = (), size: str = "a3",
    orientation: str = "landscape", title: str | None = None, contact: str | None = None,
    grid: str = "degrees",
) -> Made:  # fmt: skip
    """Draw one map, or with the theme `atlas` one a province, to `path`; what is asked for is that of `paper.sheet`.

    Everything is read in one repeatable-read transaction. Raises what `sheet` raises, and Unavailable when too many maps are
    being drawn.
    """
    checked(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".paper-", suffix=path.suffix.lower())
    os.close(handle)
    fresh = Path(made)
    try:
        with (
            one_at_a_time(WAIT_S),
            transaction(engine.execution_options(isolation_level="REPEATABLE READ"), scope.context()) as connection,
        ):
            if theme == "atlas":
                done = atlas(
                    connection,
                    scope,
                    fresh,
                    layers=layers,
                    size=size,
                    orientation=orientation,
                    title=title,
                    contact=contact,
                    grid=grid,
                )
            else:
                done = sheet(
                    connection, scope, fresh, theme=theme, layers=layers, size=size, orientation=orientation, title=title,
                    contact=contact, grid=grid,
                )  # fmt: skip
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    event("paper", scope.context(), format=path.suffix.lower(), pages=done.pages, rows=sum(done.records.values()))
    return done
