"""What is judged of places: risk zones and the matrix that grades them, UN security levels, constraints on access."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
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

from geoapp.model._base import Base, Dated, Fact, belongs, in_operation, shape, spatial


class RiskZone(Fact, Dated, Base):
    """Where somebody judges it dangerous, how much, until when, and on what evidence.

    `status` is `suggested`, `draft`, `in_review`, `published`, `expired`, `withdrawn` or `dismissed`; only published
    ones leave the rooms that write, and one whose last day has passed is drawn nowhere, whatever its status says.
    """

    __tablename__ = "risk_zone"
    source_key: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    threat_category: Mapped[str] = mapped_column(Text)
    likelihood: Mapped[int] = mapped_column(SmallInteger)
    impact: Mapped[int] = mapped_column(SmallInteger)
    level: Mapped[int] = mapped_column(SmallInteger)
    matrix_version: Mapped[str | None] = mapped_column(Text)
    """Which matrix gave the level: a later one regrades no zone."""
    residual_level: Mapped[int | None] = mapped_column(SmallInteger)
    applies_to: Mapped[str] = mapped_column(Text, server_default=text("'all'"))
    """Codes of `data/codes/applies_to.csv` with commas between."""
    time_of_day: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The incidents ticked, as {source, event}: whether a room is shown one is decided by the incident."""
    suggestion: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What the evidence alone suggests: likelihood, impact, level, method, inputs. Kept beside the judgement."""
    replaces: Mapped[int | None] = mapped_column(BigInteger)
    """The published zone that this one takes the place of once it is published."""
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


class RiskMatrix(Base):
    """A matrix that an operation adopted in place of the shipped one; the one adopted last holds."""

    __tablename__ = "risk_matrix"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    levels: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    """25 levels, likelihood 1 with impact 1 to 5 first."""
    adopted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    adopted_by: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        in_operation("risk_matrix"),
        CheckConstraint("cardinality(levels) = 25 AND 1 <= ALL (levels) AND 5 >= ALL (levels)", name="whole"),
    )


class SecurityArea(Fact, Dated, Base):
    """An area of the UN Security Level System: the general environment, graded 1 to 6. It is no risk level."""

    __tablename__ = "security_area"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    security_level: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str | None] = mapped_column(Text)
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        belongs("security_area", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_security_area_footprint_id", "operation_id", "footprint_id"),
        CheckConstraint("security_level BETWEEN 1 AND 6", name="scale"),
    )


class AccessConstraint(Fact, Dated, Base):
    """What keeps aid from people or people from aid, in the nine categories of the AMRF, on an area, a way or a point."""

    __tablename__ = "access_constraint"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    severity: Mapped[int] = mapped_column(SmallInteger)
    """0 none to 5 extreme."""
    scale: Mapped[str] = mapped_column(Text, server_default=text("'0-5'"))
    """The scale it was graded on before it was brought to 0 to 5."""
    pcode: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    reported_on: Mapped[date] = mapped_column(Date)
    geom: Mapped[Any] = mapped_column(shape("GEOMETRY"), nullable=False)
    __table_args__ = (
        UniqueConstraint("operation_id", "source_key"),
        spatial("access_constraint"),
        CheckConstraint("severity BETWEEN 0 AND 5", name="scale"),
    )
