"""Who is shown the rows of a table, and which of their fields, now and as they were? One value a table, from which its rights,
history and banner follow.

`geoapp.model.rights` turns these into policies, triggers and functions, `geoapp.model.field_rights` into the views through
which fields are read that a room's rule can withhold alone; a noun that is added needs its line here, its table and a
revision. What is left out is shown to nobody. Tables of another kind than these (operations, rooms, history …) have their
policies and triggers in `migrations/sql`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Precision = Literal["exact", "settlement", "admin2", "mgrs10", "count", "withheld"]


@dataclass(frozen=True)
class Subject:
    """A table of one operation's rows. Those of the operation are shown to a room whose clearance reaches their handling,
    and whose rules show what they are about; they are written in rooms that record."""

    table: str
    key: str | None = None
    """The name under which a room's rules say how precisely it is shown this; None when they say nothing of it."""
    coarsest: Precision | None = "exact"
    """The coarsest of a room's rules under which rows are shown at all; None when `rows` says it row by row. Rooms whose rule
    is coarser, or tells fewer fields, categories of actors or weeks, are shown none of them: what they are told in their
    place is in `facts.form`."""
    rows: str | None = None
    """A further condition on a row, as SQL with its columns in braces. It may call `calc` without a column only."""
    published: str | None = None
    """A condition on a row, like `rows`, under which it leaves the rooms that write."""
    shapes: bool = False
    """Its shapes are footprints of the subject `key`, and `key.draft` for rows that are not `published`."""
    writers: bool = False
    """Shown in rooms that write alone."""
    handling: str | None = "handling"
    """The column of its handling; None when a row has none."""
    derived: tuple[str, ...] = ()
    """Columns that follow from other tables: a change of these alone is no new version."""
    banner: bool = True
    """Its handling counts for the banner of a picture. False for what is drawn as a part of others that count."""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """The columns that a rule of the subject can withhold while it shows the row, each with the fields of layers that are made
    of it. The serving role reads them through the view `calc.{table}` alone, where they are NULL for a room that is not told."""
    followed: tuple[str, ...] = ()
    """The columns by which what is kept in place of its records (`facts.form`) is found again when a row changes; without any
    it is made anew as a whole. Where nothing but derived columns changed, these stand beside them as `derived`."""
    lasting: bool = False
    """Its rows are never changed: one that is added says nothing until another row names it."""
    recorders: tuple[str, ...] = ()
    """Columns that are read in the same way, and told in rooms that record alone."""
    says: str | None = None
    """The field of its subject that its rows are: where that is withheld none of them is shown."""

    @property
    def fielded(self) -> bool:
        """Whether some of its columns are read through a view."""
        return bool(self.fields or self.recorders)


_CLAIM = "{subject} = ANY (calc.shown_subjects()::text[])"


def _alike(*columns: str) -> dict[str, tuple[str, ...]]:
    """Columns that are fields of the same name."""
    return {column: (column,) for column in columns}


_INCIDENT = (
    "{coarsest} >= calc.precision_of('incidents')"
    " AND ({finest} <= calc.precision_of('incidents') OR calc.recording())"
    " AND ({redistributable} OR NOT calc.exporting())"
)
"""Which incidents a room is shown, of all precisions in which one is kept."""

SUBJECTS = (
    Subject(
        "actor", banner=False,
        rows="{domain} <> ALL (calc.withheld_domains()::text[])"
        " AND ARRAY['areas.' || {domain}, 'presence.' || {domain}] && calc.shown_subjects()",
        derived=("lineage",), followed=("id",),
        recorders=(
            "other_names", "mandate", "mission", "role", "why_mapped", "works_in", "method", "interlocutor", "interlocutor_on",
            "interlocutor_by", "interlocutor_note", "source", "reliability", "credibility", "reviewed_on", "review_due",
        ),
    ),
    Subject("actor_step", writers=True, banner=False),
    Subject(
        "area", rows=_CLAIM, derived=("km2",), fields=_alike("source", "reliability", "credibility"), followed=("id",)
    ),
    Subject("area_part", rows=_CLAIM, followed=("area_id", "pcode")),
    Subject("footprint", rows=_CLAIM, banner=False, lasting=True),
    Subject("ground", "overlaps", banner=False, lasting=True),
    Subject(
        "overlap", "overlaps", rows="{subjects} <@ calc.shown_subjects()", derived=("incidents", "risk", "pair_id"),
        followed=("id", "pair_id"),
    ),
    # shown where one of its pieces is; where it has none yet, to who is making it
    Subject(
        "overlap_pair", "overlaps",
        rows="({shown} && calc.shown_overlaps() OR cardinality({shown}) = 0 AND calc.may_write())", derived=("handling", "shown", "joined_into"),
        recorders=("shown",),
        fields=_alike("strategy", "liaison", "owner", "due"), followed=("id",), banner=False,
    ),
    Subject("overlap_note", "overlaps", rows="{subjects} <@ calc.shown_subjects()", says="note", followed=("pair_id",)),
    Subject(
        "incident", "incidents", None, rows=_INCIDENT,
        fields=_alike("location", "sub_event_type", "civilian_targeting", "verification") | {"notes_neutral": ("notes",)},
        recorders=("notes_raw", "actors", "source_names"),
    ),
    # cells of zoom 5 are 39 km wide at the equator; finer ones would place an event for those who may not know its place
    Subject("incident_bin", "incidents", "count", rows="({z} <= 5 OR calc.precision_of('incidents') <= 1)", banner=False),
    Subject("incident_tally", "incidents", "count"),
    Subject(
        "incident_name", "incidents", None, banner=False,
        rows=_INCIDENT + " AND ({field} <> 'location' OR calc.told('incidents/location'))"
        " AND ({field} <> 'sub_event_type' OR calc.told('incidents/sub_event_type'))"
        " AND ({field} <> 'actors' OR calc.may_write())",
    ),
    Subject("incident_deletion", writers=True, handling=None, banner=False),
    Subject(
        "boundary", "boundaries", "admin2", shapes=True, banner=False, fields={"name": ("name",), "names": ("name",)}
    ),
    Subject("site", "sites", followed=("id",)),
    Subject("road", "roads", fields=_alike("security", "speed_kmh"), followed=("id",)),
    Subject(
        "road_report", "roads", fields=_alike("reason", "note") | {"source": ("source", "status_source")}, followed=("id",)
    ),
    Subject("hazard_area", "hazards", shapes=True, followed=("id",)),
    Subject("arrangement", "arrangements", shapes=True, fields=_alike("parties", "source", "note"), followed=("id",)),
    Subject("risk_zone", "risk_zones", published="{status} = 'published'", shapes=True, followed=("id",)),
    Subject("security_area", "security_levels", shapes=True, followed=("id",)),
    Subject("access_constraint", "access_constraints", followed=("id",)),
    Subject("audience_rule", rows="({audience} = calc.audience() OR calc.may_write())", banner=False),
    Subject("base_feature", banner=False),
    Subject("batch", writers=True, banner=False),
    Subject("rejected", writers=True, banner=False),
    Subject("import_template", writers=True, banner=False),
    Subject("field_copy", writers=True, banner=False),
    Subject("field_record", writers=True, handling=None, banner=False),
    Subject("field_edit", writers=True, banner=False),
)  # fmt: skip

CLAIMS = {"areas.": "areas_of_operation", "presence.": "presence"}
"""What the subject of an area begins with, before its actor's domain, and the name by which a room's rules speak of it."""

FIELDED = {subject.table: subject for subject in SUBJECTS if subject.fielded}
"""The tables of which single fields are withheld."""


def _singly() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for subject in SUBJECTS:
        fields = {name for names in subject.fields.values() for name in names}
        fields |= {subject.says} if subject.says else set()
        for key in (subject.key,) if subject.key else CLAIMS.values():
            found[key] = found.get(key, frozenset()) | frozenset(fields)
    return {key: fields for key, fields in found.items() if fields}


def read_from(table: str) -> str:
    """The relation from which every column of a table is read: the table, or its view where single fields are withheld."""
    return f"{'calc' if table in FIELDED else 'facts'}.{table}"


SINGLY = _singly()
"""By the name under which rules speak of a subject, the fields that can be withheld while its records are shown otherwise as
they are. Where a rule withholds another field the room reads forms, or it cannot be kept."""

BANNER = tuple(subject.table for subject in SUBJECTS if subject.banner)
"""The tables whose highest shown handling is that of the picture."""


def keys() -> frozenset[str]:
    """Every name by which a room's rules speak of something."""
    return frozenset({subject.key for subject in SUBJECTS if subject.key} | set(CLAIMS.values()))
