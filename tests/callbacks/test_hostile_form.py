"""The form of a cell and the addresses of pages: what was stored comes back as it was, and odd addresses do nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from callbacks import cell_form
from callbacks.compare_groups import group_cells
from data_access.database import db
from data_access.queries import load_cell, load_cells
from data_access.writes import create_cell
from layouts.cell_fields import FIELDS, read_properties, write_properties
from layouts.import_state import asked_number
from tests.callbacks.test_page_callbacks import triggered
from tests.hostile_texts import TEXTS, as_property

if TYPE_CHECKING:
    from dash import Dash
    from sqlalchemy import Engine

NAMES = [{"type": "cell-field", "field": name} for name in FIELDS]
ODD = ("\u00b2", "\u0663", "9" * 5000, "-1", "1e3", " 1", "0x1", "")
"""Digits that are none of an address."""


@pytest.fixture
def store(app: "Dash") -> Iterator["Engine"]:
    """The engine of the application, within its context."""
    with app.server.app_context():
        yield db.engine


def test_a_form_that_nobody_changed_changes_nothing(store: "Engine") -> None:
    """Not a sign of any text: of a property "007", "NaN" or "1e5" neither."""
    for text in [*TEXTS.values(), "007", "1e5", "inf", "0.50", "a = b"]:
        values = {"group": text, "tags": [text], "notes": f"{text}\n{text}", "cause": text}
        cell = create_cell(store, {"name": text, "properties": {as_property(text): text, "n": 0.5}, **values})
        shown = [cell_form.as_shown(field, getattr(cell, field.name)) for field in FIELDS.values()]
        opened, errors, *_ = cell_form.save(1, shown, NAMES, {"cell_id": cell.id, "version": cell.version}, "")
        assert not opened, errors
        assert load_cell(store, cell.id).version == cell.version, text


def test_a_line_that_was_changed_is_read_as_typed() -> None:
    """Only what stands as it was stored stays as it was; what is no finite number is a text."""
    known = {"rack": "007", "C-rate": 0.5}
    assert read_properties(write_properties(known), known) == known
    assert read_properties("rack = 008\nC-rate = nan", known) == {"rack": 8.0, "C-rate": "nan"}


@pytest.mark.parametrize("text", ODD)
def test_an_odd_number_in_an_address_is_none(store: "Engine", text: str) -> None:
    """No page fails for it."""
    create_cell(store, {"name": "In0-1"})
    assert asked_number(f"?import={text}") is None
    with triggered("location", "search", f"?edit={text}"):
        assert cell_form._asked_for(f"?edit={text}", None) is None
    assert group_cells(load_cells(store), "hand", f"mine:{text}").members == {}
