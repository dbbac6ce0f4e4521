"""The cells of the picture of the wall: all synthetic, three of them in trouble."""

import time
from typing import TYPE_CHECKING

import pytest

from data_access.queries import load_cells, load_cycle_values
from demo.wall import ENDED, EVERY_SECOND, FIRST_ROWS, TROUBLE, WallCell, load_wall_example, send_rows
from layouts.wall_rows import WALL_VALUES, wall_rows
from monitoring.feeds import feed_states

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.fixture
def picture(engine: "Engine") -> list[WallCell]:
    """The cells, stored now."""
    return load_wall_example(engine, time.time())


def test_the_picture_shows_24_synthetic_cells_and_what_is_wrong_with_three(
    engine: "Engine", picture: list[WallCell]
) -> None:
    """One failed, one falling, one silent; all others as expected, and every one labelled."""
    cells = load_cells(engine)
    assert len(cells) == len(picture) == 24
    assert all(cell.synthetic for cell in cells)
    values = load_cycle_values(engine, [cell.id for cell in cells], WALL_VALUES)
    running = [row for row in wall_rows(cells, [0.0, 5.0, 15.0, 40.0], values) if row["state"] == "running"]
    assert [row["name"] for row in running if row["is_falling"]] == [
        name for name in TROUBLE if TROUBLE[name] == "falling"
    ]
    assert [cell.name for cell in cells if cell.state == "failed"] == ["In40-1"]
    assert {cell.name for cell in cells if cell.state == "finished"} == set(ENDED)


def test_only_the_silent_channel_is_silent_while_rows_are_sent(engine: "Engine", picture: list[WallCell]) -> None:
    """Its cell's other channel lives."""
    moment = time.time() + EVERY_SECOND
    send_rows(engine, picture, FIRST_ROWS, moment)
    states = feed_states(engine, moment + 1.0).set_index("name")
    silent = next(cell for cell in picture if TROUBLE.get(cell.name) == "silent")
    assert list(states.index[states["status"] == "stale"]) == [silent.channels[1]]
    assert states.loc[silent.channels[0], "status"] == "live"
    assert set(states["status"]) == {"live", "stale", "ended"}
