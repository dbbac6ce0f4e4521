"""The live demo as a person starts it: supervisor, cyclers, agent and server, from Ctrl-C to the next start."""

import json
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningServer, start_server

pytestmark = pytest.mark.long
PATIENCE_SECONDS = 90.0


def _get(server: RunningServer, path: str) -> Any:
    request = urllib.request.Request(f"{server.url}/api/v1/{path}", headers={"Accept": "application/json"})  # noqa: S310 - this machine
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - this machine
        return json.load(answer)


def _streamed(server: RunningServer) -> dict[str, int]:
    """Ids of the cells, by channel, once rows of both have been stored for them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        cells = {cell["id"]: cell["name"] for cell in _get(server, "cells")["cells"]}
        channels = [channel for channel in _get(server, "channels")["channels"] if channel["cell_id"] in cells]
        rows = [len(_get(server, f"cells/{channel['cell_id']}/records")["test_time_second"]) for channel in channels]
        if len(channels) == len(cells) == 2 and all(count > 20 for count in rows):
            return {channel["channel"]: channel["cell_id"] for channel in channels}
        time.sleep(0.5)
    raise AssertionError("No rows came.")


def _processes_with(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            found.append(command)
    return found


def test_the_demo_streams_ends_and_begins_anew(tmp_path: Path) -> None:
    """Rows reach their cells; Ctrl-C leaves no process; the next start has two new cells, and none of the old rows."""
    first = start_server(tmp_path, "--stream")
    try:
        before = _streamed(first)
        assert len(_processes_with(str(tmp_path))) >= 4
        first.process.send_signal(signal.SIGINT)
        assert first.ended() == 0
        assert _processes_with(str(tmp_path)) == []
        second = start_server(tmp_path, "--stream")
    finally:
        first.process.kill()
    try:
        after = _streamed(second)
        assert before.keys() == after.keys() == {"Live-0", "Live-15"}
        assert not set(before.values()) & set(after.values())
        for cell_id in after.values():
            seconds = _get(second, f"cells/{cell_id}/records")["test_time_second"]
            assert seconds[0] == 0.0, "the cell has rows of the start before, or its first ones went elsewhere"
            assert seconds == sorted(set(seconds))
    finally:
        second.process.send_signal(signal.SIGINT)
        assert second.ended() == 0
