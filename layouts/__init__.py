"""The pages: their names, addresses, icons and layouts, and how an address finds its page."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dash.development.base_component import Component

from access.roles import Role
from layouts import (
    cell,
    cells,
    channels,
    compare,
    import_page,
    overview,
    settings_account,
    settings_people,
    settings_projects,
    settings_system,
    settings_tokens,
    wall,
)
from layouts.words import pages as words
from layouts.words import settings as settings_words


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `path` may hold parts in angle brackets, which its layout takes as keyword arguments.

    A layout can be made without any argument (for the check of callbacks at the start) and holds no data.  Whoever
    has not the role is told so instead, and is offered no way to the page.
    """

    name: str
    path: str
    title: str
    icon: str
    layout: Callable[..., Component]
    in_navigation: bool = True
    role: Role = "viewer"

    def match(self, pathname: str) -> dict[str, int] | None:
        """Parts of an address as numbers if it is one of this page, else None.

        >>> PAGES["cell"].match("/cells/12")
        {'cell_id': 12}
        >>> PAGES["cell"].match("/cells/all") is None
        True
        """
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[0-9]{1,9})", self.path)
        found = re.fullmatch(f"{pattern}/?" if self.path != "/" else pattern, pathname)
        return None if found is None else {name: int(value) for name, value in found.groupdict().items()}


def _setting(name: str, role: Role, layout: Callable[..., Component]) -> Page:
    """Return one page of Settings; layouts/settings.py leads to it."""
    title = settings_words.PAGES[name]
    return Page(f"settings_{name}", f"/settings/{name}", title, "settings", layout, in_navigation=False, role=role)


PAGES: dict[str, Page] = {
    page.name: page
    for page in (
        Page("overview", "/", words.OVERVIEW, "overview", overview.layout),
        Page("cells", "/cells", words.CELLS, "cells", cells.layout),
        Page("cell", "/cells/<cell_id>", words.CELL, "cells", cell.layout, in_navigation=False),
        Page("compare", "/compare", words.COMPARE, "compare", compare.layout),
        Page("import", "/import", words.IMPORT, "import", import_page.layout, role="operator"),
        Page("channels", "/channels", words.CHANNELS, "plug", channels.layout),
        _setting("account", "viewer", settings_account.layout),
        _setting("people", "admin", settings_people.layout),
        _setting("tokens", "admin", settings_tokens.layout),
        _setting("projects", "admin", settings_projects.layout),
        _setting("system", "admin", settings_system.layout),
        Page("wall", "/wall", words.WALL, "expand", wall.layout, in_navigation=False),
    )
}
"""Every page, in the order of the side bar."""


def find_page(pathname: str) -> tuple[Page, dict[str, int]] | None:
    """The page at an address and the numbers in it, or None where there is none.

    >>> page, parts = find_page("/cells/3")
    >>> page.name, parts
    ('cell', {'cell_id': 3})
    >>> find_page("/nowhere") is None
    True
    """
    for page in PAGES.values():
        parts = page.match(pathname)
        if parts is not None:
            return page, parts
    return None
