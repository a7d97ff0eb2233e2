"""What an import says: its numbers, and findings with a row, a column, what, why, and what to do."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from geoapp.ingest.findings import Finding, Key, Severity, groups

if TYPE_CHECKING:
    from geoapp.ingest.rejected import Rejected

__all__ = ["LISTED", "Finding", "Report", "Severity"]

LISTED = 100
"""Findings of one code and column that are listed; the rest are counted."""


@dataclass
class Report:
    """What an import did, the same for the shell, HTTP and the page."""

    kind: str
    batch: int | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    landed: bool = False
    findings: list[Finding] = field(default_factory=list)
    columns: dict[str, Any] | None = None
    """Of a plain list: which column was taken for what, its headers, and the names that columns can be given for."""
    headers: list[str] = field(default_factory=list)
    """The columns of the file, when it got so far."""
    matches: dict[str, str] = field(default_factory=dict)
    """Names of places → P-codes that were confirmed with this file; they hold for the next files of its source."""
    understood: list[dict[str, Any]] = field(default_factory=list)
    """Every column: what it was taken for, by which sign, how surely, with an example."""
    removed: int = 0
    matched: dict[str, int] = field(default_factory=dict)
    """How many rows have their place by which sign."""
    proposed: list[dict[str, Any]] = field(default_factory=list)
    """Names that come near a unit's, to be confirmed: `name` as in `matches`, `pcode` and `unit` that may be meant, `rows`."""
    overlaps: dict[str, Any] | None = None
    """How many overlaps it made, changed, ended."""
    map: dict[str, Any] | None = None
    """Of a check: what would land, as a small map (`on_map`)."""
    check: bool = False
    """Whether it was only asked what would land: nothing does."""
    lands: bool = False
    """Whether it landed, or would."""
    look: dict[str, Any] | None = None
    """Of a check: the file's sheets, and which kinds it may be of."""
    checked: dict[str, Any] | None = None
    """Of a check: what it rests on, to know later whether that has changed."""
    rejected_rows: "Rejected | None" = None
    """The rows that do not land, as they came."""
    job: int | None = None
    source: str | None = None
    """What the source was called, or recognised as."""
    template: str | None = None
    """The template by which its columns were taken."""
    settled: dict[str, Any] | None = None
    """By a template: `source`, `handling` and `options` as it said them then; what a check lands later lands with these."""
    _seen: Counter[Key] = field(default_factory=Counter)

    def add(self, *findings: Finding) -> None:
        """Add findings; beyond the listed number of a code and column they are only counted."""
        for finding in findings:
            self._seen[finding.key] += 1
            if self._seen[finding.key] <= LISTED:
                self.findings.append(finding)

    def add_more(self, severity: Severity, code: str, count: int, column: str | None = None) -> None:
        """Count findings that are not listed."""
        self._seen[severity, code, column] += count

    def void(self) -> None:
        """Nothing of the file landed."""
        self.landed, self.lands, self.batch, self.overlaps, self.map = False, False, None, None, None
        self.created = self.updated = self.unchanged = self.removed = 0

    def as_dict(self) -> dict[str, Any]:
        """The Report as every door gives it: findings by cause in `groups`, one by one in `findings`, where one with
        `more` stands for so many that are not listed."""
        listed = [asdict(f) for f in self.findings]
        shown = Counter(finding.key for finding in self.findings)
        for (severity, code, column), number in self._seen.items():
            if more := number - shown[severity, code, column]:
                said = asdict(Finding(severity, None, column, code, f"And {more:,} more of the same.", ""))
                listed.append(said | {"more": more})
        return {
            "batch": self.batch, "kind": self.kind, "rows": self.rows, "created": self.created,
            "updated": self.updated, "unchanged": self.unchanged, "removed": self.removed, "rejected": self.rejected,
            "landed": self.landed, "check": self.check, "lands": self.lands, "understood": self.understood,
            "matched": self.matched, "overlaps": self.overlaps, "look": self.look, "job": self.job, "source": self.source,
            "rejected_rows": self.rejected_rows.as_dict() if self.rejected_rows else None,
            "groups": [asdict(group) for group in groups(self.findings, self._seen, self.rows, self.headers)], "findings": listed,
        } | {name: value for name, value in (("columns", self.columns), ("map", self.map), ("matches", self.matches), ("proposed", self.proposed), ("template", self.template)) if value}  # fmt: skip
