"""Cells and their changes: every problem at once, no lost edit, everything can be undone."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DatabaseError

from data_access.database import writing
from data_access.models import Import
from data_access.queries import (
    facts_of,
    find_imports_of_file,
    load_cell,
    load_cell_states,
    load_cells,
    load_changes,
    load_curves,
    load_cycle_values,
    load_cycles,
    load_events,
    load_import,
    load_imports,
    load_profile,
    load_quarantine,
    load_setting,
)
from data_access.series import append_rows, create_series, load_records, load_series, store_records
from data_access.writes import (
    archive_cell,
    claim_import,
    create_cell,
    create_cells,
    create_import,
    delete_cell,
    delete_event,
    delete_import,
    discard_records,
    ensure_test,
    finish_import,
    purge_deleted,
    replace_cycles,
    restore_cell,
    restore_import,
    save_profile,
    save_setting,
    store_event,
    store_quarantine,
    store_source_file,
    undo_change,
    update_cell,
    update_import,
)
from pressiometry.errors import InvalidInputError, NameTakenError, NotFoundError, StaleEditError


def records(start: int = 0, size: int = 10, voltage: float = 3.7) -> pd.DataFrame:
    """A few records."""
    index = range(start, start + size)
    return pd.DataFrame({"sequence": index, "test_time_second": [float(i) for i in index], "voltage_volt": voltage})


def new_import(engine: Engine, cell_id: int | None = None, sha256: str = "aa") -> Import:
    """A queued import of a file."""
    source = store_source_file(engine, sha256, "a.csv", 3, "/files/aa")
    return create_import(engine, source_file_id=source.id, name="a.csv", cell_id=cell_id)


def stored_import(engine: Engine, series_id: int, table: pd.DataFrame, superseded: tuple[int, ...] = ()) -> int:
    """An import with its records, stored."""
    job = new_import(engine)
    update_import(engine, job.id, status="reading")
    store_records(engine, series_id, table, job.id)
    assert finish_import(engine, job.id, rows_stored=len(table), superseded=superseded) is not None
    return job.id


def test_all_problems_of_a_cell_are_named_at_once(engine: Engine) -> None:
    """A form comes back with every problem, not the first; nothing is stored."""
    with pytest.raises(InvalidInputError) as raised:
        create_cell(engine, {"active_mass_mg": -1, "cell_type": "half", "colour": "red", "temperature_celsius": "warm"})
    assert len(raised.value.problems) == 5
    assert load_cells(engine) == []


@pytest.mark.parametrize("name", ["", "  ", "a" * 121, "a\nb", "a\u202eb", None])
def test_a_name_is_short_and_plain(engine: Engine, name: str | None) -> None:
    """Names have 1 to 120 characters, none of them control or direction characters."""
    with pytest.raises(InvalidInputError):
        create_cell(engine, {"name": name})


def test_a_symmetric_cell_has_the_lithium_disc(engine: Engine) -> None:
    """The electrode diameter is 13 mm for a full cell and 12 mm for a symmetric one, unless said."""
    assert create_cell(engine, {"name": "a"}).electrode_diameter_mm == 13
    symmetric = create_cell(engine, {"name": "b", "cell_type": "symmetric"})
    assert facts_of(symmetric).electrode_diameter_mm == 12


def test_a_name_is_taken_until_its_cell_is_deleted(engine: Engine) -> None:
    """Two cells never share a name; a deleted one gives it back, and cannot be restored while it is taken."""
    first = create_cell(engine, {"name": "one"})
    with pytest.raises(NameTakenError):
        create_cell(engine, {"name": "one"})
    with pytest.raises(NameTakenError):
        create_cells(engine, [{"name": "two"}, {"name": "two"}])
    assert [cell.name for cell in load_cells(engine)] == ["one"]
    delete_cell(engine, first.id)
    create_cell(engine, {"name": "one"})
    with pytest.raises(NameTakenError):
        restore_cell(engine, first.id)


def test_a_stale_edit_is_refused(engine: Engine) -> None:
    """Of two editors the second must look again; nothing is lost."""
    cell = create_cell(engine, {"name": "one"})
    update_cell(engine, cell.id, {"notes": "mine"}, version=cell.version)
    with pytest.raises(StaleEditError):
        update_cell(engine, cell.id, {"notes": "yours"}, version=cell.version)
    with pytest.raises(StaleEditError):
        delete_cell(engine, cell.id, version=cell.version)
    assert load_cell(engine, cell.id).notes == "mine"


def test_every_change_can_be_undone(engine: Engine) -> None:
    """Undo gives the values back, unless they were changed again since."""
    started = datetime(2026, 11, 1, tzinfo=UTC)
    cell = create_cell(engine, {"name": "one", "started_at": started, "tags": ["a"]})
    cell = update_cell(engine, cell.id, {"started_at": None, "tags": []}, version=cell.version)
    first = load_changes(engine, kind="cell", object_id=cell.id)[0]
    assert undo_change(engine, first.id).started_at == started
    with pytest.raises(StaleEditError):
        undo_change(engine, first.id)
    archive_cell(engine, cell.id)
    assert load_cells(engine) == []
    undo_change(engine, load_changes(engine)[0].id)
    delete_cell(engine, cell.id)
    with pytest.raises(NotFoundError):
        load_cell(engine, cell.id)
    undo_change(engine, load_changes(engine)[0].id)
    assert load_cell(engine, cell.id).tags == ["a"]
    created = load_changes(engine, object_id=cell.id, kind="cell")[-1]
    assert undo_change(engine, created.id).deleted_at is not None


@pytest.mark.parametrize("statement", ["UPDATE change SET who = 'nobody'", "DELETE FROM change"])
def test_changes_are_append_only(engine: Engine, statement: str) -> None:
    """What was done stays on record: the database itself refuses to edit it."""
    create_cell(engine, {"name": "one"})
    with pytest.raises(DatabaseError, match="append-only"), writing(engine) as session:
        session.execute(text(statement))


def test_deleting_an_import_removes_its_records_and_nothing_else(engine: Engine, series_id: int) -> None:
    """A record that two files hold stays while one of them does; restoring brings the rest back."""
    first = stored_import(engine, series_id, records(0, 10))
    stored_import(engine, series_id, records(5, 10))
    append_rows(engine, series_id, records(20, 5))
    assert len(load_records(engine, series_id)) == 20
    delete_import(engine, first)
    assert load_records(engine, series_id)["sequence"].tolist() == [*range(5, 15), *range(20, 25)]
    restore_import(engine, first)
    assert len(load_records(engine, series_id)) == 20


def test_a_superseding_import_takes_the_place_of_the_old_one(engine: Engine, series_id: int) -> None:
    """A re-export replaces the older file in one moment; deleting it brings the older one back."""
    old = stored_import(engine, series_id, records(0, 10))
    cell_id = load_cells(engine)[0].id
    job = new_import(engine, sha256="bb")
    update_import(engine, job.id, status="reading")
    again = create_series(engine, 1, "cycler", "A01", "A01", import_id=job.id)
    store_records(engine, again.id, records(0, 12, voltage=3.8), job.id)
    assert [one.id for one in load_series(engine, cell_id)] == [series_id]
    finish_import(engine, job.id, rows_stored=12, superseded=[old])
    assert load_records(engine, series_id).empty
    assert len(load_records(engine, again.id)) == 12
    delete_import(engine, job.id)
    assert len(load_records(engine, series_id)) == 10
    restore_import(engine, job.id)
    assert load_records(engine, series_id).empty


def test_a_differing_resend_goes_to_quarantine(engine: Engine, series_id: int) -> None:
    """What is stored is never overwritten; the other values are kept aside, once."""
    append_rows(engine, series_id, records())
    for _ in range(2):
        assert append_rows(engine, series_id, records(voltage=3.8)).quarantined == 10
    assert set(load_records(engine, series_id)["voltage_volt"]) == {3.7}
    kept = load_quarantine(engine, 0)
    assert len(kept) == 10
    assert '"voltage_volt":3.8' in kept["text"][0]


def test_a_record_needs_its_time_and_known_columns(engine: Engine, series_id: int) -> None:
    """A table that is none of records is refused with every problem."""
    with pytest.raises(InvalidInputError) as raised:
        append_rows(engine, series_id, records().drop(columns="test_time_second").assign(colour=1.0))
    assert len(raised.value.problems) == 2
    with pytest.raises(NotFoundError):
        append_rows(engine, 999, records())


def test_claiming_is_once_and_a_dead_worker_is_noticed(engine: Engine) -> None:
    """An import is read by one worker; if that dies it is read once more, then refused with a number."""
    job = new_import(engine)
    claimed = claim_import(engine)
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.source_file.sha256) == (job.id, "reading", "aa")
    assert claim_import(engine) is None
    for status in ("reading", "refused"):
        with writing(engine) as session:
            session.execute(update(Import).values(heartbeat_at=datetime.now(UTC) - timedelta(minutes=5)))
        claim_import(engine)
        assert load_import(engine, job.id).status == status
    assert load_import(engine, job.id).problems[0]["code"] == "worker_died"


def test_a_cancel_wins_over_the_worker(engine: Engine, series_id: int) -> None:
    """A report of a worker does not revive a cancelled import; what it stored is discarded."""
    job = new_import(engine)
    update_import(engine, job.id, status="cancelled")
    assert update_import(engine, job.id, only_if={"reading"}, progress=0.5) is None
    assert finish_import(engine, job.id, rows_stored=1) is None
    store_records(engine, series_id, records(), job.id)
    assert load_records(engine, series_id).empty
    discard_records(engine, job.id)
    discard_records(engine, job.id)


def test_a_deletion_is_final_after_thirty_days(engine: Engine, series_id: int) -> None:
    """Purging removes the records of imports that were deleted long ago, and only those."""
    old, new = (stored_import(engine, series_id, records(i * 10, 10)) for i in range(2))
    with pytest.raises(InvalidInputError):
        discard_records(engine, old)
    delete_import(engine, old)
    delete_import(engine, new)
    with writing(engine) as session:
        long_ago = datetime.now(UTC) - timedelta(days=31)
        session.execute(update(Import).where(Import.id == old).values(deleted_at=long_ago))
    assert purge_deleted(engine) == 1
    with pytest.raises(NotFoundError):
        restore_import(engine, old)
    restore_import(engine, new)
    assert len(load_records(engine, series_id)) == 10


def test_the_same_bytes_are_one_file(engine: Engine) -> None:
    """A file is kept once under its SHA-256, whatever it is called; its imports are found by it."""
    first = store_source_file(engine, "aa", "a.csv", 3, "/files/aa")
    assert store_source_file(engine, "aa", "b.csv", 3, "/files/aa").id == first.id
    job = new_import(engine)
    assert [one.id for one in find_imports_of_file(engine, "aa")] == [job.id]
    assert [one.id for one in load_imports(engine, statuses=("queued",))] == [job.id]
    store_quarantine(engine, job.id, pd.DataFrame({"line": [7, None], "text": ["a", "b"], "reason": "short"}))
    assert load_quarantine(engine, job.id)["line"].tolist()[0] == 7


def test_cycles_are_replaced_as_a_whole(engine: Engine) -> None:
    """A cell has exactly the cycles of the last computation, with their curves and what was said of them all."""
    cell = create_cell(engine, {"name": "one"})
    test = ensure_test(engine, cell.id)
    assert ensure_test(engine, cell.id).id == test.id
    table = pd.DataFrame(
        {
            "cycle_count": [float("nan"), 1.0], "formation_count": [1.0, float("nan")], "state": "complete",
            "start_second": [0.0, 10.0], "end_second": [10.0, 20.0], "masked": [0, 1],
            "p_eoc_mpa": [float("nan"), 71.5],
            "quality": [[], ["few_points"]], "not_computed": [{"p_eoc_mpa": "too few"}, {}], "estimator": "e1",
        }
    )  # fmt: skip
    table.attrs["assumptions"] = ["positive current charges"]
    curve = pd.DataFrame({"half": ["charge", "discharge"], "q_ah": [0.1, 0.2]})
    replace_cycles(engine, cell.id, test.id, table, {1: curve})
    replace_cycles(engine, cell.id, test.id, table, {1: curve})
    read = load_cycles(engine, cell.id)
    assert read["quality"].tolist() == [[], ["few_points"]]
    assert read["not_computed"].tolist() == [{"p_eoc_mpa": "too few"}, {}]
    assert read.attrs == {"assumptions": ["positive current charges"]}
    assert load_curves(engine, cell.id, [1])["half"].tolist() == ["charge", "discharge"]
    assert load_curves(engine, cell.id, [2]).empty
    values = load_cycle_values(engine, [cell.id], ["p_eoc_mpa", "estimator", "start_second"])
    assert values["p_eoc_mpa"].tolist()[1] == 71.5
    assert values["estimator"].tolist() == ["e1", "e1"]


def test_the_state_of_a_cell_is_its_last_record(engine: Engine, series_id: int) -> None:
    """Last values come from the newest record, sealed or hot; a cell without records has a row as well."""
    create_cell(engine, {"name": "empty"})
    store_records(engine, series_id, records(0, 10).assign(current_ampere=1e-3), None)
    state = load_cell_states(engine).iloc[0]
    assert (state["rows"], state["test_time_second"], state["step"]) == (10, 9.0, "charge")
    append_rows(engine, series_id, records(10, 1).assign(current_ampere=-1e-3))
    state = load_cell_states(engine).iloc[0]
    assert (state["rows"], state["test_time_second"], state["step"]) == (11, 10.0, "discharge")
    assert load_cell_states(engine).iloc[1]["rows"] == 0


def test_small_things_are_kept(engine: Engine) -> None:
    """Events, profiles and settings are stored, changed and read."""
    cell = create_cell(engine, {"name": "one"})
    event = store_event(engine, cell.id, kind="note", text="opened", start_second=5.0)
    assert [one.text for one in load_events(engine, cell.id)] == ["opened"]
    delete_event(engine, event.id)
    assert load_events(engine, cell.id) == []
    for answer in ("DMY", "MDY"):
        save_profile(engine, "f", {"date": answer})
        save_setting(engine, "zone", {"name": answer})
    profile = load_profile(engine, "f")
    assert profile is not None
    assert profile.answers == {"date": "MDY"}
    assert load_setting(engine, "zone") == {"name": "MDY"}
    assert load_setting(engine, "colour") is None
