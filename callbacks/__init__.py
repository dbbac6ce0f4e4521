"""Reactions: one module a page, each a few functions and a short `register(app)`."""

from dash import Dash

from callbacks import (
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
    settings_undo,
    shell,
    wall,
)


def register_all(app: Dash) -> None:
    """Connect every page's functions to the app's components."""
    for module in (shell, overview, cells, cell, compare, import_page, channels, wall, *SETTINGS):
        module.register(app)


SETTINGS = (settings_account, settings_people, settings_tokens, settings_projects, settings_system, settings_undo)
"""The pages of Settings."""
