"""What no name may hold is refused in a sentence wherever it comes from: form, grid, CSV list and API alike."""

import base64
import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from callbacks import cell_form, cell_list, cells
from data_access.database import db
from data_access.queries import load_cells, load_events
from data_access.writes import create_cell, store_event
from ingest.live_fields import name_problem
from layouts.cell_fields import DEFAULTS, FIELDS
from pressiometry.errors import InvalidInputError

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

REFUSED = {
    "NUL": "In0\x00-3",
    "a bell": "In0\x07-3",
    "an escape": "In0\x1b[31m-3",
    "a line break": "In0\n-3",
    "a carriage return": "In0\r-3",
    "a tabulator": "In0\t-3",
    "a next line": "In0\x85-3",
    "an override": "In0\u202e3-0nI",
    "an embedding": "In0\u202b-3",
    "an isolate": "In0\u2067-3",
    "a right-to-left mark": "In0\u200f-3",
    "an Arabic letter mark": "In0\u061c-3",
    "a zero-width space": "In0\u200b-3",
    "a zero-width joiner": "In0\u200d-3",
    "a byte order mark": "In0\ufeff-3",
    "a soft hyphen": "In0\u00ad-3",
    "a line separator": "In0\u2028-3",
    "a tag": "In0\U000e0041-3",
    "121 characters": "x" * 121,
}
NOT_IN_NOTES = [kind for kind in REFUSED if "zero-width" not in kind and "byte order" not in kind][:12]
FIELDS_OF_NAMES = ("name", "group", "cause", "tags", "properties", "property names")


def as_values(field: str, text: str) -> dict[str, Any]:
    """A cell with the text in one of its fields."""
    if field == "tags":
        return {"name": "In0-1", "tags": [text]}
    if place(field) == "properties":
        return {"name": "In0-1", "properties": {"rack": text} if field == "properties" else {text: "A"}}
    return {"name": "In0-1", field: text}


def place(field: str) -> str:
    """The field that the sentence names."""
    return "properties" if field == "property names" else field


@pytest.fixture
def store(app: "Dash") -> Iterator["Engine"]:
    """The engine of the application, within its context."""
    with app.server.app_context():
        yield db.engine


@pytest.mark.parametrize("kind", REFUSED)
def test_the_api_refuses_it_in_every_field(client: "FlaskClient", kind: str) -> None:
    """422 with one problem, which names the field; nothing is stored."""
    for field in FIELDS_OF_NAMES:
        answer = client.post("/api/v1/cells", json=as_values(field, REFUSED[kind]))
        assert answer.status_code == 422, (field, answer.get_json())
        (problem,) = answer.get_json()["problems"]
        assert problem.startswith(f"{place(field)}: "), field
        assert "not possible" in problem or "at most 120" in problem
        assert problem.isprintable()
    assert client.get("/api/v1/cells").get_json()["cells"] == []


@pytest.mark.parametrize("kind", REFUSED)
def test_the_form_the_grid_and_the_list_refuse_it(store: "Engine", kind: str) -> None:
    """At its field, in a message, and with its line; the cells stay as they were."""
    text = REFUSED[kind]
    values = [{**DEFAULTS, "name": text}.get(name, "") for name in FIELDS]
    names = [{"type": "cell-field", "field": name} for name in FIELDS]
    opened, errors, *_ = cell_form.save(1, values, names, None, "")
    assert opened
    assert "possible" in errors[list(FIELDS).index("name")]
    cell = create_cell(store, {"name": "In0-1", "group": "A"})
    for column in ("name", "group"):
        row = {"cell_id": cell.id, "version": cell.version}
        (toast,), _ = cells.edit_in_place([{"data": row, "colId": column, "value": text}])
        assert "possible" in str(toast["message"])
    written = io.StringIO()
    csv.writer(written).writerows([["name", "group"], ["In0-2", text], [text, "A"]])
    sent = "data:text/csv;base64," + base64.b64encode(written.getvalue().encode()).decode()
    shown, _, is_off = cell_list.preview(sent)
    assert is_off
    assert str(shown).count("possible") == 2
    assert [(one.name, one.group, one.version) for one in load_cells(store)] == [("In0-1", "A", 1)]


@pytest.mark.parametrize("kind", NOT_IN_NOTES)
def test_notes_have_lines_and_nothing_else_that_is_unseen(store: "Engine", kind: str) -> None:
    """Line breaks and tabulators are as typed; what controls or turns the text is refused, in events too."""
    cell = create_cell(store, {"name": "In0-1", "notes": "first\r\n\tsecond \U0001f469\u200d\U0001f52c"})
    assert cell.notes == "first\n\tsecond \U0001f469\u200d\U0001f52c"
    if kind in {"a line break", "a carriage return", "a tabulator"}:
        assert store_event(store, cell.id, kind="note", text=REFUSED[kind]).text == REFUSED[kind].replace("\r", "\n")
        return
    with pytest.raises(InvalidInputError, match="notes: control and direction"):
        create_cell(store, {"name": "In0-2", "notes": REFUSED[kind]})
    with pytest.raises(InvalidInputError, match="control and direction"):
        store_event(store, cell.id, kind="note", text=REFUSED[kind])
    assert load_events(store, cell.id) == []


@pytest.mark.parametrize("kind", REFUSED)
def test_channels_and_agents_have_no_such_names(client: "FlaskClient", kind: str) -> None:
    """An agent that names itself or its channel so is told; nothing is stored."""
    assert name_problem(REFUSED[kind])
    answer = client.post("/api/v1/agents/heartbeat", json={"agent": REFUSED[kind]})
    assert answer.status_code == 422, answer.get_json()
    assert answer.get_json()["problems"][0].startswith("agent: ")
    assert client.get("/api/v1/channels").get_json()["channels"] == []


def test_one_name_is_one_sequence_of_signs(client: "FlaskClient") -> None:
    """Names are kept in NFC: two that look the same are the same; a channel, whose name is a key, must come so."""
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    first = client.post("/api/v1/cells", json={"name": decomposed, "tags": [decomposed], "group": decomposed})
    assert (first.get_json()["name"], first.get_json()["tags"], first.get_json()["group"]) == (
        composed, [composed], composed,
    )  # fmt: skip
    assert client.post("/api/v1/cells", json={"name": composed}).status_code == 409
    assert name_problem(composed) is None
    assert "NFC" in str(name_problem(decomposed))


def test_a_property_is_named_without_the_sign_that_ends_its_name(client: "FlaskClient") -> None:
    """In the form a property is "name = value": a name with = in it would come back as another one."""
    answer = client.post("/api/v1/cells", json={"name": "a", "properties": {"a=b": "c"}})
    assert answer.status_code == 422
    assert "no =" in answer.get_json()["problems"][0]
