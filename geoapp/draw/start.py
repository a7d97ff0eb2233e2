"""What does the start page show: every operation that the asker may know of, in one room, and the state of the one chosen?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoapp.audiences import Room
from geoapp.draw.page import inert, templates
from geoapp.model import HANDLING
from geoapp.operations import Operation
from geoapp.scope import say_date
from layers import STACK
from layers._palette import HANDLING as COLORS
from web.pages import PAGES
from web.pages.start import PAGE


@dataclass(frozen=True)
class State:
    """An operation with its rooms and its overview; that is None where it has no such room."""

    operation: Operation
    rooms: Sequence[Room]
    overview: dict[str, Any] | None


def render(states: Sequence[State], audience: str, chosen: str | None, *, nonce: str, base: str = "") -> str:
    """The start page as HTML. `chosen` is the operation whose state is told at length: the one that changed last without.

    Operations that hold something come first, the one that changed last before all.
    """
    order = sorted(states, key=_last, reverse=True)
    first = next((each for each in order if each.operation.key == chosen), order[0] if order else None)
    rooms = {room.key: room.title for each in states for room in each.rooms}
    shown = [each.overview["handling"] for each in states if each.overview and each.overview["handling"]]
    handling = max(shown, key=HANDLING.index, default=HANDLING[0])
    due = [
        line | {"operation": each.operation}
        for each in order if each.overview
        for line in each.overview["due"]
    ]  # fmt: skip
    due.sort(key=lambda line: (line["day"] is None or line["kind"] == "stale", line["day"] or date.max))
    return templates().get_template(PAGE.template).render(
        page=PAGE, pages=PAGES, base=base, nonce=nonce, parts=None, data=inert({"base": base}), panel_id="panel",
        audience=audience, rooms=rooms, handling=handling, handling_color=COLORS[handling], said=say_date,
        first=first, others=[each for each in order if each is not first], due=due, colors=_colors(),
    )  # fmt: skip


def _last(state: State) -> tuple[bool, str, str]:
    about = state.overview
    return (about is not None and not about["empty"], (about or {}).get("changed_at") or "", state.operation.key)


def _colors() -> dict[str, dict[str, str]]:
    """The colour of the line of each class in the small picture, by layer."""
    return {layer.name: {str(rule.value): rule.symbol.stroke or "" for rule in layer.style.rules} for layer in STACK}
