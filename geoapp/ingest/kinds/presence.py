"""Who does what where (3W, 4W): by HXL row where there is one, else by header words in four languages."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest import pcodes
from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import date as date_column
from geoapp.ingest.fields import words
from geoapp.ingest.kind import Kind
from geoapp.ingest.parse import MONTHS, mapped, plain
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import dates, texts

STATUS = {
    "planned": "planned", "planifie": "planned", "planificado": "planned", "active": "active", "ongoing": "active",
    "on going": "active", "in progress": "active", "en cours": "active", "en curso": "active", "started": "active",
    "suspended": "suspended", "suspendu": "suspended", "on hold": "suspended", "ended": "ended", "completed": "ended",
    "complete": "ended", "finished": "ended", "closed": "ended", "termine": "ended", "finalizado": "ended",
    "cancelled": "ended", "unknown": "unknown",
}  # fmt: skip
CODES = {1: "adm1_code", 2: "adm2_code", 3: "adm3_code"}
NAMES = {"adm1_name": 1, "adm2_name": 2, "adm3_name": 3}
"""The columns that say the place of a row by level, and the levels of those that name it."""


def normalise(reading: Reading) -> None:
    if not (reading.has("actor") or reading.has("acronym")):
        raise RefusedFile(
            "missing-columns", f"No column names the organisation. {has_columns(reading.headers)}",
            "Name it, or add an HXL row with #org.",
        )  # fmt: skip
    pcodes.recognise(reading, CODES, NAMES)
    if not any(reading.has(name) for name in (*CODES.values(), *NAMES, "locality")):
        raise RefusedFile(
            "missing-columns", f"No column says where. {has_columns(reading.headers)}",
            "Add the admin-2 P-codes, or the names of province and district.",
        )  # fmt: skip
    out = reading.out
    out["actor"] = reading.text("actor", 512)
    out["acronym"] = reading.text("acronym", 64)
    if not reading.has("actor") and reading.has("acronym"):
        out["actor"] = out["acronym"]
    else:
        out["actor"] = pc.coalesce(out["actor"], out["acronym"])
    out["org_type"] = reading.code("org_type", words("org_types"), "unknown-org-type", "known organisation type")
    out["sector_text"] = reading.text("sector", 200)
    known = words("sectors")
    out["sector"], _ = mapped(reading.raw("sector"), lambda cell: _sector(cell, known), pa.string())
    unknown = pc.and_(pc.is_valid(out["sector_text"]), pc.is_null(out["sector"])).to_numpy(zero_copy_only=False)
    reading.tell(
        unknown, "warning", "sector", "unknown-sector", "{value} is no sector of the list; it was kept as written.",
        "Add it as a synonym in data/codes/sectors.csv.",
    )  # fmt: skip
    out["activity"] = reading.text("activity", 300)
    out["status"] = reading.code("status", STATUS, "unknown-status", "known status", default="active")
    _place(reading)
    out["date_from"] = date_column(reading, "date_from", "warning")
    out["date_to"] = date_column(reading, "date_to", "warning", end=True)
    if reading.has("month") and not reading.has("date_from"):
        _months(reading)
    backwards = pc.fill_null(pc.less(out["date_to"], out["date_from"]), fill_value=False).to_numpy(zero_copy_only=False)
    reading.tell(
        backwards,
        "error",
        "date_to",
        "ends-before-it-begins",
        "It ends on {value}, before it begins.",
        "Correct the dates.",
    )
    reading.need("actor", "The row names no organisation.", "Fill it in.")


def _place(reading: Reading) -> None:
    """Stage what a row says of its place: P-codes and names from the province down, and the locality."""
    out = reading.out
    for level, name in CODES.items():
        out[f"code{level}"] = reading.text(name, 30)
    for name, level in NAMES.items():
        out[f"name{level}"] = reading.text(name, 100)
    out["name4"] = reading.text("locality", 100)
    finer = pc.coalesce(*(out[name] for name in ("code2", "name2", "code3", "name3", "name4")))
    coarser = pc.and_(pc.is_null(finer), pc.is_valid(pc.coalesce(out["code1"], out["name1"])))
    reading.tell(
        coarser.to_numpy(zero_copy_only=False), "warning", "adm2_code", "known-to-province",
        "The row names no district; it stands for its province.", "Fill in the admin-2 P-code.",
    )  # fmt: skip


def _months(reading: Reading) -> None:
    """Whole months for rows that name only a month; the year from its column, else from the file's name, and said so."""
    years = set(re.findall(r"20\d\d", str(reading.options.get("file_name", ""))))
    year = reading.text("year", 4).to_pylist() if reading.has("year") else [None] * len(reading.batch)
    named = years.pop() if len(years) == 1 else None
    if not reading.has("year") and named:
        note = np.zeros(len(reading.batch), dtype=bool)
        note[:1] = "month" not in reading.state
        reading.state["month"] = True
        reading.tell(
            note,
            "warning",
            "month",
            "year-from-name",
            f"The months have no year; {named} was taken from the file's name.",
            "Add start and end dates.",
        )
    starts, ends, bad = [], [], []
    for cell, own in zip(reading.text("month", 40).to_pylist(), year, strict=True):
        word, when = MONTHS.get(plain(cell or "").split(" ")[0]), own or named
        readable = word is not None and when is not None and when.isdecimal()
        bad.append(bool(cell) and not readable)
        starts.append(date(int(str(when)), word, 1) if readable and word else None)
        ends.append(date(int(str(when)), word, monthrange(int(str(when)), word)[1]) if readable and word else None)
    reading.tell(
        np.array(bad, dtype=bool),
        "warning",
        "month",
        "month-without-year",
        "{value} is no month of a known year; the row has no dates.",
        "Add start and end dates.",
    )
    reading.out["date_from"], reading.out["date_to"] = pa.array(starts, pa.date32()), pa.array(ends, pa.date32())


def _sector(cell: str, known: Mapping[str, str]) -> str | None:
    whole = known.get(plain(cell))
    if whole:
        return whole
    # "WASH Cluster", "Food Security and Livelihoods": the first words that name a sector
    parts = plain(cell).replace(" cluster", "").replace(" sector", "").split(" ")
    for length in range(len(parts), 0, -1):
        found = known.get(" ".join(parts[:length]))
        if found:
            return found
    return None


KIND = Kind(
    key="presence",
    title="Presence of organisations (3W)",
    handling="GREEN",
    tables=("actor", "area", "area_part"),
    reads=("table",),
    wanted=(
        Wanted("actor", ("organisation", "organization", "organisation name", "organization name", "org name", "org", "implementing partner", "implementing partner name", "implementing organisation", "implementing organization", "implementing agency", "executing partner", "partner name", "partner", "agency", "organisation nom", "nom de l organisation", "partenaire de mise en oeuvre", "partenaire de mise en œuvre", "nom du partenaire", "partenaire", "nom organisation", "organizacion", "nombre organizacion", "المنظمة", "اسم المنظمة"), ("#org+name+impl", "#org+impl", "#org+name", "#org+es", "#org+fr", "#org"), required=False),
        Wanted("acronym", ("acronym", "organisation acronym", "organization acronym", "org acronym", "implementing partner acronym", "partner acronym", "acronyme", "sigle", "sigla"), ("#org+acronym", "#org+code")),
        Wanted("org_type", ("organisation type", "organization type", "org type", "type of organisation", "type of organization", "type organisation", "type d organisation", "implementing partner type", "type of implementing partner", "partner type", "type of partner", "type de partenaire", "ip type", "tipo de organizacion", "نوع المنظمة"), ("#org+type",)),
        Wanted("sector", ("cluster", "sector", "secteur", "cluster name", "sector cluster", "sector name", "القطاع"), ("#sector+cluster", "#sector+name", "#sector")),
        Wanted("activity", ("activity", "activities", "activite", "actividad", "project", "activity description", "النشاط"), ("#activity+name", "#activity", "#subsector")),
        Wanted("status", ("status", "statut", "estado", "project status", "activity status", "الحالة"), ("#status",)),
        Wanted("adm1_name", ("admin1", "admin 1", "adm1", "region", "regions", "province", "provinces", "state", "states", "admin1 name", "adm1 name", "prefecture", "departement", "departamento", "governorate", "wilaya", "المحافظة"), ("#adm1+name", "#adm1+en", "#adm1")),
        Wanted("adm1_code", ("admin1 p code", "admin1 pcode", "adm1 pcode", "admin 1 pcode", "region pcode", "admin1pcode", "adm1 code"), ("#adm1+code",)),
        Wanted("adm2_name", ("admin2", "admin 2", "adm2", "district", "districts", "county", "cercle", "admin2 name", "adm2 name", "departement", "departements", "territoire", "prefecture", "sous prefecture", "lga", "municipio", "zone", "province", "المديرية"), ("#adm2+name", "#adm2+en", "#adm2")),
        Wanted("adm2_code", ("admin2 p code", "admin2 pcode", "adm2 pcode", "admin 2 pcode", "district pcode", "admin2pcode", "adm2 code", "pcode", "p code"), ("#adm2+code",)),
        Wanted("adm3_name", ("admin3", "admin 3", "adm3", "admin3 name", "adm3 name", "commune", "communes", "arrondissement", "sous prefecture", "canton", "sub district", "subdistrict", "payam", "woreda", "ward", "township"), ("#adm3+name", "#adm3+en", "#adm3")),
        Wanted("locality", ("locality", "localite", "localites", "location", "village", "town", "ville", "settlement", "site", "camp", "health zone", "zone de sante", "aire de sante", "quartier", "localidad"), ("#loc+name", "#loc")),
        Wanted("adm3_code", ("admin3 p code", "admin3 pcode", "adm3 pcode", "admin3pcode"), ("#adm3+code",)),
        Wanted("date_from", ("start date", "date start", "start", "date de debut", "fecha de inicio", "from", "تاريخ البدء"), ("#date+start", "#date+start+actual", "#date+reported")),
        Wanted("date_to", ("end date", "date end", "end", "date de fin", "fecha de fin", "to", "until", "تاريخ الانتهاء"), ("#date+end",)),
        Wanted("month", ("month", "reporting month", "mois", "mes", "الشهر"), ("#date+month",)), Wanted("year", ("year", "annee", "ano"), ("#date+year",)),
    ),
    staged=texts("actor", "acronym", "org_type", "sector", "sector_text", "activity", "status")
    | texts("code1", "code2", "code3", "name1", "name2", "name3", "name4")
    | dates("date_from", "date_to"),
    normalise=normalise,
    lands="geoapp.ingest.load_presence:presence",
    marks=("actor", "sector", "adm2_code"),
    source=lambda headers: "3w",
    in_operation=False,
    by_pcode=True,
)  # fmt: skip
