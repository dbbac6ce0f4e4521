"""Hostile texts at the API: what echoes them is JSON or CSV that no browser runs and no spreadsheet computes."""

import csv
import io
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from api.responses import as_csv, harmless
from tests.hostile_texts import TEXTS, as_channel, as_property

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def check(answer: "TestResponse") -> None:
    """Fail unless the answer is JSON, without a fault, which a browser takes for nothing else."""
    assert answer.status_code < 500, answer.get_data(as_text=True)
    if answer.status_code not in {204, 304}:
        assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_answer_that_repeats_what_was_sent_is_json(client: "FlaskClient") -> None:
    """In the path, the query, headers, the body and its names: a refusal with a sentence, never a page, never 500."""
    cell = client.post("/api/v1/cells", json={"name": "In0-1"}).get_json()
    for text in TEXTS.values():
        _echo(client, text, cell)


def _echo(client: "FlaskClient", text: str, cell: dict[str, Any]) -> None:
    """Send a text wherever there is room for one."""
    quoted = urllib.parse.quote(text, safe="")
    for path in (f"/api/v1/{quoted}", f"/api/v1/cells/{quoted}", f"/api/v1/channels/{quoted}/state"):
        check(client.get(path))
    for path in ("cells/1/records", "comparisons", "imports", "changes", "stream/once", "cells"):
        names = ("columns", "from", "points", "metric", "by", "limit", "kind", "cell_id", "at", "archived", text)
        check(client.get(f"/api/v1/{path}", query_string=dict.fromkeys(names, text)))
    address = f"/api/v1/cells/{cell['id']}"
    header = text.encode("ascii", "replace").decode()
    check(client.patch(address, json={text: text, "state": text}, headers={"If-Match": f'"{cell["version"]}"'}))
    check(client.patch(address, json={"cell_type": text}, headers={"If-Match": header}))
    check(client.post("/api/v1/cells", data=text.encode(), headers={"Content-Type": header}))
    check(client.post("/api/v1/cells/list", data=f"{text},name\n{text},b\n".encode()))
    check(client.post("/api/v1/imports", query_string={"name": text, "confirm": text}, data=b"a"))
    check(client.post("/api/v1/ingest", data=text.encode(), headers={"Idempotency-Key": header}))
    check(client.post("/_dash-update-component", json={"output": text, text: text}))


def test_a_cell_comes_back_as_it_was_sent(client: "FlaskClient") -> None:
    """Every text of a cell, by the API and by a CSV list, sign for sign."""
    for text in TEXTS.values():
        sent: dict[str, Any] = {"name": text, "group": text, "tags": [text], "notes": f"{text}\n{text}"}
        sent["properties"] = {as_property(text): text}
        made = client.post("/api/v1/cells", json=sent)
        assert made.status_code == 201, made.get_json()
        assert {name: made.get_json()[name] for name in sent} == sent
        assert client.delete(made.headers["Location"], headers={"If-Match": '"1"'}).status_code == 204
    written = io.StringIO()
    csv.writer(written).writerows([["name", "group", "notes"], *([text, text, text] for text in TEXTS.values())])
    listed = client.post("/api/v1/cells/list", data=written.getvalue().encode())
    assert listed.status_code == 201, listed.get_json()
    found = [(cell["name"], cell["group"], cell["notes"]) for cell in listed.get_json()["cells"]]
    assert found == [(text, text, text) for text in TEXTS.values()]


def test_what_was_kept_aside_is_a_download_without_formulas(client: "FlaskClient") -> None:
    """An attachment; texts of agents are marked where a spreadsheet would compute them, numbers are numbers."""
    for at, text in enumerate(TEXTS.values()):
        for sequence, voltage in ((1, 3.5), (1, -3.5)):  # the second differs, and is kept aside
            row = {"channel": as_channel(text), "sequence": sequence, "time": "2026-11-01T10:00:00Z"}
            sent = client.post(
                "/api/v1/ingest",
                json=row | {"voltage_volt": voltage},
                headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": f"pc:{at}{voltage}"},
            )
            assert sent.status_code == (200 if voltage > 0 else 409), sent.get_json()
    answer = client.get("/api/v1/quarantine.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kept-aside.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))
    assert len(rows) == len(TEXTS)
    assert [field for row in rows for field in row.values() if field.startswith(SIGNS)] == []
    named = {row["channel"] for row in rows}
    assert named == {str(harmless(as_channel(text))) for text in TEXTS.values()}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_name_of_a_download_is_plain(kind: str) -> None:
    """No text becomes a path, a further header or another type of file."""
    name = as_csv([], TEXTS[kind]).headers["Content-Disposition"]
    assert name.startswith('attachment; filename="')
    assert set(name.partition("=")[2].strip('"')) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    )
