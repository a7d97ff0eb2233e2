"""What happened here: one line for what a member does with many records, never with what is in them.

Who, in which room of which operation, what, how many. No names of places or actors, no coordinates, no tokens: a log has
more readers than the rooms that it speaks of (`tests/observe`).
"""

import logging
from typing import Any

from geoapp.db import Context

_log = logging.getLogger("geoapp.event")


def event(name: str, context: Context, **counted: Any) -> None:
    """Tell that somebody has imported, withdrawn, published or taken something away: `counted` are numbers and kinds."""
    told = {"operation": context.operation, "room": context.audience, "who": context.member} | counted
    _log.info(name, extra={"told": told})
