"""Which maps on paper are there: which layers each draws, which question it answers, and what is listed beside it?"""

from dataclasses import dataclass

from geoapp.errors import NotFound


@dataclass(frozen=True)
class Listed:
    """Records that are numbered on the map and listed beside it."""

    layer: str
    title: str
    lines: tuple[str, ...]
    """The fields below one another in a row; their order in `signs` names the field whose class signs each."""
    value: str
    """The field at the end of the row."""
    unit: str
    by: tuple[str, ...]
    """The fields by which rows are ordered, the greatest first."""
    signs: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    """Records that agree in these fields are one row."""


OVERLAPS = Listed(
    "overlaps", "Largest overlaps", ("actor_a", "actor_b"), "km2", "km²", ("km2",), ("domain_a", "domain_b"),
    ("actor_a", "actor_b", "km2"),
)  # fmt: skip
ZONES = Listed("risk_zones", "Risk zones", ("name",), "valid_to", "until", ("level", "km2"))
CONSTRAINTS = Listed(
    "access_constraints", "Constraints on access", ("name", "category"), "severity", "severity", ("severity",)
)
CHANGED = Listed("changes", "What changed", ("name", "what"), "day", "", ())
DISTRICTS = Listed("presence_counts", "Organisations by district", ("name",), "n", "", ("n",))


@dataclass(frozen=True)
class Theme:
    """One kind of map. `number` is its place in the map numbers of an operation."""

    name: str
    number: int
    title: str
    question: str
    layers: tuple[str, ...]
    listed: tuple[Listed, ...] = ()
    districts: bool = False
    """Whether districts are named at whatever scale: where they are the subject."""
    instead: tuple[tuple[str, str], ...] = ()
    """Layers, and the one drawn in the place of each for a room that is not shown it."""


_BASE = ("basemap", "boundaries", "roads")
_COUNTED = (("incidents", "incident_counts"),)
THEMES = {
    each.name: each
    for each in (
        Theme(
            "overview", 1, "areas of operation, overlaps and danger",
            "Who operates where, where do they share ground, and where is it dangerous?",
            (*_BASE, "areas_of_operation", "overlaps", "risk_zones", "incidents"), (OVERLAPS,), instead=_COUNTED,
        ),
        Theme(
            "overlaps", 2, "overlaps", "Where do two actors share ground at the same time?",
            (*_BASE, "areas_of_operation", "overlaps"), (OVERLAPS,),
        ),
        Theme(
            "risk", 3, "risk and incidents", "Where is it dangerous, and what happened where?",
            (*_BASE, "hot_spots", "risk_zones", "hazards", "incidents"), (ZONES,), instead=_COUNTED,
        ),
        Theme(
            "access", 4, "access", "What keeps aid from people, where, and which roads are open?",
            (*_BASE, "access_severity", "constrained_areas", "arrangements", "hazards", "constrained_roads", "road_reports",
             "access_constraints"), (CONSTRAINTS,),
        ),
        Theme(
            "presence", 5, "humanitarian presence", "How many organisations work in each district?",
            (*_BASE, "presence_counts", "doubles", "sites"), (DISTRICTS,), districts=True,
        ),
    )
}  # fmt: skip
"""The maps of an operation, in the order in which they are handed over."""
WHAT_CHANGED = Theme(
    "changes", 7, "what changed since the last pack", "What is not as it was in the last pack?",
    ("basemap", "boundaries", "changes"), (CHANGED,),
)  # fmt: skip
"""The map of a pack whose records are given, for they are asked of two moments."""
VIEW = Theme("view", 6, "this view", "What is on the map?", (), (OVERLAPS, ZONES, CONSTRAINTS, DISTRICTS))
"""A map of whatever layers are asked for."""


def theme(name: str) -> Theme:
    """The theme of that name. Raises NotFound."""
    if name not in THEMES:
        raise NotFound(f"There is no map {name[:40]!r} on paper.", hint=f"One of {', '.join(THEMES)}, atlas, view.")
    return THEMES[name]
