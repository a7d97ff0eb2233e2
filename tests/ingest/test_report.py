"""A report lists so many findings of a code and counts the rest: in words for people, as a number for machines."""

from geoapp.ingest.report import LISTED, Finding, Report


def test_what_is_not_listed_is_a_number() -> None:
    report = Report("areas")
    report.add(*(Finding("warning", row, None, "odd", "It is odd.", "") for row in range(LISTED + 48)))
    report.add(Finding("error", 3, None, "bad", "It is bad.", ""))
    findings = report.as_dict()["findings"]
    counted = [f for f in findings if "more" in f]
    assert [(f["code"], f["more"], f["message"]) for f in counted] == [("odd", 48, "And 48 more of the same.")]
    assert len(findings) == LISTED + 2
