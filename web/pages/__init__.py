"""Which pages does an operation have, in the order of the navigation?"""

from web import Page
from web.pages import imports, incidents, packs, register, rooms, routes
from web.pages import map as workbench

PAGES: tuple[Page, ...] = (
    workbench.PAGE,
    register.PAGE,
    incidents.PAGE,
    routes.PAGE,
    packs.PAGE,
    imports.PAGE,
    rooms.PAGE,
)
"""Every page, in the order of the navigation."""


def get(name: str) -> Page:
    """The page of that name; KeyError when there is none."""
    for page in PAGES:
        if page.name == name:
            return page
    raise KeyError(name)


__all__ = ["PAGES", "Page", "get"]
