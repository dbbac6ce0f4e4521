"""Reactions of the Instruments page, called as plain functions over a real store."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import TYPE_CHECKING, Any

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate

from callbacks import channels
from data_access.database import db
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel
from data_access.series import load_cell_records
from data_access.writes import assign_channel, create_cell, greet_agent, store_batches
from layouts import ids
from layouts.words import channels as words

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine


@pytest.fixture
def store(app: "Dash") -> Iterator["Engine"]:
    """The engine of the application, within its context."""
    with app.server.app_context():
        yield db.engine


@contextmanager
def triggered(by: str | dict[str, Any], value: Any = 1) -> Iterator[None]:
    """As if a component had been pressed."""
    name = json.dumps(by, separators=(",", ":"), sort_keys=True) if isinstance(by, dict) else by
    said = {"triggered_inputs": [{"prop_id": f"{name}.n_clicks", "value": value}], "updated_props": {}}
    token = context_value.set(AttributeDict(**said))
    yield
    context_value.reset(token)


def send(store: "Engine", channel: str, sequence: int, voltage: float = 3.7, agent: str = "lab-pc") -> None:
    """Store one row of a channel, as from an agent."""
    key = f"{agent}:{channel}:{sequence}:{voltage}"
    row = LiveRow(channel, sequence, time(), 0.0, {"voltage_volt": voltage})
    store_batches(store, [LiveBatch(key, agent, key, key.encode(), time(), [row])])


def chosen(store: "Engine", name: str) -> dict[str, Any]:
    """What the page knows of the chosen channel."""
    return {"name": name, "version": load_channel(store, name).version}


def title(message: dict[str, Any]) -> str:
    """What a toast says first."""
    return str(message["title"].children[0].children)


def detail(store: "Engine", name: str, **seen: Any) -> dict[str, Any]:
    """The panel of a channel, by what it is."""
    assert store is not None
    names = ("shown", "chosen", "name", "status", "nothing", "detail", "facts", "notices", "change", "faults")
    values = channels.show_chosen(f"?channel={name}", None, 0, seen.get("shown"))
    panel = dict(zip(names, values, strict=True))
    if panel["chosen"] is None:
        return panel
    of_form = channels.fill_form(panel["chosen"], seen.get("before"))
    return panel | dict(zip(("filled", "form", "cells", "cell", "first", "unassign", "held"), of_form, strict=True))


def test_without_a_channel_the_page_says_how_to_start_an_agent(store: "Engine") -> None:
    """The list is hidden, the empty state is not."""
    shown = channels.refresh(0, None, None, "")
    assert shown[2:4] == (False, True)
    assert store is not None


def test_an_agent_that_lives_is_shown_before_its_first_row(store: "Engine") -> None:
    """With what waits beside the instrument, and its alarms: what it says is text, whatever it says."""
    greet_agent(store, "lab-pc", {"waiting_rows": 12, "rejected": "many", "alarms": [{"text": "<b>no unit</b>"}, 7]})
    shown = channels.refresh(0, None, None, "")
    assert shown[2:4] == (True, False)
    assert shown[4] == "No channel yet, 1 agent raises an alarm."
    assert "<b>no unit</b>" in str(shown[7])
    assert "12" in str(shown[7])


def test_the_list_is_drawn_again_only_where_it_shows_something_else(store: "Engine") -> None:
    """Ages alone are the browser's business."""
    send(store, "A01", 1)
    seen, *rest = channels.refresh(0, None, None, "?channel=A01")
    assert rest[3] == "1 channel, 1 waits for a cell."
    assert rest[-1] == {"ids": ["A01"]}
    with pytest.raises(PreventUpdate):
        channels.refresh(1, None, seen, "")
    send(store, "A02", 1)
    assert channels.refresh(2, None, seen, "")[4].startswith("2 channels")


def test_a_channel_is_assigned_and_taken_away_again(store: "Engine") -> None:
    """The kept rows go along; the message names both."""
    cell = create_cell(store, {"name": "In0-1"})
    send(store, "A01", 1)
    with triggered(ids.CHANNELS_ASSIGN):
        messages, edited = channels.assign(1, 0, str(cell.id), "", chosen(store, "A01"))
    assert title(messages[0]) == "A01 measures In0-1"
    assert edited is not no_update
    assert load_channel(store, "A01").cell_id == cell.id
    with triggered(ids.CHANNELS_UNASSIGN):
        (message,), _ = channels.assign(1, 1, str(cell.id), "", chosen(store, "A01"))
    assert title(message) == "A01 measures no cell"
    assert load_channel(store, "A01").cell_id is None


def test_an_assignment_from_a_row_on_is_taken_back_by_undo(store: "Engine") -> None:
    """The rows from there on are with the first cell again."""
    first, second = (create_cell(store, {"name": name}) for name in ("In0-1", "In0-2"))
    for sequence in range(1, 6):
        send(store, "A01", sequence)
    for cell, start in ((first, ""), (second, 3)):
        with triggered(ids.CHANNELS_ASSIGN):
            channels.assign(1, 0, str(cell.id), start, chosen(store, "A01"))
    assert load_channel(store, "A01").cell_id == second.id
    change = channels.latest_change(store, load_channel(store, "A01"))
    assert change is not None
    with triggered(ids.channels_undo(change.id)):
        (message,), _ = channels.undo([1], chosen(store, "A01"))
    assert title(message) == "A01 is as before"
    assert load_channel(store, "A01").cell_id == first.id
    assert len(load_cell_records(store, first.id)) == 5


def test_undo_of_an_old_change_is_refused(store: "Engine") -> None:
    """Somebody was here since: nothing is stored."""
    cell = create_cell(store, {"name": "In0-1"})
    send(store, "A01", 1)
    assign_channel(store, "A01", cell.id, version=chosen(store, "A01")["version"])
    change = channels.latest_change(store, load_channel(store, "A01"))
    assert change is not None
    assign_channel(store, "A01", None, version=chosen(store, "A01")["version"])
    with triggered(ids.channels_undo(change.id)):
        (message,), _ = channels.undo([1], chosen(store, "A01"))
    assert title(message) == words.CHANGED_SINCE
    assert load_channel(store, "A01").cell_id is None


def test_an_edit_of_a_version_that_is_gone_is_told_and_stores_nothing(store: "Engine") -> None:
    """And the page loads the channel anew."""
    one, other = (create_cell(store, {"name": name}) for name in ("In0-1", "In0-2"))
    send(store, "A01", 1)
    before = chosen(store, "A01")
    assign_channel(store, "A01", other.id, version=before["version"])
    with triggered(ids.CHANNELS_ASSIGN):
        (message,), edited = channels.assign(1, 0, str(one.id), "", before)
    assert title(message) == words.CHANGED_SINCE
    assert edited is not no_update
    assert load_channel(store, "A01").cell_id == other.id


def test_nothing_happens_where_nothing_was_pressed_or_no_cell_was_chosen(store: "Engine") -> None:
    """A button that appears is not a button that is pressed."""
    send(store, "A01", 1)
    with triggered(ids.CHANNELS_ASSIGN, 0), pytest.raises(PreventUpdate):
        channels.assign(0, 0, "1", "", chosen(store, "A01"))
    with triggered(ids.channels_undo(1), 0), pytest.raises(PreventUpdate):
        channels.undo([0], chosen(store, "A01"))
    with pytest.raises(PreventUpdate):
        channels.release(0, chosen(store, "A01"))
    with triggered(ids.CHANNELS_ASSIGN):
        (message,), edited = channels.assign(1, 0, None, "", chosen(store, "A01"))
    assert title(message) == words.NO_CELL_CHOSEN
    assert edited is no_update


def test_a_cell_that_was_deleted_meanwhile_is_told(store: "Engine") -> None:
    """No number of an error, but a sentence."""
    send(store, "A01", 1)
    with triggered(ids.CHANNELS_ASSIGN):
        (message,), _ = channels.assign(1, 0, "999", "", chosen(store, "A01"))
    assert title(message) == "There is no cell 999. It may have been deleted."


def test_a_second_agent_is_named_and_let_in_by_release(store: "Engine") -> None:
    """Until then nothing of it is stored."""
    send(store, "A01", 1)
    send(store, "A01", 2, agent="other <b>pc</b>")
    shown = detail(store, "A01")
    assert "other <b>pc</b> tried to write here" in str(shown["notices"])
    assert "Second agent" in str(shown["faults"])
    (message,), _ = channels.release(1, chosen(store, "A01"))
    assert title(message) == "A01 is released"
    assert load_channel(store, "A01").agent == "other <b>pc</b>"


def test_fields_keep_what_is_typed_while_the_channel_is_the_same(store: "Engine") -> None:
    """A new row, or a fault, must not empty them."""
    send(store, "A01", 1)
    first = detail(store, "A01")
    assert (first["cell"], first["first"]) == (None, "")
    send(store, "A01", 2)
    again = detail(store, "A01", before=first["chosen"])
    assert (again["cell"], again["first"]) == (no_update, no_update)
    with pytest.raises(PreventUpdate):
        detail(store, "A01", shown=again["shown"])


def test_a_channel_that_is_not_there_is_said(store: "Engine") -> None:
    """A link may be old."""
    shown = detail(store, "gone")
    assert (shown["status"], shown["detail"]) == ("There is no channel gone.", True)


def test_a_chosen_row_goes_into_the_address_once(store: "Engine", monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page itself chose is no choice of the reader."""
    told: list[Any] = []
    monkeypatch.setattr(channels, "set_props", lambda _id, props: told.append(props["search"]))
    channels.choose([{"name": "A 01"}], "")
    channels.choose([{"name": "A 01"}], "?channel=A+01")
    channels.choose({"ids": ["B"]}, "")
    channels.choose([], "")
    assert told == ["?channel=A+01"]
    assert store is not None


def test_what_was_kept_aside_is_downloaded_in_full(store: "Engine", client: "FlaskClient") -> None:
    """As CSV that a spreadsheet cannot run."""
    send(store, "A01", 1)
    send(store, "A01", 1, voltage=3.9)
    shown = channels.refresh(0, None, None, "")
    assert "Voltage 3.9 V" in str(shown[8])
    assert "Voltage 3.7 V" in str(shown[8])
    answer = client.get("/api/v1/quarantine.csv")
    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).splitlines()[0] == "id,received_at,channel,sequence,text,reason"
    assert len(answer.get_data(as_text=True).splitlines()) == 2
