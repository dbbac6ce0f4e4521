"""A CSV list of cells: all are created, or none, with every problem and its line."""

from typing import TYPE_CHECKING

import pytest

from ingest.cell_list import read_cell_list
from pressiometry.errors import InvalidInputError

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_a_list_becomes_cells(client: "FlaskClient") -> None:
    """One row a cell; empty is unknown; further properties and tags."""
    text = "name,plating_time_min,active_mass_mg,tags,properties.batch\nIn0-1,0,16.5,a; b,7\nIn5-1,,16.8,,\n"
    answer = client.post("/api/v1/cells/list", data=text.encode())
    assert answer.status_code == 201
    first, second = answer.get_json()["cells"]
    assert (first["plating_time_min"], first["tags"], first["properties"]) == (0.0, ["a", "b"], {"batch": 7.0})
    assert (second["plating_time_min"], second["properties"]) == (None, {})


def test_one_problem_and_nothing_is_created(client: "FlaskClient") -> None:
    """Every problem is named with its line and column."""
    text = "name,active_mass_mg,plating_time_min\nA,heavy,-1\n,1,1\nB,1,1\nB,1,1\n"
    answer = client.post("/api/v1/cells/list", data=text.encode())
    assert answer.status_code == 422
    found = [problem.split(":")[0] for problem in answer.get_json()["problems"]]
    assert found == ["line 2, active_mass_mg", "line 2, plating_time_min", "line 3, name", "line 5, name"]
    assert client.get("/api/v1/cells").get_json()["cells"] == []


def test_a_name_that_is_taken_stops_the_whole_list(client: "FlaskClient") -> None:
    """Nothing half done; the name is told with what else is wrong in its line, a failure without its cause among it."""
    client.post("/api/v1/cells", json={"name": "A"})
    answer = client.post("/api/v1/cells/list", data=b"name,active_mass_mg,state\nB,1,\nA,-1,\nC,1,failed\n")
    assert answer.status_code == 422
    found = [problem.split(":")[0] for problem in answer.get_json()["problems"]]
    assert sorted(found) == ["line 3, active_mass_mg", "line 3, name", "line 4, cause"]
    assert [cell["name"] for cell in client.get("/api/v1/cells").get_json()["cells"]] == ["A"]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_list_of_a_spreadsheet_with_decimal_commas_is_read(separator: str) -> None:
    """Beside a semicolon or tab a comma is a decimal mark; a comma in a name stays."""
    lines = [["name", "active_mass_mg"], ["In0, first", "16,5"]]
    text = "\r\n".join(separator.join(line) for line in lines)
    (cell,) = read_cell_list(b"\xef\xbb\xbf" + text.encode())
    assert (cell["name"], cell["active_mass_mg"]) == ("In0, first", 16.5)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "0 rows"),
        (b"name\n", "0 rows"),
        (b"mass\n1\n", "no column `name`"),
        (b"name,name\na,b\n", "stands there twice"),
        (b"name,colour\na,blue\n", "colour: a cell has no such value"),
        (b"name\na,b\n", "line 2: 2 fields"),
        (b'name\n"' + b"x" * 200_000 + b"\n", "line"),
    ],
)
def test_a_list_that_is_none_says_why(content: bytes, problem: str) -> None:
    """Empty, without names, with columns nobody knows."""
    with pytest.raises(InvalidInputError) as refused:
        read_cell_list(content)
    assert problem in " ".join(refused.value.problems)


def test_a_list_in_an_old_code_page_is_read() -> None:
    """What is not UTF-8 is taken for Windows' western code page."""
    (cell,) = read_cell_list("name\nZelle für Öfen\n".encode("cp1252"))
    assert cell["name"] == "Zelle für Öfen"


def test_every_problem_of_a_list_is_told_at_once() -> None:
    """Header, values, and a name that stands twice: one answer names them all."""
    content = b"name,weird,plating_time_min,active_mass_mg\na,1,-3,abc\na,2,5,1\n"
    with pytest.raises(InvalidInputError) as raised:
        read_cell_list(content)
    told = " | ".join(raised.value.problems)
    for part in ("line 1, weird", "line 2, plating_time_min", "line 2, active_mass_mg", "line 3, name"):
        assert part in told
