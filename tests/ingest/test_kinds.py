"""Every kind is whole: what one file says of it is all that anything needs."""

import csv
import importlib
from pathlib import Path

import pytest

from geoapp import ingest
from geoapp.ingest import kinds
from geoapp.ingest.kind import Kind, Landing
from geoapp.ingest.staged import ROW
from geoapp.ingest.staging import table
from geoapp.model import Base
from tests.ingest.reading import read

FOLDER = Path(kinds.__file__).parent
HANDLINGS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def test_every_file_with_a_kind_is_listed() -> None:
    files = {path.stem for path in FOLDER.glob("*.py") if "KIND = Kind(" in path.read_text(encoding="utf-8")}
    assert files == set(kinds.KEYS) == {key for key, _ in ingest.titles()}
    with pytest.raises(KeyError):
        kinds.get("incidents_acled")


@pytest.mark.parametrize("kind", kinds.every(), ids=lambda kind: kind.key)
def test_a_kind_is_whole(kind: Kind) -> None:
    facts = Base.metadata.tables
    assert kind.title
    assert kind.handling in HANDLINGS
    assert kind.reads
    assert table(kind.staged)
    assert not set(kind.staged) & set(ROW)
    assert all(f"facts.{name}" in facts for name in kind.tables)
    names = {want.name for want in kind.wanted}
    assert len(names) == len(kind.wanted)
    assert {*kind.marks, *kind.guessed} <= names
    assert kind.marks or kind.recognised
    if isinstance(kind.lands, Landing):
        assert set(kind.lands.key) <= set(kind.staged)
        assert {*kind.lands.columns, *kind.lands.key} <= set(facts[f"facts.{kind.lands.table}"].columns.keys())
        assert kind.lands.table in kind.tables
    else:
        module, _, name = kind.lands.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


HEADERS = {
    "presence": "Organisation,Cluster,Admin2 P-code,Start date",
    "areas": "actor,domain,positioning,begin,end",
    "incidents": "event_date,event_type,notes,latitude,longitude",
    "deletions": "event_id_cnty,deleted_timestamp",
    "risk_zones": "name,likelihood,impact,valid_to",
    "hazards": "hazard_type,hazard_status,name",
    "sites": "site name,facility type,operator,lat,lon",
    "roads": "fclass,highway,surface",
    "road_reports": "road id,road status,observed on",
    "constraints": "category,severity,reported on,pcode",
    "arrangements": "arrangement_type,parties,valid_from",
    "security_levels": "security_level,name",
    "boundaries": "adm2_pcode,adm2_name,adm1_pcode",
    "basemap": "featurecla,scalerank,name",
}


@pytest.mark.parametrize("kind", kinds.every(), ids=lambda kind: kind.key)
def test_a_kind_recognises_its_own_and_no_other_is_surer(kind: Kind) -> None:
    headers = next(csv.reader([HEADERS[kind.key]]))
    scores = {other.key: other.score(headers, None) for other in kinds.every() if set(other.reads) & set(kind.reads)}
    assert scores[kind.key] >= kinds.SURE
    assert max(scores, key=lambda key: scores[key]) == kind.key, scores


def test_a_file_of_another_kind_is_told_as_such(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "incidents", "category,severity,reported on,pcode\nx,1,2026-01-01,GL01\n")
    assert "constraints" in findings[-1]["message"]
    _, findings = read(tmp_path, "areas", "site name,facility type,operator,lat,lon\nA,clinic,B,5,10\n")
    assert "sites" in findings[-1]["message"]


def test_the_child_loads_nothing_of_the_database(tmp_path: Path) -> None:
    import subprocess
    import sys

    told = (
        "import sys, geoapp.ingest.child, geoapp.ingest.opening\n"
        "from geoapp.ingest import kinds\nkinds.every()\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'sqlalchemy', 'psycopg', 'pydantic', 'alembic'}))"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
