"""Actors: who operates, under whom, and whether the country team speaks with them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, Fact, belongs

DOMAINS = (
    "civil",
    "military",
    "police",
    "paramilitary",
    "non_state_armed",
    "private_security",
    "unknown",
)


class Actor(Fact, Base):
    """An organisation, force or group. Origin, domain and kind say what it is; nothing says whose side it is on."""

    __tablename__ = "actor"
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    """The name without case, accents, punctuation: what a file's name is matched by."""
    acronym: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    domain: Mapped[str] = mapped_column(Text, server_default=text("'unknown'"))
    kind: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    lineage: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """The actor and all above it in its chain of command: these never overlap with it."""
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    """The actor that this one is, since somebody merged them: its row stays, so that its name leads there."""
    other_names: Mapped[str | None] = mapped_column(Text)
    """Former and other names with semicolons between; a file's name is matched by these too."""
    mandate: Mapped[str | None] = mapped_column(Text)
    mission: Mapped[str | None] = mapped_column(Text)
    """One of the four groups of missions by which support of a force is judged (DOMAIN 1.6)."""
    role: Mapped[str | None] = mapped_column(Text)
    why_mapped: Mapped[str | None] = mapped_column(Text)
    works_in: Mapped[str | None] = mapped_column(Text)
    """Sectors, with commas between."""
    method: Mapped[str | None] = mapped_column(Text)
    """How it works, and how that differs from others."""
    interlocutor: Mapped[str] = mapped_column(Text, server_default=text("'undecided'"))
    interlocutor_on: Mapped[date | None] = mapped_column(Date)
    interlocutor_by: Mapped[str | None] = mapped_column(Text)
    interlocutor_note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    reliability: Mapped[str | None] = mapped_column(Text)
    credibility: Mapped[str | None] = mapped_column(Text)
    reviewed_on: Mapped[date | None] = mapped_column(Date)
    review_due: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        belongs("actor", "parent_id", "actor"),
        belongs("actor", "merged_into", "actor"),
        UniqueConstraint("operation_id", "name_key"),
    )


class ActorStep(Fact, Base):
    """A merging of two actors or a splitting of one: what it moved, so that it can be undone.

    A merging moves what was of `other_id` to `actor_id`, a splitting what was of `actor_id` to `other_id`.
    """

    __tablename__ = "actor_step"
    kind: Mapped[str] = mapped_column(Text)
    """`merge` or `split`."""
    actor_id: Mapped[int] = mapped_column(BigInteger)
    other_id: Mapped[int] = mapped_column(BigInteger)
    other_name: Mapped[str] = mapped_column(Text)
    """As it was called: an actor that was split off is gone when that is undone."""
    areas: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    units: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """Actors under the one, now under the other."""
    names: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """Actors that had been merged into the one before."""
    stood_under: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the kept actor itself was a unit of the one that was merged."""
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    taken_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        belongs("actor_step", "actor_id", "actor"),
        Index("ix_actor_step_actor_id", "operation_id", "actor_id"),
    )
