"""What is asked of an import: the file, what it is taken for, and what a template or the file itself says of that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from geoapp.db import Context, transaction
from geoapp.errors import BadRequest
from geoapp.ingest import templates
from geoapp.ingest.kind import Kind
from geoapp.ingest.sandbox import Limits, open_file
from geoapp.ingest.templates import Template


@dataclass(frozen=True)
class Asked:
    """One import: what file, taken for what, by whom it was asked for."""

    path: Path
    file_name: str
    source: str | None
    handling: str | None
    limits: Limits | None
    options: Mapping[str, Any]
    progress: Callable[[str, int, int | None], None]
    checked: Mapping[str, Any] | None
    job: int | None


def by_template(
    engine: Engine, context: Context, kind: str | None, asked: Asked
) -> tuple[Template | None, Asked, list[str]]:
    """The template that is asked for, what is asked with what it says, and the headers of the file that it was compared with.

    Raises NotFound for no such template of this room, BadRequest when it is of another kind.
    """
    options = dict(asked.options)
    name = options.pop("template", None)
    asked = replace(asked, options=options)
    if not name:
        return None, asked, []
    with transaction(engine, context) as connection:
        known = templates.templates(connection) if name == templates.FITTING else [templates.template(connection, name)]
    seen: dict[str | None, list[str]] = {}

    def headers(sheet: str | None) -> list[str]:
        sheet = options.get("sheet") or sheet
        if sheet not in seen:
            seen[sheet] = (look(replace(asked, options=options | {"sheet": sheet})) or {}).get("headers", [])
        return seen[sheet]

    used = templates.fitting(known, kind, asked.source, headers) if name == templates.FITTING else known[0]
    if used is None:
        return None, asked, []
    if kind not in (None, used.kind):
        raise BadRequest(
            f"The template {used.name!r} is for {used.kind}, not {kind}.", hint="Leave the template or the kind."
        )
    by_it = replace(
        asked, source=asked.source or used.source, handling=asked.handling or used.handling,
        options=templates.applied(used, options),
    )  # fmt: skip
    return used, by_it, headers(used.sheet)


def look(asked: Asked) -> dict[str, Any] | None:
    """The sheets of a file, and which kinds it may be of; None when it cannot be opened as any of them."""
    with open_file(
        asked.path, None, options=child_options(asked, None), limits=asked.limits, mode="look"
    ) as frames:  # fmt: skip
        return next((dict(frame.json) for frame in frames if frame.type == "L"), None)


def surest(looked: dict[str, Any] | None) -> str:
    """The kind that a file is most likely of. Raises BadRequest when it is of none that is known."""
    best = looked["kinds"][0] if looked and looked["kinds"] else {"score": 0}
    if not best["score"]:
        raise BadRequest("It is not recognised what this file holds.", hint="Say which kind it is.")
    return str(best["key"])


def child_options(asked: Asked, kind: Kind | None) -> dict[str, Any]:
    """What the child is told besides the file."""
    return dict(asked.options) | {"file_name": asked.file_name, "handling": asked.handling or (kind and kind.handling)}
