"""POST /api/v1/ingest: validated whole, durable before it is acknowledged, refused with every problem named."""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine

from data_access.database import open_engine
from data_access.queries import load_channel, load_faults, load_live_quarantine
from data_access.series import load_records
from ingest import live
from ingest.collector import Collector
from pressiometry.errors import DiskFullError, StoreBusyError

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

START = datetime.now(UTC) - timedelta(hours=2)
Row = dict[str, Any]


def row(number: int, **more: Any) -> Row:
    """A row at one a second."""
    time = (START + timedelta(seconds=number)).isoformat()
    return {"channel": "A01", "sequence": number, "time": time, "voltage_volt": 3.5, **more}


def lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows as NDJSON."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in rows)


def post(
    client: "FlaskClient",
    body: bytes | Sequence[Row],
    key: str | None = "lab:1",
    media: str = "application/x-ndjson",
    **headers: str,
) -> "TestResponse":
    """The answer to a batch."""
    data = body if isinstance(body, bytes) else lines(body)
    known = {"Idempotency-Key": key} if key is not None else {}
    return client.post(
        "/api/v1/ingest",
        data=data,
        content_type=media,
        headers=known | {name.replace("_", "-"): value for name, value in headers.items()},
    )


def stored(engine: Engine, channel: str = "A01") -> dict[str, list[Any]]:
    """What is stored of the channel's rows, by column."""
    series_id = load_channel(engine, channel).series_id
    assert series_id is not None
    return {str(name): values.tolist() for name, values in load_records(engine, series_id).items()}


def codes(engine: Engine) -> set[str]:
    """The codes of all faults."""
    return {fault.code for fault in load_faults(engine)}


def test_a_batch_is_acknowledged_with_its_counts(client: "FlaskClient", engine: Engine) -> None:
    """200 with stored, duplicate and last_sequence; the rows are read back as they were sent."""
    answer = post(client, [row(1, cycle_count=3, step_count=2, monotonic_second=5.5), row(2)])
    assert answer.status_code == 200
    counts = {"stored": 2, "duplicate": 0, "last_sequence": 2}
    assert answer.json is not None
    assert {name: answer.json[name] for name in counts} == counts
    read = stored(engine)
    assert read["voltage_volt"] == [3.5, 3.5]
    assert (read["instrument_cycle_count"][0], read["step_count"][0], read["monotonic_second"][0]) == (3, 2, 5.5)


def test_csv_and_gzip_are_the_same_batch(client: "FlaskClient", engine: Engine) -> None:
    """CSV with a header, units beside the names; gzip is unpacked."""
    time = START.isoformat()
    table = f"channel,sequence,time,voltage_volt [mV],force_newton [kgf],step_count\nA01,1,{time},3500,100,\n"
    answer = post(client, gzip.compress(table.encode()), media="text/csv", Content_Encoding="gzip")
    assert answer.status_code == 200, answer.json
    read = stored(engine)
    assert read["voltage_volt"] == [3.5]
    assert read["force_newton"] == [980.665]
    assert "step_count" not in read


def test_units_of_a_row_are_turned_into_ours(client: "FlaskClient", engine: Engine) -> None:
    """Every spelling of a unit that files have; the instrument's test time too."""
    units = {"current_ampere": "mA", "surface_temperature_celsius": "K", "test_time_second": "h"}
    post(client, [row(1, current_ampere=1.5, surface_temperature_celsius=300, test_time_second=2, units=units)])
    read = stored(engine)
    assert read["current_ampere"] == [0.0015]
    assert read["surface_temperature_celsius"] == pytest.approx([26.85])
    assert read["test_time_second"] == [7200.0]


def test_the_digest_is_checked(client: "FlaskClient") -> None:
    """A body that is not what was sent is refused; RFC 9530's form and hex are both read."""
    body = lines([row(1)])
    digest = hashlib.sha256(body)
    for number, text in enumerate((f":{base64.b64encode(digest.digest()).decode()}:", digest.hexdigest())):
        assert post(client, body, f"lab:{number}", Content_Digest=f"sha-256={text}").status_code == 200
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    for wrong in (f"sha-256=:{other}:", "sha-256=:a:", "md5=:abcd:", "nothing"):
        assert post(client, body, "lab:9", Content_Digest=wrong).status_code == 400


@pytest.mark.parametrize("key", [None, "", "lab", "lab:", ":1", "lab:ä", "lab:" + "x" * 200])
def test_a_batch_without_a_key_is_refused(client: "FlaskClient", key: str | None) -> None:
    """The key tells a repetition, and whose batch it is."""
    answer = post(client, [row(1)], key)
    assert answer.status_code == 400
    assert answer.json is not None
    assert "Idempotency-Key" in answer.json["error"]


def test_the_same_batch_is_acknowledged_again(client: "FlaskClient", engine: Engine) -> None:
    """Same key, same content, packed or not: 200 again, the rows are duplicates."""
    body = lines([row(1), row(2)])
    first = post(client, body)
    assert first.json is not None
    assert (first.json["stored"], first.json["duplicate"], first.json["again"]) == (2, 0, False)
    again = post(client, gzip.compress(body), Content_Encoding="gzip")
    assert again.status_code == 200
    assert again.json is not None
    assert (again.json["stored"], again.json["duplicate"], again.json["again"]) == (0, 2, True)
    assert len(stored(engine)["sequence"]) == 2


def test_the_same_key_for_other_content_is_a_conflict(client: "FlaskClient", engine: Engine) -> None:
    """409, nothing stored, the whole payload in quarantine."""
    post(client, [row(1)])
    answer = post(client, [row(2)])
    assert answer.status_code == 409
    assert answer.json is not None
    assert (answer.json["code"], answer.json["stored"]) == ("other_content", 0)
    assert stored(engine)["sequence"] == [1]
    assert load_live_quarantine(engine)["text"].tolist() == [lines([row(2)]).decode()]


def test_differing_rows_are_a_conflict_and_the_others_are_stored(client: "FlaskClient", engine: Engine) -> None:
    """409 with stored, duplicate, conflicts and last_sequence; the answer to a repetition is the same conflict."""
    post(client, [row(1), row(2)])
    body = [row(1), row(2, voltage_volt=3.6), row(3)]
    for expected in ((1, 1), (0, 2)):
        answer = post(client, body, "lab:2")
        assert answer.status_code == 409
        assert answer.json is not None
        assert (answer.json["stored"], answer.json["duplicate"]) == expected
        assert answer.json["conflicts"] == [{"channel": "A01", "sequence": 2}]
        assert (answer.json["last_sequence"], answer.json["code"]) == (3, "conflict")
    assert stored(engine)["voltage_volt"] == [3.5, 3.5, 3.5]
    assert len(load_live_quarantine(engine)) == 1


def test_every_problem_is_named_by_row_and_field(client: "FlaskClient") -> None:
    """422, nothing stored, all of them at once."""
    answer = post(
        client,
        [
            row(1),
            row(2, voltage_volt="high", time="yesterday"),
            row(3, volts=3.5, units={"voltage_volt": "furlong"}),
            row(4, sequence=None, channel="a/b"),
            row(5, sequence=-1, time="2026-11-22T15:01:11"),
            row(6, sequence=2.5, current_ampere=True, step_count=1.5),
        ],
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert {(one["row"], one["field"]) for one in answer.json["rows"]} == {
        (2, "voltage_volt"), (2, "time"), (3, "volts"), (3, "units.voltage_volt"), (4, "sequence"), (4, "channel"),
        (5, "sequence"), (5, "time"), (6, "sequence"), (6, "current_ampere"), (6, "step_count"),
    }  # fmt: skip
    assert "row 3, units.voltage_volt: 'furlong' is no unit of Voltage; known are V, mV, µV" in answer.json["problems"]
    assert client.get("/api/v1/channels").json == {"channels": []}


def test_problems_are_counted_when_they_are_too_many(client: "FlaskClient") -> None:
    """A hundred are named, and how many more there are."""
    answer = post(client, [row(i, voltage_volt="x") for i in range(150)])
    assert answer.json is not None
    assert (answer.status_code, len(answer.json["rows"])) == (422, 100)
    assert answer.json["problems"][-1] == "and 50 more"


@pytest.mark.parametrize(
    ("body", "media", "encoding", "status"),
    [
        (b"", "application/x-ndjson", "", 422),
        (b"\n \n", "application/x-ndjson", "", 422),
        (b"{broken", "application/x-ndjson", "", 400),
        (b"[1]\n", "application/x-ndjson", "", 422),
        (b"\xff\xfe", "application/x-ndjson", "", 400),
        (b"{}\n", "application/json", "", 415),
        (b"{}\n", "application/x-ndjson", "br", 415),
        (b"no gzip", "application/x-ndjson", "gzip", 400),
        (gzip.compress(b"{}\n" * 100, mtime=0)[:-9], "application/x-ndjson", "gzip", 400),
        (gzip.compress(b" " * (9 * 2**20), mtime=0), "application/x-ndjson", "gzip", 413),
        (b"{}\n" * 10_001, "application/x-ndjson", "", 413),
        (b" " * (9 * 2**20), "application/x-ndjson", "", 413),
        (b"channel,sequence,time\nA01,1\n", "text/csv", "", 422),
        (b"channel,sequence,sequence\n", "text/csv", "", 400),
        (b"channel,sequence,time\n", "text/csv", "", 422),
        (b"\xff\xfea", "text/csv", "", 400),
        (b'a,b\n"open', "text/csv", "", 400),
    ],
)
def test_what_is_no_batch_is_refused(
    client: "FlaskClient", body: bytes, media: str, encoding: str, status: int
) -> None:
    """Each with the status that tells the agent what to do, and a sentence."""
    answer = post(client, body, media=media, **({"Content_Encoding": encoding} if encoding else {}))
    assert (answer.status_code, bool(answer.json and answer.json["error"])) == (status, True)


def test_nan_is_stored_as_missing_and_counted(client: "FlaskClient", engine: Engine) -> None:
    """null, "NaN" and the NaN that Python writes are no numbers; infinite ones neither."""
    values = (None, "NaN", float("nan"), float("inf"))
    answer = post(client, [row(i, voltage_volt=value, current_ampere=0.001) for i, value in enumerate(values)])
    assert answer.json is not None
    assert (answer.status_code, answer.json["missing"]) == (200, 4)
    assert "voltage_volt" not in stored(engine)
    (fault,) = load_faults(engine)
    assert (fault.code, fault.n) == ("missing_values", 4)


def test_a_voltage_of_100_v_is_kept_and_flagged(client: "FlaskClient", engine: Engine) -> None:
    """Stored as it came, flagged as out of range."""
    answer = post(client, [row(1, voltage_volt=100), row(2)])
    assert answer.json is not None
    assert (answer.status_code, answer.json["flagged"]) == (200, 1)
    assert stored(engine)["voltage_volt"] == [100.0, 3.5]
    assert codes(engine) == {"out_of_range"}


@pytest.mark.parametrize(
    "time", ["1970-01-01T00:00:05Z", (START + timedelta(days=2)).isoformat()], ids=["1970", "in two days"]
)
def test_a_date_that_cannot_be_keeps_the_place_of_its_sequence(
    client: "FlaskClient", engine: Engine, time: str
) -> None:
    """Stored with the date as it came, flagged, between its neighbours."""
    assert post(client, [row(1), row(2), row(3, time=time), row(4)]).status_code == 200
    read = stored(engine)
    assert read["sequence"] == [1, 2, 3, 4]
    assert read["unix_time_second"][2] == datetime.fromisoformat(time).timestamp()
    assert read["test_time_second"][1] <= read["test_time_second"][2] <= read["test_time_second"][3]
    assert codes(engine) == {"time_implausible"}


def test_a_second_agent_is_refused_until_a_person_releases_the_channel(client: "FlaskClient", engine: Engine) -> None:
    """409 that says when to try again; released, it may write."""
    post(client, [row(1)])
    answer = post(client, [row(2)], "other:1")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (409, "second_agent", "60")
    state = client.get("/api/v1/channels/A01")
    released = client.post("/api/v1/channels/A01/release", headers={"If-Match": state.headers["ETag"]})
    assert released.status_code == 200
    assert post(client, [row(2)], "other:1").status_code == 200
    assert stored(engine)["sequence"] == [1, 2]


def test_a_busy_or_full_store_says_when_to_try_again(client: "FlaskClient", monkeypatch: pytest.MonkeyPatch) -> None:
    """503, 507 and 429, each with Retry-After; nothing is stored."""
    for error, status in ((StoreBusyError("busy"), 503), (DiskFullError("full"), 507)):

        def fail(_collector: object, _batch: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(Collector, "submit", fail)
        answer = post(client, [row(1)])
        assert (answer.status_code, "Retry-After" in answer.headers) == (status, True)
    monkeypatch.undo()
    monkeypatch.setattr("ingest.collector.MOST_WAITING", 0)
    answer = post(client, [row(1)])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert client.get("/api/v1/channels").json == {"channels": []}


def test_what_was_acknowledged_is_committed(client: "FlaskClient", engine: Engine) -> None:
    """Another connection reads every row at the moment of the answer."""
    other = open_engine(engine.url.render_as_string(hide_password=False))
    for number in range(3):
        assert post(client, [row(number)], f"lab:{number}").status_code == 200
        assert stored(other)["sequence"] == list(range(number + 1))
    other.dispose()


def test_too_many_rows_are_refused_before_all_are_read(client: "FlaskClient", monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts rows, not bytes."""
    monkeypatch.setattr(live, "MOST_ROWS", 2)
    assert post(client, [row(i) for i in range(3)]).status_code == 413
