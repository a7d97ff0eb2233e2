"""How is a filter read, from CQL2 text or JSON, and what is too long or nested too deep to be read at all?

The `cql2` package reads the text form into the standard's JSON form. It goes down one call a level and would end the process:
what is nested is counted before it reads.
"""

import re
from typing import Any

import cql2
import orjson

from geoapp.errors import BadRequest

LENGTH = 8_000
DEPTH = 32
TERMS = 400


def tree_of(text: str, language: str) -> Any:
    """The filter in the standard's JSON form. Raises BadRequest."""
    if len(text) > LENGTH:
        raise BadRequest(f"The filter has {len(text):,} characters.", hint=f"{LENGTH:,} at most.")
    if "\x00" in text:
        raise BadRequest("The filter holds a character that no text has.", hint="Leave out U+0000.")
    if language not in READ:
        raise BadRequest(f"There is no filter language {language[:40]!r}.", hint=f"One of {', '.join(READ)}.")
    return READ[language](text)


def _from_text(text: str) -> Any:
    # within quotes too: where a quote ends is the reader's to say
    depth = deepest = 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    nots = len(re.findall(r"\bnot\b", text, re.IGNORECASE))
    if deepest > DEPTH or nots > TERMS or re.search(r"(?:[-+]\s*){9}", text):
        raise too_deep()
    try:
        return cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        raise _unread(error) from None


def _from_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unread(error) from None


READ = {"cql2-text": _from_text, "cql2-json": _from_json}


def _unread(error: Exception) -> BadRequest:
    place = re.search(r"(\d+):(\d+)|column (\d+)", str(error))
    where = f" at character {place[2] or place[3]}" if place else ""
    return BadRequest(f"The filter cannot be read{where}.", hint="Write CQL2, such as: km2 > 10 AND status = 'new'.")


def too_deep() -> BadRequest:
    """The error of a filter that asks too much."""
    return BadRequest("The filter is nested too deep or too long.", hint=f"{DEPTH} levels and {TERMS} terms at most.")


def parts(node: Any) -> tuple[str, list[Any]]:
    """The operator and the arguments of a node; the operator is empty for what is no operation."""
    if not isinstance(node, dict) or "op" not in node:
        return "", []
    op, args = node["op"], node.get("args")
    if not isinstance(op, str) or not isinstance(args, list):
        raise BadRequest("The filter has an operation without its arguments.", hint='{"op": "=", "args": [a, b]}')
    return op.lower(), args


def counted(op: str, args: list[Any], n: int) -> list[Any]:
    """The arguments, which are so many. Raises BadRequest."""
    if len(args) != n:
        raise BadRequest(f"{op[:40]} takes {n} arguments, not {len(args)}.", hint="See OGC 21-065, CQL2.")
    return args
