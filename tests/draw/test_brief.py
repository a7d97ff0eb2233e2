"""The brief: sentences made from counts, which say withheld where something is, and never what nobody may read."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest
from docx import Document
from sqlalchemy import Engine, text

from geoapp import audiences
from geoapp.db import transaction
from geoapp.draw import brief
from geoapp.errors import NotAcceptable
from geoapp.scope import Scope
from tests import gridland

ABOUT = {"handling": "TLP:RED", "disclaimer": "Names do not imply endorsement.", "note": "Absence is not absence."}


def told(
    engine: Engine, audience: str = "internal", since: date | datetime | None = None, as_of: datetime | None = None
) -> dict[str, str]:
    scope = Scope("grid", audience, member="tester", purpose="export", as_of=as_of)
    with transaction(engine, scope.context()) as connection:
        found = brief.sentences(connection, scope, audiences.room(connection, scope), since)
    assert [each.key for each in found] == ["new", "ended", "due", "not_known", "withheld"]
    assert all(each.sentences for each in found)
    return {each.key: " ".join(each.sentences) for each in found}


def test_what_ended_is_counted_from_the_day_named(engine: Engine, gridded: Callable) -> None:
    assert "overlaps of civil and other actors ended since 1 Jun 2026." in told(engine, since=date(2026, 6, 1))["ended"]
    after = told(engine, since=datetime(2026, 7, 2, 12, tzinfo=UTC))["ended"]
    assert after.startswith("No overlaps of civil and other actors ended since 2 Jul 2026.")


def test_what_is_due_is_named_with_its_day(engine: Engine, bring: Callable) -> None:
    areas = [
        gridland.area("m", "First Brigade", "military", gridland.square(0, 0, 2, 2), date_to="2026-12-31"),
        gridland.area("c", "Water Aid Group", "civil", gridland.square(1, 1, 2, 2), date_to="2026-12-31"),
    ]
    assert bring("boundaries", gridland.DISTRICTS).landed and bring("areas", areas).landed
    scope = Scope("grid", member="tester")
    with transaction(engine, scope.context()) as connection:
        connection.execute(text("UPDATE facts.overlap_pair SET due = DATE '2026-10-20'"))
    due = told(engine)["due"]
    assert "1 overlap is due within 7 days: OV-0001 First Brigade and Water Aid Group (20 Oct 2026)." in due.replace(
        "Water Aid Group and First Brigade", "First Brigade and Water Aid Group"
    )
    assert "No overlaps have passed the day they were due on." in due
    assert "1 overlap of a civil and another actor has no owner." in told(engine)["not_known"]


def test_withheld_says_withheld_and_is_not_counted(engine: Engine, nobody: None) -> None:
    public = told(engine, "public")
    assert public["new"] == "Nothing that this room is shown is recorded as new."
    assert "Overlaps are withheld from this room by its rule" in public["withheld"]
    assert told(engine)["withheld"] == "Nothing is withheld from this room."


def test_a_day_before_anything_was_recorded_says_so(engine: Engine, gridded: Callable) -> None:
    before = told(engine, as_of=datetime(2020, 5, 1, tzinfo=UTC))
    assert "Overlaps: Nothing was known here on 1 May 2020; the first record is of" in before["not_known"]
    assert before["new"].startswith("No overlaps of civil and other actors are recorded as new since 17 Apr 2020.")


def test_the_page_holds_handling_and_the_same_bytes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    scope = Scope("grid", member="tester", purpose="export")
    for name in ("a.docx", "b.docx"):
        with transaction(engine, scope.context()) as connection:
            room = audiences.room(connection, scope)
            found = brief.write(connection, scope, room, tmp_path / name, ABOUT, title="موجز ${1+1} \x0b<b>")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    page = Document(str(tmp_path / "a.docx"))
    for part in (page.sections[0].header, page.sections[0].footer):
        assert "TLP:RED" in part.paragraphs[0].text
    said = [paragraph.text for paragraph in page.paragraphs]
    assert said[0] == "موجز ${1+1} <b>"
    assert {sentence for section in found for sentence in section.sentences} <= set(said)
    assert ABOUT["disclaimer"] in said[-1]
    with transaction(engine, scope.context()) as connection:
        for name in ("a.pdf", "b.pdf"):
            assert brief.write(connection, scope, room, tmp_path / name, ABOUT, title="موجز ${1+1} \x0b<b>") == found
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    (sheet,) = pypdf.PdfReader(tmp_path / "a.pdf").pages
    printed = " ".join(sheet.extract_text().split())
    assert printed.count("TLP:RED") == 2 and ABOUT["disclaimer"] in printed
    assert all(sentence in printed for section in found for sentence in section.sentences)
    with transaction(engine, scope.context()) as connection, pytest.raises(NotAcceptable):
        brief.write(connection, scope, room, tmp_path / "a.odt", ABOUT)
