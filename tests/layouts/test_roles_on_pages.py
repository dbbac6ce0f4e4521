"""Everything that a role may not do is absent from the page: no control, no way to it, no call that is refused."""

import json
from collections.abc import Iterator
from time import time
from typing import TYPE_CHECKING, Any

import pytest
from dash import html
from dash.development.base_component import Component

from access.identity import allowed
from access.roles import Role, may, required_role
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel
from data_access.writes import assign_channel, create_cell, create_project, invite, store_batches
from layouts import PAGES, ids, parts, shell
from tests.readers import reading_as

if TYPE_CHECKING:
    from dash import Dash
    from sqlalchemy import Engine

READERS: tuple[Role, ...] = ("viewer", "operator", "admin")


def there(*trees: Component) -> Iterator[str]:
    """Ids of all components; of a pattern its type."""
    for tree in trees:
        for part in (tree, *tree._traverse()):
            name = getattr(part, "id", None)
            if name is not None:
                yield name["type"] if isinstance(name, dict) else name


def named(parts_of_callback: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Ids that a callback names, and whether each is a pattern, of which there may be none."""
    found = []
    for part in parts_of_callback:
        is_pattern = part["id"].startswith("{")
        found.append((json.loads(part["id"])["type"] if is_pattern else part["id"], is_pattern))
    return found


def outputs_of(callback: dict[str, Any]) -> list[dict[str, Any]]:
    """What a callback writes, as its inputs are listed."""
    if callback["no_output"]:
        return []
    outputs = callback["output"].strip(".").split("...")
    return [{"id": output.rsplit(".", 1)[0].replace("\\", "")} for output in outputs if output]


def living_callbacks(app: "Dash", present: set[str]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Callbacks that a browser calls on a page with these ids, each with the ids that it lacks there.

    One without an input, or with outputs of which none is there, is not called.
    """
    for callback in app._callback_list:
        inputs, outputs = named(callback["inputs"]), named(outputs_of(callback))
        if not any(name in present for name, _ in inputs):
            continue
        if outputs and not any(name in present for name, _ in outputs):
            continue
        everything = [*inputs, *outputs, *named(callback["state"])]
        yield callback, [name for name, is_pattern in everything if not is_pattern and name not in present]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_calls_only_what_its_reader_may_and_lacks_nothing_that_it_calls(
    app: "Dash", engine: "Engine", name: str, role: Role
) -> None:
    """A call that is refused would be an error in the console, and one that lacks an id a dead page."""
    page, arguments = PAGES[name], {}
    if name == "cell":
        arguments = {"cell_id": create_cell(engine, {"name": "A"}).id}
    with reading_as(app, role):
        if not allowed(page.role):
            return
        present = set(there(shell.layout(), page.layout(**arguments)))
    lacking, refused = {}, []
    for callback, lacks in living_callbacks(app, present):
        if lacks:
            lacking[callback["output"]] = lacks
        function = app.callback_map.get(callback["output"], {}).get("callback")
        if function is not None and not may(role, required_role(function)):
            refused.append(callback["output"])
    assert lacking == {}
    assert refused == []


def words_of(part: Any) -> str:
    """All text within a component."""
    if isinstance(part, list | tuple):
        return "".join(map(words_of, part))
    return words_of(getattr(part, "children", None)) if isinstance(part, Component) else str(part or "")


def texts(tree: Component) -> set[str]:
    """Words of buttons and links."""
    return {words_of(part) for part in tree._traverse() if isinstance(part, html.Button | html.A)}


def addresses_in(tree: Component) -> list[str]:
    """Where the links of a page lead."""
    return [str(getattr(part, "href", "")) for part in tree._traverse() if isinstance(part, html.A)]


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.role == "viewer"])
def test_a_viewer_finds_no_button_that_changes_something(app: "Dash", engine: "Engine", name: str) -> None:
    """Nor a link to a page that does."""
    arguments = {"cell_id": create_cell(engine, {"name": "A"}).id} if name == "cell" else {}
    forbidden = {"New cell", "Import list", "Import files", "Note", "Assign", "Take from the cell", "Save", "Delete"}
    with reading_as(app, "viewer"):
        tree = html.Div([shell.sidebar(), PAGES[name].layout(**arguments)])
        found = texts(tree)
        leads = set(addresses_in(tree))
    assert found & forbidden == set()
    assert {lead for lead in leads if lead.startswith(("/import", "/settings/people", "/cells?"))} == set()
    with reading_as(app, "operator"):
        others = texts(PAGES["cells"].layout())
    assert {"New cell", "Import list"} <= others


def test_the_side_bar_leads_only_where_the_reader_may_go(app: "Dash", engine: "Engine") -> None:
    """And names the reader, with the way out; a single user sees nothing of accounts."""
    person, _ = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})

    def leads(role: Role) -> tuple[list[str], str]:
        with reading_as(app, role, person=person.id):
            bar = shell.sidebar()
        return addresses_in(bar), str(bar)

    addresses, said = leads("viewer")
    assert "/import" not in addresses
    assert addresses.count("/settings/account") == 2
    assert "M. Han" in said
    assert "/sign-out" in said
    assert "/import" in leads("operator")[0]
    app.server.config["BAROGRAPH_ACCOUNTS"] = False
    with app.server.test_request_context("/"):
        alone = shell.sidebar()
    assert "/settings/system" in [
        str(getattr(part, "href", "")) for part in alone._traverse() if isinstance(part, html.A)
    ]
    assert "sign-out" not in str(alone)


def test_a_page_of_another_role_says_so_and_its_address_is_no_secret(app: "Dash", engine: "Engine") -> None:
    """The page is not drawn; the callbacks behind it refuse on their own."""
    from callbacks.shell import show_page  # noqa: PLC0415 - of the layer above

    person, _ = invite(engine, "han@lab", "M. Han", roles={1: "viewer"})
    with reading_as(app, "viewer", person=person.id):
        assert "This page needs another role" in str(show_page("/settings/people"))
        assert "This page needs another role" in str(show_page("/import"))
        assert "account-facts" in set(there(show_page("/settings")))
    with reading_as(app, "admin", person=person.id):
        assert "people-table" in set(there(show_page("/settings/people")))


def test_a_cell_of_a_project_that_is_only_read_offers_no_edit(app: "Dash", engine: "Engine") -> None:
    """Somebody who is operator in one project is a viewer in another."""
    other = create_project(engine, "Alloys").id
    mine, theirs = create_cell(engine, {"name": "mine"}), create_cell(engine, {"name": "theirs", "project_id": other})
    with reading_as(app, "operator", editable=frozenset({1})):
        page = PAGES["cell"].layout
        assert ids.CELL_NOTE_OPEN in set(there(page(cell_id=mine.id)))
        assert ids.CELL_NOTE_OPEN not in set(there(page(cell_id=theirs.id)))
        assert [parts.may_edit(number) for number in (1, other)] == [True, False]


def test_a_channel_of_a_project_that_is_only_read_cannot_be_assigned(app: "Dash", engine: "Engine") -> None:
    """Its form is not seen, and only cells of one's own projects are offered for others."""
    from callbacks.channels import fill_form  # noqa: PLC0415 - of the layer above

    other = create_project(engine, "Alloys").id
    theirs = create_cell(engine, {"name": "theirs", "project_id": other})
    create_cell(engine, {"name": "mine"})
    for name in ("free", "taken"):
        store_batches(engine, [LiveBatch(name, "pc", name, b"", time(), [LiveRow(name, 0, time(), 0.0, {})])])
    assign_channel(engine, "taken", theirs.id, version=load_channel(engine, "taken").version)
    with reading_as(app, "operator", editable=frozenset({1})):
        shown = {name: fill_form({"name": name, "version": 1}, None) for name in ("free", "taken")}
    assert [shown[name][1] for name in ("free", "taken")] == [False, True]
    assert [cell["label"] for cell in shown["free"][2]] == ["mine"]


def test_a_form_speaks_of_projects_only_where_there_is_a_choice(app: "Dash", engine: "Engine") -> None:
    """One project is invisible; two that may be edited are a menu, two of which one is read are a column."""
    from layouts.cells import cells_columns  # noqa: PLC0415

    def sees(editable: frozenset[int] | None) -> tuple[bool, bool]:
        with reading_as(app, "operator", editable=editable):
            form = [part.id for part in PAGES["cells"].layout()._traverse() if isinstance(getattr(part, "id", 0), dict)]
            fields = {one.get("field") for one in form}
            return "project_id" in fields, "project_id" in {one["field"] for one in cells_columns()}

    assert sees(None) == (False, False)
    create_project(engine, "Alloys")
    assert sees(None) == (True, True)
    assert sees(frozenset({1})) == (False, True)
