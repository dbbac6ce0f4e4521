"""Whose data a request may see and change: what belongs to other projects is not there for it.

Every session of `reading` finds only rows of readable projects, every session of `writing` only rows of editable
ones, whatever the query: a number that somebody guessed leads to "there is no cell", like any other wrong number.
Whoever says nothing sees everything, unless the engine was opened for requests (`for_requests`): then nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Engine, Table, and_, event, false, or_, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, with_loader_criteria

from data_access.base import Base
from data_access.models import (
    Agent,
    Cell,
    Change,
    Channel,
    Cycle,
    Event,
    Fault,
    Import,
    Project,
    Quarantine,
    Series,
    Test,
)
from data_access.record_models import LIVE
from pressiometry.errors import ForbiddenError

Projects = frozenset[int] | None
"""Numbers of projects; None: all there are and will be."""
_PROJECTS = "barograph_projects"  # of a session
_FOR_REQUESTS = "barograph_for_requests"  # of an engine


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks, and in which projects that person may read and edit."""

    readable: Projects = None
    editable: Projects = None
    who: str = ""


EVERYTHING, NOTHING = Scope(), Scope(frozenset(), frozenset())
_scope: ContextVar[Scope | None] = ContextVar("barograph_scope", default=None)


def set_scope(scope: Scope | None) -> None:
    """Have this thread see what is in scope, until it is set again; None: it has said nothing."""
    _scope.set(scope)


@contextmanager
def limited_to(scope: Scope | None) -> Iterator[None]:
    """Have this thread see what is in scope, while the context lasts."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def current_scope(engine: Engine | None = None) -> Scope:
    """Return the scope of this thread; with nothing said everything, or nothing for an engine of requests."""
    limited = engine is not None and engine.get_execution_options().get(_FOR_REQUESTS, False)
    return _scope.get() or (NOTHING if limited else EVERYTHING)


def for_requests(engine: Engine) -> Engine:
    """Return the same engine for people's requests: where a scope was forgotten, nothing is seen."""
    return engine.execution_options(**{_FOR_REQUESTS: True})


def limit(session: Session, projects: Projects) -> None:
    """Have the session see only these projects."""
    if projects is not None:
        session.info[_PROJECTS] = projects


@event.listens_for(Session, "do_orm_execute")
def _leave_out(state: ORMExecuteState) -> None:
    """Leave out of every answer, and of what a statement changes, the rows of other projects."""
    projects = state.session.info.get(_PROJECTS)
    if projects is not None and state.is_orm_statement and not (state.is_column_load or state.is_insert):
        state.statement = cast("Any", state.statement).options(*_criteria(projects))


@lru_cache(maxsize=256)
def _criteria(projects: frozenset[int]) -> tuple[Any, ...]:
    """Return what a row of each table must fulfil to be of these projects."""
    cells = _ids(Cell, Cell.project_id.in_(projects))
    tests = _ids(Test, Test.cell_id.in_(cells))
    own_channel = and_(Channel.cell_id.is_(None), Channel.project_id.in_(projects))
    channels = _ids(Channel, or_(Channel.cell_id.in_(cells), own_channel))
    own_import = and_(Import.cell_id.is_(None), Import.project_id.in_(projects))
    imports = _ids(Import, or_(Import.cell_id.in_(cells), own_import))
    events = _ids(Event, Event.cell_id.in_(cells))
    objects = {"cell": cells, "test": tests, "event": events, "channel": channels, "import_job": imports}
    conditions: dict[type[Base], Any] = {
        Project: Project.id.in_(projects),
        Cell: Cell.project_id.in_(projects),
        Test: Test.cell_id.in_(cells),
        Cycle: Cycle.cell_id.in_(cells),
        Event: Event.id.in_(events),
        Series: or_(Series.test_id.in_(tests), and_(Series.test_id.is_(None), Series.channel_id.in_(channels))),
        Channel: Channel.id.in_(channels),
        Import: Import.id.in_(imports),
        Fault: Fault.channel_id.in_(channels),
        Agent: Agent.name.in_(select(_table(Channel).c.agent).where(_table(Channel).c.id.in_(channels))),
        Quarantine: or_(
            and_(Quarantine.import_id == LIVE, Quarantine.channel_id.in_(channels)),
            and_(Quarantine.import_id != LIVE, Quarantine.import_id.in_(imports)),
        ),
        Change: or_(false(), *(and_(Change.kind == kind, Change.object_id.in_(ids)) for kind, ids in objects.items())),
    }
    return tuple(
        with_loader_criteria(table, condition, include_aliases=True) for table, condition in conditions.items()
    )


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


def _ids(model: type[Base], condition: Any) -> Any:
    """Return the numbers of the rows of a table that fulfil a condition."""
    return select(_table(model).c.id).where(condition)


@event.listens_for(Base, "before_insert", propagate=True)
def _put_into_project(_mapper: "Mapper[Any]", _connection: Any, row: Any) -> None:
    """Give what has no project yet the first one of its maker."""
    scope = _scope.get()
    if scope is not None and scope.editable and getattr(row, "project_id", 0) is None:
        row.project_id = min(scope.editable)


@event.listens_for(Cell, "before_insert")
@event.listens_for(Cell, "before_update")
def _check_project(_mapper: "Mapper[Any]", _connection: Any, cell: Cell) -> None:
    """Refuse a cell of a project that may not be edited; all else belongs where its cell does."""
    scope = _scope.get()
    if scope is not None and scope.editable is not None and cell.project_id not in scope.editable:
        raise ForbiddenError("You may not put a cell into this project", remedy="Ask who administers Barograph.")


@event.listens_for(Change, "before_insert")
def _sign(_mapper: "Mapper[Any]", _connection: Any, change: Change) -> None:
    """Note who makes a change where the maker did not say so."""
    scope = _scope.get()
    if scope is not None and not change.who:
        change.who = scope.who
