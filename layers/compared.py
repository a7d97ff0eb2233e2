"""What is compared between two moments, and by which of its fields? No layer of the map: each entry names the layers it reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """Records of one kind, in the order in which their changes are told."""

    key: str
    one: str
    many: str
    """How they are counted: `1 overlap`, `3 overlaps`."""
    layers: tuple[str, ...]
    """Where they are; of several each record is in one, and may go from one to another."""
    fields: tuple[str, ...]
    """The fields, of all these layers, whose values are compared. What is counted from other records, or says how often a record
    was written, is none of them."""
    tables: tuple[tuple[str, str], ...]
    """The tables that they are recorded in, each with the column that is a record's id: these say when and by whom."""
    begins: str | None = None
    ends: str | None = None
    """The fields that are a record's first and last day."""
    happens: bool = False
    """Those of all days up to the one that is looked at; of the others those that hold on it."""


_PERIOD = ("period_start", "period_end")
COMPARED = (
    Compared("overlaps", "overlap", "overlaps", ("overlaps",),
             ("relation", "sector", *_PERIOD, "km2", "status", "strategy", "liaison", "owner", "due", "handling"),
             (("overlap", "pair_id"), ("overlap_pair", "id")), *_PERIOD),
    Compared("risk_zones", "risk zone", "risk zones", ("risk_zones",),
             ("name", "level", "threat_category", "likelihood", "impact", "residual_level", "applies_to", "time_of_day",
              "valid_from", "valid_to", "basis", "km2", "handling"), (("risk_zone", "id"),), "valid_from", "valid_to"),
    Compared("areas_of_operation", "area of operation", "areas of operation", ("areas_of_operation",),
             ("actor", "name", "positioning", "sector", "activity", "status", *_PERIOD, "km2", "source", "reliability",
              "credibility", "disputed", "handling"), (("area", "id"), ("area_part", "area_id")), *_PERIOD),
    Compared("roads", "road", "roads", ("roads",), ("name", "op_status", "practicability", "reason", "note", "status_source"),
             (("road", "id"), ("road_report", "road_id")), "observed_on"),
    Compared("incidents", "incident", "incidents", ("incidents", "rough_incidents"),
             ("event_type", "sub_event_type", "occurred_from", "occurred_to", "geo_precision", "location", "fatalities",
              "verification", "source", "handling"), (("incident", "id"),), "occurred_from", happens=True),
    Compared("access_constraints", "constraint on access", "constraints on access",
             ("constrained_areas", "constrained_roads", "access_constraints"),
             ("name", "category", "severity", "description", *_PERIOD, "source", "handling"),
             (("access_constraint", "id"),), *_PERIOD),
    Compared("arrangements", "arrangement", "arrangements", ("arrangements",),
             ("name", "arrangement_type", "parties", *_PERIOD, "source", "note", "km2", "handling"),
             (("arrangement", "id"),), *_PERIOD),
    Compared("hazards", "explosive hazard", "explosive hazards", ("hazards",),
             ("name", "hazard_type", "hazard_status", "hazards", "reported_on", "source", "km2", "handling"),
             (("hazard_area", "id"),), "reported_on"),
    Compared("security_levels", "security level", "security levels", ("security_levels",),
             ("name", "security_level", *_PERIOD, "source", "km2", "handling"), (("security_area", "id"),), *_PERIOD),
    Compared("sites", "site", "sites", ("sites",), ("name", "facility_type", "operator", "status", "handling"),
             (("site", "id"),)),
)  # fmt: skip

KINDS = {
    "new": "new",
    "ended": "ended",
    "withdrawn": "no longer recorded",
    "moved": "moved",
    "revised": "revised",
}
"""How a record differs, in the order in which it is told. Moved is what has another shape, whatever else was revised."""
