"""What a stored code is called: the reference lists of `data/codes/`, editable and versioned with the project."""

import csv
from collections.abc import Mapping
from functools import cache

from geoapp import TOP

FOLDER = TOP / "data" / "codes"


@cache
def codes(name: str) -> Mapping[str, str]:
    """Code → label of a list, in its order. KeyError when there is no such list."""
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        raise KeyError(name)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row.get("code") or row["kind"]: row["label"] for row in rows}


@cache
def official(name: str) -> Mapping[str, str]:
    """Code → the name of whoever made the list, of those that are called otherwise here. KeyError when there is no such list."""
    if name not in _lists():
        raise KeyError(name)
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["official"] for row in csv.DictReader(file) if row.get("official")}


@cache
def with_column(name: str, column: str) -> Mapping[str, str]:
    """Code → what a further column of its list says, such as the domain of a kind of actor. KeyError when there is no such list."""
    if name not in _lists():
        raise KeyError(name)
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row[column] for row in csv.DictReader(file)}


@cache
def _lists() -> frozenset[str]:
    return frozenset(path.stem for path in FOLDER.glob("*.csv"))


@cache
def events() -> Mapping[str, tuple[str, ...]]:
    """Event type → its sub-event types, as ACLED has them (DOMAIN 4.1)."""
    found: dict[str, tuple[str, ...]] = {}
    with (FOLDER / "acled_events.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["event_type"]] = (*found.get(row["event_type"], ()), row["sub_event_type"])
    return found


@cache
def ending_arrangements() -> frozenset[str]:
    """The types of arrangement that are no such thing without a last day (OCHA glossary of pauses; DOMAIN 2.1 and 10)."""
    with (FOLDER / "arrangement_types.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file) if row["ends"] == "yes")


def say(name: str | None, code: object) -> str:
    """The label of a code, or the code itself where the list does not have it; of several with commas between, all."""
    if code is None:
        return ""
    if name is None:
        return str(code)
    known = codes(name)
    if str(code) in known or "," not in str(code):
        return known.get(str(code), str(code))
    return ", ".join(known.get(each, each) for each in str(code).split(","))


def marking(level: str) -> str:
    """A level of TLP 2.0 as it is written where people read it or take it along: pages, paper, every file and its manifest
    (DOMAIN 6: the label form). What is sent back and compared says the code alone, `AMBER`: items, filters, forms, the database.
    Imports read both. `draw.query.told` is the same in SQL."""
    return f"TLP:{level}"


def marking_in_name(level: str) -> str:
    """The same in the name of a file, without signs that some systems refuse."""
    return marking(level).replace(":", "-").replace("+", "-")
