"""The wall through the API: stored results of running cells, and no others."""

from time import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from api import wall
from api.wall import Wall
from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel, load_cycle_values
from data_access.writes import archive_cell, assign_channel, create_cell, replace_cycles, store_batches, update_cell

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy import Engine


def results(percent: list[float]) -> pd.DataFrame:
    """Complete cycles of an hour with this relative indicator."""
    count = len(percent)
    return pd.DataFrame(
        {
            "cycle_count": range(1, count + 1),
            "state": "complete",
            "masked": 0,
            "start_second": [3600.0 * cycle for cycle in range(count)],
            "end_second": [3600.0 * cycle + 3500 for cycle in range(count)],
            "mechanical_signal": "surface_pressure_mpa",
            "delta_delta_p_q_percent": percent,
            "discharging_capacity_mah_per_g": 160.0,
        }
    )


def test_an_empty_laboratory_has_an_empty_wall(client: "FlaskClient") -> None:
    """The page then says what to do."""
    assert client.get("/api/v1/wall").get_json()["cells"] == []


def test_the_wall_has_the_running_cells_with_their_last_results(client: "FlaskClient", engine: "Engine") -> None:
    """As they are stored: nothing is computed from records."""
    running = create_cell(engine, {"name": "In0-1", "plating_time_min": 0, "synthetic": "synthetic"})
    create_cell(engine, {"name": "ended", "state": "finished"})
    archive_cell(engine, create_cell(engine, {"name": "put away"}).id)
    replace_cycles(engine, running.id, None, results([100, 99, 98, 97, 96]))
    answer = client.get("/api/v1/wall").get_json()
    (cell,) = Wall.model_validate(answer).cells
    assert cell.name == "In0-1"
    assert cell.synthetic == "synthetic"
    assert cell.plating.label == "uncoated"
    assert cell.indicator[-1] == (5, 96.0)
    assert (cell.cycle_count, cell.indicator_value, cell.indicator_unit) == (5, 96.0, "%")
    assert (cell.capacity, cell.capacity_unit) == (160.0, "mAh/g")
    assert not cell.is_falling
    assert cell.slope_percent_per_cycle == -1.0
    assert cell.indicator_words.startswith("Indicator from cycle 1 to 5")
    assert Wall.model_validate(answer).server_unix_second > 0
    assert answer["cycles"] == 60


def test_a_channel_keeps_a_finished_cell_on_the_wall_and_says_what_it_measures(
    client: "FlaskClient", engine: "Engine"
) -> None:
    """Until it is taken away: then nobody looks at the cell any more."""
    cell = create_cell(engine, {"name": "In5-1", "state": "finished"})
    row = LiveRow("force-1", 1, time(), 0.0, {"surface_pressure_mpa": 70.0})
    store_batches(engine, [LiveBatch("k", "lab-pc", "d", b"", time(), [row])])
    channel = assign_channel(engine, "force-1", cell.id, version=load_channel(engine, "force-1").version)
    (shown,) = Wall.model_validate(client.get("/api/v1/wall").get_json()).cells
    assert [(one.name, one.source) for one in shown.channels] == [("force-1", "mechanical")]
    assign_channel(engine, "force-1", None, version=channel.version)
    assert client.get("/api/v1/wall").get_json()["cells"] == []


def test_rows_are_made_again_only_for_cells_that_changed(
    client: "FlaskClient", engine: "Engine", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cycle that closed, an edit: that cell's; nothing: none.  What is gone is forgotten."""
    first, second = (create_cell(engine, {"name": name}) for name in ("In0-1", "In0-2"))
    read: list[list[int]] = []

    def note(engine: "Engine", cell_ids: list[int], names: list[str]) -> pd.DataFrame:
        read.append(list(cell_ids))
        return load_cycle_values(engine, cell_ids, names)

    monkeypatch.setattr(wall, "load_cycle_values", note)

    def shown() -> dict[str, float | None]:
        cells = client.get("/api/v1/wall").get_json()["cells"]
        return {cell["name"]: cell["indicator_value"] for cell in cells}

    assert shown() == shown() == {"In0-1": None, "In0-2": None}
    replace_cycles(engine, first.id, None, results([100, 99, 98, 97, 96]))
    assert shown() == {"In0-1": 96.0, "In0-2": None}
    update_cell(engine, second.id, {"name": "In0-3"}, version=second.version)
    assert shown() == {"In0-1": 96.0, "In0-3": None}
    archive_cell(engine, first.id)
    assert shown() == {"In0-3": None}
    assert read == [[first.id, second.id], [], [first.id], [second.id], []]
