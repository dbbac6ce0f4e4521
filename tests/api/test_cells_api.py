"""Cells through the API: create, read, edit, delete, restore; versions; every problem at once."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

CELLS = "/api/v1/cells"


def new_cell(client: "FlaskClient", **values: Any) -> dict[str, Any]:
    """A cell that was created through the API."""
    answer = client.post(CELLS, json={"name": "In5-1"} | values)
    assert answer.status_code == 201, answer.get_json()
    created: dict[str, Any] = answer.get_json()
    return created


def test_a_new_cell_comes_back_as_it_was_sent(client: "FlaskClient") -> None:
    """201 with the cell, its address and its version."""
    sent = {
        "name": "In5-1 µ <b>",
        "plating_time_min": 5,
        "active_mass_mg": 16.7,
        "group": "coated",
        "properties": {"electrolyte": "LPSCl", "batch": 3},
        "tags": ["reference"],
        "started_at": "2026-11-01T10:00:00+09:00",
    }
    answer = client.post(CELLS, json=sent)
    assert answer.status_code == 201
    cell = answer.get_json()
    assert {name: cell[name] for name in sent if name != "started_at"} == {
        k: v for k, v in sent.items() if k != "started_at"
    }
    assert cell["started_at"] == "2026-11-01T01:00:00Z"
    assert cell["electrode_diameter_mm"] == 13.0
    assert answer.headers["ETag"] == '"1"'
    assert client.get(answer.headers["Location"]).get_json() == cell


def test_a_symmetric_cell_has_the_diameter_of_the_lithium_disc(client: "FlaskClient") -> None:
    """12 mm, where nothing else is said."""
    assert new_cell(client, cell_type="symmetric")["electrode_diameter_mm"] == 12.0


def test_every_problem_is_named_at_once(client: "FlaskClient") -> None:
    """Of types, of values and of names, in one answer."""
    body = {
        "name": "x" * 121,
        "plating_time_min": "soon",
        "active_mass_mg": -1,
        "cell_type": "coin",
        "colour": "blue",
        "tags": "one",
        "formation_cycles": 1.5,
    }
    answer = client.post(CELLS, json=body)
    assert answer.status_code == 422
    problems = answer.get_json()["problems"]
    assert {problem.split(":")[0].split(".")[0] for problem in problems} == set(body)
    assert client.get(CELLS).get_json()["cells"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("active_mass_mg", True),
        ("formation_cycles", True),
        ("formation_cycles", 2**63),
        ("formation_cycles", 1_000_001),
        ("temperature_celsius", -400),
        ("started_at", "2026-11-01T10:00:00"),
        ("notes", "a\0b"),
        ("state", "failed"),
    ],
)
def test_what_cannot_be_is_not_taken_without_a_word(client: "FlaskClient", name: str, value: Any) -> None:
    """A problem names the value; a failed cell needs a cause, at once or in an edit."""
    answer = client.post(CELLS, json={"name": "In5-1", name: value})
    assert answer.status_code == 422, answer.get_json()
    (problem,) = answer.get_json()["problems"]
    assert problem.startswith("cause" if name == "state" else name)
    cell = new_cell(client)
    assert _patch(client, cell, '"1"', **{name: value}).status_code == 422


def test_a_failed_cell_keeps_its_cause(client: "FlaskClient") -> None:
    """State and cause come together, or one after the other; the cause cannot be taken away."""
    cell = new_cell(client)
    assert _patch(client, cell, '"1"', cause="short circuit").status_code == 200
    assert _patch(client, cell, '"2"', state="failed").status_code == 200
    assert _patch(client, cell, '"3"', cause=None).status_code == 422
    assert new_cell(client, name="B", state="failed", cause="short circuit")["state"] == "failed"


def test_a_choice_may_be_written_in_capitals(client: "FlaskClient") -> None:
    """E2 is the estimator's name in every text; it is stored as e2."""
    cell = new_cell(client, estimator="E2", cell_type="Symmetric")
    assert (cell["estimator"], cell["cell_type"]) == ("e2", "symmetric")
    assert _patch(client, cell, '"1"', estimator="Automatic").get_json()["estimator"] == "automatic"


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "null"])
def test_a_body_that_is_no_object_is_refused(client: "FlaskClient", body: str) -> None:
    """422 in the one shape of errors."""
    answer = client.post(CELLS, data=body)
    assert answer.status_code == 422
    assert answer.get_json()["problems"]


def test_a_missing_name_is_a_problem(client: "FlaskClient") -> None:
    """A cell needs a name."""
    assert "name" in client.post(CELLS, json={}).get_json()["problems"][0]


def test_a_missing_cause_and_a_taken_name_are_named_with_the_others(client: "FlaskClient") -> None:
    """422 with four problems; with a wrong type among them all the same; 409 only where the name alone is wrong."""
    new_cell(client)
    body: dict[str, Any] = {"name": "In5-1", "state": "failed", "plating_time_min": -1, "estimator": "E9"}
    answer = client.post(CELLS, json=body)
    assert answer.status_code == 422
    assert problem_fields(answer) == ["cause", "estimator", "name", "plating_time_min"]
    answer = client.post(CELLS, json=body | {"tags": 5})
    assert problem_fields(answer) == ["cause", "estimator", "name", "plating_time_min", "tags"]
    answer = client.post(CELLS, json={"name": "In5-1", "state": "failed", "cause": 5})
    assert problem_fields(answer) == ["cause", "name"]
    second = new_cell(client, name="In5-2")
    address, seen = f"{CELLS}/{second['id']}", {"If-Match": '"1"'}
    answer = client.patch(address, json=body, headers=seen)
    assert (answer.status_code, problem_fields(answer)) == (422, ["cause", "estimator", "name", "plating_time_min"])
    answer = client.patch(address, json=body | {"tags": 5}, headers=seen)
    assert problem_fields(answer) == ["cause", "estimator", "name", "plating_time_min", "tags"]
    assert client.patch(address, json={"name": "In5-1"}, headers=seen).status_code == 409


def problem_fields(answer: "TestResponse") -> list[str]:
    """The values that an answer finds wrong."""
    return sorted(problem.split(":")[0].split(".")[0] for problem in answer.get_json()["problems"])


def test_a_taken_name_is_a_conflict(client: "FlaskClient") -> None:
    """409; the name of a deleted cell is free again."""
    cell = new_cell(client)
    assert client.post(CELLS, json={"name": "In5-1"}).status_code == 409
    client.delete(f"{CELLS}/{cell['id']}", headers={"If-Match": '"1"'})
    assert client.post(CELLS, json={"name": "In5-1"}).status_code == 201


def _patch(client: "FlaskClient", cell: dict[str, Any], etag: str | None, **values: Any) -> "TestResponse":
    headers = {} if etag is None else {"If-Match": etag}
    return client.patch(f"{CELLS}/{cell['id']}", json=values, headers=headers)


def test_an_edit_changes_only_what_was_sent(client: "FlaskClient") -> None:
    """The version grows by one."""
    cell = new_cell(client, active_mass_mg=16.7)
    answer = _patch(client, cell, '"1"', notes="looks good")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.get_json() == cell | {"notes": "looks good", "version": 2}


def test_a_value_can_be_made_unknown(client: "FlaskClient") -> None:
    """Null takes it away."""
    cell = new_cell(client, active_mass_mg=16.7)
    assert _patch(client, cell, '"1"', active_mass_mg=None).get_json()["active_mass_mg"] is None


def test_an_edit_without_a_version_is_refused(client: "FlaskClient") -> None:
    """428: nobody overwrites what he has not seen."""
    cell = new_cell(client)
    assert _patch(client, cell, None, notes="x").status_code == 428
    assert client.delete(f"{CELLS}/{cell['id']}").status_code == 428


@pytest.mark.parametrize("etag", ["*", "one", '"1", "2"'])
def test_a_version_that_is_none_is_refused(client: "FlaskClient", etag: str) -> None:
    """400; a star would mean: whatever is there."""
    assert _patch(client, new_cell(client), etag, notes="x").status_code == 400


def test_a_stale_edit_gets_both_versions_and_changes_nothing(client: "FlaskClient") -> None:
    """409 with what the client wanted and what is stored."""
    cell = new_cell(client)
    _patch(client, cell, '"1"', notes="first")
    answer = _patch(client, cell, '"1"', notes="second")
    assert answer.status_code == 409
    assert answer.get_json()["yours"] == {"notes": "second"}
    assert answer.get_json()["current"]["notes"] == "first"
    assert answer.headers["ETag"] == '"2"'
    stale = client.delete(f"{CELLS}/{cell['id']}", headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    assert client.get(f"{CELLS}/{cell['id']}").get_json()["notes"] == "first"


def test_the_etag_of_a_compressed_answer_is_taken_back(client: "FlaskClient") -> None:
    """Compression appends its name to it."""
    cell = new_cell(client, notes="n" * 2000)
    etag = client.get(f"{CELLS}/{cell['id']}", headers={"Accept-Encoding": "br"}).headers["ETag"]
    assert ":br" in etag
    assert _patch(client, cell, etag, notes="x").status_code == 200


def test_a_deleted_cell_is_gone_and_can_be_brought_back(client: "FlaskClient") -> None:
    """204, then 404, then 200."""
    cell = new_cell(client)
    address = f"{CELLS}/{cell['id']}"
    assert client.delete(address, headers={"If-Match": '"1"'}).status_code == 204
    assert client.get(address).status_code == 404
    for version in ('"1"', '"2"'):
        assert client.delete(address, headers={"If-Match": version}).status_code == 404
    assert client.get(CELLS).get_json()["cells"] == []
    assert [c["name"] for c in client.get(f"{CELLS}?deleted=true").get_json()["cells"]] == ["In5-1"]
    assert client.post(f"{address}/restore").get_json()["deleted_at"] is None
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_cell_that_does_not_exist_is_a_404_in_json(client: "FlaskClient", method: str) -> None:
    """With the one shape of errors."""
    answer = client.open(f"{CELLS}/99", method=method.upper(), json={"notes": "x"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 404
    assert answer.get_json()["problems"]


def test_a_change_is_listed_and_can_be_taken_back(client: "FlaskClient") -> None:
    """Undo of an edit."""
    cell = new_cell(client, active_mass_mg=16.7)
    _patch(client, cell, '"1"', active_mass_mg=20.0, notes="heavier")
    newest = client.get(f"/api/v1/changes?kind=cell&object_id={cell['id']}").get_json()["changes"][0]
    assert newest["before"] == {"active_mass_mg": 16.7, "notes": ""}
    undone = client.post(f"/api/v1/changes/{newest['id']}/undo")
    assert undone.status_code == 200
    assert undone.headers["ETag"] == '"3"'
    assert (undone.get_json()["active_mass_mg"], undone.get_json()["notes"], undone.get_json()["version"]) == (
        16.7,
        "",
        3,
    )
    assert client.post("/api/v1/changes/999/undo").status_code == 404
