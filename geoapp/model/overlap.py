"""Where areas of two actors meet, piece by piece, and the register: one row for each pair of actors."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATEMULTIRANGE, DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, Fact, belongs


class OverlapPair(Fact, Base):
    """Two actors that share ground, and what was agreed about it: a row of the register, whatever pieces of ground they share.

    Where, when and how much is in its pieces (`Overlap`), and a room is told of these alone that it is shown; it is shown the row
    when it is shown one of them. When one of the actors is merged into another, the rows of the same two are joined: all but one
    say into which (`joined_into`), keep what was written on them, and stand alone again when the step is undone.
    `handling` is the lowest of its pieces, and `shown` says for each kind of piece, as `AMBER|areas.military|presence.civil`,
    who is shown it; of one that is joined into another, by the pieces that it had. Both follow from the pieces (`calc.show_pairs`).
    """

    __tablename__ = "overlap_pair"
    number: Mapped[int] = mapped_column(Integer)
    actor_a: Mapped[int] = mapped_column(BigInteger)
    actor_b: Mapped[int] = mapped_column(BigInteger)
    """For whom the row was made: they stay when one of them is merged into another."""
    joined_into: Mapped[int | None] = mapped_column(BigInteger)
    shown: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(Text, server_default=text("'new'"))
    strategy: Mapped[str] = mapped_column(Text, server_default=text("'undetermined'"))
    liaison: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    owner: Mapped[str | None] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("operation_id", "number"),
        belongs("overlap_pair", "joined_into", "overlap_pair"),
        Index("ix_overlap_pair_actor_a", "operation_id", "actor_a"),
        Index("ix_overlap_pair_actor_b", "operation_id", "actor_b"),
        Index(
            "ix_overlap_pair_joined_into",
            "operation_id",
            "joined_into",
            postgresql_where=text("joined_into IS NOT NULL"),
        ),
        Index("ix_overlap_pair_changed", "operation_id", "recorded_at", postgresql_where=text("version > 1")),
        CheckConstraint("actor_a <= actor_b", name="ordered"),
        CheckConstraint("joined_into <> id", name="joined_into_another"),
    )


class Overlap(Fact, Base):
    """A piece of an overlap: two areas of different actors with ground and days in common.

    Of a pair on which somebody wrote, one that ends is kept: `ground_id` is NULL then, `ended` says why, and it is open again once
    its two areas meet again. `incidents` and `risk` are given per handling (index 1 = CLEAR … 5 = RED), so that each audience is
    told only what its rows say.
    """

    __tablename__ = "overlap"
    pair_id: Mapped[int | None] = mapped_column(BigInteger)
    """Its row of the register; NULL only within the transaction that makes it."""
    area_a: Mapped[int] = mapped_column(BigInteger)
    area_b: Mapped[int] = mapped_column(BigInteger)
    actor_a: Mapped[int] = mapped_column(BigInteger)
    actor_b: Mapped[int] = mapped_column(BigInteger)
    """Whose areas they are; it stands when an area was taken away."""
    ground_id: Mapped[int | None] = mapped_column(BigInteger)
    relation: Mapped[str] = mapped_column(Text)
    domain_a: Mapped[str] = mapped_column(Text)
    domain_b: Mapped[str] = mapped_column(Text)
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The subjects of both areas: an audience must be shown both."""
    period: Mapped[Range[Any]] = mapped_column(DATERANGE)
    """From the first to the last day on which both are there."""
    together: Mapped[Any] = mapped_column(DATEMULTIRANGE)
    """Those days."""
    days: Mapped[int | None] = mapped_column(Integer)
    """How many they are; NULL when they have no end."""
    km2: Mapped[float] = mapped_column(Float)
    share_a: Mapped[float] = mapped_column(Float)
    share_b: Mapped[float] = mapped_column(Float)
    incidents: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    """NULL while a bulk load's counts are queued."""
    risk: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    ended: Mapped[str | None] = mapped_column(Text)
    """Why it is no more, a code of `data/codes/endings.csv`; that its days are over is not written here, its period says so."""
    ended_on: Mapped[date | None] = mapped_column(Date)
    last_ground: Mapped[int | None] = mapped_column(BigInteger)
    """The ground that it had when it ended."""
    reopened_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("operation_id", "area_a", "area_b"),
        belongs("overlap", "pair_id", "overlap_pair"),
        Index("ix_overlap_pair_id", "operation_id", "pair_id"),
        Index("ix_overlap_area_b", "operation_id", "area_b"),
        Index("ix_overlap_actor_a", "operation_id", "actor_a"),
        Index("ix_overlap_actor_b", "operation_id", "actor_b"),
        Index("ix_overlap_ground_id", "operation_id", "ground_id"),
        Index("ix_overlap_ended", "operation_id", postgresql_where=text("ended IS NOT NULL")),
        CheckConstraint("area_a < area_b", name="ordered"),
        CheckConstraint("(ended IS NULL) = (ended_on IS NULL)", name="ended_on_a_day"),
    )


class OverlapNote(Fact, Base):
    """What somebody noted on an overlap. It is added and never rewritten; one entered by mistake is withdrawn and stays.

    It may speak of every piece that its writer was shown. `handling` and `subjects` are those of all of these (`pieces`), kept so
    by a trigger: it is shown to who is shown them all.
    """

    __tablename__ = "overlap_note"
    pair_id: Mapped[int] = mapped_column(BigInteger)
    """The row it was written on, which may have been joined into another since."""
    pieces: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    words: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str | None] = mapped_column(Text)
    """The name that was given; who was signed in is `recorded_by`."""
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was withdrawn."""
    __table_args__ = (
        belongs("overlap_note", "pair_id", "overlap_pair", ondelete="CASCADE"),
        Index("ix_overlap_note_pair_id", "operation_id", "pair_id"),
        CheckConstraint("(withdrawn_at IS NULL) = (reason IS NULL)", name="withdrawn_for_a_reason"),
    )
