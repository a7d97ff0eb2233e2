"""What can be imported: one file a kind, and the list of their keys, in the order in which the page offers them."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoapp.ingest.kind import Kind

KEYS = (
    "presence", "areas", "incidents", "deletions", "risk_zones", "hazards", "sites", "roads", "road_reports",
    "constraints", "arrangements", "security_levels", "boundaries", "basemap",
)  # fmt: skip
"""Each is the name of a module here that has a KIND."""


@cache
def get(key: str) -> "Kind":
    """The kind of that key, its module imported only now; KeyError when there is none."""
    if key not in KEYS:
        raise KeyError(key)
    kind: Kind = import_module(f"geoapp.ingest.kinds.{key}").KIND
    return kind


def every() -> "tuple[Kind, ...]":
    """All kinds, in their order."""
    return tuple(get(key) for key in KEYS)


SURE = 0.6
"""From this score on a file is said to look like a kind."""


def likely(headers: Sequence[str], tags: Sequence[str] | None, form: str) -> "list[tuple[Kind, float]]":
    """The kinds that come in this form with how sure a file of these headers is of them, the surest first."""
    scored = [(kind, kind.score(headers, tags)) for kind in every() if form in kind.reads]
    return sorted(scored, key=lambda each: -each[1])


def looks_like(headers: Sequence[str], tags: Sequence[str] | None, form: str, but: str) -> "Kind | None":
    """The kind that a file of this form and these headers is most likely of, other than `but`; None when none is likely."""
    best, score = next((each for each in likely(headers, tags, form) if each[0].key != but), (None, 0.0))
    return best if score >= SURE else None
