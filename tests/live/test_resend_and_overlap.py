"""Split, shuffled and repeated batches over HTTP, and overlapping exports uploaded again: the same content at the end.

What `store_batches` does with batches is tested in data_access, and what an import does with exports in ingest; this
is both, through the server, into the same cell.
"""

import hashlib
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from data_access.queries import load_import, load_series
from data_access.series import load_cell_records, seal
from ingest.answers import answer_import
from ingest.worker import work_once

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient

EXAMPLES = int(os.environ.get("EXACTNESS_EXAMPLES", "4"))
ROWS = 120
FEWEST = 30
"""Records of an export: fewer tell nothing of an overlap."""
NAMES = {
    "test_time_second": "Test_Time(s)",
    "voltage_volt": "Voltage(V)",
    "current_ampere": "Current(A)",
    "surface_pressure_mpa": "Pressure(MPa)",
}
START = 1_795_000_000.0
NUMBERS = itertools.count()


def truth() -> pd.DataFrame:
    """A synthetic test: a cycle every 40 records, one a minute, no two of them alike."""
    number = np.arange(ROWS)
    phase = number % 40
    state = np.where(phase < 20, phase / 20, 2 - phase / 20)
    return pd.DataFrame(
        {
            "test_time_second": 60.0 * number,
            "voltage_volt": np.round(3.4 + 0.7 * state + np.where(phase < 20, 0.1, -0.1) + 1e-4 * number, 5),
            "current_ampere": np.where(phase < 20, 1e-3, -1e-3),
            "surface_pressure_mpa": np.round(70 + 2 * state, 4),
        }
    )


TRUTH = truth()


def digest_of(table: pd.DataFrame) -> str:
    """A digest of every value of the records, in order."""
    values = np.ascontiguousarray(table[list(NAMES)].to_numpy(float))
    return hashlib.sha256(values.tobytes()).hexdigest()


class ResendAndOverlap(RuleBasedStateMachine):
    """Feeds one cell by batches first and exports then, in any order and as often as it likes."""

    client: "FlaskClient"
    engine: Engine
    data_dir: Path

    @initialize(live=st.booleans())
    def start(self, live: bool) -> None:  # noqa: FBT001 - drawn
        """A fresh cell, whose records come live and by exports, or by exports only."""
        number = next(NUMBERS)
        self.channel, self.keys, self.live = f"R{number}", itertools.count(), live
        answer = self.client.post("/api/v1/cells", json={"name": f"cell {number}"})
        self.cell_id = answer.get_json()["id"]
        self.sent: list[tuple[str, bytes]] = []
        self.held: set[int] = set()
        self.stored = 0
        if live:
            self.post([0, 1, 2])
            version = self.client.get(f"/api/v1/channels/{self.channel}").headers["ETag"]
            path, headers = f"/api/v1/channels/{self.channel}", {"If-Match": version}
            assert self.client.put(path, json={"cell_id": self.cell_id}, headers=headers).status_code == 200

    def post(self, numbers: list[int]) -> None:
        """Send rows under a new key."""
        lines = []
        for number in numbers:
            moment = pd.Timestamp(START + 60 * number, unit="s", tz="UTC").isoformat()
            row: dict[str, Any] = {"channel": self.channel, "sequence": number + 1, "time": moment}
            lines.append(orjson.dumps(row | {name: float(TRUTH[name][number]) for name in NAMES}))
        self.sent.append((f"lab:{self.channel}-{next(self.keys)}", b"\n".join(lines)))
        self.stored += self.post_again(*self.sent[-1])["stored"]
        self.held |= set(numbers)
        assert self.stored == len(self.held)

    def post_again(self, key: str, body: bytes) -> dict[str, Any]:
        """What the server answers to a batch."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/x-ndjson"}
        answer = self.client.post("/api/v1/ingest", data=body, headers=headers)
        assert answer.status_code == 200, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    @precondition(lambda self: self.live)
    @rule(data=st.data(), first=st.integers(0, ROWS - 1), size=st.integers(1, 40))
    def send_shuffled(self, data: st.DataObject, first: int, size: int) -> None:
        """Rows in any order, some of them known."""
        self.post(data.draw(st.permutations(range(first, min(first + size, ROWS)))))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A batch whose acknowledgement was lost."""
        assert self.post_again(*data.draw(st.sampled_from(self.sent)))["stored"] == 0

    @precondition(lambda self: self.live)
    @rule()
    def seal(self) -> None:
        """Rows are packed."""
        for series in load_series(self.engine, self.cell_id):
            seal(self.engine, series.id)

    @precondition(lambda self: not self.live)
    @rule(first=st.integers(0, ROWS - FEWEST), size=st.integers(FEWEST, ROWS))
    def upload(self, first: int, size: int) -> None:
        """A part of the test as an export, again or for the first time."""
        self.upload_part(first, min(first + size, ROWS))

    def upload_part(self, first: int, end: int) -> None:
        """Upload records as a file, and answer where it belongs if that is asked."""
        text = TRUTH[first:end].rename(columns=NAMES).to_csv(index=False)
        path = f"/api/v1/cells/{self.cell_id}/files?confirm=auto&name={first}-{end}.csv"
        answer = self.client.post(path, data=text.encode(), content_type="text/csv")
        assert answer.status_code in {200, 202}, answer.get_json()
        import_id = answer.get_json()["import_id"]
        while work_once(self.engine, self.data_dir):
            pass
        job = load_import(self.engine, import_id)
        if [question["code"] for question in job.questions] == ["placement"]:
            answer_import(self.engine, import_id, {"placement": "same_clock"})
            while work_once(self.engine, self.data_dir):
                pass
            job = load_import(self.engine, import_id)
        assert job.status == "stored", (job.status, job.questions, job.problems)

    def teardown(self) -> None:
        """What is missing comes, then the whole test as an export: the content is that of the test, in any case."""
        if not hasattr(self, "live"):
            return
        if self.live:
            missing = sorted(set(range(ROWS)) - self.held)
            if missing:
                self.post(missing)
        self.upload_part(0, ROWS)
        self.upload_part(ROWS // 3, ROWS)
        table = load_cell_records(self.engine, self.cell_id)
        assert len(table) == ROWS
        assert digest_of(table) == digest_of(TRUTH)


def test_resent_shuffled_and_overlapping_data_give_the_same_content(
    app: "Dash", engine: Engine, data_dir: Path, client: "FlaskClient"
) -> None:
    """Every record is there once with its values, however it came."""
    assert app.server.config["BAROGRAPH_DATA_DIR"] == data_dir
    run_state_machine_as_test(
        type("ResendAndOverlap", (ResendAndOverlap,), {"client": client, "engine": engine, "data_dir": data_dir}),
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck),
            database=None, print_blob=True, phases=[Phase.generate],  # shrinking takes minutes
        ),
    )  # fmt: skip
