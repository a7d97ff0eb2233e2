"""What is wrong with a file, by cause? Findings of one cause are one group: how many rows, some of them, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from geoapp.ingest.columns import named

Severity = Literal["error", "warning", "repaired"]
Key = tuple[Severity, str, str | None]
"""Severity, code and column: what findings of one cause share."""
ORDER: tuple[Severity, ...] = ("error", "warning", "repaired")
EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """One thing about a file. `row` counts as a person does, the header being row 1; None is the file as a whole.

    `value` is the cell that it is about, where it is about one.
    """

    severity: Severity
    row: int | None
    column: str | None
    code: str
    message: str
    hint: str
    value: str | None = None

    @property
    def key(self) -> Key:
        """What it shares with others of its cause."""
        return self.severity, self.code, self.column


@dataclass(frozen=True)
class Example:
    """One row of several, and its cell."""

    row: int
    value: str | None


@dataclass(frozen=True)
class Group:
    """Findings of one cause: how many rows, some of them, what to do. No rows: the file as a whole."""

    severity: Severity
    code: str
    column: str | None
    cause: str
    rows: int
    examples: list[Example]
    hint: str


def groups(listed: Sequence[Finding], seen: Mapping[Key, int], rows: int, headers: Sequence[str]) -> list[Group]:
    """The findings by cause, from worst to least and from most rows to fewest.

    `seen` counts those of each key, also what is not `listed`; `rows` and `headers` are those of the file: where a column
    that it does not have is missed in every row, the cause is that column, and the columns that are there are named.
    """
    by_key: dict[Key, list[Finding]] = {}
    for finding in listed:
        by_key.setdefault(finding.key, []).append(finding)
    made = []
    for (severity, code, column), found in by_key.items():
        whole = [finding for finding in found if finding.row is None]
        count = seen[severity, code, column] - len(whole)
        cause = common([finding.message for finding in found])
        if rows > 1 and count == rows and column is not None and headers and column not in headers:
            cause = f"{cause} No column of the file says it; it has {named(headers)}."
        examples = [Example(finding.row, finding.value) for finding in _shown(found) if finding.row is not None]
        made.append(Group(severity, code, column, cause, count, examples, found[0].hint))
    return sorted(made, key=lambda group: (ORDER.index(group.severity), -group.rows))


def _shown(found: Sequence[Finding]) -> list[Finding]:
    """Some of these that are about a row: each cell once as far as there are several, in the order of rows."""
    of_rows = [finding for finding in found if finding.row is not None]
    first: dict[str | None, Finding] = {}
    for finding in of_rows:
        first.setdefault(finding.value, finding)
    again = [finding for finding in of_rows if first[finding.value] is not finding]
    return sorted([*first.values(), *again][:EXAMPLES], key=lambda finding: finding.row or 0)


def common(messages: Sequence[str]) -> str:
    """What several sentences say alike, word by word from both ends; … stands for where they differ."""
    split = [message.split(" ") for message in dict.fromkeys(messages)]
    first = split[0]
    if len(split) == 1:
        return " ".join(first)
    shortest = min(len(words) for words in split)
    head = next((n for n in range(shortest) if any(words[n] != first[n] for words in split)), shortest)
    tail = next(
        (n for n in range(shortest - head) if any(words[-1 - n] != first[-1 - n] for words in split)), shortest - head
    )
    if not head and not tail:
        return " ".join(first)
    return " ".join([*first[:head], "…", *first[len(first) - tail :]])
