"""People, projects, links, sessions and tokens in the store, the same on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DatabaseError

from data_access.audit import audit
from data_access.base import now
from data_access.database import reading, writing
from data_access.models import Person, SignInFailure
from data_access.queries import (
    find_person,
    find_session,
    first_broken_audit,
    load_audit,
    load_channels_beyond,
    load_link,
    load_memberships,
    load_people,
    load_person,
    load_projects,
    load_sessions,
)
from data_access.writes import (
    accept_link,
    begin_sign_in,
    create_cell,
    create_project,
    create_token,
    delete_person,
    delete_project,
    end_session,
    ensure_channel,
    first_link,
    forget_failures,
    invite,
    rename_project,
    reset_link,
    restore_person,
    restore_project,
    revoke_token,
    set_roles,
    start_session,
    update_cell,
    update_person,
)
from data_access.writes.sessions import FREE_OF_LOGIN, MOST_SESSIONS
from pressiometry.errors import ForbiddenError, InvalidInputError, NameTakenError, NotFoundError, StaleEditError


@pytest.fixture
def ada(engine: Engine) -> Person:
    """The first administrator."""
    return accept_link(engine, first_link(engine), "a hash", login="Ada", name="Ada")


def test_a_person_is_invited_changed_deleted_and_restored(engine: Engine, ada: Person) -> None:
    """A login is free again once its person is deleted; an edit names the version that it saw."""
    otto, _ = invite(engine, "Otto@Lab", "Otto", roles={1: "viewer"})
    assert (otto.login, otto.password_hash) == ("otto@lab", None)
    assert find_person(engine, "OTTO@lab") is not None
    with pytest.raises(NameTakenError):
        invite(engine, "otto@lab", "Another")
    changed = update_person(engine, otto.id, {"name": "Otto Two", "is_admin": True}, version=otto.version)
    assert (changed.name, changed.is_admin, changed.version) == ("Otto Two", True, otto.version + 1)
    with pytest.raises(StaleEditError):
        update_person(engine, otto.id, {"name": "Three"}, version=otto.version)
    with pytest.raises(NameTakenError):
        update_person(engine, otto.id, {"login": "ada"}, version=changed.version)
    delete_person(engine, otto.id)
    assert [person.name for person in load_people(engine)] == ["Ada"]
    with pytest.raises(NotFoundError):
        load_person(engine, otto.id)
    invite(engine, "otto@lab", "Another")
    with pytest.raises(NameTakenError):
        restore_person(engine, otto.id)
    assert load_memberships(engine)[otto.id] == {1: "viewer"}
    assert ada.is_admin


@pytest.mark.parametrize("login", ["", "a b", "-a", "ä", "a" * 61, "a\nb", "../x"])
def test_a_login_is_plain(engine: Engine, login: str) -> None:
    """Letters, digits and a few signs; a name has no hidden ones."""
    with pytest.raises(InvalidInputError) as refused:
        invite(engine, login, "bad\u202ename")
    assert len(refused.value.problems) == 2
    assert load_people(engine) == []


def test_the_last_administrator_who_can_sign_in_stays(engine: Engine, ada: Person) -> None:
    """Neither deleted nor made less, also while another one was invited and has not come."""
    invite(engine, "eve", "Eve", is_admin=True)
    with pytest.raises(ForbiddenError, match="last administrator"):
        delete_person(engine, ada.id)
    with pytest.raises(ForbiddenError, match="last administrator"):
        update_person(engine, ada.id, {"is_admin": False}, version=ada.version)
    eve = find_person(engine, "eve")
    assert eve is not None
    accept_link(engine, reset_link(engine, eve.id), "a hash")
    delete_person(engine, ada.id)
    with pytest.raises(ForbiddenError):
        delete_person(engine, eve.id)


def test_a_first_link_makes_one_administrator(engine: Engine, ada: Person) -> None:
    """Once there is one, a first link that was printed later makes no second."""
    late = first_link(engine)
    with pytest.raises(ForbiddenError):
        accept_link(engine, late, "a hash", login="eve", name="Eve")
    assert [person.id for person in load_people(engine)] == [ada.id]


def test_a_link_is_used_by_one_of_those_who_come_at_once(engine: Engine, ada: Person) -> None:
    """Two browsers with the same link: one gets in."""
    secret = reset_link(engine, ada.id)

    def use(number: int) -> bool:
        try:
            accept_link(engine, secret, f"hash {number}")
        except NotFoundError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]
    assert load_link(engine, secret) is None


def test_tries_that_come_at_once_are_counted_all(engine: Engine) -> None:
    """Twenty at the same time get no more looks at a password than twenty in a row."""
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: begin_sign_in(engine, "ada", "10.0.0.5"), range(20)))
    assert sum(one.wait_until is None for one in tries) == FREE_OF_LOGIN
    assert begin_sign_in(engine, "otto", "10.0.0.6").wait_until is None


def test_failures_are_forgotten_after_a_day_and_after_success(engine: Engine) -> None:
    """Neither the table nor a wait grows for ever."""
    for _ in range(FREE_OF_LOGIN):
        tried = begin_sign_in(engine, "ada", "10.0.0.5")
    assert begin_sign_in(engine, "ada", "10.0.0.5").wait_until is not None
    forget_failures(engine, tried)
    assert begin_sign_in(engine, "ada", "10.0.0.5").wait_until is None
    with writing(engine) as session:
        session.execute(update(SignInFailure).values(failed_at=now() - timedelta(hours=25)))
    begin_sign_in(engine, "otto", "10.0.0.6")
    with reading(engine) as session:
        assert session.query(SignInFailure).count() == 2


def test_a_person_has_so_many_sessions_and_no_more(engine: Engine, ada: Person) -> None:
    """The one that was used longest ago ends; a session of somebody else is not one's own to end."""
    secrets = [start_session(engine, ada.id, ip="", browser="") for _ in range(MOST_SESSIONS + 2)]
    assert len(load_sessions(engine, ada.id)) == MOST_SESSIONS
    assert find_session(engine, secrets[-1]) is not None
    session_id = load_sessions(engine, ada.id)[0].id
    with pytest.raises(NotFoundError):
        end_session(engine, session_id, person_id=ada.id + 1)
    end_session(engine, session_id, person_id=ada.id)
    assert find_session(engine, session_id) is None


def test_roles_are_those_of_projects_that_are_there(engine: Engine, ada: Person) -> None:
    """A role that is none, and a project that is not there, are refused together; what is not named is taken away."""
    with pytest.raises(InvalidInputError) as refused:
        set_roles(engine, ada.id, {1: "owner", 99: "viewer"})
    assert len(refused.value.problems) == 2
    other = create_project(engine, "other")
    set_roles(engine, ada.id, {1: "viewer", other.id: "operator"})
    set_roles(engine, ada.id, {other.id: "viewer"})
    assert load_memberships(engine) == {ada.id: {other.id: "viewer"}}


def test_a_project_goes_when_nothing_belongs_to_it(engine: Engine) -> None:
    """Not the first one; what has a cell belongs where its cell is; restored under a name that is free."""
    other = create_project(engine, "other")
    with pytest.raises(NameTakenError):
        create_project(engine, "other")
    cell = create_cell(engine, {"name": "one", "project_id": other.id})
    with pytest.raises(ForbiddenError, match="1 cells"):
        delete_project(engine, other.id)
    with pytest.raises(ForbiddenError, match="stays"):
        delete_project(engine, 1)
    update_cell(engine, cell.id, {"project_id": 1}, version=cell.version)
    delete_project(engine, other.id)
    assert [project.id for project in load_projects(engine)] == [1]
    assert [project.id for project in load_projects(engine, deleted=True)] == [other.id]
    assert restore_project(engine, other.id).deleted_at is None
    with pytest.raises(StaleEditError):
        rename_project(engine, other.id, "third", version=1)
    assert rename_project(engine, other.id, "third").name == "third"


def test_channels_of_other_projects_are_known_by_name(engine: Engine) -> None:
    """Those that are there and belong elsewhere; new ones belong to nobody yet."""
    other = create_project(engine, "other")
    ensure_channel(engine, "mine")
    theirs = ensure_channel(engine, "theirs")
    with writing(engine) as session:
        session.execute(update(type(theirs)).where(type(theirs).name == "theirs").values(project_id=other.id))
    assert load_channels_beyond(engine, ["mine", "theirs", "new"], frozenset({1})) == {"theirs"}


def test_postgresql_is_the_same(postgres_engine: Engine) -> None:
    """People, tokens, tries at the same time, and a log that refuses edits and is a chain."""
    ada = accept_link(postgres_engine, first_link(postgres_engine), "a hash", login="ada", name="Ada")
    token, _ = create_token(postgres_engine, name="t", kind="agent", channels=["A01"], person_id=ada.id, days=1)
    revoke_token(postgres_engine, token.id)
    secret = start_session(postgres_engine, ada.id, ip="10.0.0.5", browser="b")
    assert find_session(postgres_engine, secret) is not None
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: begin_sign_in(postgres_engine, "ada", "10.0.0.5"), range(16)))
        list(pool.map(lambda number: audit(postgres_engine, "tried", str(number)), range(16)))
    assert sum(one.wait_until is None for one in tries) == FREE_OF_LOGIN
    for statement in ("UPDATE audit SET who = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(DatabaseError, match="append-only"), writing(postgres_engine) as session:
            session.execute(text(statement))
    assert first_broken_audit(postgres_engine) == (len(load_audit(postgres_engine)), None)
