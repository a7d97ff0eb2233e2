"""What is stored: the tables of schema `facts`, one family a file."""

from geoapp.model._base import HANDLING, Base, Fact
from geoapp.model.actor import DOMAINS, Actor, ActorStep
from geoapp.model.area import Area, AreaPart, Ground
from geoapp.model.audience import DATES, LABELS, AudienceRule, Form, FormDue, FormMade, FormPlace
from geoapp.model.field_copy import FieldCopy, FieldEdit, FieldRecord
from geoapp.model.incident import (
    PRECISIONS,
    Incident,
    IncidentBin,
    IncidentDeletion,
    IncidentName,
    IncidentTally,
)
from geoapp.model.job import Job, JobFile
from geoapp.model.network import Network
from geoapp.model.operation import Audience, Batch, Change, History, ImportTemplate, Operation, Rejected
from geoapp.model.overlap import Overlap, OverlapNote, OverlapPair
from geoapp.model.place import (
    Arrangement,
    BaseFeature,
    Boundary,
    Footprint,
    HazardArea,
    Road,
    RoadReport,
    Site,
)
from geoapp.model.risk import AccessConstraint, RiskMatrix, RiskZone, SecurityArea
from geoapp.model.subjects import BANNER, SUBJECTS, Subject

FACTS = tuple(sorted(str(m.local_table.name) for m in Base.registry.mappers if issubclass(m.class_, Fact)))  # type: ignore[attr-defined]
"""The tables whose earlier versions are kept."""

__all__ = [
    "BANNER",
    "DATES",
    "DOMAINS",
    "FACTS",
    "HANDLING",
    "LABELS",
    "PRECISIONS",
    "SUBJECTS",
    "AccessConstraint",
    "Actor",
    "ActorStep",
    "Area",
    "AreaPart",
    "Arrangement",
    "Audience",
    "AudienceRule",
    "Base",
    "BaseFeature",
    "Batch",
    "Boundary",
    "Change",
    "FieldCopy",
    "FieldEdit",
    "FieldRecord",
    "Footprint",
    "Form",
    "FormDue",
    "FormMade",
    "FormPlace",
    "Ground",
    "HazardArea",
    "History",
    "ImportTemplate",
    "Incident",
    "IncidentBin",
    "IncidentDeletion",
    "IncidentName",
    "IncidentTally",
    "Job",
    "JobFile",
    "Network",
    "Operation",
    "Overlap",
    "OverlapNote",
    "OverlapPair",
    "Rejected",
    "RiskMatrix",
    "RiskZone",
    "Road",
    "RoadReport",
    "SecurityArea",
    "Site",
    "Subject",
]
