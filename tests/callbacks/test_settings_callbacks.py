"""Reactions of the pages of Settings, called as plain functions over a real store, as an administrator."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from dash import html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from access import passwords
from access.passwords import hash_password, sign_in
from api.errors import log_unknown
from callbacks import (
    settings_account,
    settings_people,
    settings_projects,
    settings_system,
    settings_tokens,
    settings_undo,
)
from data_access.database import writing
from data_access.models import Token
from data_access.queries import load_memberships, load_people, load_projects, load_sessions, load_tokens
from data_access.queries.system import count_belongings, load_error_notes
from data_access.writes import accept_link, create_cell, create_token, invite, start_session
from data_access.writes.errors import KEPT, keep_error
from layouts import settings_ids as ids
from pressiometry.errors import BarographError, InvalidInputError
from tests.readers import reading_as, triggered

if TYPE_CHECKING:
    from dash import Dash
    from sqlalchemy import Engine

PASSWORD = "correct horse battery"  # noqa: S105 - of people who are made up


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are made at once; what they are good for is not tested here."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def admin(app: "Dash", engine: "Engine") -> Iterator[int]:
    """Number of the only administrator, who asks."""
    person, secret = invite(engine, "lim@lab", "J. Lim", is_admin=True)
    accept_link(engine, secret, hash_password(PASSWORD, "lim@lab"))
    with reading_as(app, "admin", person=person.id):
        yield person.id


def parts_of(tree: Any) -> Iterator[Component]:
    """Every component of what a callback returns."""
    for one in tree if isinstance(tree, list | tuple) else [tree]:
        if isinstance(one, Component):
            yield one
            yield from one._traverse()


def words(tree: Any) -> str:
    """All text in it."""
    if isinstance(tree, list | tuple):
        return " ".join(map(words, tree))
    return words(getattr(tree, "children", None)) if isinstance(tree, Component) else str(tree or "")


def undo_of(toast: dict[str, Any]) -> dict[str, Any]:
    """What the Undo of a message sends."""
    return {"what": toast["title"].children[1].to_plotly_json()["props"]["data-settings-undo"], "at": 1}


def menus(tree: Any) -> dict[tuple[int, int], Any]:
    """Menus of roles by person and project."""
    found = {}
    for part in parts_of(tree):
        name = getattr(part, "id", None)
        if isinstance(name, dict) and name["type"] == "person-role":
            found[name["person"], name["project"]] = part
    return found


def change_role(person: int, project: int, value: str) -> list[dict[str, Any]]:
    """Choose another role in a menu of the table."""
    with triggered(ids.person_role(person, project), "value", value):
        return list(settings_people.change_role([value])[0])


def test_an_invitation_shows_its_link_once_and_until_when_it_works(admin: int, engine: "Engine") -> None:
    """Under the name by which the page was asked for; the person has the role and no password yet."""
    menu = [ids.invited_role(0)]
    title, hides_form, shown, *errors, rest, _ = settings_people.make_invitation(
        1, "S. Park", "Park@Lab", ["viewer"], menu
    )
    assert (title, hides_form, errors, rest) == ("Invitation for S. Park", True, [None, None], "")
    said = words(shown)
    assert "http://localhost/welcome/" in said
    assert "works once, until" in said
    park = next(one for one in load_people(engine) if one.login == "park@lab")
    assert load_memberships(engine)[park.id] == {1: "viewer"}
    table, *_ = settings_people.show(None, False)  # noqa: FBT003
    assert "invited" in words(table)
    assert admin != park.id


def test_what_cannot_be_taken_is_said_at_its_field(admin: int) -> None:
    """A login that is taken, one with blanks, none; nothing is stored."""
    menu = [ids.invited_role(0)]

    def told(name: str, login: str) -> tuple[Any, Any]:
        values = settings_people.make_invitation(1, name, login, ["viewer"], menu)
        return values[3], values[4]

    assert told("", "") == ("Enter a name.", "Enter what is typed to sign in.")
    assert "letters a-z" in told("A", "a b")[1]
    assert settings_people.make_invitation(1, "A", "lim@lab", ["viewer"], menu)[5].startswith("Another person has")
    assert admin


def test_the_only_administrator_stays_and_the_page_says_why(admin: int, engine: "Engine") -> None:
    """Neither removed nor made less, by the page or past it."""
    table, *_ = settings_people.show(None, False)  # noqa: FBT003
    assert "J. Lim is the only administrator" in words(table)
    assert menus(table)[admin, 0].disabled is True
    names = [getattr(part, "id", None) for part in parts_of(table)]
    assert [name["act"] for name in names if isinstance(name, dict) and "act" in name] == ["link"]
    assert "last administrator" in words(change_role(admin, 0, "viewer")[0]["title"])
    with triggered(ids.settings_act("people", "remove", admin)):
        message = settings_people.act([1])[4][0]
    assert "last administrator" in words(message["title"])
    assert [one.is_admin for one in load_people(engine)] == [True]


def test_a_role_is_given_and_taken_back(admin: int, engine: "Engine") -> None:
    """With one project the menu has its roles and admin; a menu that is only drawn changes nothing."""
    person, secret = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    accept_link(engine, secret, hash_password(PASSWORD, "han@lab"))
    (message,) = change_role(person.id, 0, "operator")
    assert words(message["title"].children[0]) == "M. Han: operator"
    assert load_memberships(engine)[person.id] == {1: "operator"}
    with pytest.raises(PreventUpdate):
        change_role(person.id, 0, "operator")
    with triggered("", "", None), pytest.raises(PreventUpdate):
        settings_people.change_role([])  # the table went with its page
    (message,) = change_role(person.id, 0, "admin")
    assert len([one for one in load_people(engine) if one.is_admin]) == 2
    settings_undo.undo(undo_of(message))
    assert [one.login for one in load_people(engine) if one.is_admin] == ["lim@lab"]
    assert load_memberships(engine)[person.id] == {1: "operator"}
    with pytest.raises(InvalidInputError):
        change_role(person.id, 0, "king")
    assert admin


def test_roles_are_given_in_each_of_several_projects(admin: int, engine: "Engine") -> None:
    """A column a project; no access takes the role away."""
    settings_projects.save(1, "Alloys", None)
    second = load_projects(engine)[1].id
    person, _ = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    change_role(person.id, second, "operator")
    change_role(person.id, 1, "none")
    assert load_memberships(engine)[person.id] == {second: "operator"}
    table, *_ = settings_people.show(None, False)  # noqa: FBT003
    shown = {key: menu.value for key, menu in menus(table).items() if key[0] == person.id}
    assert shown == {(person.id, 0): "by project", (person.id, 1): "none", (person.id, second): "operator"}
    assert (admin, 1) not in menus(table)


def test_a_person_is_removed_and_brought_back(admin: int, engine: "Engine") -> None:
    """By the Undo of the message, or from the list of those who were removed."""
    person, _ = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    with triggered(ids.settings_act("people", "remove", person.id)):
        message = settings_people.act([1])[4][0]
    table, count, style = settings_people.show(None, True)  # noqa: FBT003
    assert (count, style) == ("1 person was removed", {})
    assert "Restore" in words(table)
    settings_undo.undo(undo_of(message))
    assert "M. Han" in [one.name for one in load_people(engine)]
    with triggered(ids.settings_act("people", "link", person.id)):
        opened, title, _, shown, *_ = settings_people.act([1])
    assert (opened, title) == (True, "Invitation for M. Han")
    assert "/welcome/" in words(shown)
    assert admin


@pytest.mark.parametrize(
    "what", ["", "[]", "7", '["person"]', '["person", "x"]', '["roles", 1]', '["roles", 1, {"a": 1}, 0]', '["burn", 1]']
)
def test_a_forged_undo_is_refused(admin: int, what: str) -> None:
    """In a sentence, or as an edit that cannot be made; never as a fault."""
    try:
        messages, _ = settings_undo.undo({"what": what})
    except InvalidInputError:
        return
    assert "there is no" in words(messages[0]["title"]).lower()
    assert admin


@pytest.mark.parametrize("forged", [None, 7, True, [], {}, [None], {"project": "x"}, "\x00", "x" * 70_000])
def test_forged_values_are_refused_in_a_sentence(admin: int, engine: "Engine", forged: Any) -> None:
    """Whatever a call holds that no page sends, it is no fault of the server, and nothing is stored."""
    calls: list[Any] = [
        lambda: settings_people.show(forged, forged),
        lambda: settings_people.make_invitation(1, forged, forged, [forged], [{"project": forged}]),
        lambda: settings_people.make_invitation(1, "A", "a", [forged], [ids.invited_role(7)]),
        lambda: change_role(forged, forged, forged),
        lambda: change_role(admin, 0, forged),
        lambda: settings_tokens.create(1, forged, forged, forged, forged),
        lambda: settings_tokens.follow_kind(forged),
        lambda: settings_tokens.revoke(1, forged),
        lambda: settings_projects.save(1, forged, forged),
        lambda: settings_projects.save(1, "A", {"project": forged, "version": forged}),
        lambda: settings_undo.undo({"what": forged}),
        lambda: settings_account.change(1, forged, forged),
    ]
    for act, page in ((settings_people.act, "people"), (settings_projects.act, "projects")):
        calls.append(lambda act=act, page=page: forged_press(act, page, forged))
    people, projects = len(load_people(engine)), len(load_projects(engine))
    for call in calls:
        with suppress(BarographError, PreventUpdate):
            call()
    assert len(load_tokens(engine)) == 0
    assert len(load_projects(engine)) == projects
    assert len(load_people(engine)) <= people + 1  # "A" may be invited without a role


def forged_press(act: Any, page: str, row: Any) -> Any:
    """A press of a button in a row that no page has."""
    with triggered(ids.settings_act(page, "remove", row)):
        return act([1])


def test_a_token_is_shown_once_with_the_lines_for_its_agent(admin: int, engine: "Engine") -> None:
    """Names of channels are quoted; the table never has the secret."""
    _, _, shown, *errors, rest, _ = settings_tokens.create(1, "cycler 1", "agent", ['A"01', "F01"], "30")
    assert (errors, rest) == ([None, None, None], "")
    codes = [words(part) for part in parts_of(shown) if isinstance(part, html.Code)]
    assert codes[0].startswith("baro_")
    assert 'channel = "A\\"01"' in codes[1]
    assert 'server = "http://localhost"' in codes[1]
    assert "insecure_lan = true" in codes[1]
    table = words(settings_tokens.show(None))
    assert "cycler 1" in table
    assert codes[0].split("_")[2] not in table
    assert admin == load_tokens(engine)[0].person_id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("", "agent", ["A"], ""), "name"),
        (("x", "agent", [], ""), "channels"),
        (("x", "agent", ["A"], "soon"), "days"),
        (("x", "agent", ["A"], "0"), "days"),
        (("x", "agent", ["A"], "999999999"), "days"),
    ],
)
def test_a_token_without_what_it_needs_is_not_made(admin: int, engine: "Engine", given: Any, field: str) -> None:
    """And the field says it."""
    values = settings_tokens.create(1, *given)
    told = dict(zip(("name", "channels", "days"), values[3:6], strict=True))
    assert [name for name, text in told.items() if text] == [field]
    assert load_tokens(engine) == []
    assert admin


def test_a_token_is_revoked_after_a_question_and_an_expired_one_is_marked(admin: int, engine: "Engine") -> None:
    """Revoking cannot be undone, so it is asked."""
    assert "No token yet" in words(settings_tokens.show(None))
    token, _ = create_token(engine, name="old", kind="read", channels=[], person_id=admin, days=1)
    with writing(engine) as session:
        found = session.get(Token, token.id)
        assert found is not None
        found.expires_at = found.created_at - timedelta(days=1)
    assert "expired" in words(settings_tokens.show(None))
    with triggered(ids.settings_act("tokens", "revoke", token.id)):
        opened, question, number = settings_tokens.ask([1])
    assert (opened, number) == (True, token.id)
    assert "cannot be brought back" in question
    settings_tokens.revoke(1, number)
    assert load_tokens(engine) == []


def test_a_project_is_removed_only_while_nothing_is_in_it(admin: int, engine: "Engine") -> None:
    """The page says what is; the first one stays."""
    closed, error, (message,), _ = settings_projects.save(1, "Alloys", None)
    assert (closed, error) == (False, None)
    number = load_projects(engine)[1].id
    assert settings_projects.save(1, "Alloys", None)[1].startswith("Another project has this name")
    cell = create_cell(engine, {"name": "A", "project_id": number})
    assert count_belongings(engine) == {number: {"cells": 1}}
    table, _ = settings_projects.show(None)
    assert "Holds 1 cell, and can be removed once it is empty." in words(table)
    with triggered(ids.settings_act("projects", "remove", number)):
        refused = settings_projects.act([1])[5][0]
    assert "not empty" in words(refused["title"])
    assert cell.project_id == number
    assert "not empty" in words(settings_undo.undo(undo_of(message))[0][0]["title"])
    with triggered(ids.settings_act("projects", "rename", number)):
        _, title, name, _, chosen, *_ = settings_projects.act([1])
    assert (title, name) == ("Rename Alloys", "Alloys")
    (message,) = settings_projects.save(1, "Tin", chosen)[2]
    settings_undo.undo(undo_of(message))
    assert [one.name for one in load_projects(engine)][1] == "Alloys"
    assert admin


def test_another_password_asks_for_the_one_before_and_ends_the_other_sessions(app: "Dash", engine: "Engine") -> None:
    """The browser stays signed in; the old password no longer serves."""
    person, secret = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    accept_link(engine, secret, hash_password(PASSWORD, "han@lab"))
    for browser in ("Firefox/140.0 Linux", "Chrome/141.0 Windows"):
        start_session(engine, person.id, ip="10.0.0.7", browser=browser)
    here = load_sessions(engine, person.id)[-1].id
    with reading_as(app, "viewer", person=person.id, session=here):
        facts, sessions, _ = settings_account.show(None)
        assert "han@lab" in words(facts)
        assert "Firefox, Linux" in words(sessions)
        assert words(sessions).count("this browser") == 1
        assert settings_account.change(1, "", "short")[:2] == (
            "Enter the password that you have now.",
            "At least 12 characters; these are 5.",
        )
        assert "password is another one" in settings_account.change(1, "wrong", "another long one")[0]
        assert settings_account.change(1, PASSWORD, "another long one")[:4] == (None, None, "", "")
        assert [one.id for one in load_sessions(engine, person.id)] == [here]
    assert sign_in(engine, "han@lab", "another long one", ip="", browser="")


def test_a_session_of_somebody_else_cannot_be_ended(app: "Dash", engine: "Engine", admin: int) -> None:
    """By its number; one's own can, one by one or all others at once."""
    person, _ = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    for owner in (admin, person.id, person.id, person.id):
        start_session(engine, owner, ip="", browser="")
    foreign = load_sessions(engine, admin)[0].id
    mine = [one.id for one in load_sessions(engine, person.id)]
    with reading_as(app, "viewer", person=person.id, session=mine[0]):
        with triggered(ids.settings_act("account", "end", foreign)), pytest.raises(Exception, match="no session"):
            settings_account.end_one([1])
        with triggered(ids.settings_act("account", "end", mine[1])):
            settings_account.end_one([1])
        (message,), _ = settings_account.end_others(1)
    assert words(message["title"].children[0]) == "1 other session ended"
    assert [one.id for one in load_sessions(engine, person.id)] == [mine[0]]
    assert len(load_sessions(engine, admin)) == 1


def test_the_system_page_shows_the_last_errors_by_the_numbers_that_readers_were_told(
    app: "Dash", engine: "Engine", admin: int
) -> None:
    """With the place in the code; only the last ones are kept."""
    sentence, _ = settings_system.refresh(0)
    assert sentence == "Nothing needs a look."
    try:
        json.loads("{")
    except ValueError as error:
        told = log_unknown(error)
    number = load_error_notes(engine)[0].number
    assert number in told
    sentence, content = settings_system.refresh(0)
    assert sentence == "1 error in the last 24 h."
    assert number in words(content)
    assert "JSONDecodeError" in words(content)
    for count in range(KEPT + 5):
        keep_error(engine, f"{count:08x}", "here", "text")
    assert len(load_error_notes(engine, 10_000)) == KEPT
    assert app.server.config["BAROGRAPH_ACCOUNTS"]
    assert admin


def test_the_system_page_is_there_for_a_single_user(app: "Dash", engine: "Engine") -> None:
    """And the others say that there are no accounts."""
    from layouts import PAGES  # noqa: PLC0415
    from layouts.settings import entrance  # noqa: PLC0415

    with app.server.test_request_context("/"):
        assert entrance() == "/settings/system"
        assert "no accounts" in words(PAGES["settings_people"].layout())
        assert "Signed in" not in words(settings_system.refresh(0)[1])
    assert load_people(engine) == []
