"""Sites from a table with coordinates or a vector file of points or plots."""

import pyarrow.compute as pc

from geoapp.ingest import pcodes
from geoapp.ingest.columns import RefusedFile, Wanted, has_columns
from geoapp.ingest.fields import key, period, words
from geoapp.ingest.kind import Identity, Kind, Landing, both
from geoapp.ingest.locations import COARSE_M, missing_columns, point
from geoapp.ingest.locations import WANTED as LOCATIONS
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import POINT, VALID, dates, numbers, same, texts


def normalise(reading: Reading) -> None:
    out = reading.out
    pcodes.recognise(reading, {2: "pcode"}, {})
    missing = missing_columns(reading)
    if missing:
        raise RefusedFile(
            "missing-columns", f"Columns are missing: {', '.join(missing)}. {has_columns(reading.headers)}",
            "Add two columns with decimal degrees, or one with MGRS.",
        )  # fmt: skip
    out["name"] = pc.coalesce(reading.text("name", 300), reading.text("facility_type", 100))
    out["facility_type"] = reading.code(
        "facility_type", words("facility_types"), "unknown-facility-type", "function of the list", default="other"
    )
    out["operator"], out["status"], out["pcode"] = (
        reading.text("operator", 300),
        reading.text("status", 60),
        reading.text("pcode", 30),
    )
    period(reading, "valid_from", "valid_to")
    point(reading)
    if reading.metres is not None:
        reading.tell(
            reading.metres >= COARSE_M, "warning", "mgrs", "coarse-place",
            "The place is a square of a kilometre or more; the site is drawn in its middle.", "Give more digits.",
        )  # fmt: skip
    reading.need("name", "The site has no name.", "Give it one.")
    key(reading, "name", "lon", "lat")


KIND = Kind(
    key="sites",
    title="Sites",
    handling="AMBER",
    tables=("site",),
    reads=("table", "vector"),
    wanted=(
        Wanted("source_key", ("source_key", "id", "site id", "ref", "uid", "osm_id"), ("#loc+code", "#loc+id")),
        Wanted("name", ("name", "site", "site name", "facility name", "facility", "nom"), ("#loc+name",)),
        Wanted("facility_type", ("facility_type", "type", "function", "category", "facility type", "site type", "amenity"), ("#loc+type",)),
        Wanted("operator", ("operator", "run by", "organisation", "organization", "org", "partner"), ("#org+name", "#org")),
        Wanted("status", ("status",), ("#status",)), Wanted("pcode", ("pcode", "p code", "admin2 pcode", "adm2 pcode", "admin2 p code"), ("#adm2+code",)),
        Wanted("valid_from", ("valid_from", "start", "opened", "date_from")), Wanted("valid_to", ("valid_to", "end", "closed", "date_to")),
        *LOCATIONS,
    ),
    staged=texts("source_key", "name", "facility_type", "operator", "status", "pcode")
    | dates("valid_from", "valid_to")
    | numbers("lon", "lat"),
    normalise=normalise,
    lands=Landing(
        "site",
        same("source_key", "name", "operator", "status", "pcode")
        | {"facility_type": "coalesce(s.facility_type, 'other')", "valid": VALID, "geom": POINT},
        identity=Identity("site", both("name", "operator") | {"type": ("nullif(t.facility_type, 'other')", "nullif(s.facility_type, 'other')")}, "t.geom", POINT),
    ),
    marks=("name", "facility_type", "operator"),
    by_pcode=True,
    shape="point",
    guessed=("source_key", "name", "facility_type", "operator", "status", "pcode", "valid_from", "valid_to", *(w.name for w in LOCATIONS)),
    listed=lambda headers: True,
)  # fmt: skip
