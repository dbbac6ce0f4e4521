"""What tests of imports share: files that are read without a child."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ingest import child
from ingest.left_reading import leave_reading
from ingest.reading import read_export


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process: the child is tested elsewhere."""

    def read(path: Path, name: str, answers: dict[str, Any], folder: Path, **_: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with ThreadPoolExecutor(1) as threads:
            leave_reading(read_export(path, name, answers), answers, folder, threads)

    monkeypatch.setattr(child, "read_in_child", read)
