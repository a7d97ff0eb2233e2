"""Maps on paper that another process draws beside this one: of the same snapshot, for the same room, with the same rights.

matplotlib draws on one core, and maps are half of the work of a pack: so they are drawn while the rest of it is made.
Run as `python -m geoapp.draw.apart FD` this module is that process: it reads what to draw from the pipe, tells what it drew,
and ends with whoever began it.
"""

import gc
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection as End
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from geoapp import db
from geoapp.errors import Ended, NotFound
from geoapp.scope import Scope

ROOT = Path(__file__).resolve().parents[2]
ATLAS = "atlas"
ASKED_EVERY_S = 0.3
"""How often whoever waits for a map is asked whether it still wants it."""


@dataclass(frozen=True)
class Drawing:
    """A map to be drawn, as plain data: a sheet of a theme, or the ATLAS; of the layers `only` where some are named. The rest
    is as `paper.sheet` has it."""

    scope: Scope
    path: Path
    theme: str
    size: str
    only: tuple[str, ...] = ()
    given: Mapping[str, Sequence[tuple[Any, ...]]] | None = None


@dataclass
class Drawer:
    """The process that draws, and the maps that it was asked for."""

    process: "subprocess.Popen[bytes]"
    end: End
    drawings: Sequence[Drawing] = field(default=())

    def begin(self, connection: Connection, context: db.Context, drawings: Sequence[Drawing]) -> None:
        """Have these maps drawn, of the snapshot that `connection` sees as long as it lasts, under the policies of `context`."""
        url = connection.engine.url.render_as_string(hide_password=False)
        self.drawings = drawings
        with self._there():
            self.end.send((url, context, db.moment(connection), tuple(drawings)))

    def drawn(self, waiting: Callable[[Drawing], None]) -> Iterator[dict[str, int] | NotFound]:
        """Of each map in order the records of each layer on it, or NotFound where there is nothing to draw. Calls `waiting`
        until it is there. Raises what went wrong with it, and Ended where the process is gone."""
        for drawing in self.drawings:
            waiting(drawing)
            while not self.end.poll(ASKED_EVERY_S):
                waiting(drawing)
            with self._there():
                found = self.end.recv()
            if isinstance(found, Exception) and not isinstance(found, NotFound):
                raise found
            yield found

    @contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError) as error:
            raise Ended(
                f"The process that draws the maps ended, with {self.process.wait()}; nothing was kept.",
                hint="It may need more memory than there is. Ask again.",
            ) from error


@contextmanager
def drawer() -> Iterator[Drawer]:
    """A process that draws. It ends with this context at the latest, whatever it is at."""
    ours, theirs = Pipe()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "geoapp.draw.apart", str(theirs.fileno())], pass_fds=(theirs.fileno(),),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    try:
        theirs.close()
        yield Drawer(process, ours)
    finally:
        process.kill()
        process.wait()
        ours.close()


def serve(end: End) -> None:
    """Draw what is asked for through the pipe, one map after another."""
    from geoapp.draw import paper  # matplotlib takes its time, and is loaded while the asker finds out what to ask

    gc.freeze()  # what is loaded stays: only what a map leaves is looked through
    try:
        url, context, moment, drawings = end.recv()
    except EOFError:
        return
    threading.Thread(target=_leave_with, args=(end,), daemon=True).start()
    try:
        engine = db.engine(url, pool_size=1, pooled=True)
        with db.transaction(engine, context, snapshot=True, of=moment) as connection:
            for each in drawings:
                try:
                    end.send(_records(paper, connection, each))
                except NotFound as nothing:
                    end.send(nothing)
    except Exception as error:
        end.send(_told(error))


def _records(paper: Any, connection: Connection, asked: Drawing) -> dict[str, int]:
    theme = "overview" if asked.theme == ATLAS else asked.theme
    layers = (
        [name for name in paper.theme(theme).layers if name in asked.only] if asked.only and not asked.given else []
    )
    if asked.theme == ATLAS:
        made = paper.atlas(connection, asked.scope, asked.path, layers=layers, size=asked.size, in_force=True)
    else:
        made = paper.sheet(
            connection, asked.scope, asked.path, theme=theme, layers=layers, size=asked.size, in_force=True,
            given=asked.given,
        )  # fmt: skip
    return dict(made.records)


def _leave_with(end: End) -> None:
    """End this process when nobody holds the other end of its pipe any more."""
    try:
        end.recv()
    except (EOFError, OSError):
        os._exit(1)


def _told(error: Exception) -> Exception:
    """The error as it can be sent, with the lines where it was."""
    error.add_note("".join(traceback.format_exception(error)))
    error.__cause__ = error.__context__ = None
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:
        plain = RuntimeError(f"{type(error).__name__} while a map was drawn.")
        plain.__notes__ = error.__notes__
        return plain
    return error


if __name__ == "__main__":
    serve(End(int(sys.argv[1])))
