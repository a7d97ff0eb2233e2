"""What is wrong with a file is told by cause: one line with its rows counted, some of them shown, and what to do."""

from collections.abc import Callable

from geoapp.ingest.findings import EXAMPLES, common
from geoapp.ingest.report import LISTED, Finding, Report

ROWS = 3_328


def test_thousands_of_rows_without_a_place_are_one_finding(bring: Callable) -> None:
    report = bring(
        "sites", "name,type,lat,lon,colour\n" + "\n".join(f"Well {n},water_point,,,red" for n in range(ROWS)), "s.csv"
    )
    (group,) = [g for g in report.as_dict()["groups"] if g["code"] == "no-place"]
    assert (group["rows"], group["cause"], len(group["examples"])) == (ROWS, "The row has no coordinates.", EXAMPLES)
    assert [example["row"] for example in group["examples"]] == [2, 3, 4, 5, 6]


def test_the_cell_is_an_example_and_the_cause_is_said_without_it(bring: Callable) -> None:
    report = bring(
        "sites", "name,type,lat,lon\nA,x,north,10\nB,x,5 and a bit,10\nC,x,5,10\n" + "D,x,5,10\n" * 6, "s.csv"
    )
    (group,) = [g for g in report.as_dict()["groups"] if g["code"] == "not-a-coordinate"]
    assert group["rows"] == 2
    assert group["cause"] == "… is no latitude."
    assert group["examples"] == [{"row": 2, "value": "north"}, {"row": 3, "value": "5 and a bit"}]


def test_counts_are_of_all_rows_by_column_not_of_those_listed() -> None:
    report = Report("sites", rows=1000)
    for column, many in (("lat", LISTED + 7), ("lon", 3)):
        report.add(*(Finding("error", row, column, "bad", f"{row} is bad.", "Mend it.") for row in range(2, many + 2)))
    report.add_more("error", "bad", 40, "lon")
    report.add(Finding("warning", None, None, "odd", "The file is odd.", ""))
    said = [(g["severity"], g["column"], g["rows"], g["cause"]) for g in report.as_dict()["groups"]]
    assert said == [
        ("error", "lat", LISTED + 7, "… is bad."), ("error", "lon", 43, "… is bad."), ("warning", None, 0, "The file is odd."),
    ]  # fmt: skip


def test_a_column_that_the_file_does_not_have_is_said_once_with_those_it_has() -> None:
    report = Report("incidents", rows=50, headers=["Name", "Colour"])
    report.add(*(Finding("error", row, "lat", "no-place", "The row has no coordinates.", "") for row in range(2, 52)))
    (group,) = report.as_dict()["groups"]
    assert group["cause"] == "The row has no coordinates. No column of the file says it; it has Name, Colour."
    report.headers = ["lat", "lon"]
    assert report.as_dict()["groups"][0]["cause"] == "The row has no coordinates."


def test_what_sentences_say_alike() -> None:
    assert common(["It is so."]) == "It is so."
    assert common(["No unit has QV01 (A).", "No unit has QV02 (B c)."]) == "No unit has …"
    assert common(["'a' is no date.", "'b c' is no date."]) == "… is no date."
    assert common(["One thing.", "Another case"]) == "One thing."
    assert common(["a a a", "a a"]) == "a a …"
