"""The imports and cells that the Import page offers: those of projects in which the reader may edit."""

from data_access.database import db
from data_access.models import Cell, Import
from data_access.queries import load_cells, load_imports
from data_access.scope import Scope, current_scope, limited_to

LISTED = 40
"""Imports in the list: everything under way, and the newest of the others."""


def _where_i_may_edit() -> Scope:
    scope = current_scope()
    return Scope(scope.editable, scope.editable, scope.who)


def offered_imports(*, deleted: bool = False) -> list[Import]:
    """Return the imports that the reader may do something with, newest first."""
    with limited_to(_where_i_may_edit()):
        return load_imports(db.engine, limit=LISTED, deleted=deleted)


def offered_cells() -> list[Cell]:
    """Return the cells to which the reader may import."""
    with limited_to(_where_i_may_edit()):
        return load_cells(db.engine)
