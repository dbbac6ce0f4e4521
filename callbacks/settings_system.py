"""Reactions of the System page: what the server knows of itself, looked up anew every quarter of a minute."""

import platform
import shutil
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output
from flask import current_app
from sqlalchemy import Engine

from access.roles import requires
from data_access.database import db
from data_access.queries.system import (
    load_error_notes,
    load_failed_imports,
    load_store_state,
    load_work_state,
)
from layouts import settings_ids as ids
from layouts import settings_system as page
from layouts.words import settings as words
from monitoring.feeds import feed_states

SHOWN_ERRORS = 50


@requires("admin")
def refresh(_ticks: int) -> tuple[Any, ...]:
    """Return the sentence and the panels."""
    engine = db.engine
    state = page.SystemState(
        store=load_store_state(engine),
        disk=disk_of(Path(current_app.config["BAROGRAPH_DATA_DIR"])),
        feeds=dict(Counter(feed_states(engine, time.time())["status"])),
        work=load_work_state(engine),
        versions=versions(),
        errors=error_rows(engine),
    )
    return page.sentence(state, now=datetime.now(UTC)), page.content(state)


def disk_of(folder: Path) -> page.Disk:
    """Return the space of the disk that holds a folder."""
    usage = shutil.disk_usage(folder)
    return page.Disk(str(folder), usage.free, usage.total)


def error_rows(engine: Engine) -> list[page.ErrorRow]:
    """Return the last errors of the server and of imports, the newest first."""
    rows = [page.ErrorRow(note.number, note.at, note.place, note.text) for note in load_error_notes(engine)]
    for job in load_failed_imports(engine):
        said = " ".join(str(problem.get("text", "")) for problem in job.problems[:1])
        place = words.ERROR_OF_IMPORT.format(name=job.name)
        rows.append(page.ErrorRow(str(job.error_number), job.heartbeat_at or job.created_at, place, said))
    return sorted(rows, key=lambda row: row.at, reverse=True)[:SHOWN_ERRORS]


def versions() -> dict[str, str]:
    """Return the versions of what the server is made of."""
    names = [name for name in words.VERSION_NAMES if name != "python"]
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(ids.SYSTEM_SENTENCE, "children"),
        Output(ids.SYSTEM_CONTENT, "children"),
        Input(ids.SYSTEM_CLOCK, "n_intervals"),
    )(refresh)
