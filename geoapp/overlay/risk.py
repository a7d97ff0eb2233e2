"""How grave is a risk: likelihood × impact by a matrix that is data, versioned in `data/codes/risk_matrix.csv`."""

import csv
from functools import cache
from pathlib import Path

CODES = Path(__file__).resolve().parent.parent.parent / "data" / "codes"


@cache
def _matrix() -> dict[tuple[int, int], int]:
    with (CODES / "risk_matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newest = max(row["version"] for row in rows)
    return {(int(r["likelihood"]), int(r["impact"])): int(r["level"]) for r in rows if r["version"] == newest}


def level(likelihood: int, impact: int) -> int:
    """The level 1 (low) to 5 (unacceptable) of likelihood and impact, both 1 to 5; KeyError outside the matrix."""
    return _matrix()[likelihood, impact]
