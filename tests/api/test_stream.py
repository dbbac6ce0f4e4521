"""Live events of one process: what a listener is told, nothing missed and nothing doubled, in bounded memory."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import api.hub
from api.hub import Hub, Snapshot
from api.listener import Listener
from api.live_rows import Position, plain_rows, read_positions, rows_event, write_positions
from api.live_series import MOST_ROWS, load_between
from api.stream import build_id, hub_of
from data_access.database import writing
from data_access.live.batches import LiveBatch, LiveRow
from data_access.models import Cell, Project
from data_access.queries import load_cell, load_channel
from data_access.series import seal
from data_access.writes import assign_channel, create_cell, store_batches

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

Told = list[tuple[str, Any]]

START = time.time() - 3600
"""Wall clock of row 0, s."""


def send(engine: "Engine", channel: str, sequences: Sequence[int], **values: float) -> None:
    """Store rows of a channel, one a second, as an agent's batch."""
    rows = [
        LiveRow(channel, number, START + number, 0.0, values or {"voltage_volt": 3.0 + number / 1e4})
        for number in sequences
    ]
    payload = repr(rows).encode()
    key = f"lab:{hashlib.sha256(payload).hexdigest()}"
    (answer,) = store_batches(engine, [LiveBatch(key, "lab", key[4:], payload, time.time(), rows)])
    assert answer.verdict == "stored", answer


def fed_cell(engine: "Engine", name: str = "In0-1", channel: str = "A01") -> int:
    """A running cell with a channel that has sent ten rows."""
    cell = create_cell(engine, {"name": name, "plating_time_min": 0})
    send(engine, channel, range(1, 11))
    assign_channel(engine, channel, cell.id, version=load_channel(engine, channel).version)
    return cell.id


def series_of(engine: "Engine", channel: str = "A01") -> int:
    """The series that the channel writes."""
    found = load_channel(engine, channel).series_id
    assert found is not None
    return found


class Page:
    """A listener without a network: `read` lets the hub read the store and returns what it was told."""

    def __init__(self, engine: "Engine", rows: Sequence[int] = (), last: str = "", hub: Hub | None = None) -> None:
        """Listen to a hub of its own, or to one that others listen to."""
        self.engine, self.hub = engine, hub or Hub(lambda: engine)
        self.hub._engine = engine
        self.hub._watched |= dict.fromkeys(rows, 1)
        self.listener = Listener(self.hub, None, frozenset(rows), read_positions(last) if last else None)
        self.numbers: list[int] = []

    def read(self, snapshot: Snapshot | None = None) -> Told:
        """What the page is told of a snapshot, a fresh one if none is given; rows are noted by their numbers."""
        news = self.listener.news(snapshot or self.hub._read(self.engine))
        told = [(name, orjson.loads(body)) for name, body in news]
        for name, data in told:
            if name == "rows":
                self.numbers += [one for one in data["columns"]["sequence"] if one is not None]
        return told

    @property
    def position(self) -> str:
        """Where the page would go on."""
        return write_positions(self.listener.positions or {})


def of(told: Told, event: str) -> list[Any]:
    """The data of one kind of event."""
    return [data for name, data in told if name == event]


def test_feeds_tell_the_last_values_of_every_cell_that_has_a_channel(engine: "Engine") -> None:
    """Name, state, status, age, values, step; a cell without a channel is not among them."""
    cell = fed_cell(engine)
    create_cell(engine, {"name": "without"})
    send(engine, "A01", [11], voltage_volt=3.7, current_ampere=0.001, surface_pressure_mpa=70.2)
    (feeds,) = of(Page(engine).read(), "feeds")
    (told,) = feeds["cells"]
    assert (told["cell_id"], told["name"], told["state"]) == (cell, "In0-1", "running")
    assert told["last"] == {"voltage_volt": 3.7, "current_ampere": 0.001, "surface_pressure_mpa": 70.2}
    assert (told["step"], told["status"]) == ("charge", "live")
    assert 0 <= told["age_second"] < 60
    assert told["test_time_second"] == pytest.approx(10.0, abs=0.1)
    assert [one["name"] for one in told["channels"]] == ["A01"]


def test_new_rows_come_once_and_in_order(engine: "Engine") -> None:
    """Whatever the batches, every row after the position of the page is told once."""
    cell = fed_cell(engine)
    page = Page(engine, [cell], f"{series_of(engine)}:4:{late_of(engine)}")
    page.read()
    for start in range(11, 60, 7):
        send(engine, "A01", range(start, start + 7))
        page.read()
    assert page.numbers == list(range(5, 60))


def late_of(engine: "Engine", channel: str = "A01") -> int:
    """The late revision of a channel's series."""
    series, positions = series_of(engine, channel), Hub(lambda: engine)._read(engine).positions
    return next(at.late for cell in positions.values() for one, at in cell.items() if one == series)


def test_a_page_goes_on_where_it_was_with_another_process(engine: "Engine") -> None:
    """A worker dies after every second event: the page comes to another hub with its position; nothing is doubled."""
    cell = fed_cell(engine)
    numbers: list[int] = []
    position = f"{series_of(engine)}:10:{late_of(engine)}"
    for turn in range(12):
        page = Page(engine, [cell], position)
        for part in range(2):
            first = 11 + 10 * turn + 5 * part
            send(engine, "A01", range(first, first + 5))
            page.read()
        numbers += page.numbers
        position = page.position
    assert numbers == list(range(11, 131))


def test_a_page_that_is_ahead_of_a_hub_is_told_nothing_twice(engine: "Engine") -> None:
    """Another process may not have read yet what the page knows already."""
    cell = fed_cell(engine)
    old = Hub(lambda: engine)._read(engine)
    send(engine, "A01", range(11, 21))
    page = Page(engine, [cell], f"{series_of(engine)}:20:{late_of(engine)}")
    assert of(page.read(old), "rows") == []
    send(engine, "A01", range(21, 26))
    page.read()
    assert page.numbers == list(range(21, 26))


def test_a_ring_that_overlaps_the_position_is_cut(engine: "Engine") -> None:
    """One page joins in the middle of an event that is made for another."""
    cell = fed_cell(engine)
    first = Page(engine, [cell], f"{series_of(engine)}:10:{late_of(engine)}")
    first.read()
    send(engine, "A01", range(11, 31))
    snapshot = first.hub._read(engine)
    second = Page(engine, [cell], f"{series_of(engine)}:17:{late_of(engine)}", first.hub)
    first.read(snapshot)
    second.read(snapshot)
    assert first.numbers == list(range(11, 31))
    assert second.numbers == list(range(18, 31))


def test_a_slow_page_is_told_to_draw_anew_and_memory_is_bounded(engine: "Engine") -> None:
    """Rings hold MOST_ROWS rows at most; who missed more than that draws from the store, then goes on."""
    cell = fed_cell(engine)
    slow = Page(engine, [cell], f"{series_of(engine)}:10:{late_of(engine)}")
    slow.read()
    at = 11
    for _ in range(8):
        send(engine, "A01", range(at, at + 1000))
        at += 1000
        snapshot = slow.hub._read(engine)
    assert sum(len(event) for event in snapshot.rings[series_of(engine)]) <= MOST_ROWS
    told = slow.read(snapshot)
    assert of(told, "rows") == []
    assert of(told, "late") == [{"cell_id": cell}]
    send(engine, "A01", range(at, at + 5))
    slow.read()
    assert slow.numbers == list(range(at, at + 5))


def test_a_backlog_is_not_sent_row_by_row(engine: "Engine") -> None:
    """More rows at once than MOST_ROWS: the page draws anew."""
    cell = fed_cell(engine)
    page = Page(engine, [cell])
    page.read()
    for start in range(11, 7011, 1000):
        send(engine, "A01", range(start, start + 1000))
    told = page.read()
    assert (of(told, "rows"), of(told, "late")) == ([], [{"cell_id": cell}])
    assert len(load_between(engine, series_of(engine), 0, 7010)) == MOST_ROWS


def test_late_rows_call_for_a_drawing(engine: "Engine", monkeypatch: pytest.MonkeyPatch) -> None:
    """A row with an older number lies somewhere in what is drawn already; also for one who was away meanwhile."""
    monkeypatch.setattr(api.hub, "CALM_SECOND", 0.0)
    cell = fed_cell(engine)
    page = Page(engine, [cell])
    page.read()
    send(engine, "A01", [30, 31])
    page.read()
    position = page.position
    send(engine, "A01", [20, 21])
    assert of(page.read(), "late") == [{"cell_id": cell}]
    assert of(page.read(), "late") == []
    assert of(Page(engine, [cell], position).read(), "late") == [{"cell_id": cell}]


def test_a_second_channel_of_the_cell_calls_for_a_drawing(engine: "Engine") -> None:
    """A figure that was drawn before it existed has no line for it."""
    cell = fed_cell(engine)
    page = Page(engine, [cell])
    page.read()
    send(engine, "B01", [1, 2], surface_pressure_mpa=70.0)
    assign_channel(engine, "B01", cell, version=load_channel(engine, "B01").version)
    assert of(page.read(), "late") == [{"cell_id": cell}]
    send(engine, "B01", [3], surface_pressure_mpa=70.1)
    (rows,) = of(page.read(), "rows")
    assert rows["columns"]["surface_pressure_mpa"] == [70.1]


def test_results_are_told_when_they_change(engine: "Engine", monkeypatch: pytest.MonkeyPatch) -> None:
    """`cycles` once a change; a page that comes later learns the number from hello and feeds."""
    monkeypatch.setattr(api.hub, "CALM_SECOND", 0.0)
    cell = fed_cell(engine)
    page = Page(engine)
    assert of(page.read(), "cycles") == []
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE cell SET cycles_revision = 3 WHERE id = {cell}")  # noqa: S608
    assert of(page.read(), "cycles") == [{"cell_id": cell, "revision": 3}]
    assert of(page.read(), "cycles") == []
    assert load_cell(engine, cell).cycles_revision == 3


def test_a_gap_is_a_row_of_nulls_and_stays_with_the_row_behind_it(engine: "Engine") -> None:
    """An hour without rows is not bridged by a line."""
    cell = fed_cell(engine)
    page = Page(engine, [cell])
    page.read()
    send(engine, "A01", range(11, 14))
    page.read()
    send(engine, "A01", range(900, 905))
    (rows,) = of(page.read(), "rows")
    columns: Mapping[str, list[Any]] = rows["columns"]
    assert columns["sequence"] == [None, 900, 901, 902, 903, 904]
    assert columns["voltage_volt"][0] is None
    event = next(iter(page.hub._series.values())).ring[-1]
    assert event.beyond(899).columns["sequence"] == [None, 900, 901, 902, 903, 904]
    assert event.beyond(901).columns["sequence"] == [902, 903, 904]


def test_what_no_position_is_says_nothing() -> None:
    """A header that somebody made up starts from now."""
    assert read_positions("1:2") == {}
    assert read_positions("1:2:0; DROP") == {}
    assert read_positions(write_positions({7: Position(9, 1)})) == {7: Position(9, 1)}


def test_rows_hold_only_columns_that_have_a_value(engine: "Engine") -> None:
    """An instrument that measures one thing does not send six columns of nothing."""
    cell = fed_cell(engine)
    table = load_between(engine, series_of(engine), 0, 10)
    event = rows_event(cell, series_of(engine), 0, plain_rows(table), [])
    assert set(event.columns) == {"sequence", "test_time_second", "voltage_volt"}


@pytest.fixture
def once(client: "FlaskClient", app: "Dash") -> Iterator["FlaskClient"]:
    """A client of the polling route; its hub ends with the test."""
    yield client
    hub_of(app.server).alive = lambda: False
    time.sleep(0.2)


def test_one_who_may_not_listen_asks(once: "FlaskClient", engine: "Engine") -> None:
    """The same events by a plain request, from the position it names."""
    cell = fed_cell(engine)
    first = once.get(f"/api/v1/stream/once?rows={cell}").get_json()
    assert [one["event"] for one in first["events"]] == ["hello", "feeds"]
    assert first["events"][0]["data"]["build"] == build_id()
    send(engine, "A01", range(11, 16))
    deadline, position = time.monotonic() + 20, first["id"]
    numbers: list[int] = []
    while len(numbers) < 5 and time.monotonic() < deadline:
        answer = once.get(f"/api/v1/stream/once?rows={cell}&last={position}").get_json()
        position = answer["id"]
        for one in answer["events"]:
            if one["event"] == "rows":
                numbers += one["data"]["columns"]["sequence"]
    assert numbers == list(range(11, 16))


@pytest.mark.parametrize("query", ["cells=x", "rows=1;2", "rows=1,,2", "cells=-1", "what=1"])
def test_a_question_that_is_none_is_refused(client: "FlaskClient", query: str) -> None:
    """Numbers separated by commas, nothing else."""
    assert client.get(f"/api/v1/stream/once?{query}").status_code == 422


def test_too_many_streams_are_refused_clearly(once: "FlaskClient", monkeypatch: pytest.MonkeyPatch) -> None:
    """503 says what to do and when; each stream holds a thread of the server."""
    monkeypatch.setattr(api.hub, "MOST_LISTENERS", 0)
    answer = once.get("/api/v1/stream")
    assert answer.status_code == 503
    assert "stream/once" in answer.get_json()["error"]
    assert answer.headers["Retry-After"] == "10"


def test_rows_that_are_packed_meanwhile_come_all_the_same(engine: "Engine") -> None:
    """Between two readings recent rows may move into a chunk, all of them or the older ones."""
    cell = fed_cell(engine)
    page = Page(engine, [cell], f"{series_of(engine)}:10:{late_of(engine)}")
    page.read()
    at = 11
    for _ in range(3):
        for count, packed in ((10, False), (5, True), (1, False)):
            send(engine, "A01", range(at, at + count))
            at += count
            if packed:
                seal(engine, series_of(engine))
            page.read()
    assert page.numbers == list(range(11, at))


def test_a_page_is_told_of_its_readers_projects_only(engine: "Engine") -> None:
    """Neither values nor rows nor results of another project's cell are told, also where the page asks for them."""
    own, foreign = fed_cell(engine), fed_cell(engine, "In0-2", "A02")
    with writing(engine) as session:
        session.add(Project(id=2, name="another"))
        session.get_one(Cell, foreign).project_id = 2
    page = Page(engine, [own, foreign], f"{series_of(engine)}:10:0,{series_of(engine, 'A02')}:10:0")
    page.listener.projects = frozenset({1})
    page.read()
    for channel in ("A01", "A02"):
        send(engine, channel, range(11, 14))
    with writing(engine) as session:
        for number in (own, foreign):
            session.get_one(Cell, number).cycles_revision += 1
    page.hub._feeds_at = 0.0
    page.hub._revisions_at.clear()
    told = page.read()
    assert {data["cell_id"] for name, data in told if name in {"rows", "late", "cycles"}} == {own}
    assert [cell["cell_id"] for cell in of(told, "feeds")[0]["cells"]] == [own]
