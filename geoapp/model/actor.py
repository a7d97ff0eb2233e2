"""Actors: who operates, under whom, and whether the country team speaks with them."""

from sqlalchemy import BigInteger, Text, UniqueConstraint, text
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
    mandate: Mapped[str | None] = mapped_column(Text)
    mapping_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    interlocutor: Mapped[str] = mapped_column(Text, server_default=text("'undecided'"))
    __table_args__ = (
        belongs("actor", "parent_id", "actor"),
        UniqueConstraint("operation_id", "name_key"),
    )
