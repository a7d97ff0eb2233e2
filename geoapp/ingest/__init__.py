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
    from geoapp.ingest.imports import SHELL, run
    from geoapp.ingest.withdrawals import withdraw

__all__ = ["KINDS", "SHELL", "columns_said", "matches_said", "run", "titles", "withdraw"]

_LATER = {"run": "imports", "SHELL": "imports", "withdraw": "withdrawals"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def titles() -> list[tuple[str, str]]:
    """Key and title of every kind, in the order in which the page offers them."""
    from geoapp.ingest.kinds import every

    return [(kind.key, kind.title) for kind in every()]


def matches_said(given: Sequence[str]) -> dict[str, dict[str, str]]:
    """The option of `run` that `NAME=PCODE` pairs make, and files of such lines (or of NAME,PCODE). Raises BadRequest."""
    from pathlib import Path

    lines: list[str] = []
    for one in given:
        if "=" in one:
            lines.append(one)
        else:
            try:
                lines += Path(one).read_text(encoding="utf-8-sig").splitlines()
            except (OSError, UnicodeDecodeError):
                raise BadRequest(
                    f"{one!r} is neither NAME=PCODE nor a file of such lines.", hint='Write it as "Bagrimi=TD0801".'
                ) from None
    said: dict[str, str] = {}
    for line in lines:
        name, sign, code = line.rpartition("=" if "=" in line else ",")
        if line.strip() and not (sign and name.strip() and code.strip()):
            raise BadRequest(f"{line[:80]!r} says no unit.", hint='Write it as "Bagrimi=TD0801".')
        if line.strip():
            said[name.strip().strip('"')] = code.strip().strip('"')
    return {"matches": said} if said else {}


def columns_said(pairs: Sequence[str]) -> dict[str, dict[str, str]]:
    """The option of `run` that `NAME=HEADER` pairs make; an empty header is none. Raises BadRequest."""
    said = {name.strip(): header.strip() for name, sign, header in (pair.partition("=") for pair in pairs) if sign}
    if len(said) != len(pairs):
        raise BadRequest("A column is given as NAME=HEADER, each name once.", hint='Write it as date="Date of event".')
    return {"columns": said} if said else {}
