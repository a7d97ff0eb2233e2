"""SQL that several layers say in the same words. Nothing here reads or writes."""

PERIOD = "(CAST(:period AS daterange) IS NULL OR {0} && CAST(:period AS daterange))"
"""The row's days and the asked period have one in common, or no period was asked."""

LAST_DAY = "upper({0}) - 1"
"""The last day of a period, as people say it; NULL when it has no end."""


def steps(value: str, *breaks: int) -> str:
    """SQL for the class 1 … n+1 of a number, by the least values of the classes above the first."""
    cases = " ".join(f"WHEN {value} >= {least} THEN {place}" for place, least in reversed(list(enumerate(breaks, 2))))
    return f"CASE {cases} ELSE 1 END"
