"""Reactions of the frame, the Overview and the Cells page, called as plain functions over a real store."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate

from callbacks import cell_form, cell_list, cells, example, overview, shell
from data_access.database import db
from data_access.queries import load_cell, load_cells
from data_access.scope import EVERYTHING
from data_access.writes import create_cell, save_setting
from layouts import ids
from layouts.cell_fields import DEFAULTS, FIELDS
from pressiometry.errors import InvalidInputError, StaleEditError

if TYPE_CHECKING:
    from dash import Dash
    from sqlalchemy import Engine

NAMES = [{"type": "cell-field", "field": name} for name in FIELDS]


@pytest.fixture
def store(app: "Dash") -> Iterator["Engine"]:
    """The engine of the application, within its context."""
    with app.server.app_context():
        yield db.engine


@contextmanager
def triggered(by: str | dict[str, Any], prop: str = "n_clicks", value: Any = 1) -> Iterator[None]:
    """As if a component had been pressed."""
    name = json.dumps(by, separators=(",", ":"), sort_keys=True) if isinstance(by, dict) else by
    token = context_value.set(AttributeDict(triggered_inputs=[{"prop_id": f"{name}.{prop}", "value": value}]))
    yield
    context_value.reset(token)


def row(store: "Engine", name: str, **values: Any) -> dict[str, Any]:
    """A new cell, as the grid sends its row."""
    cell = create_cell(store, {"name": name, **values})
    return {"cell_id": cell.id, "version": cell.version, "archived": False, "deleted": False}


def filled(**values: Any) -> list[Any]:
    """Values of the form, in its order."""
    return [values.get(name, DEFAULTS.get(name, "")) for name in FIELDS]


def undo_numbers(toast: dict[str, Any]) -> str:
    """The changes that a toast's Undo takes back."""
    return str(toast["title"].children[1].to_plotly_json()["props"]["data-undo"])


def shown(outputs: list[Any]) -> dict[str, Any]:
    """What the Overview shows, by component and property."""
    return {
        f"{one.component_id}.{one.component_property}": value
        for one, value in zip(overview.OUTPUTS, outputs, strict=True)
    }


def test_an_unknown_address_gets_a_page_that_says_so(store: "Engine") -> None:
    """And a known one its own, with the number of its cell."""
    assert "nowhere" in str(shell.show_page("/nowhere"))
    assert "overview" in str(shell.show_page(None))
    assert "cell" in str(shell.show_page("/cells/3"))
    assert store is not None


def test_undo_takes_back_all_changes_the_last_first(store: "Engine") -> None:
    """A cell that was renamed twice has its first name again."""
    one = row(store, "a")
    for version, name in ((1, "b"), (2, "c")):
        cells.edit_in_place([{"data": {**one, "version": version}, "colId": "name", "value": name}])
    last = cells.latest_change(store, one["cell_id"])
    shell.undo({"changes": f"{last},{last - 1}"})
    assert load_cell(store, one["cell_id"]).name == "a"
    with pytest.raises(PreventUpdate):
        shell.undo(None)


def test_an_empty_store_shows_the_empty_state_and_nothing_twice(store: "Engine") -> None:
    """The second look at the same store changes nothing on the page."""
    first = shown(overview.refresh(0, None, "", None, None))
    assert first[f"{ids.OVERVIEW_EMPTY}.hidden"] is False
    assert first[f"{ids.OVERVIEW_LIST}.hidden"] is True
    with pytest.raises(PreventUpdate):
        overview.refresh(1, None, "", None, first[f"{ids.OVERVIEW_STATE}.data"])
    assert store is not None


def test_the_overview_lists_filters_and_says_that_nothing_fits(store: "Engine") -> None:
    """State and search narrow the list; the sentence still counts all."""
    row(store, "In0-1", plating_time_min=0, synthetic="synthetic, not from the paper")
    row(store, "In5-1", plating_time_min=5, state="finished", properties={"rack": "A"})
    page = shown(overview.refresh(0, None, "?state=ended&by=plating", None, None))
    assert page[f"{ids.OVERVIEW_SENTENCE}.children"] == "2 cells: 1 running, 1 ended."
    assert [one.get("name") for one in page[f"{ids.OVERVIEW_GRID}.rowData"]] == [None, "In5-1"]
    assert "1 of them are synthetic" in str(page[f"{ids.OVERVIEW_DETAIL}.children"])
    assert page[f"{ids.OVERVIEW_PROPERTY}.data"] == [{"value": "property:rack", "label": "rack"}]
    none = shown(overview.refresh(0, None, "", "no such cell", None))
    assert none[f"{ids.OVERVIEW_NOTHING}.hidden"] is False


def test_the_group_controls_follow_the_address() -> None:
    """A property leaves the first control without a choice."""
    assert overview.follow_address("?by=group") == ("group", None)
    assert overview.follow_address("?by=property:rack") == ("", "property:rack")
    assert overview.show_property_control([]) == {"display": "none"}
    assert overview.show_property_control([1]) == {}


def test_the_example_is_made_once_and_its_end_is_told(store: "Engine", app: "Dash") -> None:
    """While it is being made a second press starts nothing; afterwards the page is calm again."""
    started, go_on = threading.Event(), threading.Event()
    calls = []

    def loader(engine: "Engine") -> None:
        calls.append(engine)
        started.set()
        go_on.wait(10)

    app.server.config["LOAD_EXAMPLE"] = loader
    example.load(1)
    assert started.wait(10)
    assert example.state(store) == "loading"
    example.load(2)
    page = shown(overview.refresh(0, None, "", None, None))
    assert page[f"{ids.OVERVIEW_SENTENCE}.children"] == "Making the example experiment."
    go_on.set()
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.current_thread():
            thread.join(5)
    assert example.state(store) == ""
    assert calls == [store]


def test_an_example_that_never_ended_does_not_block_the_page_for_ever(store: "Engine") -> None:
    """A server that was killed meanwhile leaves no eternal message."""
    since = datetime.now(UTC) - timedelta(hours=1)
    save_setting(store, example.SETTING, {"state": "loading", "since": since.isoformat()})
    assert example.state(store) == ""


def test_a_failed_example_says_so_in_the_store(store: "Engine", caplog: pytest.LogCaptureFixture) -> None:
    """The reason is in the log."""

    def loader(_engine: "Engine") -> None:
        raise RuntimeError("no room")

    example._load(store, loader, EVERYTHING)
    assert example.state(store) == "failed"
    assert "could not be made" in str(
        shown(overview.refresh(0, None, "", None, None))[f"{ids.OVERVIEW_DETAIL}.children"]
    )
    assert "no room" in caplog.text


def test_removing_the_example_leaves_the_real_cells(store: "Engine") -> None:
    """Only what is marked synthetic goes, and it comes back."""
    row(store, "real")
    row(store, "made", synthetic="synthetic")
    (toast,), _ = example.remove([1])
    assert [cell.name for cell in load_cells(store)] == ["real"]
    shell.undo({"changes": undo_numbers(toast)})
    assert [cell.name for cell in load_cells(store)] == ["real", "made"]


def test_an_edit_in_the_grid_is_stored_told_and_undone(store: "Engine") -> None:
    """The message names old and new value."""
    one = row(store, "a", active_mass_mg=16.0)
    (toast,), _ = cells.edit_in_place([{"data": one, "colId": "active_mass_mg", "value": 17}])
    assert "16 is now 17." in str(toast["message"])
    shell.undo({"changes": undo_numbers(toast)})
    assert load_cell(store, one["cell_id"]).active_mass_mg == 16


@pytest.mark.parametrize(
    ("column", "value", "said"), [("active_mass_mg", -1, "not greater"), ("name", " ", "needs a name")]
)
def test_an_edit_that_cannot_be_taken_changes_nothing(store: "Engine", column: str, value: Any, said: str) -> None:
    """The message says why."""
    one = row(store, "a")
    (toast,), _ = cells.edit_in_place([{"data": one, "colId": column, "value": value}])
    assert said in str(toast["message"])
    assert load_cell(store, one["cell_id"]).version == 1


def test_a_stale_edit_is_refused(store: "Engine") -> None:
    """Two people edited; the second one is told."""
    one = row(store, "a")
    for group in ("x", "y"):
        (toast,), _ = cells.edit_in_place([{"data": one, "colId": "group", "value": group}])
    assert "changed by somebody else" in str(toast["message"])
    assert load_cell(store, one["cell_id"]).group == "x"


@pytest.mark.parametrize("action", ["archive", "delete", "group", "plating_time_min"])
def test_what_is_done_with_chosen_cells_is_undone_for_all(store: "Engine", action: str) -> None:
    """One toast, one Undo."""
    chosen = [row(store, name) for name in ("a", "b")]
    with triggered(ids.cells_bulk(action)):
        (toast,), _, _ = cells.change_chosen([1], chosen, "dry room", 5)
    stored = load_cells(store, archived=True, deleted=True)
    changed: Any = {
        "archive": lambda cell: cell.archived_at is not None,
        "delete": lambda cell: cell.deleted_at is not None,
        "group": lambda cell: cell.group == "dry room",
        "plating_time_min": lambda cell: cell.plating_time_min == 5,
    }[action]
    assert all(changed(cell) for cell in stored)
    shell.undo({"changes": undo_numbers(toast)})
    assert not any(changed(cell) for cell in load_cells(store, archived=True, deleted=True))


def test_the_bar_offers_what_fits_the_chosen_cells() -> None:
    """Restore only for deleted ones, Edit only for one."""
    actions = [{"action": name} for name in ("edit", "archive", "unarchive", "delete", "restore", "group")]
    kept = {"archived": False, "deleted": False}
    assert cells.show_bulk_bar([kept], actions) == (False, "1 cell chosen", [False, False, True, False, True, False])
    deleted = {"archived": False, "deleted": True}
    assert cells.show_bulk_bar([deleted, deleted], actions)[2] == [True, True, True, True, False, True]
    assert cells.show_bulk_bar(None, actions)[0] is True


def test_the_form_opens_with_the_defaults_or_the_cell(store: "Engine") -> None:
    """13 mm for a new cell; the cell's own values for another."""
    with triggered(ids.CELLS_NEW):
        opened, title, edited, values, errors, _ = cell_form.open_form(1, 0, [], "", None, NAMES)
    assert (opened, title, edited) == (True, "New cell", None)
    assert dict(zip(FIELDS, values, strict=True))["electrode_diameter_mm"] == "13"
    assert not any(errors)
    one = row(store, "a", tags=["x"], properties={"rack": "A"}, started_at="2026-08-01T10:02")
    with triggered(ids.LOCATION, "search", "?edit=1"):
        _, title, edited, values, _, _ = cell_form.open_form(0, 0, [], f"?edit={one['cell_id']}", None, NAMES)
    form = dict(zip(FIELDS, values, strict=True))
    assert (title, edited) == ("Edit a", {"cell_id": one["cell_id"], "version": 1})
    assert (form["tags"], form["properties"], form["started_at"]) == (["x"], "rack = A", "2026-08-01 10:02")
    with triggered(ids.LOCATION, "search", ""), pytest.raises(PreventUpdate):
        cell_form.open_form(0, 0, [], "", None, NAMES)


def test_saving_an_unchanged_form_changes_nothing(store: "Engine") -> None:
    """What is shown and stored again is the same value."""
    one = row(store, "a", tags=["x"], properties={"C-rate": 0.5}, started_at="2026-08-01T10:02", active_mass_mg=16.72)
    with triggered(ids.LOCATION, "search"):
        _, _, edited, values, _, _ = cell_form.open_form(0, 0, [], f"?edit={one['cell_id']}", None, NAMES)
    cell_form.save(1, values, NAMES, edited, "")
    assert load_cell(store, one["cell_id"]).version == 1


def test_every_problem_of_the_form_stands_at_its_field(store: "Engine") -> None:
    """Also that of a line of the properties; nothing is stored."""
    values = filled(name="", active_mass_mg=-1, properties="rack")
    opened, errors, summary, *_ = cell_form.save(1, values, NAMES, None, "")
    told = {name: error for name, error in zip(FIELDS, errors, strict=True) if error}
    assert opened is True
    assert set(told) == {"name", "active_mass_mg", "properties"}
    assert summary == "3 values cannot be taken; each says why at its field."
    assert load_cells(store) == []


def test_what_was_typed_is_never_turned_into_another_number(store: "Engine") -> None:
    """A decimal comma is one; a negative time stays negative and is refused, not made 0 = uncoated."""
    cell_form.save(1, filled(name="a", active_mass_mg="12,5"), NAMES, None, "")
    assert load_cells(store)[0].active_mass_mg == 12.5
    _, errors, *_ = cell_form.save(1, filled(name="b", plating_time_min="-5"), NAMES, None, "")
    assert dict(zip(FIELDS, errors, strict=True))["plating_time_min"] == "-5 is negative"


def test_a_taken_name_is_told_beside_everything_else(store: "Engine") -> None:
    """All problems at once, the name's too."""
    row(store, "a")
    _, errors, *_ = cell_form.save(1, filled(name="a", active_mass_mg="-1"), NAMES, None, "")
    told = {name for name, error in zip(FIELDS, errors, strict=True) if error}
    assert told == {"name", "active_mass_mg"}


def test_a_taken_name_is_told_at_the_name(store: "Engine") -> None:
    """Another cell has it."""
    row(store, "a")
    _, errors, *_ = cell_form.save(1, filled(name="a"), NAMES, None, "")
    assert errors[0] == "another cell has this name"


def test_a_new_cell_is_stored_and_its_creation_undone(store: "Engine") -> None:
    """Empty fields stay unknown; the address forgets what opened the form."""
    opened, _, _, (toast,), _, search = cell_form.save(1, filled(name="a"), NAMES, None, "?new=1")
    assert (opened, search) == (False, "")
    assert load_cells(store)[0].active_mass_mg is None
    shell.undo({"changes": undo_numbers(toast)})
    assert load_cells(store) == []


def test_the_diameter_follows_the_cell_type_unless_it_was_entered() -> None:
    """12 mm is the Li disc of a symmetric cell."""
    assert cell_form.follow_type("symmetric", "13") == "12"
    assert cell_form.follow_type("full", "12") == "13"
    assert cell_form.follow_type("symmetric", "10").__class__.__name__ == "NoUpdate"


def as_upload(text: str) -> str:
    """A file as the browser sends it."""
    return "data:text/csv;base64," + base64.b64encode(text.encode()).decode()


def test_a_list_is_previewed_with_every_problem_and_stored_only_whole(store: "Engine") -> None:
    """A taken name is a problem before the button is pressed."""
    row(store, "a")
    content, _, disabled = cell_list.preview(as_upload("name,active_mass_mg\na,1\n"))
    assert disabled
    assert "a: another cell has this name" in str(content)
    content, button, disabled = cell_list.preview(as_upload("name,properties.rack\nb,A\nc,B\n"))
    assert (button, disabled) == ("Create 2 cells", False)
    assert "rack = A" in str(content)
    _, (toast,), _ = cell_list.create(1, as_upload("name\nb\nc\n"), "list.csv")
    assert [cell.name for cell in load_cells(store)] == ["a", "b", "c"]
    shell.undo({"changes": undo_numbers(toast)})
    assert [cell.name for cell in load_cells(store)] == ["a"]
    with pytest.raises(InvalidInputError):
        cell_list.create(1, as_upload("name\na\n"), "list.csv")


def test_many_problems_are_cut_off_and_counted() -> None:
    """The first thirty and how many more."""
    text = "name,active_mass_mg\n" + "".join(f"n{at},x\n" for at in range(40))
    content, button, disabled = cell_list.preview(as_upload(text))
    assert "and 10 more" in str(content)
    assert (button, disabled) == ("Create cells", True)
    assert cell_list.preview(None) == (None, "Create cells", True)


def test_an_undo_that_came_too_late_is_refused(store: "Engine") -> None:
    """The value was changed again since."""
    one = row(store, "a")
    (toast,), _ = cells.edit_in_place([{"data": one, "colId": "group", "value": "x"}])
    cells.edit_in_place([{"data": {**one, "version": 2}, "colId": "group", "value": "y"}])
    with pytest.raises(StaleEditError):
        shell.undo({"changes": undo_numbers(toast)})


def test_the_grid_shows_views_and_an_empty_store(store: "Engine") -> None:
    """Deleted cells have their own view and hint."""
    *_, table_hidden, empty_hidden = cells.refresh(None, "all")
    assert (table_hidden, empty_hidden) == (True, False)
    row(store, "a")
    rows, _, sentence, hint, *_ = cells.refresh(None, "all")
    assert ([one["name"] for one in rows], sentence) == (["a"], "1 cell, 1 in the lab, 0 archived.")
    assert hint.startswith("Double-click")
    assert cells.refresh(None, "deleted")[3].startswith("Deleted cells")
