"""What people see in a browser: which pages there are, their templates, styles and scripts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page of an operation. A new page is one file in `web/pages/`, one template, one line in PAGES."""

    name: str
    path: str
    """After `/operations/{operation}/`."""
    title: str
    """Its word in the navigation."""
    question: str
    """What a person comes to the page to find out."""
    template: str
    scripts: tuple[str, ...]
    """Modules of `web/static/` that the page starts, in order."""
    styles: tuple[str, ...] = ()
    """Style sheets of `web/static/` beyond those of every page."""
    map: bool = False
    """Whether the page has a map in it."""
    reading: tuple[str, ...] = ()
    """How the page is read, for its help: a sentence or two each."""
    keys: tuple[tuple[str, str], ...] = ()
    """Keys of the page beyond those of every page, and what they do."""
    aside: bool = False
    """Opened from the banner of every page, and not part of the navigation."""
    thumb: tuple[str, str] | None = None
    """Its word and icon on the bar at the foot of a phone; pages without are under "More" there."""
