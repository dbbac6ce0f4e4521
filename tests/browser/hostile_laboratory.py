"""A laboratory in which every text is hostile: names, groups, tags, notes, properties, files, channels, agents."""

import csv
import io
import time
import urllib.parse
import urllib.request

from sqlalchemy import Engine

from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel, load_cycles
from data_access.series import create_series, store_records
from data_access.writes import (
    assign_channel,
    create_cells,
    create_import,
    create_test,
    greet_agent,
    replace_cycles,
    store_batches,
    store_event,
    store_source_file,
)
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from ingest.close_cycles import close_cycles
from tests.hostile_texts import TEXTS, as_channel, as_file_name, as_property

WITH_RECORDS = ("style with an address", "entities")
"""Kinds of the cells that have records, and so every figure."""
WITH_CHANNEL = ("link", "quotes")
"""Kinds of the cells that an instrument measures; it has closed no cycle yet."""
FILE = "columns.csv"


def fill(engine: Engine, kinds: tuple[str, ...] = WITH_RECORDS) -> dict[str, int]:
    """Store a cell for every text, with the text wherever it may stand; return the cells' numbers by kind."""
    cells = create_cells(engine, [_values(at, kind) for at, kind in enumerate(TEXTS)])
    numbers = {kind: cell.id for kind, cell in zip(TEXTS, cells, strict=True)}
    records = simulate_cell(cell_parameters(5), cycles=4).records
    table = records.assign(sequence=range(len(records)))
    for kind in kinds:
        test = create_test(engine, numbers[kind], name=TEXTS[kind])
        series = create_series(engine, test.id, source="cycler", channel=TEXTS[kind], clock="t", offset_second=0.0)
        store_records(engine, series.id, table, None)
        close_cycles(engine, numbers[kind])
        for text in TEXTS.values():
            store_event(engine, numbers[kind], kind="note", text=text, start_second=60.0)
    cycles = load_cycles(engine, numbers[kinds[0]])
    for kind, number in numbers.items():
        if kind not in (*kinds, *WITH_CHANNEL):
            replace_cycles(engine, number, None, cycles)
    _fill_imports(engine, numbers)
    _fill_channels(engine, numbers)
    return numbers


def _values(at: int, kind: str) -> dict[str, object]:
    text = TEXTS[kind]
    ended = {"state": "failed", "cause": text} if at % 2 else {}
    properties = {as_property(text): text, "rack": text}
    same = {"group": text, "tags": [text], "notes": f"{text}\n{text}", "properties": properties}
    return {"name": text, "active_mass_mg": 16.7, "plating_time_min": 5.0, **same, **ended}


def file_names() -> list[str]:
    """Names of files that hold every text, two in each name that is not too long: the page lists forty files."""
    texts = list(TEXTS.values())
    pairs = [f"{first} {second}" for first, second in zip(texts[::2], [*texts[1::2], ""], strict=True)]
    return [as_file_name(pair) for pair in pairs]


def _fill_imports(engine: Engine, numbers: dict[str, int]) -> None:
    cells = list(numbers.values())
    for at, name in enumerate(file_names()):
        source = store_source_file(engine, sha256=f"{at:064x}", name=name, size=10, path="none")
        problem = {"code": "odd", "line": 3, "column": name, "text": f"The column {name} is odd.", "fatal": True}
        cell_id = cells[at] if at % 2 else None
        create_import(
            engine, source_file_id=source.id, name=name, status="refused", problems=[problem], cell_id=cell_id
        )


def _fill_channels(engine: Engine, numbers: dict[str, int]) -> None:
    now = time.time()
    for at, (kind, text) in enumerate(TEXTS.items()):
        name = as_channel(text)
        rows = [
            LiveRow(name, sequence, now - 60 + 2 * sequence, 0.0, {"voltage_volt": 3.5 + sequence / 10})
            for sequence in range(3)
        ]
        other = [LiveRow(name, 1, now - 58, 0.0, {"voltage_volt": 3.9})]
        for key, sent in (("first", rows), ("second", other)):  # the second differs, and is kept aside
            batch = LiveBatch(f"{name}:{key}", name, f"{at:032x}{key}", b"", now, sent)
            store_batches(engine, [batch])
        greet_agent(engine, name, {"alarms": [{"text": text}], "version": text, "waiting_rows": 1, "rejected": text})
        if kind in WITH_CHANNEL:
            assign_channel(engine, name, numbers[kind], version=load_channel(engine, name).version)


def send_file(url: str) -> None:
    """Upload a file whose preamble, headers, units and values are hostile."""
    written = io.StringIO()
    out = csv.writer(written)
    for text in list(TEXTS.values())[:20]:
        out.writerow([f"Operator: {text}"])
    texts = list(TEXTS.values())
    out.writerow(["Test_Time(s)", "Voltage(V)", "Current(A)", *texts, *(f"Voltage({text})" for text in texts[:10])])
    for second in range(200):
        values = [text if second == 0 and at % 25 == 1 else "1.5" for at, text in enumerate(texts)]
        wrong = texts[second % len(texts)] if second % 5 == 4 else f"{3.5 + second / 1000:.3f}"
        out.writerow([second, wrong, "0.001", *values, *["1"] * 10])
    query = urllib.parse.urlencode({"name": FILE, "confirm": "ask"})
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/api/v1/imports?{query}",
        written.getvalue().encode(),
        {"Content-Type": "application/octet-stream"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        assert answer.status == 202
