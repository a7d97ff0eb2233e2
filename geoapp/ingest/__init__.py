"""What was in this file, what is wrong with it row by row, and what changed when it landed?

`run` imports one file, `withdraw` takes an import back; both are loaded when they are first asked for, so that the
sandboxed child, which imports this package too, does not load the database's libraries.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from geoapp.errors import BadRequest
from geoapp.ingest.kinds import KEYS as KINDS

if TYPE_CHECKING:
    from geoapp.ingest.batches import landed_batches
    from geoapp.ingest.imports import SHELL, run
    from geoapp.ingest.withdrawals import withdraw

__all__ = ["KINDS", "SHELL", "columns_said", "landed_batches", "run", "titles", "withdraw"]

_LATER = {"landed_batches": "batches", "run": "imports", "SHELL": "imports", "withdraw": "withdrawals"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def titles() -> list[tuple[str, str]]:
    """Key and title of every kind, in the order in which the page offers them."""
    from geoapp.ingest.kinds import every

    return [(kind.key, kind.title) for kind in every()]


def columns_said(pairs: Sequence[str]) -> dict[str, dict[str, str]]:
    """The option of `run` that `NAME=HEADER` pairs make; an empty header is none. Raises BadRequest."""
    said = {name.strip(): header.strip() for name, sign, header in (pair.partition("=") for pair in pairs) if sign}
    if len(said) != len(pairs):
        raise BadRequest("A column is given as NAME=HEADER, each name once.", hint='Write it as date="Date of event".')
    return {"columns": said} if said else {}
