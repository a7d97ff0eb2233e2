"""Incidents, how they are counted, and the zones graded from them."""

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
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import (
    Base,
    Dated,
    Fact,
    Handling,
    belongs,
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
    geom: Mapped[Any] = mapped_column(shape("POINT"), nullable=False)
    __table_args__ = (
        UniqueConstraint("operation_id", "source", "source_event_id", "finest"),
        spatial("incident"),
        CheckConstraint("finest <= coarsest", name="precision_order"),
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
    """How many incidents of a type a district had in a month, at any precision that names the district."""

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


class RiskZone(Fact, Dated, Base):
    """Where somebody judges it dangerous, how much, until when, and on what evidence."""

    __tablename__ = "risk_zone"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    threat_category: Mapped[str] = mapped_column(Text)
    likelihood: Mapped[int] = mapped_column(SmallInteger)
    impact: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    residual_level: Mapped[int | None] = mapped_column(SmallInteger)
    applies_to: Mapped[str] = mapped_column(Text, server_default=text("'all'"))
    time_of_day: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    reviewer: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'published'"))
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        belongs("risk_zone", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_risk_zone_footprint_id", "operation_id", "footprint_id"),
        CheckConstraint("likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="matrix"),
        CheckConstraint("NOT upper_inf(valid)", name="has_an_end"),
    )
