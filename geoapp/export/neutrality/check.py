"""Check a file: what in it takes sides, approves, has expired or is missing, where, and what to do."""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from geoapp.errors import BadRequest
from geoapp.export.neutrality import look, words
from geoapp.export.neutrality.read import MOST_BYTES, READERS, Row, rows

CARRY = {".pptx", ".docx", ".xlsx", ".csv", ".geojson", ".gpkg", ".kml", ".html", ".svg", ".gpx", ".pdf", ".pmtiles"}
"""Files that have a place for a disclaimer and a handling, alone or in a zip."""
MANIFEST = "MANIFEST.json"
"""What a pack says of itself, beside its files."""
_TLP = re.compile(r"\bTLP:(?:RED|AMBER(?:\+STRICT)?|GREEN|CLEAR)\b")
_LEVELS = {"RED", "AMBER", "AMBER+STRICT", "GREEN", "CLEAR"}
_SIDE = ("affiliation", "identity", "standard_identity", "hostility")
_SIDES = {"friend", "assumed friend", "hostile", "suspect", "joker", "faker"}


@dataclass(frozen=True)
class Finding:
    """`key` is what an override names; `reason` is why it was overridden, None while it stands."""

    code: str
    where: str
    row: str
    field: str
    message: str
    hint: str
    key: str
    reason: str | None = None


def open_findings(found: Iterable[Finding]) -> list[Finding]:
    """Those that nobody has overridden."""
    return [each for each in found if each.reason is None]


def check(
    path: Path,
    *,
    day: date | None = None,
    overrides: Mapping[str, str] | None = None,
    names: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings of a file, in the order of its places; overridden ones with their reason. `day` is the day on which
    records must not have expired; `names` are proper names that may stand in any text, for not every format says which of its
    texts are names. Raises BadRequest for a suffix that nobody here reads, a file that cannot be read, and an
    override without a reason."""
    if path.suffix.lower() not in READERS:
        raise BadRequest(f"{path.name} is of no kind that is checked.", hint=f"One of {', '.join(sorted(READERS))}.")
    declared, proper = _declared(path)
    reasons, names = declared | dict(overrides or {}), names | proper
    if empty := [key for key, reason in reasons.items() if not reason.strip()]:
        raise BadRequest(f"The override of {empty[0]!r} has no reason.", hint="Say why; it stands in the manifest.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"{path.name} cannot be read: {error.strerror}.", hint="Name a file.") from error
    found: list[Finding] = []
    said: dict[str, tuple[bool, bool]] = {}
    for row in rows(path.name, data):
        found += _row(row, day, names)
        file = row.where.split(", ")[0]
        disclaimed, handled = said.get(file, (False, False))
        said[file] = disclaimed or any(map(words.disclaims, row.texts.values())), handled or _handled(row)
    for file, (disclaimed, handled) in said.items():
        folder = f"{PurePosixPath(file).parent}/"
        if PurePosixPath(file).suffix.lower() == ".csv" and folder != "./":
            # a table in an archive is told about by what lies beside it
            beside = [each for name, each in said.items() if name.startswith(folder)]
            disclaimed, handled = any(each[0] for each in beside), any(each[1] for each in beside)
        if PurePosixPath(file).suffix.lower() in CARRY:
            found += _missing(file, disclaimed, handled)
    return [replace(each, reason=reasons.get(each.key)) for each in found]


def _declared(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """What the manifest of a pack says of this: the reasons for what was found in it, and the proper names in it."""
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return {}, frozenset()
    with zipfile.ZipFile(path) as archive:
        if MANIFEST not in archive.namelist() or archive.getinfo(MANIFEST).file_size > MOST_BYTES:
            return {}, frozenset()
        try:
            told = json.loads(archive.read(MANIFEST))["neutrality"]
            reasons = {str(each["key"]): str(each["reason"]) for each in told["overridden"]}
            return reasons, frozenset(map(str, told["names"]))
        except (ValueError, KeyError, TypeError):
            return {}, frozenset()


def _handled(row: Row) -> bool:
    return any(_TLP.search(text) for text in row.texts.values()) or row.texts.get("handling") in _LEVELS


def _missing(file: str, disclaimed: bool, handled: bool) -> Iterator[Finding]:
    if not disclaimed:
        yield Finding(
            "disclaimer",
            file,
            "",
            "",
            "No disclaimer is in it.",
            "Export it again; the product puts it in.",
            "disclaimer",
        )
    if not handled:
        yield Finding("handling", file, "", "", "It does not say how it is handled.", "Say its TLP level.", "handling")


def _row(row: Row, day: date | None, names: frozenset[str]) -> Iterator[Finding]:
    for name, text in row.texts.items():
        if name in row.names:
            continue
        for word in words.found(text, names):
            verb = "accuses" if word.kind == "accusing" else "approves"
            yield Finding(
                word.kind,
                row.where,
                row.row,
                name,
                f"“{word.word}” {verb}.",
                f"Say: {word.say}.",
                f"{word.kind}:{word.word}",
            )
        if name.lower() in _SIDE and text.strip().lower() in _SIDES:
            yield _sided(row, name, text)
    for color in row.colors:
        if side := look.side(color):
            yield Finding("colour", row.where, row.row, "colour", f"#{color} is {side}, which takes sides.",
                          "Use the colour of the actor's domain.", f"colour:{color.lower()}")  # fmt: skip
    for symbol in row.symbols:
        if says := look.identity(symbol):
            yield _sided(row, "symbol", says)
    for kind, time, stale in row.events:
        if (says := look.event(kind)) == "a task":
            yield Finding(
                "tasking", row.where, row.row, "type", f"{kind} is a task.", "Leave it out.", f"tasking:{kind}"
            )
        elif says:
            yield _sided(row, "type", f"{kind}, {says}")
        ends, now = _day(stale), day or _day(time)
        if ends and now and ends < now:
            yield _expired(row, "stale", stale)
    until = row.texts.get("valid_to", "")
    if day and "level" in row.texts and (last := _day(until)) and last < day:
        yield _expired(row, "valid_to", until)


def _sided(row: Row, name: str, says: str) -> Finding:
    return Finding(
        "identity",
        row.where,
        row.row,
        name,
        f"It says {says}.",
        "Only neutral and unknown may leave.",
        f"identity:{says}",
    )


def _expired(row: Row, name: str, until: str) -> Finding:
    return Finding(
        "expired", row.where, row.row, name, f"It ended on {until[:10]}.", "Leave it out.", f"expired:{row.row}"
    )


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None
