"""What every stored row carries: its operation first in every key, how it may be shared, when it was true, where it came from."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HANDLING = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""TLP 2.0 in order: a row is seen by audiences whose clearance is at least its handling."""

Handling = Enum(*HANDLING, name="handling", schema="facts")


class Base(DeclarativeBase):
    metadata = MetaData(
        schema="facts",
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


class InOperation:
    """A row of one operation, numbered within the table."""

    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True, sort_order=-20)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-19)
    handling: Mapped[str] = mapped_column(Handling, server_default=text("'AMBER'"), sort_order=-18)


class Fact(InOperation):
    """A row whose earlier versions are kept: see `facts.remember` and `facts.history`."""

    batch_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=90)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), sort_order=91)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"), sort_order=92)
    recorded_by: Mapped[str | None] = mapped_column(Text, sort_order=93)


class Dated:
    """When it was, is or will be true in the world; NULL bounds are open."""

    valid: Mapped[Range[Any]] = mapped_column(DATERANGE, server_default=text("'(,)'"), sort_order=-17)


def shape(kind: str, *, srid: int = 4326) -> Geometry:
    """A geometry column type; its GiST index is declared with `spatial`."""
    return Geometry(kind, srid=srid, spatial_index=False)


def spatial(table: str, column: str = "geom") -> Index:
    """The GiST index under which a box is found."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="gist")


def belongs(table: str, column: str, to: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key of `table` within the operation: (operation_id, column) → (operation_id, id) of `to`."""
    return ForeignKeyConstraint(
        ["operation_id", column],
        [f"facts.{to}.operation_id", f"facts.{to}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
    )


def in_operation(table: str) -> ForeignKeyConstraint:
    """The foreign key to the operation itself."""
    return ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name=f"fk_{table}_operation")
