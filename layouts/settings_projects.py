"""The Projects page: which there are, what is in each and who has a role there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data_access.models import Project
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.words import settings_projects as words

PAGE = "projects"
FIRST_PROJECT = 1


@dataclass(frozen=True, slots=True)
class Projects:
    """What the table shows: what each project holds by kind, and (name, role) of the people in it."""

    projects: Sequence[Project]
    holds: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    people: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)


def layout() -> Component:
    """Return the page without data, and the dialog of a name."""
    new = parts.button(words.NEW, kind="primary", picture="plus", id=ids.PROJECTS_NEW)
    table = html.Div(parts.skeleton(30, 30), id=ids.PROJECTS_TABLE)
    note = html.P(id=ids.PROJECTS_COUNT, className="quiet settings-below")
    name = dmc.TextInput(
        id=ids.PROJECTS_NAME,
        label=words.NAME,
        description=words.NAME_HELP,
        value="",
        size="xs",
        inputWrapperOrder=["label", "input", "description", "error"],
        **parts.attributes(data_autofocus="1"),
    )
    save = parts.button(words.SAVE, kind="primary", id=ids.PROJECTS_SAVE)
    form = html.Div([name, settings.foot(save, settings.close_button())], className="settings-form")
    dialog = settings.dialog(ids.PROJECTS_DIALOG, words.NEW, dcc.Store(id=ids.PROJECTS_CHOSEN), form, size="sm")
    return settings.frame(PAGE, parts.panel(words.TITLE, table, subtitle=words.SUBTITLE, controls=[new]), note, dialog)


def projects_table(shown: Projects) -> Component:
    """Return the table of projects."""
    return settings.table(words.HEADS, [_row(project, shown) for project in shown.projects], quiet_last=True)


def _row(project: Project, shown: Projects) -> Component:
    holds = shown.holds.get(project.id, {})
    people = [words.PERSON.format(name=name, role=role) for name, role in shown.people.get(project.id, ())]
    rename = parts.button(words.RENAME, kind="quiet", id=ids.settings_act(PAGE, "rename", project.id))
    why = why_it_stays(project, holds)
    remove = parts.button(
        words.REMOVE,
        kind="quiet",
        id=ids.settings_act(PAGE, "remove", project.id),
        disabled=bool(why),
        title=why or None,
    )
    cells = holds.get("cells", 0)
    return html.Tr(
        [
            html.Td([html.Strong(project.name), *([html.Div(why, className="settings-why")] if why else [])]),
            html.Td(str(cells)),
            html.Td(", ".join(people) or words.NOBODY, className="settings-text" if people else "quiet"),
            html.Td(html.Div([rename, remove], className="settings-row-acts"), className="settings-acts"),
        ]
    )


def why_it_stays(project: Project, holds: Mapping[str, int]) -> str:
    """Return why a project cannot be removed, "" where it can.

    >>> why_it_stays(Project(id=2, name="Alloys"), {"cells": 2, "imports": 1})
    'Holds 2 cells, 1 file, and can be removed once it is empty.'
    """
    if project.id == FIRST_PROJECT:
        return words.FIRST
    held = [words.HELD[kind][count != 1].format(count=count) for kind, count in holds.items() if count]
    return words.HOLDS.format(what=", ".join(held)) if held else ""
