"""Projects: cells are made in one, moved between those that a person may edit, and listed with them."""

from collections.abc import Iterator

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import Engine

from data_access.database import writing
from data_access.models import Project
from data_access.scope import EVERYTHING, Scope, set_scope
from data_access.writes import create_cell


@pytest.fixture
def person(app: Dash, engine: Engine) -> Iterator[FlaskClient]:
    """A person who edits project 2, reads project 1 and has nothing to do with project 3."""
    with writing(engine) as session:
        session.add_all([Project(id=2, name="solid"), Project(id=3, name="liquid")])
    server = app.server
    server.before_request_funcs.setdefault(None, []).append(
        lambda: set_scope(Scope(frozenset({1, 2}), frozenset({2}), "Mira"))
    )
    yield server.test_client()
    set_scope(None)


def test_the_projects_of_a_person_are_listed(person: FlaskClient) -> None:
    """Those that may be read, and whether they may be edited."""
    found = person.get("/api/v1/projects").get_json()["projects"]
    assert [(one["id"], one["editable"]) for one in found] == [(1, False), (2, True)]


def test_a_cell_goes_where_its_maker_may_put_it(person: FlaskClient) -> None:
    """Into the first editable project, or the named one; into another one it does not, with a sentence."""
    made = person.post("/api/v1/cells", json={"name": "a"})
    assert made.get_json()["project_id"] == 2
    assert person.post("/api/v1/cells", json={"name": "b", "project_id": 2}).status_code == 201
    for foreign in (1, 3, 99):
        refused = person.post("/api/v1/cells", json={"name": "c", "project_id": foreign})
        assert refused.status_code == 422
        assert "project_id: there is no project" in refused.get_json()["error"]
        version = {"If-Match": made.headers["ETag"]}
        moved = person.patch(f"/api/v1/cells/{made.get_json()['id']}", json={"project_id": foreign}, headers=version)
        assert moved.status_code == 422


def test_taken_names_are_refused_though_they_are_not_seen(person: FlaskClient, engine: Engine) -> None:
    """One by one and in a list: a sentence, nothing is stored."""
    set_scope(EVERYTHING)
    create_cell(engine, {"name": "hidden", "project_id": 3})
    assert person.post("/api/v1/cells", json={"name": "hidden"}).status_code == 409
    listed = person.post("/api/v1/cells/list", data="name\nnew\nhidden\n", headers={"Content-Type": "text/csv"})
    assert listed.status_code in {409, 422}
    assert [cell["name"] for cell in person.get("/api/v1/cells").get_json()["cells"]] == []
