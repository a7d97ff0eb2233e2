"""Claims that an actor operates somewhere, and the ground that two of them share."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
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
