"""Operations, who is in the room, the batches that came in, and what every row said before."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, Handling, InOperation, in_operation

NOW = text("now()")


class Operation(Base):
    """One emergency: a country or a crisis. Everything else belongs to one."""

    __tablename__ = "operation"
    operation_id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    exercise: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    organisation: Mapped[str | None] = mapped_column(Text)
    today: Mapped[date | None] = mapped_column(Date)
    """The day on which an exercise is played; NULL is the calendar's."""
    time_zone: Mapped[str | None] = mapped_column(Text)
    """By whose clocks people travel, as IANA names it; NULL is that of the nearest town."""
    copy_of: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """For which room, of which moment and until when, where all of it is a field copy of an operation elsewhere."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    __table_args__ = (CheckConstraint("key ~ '^[a-z][a-z0-9-]{1,62}$'", name="key_form"),)


class Audience(Base):
    """Who is in the room: the highest handling they may see and how precisely each subject is shown to them."""

    __tablename__ = "audience"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    clearance: Mapped[str] = mapped_column(Handling)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    withheld_domains: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    may_write: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    position: Mapped[int] = mapped_column(Integer)
    __table_args__ = (in_operation("audience"),)


class Batch(InOperation, Base):
    """One import: what file, what it did, whether it was withdrawn."""

    __tablename__ = "batch"
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[str] = mapped_column(Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    landed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    landed_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by: Mapped[str | None] = mapped_column(Text)


class Rejected(InOperation, Base):
    """The rows of a file that did not land, as they came: kept for a time, to be mended and sent again."""

    __tablename__ = "rejected"
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """What they are asked for by; one of both at least."""
    file_name: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(Integer)
    features: Mapped[bool] = mapped_column(Boolean)
    """Whether they are features with shapes, and not rows of a table."""
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        in_operation("rejected"),
        CheckConstraint("num_nonnulls(batch_id, job_id) > 0", name="of_something"),
    )


class ImportTemplate(InOperation, Base):
    """Which columns of a source's files were settled to be what, for its next file. `handling` is that of rows that say none."""

    __tablename__ = "import_template"
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    sheet: Mapped[str | None] = mapped_column(Text)
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    saved_by: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    __table_args__ = (in_operation("import_template"), UniqueConstraint("operation_id", "name"))


class History(InOperation, Base):
    """Every earlier version of every fact: the row as it was, from when until when, and who replaced it."""

    __tablename__ = "history"
    subject: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
    recorded: Mapped[Range[Any]] = mapped_column(TSTZRANGE)
    replaced_by: Mapped[str | None] = mapped_column(Text)
    row: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        Index("ix_history_subject_row_id", "operation_id", "subject", "row_id"),
        Index("ix_history_recorded", "operation_id", "subject", text("upper(recorded)")),
        Index("ix_history_began", "operation_id", text("lower(recorded)")),
    )


class Change(Base):
    """How often each table of an operation has changed: what makes cached tiles stale. Never shown to anybody."""

    __tablename__ = "change"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    due: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """What is kept in place of its records is not made again yet, and is told to nobody until it is."""
