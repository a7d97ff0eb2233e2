"""Which slides are there: what each asks, which layers its map draws, and which records its table lists."""

from dataclasses import dataclass

ROWS = 10
"""Rows of a table at most: what is read from six metres."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, the fields said in a cell one under the other, and its share of the width."""

    head: str
    fields: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Theme:
    """One slide. Layers bottom first; the table lists records of the first of `tables` that holds any, by `order`, SQL
    over the layer's row `t`."""

    name: str
    title: str
    layers: tuple[str, ...]
    tables: tuple["Table", ...]
    instead: tuple[tuple[str, str], ...] = ()
    """Layers, and the one drawn in the place of each where it would draw too many records or the room is not shown it."""


@dataclass(frozen=True)
class Table:
    """What a slide lists beside its map."""

    layer: str
    said: str
    """What the rows are, in one sentence with `{shown}` and `{all}`."""
    columns: tuple[Column, ...]
    order: str
    where: str = "true"
    once: str = "t.id"
    """SQL over `t`: of rows that have it in common only the first is listed."""
    numbered: bool = False
    """Rows have a number that stands on the map as well."""


OVERLAPS = Theme(
    "overlaps", "Who shares ground with whom", ("areas_of_operation", "overlaps"),
    (
        Table(
            "overlaps", "The largest overlap of each of {shown} sides, of {all} with a civil side; numbers stand on the map",
            (Column("Sides", ("actor_a", "actor_b"), 0.46), Column("Districts", ("districts",), 0.32),
             Column("Shared ground", ("km2",), 0.22)),
            "t.km2 DESC, t.code", "t.domains LIKE '%civil%' AND t.domains <> 'civil|civil'",
            "CASE t.domain_a WHEN 'civil' THEN t.actor_b ELSE t.actor_a END", numbered=True,
        ),
    ),
)  # fmt: skip
RISK = Theme(
    "risk", "Where risk is recorded, and what happened", ("risk_zones", "hazards", "incidents"),
    (
        Table(
            "risk_zones", "{shown} of {all} risk zones in force, the highest level first",
            (Column("Zone", ("name",), 0.42), Column("Level", ("level",), 0.25), Column("Until", ("valid_to",), 0.33)),
            "t.level DESC, t.valid_to, t.id",
        ),
        Table(
            "incident_counts", "{shown} of {all} districts with incidents, the most first",
            (Column("District", ("name",), 0.5), Column("Incidents", ("n",), 0.25),
             Column("Reported deaths", ("fatalities",), 0.25)),
            "t.n DESC, t.name, t.id",
        ),
    ),
    instead=(("incidents", "incident_counts"),),
)  # fmt: skip
ACCESS = Theme(
    "access", "What is known of roads and of access", ("arrangements", "roads", "access_constraints"),
    (
        Table(
            "road_reports", "{shown} of {all} reports of roads that are not open, the newest first",
            (Column("Road", ("name",), 0.42), Column("Status", ("op_status",), 0.28), Column("Seen on", ("observed_on",), 0.3)),
            "t.observed_on DESC, t.name, t.id", "t.op_status <> 'open'",
        ),
        Table(
            "access_constraints", "{shown} of {all} constraints on access, the most severe first",
            (Column("Place", ("name",), 0.36), Column("Kind", ("category",), 0.42), Column("Severity", ("severity",), 0.22)),
            "t.severity DESC NULLS LAST, t.name, t.id",
        ),
    ),
)  # fmt: skip
PRESENCE = Theme(
    "presence", "Who works where", ("presence_counts",),
    (
        Table(
            "presence_counts", "{shown} of {all} districts with organisations, the most first",
            (Column("District", ("name",), 0.34), Column("Organisations", ("n",), 0.26), Column("Sectors", ("sectors",), 0.4)),
            "t.n DESC, t.name, t.id",
        ),
    ),
)  # fmt: skip

SLIDES = {theme.name: theme for theme in (OVERLAPS, RISK, ACCESS, PRESENCE)}
THEMES = tuple(SLIDES)
"""The names of the themes, in the order of their slides."""
