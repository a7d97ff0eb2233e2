"""Places: shapes stored once, administrative units, sites, roads, hazards, arrangements, the base map."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import (
    Base,
    Dated,
    Fact,
    InOperation,
    belongs,
    shape,
    spatial,
)


class Shaped:
    """A polygon with its area on the ellipsoid, a point inside it, and its lighter EPSG:3857 copies for small scales."""

    geom: Mapped[Any] = mapped_column(shape("MULTIPOLYGON"), nullable=False)
    km2: Mapped[float] = mapped_column(Float)
    label: Mapped[Any] = mapped_column(shape("POINT"), nullable=False)
    mid: Mapped[Any] = mapped_column(shape("GEOMETRY", srid=3857), nullable=False)
    low: Mapped[Any] = mapped_column(shape("GEOMETRY", srid=3857), nullable=False)


class Footprint(Shaped, InOperation, Base):
    """A shape, stored once however many claims stand on it. It never changes, so history can point at it.

    A claim stands on a footprint of its own subject and handling, or on a boundary's: a footprint is never easier
    to see than some claim that brought it.
    """

    __tablename__ = "footprint"
    subject: Mapped[str] = mapped_column(Text)
    """What the shape was brought by: `boundaries`, `areas.military`, `presence.civil`, `risk_zones`, `hazards` …"""
    hash: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("operation_id", "hash", "subject", "handling"),
        spatial("footprint"),
    )


class Boundary(Fact, Dated, Base):
    """An administrative unit of a COD-AB version."""

    __tablename__ = "boundary"
    level: Mapped[int] = mapped_column(SmallInteger)
    pcode: Mapped[str] = mapped_column(Text)
    cod_version: Mapped[str] = mapped_column(Text, server_default=text("''"))
    name: Mapped[str] = mapped_column(Text)
    names: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    parent_pcode: Mapped[str | None] = mapped_column(Text)
    made_from: Mapped[int | None] = mapped_column(SmallInteger)
    """The level of the units that it was joined of here, for want of it in any file."""
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        belongs("boundary", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "pcode", "cod_version"),
        Index("ix_boundary_footprint_id", "operation_id", "footprint_id"),
    )


class Site(Fact, Dated, Base):
    """A place with a function: clinic, warehouse, distribution point."""

    __tablename__ = "site"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    facility_type: Mapped[str] = mapped_column(Text, server_default=text("'other'"))
    operator: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    pcode: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[Any] = mapped_column(shape("POINT"), nullable=False)
    __table_args__ = (
        UniqueConstraint("operation_id", "source_key"),
        spatial("site"),
    )


class Road(Fact, Dated, Base):
    """A piece of road in UNSDI-T's words."""

    __tablename__ = "road"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    road_class: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    surface: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    condition: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    seasonal: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    practicability: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """The heaviest vehicle class now; 0 is not known."""
    practicability_dry: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    practicability_wet: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    op_status: Mapped[str] = mapped_column(Text, server_default=text("'unspecified'"))
    security: Mapped[str | None] = mapped_column(Text)
    speed_kmh: Mapped[float | None] = mapped_column(Float)
    bridge: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    tunnel: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    oneway: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    length_km: Mapped[float] = mapped_column(Float)
    geom: Mapped[Any] = mapped_column(shape("MULTILINESTRING"), nullable=False)
    __table_args__ = (
        UniqueConstraint("operation_id", "source_key"),
        spatial("road"),
    )


class RoadReport(Fact, Dated, Base):
    """What somebody saw of a road: its status from when to when. The newest that holds on a day stands before the road's own."""

    __tablename__ = "road_report"
    source_key: Mapped[str] = mapped_column(Text)
    road_id: Mapped[int] = mapped_column(BigInteger)
    op_status: Mapped[str] = mapped_column(Text)
    practicability: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    """A category of the AMRF."""
    source: Mapped[str | None] = mapped_column(Text)
    observed_on: Mapped[date] = mapped_column(Date)
    stale_days: Mapped[int] = mapped_column(SmallInteger, server_default=text("30"))
    """Days after which it is stale: told as such, not left out."""
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        belongs("road_report", "road_id", "road", ondelete="CASCADE"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_road_report_road_id", "operation_id", "road_id"),
    )


class HazardArea(Fact, Dated, Base):
    """A suspected or confirmed explosive hazard area and the state of its release."""

    __tablename__ = "hazard_area"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    hazard_type: Mapped[str] = mapped_column(Text)
    hazard_status: Mapped[str] = mapped_column(Text, server_default=text("'open'"))
    hazards: Mapped[str | None] = mapped_column(Text)
    reported_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str | None] = mapped_column(Text)
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        belongs("hazard_area", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_hazard_area_footprint_id", "operation_id", "footprint_id"),
    )


class Arrangement(Fact, Dated, Base):
    """A pause, corridor or notification that parties have agreed on: where and from when to when."""

    __tablename__ = "arrangement"
    source_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    arrangement_type: Mapped[str] = mapped_column(Text)
    parties: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    footprint_id: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        belongs("arrangement", "footprint_id", "footprint"),
        UniqueConstraint("operation_id", "source_key"),
        Index("ix_arrangement_footprint_id", "operation_id", "footprint_id"),
    )


class BaseFeature(InOperation, Base):
    """A piece of the base map: land, border, lake, river or place."""

    __tablename__ = "base_feature"
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    class_: Mapped[str] = mapped_column("class", Text)
    name: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(Integer, server_default=text("5"))
    geom: Mapped[Any] = mapped_column(shape("GEOMETRY"), nullable=False)
    __table_args__ = (spatial("base_feature"),)
