"""What an import says: its numbers, and findings with a row, a column, what, why, and what to do."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "repaired"]
LISTED = 100
"""Findings of one code that are listed; the rest are counted."""


@dataclass(frozen=True)
class Finding:
    """One thing about a file. `row` counts as a person does, the header being row 1; None is the file as a whole."""

    severity: Severity
    row: int | None
    column: str | None
    code: str
    message: str
    hint: str


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
    _seen: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    def add(self, *findings: Finding) -> None:
        """Add findings; beyond the listed number of a code they are only counted."""
        for finding in findings:
            key = (finding.severity, finding.code)
            self._seen[key] += 1
            if self._seen[key] <= LISTED:
                self.findings.append(finding)

    def add_more(self, severity: Severity, code: str, count: int) -> None:
        """Count findings that are not listed."""
        self._seen[(severity, code)] += count

    def void(self) -> None:
        """Nothing of the file landed."""
        self.landed, self.batch = False, None
        self.created = self.updated = self.unchanged = 0

    def as_dict(self) -> dict[str, Any]:
        """The Report as every door gives it; a finding with `more` stands for so many that are not listed."""
        listed = [asdict(f) for f in self.findings]
        shown = Counter((f.severity, f.code) for f in self.findings)
        for (severity, code), number in self._seen.items():
            if number > shown[(severity, code)]:
                more = number - shown[(severity, code)]
                said = asdict(Finding(severity, None, None, code, f"And {more:,} more of the same.", ""))
                listed.append(said | {"more": more})
        return {
            "batch": self.batch, "kind": self.kind, "rows": self.rows, "created": self.created,
            "updated": self.updated, "unchanged": self.unchanged, "rejected": self.rejected, "landed": self.landed,
            "findings": listed,
        } | ({"columns": self.columns} if self.columns else {})  # fmt: skip
