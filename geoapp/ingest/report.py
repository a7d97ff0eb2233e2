"""What an import says: its numbers, and findings with a row, a column, what, why, and what to do."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from geoapp.ingest.findings import Finding, Key, Severity, groups

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
        self.landed, self.batch = False, None
        self.created = self.updated = self.unchanged = 0

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
            "updated": self.updated, "unchanged": self.unchanged, "rejected": self.rejected, "landed": self.landed,
            "groups": groups(self.findings, self._seen, self.rows, self.headers), "findings": listed,
        } | {name: value for name, value in (("columns", self.columns), ("matches", self.matches)) if value}  # fmt: skip
