"""What each room is told of each subject, and what is kept for the rooms that are told less than is recorded."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, Fact, Handling, in_operation, shape, spatial

LABELS, DATES = ("name", "category"), ("day", "week", "month")
"""How actors are called, and how well days are told, the finest first."""


def _of_room(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["operation_id", "audience"], ["facts.audience.operation_id", "facts.audience.key"],
        name=f"fk_{table}_audience", ondelete="CASCADE",
    )  # fmt: skip


class AudienceRule(Fact, Base):
    """What one room is told of one subject; it stands before what `Audience.rules` says of that subject."""

    __tablename__ = "audience_rule"
    audience: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """`risk_zones`; or with the domain of the actor that a record is about, `areas_of_operation.civil`."""
    precision: Mapped[str] = mapped_column(Text)
    withheld: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Fields that are not told."""
    labels: Mapped[str] = mapped_column(Text, server_default=text("'name'"))
    dates: Mapped[str] = mapped_column(Text, server_default=text("'day'"))
    least: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """A district or cell in which fewer organisations are is not told."""
    reason: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        _of_room("audience_rule"),
        UniqueConstraint("operation_id", "audience", "subject"),
        CheckConstraint(
            "precision IN ('exact', 'settlement', 'admin2', 'mgrs10', 'count', 'withheld') AND labels IN ('name', 'category')"
            " AND dates IN ('day', 'week', 'month') AND least BETWEEN 0 AND 100",
            name="words",
        ),
    )


class Form(Base):
    """What one room is told in place of a record of a layer: fixed when something is recorded, and gone when what it was
    made from changes. Nothing finer is in it than the room's rule tells."""

    __tablename__ = "form"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    audience: Mapped[str] = mapped_column(Text, primary_key=True)
    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    handling: Mapped[str] = mapped_column(Handling, server_default=text("'RED'"))
    reads: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The tables it was made from."""
    valid: Mapped[Range[Any]] = mapped_column(DATERANGE)
    row: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The layer's fields as they are told."""
    geom: Mapped[Any] = mapped_column(shape("GEOMETRY"), nullable=False)
    mid: Mapped[Any] = mapped_column(shape("GEOMETRY", srid=3857), nullable=False)
    low: Mapped[Any] = mapped_column(shape("GEOMETRY", srid=3857), nullable=False)
    __table_args__ = (_of_room("form"), spatial("form"))


class FormMade(Base):
    """What a layer's forms were made from for a room."""

    __tablename__ = "form_made"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    audience: Mapped[str] = mapped_column(Text, primary_key=True)
    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    made_from: Mapped[str] = mapped_column(Text)
    """The day, and what rules and SQL say of it."""
    reads: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """The tables it was made from."""
    __table_args__ = (_of_room("form_made"),)


class FormPlace(Base):
    """In which district or 10-km cell a record lies for a room that is told no better: what small ones are counted by. Never
    shown to anybody."""

    __tablename__ = "form_place"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    audience: Mapped[str] = mapped_column(Text, primary_key=True)
    layer: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    """The district's P-code, or the cell's name."""
    cell: Mapped[Any] = mapped_column(shape("POLYGON"), nullable=True)
    """The outline of a cell; NULL for a district."""
    organisations: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Those that the record is about."""
    least: Mapped[int] = mapped_column(SmallInteger)
    """How many of them there must be."""
    told: Mapped[bool] = mapped_column(Boolean)
    """There are as many."""
    counted: Mapped[bool] = mapped_column(Boolean)
    """The record is told as one of a number alone."""
    __table_args__ = (_of_room("form_place"), Index("ix_form_place_unit", "operation_id", "audience", "layer", "unit"))


class FormDue(Base):
    """A row that was changed, by the columns of `Subject.followed`; NULL for more of a table than are followed one by one."""

    __tablename__ = "form_due"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    row: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (in_operation("form_due"),)
