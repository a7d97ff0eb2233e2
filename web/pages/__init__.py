"""Which pages does an operation have, in the order of the navigation?"""

from web import Page
from web.pages import (
    account,
    activity,
    actors,
    compare,
    field,
    imports,
    incidents,
    landing,
    members,
    packs,
    register,
    rooms,
    routes,
)
from web.pages import map as workbench

PAGES: tuple[Page, ...] = (
    workbench.PAGE,
    register.PAGE,
    incidents.PAGE,
    routes.PAGE,
    actors.PAGE,
    packs.PAGE,
    imports.PAGE,
    rooms.PAGE,
    compare.PAGE,
    activity.PAGE,
    field.PAGE,
)
"""Every page, in the order of the navigation."""

WITH_ACCOUNTS: tuple[Page, ...] = (members.PAGE,)
"""Pages that an operation has only where people sign in; after the others."""


ACCOUNT = account.PAGE
"""The page of one's own account, of no operation."""

LANDING = landing.PAGE
"""The operation's own page, which leads to the others and is not part of the navigation."""


def get(name: str) -> Page:
    """The page of that name; KeyError when there is none."""
    for page in (*PAGES, *WITH_ACCOUNTS, LANDING):
        if page.name == name:
            return page
    raise KeyError(name)


__all__ = ["ACCOUNT", "LANDING", "PAGES", "WITH_ACCOUNTS", "Page", "get"]
