"""A request sees what belongs to its own projects, and changes what it may edit, whatever the query."""

from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import aliased

from data_access import models
from data_access.database import reading, writing
from data_access.models import Cell, Change, Channel, Cycle, Event, Fault, Import, Project, Quarantine, Series
from data_access.queries import load_cell, load_cells, load_changes, load_channels, load_cycles
from data_access.scope import EVERYTHING, Scope, for_requests, limited_to
from data_access.writes import (
    assign_channel,
    create_cell,
    create_import,
    delete_cell,
    ensure_test,
    restore_cell,
    store_event,
    store_source_file,
    unassign,
    undo_change,
    update_cell,
)
from pressiometry.errors import ForbiddenError, NameTakenError, NotFoundError

OWN, FOREIGN = 1, 2
TABLES = (Cell, models.Test, Cycle, Event, Series, Import, Channel, Fault, Quarantine, Change, Project)


def only(project: int) -> Scope:
    """A person who reads and edits one project."""
    return Scope(frozenset({project}), frozenset({project}), f"person {project}")


@pytest.fixture(params=["engine", "postgres_engine"])
def store(request: pytest.FixtureRequest) -> Engine:
    """A database of either kind."""
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def cells(store: Engine) -> dict[int, Cell]:
    """Two projects, each with a cell that has a row in every table."""
    with writing(store) as session:
        session.add(Project(id=FOREIGN, name="another"))
    made = {}
    for project in (OWN, FOREIGN):
        with limited_to(only(project)):
            made[project] = cell = create_cell(store, {"name": f"cell of {project}"})
            file = store_source_file(store, f"{project}", "a.csv", 1, "a")
            create_import(store, source_file_id=file.id, name="a.csv", cell_id=cell.id)
            create_import(store, source_file_id=file.id, name="of no cell.csv")
            test = ensure_test(store, cell.id)
            store_event(store, cell.id, kind="note", text=f"of {project}")
        with writing(store) as session:
            channel = Channel(name=f"channel {project}", cell_id=cell.id)
            kept = Channel(name=f"of no cell {project}", project_id=project)
            cycle = Cycle(cell_id=cell.id, state="complete", start_second=0, end_second=1, results={})
            session.add_all([channel, kept, cycle])
            session.flush()
            series = Series(test_id=test.id, source="cycler", channel="", clock="s", channel_id=channel.id)
            session.add_all([series, Fault(channel_id=channel.id, code="x", text="x")])
            session.flush()
            session.add(Quarantine(import_id=0, series_id=series.id, channel_id=channel.id, text="", reason=""))
    return made


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.usefixtures("cells")
def test_rows_of_other_projects_are_not_there(store: Engine, model: type[Any]) -> None:
    """Half of the rows of every table are seen: as objects, by an alias, by a column, by their number."""
    with reading(store) as session:
        everything = set(session.scalars(select(model.id)))
    with limited_to(only(OWN)), reading(store) as session:
        seen = {row.id for row in session.scalars(select(model))}
        assert 2 * len(seen) == len(everything)
        other = aliased(model)
        assert set(session.scalars(select(other.id))) == seen
        assert set(session.scalars(select(model.id))) == seen
        assert {number for number in everything if session.get(model, number) is not None} == seen


def test_a_cell_of_another_project_is_like_none(store: Engine, cells: dict[int, Cell]) -> None:
    """It is not found, listed, edited, deleted, restored or undone, and nothing of it is changed."""
    foreign = cells[FOREIGN]
    made = load_changes(store, kind="cell", object_id=foreign.id)[0]
    with limited_to(only(OWN)):
        assert [cell.id for cell in load_cells(store)] == [cells[OWN].id]
        assert load_changes(store, kind="cell", object_id=foreign.id) == []
        assert load_cycles(store, foreign.id).empty
        for attempt in (
            lambda: load_cell(store, foreign.id),
            lambda: update_cell(store, foreign.id, {"name": "x"}, version=1),
            lambda: delete_cell(store, foreign.id),
            lambda: restore_cell(store, foreign.id),
            lambda: undo_change(store, made.id),
            lambda: store_event(store, foreign.id, kind="note"),
        ):
            with pytest.raises(NotFoundError):
                attempt()
        with writing(store) as session:
            session.execute(update(Cell).values(notes="mine now"))
    assert (load_cell(store, foreign.id).notes, load_cell(store, cells[OWN].id).notes) == ("", "mine now")


def test_what_may_only_be_read_is_not_changed(store: Engine, cells: dict[int, Cell]) -> None:
    """A person who edits one project and reads another sees both, and changes one."""
    with limited_to(Scope(frozenset({OWN, FOREIGN}), frozenset({OWN}), "reader")):
        assert len(load_cells(store)) == 2
        update_cell(store, cells[OWN].id, {"name": "renamed"}, version=1)
        with pytest.raises(NotFoundError):
            update_cell(store, cells[FOREIGN].id, {"name": "renamed too"}, version=1)


def test_changes_are_signed_and_put_into_the_makers_project(store: Engine, cells: dict[int, Cell]) -> None:
    """Who made a cell is kept; it belongs to the project that its maker edits, and to no other."""
    with limited_to(only(FOREIGN)):
        assert create_cell(store, {"name": "new"}).project_id == FOREIGN
        with pytest.raises(ForbiddenError), writing(store) as session:
            session.add(Cell(name="smuggled", electrode_diameter_mm=13.0, project_id=OWN))
        with pytest.raises(ForbiddenError), writing(store) as session:
            session.get_one(Cell, cells[FOREIGN].id).project_id = OWN
    assert load_changes(store, kind="cell", object_id=cells[FOREIGN].id)[0].who == f"person {FOREIGN}"


def test_a_name_is_taken_by_a_cell_that_is_not_seen(store: Engine, cells: dict[int, Cell]) -> None:
    """Names are unique in the laboratory, and the refusal is a sentence."""
    with limited_to(only(OWN)), pytest.raises(NameTakenError):
        create_cell(store, {"name": cells[FOREIGN].name})


def test_requests_that_forgot_their_scope_see_nothing(store: Engine, cells: dict[int, Cell]) -> None:
    """The engine of requests fails closed; whoever may see everything says so."""
    engine = for_requests(store)
    assert load_cells(engine) == []
    with limited_to(EVERYTHING):
        assert len(load_cells(engine)) == len(cells)
    assert len(load_cells(store)) == len(cells)


def test_a_channel_goes_where_its_cell_is_and_stays_there(store: Engine, cells: dict[int, Cell]) -> None:
    """Taken from its cell it is still seen by those who took it away, and by nobody else."""
    with limited_to(only(FOREIGN)):
        name = f"channel {FOREIGN}"
        unassign(store, name, version=1)
        assert [one.name for one in load_channels(store)] == [name, f"of no cell {FOREIGN}"]
        assign_channel(store, name, cells[FOREIGN].id, version=2)
        with pytest.raises(NotFoundError):
            assign_channel(store, name, cells[OWN].id, version=3)
    with limited_to(only(OWN)):
        assert name not in {one.name for one in load_channels(store)}
