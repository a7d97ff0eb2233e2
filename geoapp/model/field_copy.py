"""Field copies: which were given out, what was in each, and what came home from it."""

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
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, InOperation, belongs, in_operation

STATES = ("applied", "conflict", "refused", "dropped")
"""What became of an edit: it is in the record, or waits for a decision beside a record that changed meanwhile, or could not be
made and says why, or somebody decided that it is not."""


class FieldCopy(InOperation, Base):
    """A copy of the operation, as one room is told of it, that an office without a line took along."""

    __tablename__ = "field_copy"
    key: Mapped[str] = mapped_column(Text)
    """By which the file names itself: a random word."""
    audience: Mapped[str] = mapped_column(Text)
    ends_on: Mapped[date] = mapped_column(Date)
    """The last day on which it opens."""
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    taken_by: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[bytes] = mapped_column(LargeBinary)
    """The hash of a secret in the copy, which what comes home from it brings back."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_why: Mapped[str | None] = mapped_column(Text)
    """`lost` or `over`: nothing comes home from it any more."""
    returned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When something came home from it last."""
    returned_by: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        in_operation("field_copy"),
        UniqueConstraint("operation_id", "key"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_for_a_reason"),
    )


class FieldRecord(Base):
    """A record that may be changed in a copy: by its number there, which record here it is, and at which version."""

    __tablename__ = "field_record"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    copy_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    collection: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    home_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    """At which it was given out, or brought to by the copy's own edit."""
    coarse: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Its place in the copy is coarser than here."""
    made: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """It was made in the copy."""
    __table_args__ = (belongs("field_record", "copy_id", "field_copy", ondelete="CASCADE"),)


class FieldEdit(InOperation, Base):
    """One edit that was made in a copy and brought home."""

    __tablename__ = "field_edit"
    copy_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    """What it is about in the copy: the same for every edit of one record."""
    digest: Mapped[str] = mapped_column(Text)
    """Of all that it says: the same edit is known by it when it is brought again."""
    collection: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
    home_id: Mapped[int | None] = mapped_column(BigInteger)
    edit: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """As it was brought: what is done, values, what they were, shape."""
    entered_by: Mapped[str | None] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    brought_by: Mapped[str | None] = mapped_column(Text)
    brought_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    state: Mapped[str] = mapped_column(Text)
    why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """As an error is told: why it waits or was refused, or what of it was not taken."""
    version: Mapped[int | None] = mapped_column(Integer)
    """Of the record here once it was applied."""
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        belongs("field_edit", "copy_id", "field_copy", ondelete="CASCADE"),
        UniqueConstraint("operation_id", "copy_id", "key", "digest"),
        Index("ix_field_edit_state", "operation_id", "state"),
        CheckConstraint("state IN ('applied', 'conflict', 'refused', 'dropped')", name="state"),
    )
