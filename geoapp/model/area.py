"""Claims that an actor operates somewhere, the ground two of them share, and the register kept on it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import (
    Base,
    Dated,
    Fact,
    InOperation,
    belongs,
    spatial,
)
from geoapp.model.place import Shaped


class Area(Fact, Dated, Base):
    """The claim that an actor operates: by whom, as what, how sure. Its ground is in its parts.

    `positioning` is `presence` for a 3W organisation × sector; `valid` spans the parts; `km2` is their union.
    """

    __tablename__ = "area"
    source_key: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    domain: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """`presence.` or `areas.` and the domain: what an audience's rules are about."""
    name: Mapped[str | None] = mapped_column(Text)
    positioning: Mapped[str] = mapped_column(Text)
    sector: Mapped[str | None] = mapped_column(Text)
    activity: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=text("'active'"))
    source: Mapped[str | None] = mapped_column(Text)
    reliability: Mapped[str | None] = mapped_column(Text)
    credibility: Mapped[str | None] = mapped_column(Text)
    disputed: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    km2: Mapped[float] = mapped_column(Float)
    __table_args__ = (
        belongs("area", "actor_id", "actor"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_area_actor_id", "operation_id", "actor_id"),
        CheckConstraint(
            "domain <> 'civil' OR positioning NOT IN ('patrol_area', 'boundary')",
            name="civil_positioning",
        ),
    )


class AreaPart(Fact, Dated, Base):
    """One piece of an area: a footprint and when. A 3W part remembers the rows it stands on."""

    __tablename__ = "area_part"
    area_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(Text)
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    pcode: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    activity: Mapped[str | None] = mapped_column(Text)
    source_rows: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    __table_args__ = (
        belongs("area_part", "area_id", "area", ondelete="CASCADE"),
        belongs("area_part", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "area_id", "footprint_id", "valid"),
        Index("ix_area_part_footprint_id", "operation_id", "footprint_id"),
    )


class Ground(Shaped, InOperation, Base):
    """Ground that two footprints share, or the union of several such pieces; computed once, never changed.

    A pair that shares nothing worth naming (a sliver, a common border) is kept with km2 = 0, so that it is not
    computed again.
    """

    __tablename__ = "ground"
    footprint_a: Mapped[int | None] = mapped_column(BigInteger)
    footprint_b: Mapped[int | None] = mapped_column(BigInteger)
    members: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    """The grounds this one is the union of, in order; NULL for a pair."""
    __table_args__ = (
        UniqueConstraint("operation_id", "footprint_a", "footprint_b"),
        UniqueConstraint("operation_id", "members"),
        CheckConstraint("(footprint_a IS NULL) = (members IS NOT NULL)", name="pair_or_union"),
        spatial("ground"),
    )


class Overlap(Fact, Base):
    """Two areas of different actors with ground and days in common, and what was agreed about it.

    Its number and its register survive an edit of either shape. One that somebody wrote on and that ends is kept: `ground_id`
    is NULL then, `ended` says why, and it is open again, as it was, once its two areas meet again; also when one of them was
    taken away and another of the same actor and subject stands in its place. `incidents` and `risk` are given per handling
    (index 1 = CLEAR … 5 = RED), so that each audience is told only what its rows say.
    """

    __tablename__ = "overlap"
    number: Mapped[int] = mapped_column(Integer)
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
    days: Mapped[int | None] = mapped_column(Integer)
    """Days on which both are there; NULL when the period has no end."""
    km2: Mapped[float] = mapped_column(Float)
    share_a: Mapped[float] = mapped_column(Float)
    share_b: Mapped[float] = mapped_column(Float)
    incidents: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    """NULL while a bulk load's counts are queued."""
    risk: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    status: Mapped[str] = mapped_column(Text, server_default=text("'new'"))
    strategy: Mapped[str] = mapped_column(Text, server_default=text("'undetermined'"))
    liaison: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    owner: Mapped[str | None] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    ended: Mapped[str | None] = mapped_column(Text)
    """Why it is no more, a code of `data/codes/endings.csv`; that its days are over is not written here, its period says so."""
    ended_on: Mapped[date | None] = mapped_column(Date)
    last_ground: Mapped[int | None] = mapped_column(BigInteger)
    """The ground that it had when it ended."""
    reopened_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("operation_id", "area_a", "area_b"),
        UniqueConstraint("operation_id", "number"),
        Index("ix_overlap_area_b", "operation_id", "area_b"),
        Index("ix_overlap_ground_id", "operation_id", "ground_id"),
        Index("ix_overlap_changed", "operation_id", "recorded_at", postgresql_where=text("version > 1")),
        Index("ix_overlap_ended", "operation_id", postgresql_where=text("ended IS NOT NULL")),
        CheckConstraint("area_a < area_b", name="ordered"),
        CheckConstraint("(ended IS NULL) = (ended_on IS NULL)", name="ended_on_a_day"),
    )


class OverlapNote(Fact, Base):
    """What somebody noted on an overlap. It is added and never rewritten; one entered by mistake is withdrawn and stays.

    `handling` and `subjects` are its overlap's, kept so by a trigger: who is shown the overlap is shown its notes.
    """

    __tablename__ = "overlap_note"
    overlap_id: Mapped[int] = mapped_column(BigInteger)
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
        belongs("overlap_note", "overlap_id", "overlap", ondelete="CASCADE"),
        Index("ix_overlap_note_overlap_id", "operation_id", "overlap_id"),
        CheckConstraint("(withdrawn_at IS NULL) = (reason IS NULL)", name="withdrawn_for_a_reason"),
    )
