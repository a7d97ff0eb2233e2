"""The roads of an operation joined to a network, as a room sees them: built once, read by every process."""

from datetime import datetime

from sqlalchemy import DateTime, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from geoapp.model._base import Base, Handling, in_operation


class Network(Base):
    """What building found, for a room with this clearance and this precision of roads; it is nobody else's, and is gone when
    a road is hidden, redrawn or deleted."""

    __tablename__ = "network"
    operation_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    audience: Mapped[str] = mapped_column(Text, primary_key=True)
    clearance: Mapped[str] = mapped_column(Handling, primary_key=True)
    precision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    built_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When its roads were read."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (in_operation("network"),)
