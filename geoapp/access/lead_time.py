"""How long before the departure is there to notify?"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from geoapp.access.passage import hours_of

USUAL_H, EMERGENCY_H = 48.0, 24.0
"""Hours before the departure by which a movement on land is usually notified, and in an emergency."""
_NOW = text("SELECT (SELECT calc.today()) + (now() AT TIME ZONE 'UTC')::time AS now")


def lead(connection: Connection, departure: datetime) -> dict[str, Any]:
    """Hours from the operation's now to the departure, and whether that is short of the usual time. It keeps nobody back."""
    now = connection.execute(_NOW).scalar_one()
    hours = hours_of(departure) - hours_of(now.replace(tzinfo=UTC))
    return {
        "hours": round(hours, 1),
        "usual_hours": USUAL_H,
        "emergency_hours": EMERGENCY_H,
        "short": 0 <= hours < USUAL_H,
    }
