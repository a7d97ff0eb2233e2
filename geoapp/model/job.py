"""Long work that a worker does: what was asked, how far it is, how it ended; and the file it works on, until it ends."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, in_operation


class Job(Base):
    """One piece of work, seen by the room that asked for it."""

    __tablename__ = "job"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    """The key of the room that asked: the work is done under its policies, and only it sees the job."""
    member: Mapped[str | None] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)
    """The asker's Idempotency-Key."""
    digest: Mapped[str | None] = mapped_column(Text)
    """A hash of all that was asked, by which the same question under the same key is known."""
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"))
    step: Mapped[str | None] = mapped_column(Text)
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    of: Mapped[int | None] = mapped_column(BigInteger)
    stop: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Whether somebody wants it stopped."""
    attempt: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """How often a worker has begun it; what an earlier attempt still says is not heard."""
    queue_id: Mapped[int | None] = mapped_column(BigInteger)
    """Its row in the queue, while it waits or runs."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Problem Details of what stopped it."""
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("clock_timestamp()"))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        in_operation("job"),
        UniqueConstraint("operation_id", "audience", "key"),
        Index("ix_job_open", "operation_id", "id", postgresql_where=text("ended_at IS NULL")),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'stopped')", name="known_state"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name="ended"),
    )


class JobFile(Base):
    """The file that a job works on, in pieces, so that a worker on any machine can read it; gone when the job has ended."""

    __tablename__ = "job_file"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    piece: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        ForeignKeyConstraint(
            ["operation_id", "job_id"], ["facts.job.operation_id", "facts.job.id"], name="fk_job_file_job_id",
            ondelete="CASCADE",
        ),
    )  # fmt: skip
