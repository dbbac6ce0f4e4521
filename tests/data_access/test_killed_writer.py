"""kill -9 of a writer in the middle leaves an exact prefix, and repeating the write completes it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access.series import create_series, load_overview, load_records, store_records
from data_access.writes import create_cell, create_test

RECORDS = 1_500_000
WRITER = """
import sys
import time
from tests_table import table
from data_access.database import open_engine
from data_access.series import store_records
# A breath after each transaction, so that the kill falls in the middle however fast the machine is.
store_records(open_engine(sys.argv[1]), int(sys.argv[2]), table(), None, progress=lambda *_: time.sleep(0.1))
"""


def table() -> pd.DataFrame:
    """Synthetic records with two quantities."""
    index = np.arange(RECORDS)
    voltage = (3.5 + np.sin(index / 500)).round(4)
    return pd.DataFrame({"sequence": index, "test_time_second": index / 2, "voltage_volt": voltage})


def test_a_killed_writer_leaves_an_exact_prefix(engine: Engine, tmp_path: Path) -> None:
    """However far it came: records 0..n-1 exactly, n a multiple of a transaction; the repetition adds the rest."""
    source = Path(__file__).read_text(encoding="utf-8")
    start, end = source.index("RECORDS ="), source.index("def test_")
    body = source[start : source.index('WRITER = """')] + source[source.index("def table") : end]
    (tmp_path / "tests_table.py").write_text(f"import numpy as np\nimport pandas as pd\n{body}", encoding="utf-8")
    (tmp_path / "writer.py").write_text(WRITER, encoding="utf-8")
    test = create_test(engine, create_cell(engine, {"name": "cell"}).id)
    whole = table()
    for delay in (0.0, 0.15):
        series_id = create_series(engine, test.id, "cycler", "A01", "A01").id
        count = killed_after(engine, series_id, delay, tmp_path)
        left = load_records(engine, series_id)
        assert 0 < count <= len(left) < RECORDS
        assert len(left) % 65_536 == 0
        pd.testing.assert_frame_equal(left, whole.iloc[: len(left)], check_dtype=False)
        drawn = load_overview(engine, series_id, ["voltage_volt"])
        assert drawn["voltage_volt"].min() == left["voltage_volt"].min()
    done = store_records(engine, series_id, whole, None)
    assert (done.stored, done.duplicate) == (RECORDS - len(left), len(left))
    pd.testing.assert_frame_equal(load_records(engine, series_id), whole, check_dtype=False)


def killed_after(engine: Engine, series_id: int, delay: float, folder: Path) -> int:
    """Start a writer, kill it a moment after its first records are there, return how many those were."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(Path(__file__).parents[2])))}
    arguments = [sys.executable, str(folder / "writer.py"), str(engine.url), str(series_id)]
    writer = subprocess.Popen(arguments, env=environment)  # noqa: S603
    deadline = time.monotonic() + 60
    while not (count := len(load_records(engine, series_id, ["voltage_volt"]))) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(delay)
    writer.send_signal(signal.SIGKILL)
    assert writer.wait(20) == -signal.SIGKILL
    return count
