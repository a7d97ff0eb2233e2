"""What does a CQL2 filter ask for, in SQL over a layer's row, and in which order and with which fields is it told?

Every value is bound, every field is one that the room is told: of another nothing says whether it exists.
"""

from collections.abc import Sequence
from typing import Any

from geoapp.crs import CRS84, Crs
from geoapp.draw.cql.read import counted, parts, tree_of
from geoapp.draw.cql.relations import SPATIAL, TEMPORAL, names_shape, spatial, temporal
from geoapp.draw.cql.values import COMPARE, Asked, compared, like, listed, step, value_of
from geoapp.errors import BadRequest
from layers import Field


def condition(text: str, language: str, fields: Sequence[Field], crs: Crs = CRS84) -> tuple[str, dict[str, Any]]:
    """SQL over a layer's row `t` that is true for what the filter asks for, and what it binds.

    `language` is `cql2-text` or `cql2-json`, `fields` are those that the room is told, `crs` is that of the filter's shapes.
    Raises BadRequest with what is wrong: also for a field that the room is not told, as for one that there is not.
    """
    asked = Asked({each.name: each for each in fields}, crs)
    return _true_for(tree_of(text, language), asked, 0), asked.binds


def _true_for(node: Any, asked: Asked, depth: int) -> str:
    """SQL that is true, false or, as the standard has it, neither."""
    step(asked, depth)
    if isinstance(node, bool):
        return "true" if node else "false"
    op, args = parts(node)
    if op in ("and", "or"):
        if len(args) < 2:
            raise BadRequest(f"{op} takes two arguments or more.", hint="See OGC 21-065, CQL2.")
        return "(" + f" {op.upper()} ".join(_true_for(each, asked, depth + 1) for each in args) + ")"
    if op == "not":
        return f"(NOT {_true_for(counted(op, args, 1)[0], asked, depth + 1)})"
    if op in COMPARE:
        first, second = counted(op, args, 2)
        return compared(op, first, second, asked, depth)
    if op == "between":
        value, least, most = counted(op, args, 3)
        return f"({compared('>=', value, least, asked, depth)} AND {compared('<=', value, most, asked, depth)})"
    if op == "in":
        first, second = counted(op, args, 2)
        return listed(first, second, asked, depth)
    if op == "like":
        first, second = counted(op, args, 2)
        return like(first, second, asked, depth)
    if op == "isnull":
        (of,) = counted(op, args, 1)
        if names_shape(of):
            return "(t.geom IS NULL)"
        return f"({value_of(of, asked, depth + 1).sql} IS NULL)"
    if op in SPATIAL:
        first, second = counted(op, args, 2)
        return spatial(op, first, second, asked)
    if op in TEMPORAL:
        first, second = counted(op, args, 2)
        return temporal(op, first, second, asked, depth)
    term = value_of(node, asked, depth + 1)
    if term.kind != "boolean":
        raise BadRequest("The filter asks for no yes or no.", hint="Compare a field with a value.")
    return f"({term.sql})"


def order(text: str | None, fields: Sequence[Field]) -> str:
    """SQL for the order of `sortby`: fields that the room is told, then the number, so that pages hold each record once.
    Raises BadRequest."""
    clauses = []
    for each in (text or "").split(",")[: len(fields) + 1] if text else []:
        name = each.strip().lstrip("+-")
        way = "DESC" if each.strip().startswith("-") else "ASC"
        clauses.append(f"{_named(name, fields)} {way} NULLS LAST")
    return ", ".join([*clauses, "t.id"])


def some(text: str | None, fields: Sequence[Field]) -> tuple[str, ...] | None:
    """The fields that `properties` names; None for all. Raises BadRequest for one that the room is not told."""
    if text is None:
        return None
    names = tuple(each.strip() for each in text.split(",") if each.strip())
    for name in names:
        _named(name, fields)
    return names


def _named(name: str, fields: Sequence[Field]) -> str:
    if name == "id":
        return "t.id"
    if name not in {each.name for each in fields}:
        raise BadRequest(f"There is no field {name[:60]!r}.", hint=f"There are {', '.join(f.name for f in fields)}.")
    return f't."{name}"'
