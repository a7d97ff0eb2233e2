"""What does the brief count? Each line is one sentence: a layer, a condition on its row `t`, and the words for the number."""

from dataclasses import dataclass
from typing import Literal

from layers._pairs import FIRST_KNOWN
from layers.overlaps import OPEN

SOON_DAYS, ENDING_DAYS, NAMED = 7, 14, 5
"""Within how many days what is due, and a last day, are told; how many records are named after a number at most."""
_WITH_CIVIL = "t.domains LIKE '%civil%' AND t.domains <> 'civil|civil'"


@dataclass(frozen=True)
class Count:
    """`one` and `many` hold `{n}`, `{since}` and `{day}`; no number is said as "No"."""

    section: Literal["new", "ended", "due", "not_known"]
    layer: str
    where: str
    """SQL over the layer's row `t`, with `:since` and `:day` bound."""
    one: str
    many: str
    needs: tuple[str, ...] = ()
    """Fields without which nothing can be counted: where one of them is withheld from the room, neither is the sentence."""
    held: Literal["day", "since", "always"] = "always"
    """The records that hold on the day, that held on `since`, or of all days."""
    of: str = "*"
    """What is counted, over the layer's row `t`."""
    named: bool = False
    """The first records are named after the number, by `day_of`."""
    day_of: str = "t.id"


COUNTS = (
    Count("new", "overlaps", f"{_WITH_CIVIL} AND {FIRST_KNOWN} > CAST(:since AS date)",
          "{n} overlap of a civil and another actor is recorded as new since {since}.",
          "{n} overlaps of civil and other actors are recorded as new since {since}.", ("domains",)),
    Count("new", "risk_zones", "t.valid_from > CAST(:since AS date)",
          "{n} risk zone began since {since}.", "{n} risk zones began since {since}.", ("valid_from",), "day"),
    Count("new", "incidents", "t.occurred_from > CAST(:since AS date) AND t.occurred_from <= CAST(:day AS date)",
          "{n} incident is recorded with its place since {since}.",
          "{n} incidents are recorded with their place since {since}.", ("occurred_from",)),
    Count("new", "road_reports", "t.op_status = 'closed' AND t.observed_on > CAST(:since AS date)",
          "{n} road was reported closed since {since}.", "{n} roads were reported closed since {since}.",
          ("op_status", "observed_on"), of="DISTINCT t.road_id"),
    Count("new", "access_constraints", "t.reported_on > CAST(:since AS date) AND t.reported_on <= CAST(:day AS date)",
          "{n} constraint on access was reported since {since}.", "{n} constraints on access were reported since {since}.",
          ("reported_on",)),
    Count("new", "arrangements", "t.period_start > CAST(:since AS date) AND t.period_start <= CAST(:day AS date)",
          "{n} arrangement began since {since}.", "{n} arrangements began since {since}.", ("period_start",)),
    Count("ended", "overlaps", f"{_WITH_CIVIL} AND t.period_end >= CAST(:since AS date) AND t.period_end < CAST(:day AS date)",
          "{n} overlap of a civil and another actor ended since {since}.",
          "{n} overlaps of civil and other actors ended since {since}.", ("domains", "period_end")),
    Count("ended", "risk_zones", "t.valid_to >= CAST(:since AS date) AND t.valid_to < CAST(:day AS date)",
          "{n} risk zone that was in force on {since} has passed its last day.",
          "{n} risk zones that were in force on {since} have passed their last day.", ("valid_to",), "since"),
    Count("ended", "arrangements", "t.period_end >= CAST(:since AS date) AND t.period_end < CAST(:day AS date)",
          "{n} arrangement ended since {since}.", "{n} arrangements ended since {since}.", ("period_end",)),
    Count("due", "overlaps", f"{OPEN} AND t.due < CAST(:day AS date)",
          "{n} overlap has passed the day it was due on", "{n} overlaps have passed the day they were due on",
          ("due", "status"), "day", named=True, day_of="t.due"),
    Count("due", "overlaps", f"{OPEN} AND t.due BETWEEN CAST(:day AS date) AND CAST(:day AS date) + {SOON_DAYS}",
          f"{{n}} overlap is due within {SOON_DAYS} days", f"{{n}} overlaps are due within {SOON_DAYS} days",
          ("due", "status"), "day", named=True, day_of="t.due"),
    Count("due", "risk_zones", f"t.valid_to BETWEEN CAST(:day AS date) AND CAST(:day AS date) + {ENDING_DAYS}",
          f"{{n}} risk zone ends within {ENDING_DAYS} days", f"{{n}} risk zones end within {ENDING_DAYS} days",
          ("valid_to",), "day", named=True, day_of="t.valid_to"),
    Count("not_known", "rough_incidents", "t.occurred_from BETWEEN CAST(:since AS date) AND CAST(:day AS date)",
          "The place of {n} incident since {since} is known only roughly.",
          "The places of {n} incidents since {since} are known only roughly.", ("occurred_from",)),
    Count("not_known", "roads", "t.class = 'stale'",
          "The newest report of {n} road is older than it is relied on.",
          "The newest reports of {n} roads are older than they are relied on.", held="day"),
    Count("not_known", "roads", "t.class IS NULL OR t.class = 'unspecified'",
          "Of {n} road no status is recorded.", "Of {n} roads no status is recorded.", held="day"),
    Count("not_known", "gaps", "true",
          "In {n} district nobody is known to work in some sector that others are served in.",
          "In {n} districts nobody is known to work in some sector that others are served in.", ("pcode",), "day",
          of="DISTINCT t.pcode"),
    Count("not_known", "areas_of_operation", "t.domain = 'unknown'",
          "{n} area of operation is of an actor whose kind is not known.",
          "{n} areas of operation are of actors whose kind is not known.", ("domain",), "day"),
    Count("not_known", "overlaps", f"{_WITH_CIVIL} AND {OPEN} AND t.owner IS NULL",
          "{n} overlap of a civil and another actor has no owner.",
          "{n} overlaps of civil and other actors have no owner.", ("domains", "owner", "status"), "day"),
)  # fmt: skip
