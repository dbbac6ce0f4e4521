"""What the Cells page says of a cell: its row, what it lacks, the views, and the form's values."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from data_access.models import Cell
from data_access.writes.cell_values import FIELDS as STORED_FIELDS
from layouts.cell_fields import DEFAULTS, FIELDS, read_properties, write_properties
from layouts.cell_form import cell_form
from layouts.cells_rows import cell_rows, cells_sentence, lacking, shown_cells
from pressiometry.errors import InvalidInputError

NOW = datetime(2026, 8, 1, 10, 2, tzinfo=UTC)


def cell(number: int = 1, **values: Any) -> Cell:
    """A cell with the store's defaults."""
    return Cell(id=number, **{"name": f"c{number}", "version": 1, "properties": {}, **DEFAULTS, **values})


def rows(*cells: Cell) -> list[dict[str, Any]]:
    """Rows of the cells; each has 7 cycles."""
    values = pd.DataFrame({"cell_id": [one.id for one in cells], "cycle_count": [7.0] * len(cells)})
    return cell_rows(cells, values)


def test_the_form_has_every_value_the_store_takes() -> None:
    """Nothing can be stored that cannot be entered, but for the label of synthetic cells."""
    assert set(FIELDS) == set(STORED_FIELDS) - {"synthetic"}


def test_the_inputs_stand_in_the_order_of_the_fields() -> None:
    """The callbacks fill them in that order."""
    inputs = [part.id["field"] for part in cell_form()._traverse() if isinstance(getattr(part, "id", None), dict)]
    assert inputs == list(FIELDS)


def test_a_cell_without_a_mass_says_what_it_is_given_in() -> None:
    """The reader learns why there is no MPa g/(A h)."""
    assert "no mass: Δ(ΔP) in MPa and per mAh/cm²" in lacking(cell(), 5)
    assert lacking(cell(loading_mg_per_cm2=12.6, plating_time_min=0.0), 5) == []
    assert lacking(cell(active_mass_mg=1.0), 0) == ["no cycles yet", "no plating time: in no group"]


def test_a_row_carries_version_cycles_and_how_it_looks() -> None:
    """The version goes back with an edit, so that a stale one is refused."""
    (row,) = rows(cell(version=4, started_at=NOW, archived_at=NOW))
    assert (row["version"], row["cycles"], row["started_at"]) == (4, 7, "2026-08-01 10:02")
    assert row["marks"]["state"]["word"] == "Running · archived"


def test_views_show_lab_archive_and_deleted_cells_apart() -> None:
    """Deleted cells count nowhere else."""
    cells = [cell(1), cell(2, archived_at=NOW), cell(3, deleted_at=NOW)]
    assert [one.id for one in shown_cells(cells, "all")] == [1, 2]
    assert [one.id for one in shown_cells(cells, "lab")] == [1]
    assert [one.id for one in shown_cells(cells, "archived")] == [2]
    assert [one.id for one in shown_cells(cells, "deleted")] == [3]
    assert cells_sentence(cells) == "2 cells, 1 in the lab, 1 archived."
    assert cells_sentence([]) == "No cells yet."
    assert rows(cells[2])[0]["marks"]["state"]["word"] == "deleted"


def test_properties_go_through_their_text_unchanged() -> None:
    """What the form shows is what it stores."""
    properties = {"rack": "A = B", "C-rate": 0.5, "replicate": 2.0}
    assert read_properties(write_properties(properties)) == properties
    assert read_properties("") == {}


def test_every_wrong_line_of_the_properties_is_named() -> None:
    """Not only the first."""
    with pytest.raises(InvalidInputError) as caught:
        read_properties("rack A\nx = 1\n= 2")
    assert len(caught.value.problems) == 2
    assert "line 3" in caught.value.problems[1]


@pytest.mark.parametrize(("name", "value"), [("tags", []), ("active_mass_mg", None), ("group", "")])
def test_an_absent_value_is_called_nothing(name: str, value: Any) -> None:
    """In messages about a change."""
    assert FIELDS[name].in_words(value) == "nothing"


def test_tags_are_listed_in_words() -> None:
    """With commas."""
    assert FIELDS["tags"].in_words(["a", "b"]) == "a, b"
