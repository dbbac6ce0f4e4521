"""One small test for each rule of the store: each fails at once where the exactness test needs luck."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, func, select, update

from data_access.database import reading, writing
from data_access.models import Chunk, Import
from data_access.queries import load_quarantine
from data_access.series import append_rows, load_overview, load_records, seal, store_records
from data_access.series.pyramid import read_items
from data_access.series.strands import StrandKey
from data_access.writes import (
    create_import,
    delete_import,
    finish_import,
    restore_import,
    store_source_file,
    update_import,
)
from pressiometry.errors import DamagedDataError

DIP = 0.5

pytestmark = pytest.mark.usefixtures("tiny_chunks")


def table(sequences: range, **values: float) -> pd.DataFrame:
    """Records with these numbers, one a second; the voltage varies, other values are as given."""
    index = np.array(sequences)
    voltage = (3.5 + np.sin(index / 9)).round(3)
    return pd.DataFrame({"sequence": index, "test_time_second": index * 1.0, "voltage_volt": voltage}).assign(**values)


def stored_import(engine: Engine, series_id: int, rows: pd.DataFrame) -> int:
    """An import of these rows, stored."""
    source = store_source_file(engine, f"{np.random.default_rng().integers(2**60)}", "a.csv", 3, "a")
    job = create_import(engine, source_file_id=source.id, name="a.csv")
    update_import(engine, job.id, status="reading")
    store_records(engine, series_id, rows, job.id)
    assert finish_import(engine, job.id, rows_stored=len(rows)) is not None
    return job.id


def check_levels(engine: Engine, series_id: int, truth: pd.DataFrame, *, levels: int) -> None:
    """Every level holds each record that it reaches exactly once, and the least and largest value of every bucket."""
    numbers, values = truth["sequence"].to_numpy(), truth["voltage_volt"].to_numpy()
    with reading(engine) as session:
        top = session.scalar(select(func.max(Chunk.level)).where(Chunk.series_id == series_id))
        assert top == levels
        for level in range(1, levels + 1):
            items = read_items(session, StrandKey(series_id), level, seq_from=-(2**63), seq_to=2**63 - 1)
            held = [(numbers >= first) & (numbers <= last) for first, last in zip(items.seq0, items.seq1, strict=True)]
            assert np.sum(held, axis=0).tolist() == [1] * len(numbers)
            assert items.low["voltage_volt"].tolist() == [np.fmin.reduce(values[one]) for one in held]
            assert items.high["voltage_volt"].tolist() == [np.fmax.reduce(values[one]) for one in held]


def test_hot_rows_are_read_before_within_and_behind_sealed_ones(engine: Engine, series_id: int) -> None:
    """Rows that are not sealed yet are read like others, wherever they lie, also by a range of time."""
    store_records(engine, series_id, table(range(10, 50, 2)), None)
    append_rows(engine, series_id, table(range(3)))
    append_rows(engine, series_id, table(range(11, 14, 2)))
    append_rows(engine, series_id, table(range(60, 63)))
    expected = sorted([*range(10, 50, 2), *range(3), 11, 13, *range(60, 63)])
    assert load_records(engine, series_id)["sequence"].tolist() == expected
    assert load_records(engine, series_id, t_from=11, t_to=13)["sequence"].tolist() == [11, 12, 13]
    assert load_records(engine, series_id, t_from=60)["sequence"].tolist() == [60, 61, 62]


@pytest.mark.parametrize("hot", [range(60, 63), range(21, 24, 2)])
def test_hot_rows_are_drawn(engine: Engine, series_id: int, hot: range) -> None:
    """An overview shows the dip of a row that has just come, behind the sealed ones or among them."""
    store_records(engine, series_id, table(range(0, 60, 2)), None)
    append_rows(engine, series_id, table(hot, voltage_volt=DIP))
    for low, high in ((None, None), (20, 62)):
        assert load_overview(engine, series_id, ["voltage_volt"], low, high)["voltage_volt"].min() == DIP


@pytest.mark.parametrize("dip", [0, 15, 16, 161, 598])
def test_a_dip_is_in_every_level(engine: Engine, series_id: int, dip: int) -> None:
    """The least and largest value of every bucket are exact on all levels."""
    rows = table(range(600))
    rows.loc[rows.index % 7 == 3, "voltage_volt"] = np.nan
    rows.loc[dip, "voltage_volt"] = DIP
    store_records(engine, series_id, rows, None)
    check_levels(engine, series_id, rows, levels=5)
    assert load_overview(engine, series_id, ["voltage_volt"], points=16)["voltage_volt"].min() == DIP


@pytest.mark.parametrize("late", [1, 33, 511, 1199])
def test_late_rows_change_every_level(engine: Engine, series_id: int, late: int) -> None:
    """A late row within, or just behind, sealed ones is in the buckets of all levels."""
    rows = table(range(0, 1200, 2))
    store_records(engine, series_id, rows, None)
    row = table(range(late, late + 1), voltage_volt=DIP)
    append_rows(engine, series_id, row)
    seal(engine, series_id)
    whole = pd.concat([rows, row]).sort_values("sequence")
    check_levels(engine, series_id, whole, levels=5)
    assert load_overview(engine, series_id, ["voltage_volt"], points=16)["voltage_volt"].min() == DIP


@pytest.mark.parametrize("size", [58, 63, 64, 65, 130, 250])
def test_a_partial_end_that_is_made_again_changes_the_levels_above(engine: Engine, series_id: int, size: int) -> None:
    """Whatever length a strand was left at, what follows belongs to buckets of every level, once."""
    first, then = table(range(size)), table(range(size, 2 * size))
    then.loc[0, "voltage_volt"] = DIP
    store_records(engine, series_id, first, None)
    store_records(engine, series_id, then, None)
    levels = 3 if size < 65 else 4
    check_levels(engine, series_id, pd.concat([first, then], ignore_index=True), levels=levels)


def test_levels_that_end_unevenly_lose_nothing(engine: Engine, series_id: int) -> None:
    """A late row shifts the buckets; what is appended after it is in every level, once."""
    rows = table(range(0, 400, 2))
    rows.loc[112, "voltage_volt"] = DIP  # falls into a bucket of level 1 that reaches over the end of level 2
    late = table(range(97, 98))
    store_records(engine, series_id, rows.iloc[:64], None)
    store_records(engine, series_id, late, None)
    store_records(engine, series_id, rows.iloc[64:112], None)
    store_records(engine, series_id, rows.iloc[112:], None)
    check_levels(engine, series_id, pd.concat([rows, late]).sort_values("sequence"), levels=4)


def test_what_a_stopped_writer_left_is_covered_later(engine: Engine, series_id: int) -> None:
    """Records that no level covers yet are not skipped by the levels of those that follow."""
    rows = table(range(88))

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_records(engine, series_id, rows.iloc[:24], None, progress=stop)
    store_records(engine, series_id, rows.iloc[24:], None)
    check_levels(engine, series_id, rows, levels=3)


@pytest.mark.parametrize("left", ["sealed", "hot"])
def test_the_same_records_again_are_nothing_new(engine: Engine, series_id: int, left: str) -> None:
    """A file or a batch that comes again stores nothing; other values are kept aside and change nothing."""
    rows, other = table(range(40)), table(range(30, 50), voltage_volt=DIP)
    (store_records if left == "sealed" else append_rows)(engine, series_id, rows, None)
    for again in (store_records, append_rows):
        done = again(engine, series_id, rows, None)
        assert (done.stored, done.duplicate, done.quarantined) == (0, 40, 0)
    done = store_records(engine, series_id, other, None)
    assert (done.stored, done.duplicate, done.quarantined) == (10, 0, 10)
    assert len(load_quarantine(engine, 0)) == 10
    read = load_records(engine, series_id)
    assert read["sequence"].tolist() == list(range(50))
    assert read["voltage_volt"].tolist() == [*rows["voltage_volt"], *[DIP] * 10]


def test_two_imports_that_differ_never_overwrite_each_other(engine: Engine, series_id: int) -> None:
    """A record that another import stored with other values goes to the quarantine of the later one."""
    stored_import(engine, series_id, table(range(20)))
    later = stored_import(engine, series_id, table(range(10, 30), voltage_volt=DIP))
    assert load_quarantine(engine, later)["line"].tolist() == list(range(10, 20))
    assert load_records(engine, series_id)["voltage_volt"].eq(DIP).sum() == 10


def test_deleting_an_import_hides_no_row_of_another(engine: Engine, series_id: int) -> None:
    """Of three strands each can be deleted alone: records and overview show exactly the others."""
    imports = [stored_import(engine, series_id, table(range(100 * i, 100 * i + 50))) for i in range(2)]
    append_rows(engine, series_id, table(range(200, 250)))
    for gone, low in zip(imports, (0, 100), strict=True):
        delete_import(engine, gone)
        expected = [i for i in [*range(50), *range(100, 150), *range(200, 250)] if not low <= i < low + 50]
        assert load_records(engine, series_id)["sequence"].tolist() == expected
        drawn = load_overview(engine, series_id, ["voltage_volt"], points=1000).dropna()
        assert drawn["test_time_second"].tolist() == expected
        restore_import(engine, gone)
    with reading(engine) as session:
        assert session.scalars(select(Import.deleted_at)).all() == [None, None]


@pytest.mark.parametrize("level", [0, 1])
def test_damaged_bytes_are_never_shown(engine: Engine, series_id: int, level: int) -> None:
    """A chunk whose checksum is wrong is refused by the exact read and by the overview, not drawn."""
    store_records(engine, series_id, table(range(64)), None)
    ours = (Chunk.series_id == series_id, Chunk.level == level, Chunk.quantity == "voltage_volt")
    with writing(engine) as session:
        chunk = session.scalars(select(Chunk).where(*ours).order_by(Chunk.seq0).limit(1)).one()
        damaged = bytearray(chunk.data)
        damaged[-2] ^= 1
        session.execute(update(Chunk).where(*ours, Chunk.seq0 == chunk.seq0).values(data=bytes(damaged)))
    with pytest.raises(DamagedDataError, match="checksum"):
        load_records(engine, series_id) if level == 0 else load_overview(engine, series_id, ["voltage_volt"], points=16)


@pytest.mark.parametrize("gap_at", [32, 40])  # where two transactions meet, and within one
@pytest.mark.parametrize(("stored", "sealing"), [(0, False), (0, True), (40, False), (60, False)])
def test_a_gap_is_drawn_wherever_it_lies(
    engine: Engine, series_id: int, gap_at: int, stored: int, *, sealing: bool
) -> None:
    """A row of NaN stands between records half an hour apart: both hot, both sealed, or one of each."""
    rows = table(range(60))
    rows.loc[gap_at:, "test_time_second"] += 1800
    if stored:
        store_records(engine, series_id, rows.iloc[:stored], None)
    append_rows(engine, series_id, rows.iloc[stored:])
    if sealing:
        seal(engine, series_id)
    for low, high in ((None, None), (25, 1845)):
        drawn = load_overview(engine, series_id, ["voltage_volt"], low, high)
        gaps = drawn.loc[drawn["voltage_volt"].isna(), "test_time_second"]
        assert gaps.between(gap_at - 1, gap_at + 1800, inclusive="neither").tolist() == [True]
