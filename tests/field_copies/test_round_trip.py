"""An operation is taken along, worked with elsewhere and brought home: nothing is lost, nothing is overwritten, nothing told that was not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyrage
import pytest
from sqlalchemy import Engine, text

from geoapp import backup, db, field_copies, record
from geoapp.cluster import Urls
from geoapp.errors import BadRequest, Conflict, Forbidden, NotFound, Refused
from geoapp.field_copies import bringing
from geoapp.field_copies import file as files
from geoapp.record import NOUNS
from tests.field_copies.conftest import KEY, WORDS, silent, until
from tests.gridland import square

INCIDENTS, AREAS, HAZARDS = NOUNS["incidents"], NOUNS["areas_of_operation"], NOUNS["hazards"]
FIELD = db.Context("grid", member="ana")
EXACT = [10.123456, 5.234567]


def said(connection: Any, query: str, **binds: Any) -> Any:
    return connection.execute(text(query), binds).scalar()


def incident(connection: Any, event: str, **more: Any) -> int:
    shape = {"type": "Point", "coordinates": EXACT}
    return record.add(connection, INCIDENTS, shape, {"event_type": event, "occurred_from": "2026-10-01"} | more)[0]


def edited(connection: Any, noun: Any, id_: int, version: int | None = None, shape: Any = None, **values: Any) -> int:
    version = version or said(connection, f"SELECT version FROM facts.{noun.table} WHERE id = :id", id=id_)
    return record.change(connection, noun, id_, shape, values, version)


def edits(engine: Engine, context: db.Context) -> dict[str, tuple[str, str]]:
    with db.transaction(engine, context) as connection:
        rows = connection.execute(
            text("SELECT key, edit ->> 'did', state, coalesce(why ->> 'detail', '') FROM facts.field_edit")
        )
        return {f"{key} {did}": (state, why) for key, did, state, why in rows}


def test_there_and_back(
    engine: Engine, context: db.Context, taken: Callable, away: Urls, afield: Engine, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with db.transaction(engine, context) as home:
        exact = incident(
            home, "Exactly known", geo_precision="exact", location="The bridge", notes_raw="Told by RAWMARKER"
        )
        incident(home, "REDMARKER", handling="RED")
        hazard = record.add(home, HAZARDS, square(6, 6), {"name": "Old", "hazard_type": "SHA"})[0]
        doomed = record.add(home, HAZARDS, square(7, 7), {"name": "Doomed", "hazard_type": "SHA"})[0]
        both = record.add(home, HAZARDS, square(8, 7), {"name": "Both", "hazard_type": "SHA"})[0]
    copy = taken("hct")
    held = b"".join(
        orjson.dumps(each) for each in list(files.read(tmp_path / "grid.copy", KEY, files.COPY, silent))[1:]
    )
    for never in (b"REDMARKER", b"RAWMARKER", b"Secret Force", b"10.123456", b"5.234567"):
        assert never not in held, never
    with db.transaction(afield, FIELD) as field:
        there = field.execute(
            text("SELECT id, geo_precision, ST_X(geom) AS x FROM calc.incident WHERE event_type = 'Exactly known'")
        ).one()
        assert (there.geo_precision, round(there.x, 6)) == ("settlement", 10.125)
        assert said(field, "SELECT title || clearance FROM facts.audience") == "Humanitarian Country TeamRED"
        assert said(field, "SELECT sum(n) FROM facts.incident_tally") == 6
        assert (
            said(field, "SELECT sum(n) FROM facts.incident_name WHERE field = 'location' AND name = 'The bridge'") > 0
        )
        edited(field, INCIDENTS, there.id, fatalities=3)
        new = incident(field, "Seen in the field")
        edited(field, AREAS, 3, name="Renamed in the field")
        edited(field, HAZARDS, hazard, shape=square(6, 6, 2, 1))
        edited(field, HAZARDS, both, name="As the field has it")
        record.remove(field, HAZARDS, doomed, 1)
        zone = {"name": "Z", "threat_category": "armed_conflict", "likelihood": 2, "impact": 2, "valid_from": "2026-10-20",
                "valid_to": "2026-11-10", "author": "Ana", "evidence": [{"source": "hand", "event": said(
                    field, "SELECT source_event_id FROM facts.incident WHERE id = :id", id=new)}]}  # fmt: skip
        record.add(field, NOUNS["risk_zones"], square(1, 1), zone)
        record.change_overlap(field, 1, {"status": "acknowledged", "note": "Spoke with them"}, 1)
    with db.transaction(engine, context) as home:
        edited(home, AREAS, 3, name="Renamed at home")
        edited(home, HAZARDS, both, name="As the field has it")
        home.execute(text("UPDATE facts.overlap_pair SET liaison = 'military' WHERE id = 1"))
    back = tmp_path / "back"
    assert sum(field_copies.changes(away.owner, back, silent).edits.values()) == 9

    one, count = bringing.bring_one, iter(range(4))

    def killed(*args: Any) -> str | None:
        if next(count, None) is None:
            raise KeyboardInterrupt
        return one(*args)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bringing, "bring_one", killed)
        field_copies.bring(engine, context, back, KEY, silent)
    first = field_copies.bring(engine, context, back, KEY, silent)
    assert first.before == 4
    after = _all(engine, context)
    again = field_copies.bring(engine, context, back, KEY, silent)
    assert (again.states, again.before) == ({}, 9)
    assert _all(engine, context) == after

    states = edits(engine, context)
    assert {key: state for key, (state, _) in states.items() if state != "applied"} == {
        "areas_of_operation/3 changed": "conflict"
    }
    assert states[f"hazards/{both} changed"] == ("applied", "The same was recorded here meanwhile.")
    with db.transaction(engine, context) as home:
        place = home.execute(
            text("SELECT ST_X(geom), ST_Y(geom), geo_precision, fatalities FROM facts.incident WHERE id = :id"),
            {"id": exact},
        ).one()
        assert tuple(place) == (*EXACT, "exact", 3)
        assert said(home, "SELECT name FROM facts.area WHERE id = 3") == "Renamed at home"
        assert said(home, "SELECT count(*) FROM facts.hazard_area WHERE id = :id", id=doomed) == 0
        register = home.execute(text("SELECT status, liaison FROM calc.overlap_pair WHERE id = 1")).one()
        assert tuple(register) == ("acknowledged", "military")
        assert said(home, "SELECT words FROM facts.overlap_note").startswith(
            "Spoke with them\nEntered in the field by ana, "
        )
        drafted = home.execute(text("SELECT status, evidence FROM facts.risk_zone WHERE name = 'Z'")).one()
        seen = said(home, "SELECT source_event_id FROM facts.incident WHERE event_type = 'Seen in the field'")
        assert tuple(drafted) == ("draft", [{"source": "hand", "event": seen}])
        assert field_copies.copies(home)[0] | {"applied": 8, "open": 1, "state": "out"} == field_copies.copies(home)[0]
    _a_second_file(engine, context, away, afield, tmp_path, there.id)
    with db.transaction(engine, context) as home:
        field_copies.end(home, copy.id, "lost")
    with pytest.raises(Refused, match="it is lost"):
        field_copies.bring(engine, context, back, KEY, silent)


def _all(engine: Engine, context: db.Context) -> list[Any]:
    """Every version of what is recorded."""
    with db.transaction(engine, context) as home:
        return [home.execute(text(f"SELECT id, version FROM facts.{table} ORDER BY 1")).all()
                for table in ("incident", "area", "hazard_area", "risk_zone", "overlap_pair", "overlap_note", "field_edit")]  # fmt: skip


def _a_second_file(engine: Engine, context: db.Context, away: Urls, afield: Engine, folder: Path, coarse: int) -> None:
    """Work goes on in the field after something came home: the next file continues where that one ended. A place that was coarse does
    not come home, what else is said of it does."""
    with db.transaction(afield, FIELD) as field:
        edited(field, INCIDENTS, coarse, fatalities=4, shape={"type": "Point", "coordinates": [10.5, 5.5]})
        new = said(field, "SELECT id FROM facts.incident WHERE event_type = 'Seen in the field'")
        edited(field, INCIDENTS, new, fatalities=1)
    field_copies.changes(away.owner, folder / "second", silent)
    found = field_copies.bring(engine, context, folder / "second", KEY, silent)
    assert found.states == {"applied": 2}
    field_copies.bring(engine, context, folder / "back", KEY, silent)  # the older one, once more
    with db.transaction(engine, context) as home:
        rows = dict(
            home.execute(
                text("SELECT event_type, fatalities FROM facts.incident WHERE source = 'hand' AND finest = 0")
            ).all()
        )
        assert (rows["Exactly known"], rows["Seen in the field"]) == (4, 1)
        assert (
            said(home, "SELECT ST_X(geom) FROM facts.incident WHERE event_type = 'Exactly known' AND finest = 0")
            == EXACT[0]
        )
        why = said(home, "SELECT why ->> 'detail' FROM facts.field_edit WHERE edit ->> 'geometry' LIKE '%10.5%'")
        assert why.startswith("The place was not taken")


def test_what_is_wrong_with_a_copy_is_said_before_anything_is_touched(
    urls: Urls,
    engine: Engine, gridded: Callable, context: db.Context, away: Urls, afield: Engine, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = tmp_path / "grid.copy"
    with pytest.raises(BadRequest):
        field_copies.take(engine, context, "nowhere", until(), file, KEY, silent)
    with pytest.raises(BadRequest):
        field_copies.take(engine, context, "hct", until(-1), file, KEY, silent)
    with pytest.raises(Forbidden):
        field_copies.take(engine, db.Context("grid", "hct", member="tester"), "hct", until(), file, KEY, silent)
    assert list(tmp_path.iterdir()) == []
    field_copies.take(engine, context, "hct", until(0), file, KEY, silent)
    whole = file.read_bytes()

    def opens(content: bytes, key: backup.Key = KEY) -> None:
        (tmp_path / "tried").write_bytes(content)
        field_copies.open_copy(away.owner, away.app, tmp_path / "tried", key, silent)

    for content, key in (
        (whole, backup.Key(identity=str(pyrage.x25519.Identity.generate()))), (whole[:-1], KEY), (whole + b"\0", KEY),
        (whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 4]) + whole[len(whole) // 2 + 1 :], KEY),
        (whole.replace(b"geoapp field copy 1", b"geoapp field copy 2", 1), KEY), (b"geoapp backup 1\n" + whole, KEY),
    ):  # fmt: skip
        with pytest.raises(Refused):
            opens(content, key)
    with monkeypatch.context() as patch, pytest.raises(Refused, match="another one"):
        patch.setattr(db, "version", lambda _: "another")
        opens(whole)
    with db.transaction(afield, db.Context("", member="local")) as field:
        assert said(field, "SELECT count(*) FROM facts.operation") == 0
    field_copies.take(engine, context, "hct", until(), tmp_path / "words.copy", WORDS, silent)
    assert field_copies.look(tmp_path / "words.copy", WORDS, silent).room["key"] == "hct"
    with pytest.raises(Refused, match="passphrase"):
        field_copies.look(tmp_path / "words.copy", backup.Key(passphrase="other words of a phrase"), silent)
    opens(whole)
    with pytest.raises(Conflict, match="not empty"):
        opens(whole)
    with pytest.raises(NotFound, match="no field copy"):
        field_copies.changes(urls.owner, tmp_path / "c", silent)
    _ended(away, afield, tmp_path)


def _ended(away: Urls, afield: Engine, folder: Path) -> None:
    """After its last day nobody is let into a copy, and what was recorded still comes out of it."""
    from sqlalchemy import create_engine

    owner = create_engine(away.owner)
    with owner.begin() as connection:
        connection.execute(text('UPDATE facts.operation SET copy_of = copy_of || \'{"ends_on": "2026-01-01"}\''))
    owner.dispose()
    with pytest.raises(Forbidden, match="has ended"), db.transaction(afield, FIELD):
        pass
    field_copies.changes(away.owner, folder / "late", silent)


def forged(path: Path, copy: Path, lines: list[Any], **other: Any) -> Path:
    """A file of changes as somebody writes it who has the copy and its key."""
    said = next(iter(files.read(copy, KEY, files.COPY, silent)))
    assert isinstance(said, files.Said)
    told = said.model_copy(update={"what": files.CHANGES.word} | other)
    path.unlink(missing_ok=True)
    with path.open("wb") as target:
        files.write(target, KEY, files.CHANGES, told, (orjson.dumps(line) for line in lines), silent)
    return path


def edit(id_: int, did: str = "changed", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "version": 1,
        "by": "ana",
        "at": "2026-10-18T08:00:00+00:00",
        "did": did,
        "values": {},
        "was": {},
    } | more


def test_what_is_forged_changes_nothing(
    engine: Engine, context: db.Context, taken: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction(engine, context) as home:
        hidden = incident(home, "Hidden", handling="RED")
        later = record.add(home, HAZARDS, square(7, 7), {"name": "Kept", "hazard_type": "SHA"})[0]
    taken("hct")
    copy, file = tmp_path / "grid.copy", tmp_path / "forged"
    before = _all(engine, context)
    for other in (
        {"secret": "00" * 32},
        {"key": "ab" * 16},
        {"operation": {"key": "other"}},
        {"room": {"key": "internal"}},
    ):
        with pytest.raises(Refused, match="not of a copy"):
            field_copies.bring(engine, context, forged(file, copy, [], **other), KEY, silent)
    for line in (
        ["batch", edit(1)],
        ["hazards", edit(1, "dropped table")],
        ["hazards", edit(1) | {"recorded_by": "x"}],
        ["hazards"],
    ):
        with pytest.raises(Refused):
            field_copies.bring(engine, context, forged(file, copy, [line]), KEY, silent)
    with monkeypatch.context() as patch, pytest.raises(Refused, match="unpacks to more"):
        patch.setitem(files.MOST, files.CHANGES, 100_000)
        field_copies.bring(
            engine, context, forged(file, copy, [["hazards", edit(1, by="a" * 300)]] * 1000), KEY, silent
        )
    assert _all(engine, context) == before

    lines = [
        ["incidents", edit(hidden, values={"location": "Known"})],
        ["incidents", edit(999_999, values={"location": "Known"})],
        ["hazards", edit(later, values={"name": None, "hazard_type": "no such type"})],
        ["hazards", edit(later + 7, "added", values={"name": "No shape"})],
        ["areas_of_operation", edit(77, "added", values={"actor": "Nobody at all"}, geometry=square(1, 1))],
        ["overlaps", edit(66, values={"status": "resolved"}, between=[6, 3])],
        ["overlap_notes", edit(55, "added", values={"pair_id": 8_888, "words": "x"})],
        ["risk_zones", edit(44, "added", values={"name": "Z", "replaces": hidden}, geometry=square(1, 1))],
    ]  # fmt: skip
    found = field_copies.bring(engine, context, forged(file, copy, lines), KEY, silent)
    assert found.states == {"refused": len(lines)}
    assert _all(engine, context)[:-1] == before[:-1]
    answers = {why for key, (_, why) in edits(engine, context).items() if key.startswith("incidents/")}
    assert len(answers) == 1, "a record that was not given out is answered as one that there is not"
    with pytest.raises(Forbidden):
        field_copies.bring(engine, db.Context("grid", "hct", member="tester"), forged(file, copy, lines), KEY, silent)


def test_a_role_that_may_not_is_told_so_and_its_edit_kept(
    engine: Engine, taken: Callable, owner: Engine, urls: Urls, tmp_path: Path, quick: None
) -> None:
    from datetime import timedelta

    from geoapp import accounts

    def token(role: str) -> str:
        with owner.begin() as connection:
            accounts.add(connection, f"{role}@example.org", role, "grid", role, [])
            return accounts.issue(connection, f"{role}@example.org", "token", timedelta(hours=1))

    planner, adviser, coordinator = token("planner"), token("security_adviser"), token("coordinator")
    asked = db.Context("grid")
    with db.asking(planner), pytest.raises(Forbidden, match="Your role"):
        field_copies.take(engine, asked, "hct", until(), tmp_path / "no.copy", KEY, silent)
    with db.asking(coordinator), db.transaction(engine, asked) as home:
        hazard = record.add(home, HAZARDS, square(7, 7), {"name": "Old", "hazard_type": "SHA"})[0]
    taken("hct")
    file = forged(tmp_path / "back", tmp_path / "grid.copy", [["hazards", edit(hazard, values={"name": "New"})]])
    with db.asking(planner):
        assert field_copies.bring(engine, asked, file, KEY, silent).states == {"refused": 1}
    with db.asking(adviser):
        assert field_copies.bring(engine, asked, file, KEY, silent).states == {"applied": 1}
    with db.transaction(engine, db.Context("grid", member="tester")) as home:
        row = home.execute(
            text(
                "SELECT h.name, h.recorded_by, e.entered_by, e.brought_by FROM facts.hazard_area AS h JOIN facts.field_edit AS e ON e.home_id = h.id"
            )
        ).one()
        assert tuple(row) == ("New", "security_adviser@example.org", "ana", "security_adviser@example.org")
        told = home.execute(text("SELECT who, told FROM calc.audit WHERE did = 'brought from the field'")).one()
        assert (told.who, told.told["entered_by"]) == ("security_adviser@example.org", "ana")
        assert said(home, "SELECT count(*) FROM calc.audit WHERE did = 'taken' AND subject = 'field_copy'") == 1
