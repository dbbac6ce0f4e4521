"""What a reading leaves in a folder, for the worker: reading.json, quarantine.json and one .npy file a column."""

import json
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ingest.preview import preview_of
from ingest.reading import Reading


def leave_reading(reading: Reading, answers: Mapping[str, Any], folder: Path, threads: Executor) -> None:
    """Write the reading to the folder; reading.json comes last, so a folder that has it is whole."""
    written = threads.submit(_leave_table, reading.table, folder / "columns")
    preview = preview_of(reading)
    written.result()
    quarantine = reading.quarantine.astype({"line": int}).to_dict("records") if len(reading.quarantine) else []
    (folder / "quarantine.json").write_text(json.dumps(quarantine), encoding="utf-8")
    summary = {**reading.as_json(), "answers": dict(answers), "preview": preview}
    (folder / "reading.json").write_text(json.dumps(summary, allow_nan=False), encoding="utf-8")


def _leave_table(table: pd.DataFrame, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in table.columns:
        np.save(folder / f"{name}.npy", np.ascontiguousarray(table[name].to_numpy()))


def load_summary(folder: Path) -> dict[str, Any]:
    """The Reading without its table, as JSON values, and its preview."""
    summary: dict[str, Any] = json.loads((folder / "reading.json").read_text(encoding="utf-8"))
    return summary


def load_kept_summary(folder: Path, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The summary that was left with exactly these answers; None where the file has to be read (again)."""
    if not (folder / "reading.json").exists():
        return None
    summary = load_summary(folder)
    return summary if summary["answers"] == dict(answers) else None


def load_table(folder: Path) -> pd.DataFrame:
    """The table that was read; its columns are mapped into memory, not loaded."""
    columns = {path.stem: np.load(path, mmap_mode="r") for path in sorted((folder / "columns").glob("*.npy"))}
    return pd.DataFrame(columns, copy=False)


def load_quarantine(folder: Path) -> pd.DataFrame:
    """The lines that were not stored: line, text, reason."""
    rows = json.loads((folder / "quarantine.json").read_text(encoding="utf-8"))
    return pd.DataFrame(rows, columns=["line", "text", "reason"])
