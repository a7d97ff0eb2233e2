"""The unit of every staged row that names one: by P-code, by name, or as somebody confirmed; what was not found is told."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection

from geoapp.errors import BadRequest
from geoapp.ingest.load import ImportBatch, run
from geoapp.ingest.report import Finding
from geoapp.ingest.units import Match, Said, Unit, Units, counted, key_of

SAID = ("code1", "code2", "code3", "name1", "name2", "name3", "name4")
"""The staged columns in which a row says its unit: P-codes of levels 1 to 3, names of levels 1 to 3, the locality."""

Found = tuple[Said, Match, list[int]]
"""What some rows say, what was found for it, and the rows."""


def place_rows(
    connection: Connection, batch: ImportBatch
) -> tuple[int, list[Finding], dict[str, int], list[dict[str, Any]]]:
    """Give every staged row the columns `pcode` and `footprint_id` of its unit. Rows without one are taken out.

    Returns how many these are, what is told, how many rows were placed by which sign, and the units proposed for names that come
    near theirs. Raises BadRequest for a confirmed P-code that no unit has.
    """
    cells = ", ".join(f"coalesce({name}, '')" for name in SAID)
    run(connection, "ALTER TABLE staging ADD COLUMN footprint_id bigint, ADD COLUMN pcode text, ADD COLUMN said text")
    run(connection, f"UPDATE staging SET said = concat_ws(chr(31), {cells})")
    staged: list[Any] = run(
        connection, "SELECT said, array_agg(row_no ORDER BY row_no) FROM staging GROUP BY 1 ORDER BY min(row_no)"
    )
    units = _units(connection, batch)
    found = [(_said(key), units.match(_said(key)), rows) for key, rows in staged]
    placed = [(key, match.unit) for (key, _), (_, match, _) in zip(staged, found, strict=True) if match.unit]
    run(
        connection,
        """
        UPDATE staging AS s SET pcode = p.pcode, footprint_id = p.footprint_id
        FROM unnest(CAST(:said AS text[]), CAST(:pcodes AS text[]), CAST(:prints AS bigint[]))
            AS p (said, pcode, footprint_id)
        WHERE p.said = s.said
        """,
        said=[key for key, _ in placed],
        pcodes=[unit.pcode for _, unit in placed],
        prints=[unit.footprint_id for _, unit in placed],
    )
    lost = run(connection, "DELETE FROM staging WHERE footprint_id IS NULL RETURNING row_no")
    matched: dict[str, int] = defaultdict(int)
    for _, match, rows in found:
        if match.unit:
            matched["pcode" if match.how == "code" else match.how] += len(rows)
    return len(lost), [*_refused(found), *_told(found)], dict(matched), _proposals(found)


def _proposals(found: list[Found]) -> list[dict[str, Any]]:
    """Each name that comes near a unit's, as it is confirmed (`matches`), with that unit and how many rows have it; most rows
    first."""
    near: dict[str, dict[str, Any]] = {}
    for said, match, rows in found:
        if match.how == "near":
            level = said.names.index(match.words)
            above = next((said.names[place] for place in range(level - 1, -1, -1) if said.names[place]), "")
            name, unit = f"{above}/{match.words}" if above else match.words, match.near[0]
            one = near.setdefault(name, {"name": name, "pcode": unit.pcode, "unit": unit.name, "rows": 0})
            one["rows"] += len(rows)
    return sorted(near.values(), key=lambda one: (-one["rows"], one["name"]))


def _said(key: str) -> Said:
    code1, code2, code3, name1, name2, name3, name4 = key.split(chr(31))
    return Said((code1, code2, code3), (name1, name2, name3, name4))


def _units(connection: Connection, batch: ImportBatch) -> Units:
    """The units of the operation, each of the newest release that has it, and the names confirmed for this source."""
    rows: list[Any] = run(
        connection,
        """
        SELECT DISTINCT ON (pcode) pcode, level, name, parent_pcode,
            ARRAY(SELECT value FROM jsonb_each_text(names)), footprint_id, upper(valid)::text
        FROM calc.boundary WHERE operation_id = :operation
        ORDER BY pcode, upper(valid) DESC NULLS FIRST, cod_version DESC
        """,
        operation=batch.operation_id,
    )
    held = Units(
        tuple(Unit(code, level, name, above, tuple(names), shape, end) for code, level, name, above, names, shape, end in rows),
        _remembered(connection, batch) | {key_of(name): code for name, code in batch.matches.items()},
    )  # fmt: skip
    for name, code in batch.matches.items():
        if held.by_code(code) is None:
            raise BadRequest(
                f"{name!r} cannot be {code!r}: no boundary of the operation has that P-code.",
                hint="Look its unit up on the map, or import the boundaries first.",
            )
    return held


def _remembered(connection: Connection, batch: ImportBatch) -> dict[str, str]:
    """What was confirmed with earlier files of this source that still stand, the newest last."""
    rows: list[Any] = run(
        connection,
        """
        SELECT m.key, m.value FROM facts.batch AS b, jsonb_each_text(b.report -> 'matches') AS m
        WHERE b.operation_id = :operation AND b.source = :source AND b.withdrawn_at IS NULL ORDER BY b.id
        """,
        operation=batch.operation_id,
        source=batch.source,
    )
    return {key_of(name): code for name, code in rows}


def _refused(found: list[Found]) -> list[Finding]:
    """A finding for each row that has no unit, and one that names all their places."""
    lost = [one for one in found if one[1].unit is None]
    told = [
        Finding("error", row, "pcode", *_why(said, match), _written(said, match))
        for said, match, rows in lost for row in rows
    ]  # fmt: skip
    told.sort(key=lambda finding: finding.row or 0)
    if len(lost) > 1:
        rows = sum(len(rows) for _, _, rows in lost)
        places = counted(((_proposed(said, match), len(rows)) for said, match, rows in lost), 40)
        told.append(
            Finding(
                "error", None, "pcode", "places-not-found",
                f"{rows:,} rows name {len(lost):,} places that are no units of this operation: {places}.",
                "Import the boundaries that the file was made for, or say which unit a place is:"
                ' --match "NAME=PCODE", or a file of such lines.',
            )
        )  # fmt: skip
    return told


def _written(said: Said, match: Match) -> str:
    """A place as the file has it: the name that decided, and the P-code of its level where there is one."""
    code = said.code if match.parent is None or said.code != match.parent.pcode else ""
    return " ".join(dict.fromkeys(filter(None, (code, match.words)))) or "no place"


def _proposed(said: Said, match: Match) -> str:
    near = f", near {match.near[0].name} {match.near[0].pcode}" if match.how == "near" else ""
    return _written(said, match) + near


def _why(said: Said, match: Match) -> tuple[str, str, str]:
    """Code, message and hint for a row without a unit."""
    inside = f" of {match.parent.name}" if match.parent else ""
    if match.how == "near":
        near = match.near[0]
        return (
            "place-near", f"{match.words!r} is the name of no unit{inside}; it comes near {near.name} ({near.pcode}).",
            f'If that is meant, import again with --match "{match.words}={near.pcode}".',
        )  # fmt: skip
    if match.how == "several":
        units = ", ".join(f"{unit.pcode} in {unit.parent or 'this operation'}" for unit in match.near)
        return (
            "place-two-ways", f"{match.words!r} is the name of several units: {units}.",
            f'Add the unit above it, or import again with --match "{match.words}=PCODE".',
        )  # fmt: skip
    if match.how == "nothing":
        return ("unknown-place", "The row names no place.", "Fill in its P-code, or the name of its district.")
    code = "" if match.parent and match.parent.pcode == said.code else said.code
    where = f" ({said.words})" if said.words and said.words != match.words else ""
    what = f"P-code {code}" if code else f"name {match.words!r}"
    words = f"No boundary has the {what}{inside}{where}."
    return (
        "unknown-place", words,
        f'Import the boundaries that the file was made for, or import again with --match "{match.words}=PCODE".',
    )  # fmt: skip


def _told(found: list[Found]) -> list[Finding]:
    """How the rows that have a unit came to it, when it was not by their P-code alone."""
    rows: dict[str, int] = defaultdict(int)
    names: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for _, match, numbers in found:
        if match.unit:
            rows[match.how] += len(numbers)
            names[match.how][f"{match.words} → {match.unit.name} ({match.unit.pcode})"] += len(numbers)
            if match.how == "code" and match.unit.ended:
                names["ended"][f"{match.unit.pcode} (until {match.unit.ended})"] += len(numbers)
    told = []
    for how, code, message, hint in _HOW:
        if names[how]:
            each = counted(names[how].items())
            told.append(Finding("warning", None, "pcode", code, message.format(rows=rows[how], each=each), hint))
    if told and rows["code"] and not names["ended"]:
        total = sum(len(numbers) for _, _, numbers in found)
        told.append(
            Finding(
                "warning", None, "pcode", "places-by-code",
                f"Of {total:,} rows {rows['code']:,} ({rows['code'] / total:.1%}) were placed by their P-code.", "",
            )
        )  # fmt: skip
    return told


_HOW = (
    ("name", "placed-by-name", "{rows:,} rows were placed by name, which is the unit's but for accents, capitals and spaces: {each}.",
     "Look whether that is right; P-codes would settle it."),
    ("confirmed", "placed-as-confirmed", "{rows:,} rows were placed as somebody confirmed: {each}.",
     "What is confirmed holds for the next files of this source, until this import is withdrawn."),
    ("coarser", "placed-coarser", "{rows:,} rows name a unit of a level that this operation does not have; they stand on the unit it lies in: {each}.",
     "Import the boundaries of that level to place them exactly."),
    ("ended", "unit-ended", "Rows use P-codes that a newer release of the boundaries no longer has; they stand on the ground of the old unit: {each}.",
     "Ask for the file with the codes that are in force."),
)  # fmt: skip
