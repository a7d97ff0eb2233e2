"""Of which records is it told who changed what, and when? No layer of the map: each entry names the layers that tell of its records."""

from dataclasses import dataclass

from layers._base import Field


@dataclass(frozen=True)
class Recorded:
    """Records of one table, as people speak of them."""

    key: str
    """The name under which doors speak of them."""
    table: str
    one: str
    many: str
    layers: tuple[str, ...] = ()
    """Where one is called by a name, and whose fields are told: the first that has it."""
    of: str = "id"
    """The column with the number of the layers' record, where that is another one."""
    without: tuple[str, str] | None = None
    """A column, and the value in it that says that a row of the table is none of these."""
    columns: tuple[str, ...] = ()
    """Those of which a change is told; of all that people write where it is not said."""
    follows: bool = False
    """Its records come of others by themselves: that one came is told by those."""
    fields: tuple[Field, ...] = ()
    """What columns are called, and of which list their codes are, where no layer says it."""
    parts: str | None = None
    """The table that holds its shape where that is not its own, each row with `area_id`."""

    @property
    def rows(self) -> str:
        """The condition on the row `t` that it is one of these, as SQL."""
        return f"t.{self.without[0]} <> '{self.without[1]}'" if self.without else "true"


_ACTOR = Field("actor_id", "Actor")
RECORDED = (
    Recorded("areas_of_operation", "area", "area of operation", "areas of operation", ("areas_of_operation",),
             without=("positioning", "presence"), fields=(_ACTOR,), parts="area_part"),
    Recorded("overlaps", "overlap_pair", "overlap", "overlaps", ("overlaps", "ended_overlaps"), follows=True,
             columns=("status", "strategy", "liaison", "owner", "due")),
    Recorded("notes", "overlap_note", "note", "notes on overlaps", ("overlaps", "ended_overlaps"), of="pair_id",
             columns=("words", "withdrawn_at", "reason"),
             fields=(Field("words", "Note"), Field("withdrawn_at", "Withdrawn"), Field("reason", "Why it was withdrawn"))),
    Recorded("incidents", "incident", "incident", "incidents", ("incidents", "rough_incidents"),
             fields=(Field("notes_neutral", "Notes"), Field("notes_raw", "Notes as they were told"))),
    Recorded("risk_zones", "risk_zone", "risk zone", "risk zones", ("risk_zones", "zones_to_review"),
             fields=(Field("status", "Status", code="zone_status"),)),
    Recorded("hazards", "hazard_area", "hazard", "hazards", ("hazards",)),
    Recorded("arrangements", "arrangement", "arrangement", "arrangements", ("arrangements",)),
    Recorded("access_constraints", "access_constraint", "constraint on access", "constraints on access",
             ("access_constraints", "constrained_areas", "constrained_roads")),
    Recorded("security_levels", "security_area", "security level", "security levels", ("security_levels",)),
    Recorded("road_reports", "road_report", "report on a road", "reports on roads", ("road_reports",)),
    Recorded("roads", "road", "road", "roads", ("roads",)),
    Recorded("sites", "site", "site", "sites", ("sites",)),
    Recorded("actors", "actor", "actor", "actors", fields=(
        Field("name", "Name"), Field("acronym", "Acronym"), Field("other_names", "Former and other names"),
        Field("domain", "Domain", code="domains"), Field("kind", "Kind", code="actor_kinds"),
        Field("origin", "Origin", code="origins"), Field("parent_id", "Under"), Field("merged_into", "Is the same as"),
        Field("mandate", "Mandate"), Field("mission", "Mission", code="missions"), Field("role", "What it does here"),
        Field("why_mapped", "Why mapped", "list", code="mapping_reasons"), Field("works_in", "Works in", "list", code="sectors"),
        Field("method", "How its way of working differs"), Field("interlocutor", "Interlocutor", code="interlocutors"),
        Field("interlocutor_on", "Decided on", "date"), Field("interlocutor_by", "Decided by"),
        Field("interlocutor_note", "On what terms"), Field("source", "According to"), Field("reliability", "Reliability"),
        Field("credibility", "Credibility"), Field("reviewed_on", "Reviewed on", "date"), Field("review_due", "Review due", "date"),
        Field("handling", "Handling"),
    )),
)  # fmt: skip
"""Every kind, in the order in which they are offered."""

ACTORS = ("actor_id", "parent_id", "merged_into")
"""Columns whose value is the number of an actor, told by its name."""
SHAPES = ("geom", "footprint_id")
DAYS = ("period_start", "valid_from", "occurred_from", "observed_on", "reported_on")
"""The fields that are the first day of a record, one of which is told where its days are."""
DID = {
    "added": "added",
    "changed": "changed",
    "removed": "taken away",
    "imported": "imported",
    "withdrawn": "import taken back",
}
"""What can be done, in the order in which it is offered."""


def told_of(layer: str) -> str | None:
    """The key under which it is told who changed a layer's records; None where nobody writes them."""
    return next((each.key for each in RECORDED if layer in each.layers and each.of == "id"), None)
