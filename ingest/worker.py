"""The worker: claims imports one at a time, has them read in a limited child, and stores what was agreed to.

`python -m ingest.worker` or `run_worker`.  Whatever kills it leaves nothing half-stored: records of an import are not
visible before its status is "stored", and a job whose worker died is queued once more and then refused.
"""

import argparse
import contextlib
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Engine

from data_access.base import now
from data_access.database import open_engine
from data_access.models import Import
from data_access.queries import facts_of, load_cell, load_import, load_imports, load_profile, load_source_file
from data_access.writes import claim_import, discard_records, purge_deleted, update_import
from ingest import child
from ingest.close_cycles import close_cycles
from ingest.left_reading import load_kept_summary, load_summary
from ingest.memory import read_waiting_again, reader_answers, remember_answers, remembered_answers
from ingest.reading.findings_log import CELL, REMEMBERED
from ingest.refusing import ask_to_change_answers, refuse, refuse_numbered
from ingest.storing import StoringPlan, plan_storing, store_import
from ingest.upload import OPEN_STATES, source_path, sweep_temporary_files
from pressiometry.errors import BarographError, RefusedFileError, StaleEditError, StoreBusyError

log = logging.getLogger(__name__)

STALE_SECOND = 30
"""A claimed import whose worker gave no sign for so long is taken from it."""

HEARTBEAT_SECOND = 1.0
IDLE_SECOND = 0.4
SWEEP_SECOND = 600
READ_SHARE = 0.6
"""Progress at which reading ends and storing begins; the cycles are the last 5 percent."""

STORED_SHARE = 0.95

PLAIN_ENCODINGS = ("ascii", "utf-8", "utf-8-sig")


class WorkerStoppedError(Exception):
    """The worker was asked to stop in the middle of a job."""


class ImportCancelledError(Exception):
    """Somebody cancelled the import that is being worked on."""


def run_worker(database_url: str, data_dir: Path) -> None:
    """Work on imports until SIGTERM or SIGINT; returns within a second of it, with nothing half-stored."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    engine = open_engine(database_url)
    standby = child.Standby()
    standby.prepare()
    swept = float("-inf")
    while not stop.is_set():
        try:
            if time.monotonic() - swept > SWEEP_SECOND:
                finish_closing(engine)
                sweep(engine, data_dir)
                swept = time.monotonic()
            if work_once(engine, data_dir, should_stop=stop.is_set, standby=standby):
                continue
        except StoreBusyError:
            log.warning("the database is held by another writer; the worker tries again")
        stop.wait(IDLE_SECOND)
    standby.close()
    engine.dispose()


def work_once(
    engine: Engine,
    data_dir: Path,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    standby: child.Standby | None = None,
) -> bool:
    """Whether there was an import to work on; its file is read by the child of `standby`, or by a new one.

    When this returns, it asks, is stored, refused or cancelled, or is queued again because the worker has to stop or
    another writer held the database.  Raises StoreBusyError where it is held and nothing could be claimed.
    """
    claimed = claim_import(engine, stale_after_second=STALE_SECOND)
    if claimed is None:
        return False
    job = _Job(engine, data_dir, claimed, should_stop, standby)
    try:
        job.run()
    except ImportCancelledError:
        discard_records(engine, claimed.id)
    except WorkerStoppedError:
        _give_back(engine, claimed, should_stop)
    except StoreBusyError:
        log.warning("import %s is queued again: the database is held by another writer", claimed.id)
        _give_back(engine, claimed, should_stop)
    except StaleEditError:
        _give_back(engine, claimed, should_stop)  # it is planned anew, beside what the cell has now
    except RefusedFileError as error:
        if not ask_to_change_answers(engine, claimed, error):
            refuse(engine, claimed.id, error.code, error.text)
    except BarographError as error:
        refuse_numbered(engine, claimed.id, error.what, getattr(error, "details", ""))
    except Exception as error:  # noqa: BLE001 - the worker outlives every job; the traceback goes into the log with the number
        refuse_numbered(engine, claimed.id, "The import failed", "", error)
    return True


def _give_back(engine: Engine, claimed: Import, should_stop: Callable[[], bool]) -> None:
    """Queue the import again as if it had never been claimed, as soon as the database is free; stored ones are closed.

    A worker that must stop before that leaves it: it is taken up again once it is stale.
    """
    while True:
        try:
            job = load_import(engine, claimed.id)
            if job.status == "stored":
                _close(engine, job)
                return
            discard_records(engine, claimed.id)
            update_import(engine, claimed.id, only_if={"reading"}, status="queued", attempts=claimed.attempts - 1)
        except StoreBusyError:
            if should_stop():
                return
            time.sleep(IDLE_SECOND)
        else:
            return


def finish_closing(engine: Engine) -> None:
    """Compute the cycles of cells whose worker died between storing the records and closing the cycles."""
    for stored in load_imports(engine, statuses=("stored",)):
        if stored.progress < 1 and stored.cell_id is not None:
            _close(engine, stored)


def sweep(engine: Engine, data_dir: Path) -> None:
    """Remove what cut-off uploads and finished imports left, and records deleted 30 days ago; original files stay."""
    purge_deleted(engine)
    sweep_temporary_files(data_dir)
    for folder in (data_dir / "work").glob("import-*"):
        import_id = int(folder.name.removeprefix("import-"))
        with contextlib.suppress(BarographError):
            if load_import(engine, import_id).status in OPEN_STATES:
                continue
        shutil.rmtree(folder, ignore_errors=True)


class _Job:
    """One claimed import: reading, asking, storing, with a sign of life several times a minute."""

    def __init__(
        self,
        engine: Engine,
        data_dir: Path,
        claimed: Import,
        should_stop: Callable[[], bool],
        standby: child.Standby | None,
    ) -> None:
        self.engine = engine
        self.claimed = claimed
        self.source = source_path(data_dir, load_source_file(engine, claimed.source_file_id).sha256)
        self.folder = data_dir / "work" / f"import-{claimed.id}"
        self.should_stop = should_stop
        self.standby = standby
        self.signed_at = float("-inf")

    def run(self) -> None:
        if self.claimed.attempts > 1:
            discard_records(self.engine, self.claimed.id)
        summary = self._read()
        plan = plan_storing(self.engine, self.claimed, summary, self.folder)
        summary["questions"] += plan.questions
        summary["optional_questions"] += plan.optional_questions
        self._show(summary, plan)
        if self._waits(summary):
            self._write(status="asks", progress=0.0)
            return
        job = load_import(self.engine, self.claimed.id)
        stored = store_import(self.engine, job, self.folder, plan, self._storing_progress)
        if stored is None:
            raise ImportCancelledError
        remember_answers(self.engine, job)
        read_waiting_again(self.engine, job)
        _close(self.engine, stored)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> dict[str, Any]:
        """What the reader made of the file, with what was remembered for its header, which reading alone tells."""
        answers = reader_answers(self.claimed.answers) | self._known_of_cell()
        expected = self._remembered(self.claimed.fingerprint)
        summary = self._read_with(answers | expected)
        remembered = self._remembered(summary["fingerprint"])
        return summary if remembered == expected else self._read_with(answers | remembered)

    def _remembered(self, fingerprint: str | None) -> dict[str, Any]:
        """What was answered for earlier files with this header, for the reader."""
        profile = load_profile(self.engine, fingerprint) if fingerprint else None
        remembered = remembered_answers(profile, self.claimed.cell_id)
        return {REMEMBERED: remembered} if remembered else {}

    def _known_of_cell(self) -> dict[str, Any]:
        """The pressure that the cell was put under, and the area of its force, for the reader to judge units by."""
        cell = load_cell(self.engine, self.claimed.cell_id) if self.claimed.cell_id is not None else None
        if cell is None or cell.applied_pressure_mpa is None:
            return {}
        area = facts_of(cell).force_area_mm2
        return {CELL: {"applied_pressure_mpa": cell.applied_pressure_mpa, "force_area_mm2": area}}

    def _read_with(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The reading with these answers: kept from the last time, or made anew in a child."""
        kept = load_kept_summary(self.folder, answers)
        if kept is not None:
            return kept
        child.read_in_child(
            self.source,
            self.claimed.name,
            answers,
            self.folder,
            limits=child.Limits.for_size(self.source.stat().st_size),
            watch=lambda share: self._sign_of_life(READ_SHARE * share),
            standby=self.standby,
        )
        return load_summary(self.folder)

    def _waits(self, summary: dict[str, Any]) -> bool:
        """Whether a person has to say something before this may be stored."""
        agreed = self.claimed.confirm == "auto" or self.claimed.answers.get("confirmed") is True
        return bool(summary["questions"]) or self.claimed.cell_id is None or not agreed

    def _show(self, summary: dict[str, Any], plan: StoringPlan) -> None:
        """Write what was understood, for the page and the API."""
        asked = list(summary["questions"])
        if self.claimed.cell_id is None:
            asked.append(
                {"code": "cell_id", "text": "Which cell does this file belong to?", "choices": [], "column": None}
            )
        self._write(
            format=summary["format"],
            rows_read=summary["rows_read"],
            rows_quarantined=summary["rows_quarantined"] + plan.rows_quarantined,
            rows_duplicate=summary["rows_duplicate"] + plan.rows_duplicate,
            mapping=summary["mapping"],
            assumptions=[*_notation(summary), *summary["assumptions"], *plan.assumptions],
            problems=[*summary["problems"], *plan.problems],
            questions=asked,
            preview={
                **summary["preview"],
                "optional_questions": summary["optional_questions"],
                "answered_questions": [*summary["answered_questions"], *plan.answered_questions],
            },
            fingerprint=summary["fingerprint"],
        )

    def _storing_progress(self, share: float) -> None:
        self._sign_of_life(READ_SHARE + (STORED_SHARE - READ_SHARE) * share)

    def _sign_of_life(self, progress: float) -> None:
        """Once a second: heartbeat and progress; raises where the import was cancelled or the worker must stop."""
        if self.should_stop():
            raise WorkerStoppedError
        if time.monotonic() - self.signed_at >= HEARTBEAT_SECOND:
            self.signed_at = time.monotonic()
            with contextlib.suppress(StoreBusyError):  # the next sign says it
                self._write(heartbeat_at=now(), progress=progress)

    def _write(self, **values: Any) -> None:
        if update_import(self.engine, self.claimed.id, only_if={"reading"}, **values) is None:
            raise ImportCancelledError


def _notation(summary: dict[str, Any]) -> list[dict[str, str]]:
    """How numbers and letters are written in the file, where it is not the usual way."""
    notes = []
    if summary["decimal_mark"] == ",":
        text = f"Decimal comma, in all {summary['rows_read']} rows."
        notes.append({"code": "decimal_comma", "text": text})
    if summary["encoding"] not in PLAIN_ENCODINGS:
        notes.append({"code": "encoding", "text": f"The text is encoded as {summary['encoding']}."})
    return notes


def _close(engine: Engine, stored: Import) -> None:
    """Close the cycles of the cell; the import counts as done only after that."""
    if stored.cell_id is not None:
        closed = close_cycles(engine, stored.cell_id)
        notes = [{"code": "cycles", "text": text} for text in closed.assumptions]
        update_import(engine, stored.id, progress=1.0, assumptions=[*stored.assumptions, *notes])


def main() -> None:
    """Run a worker for the database and folder named on the command line."""
    parser = argparse.ArgumentParser(prog="ingest.worker", description="Barograph's import worker.")
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run_worker(options.database_url, options.data_dir)
    logging.shutdown()
    os._exit(0)  # everything is closed: taking the interpreter apart would cost a second


if __name__ == "__main__":
    main()
