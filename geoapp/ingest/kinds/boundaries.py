"""Administrative boundaries: COD-AB in its new schema, its legacy one, and the older ArcGIS one, level told by the columns."""

import re

import numpy as np
import orjson
import pyarrow as pa

from geoapp.ingest.columns import RefusedFile, Wanted
from geoapp.ingest.fields import open_end
from geoapp.ingest.kind import Kind
from geoapp.ingest.parse import day, mapped
from geoapp.ingest.reading import Reading
from geoapp.ingest.shapes import shapes
from geoapp.ingest.staged import SHAPE, dates, texts, wholes

PCODE = re.compile(r"(?:adm|admin)_?(\d)_?pcode$", re.IGNORECASE)
NAME = re.compile(r"(?:adm|admin)_?(\d)_?(?:name|(altname\d))?_?(\d|[a-z]{2})?$", re.IGNORECASE)
TAG = re.compile(r"#adm(\d)\+(code|name)(?:\+v_pcode)?(?:\+(?:i_)?([a-z]{2}))?$")
WRITTEN = re.compile(r"^[A-Z]{2,3}[0-9A-Z]*(-[0-9A-Z]+)*$")


def _plain(header: str) -> str:
    """A header as COD-AB files have it; those that are HXL tags are written like the others."""
    found = TAG.match(header.strip())
    if not found:
        return header.strip()
    return f"adm{found[1]}_{'pcode' if found[2] == 'code' else 'name'}{'_' + found[3] if found[3] else ''}"


def _levels(headers: list[str]) -> dict[int, int]:
    return {int(m[1]): place for place, h in enumerate(headers) if (m := PCODE.match(_plain(h)))}


def _names(headers: list[str], level: int) -> dict[str, int]:
    """Language (or its number) → column, of the names of a level; other names that a unit has come last."""
    found, others = {}, {}
    for place, header in enumerate(headers):
        match = NAME.match(_plain(header))
        if match and int(match[1]) == level and not PCODE.match(_plain(header)):
            language = (match[3] or "").lower()
            if match[2]:
                others[f"{match[2].lower()} {language}".strip()] = place
            else:
                found[language] = place
    return found | others


def _first(names: dict[str, int]) -> int:
    """The column of the English name, else of the one without a language, else of the first."""
    return names.get("en", names.get("", next(iter(names.values()))))


def normalise(reading: Reading) -> None:
    headers = list(reading.headers)
    levels = _levels(headers)
    if not levels:
        raise RefusedFile(
            "missing-columns", f"No column has P-codes of a level; the file has {', '.join(headers[:12])}.",
            "COD-AB files have adm2_pcode, ADM2_PCODE or admin2Pcode.",
        )  # fmt: skip
    level = max(levels)
    reading.places = {**reading.places, "pcode": levels[level]}
    names = _names(headers, level)
    if not names:
        raise RefusedFile(
            "missing-columns", f"No column has the names of level {level}.", "Expected adm2_name or ADM2_EN."
        )
    reading.places = {**reading.places, "name": _first(names)}
    if level - 1 in levels:
        reading.places = {**reading.places, "parent_pcode": levels[level - 1]}
        above = _names(headers, level - 1)
        if above:
            reading.places = {**reading.places, "parent_name": _first(above)}
    out = reading.out
    out["level"] = reading.constant(level, pa.int64())
    out["pcode"] = reading.text("pcode", 20)
    out["name"] = reading.text("name", 100)
    out["parent_pcode"] = reading.text("parent_pcode", 20)
    out["parent_name"] = reading.text("parent_name", 100)
    out["cod_version"] = reading.text("cod_version", 40)
    out["lang"] = reading.text("lang", 12)
    languages = {"": "lang", "1": "lang1", "2": "lang2", "3": "lang3"}
    columns = []
    for key, place in names.items():
        reading.places = {**reading.places, "other_name": place}
        named = languages.get(key)
        code = [c.as_py() for c in reading.text(named)] if named and reading.has(named) else [None] * len(reading.batch)
        columns.append((key or "name", code, reading.text("other_name", 200).to_pylist()))
    out["names"] = pa.array(_json(columns, len(reading.batch)), pa.string())
    out["valid_from"], _ = mapped(reading.raw("valid_from"), day(), pa.date32())
    valid_to, _ = mapped(reading.raw("valid_to"), day(), pa.date32())
    out["valid_to"] = open_end(valid_to)
    shapes(reading, "polygon")
    reading.need("pcode", "The unit has no P-code.", "Every unit needs one.")
    reading.need("name", "The unit has no name.", "Every unit needs one.")
    odd = np.array([bool(p) and not WRITTEN.match(p) for p in out["pcode"].to_pylist()], dtype=bool)
    reading.tell(odd, "warning", "pcode", "odd-pcode", "{value} is no P-code as OCHA writes them.", "Check it.")
    stray = np.array(
        [bool(p) and bool(u) and not p.startswith(u)
         for p, u in zip(out["pcode"].to_pylist(), out["parent_pcode"].to_pylist(), strict=True)], dtype=bool,
    )  # fmt: skip
    reading.tell(
        stray, "warning", "pcode", "pcode-prefix", "{value} does not begin with its parent's P-code.", "Check it."
    )


def _json(columns: list[tuple[str, list[str | None], list[str | None]]], n: int) -> list[str]:
    rows = []
    for index in range(n):
        named = {(code[index] or key): name[index] for key, code, name in columns if name[index]}
        rows.append(orjson.dumps(named).decode())
    return rows


KIND = Kind(
    key="boundaries",
    title="Administrative boundaries",
    handling="CLEAR",
    tables=("footprint", "boundary"),
    reads=("vector",),
    wanted=(
        Wanted("valid_from", ("valid_on", "validon"), ("#date+start", "#date+valid")),
        Wanted("valid_to", ("valid_to", "validto"), ("#date+end",)),
        Wanted("cod_version", ("version", "cod_version"), ("#meta+version",)),
        Wanted("lang", ("lang",)),
        Wanted("lang1", ("lang1",)),
        Wanted("lang2", ("lang2",)),
        Wanted("lang3", ("lang3",)),
    ),
    staged=wholes("level")
    | texts("pcode", "name", "parent_pcode", "parent_name", "cod_version", "lang")
    | {"names": "json"}
    | dates("valid_from", "valid_to")
    | SHAPE,
    normalise=normalise,
    lands="geoapp.ingest.load_places:boundaries",
    recognised=lambda headers: 1.0 if _levels(list(headers)) else 0.0,
    source=lambda headers: "cod-ab",
    in_operation=False,
    shape="polygon",
    prefer=("adm2_pcode", "adm1_pcode", "admin2pcode", "adm0_pcode"),
)
