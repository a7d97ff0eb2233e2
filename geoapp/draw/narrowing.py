"""By what is one layer of a picture narrowed, as SQL over its rows and in words?

A narrowing is part of the scope, and `query.source` wraps the layer's SELECT in it: tile, table, count, label, click and file of
that layer hold the same rows. It reads nothing that is withheld from the room: what would is refused by `check` at the doors, and
holds no row in the SQL itself, whoever asks.
"""

import re
from collections.abc import Collection

from geoapp.codes import say
from geoapp.errors import BadRequest
from geoapp.scope import Scope, known
from layers import STACK, Layer, Listing, get

LISTS = {layer.name: layer for layer in STACK if layer.listing is not None}
"""The layers that are shown as lists, and can be narrowed, by name."""


def reads(sql: str) -> set[str]:
    """The fields of the row `t` that an expression reads: a filter or an order by a field tells what it is."""
    return set(re.findall(r'\bt\."?(\w+)', sql))


def apply(layer: Layer, scope: Scope, sql: str) -> str:
    """A layer's SELECT with only the rows of the scope's narrowing, when that is about this layer. The values are bound by
    `Scope.binds`. Raises BadRequest for a filter that the layer's list does not have."""
    only = scope.only
    if only is None or only.layer != layer.name:
        return sql
    listed, clauses = _list_of(layer), []
    for name, _ in only.filters:
        if name == "q":
            clauses.append(_has_words(layer, listed))
            continue
        _known(listed, name)
        clause = re.sub(r"(?<!:):(\w+)", r":only_\1", listed.filters[name])
        clauses.append(f"CASE WHEN {_is_withheld(layer, reads(listed.filters[name]))} THEN false ELSE {clause} END")
    return f"SELECT t.* FROM ({sql}) AS t WHERE {known(' AND '.join(clauses) or 'true', scope)}"


def _is_withheld(layer: Layer, fields: Collection[str]) -> str:
    """SQL for whether any of a layer's fields is withheld from the room that asks."""
    named = ", ".join(f"'{layer.subject}/{field}'" for field in sorted(fields))
    return f"(SELECT calc.untold() && ARRAY[{named}]::text[])"


def _has_words(layer: Layer, listed: Listing) -> str:
    fields = (f'CASE WHEN {_is_withheld(layer, [name])} THEN NULL ELSE t."{name}"::text END' for name in listed.search)
    said = f"lower(concat_ws(' ', {', '.join(fields)}))"
    return f"(SELECT coalesce(bool_and(strpos({said}, w.word) > 0), true) FROM unnest(CAST(:only_q AS text[])) AS w (word))"


def check(scope: Scope, untold: Collection[str]) -> None:
    """Raises BadRequest for a narrowing of a layer that is no list, by what its list is not filtered by, or by a field that is
    among those that the room is not told, each as subject/field."""
    if scope.only is None:
        return
    if scope.only.layer not in LISTS:
        raise BadRequest(f"There is no list {scope.only.layer[:60]!r}.", hint=f"One of {', '.join(LISTS)}.")
    listed = _list_of(get(scope.only.layer))
    for name, _ in scope.only.filters:
        if name != "q":
            _known(listed, name)
            if any(f"{get(scope.only.layer).subject}/{field}" in untold for field in reads(listed.filters[name])):
                raise BadRequest(
                    f"Nothing is narrowed by {name!r} in this room: it is withheld from it.",
                    hint="Leave it out of `only`.",
                )


def _known(listed: Listing, name: str) -> None:
    if name not in listed.filters:
        raise BadRequest(f"This list is not filtered by {name[:60]!r}.", hint=f"By q, {', '.join(listed.filters)}.")


def _list_of(layer: Layer) -> Listing:
    if layer.listing is None:
        raise BadRequest(f"{layer.title} are no list that is filtered.", hint=f"Lists are {', '.join(LISTS)}.")
    return layer.listing


def sentence(scope: Scope) -> str:
    """What the narrowing leaves, for the heading of a file or a sheet: "overlaps only of Status: In coordination"; "" without one."""
    if scope.only is None:
        return ""
    layer = get(scope.only.layer)
    fields = {field.name: field for field in layer.fields}
    said = []
    for name, value in scope.only.filters:
        field = fields.get(name)
        title = field.title if field else name.capitalize()
        said.append(f"{title}: {say(field.code, value) if field and field.code else value}")
    return f"{layer.title.lower()} only of {', '.join(said)}"
