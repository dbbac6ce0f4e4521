"""What the Cells page says of the cells: rows of its grid, what each lacks, and the sentence above."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from data_access.models import Cell
from data_access.queries import facts_of
from figures.style import plating_style
from layouts.cell_fields import FIELDS
from layouts.overview_rows import plating_times, state_words, status_mark
from layouts.parts import may_edit
from layouts.projects import project_names
from layouts.words import cells as words

Row = dict[str, Any]


def cell_rows(cells: Sequence[Cell], values: pd.DataFrame) -> list[Row]:
    """Return one row a cell; `values` is load_cycle_values of them (its cycle_count says how many cycles)."""
    times = plating_times(cells)
    counts, projects = values.groupby("cell_id")["cycle_count"].max(), project_names()
    return [
        _row(cell, counts.get(cell.id), times) | {"project": projects.get(str(cell.project_id), "")} for cell in cells
    ]


def _row(cell: Cell, last_cycle: float | None, times: list[float]) -> Row:
    cycles = 0 if last_cycle is None or pd.isna(last_cycle) else int(last_cycle)
    shown = {name: _shown(cell, name) for name, field in FIELDS.items() if field.width or name in {"name", "state"}}
    state = state_words(cell)
    if cell.deleted_at is not None:
        state = words.STATUS_DELETED
    elif cell.archived_at is not None:
        state = f"{state} · {words.STATUS_ARCHIVED}"
    return shown | {
        "key": str(cell.id),
        "cell_id": cell.id,
        "version": cell.version,
        "synthetic": cell.synthetic,
        "cycles": cycles,
        "lacks": "; ".join(lacking(cell, cycles)),
        "archived": cell.archived_at is not None,
        "deleted": cell.deleted_at is not None,
        "may_edit": may_edit(cell.project_id),
        "marks": {
            "state": status_mark(cell) | {"word": state},
            "plating_time_min": asdict(plating_style(cell.plating_time_min, times)),
        },
    }


def _shown(cell: Cell, name: str) -> Any:
    value = getattr(cell, name)
    if name == "started_at" and value is not None:
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value) if name == "project_id" else value


def lacking(cell: Cell, cycles: int) -> list[str]:
    """What a cell lacks, and what that means for its figures.

    >>> from data_access.models import Cell
    >>> lacking(Cell(active_mass_mg=16.7, plating_time_min=0.0, cell_type="full", electrode_diameter_mm=13.0), 5)
    []
    """
    return [
        *([] if cycles else [words.LACKS_CYCLES]),
        *([] if facts_of(cell).active_mass_g is not None else [words.LACKS_MASS]),
        *([] if cell.plating_time_min is not None else [words.LACKS_PLATING]),
    ]


def shown_cells(cells: Iterable[Cell], show: str) -> list[Cell]:
    """Cells of a view: "all" that are not deleted, those "lab" or "archived", or the "deleted" ones."""
    if show == "deleted":
        return [cell for cell in cells if cell.deleted_at is not None]
    kept = [cell for cell in cells if cell.deleted_at is None]
    if show == "lab":
        return [cell for cell in kept if cell.archived_at is None]
    if show == "archived":
        return [cell for cell in kept if cell.archived_at is not None]
    return kept


def count_words(count: int) -> str:
    """A number of cells in words.

    >>> count_words(1), count_words(12)
    ('1 cell', '12 cells')
    """
    return words.CELLS_ONE if count == 1 else words.CELLS_MANY.format(count=count)


def cells_sentence(cells: Sequence[Cell]) -> str:
    """How many cells there are, in the lab and archived; deleted ones do not count."""
    kept = shown_cells(cells, "all")
    if not kept:
        return words.SENTENCE_NONE
    lab = len(shown_cells(kept, "lab"))
    return words.SENTENCE.format(count=count_words(len(kept)), lab=lab, archived=len(kept) - lab)
