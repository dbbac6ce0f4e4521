"""The People page: everybody with a role in each project, invitations and new passwords by link, removed people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data_access.models import Person, Project
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.settings import moment_words
from layouts.times import time_words
from layouts.words import settings as shared
from layouts.words import settings_people as words

PAGE = "people"
WHOLE = 0
"""Stands for no project: the menu that says whether somebody is administrator."""


@dataclass(frozen=True, slots=True)
class People:
    """What the table shows: `roles` are {person: {project: role}}, `seen` when a person was last there."""

    people: Sequence[Person]
    projects: Sequence[Project]
    roles: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    seen: Mapping[int, datetime] = field(default_factory=dict)
    reader: int | None = None

    @property
    def last_admin(self) -> int | None:
        """The only administrator who can sign in, if there is one only."""
        admins = [one.id for one in self.people if one.is_admin and one.password_hash is not None]
        return admins[0] if len(admins) == 1 else None


def layout() -> Component:
    """Return the page without data, and the dialog of an invitation."""
    invite = parts.button(words.INVITE, kind="primary", picture="plus", id=ids.PEOPLE_INVITE)
    table = html.Div(parts.skeleton(30, 30, 30), id=ids.PEOPLE_TABLE)
    removed = dmc.Switch(id=ids.PEOPLE_SHOWN, label=words.SHOW_REMOVED, checked=False, size="xs")
    below = html.Div([html.Span(id=ids.PEOPLE_COUNT, className="quiet"), removed], className="settings-below")
    panel = parts.panel(words.TITLE, table, subtitle=words.SUBTITLE, controls=[invite])
    return settings.frame(PAGE, panel, below, _dialog())


def _dialog() -> Component:
    """Return the dialog: the form of an invitation, or the link of one that was made."""
    name = dmc.TextInput(
        id=ids.PEOPLE_NAME, label=words.NAME, description=words.NAME_HELP, size="xs", value="", **_ORDER
    )
    login = dmc.TextInput(
        id=ids.PEOPLE_LOGIN, label=words.LOGIN, description=words.LOGIN_HELP, size="xs", value="", **_ORDER
    )
    form = html.Div(
        [
            name,
            login,
            html.Div(id=ids.PEOPLE_ROLES, className="settings-roles"),
            html.P(id=ids.PEOPLE_PROBLEM, role="alert", className="form-summary"),
            settings.foot(parts.button(words.CREATE, kind="primary", id=ids.PEOPLE_CREATE), settings.close_button()),
        ],
        id=ids.PEOPLE_FORM,
        className="settings-form",
    )
    return settings.dialog(ids.PEOPLE_DIALOG, words.INVITE_TITLE, form, html.Div(id=ids.PEOPLE_LINK))


_ORDER: dict[str, Any] = {"inputWrapperOrder": ["label", "input", "description", "error"]}


def role_choices(project: int, projects: int) -> list[dict[str, str]]:
    """Return what a menu of roles offers: with one project its roles and admin in one menu."""
    if project != WHOLE:
        choices = words.PROJECT_CHOICES
    else:
        choices = words.ROLE_CHOICES if projects == 1 else words.WHOLE_CHOICES
    return [{"value": value, "label": label} for value, label in choices.items()]


def role_value(person: Person, roles: Mapping[int, str], project: int, projects: Sequence[Project]) -> str | None:
    """Return what the menu of a person's role shows."""
    if project != WHOLE:
        return roles.get(project, "none")
    if person.is_admin:
        return "admin"
    return roles.get(projects[0].id) if len(projects) == 1 else "by project"


def invited_roles(projects: Sequence[Project]) -> list[Component]:
    """Return the menus of the roles that an invited person gets."""
    whole = _menu(
        ids.invited_role(WHOLE),
        role_choices(WHOLE, len(projects)),
        "viewer" if len(projects) == 1 else "by project",
        label=words.HEAD_ROLE,
        description=words.ROLE_HELP,
        width="100%",
        **_ORDER,
    )
    each = [
        _menu(ids.invited_role(one.id), role_choices(one.id, len(projects)), "none", label=one.name, width=196)
        for one in projects
        if len(projects) > 1
    ]
    return [whole, *each]


def _menu(
    menu_id: dict[str, Any],
    choices: list[dict[str, str]],
    value: str | None,
    *,
    width: int | str = 118,
    **options: Any,
) -> Component:
    shared_options: dict[str, Any] = {
        "size": "xs",
        "w": width,
        "allowDeselect": False,
        "comboboxProps": {"zIndex": 500},
    }
    menu: Component = dmc.Select(id=menu_id, data=choices, value=value, **shared_options, **options)
    return menu


def people_table(shown: People) -> Component:
    """Return the table of those who may sign in."""
    several = len(shown.projects) > 1
    heads = [words.HEAD_NAME, words.HEAD_LOGIN, words.HEAD_ROLE]
    heads += [one.name for one in shown.projects] if several else []
    rows = [_row(person, shown) for person in shown.people]
    return settings.table([*heads, words.HEAD_SEEN, words.HEAD_ACTS], rows, quiet_last=True)


def _row(person: Person, shown: People) -> Component:
    is_last = person.id == shown.last_admin
    you = [parts.badge(shared.YOU)] if person.id == shown.reader else []
    projects = shown.projects if len(shown.projects) > 1 else ()
    seen = shown.seen.get(person.id)
    said = words.NEVER_SEEN if seen is None else moment_words(seen)
    return html.Tr(
        [
            html.Td([html.Strong(person.name), *you]),
            html.Td(person.login),
            html.Td(_role(person, WHOLE, shown, disabled=is_last)),
            *(
                html.Td(words.WHOLE, className="quiet") if person.is_admin else html.Td(_role(person, one.id, shown))
                for one in projects
            ),
            html.Td(
                words.NO_PASSWORD if person.password_hash is None else said,
                title=words.NO_PASSWORD_TITLE if person.password_hash is None else time_words(seen) if seen else None,
                className="quiet" if person.password_hash is None else "",
            ),
            html.Td(_acts(person, is_last=is_last), className="settings-acts"),
        ],
    )


def _role(person: Person, project: int, shown: People, *, disabled: bool = False) -> Component:
    names = {one.id: one.name for one in shown.projects}
    label = words.ROLE_LABEL if project == WHOLE else words.ROLE_IN_LABEL
    value = role_value(person, shown.roles.get(person.id, {}), project, shown.projects)
    return _menu(
        ids.person_role(person.id, project),
        role_choices(project, len(shown.projects)),
        value,
        disabled=disabled,
        placeholder=words.PROJECT_CHOICES["none"],
        **parts.attributes(aria_label=label.format(name=person.name, project=names.get(project, ""))),
    )


def _acts(person: Person, *, is_last: bool) -> Component:
    link = words.REINVITE if person.password_hash is None else words.RESET
    acts = [parts.button(link, kind="quiet", id=ids.settings_act(PAGE, "link", person.id))]
    if is_last:
        acts.append(
            html.Span(words.LAST_ADMIN_SHORT, className="quiet", title=words.LAST_ADMIN.format(name=person.name))
        )
    else:
        acts.append(parts.button(words.REMOVE, kind="quiet", id=ids.settings_act(PAGE, "remove", person.id)))
    return html.Div(acts, className="settings-row-acts")


def removed_table(people: Sequence[Person]) -> Component:
    """Return the table of those who were removed, each with the way back."""
    rows = [
        html.Tr(
            [
                html.Td(person.name),
                html.Td(person.login),
                html.Td(
                    words.REMOVED_AT.format(when=moment_words(person.deleted_at)) if person.deleted_at else "",
                    className="quiet",
                ),
                html.Td(
                    html.Div(
                        parts.button(words.RESTORE, kind="quiet", id=ids.settings_act(PAGE, "restore", person.id)),
                        className="settings-row-acts",
                    ),
                    className="settings-acts",
                ),
            ]
        )
        for person in people
    ]
    heads = [words.HEAD_NAME, words.HEAD_LOGIN, words.HEAD_SEEN, words.HEAD_ACTS]
    return settings.table(heads, rows, quiet_last=True)


def last_admin_note(shown: People) -> Component | None:
    """Return why the only administrator cannot be changed, where there is one only."""
    name = next((one.name for one in shown.people if one.id == shown.last_admin), None)
    return None if name is None else parts.notice("info", words.LAST_ADMIN.format(name=name), class_name="panel-body")


def link_shown(person: Person, address: str, until: datetime, *, is_new: bool) -> Component:
    """Return the link with its copy button, until when it works, and how to give it away."""
    said = words.LINK.format(name=person.name, until=until_words(until))
    note = words.LINK_NOTE.format(name=person.name)
    content = [settings.secret(said, address, note if is_new else f"{note} {words.RESET_NOTE}")]
    done = parts.button(shared.DONE, kind="primary", **parts.attributes(data_close_dialog="1"))
    return html.Div([*content, settings.foot(done)])


def until_words(moment: datetime) -> str:
    """Return a moment to come, to the minute and with its zone.

    >>> from datetime import UTC
    >>> until_words(datetime(2026, 8, 1, 12, 5, 9, tzinfo=UTC))
    '1 Aug 2026, 12:05 UTC'
    """
    return f"{settings.day_words(moment)}, {moment:%H:%M} UTC"
