"""What may stand in a field: every check takes the value as sent and gives it as stored, or says what is wrong with it.

A check also says in JSON Schema what it accepts: forms and other programs learn limits and lists from there alone.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoapp.codes import codes
from geoapp.errors import BadRequest
from geoapp.model import HANDLING


@dataclass(frozen=True)
class Check:
    """Reads a value as it is sent; raises ValueError with what is wrong with it."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    """The same in JSON Schema, as far as that can say it."""
    codes: str | None = None
    """The list of `data/codes/` that its values are of."""
    several: bool = False
    """Whether it takes several codes, with commas between."""
    without: tuple[str, ...] = ()
    """The codes of that list that it does not take."""

    def __call__(self, value: Any) -> Any:
        """The value as it is stored."""
        return self.read(value)


@dataclass(frozen=True)
class Field:
    """One thing that is written: its column where that has another name, how it is checked, what it is when left out."""

    check: Check
    column: str | None = None
    default: Any = None
    required: bool = False
    title: str = ""
    """What it is called, where that is not what the layer calls it."""
    hint: str = ""
    """What somebody who writes it should know."""
    past: bool = False
    """Whether a day in it is one that has been, as a rule."""
    refers_to: str | None = None
    """The collection whose record it names."""
    named_in: str | None = None
    """The door of the operation that lists the names it takes."""
    sql: str | None = None
    """What it is read from, as SQL over the record's row `t`, where it is no column: `derive` makes columns of it."""


def text(limit: int = 4000) -> Check:
    """Text of at most `limit` characters; blank is nothing."""

    def check(value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > limit or "\0" in value:
            raise ValueError(f"must be text of at most {limit:,} characters")
        return value.strip() or None

    return Check(check, {"type": "string", "maxLength": limit})


def code(name: str, *, without: tuple[str, ...] = ()) -> Check:
    """A code of a list of `data/codes/`, but those `without`."""

    def check(value: Any) -> str | None:
        known = [each for each in codes(name) if each not in without]
        if value is None:
            return None
        if not isinstance(value, (str, int)) or str(value) not in known:
            raise ValueError(f"{str(value)[:40]!r} is not in the list: {', '.join(known)}")
        return str(value)

    return Check(check, {"type": "string"}, codes=name, without=without)


def grade(letters: str) -> Check:
    """One of these letters or figures, in either case."""

    def check(value: Any) -> str | None:
        if value in (None, ""):
            return None
        word = str(value).strip().upper()
        if len(word) != 1 or word not in letters:
            raise ValueError(f"{str(value)[:40]!r} is no grade from {letters[0]} to {letters[-1]}")
        return word

    return Check(check, {"type": "string", "enum": list(letters)})


def several(name: str) -> Check:
    """Codes of a list, as a list or with commas between; stored with commas, in the list's order."""

    def check(value: Any) -> str | None:
        parts = value.split(",") if isinstance(value, str) else value
        if parts is None or parts == []:
            return None
        known = list(codes(name))
        if not isinstance(parts, list) or any(not isinstance(p, str) or p.strip() not in known for p in parts):
            raise ValueError(f"takes some of {', '.join(known)}")
        return ",".join(c for c in known if c in {p.strip() for p in parts})

    return Check(check, {"type": "string"}, codes=name, several=True)


def whole(least: int, most: int, codes: str | None = None) -> Check:
    """A whole number within bounds; `codes` is the list that has a word for each, where there is one."""

    def check(value: Any) -> int | None:
        if value is None or value == "":
            return None
        number: float = math.nan
        if isinstance(value, int) and not isinstance(value, bool):
            number = value  # as it is: a float would round the largest
        elif isinstance(value, (float, str)):
            number = float(value)
        if not math.isfinite(number) or number != int(number) or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(number)

    return Check(check, {"type": "integer", "minimum": least, "maximum": most}, codes=codes)


def _day(value: Any) -> date | None:
    """A date such as 2026-10-18."""
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError(f"{str(value)[:40]!r} is no date; write it as 2026-10-18") from None


def _truth(value: Any) -> bool | None:
    """Yes, no, or not known."""
    if value is None or isinstance(value, bool):
        return value
    raise ValueError("must be true, false or null")


def _handling(value: Any) -> str | None:
    """A level of TLP 2.0, with or without `TLP:`; WHITE is CLEAR."""
    if value is None:
        return None
    word = str(value).upper().removeprefix("TLP:").strip().replace("WHITE", "CLEAR")
    if word not in HANDLING:
        raise ValueError(f"{str(value)[:40]!r} is no handling: {', '.join(HANDLING)}")
    return word


day = Check(_day, {"type": "string", "format": "date"})
"""A day, such as 2026-10-18."""
truth = Check(_truth, {"type": "boolean"})
"""Yes, no, or not known."""
handling = Check(_handling, {"type": "string"}, codes="handling")
"""A level of TLP 2.0."""


def said_handling(value: str) -> str:
    """A handling that was asked about. Raises BadRequest."""
    try:
        return handling(value) or "AMBER"
    except ValueError as error:
        raise BadRequest(f"handling {error}.", hint="Write it as AMBER or TLP:AMBER.") from None


def checked(one: str, fields: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of every field of a record, checked. Raises BadRequest with all that is wrong, field by field."""
    wrong = [
        {"where": name, "what": f"is no field of a {one}; its fields are {', '.join(fields)}"}
        for name in given if name not in fields
    ]  # fmt: skip
    values: dict[str, Any] = {}
    for name, field in fields.items():
        try:
            value = field.check(given.get(name))
        except (ValueError, OverflowError) as error:
            wrong.append({"where": name, "what": str(error)})
            continue
        values[name] = field.default if value is None else value
        if field.required and values[name] is None:
            wrong.append({"where": name, "what": "is required"})
    if wrong:
        first = wrong[0]
        raise BadRequest(f"{first['where']} {first['what']}.", hint="Correct it and send it again.", errors=wrong)
    return values
