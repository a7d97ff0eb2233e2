"""Incidents, and how they are counted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import (
    Base,
    Dated,
    Fact,
    Handling,
    shape,
    spatial,
)

PRECISIONS = ("exact", "settlement", "admin2", "mgrs10", "count", "withheld")
"""How precisely an audience is shown a subject; the rank is the position."""


class Incident(Fact, Dated, Base):
    """One event as one source reports it, at one precision.

    `finest` and `coarsest` are ranks of PRECISIONS: the row is seen by audiences between them. An event known exactly
    has a twin at its settlement (a grid of 0.01°, fixed when it is written); coarser audiences read counts.
    """

    __tablename__ = "incident"
    finest: Mapped[int] = mapped_column(SmallInteger)
    coarsest: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(Text)
    source_event_id: Mapped[str] = mapped_column(Text)
    source_ts: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    time_precision: Mapped[str] = mapped_column(Text)
    geo_precision: Mapped[str] = mapped_column(Text)
    pcode: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    event_type: Mapped[str] = mapped_column(Text)
    sub_event_type: Mapped[str | None] = mapped_column(Text)
    taxonomy: Mapped[str] = mapped_column(Text)
    actors: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    fatalities: Mapped[int | None] = mapped_column(Integer)
    civilian_targeting: Mapped[bool | None] = mapped_column(Boolean)
    notes_raw: Mapped[str | None] = mapped_column(Text)
    notes_neutral: Mapped[str | None] = mapped_column(Text)
    source_names: Mapped[str | None] = mapped_column(Text)
    verification: Mapped[str] = mapped_column(Text, server_default=text("'unverified'"))
    redistributable: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    same_as_source: Mapped[str | None] = mapped_column(Text)
    same_as_event: Mapped[str | None] = mapped_column(Text)
    """The event of which this one is another report: that one is counted, this one is kept beside it."""
    geom: Mapped[Any] = mapped_column(shape("POINT"), nullable=False)
    __table_args__ = (
        UniqueConstraint("operation_id", "source", "source_event_id", "finest"),
        spatial("incident"),
        Index("ix_incident_began", "operation_id", text("lower(valid)")),
        Index("ix_incident_by_hand", "operation_id", "recorded_at", postgresql_where=text("batch_id IS NULL")),
        Index(
            "ix_incident_same_as",
            "operation_id",
            "same_as_source",
            "same_as_event",
            postgresql_where=text("same_as_event IS NOT NULL"),
        ),
        CheckConstraint("finest <= coarsest", name="precision_order"),
        CheckConstraint("(same_as_source IS NULL) = (same_as_event IS NULL)", name="same_as_whole"),
    )


class IncidentBin(Base):
    """How many incidents lie in a cell (1/32 of a tile's edge at zoom z), ever or in a month; kept up incrementally."""

    __tablename__ = "incident_bin"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(Integer, primary_key=True)
    y: Mapped[int] = mapped_column(Integer, primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """The first of the month; 1900-01-01 stands for all time."""
    handling: Mapped[str] = mapped_column(Handling, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    geom: Mapped[Any] = mapped_column(shape("POINT"), nullable=False)
    __table_args__ = (Index("ix_incident_bin_z_geom", "z", "geom", postgresql_using="gist"),)


class IncidentTally(Base):
    """How many incidents of a type a district had in a month; the district `''` stands for those known to none."""

    __tablename__ = "incident_tally"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pcode: Mapped[str] = mapped_column(Text, primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    event_type: Mapped[str] = mapped_column(Text, primary_key=True)
    placed: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    """Whether these are known to the settlement or better, and so are also drawn as points."""
    handling: Mapped[str] = mapped_column(Handling, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    fatalities: Mapped[int] = mapped_column(Integer)


class IncidentName(Base):
    """By which words are incidents found? What stands in a field of some of them, with the right to be told it in the key: of
    those who are told the same one row, so that a room reads some thousands in place of every incident. Kept up by triggers
    (`geoapp.model.kept_names`)."""

    __tablename__ = "incident_name"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    placed: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    """Whether these are known to the settlement or better, as `incident_tally` has it."""
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    """The column of the incidents; `actors` for the name of a reported party."""
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    handling: Mapped[str] = mapped_column(Handling, primary_key=True)
    finest: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    coarsest: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    redistributable: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The newest of them, the oldest of these first."""
    __table_args__ = (Index("ix_incident_name_none", "operation_id", postgresql_where=text("cardinality(ids) = 0")),)


class IncidentDeletion(Base):
    """That a source took an event back: an export of before then does not bring it in again. Gone with its batch."""

    __tablename__ = "incident_deletion"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    source_event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    deleted_ts: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When rows were removed by it: the moment under which the history has them."""
