"""What is a value in a filter? A field that the room is told, or a literal, which is bound; and how two are compared."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geoapp.crs import Crs
from geoapp.draw.cql.read import DEPTH, TERMS, counted, parts, too_deep
from geoapp.errors import BadRequest
from layers import Field

LISTED = 1_000
WILDCARDS = 8
"""Of a pattern: each multiplies what the database may have to try."""
COMPARE = ("=", "<>", "<", ">", "<=", ">=")
_KINDS = {"integer": "number", "number": "number", "date": "date", "boolean": "boolean"}
CASTS = {"number": "float8", "date": "date", "boolean": "boolean", "text": "text"}


@dataclass(frozen=True)
class Term:
    """A value in SQL and what kind it is: text, number, date or boolean."""

    sql: str
    kind: str


@dataclass
class Asked:
    """What a filter is compiled with, and what it has bound so far."""

    fields: Mapping[str, Field]
    crs: Crs
    binds: dict[str, Any] = field(default_factory=dict)
    terms: int = 0

    def bind(self, value: Any, cast: str) -> str:
        """SQL for a value, which is bound."""
        name = f"q{len(self.binds)}"
        self.binds[name] = value
        return f"CAST(:{name} AS {cast})"


def step(asked: Asked, depth: int) -> None:
    """Count a term. Raises BadRequest for one too many, or too deep."""
    asked.terms += 1
    if depth > DEPTH or asked.terms > TERMS:
        raise too_deep()


def _field(name: Any, asked: Asked) -> Term:
    if name == "id":
        return Term("t.id::float8", "number")
    found = asked.fields.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadRequest(
            f"There is no field {str(name)[:60]!r} to ask by.", hint=f"There are {', '.join(asked.fields)}."
        )
    kind = _KINDS.get(found.kind, "text")
    return Term(f't."{found.name}"::{CASTS[kind]}', kind)


def value_of(node: Any, asked: Asked, depth: int) -> Term:
    """A field, a literal, or text without regard to case."""
    step(asked, depth)
    if isinstance(node, bool):
        return Term("true" if node else "false", "boolean")
    if isinstance(node, int | float):
        if not math.isfinite(node) or abs(node) > 1e300:
            raise BadRequest("A number of the filter is none.", hint="Write a finite number.")
        return Term(asked.bind(float(node), "float8"), "number")
    if isinstance(node, str):
        return Term(asked.bind(written(node), "text"), "text")
    if isinstance(node, dict) and set(node) == {"property"}:
        return _field(node["property"], asked)
    if isinstance(node, dict) and set(node) == {"date"}:
        return Term(asked.bind(day_of(node["date"]), "date"), "date")
    op, args = parts(node)
    if op == "casei":
        term = value_of(counted(op, args, 1)[0], asked, depth + 1)
        if term.kind != "text":
            raise BadRequest("CASEI is of text.", hint="Leave it out.")
        return Term(f"lower({term.sql})", "text")
    what = op or (next(iter(node), "nothing") if isinstance(node, dict) else type(node).__name__)
    raise BadRequest(
        f"The filter has {what[:40]!r} where a value goes.", hint="Values are fields, text, numbers, DATE('…')."
    )


def written(value: str) -> str:
    """A text that the database can hold. Raises BadRequest."""
    if "\x00" in value or any(0xD800 <= ord(sign) < 0xE000 for sign in value):
        raise BadRequest("The filter holds a character that no text has.", hint="Leave it out.")
    return value


def day_of(value: Any) -> date:
    """A day. Raises BadRequest."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise BadRequest(f"{str(value)[:40]!r} is no day.", hint="Write DATE('2026-10-18').")


def alike(a: Any, b: Any, asked: Asked, depth: int) -> tuple[Term, Term]:
    """Two values of one kind; text beside a date is read as one."""
    left, right = value_of(a, asked, depth + 1), value_of(b, asked, depth + 1)
    if left.kind == "date" and isinstance(b, str):
        right = Term(asked.bind(day_of(b), "date"), "date")
    elif right.kind == "date" and isinstance(a, str):
        left = Term(asked.bind(day_of(a), "date"), "date")
    if left.kind != right.kind:
        raise BadRequest(f"The filter compares {left.kind} with {right.kind}.", hint="See /queryables for the kinds.")
    return left, right


def compared(op: str, a: Any, b: Any, asked: Asked, depth: int) -> str:
    """SQL for two values compared."""
    left, right = alike(a, b, asked, depth)
    # by code point, the same on every server
    order = ' COLLATE "C"' if left.kind == "text" and op not in ("=", "<>") else ""
    return f"({left.sql} {op} {right.sql}{order})"


def listed(of: Any, values: Any, asked: Asked, depth: int) -> str:
    """SQL for a value that is one of a list."""
    if not isinstance(values, list) or not 0 < len(values) <= LISTED:
        raise BadRequest("IN takes a list of values.", hint=f"One to {LISTED:,} of them.")
    term = value_of(of, asked, depth + 1)
    folded = parts(of)[0] == "casei"
    if folded:
        values = [unfolded(each) for each in values]
    read = {"text": _texts, "number": _numbers, "date": _days}.get(term.kind)
    if read is None:
        raise BadRequest("IN is of text, numbers and days.", hint="Compare with = instead.")
    listed = asked.bind(read(values), f"{CASTS[term.kind]}[]")
    return f"({term.sql} = ANY ({f'ARRAY(SELECT lower(v) FROM unnest({listed}) AS v)' if folded else listed}))"


def unfolded(node: Any) -> Any:
    """What CASEI is of; anything else as it is."""
    op, args = parts(node)
    return counted(op, args, 1)[0] if op == "casei" else node


def _texts(values: list[Any]) -> list[str]:
    if not all(isinstance(each, str) for each in values):
        raise BadRequest("The list of IN is of text.", hint="See /queryables for the kinds.")
    return [written(each) for each in values]


def _numbers(values: list[Any]) -> list[float]:
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e300 for v in values):
        raise BadRequest("The list of IN is of numbers.", hint="See /queryables for the kinds.")
    return [float(each) for each in values]


def _days(values: list[Any]) -> list[date]:
    return [day_of(each["date"] if isinstance(each, dict) and set(each) == {"date"} else each) for each in values]


def like(of: Any, pattern: Any, asked: Asked, depth: int) -> str:
    """SQL for a text that is like a pattern."""
    folded, pattern = parts(pattern)[0] == "casei", unfolded(pattern)
    if not isinstance(pattern, str):
        raise BadRequest("LIKE takes a text.", hint="Such as: actor LIKE 'First%'.")
    bare = pattern.replace("\\\\", "").replace("\\%", "")
    if bare.count("%") > WILDCARDS or len(pattern) > 200 or bare.endswith("\\"):
        raise BadRequest(
            "The pattern of LIKE is too long, has too many % or ends in \\.", hint=f"200 signs, {WILDCARDS} % at most."
        )
    term = value_of(of, asked, depth + 1)
    if term.kind != "text":
        raise BadRequest("LIKE is of text.", hint="See /queryables for the kinds.")
    bound = asked.bind(written(pattern), "text")
    return f"({term.sql} LIKE {f'lower({bound})' if folded else bound})"
