"""Write one fact by hand: an operation, an area of operation, a zone, an incident, what was agreed about an overlap.

Nobody's edit is lost: a change names the version it was made from.
"""

from collections.abc import Mapping

from geoapp.record.access_facts import ARRANGEMENTS, CONSTRAINTS, HAZARDS, ROAD_REPORTS, SECURITY_AREAS
from geoapp.record.actors import named_like
from geoapp.record.areas import AREAS, reshape_area
from geoapp.record.audience_rules import as_json, remove_rule, rule_history, rule_version, set_rule, subjects
from geoapp.record.fields import said_handling
from geoapp.record.incidents import INCIDENTS, link, unlink
from geoapp.record.matrix import adopt_matrix
from geoapp.record.merges import Step, merge, split, take, undo
from geoapp.record.notes import add_note, withdraw_note
from geoapp.record.noun import Noun, add, change, read, remove
from geoapp.record.once import add_once
from geoapp.record.operation import AUDIENCES, add_operation, first_rules, set_time_zone
from geoapp.record.places import ROADS, SITES
from geoapp.record.register import MOST_ROWS, REGISTER, change_overlap, change_overlaps
from geoapp.record.register_of_actors import ACTORS
from geoapp.record.reshaping import Do, reshape
from geoapp.record.schema import schema
from geoapp.record.shapes import parsed
from geoapp.record.suggested import suggest_zones
from geoapp.record.what_if import Planned, what_if
from geoapp.record.zones import LIFECYCLE, RISK_ZONES, dismiss_suggestions, take_step
from layers import STACK

NOUNS: Mapping[str, Noun] = {
    "areas_of_operation": AREAS,
    "risk_zones": RISK_ZONES,
    "zones_to_review": RISK_ZONES,
    "incidents": INCIDENTS,
    "hazards": HAZARDS,
    "arrangements": ARRANGEMENTS,
    "access_constraints": CONSTRAINTS,
    "security_levels": SECURITY_AREAS,
    "sites": SITES,
    "roads": ROADS,
    "road_reports": ROAD_REPORTS,
    "actors": ACTORS,
}
"""What can be written by hand, by the collection it is written to."""

DRAWN = frozenset(layer.name for layer in STACK)
"""The collections that are layers; an actor is shown on a page of its own."""


def written() -> list[dict[str, str]]:
    """What a person may write by hand on the map: each collection once, with what one of its records is called."""
    return [
        {"collection": name, "title": noun.one.capitalize()}
        for name, noun in NOUNS.items()
        if name in DRAWN and name != "zones_to_review"
    ]


STEPS = tuple(LIFECYCLE.transitions)
"""The steps of a zone's life."""

__all__ = [
    "AUDIENCES",
    "DRAWN",
    "MOST_ROWS",
    "NOUNS",
    "REGISTER",
    "STEPS",
    "Do",
    "Noun",
    "Planned",
    "Step",
    "add",
    "add_note",
    "add_once",
    "add_operation",
    "adopt_matrix",
    "as_json",
    "change",
    "change_overlap",
    "change_overlaps",
    "dismiss_suggestions",
    "first_rules",
    "link",
    "merge",
    "named_like",
    "parsed",
    "read",
    "remove",
    "remove_rule",
    "reshape",
    "reshape_area",
    "rule_history",
    "rule_version",
    "said_handling",
    "schema",
    "set_rule",
    "set_time_zone",
    "split",
    "subjects",
    "suggest_zones",
    "take",
    "take_step",
    "undo",
    "unlink",
    "what_if",
    "withdraw_note",
    "written",
]
