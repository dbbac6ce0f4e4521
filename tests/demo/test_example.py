"""The example experiment in the store: complete, labelled, loaded once, repaired after an interruption, removable."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.database import open_engine
from data_access.queries import load_cells, load_curves, load_cycle_values, load_cycles
from data_access.series import load_cell_records
from data_access.writes import create_cell, delete_cell
from demo import example
from demo.example import load_example, remove_example
from demo.plan import ExampleCell, example_cells

INDICATOR = "delta_delta_p_q_mpa_g_per_ah"


@pytest.fixture(scope="module")
def loaded(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with the whole example in it."""
    path = tmp_path_factory.mktemp("example") / "barograph.db"
    shutil.copy(empty_database, path)
    engine = open_engine(f"sqlite:///{path}")
    load_example(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def short_plan(monkeypatch: pytest.MonkeyPatch) -> list[ExampleCell]:
    """The two shortest cells of the plan in place of all, and no patience with another loader."""
    plan = [cell for cell in example_cells() if cell.name in {"In40-2", "In40-3"}]
    monkeypatch.setattr(example, "example_cells", lambda: plan)
    monkeypatch.setattr(example, "PATIENCE_SECOND", 0.0)
    return plan


def names_of(engine: Engine) -> list[str]:
    """Give the names of the cells that are not deleted."""
    return [cell.name for cell in load_cells(engine)]


def slope(indicator: pd.Series) -> float:
    """Give the least-squares slope per cycle over the cycles that have a value."""
    known = indicator.dropna()
    return float(np.polyfit(known.index.to_numpy(dtype=float), known.to_numpy(dtype=float), 1)[0])


def test_all_twelve_cells_are_stored_with_their_cycles(loaded: Engine) -> None:
    """Every cell has its label, its records a minute apart, and as many complete cycles as it was simulated for."""
    plan = {cell.name: cell for cell in example_cells()}
    cells = load_cells(loaded)
    assert [cell.name for cell in cells] == list(plan)
    for cell in cells:
        planned = plan[cell.name]
        assert cell.synthetic == planned.label
        assert cell.state == ("failed" if planned.parameters.short_cycle else "finished")
        cycles = load_cycles(loaded, cell.id)
        assert cycles["cycle_count"].tolist() == list(range(1, (planned.parameters.short_cycle or 60) + 1))
        assert not load_curves(loaded, cell.id, [2]).empty


def test_stored_records_are_the_simulated_ones(loaded: Engine) -> None:
    """What is read back of a cell with missing samples is what was simulated, absent samples included."""
    cell = next(cell for cell in load_cells(loaded) if cell.name == "In15-2")
    simulated = next(planned for planned in example_cells() if planned.name == "In15-2").simulate().records
    stored = load_cell_records(loaded, cell.id)
    assert len(stored) == len(simulated)
    for column in ("test_time_second", "voltage_volt", "surface_pressure_mpa", "surface_temperature_celsius"):
        np.testing.assert_array_equal(stored[column], simulated[column], err_msg=column)


def test_stored_indicators_have_the_shapes_of_the_specification(loaded: Engine) -> None:
    """Indicators start near 16 and fall; at the break of a failing cell the fall turns steep; a dead cell has a gap."""
    plan = {cell.name: cell for cell in example_cells()}
    cells = {cell.id: cell.name for cell in load_cells(loaded)}
    values = load_cycle_values(loaded, list(cells), [INDICATOR])
    for cell_id, cycles in values.groupby("cell_id"):
        parameters = plan[cells[int(str(cell_id))]].parameters
        indicator = cycles.set_index("cycle_count")[INDICATOR].astype(float)
        assert indicator.loc[2:4].mean() == pytest.approx(15.5, rel=0.07)
        if parameters.break_cycle is None or parameters.short_cycle is None:
            assert indicator.loc[28:32].mean() == pytest.approx(13.5, rel=0.07)
            assert indicator.loc[55:].mean() > indicator.loc[28:32].mean()
            assert indicator.notna().all()
            continue
        before = slope(indicator.loc[parameters.break_cycle - 6 : parameters.break_cycle])
        after = slope(indicator.loc[parameters.break_cycle : parameters.short_cycle - 1])
        assert after < before - 0.15
        assert before < 0
        assert np.isnan(indicator.loc[parameters.short_cycle])


def test_loading_twice_changes_nothing(loaded: Engine) -> None:
    """A second loading leaves every cell as it is, by its version and number."""
    before = [(cell.id, cell.version) for cell in load_cells(loaded, deleted=True)]
    told: list[float] = []
    load_example(loaded, progress=told.append)
    assert [(cell.id, cell.version) for cell in load_cells(loaded, deleted=True)] == before
    assert told == sorted(told)
    assert told[-1] == 1


def test_an_interrupted_loading_is_completed(engine: Engine, short_plan: list[ExampleCell]) -> None:
    """A cell of the plan that was left without cycles is made anew."""
    left = create_cell(engine, short_plan[0].values())
    load_example(engine)
    cells = {cell.name: cell.id for cell in load_cells(engine)}
    assert sorted(cells) == ["In40-2", "In40-3"]
    assert left.id not in cells.values()
    assert all(not load_cycles(engine, cell_id).empty for cell_id in cells.values())


def test_a_cell_of_a_person_is_left_alone(engine: Engine, short_plan: list[ExampleCell]) -> None:
    """Where somebody's own cell has a name of the plan it stays as it is, on loading and on removing."""
    own = create_cell(engine, {"name": short_plan[0].name, "notes": "mine"})
    load_example(engine)
    assert len(names_of(engine)) == 2
    assert remove_example(engine) == 1
    kept = load_cells(engine)
    assert [(cell.id, cell.notes, cell.version) for cell in kept] == [(own.id, "mine", own.version)]


def test_a_name_taken_meanwhile_is_no_error(engine: Engine, short_plan: list[ExampleCell]) -> None:
    """Two loaders at once: the one that comes second to a name leaves the cell to the first."""
    create_cell(engine, short_plan[0].values())
    example._store(engine, short_plan[0])
    assert names_of(engine) == [short_plan[0].name]


def test_another_loader_gets_time_to_finish(
    engine: Engine, short_plan: list[ExampleCell], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A young cell without cycles is not taken for a wreck as long as patience lasts."""
    cell = create_cell(engine, short_plan[0].values())
    monkeypatch.setattr(example, "PATIENCE_SECOND", 0.5)
    assert not example._has_cycles(engine, cell)
    delete_cell(engine, cell.id)
    example._store(engine, short_plan[0])
    assert example._has_cycles(engine, load_cells(engine)[0])


def test_removed_and_loaded_again(engine: Engine, short_plan: list[ExampleCell]) -> None:
    """Removing deletes exactly the example; loading after it brings it back."""
    load_example(engine)
    assert remove_example(engine) == len(short_plan)
    assert names_of(engine) == []
    load_example(engine)
    assert sorted(names_of(engine)) == [cell.name for cell in short_plan]
