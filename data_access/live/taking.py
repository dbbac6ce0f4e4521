"""Takes batches into the store within one transaction: new rows stored, equal ones ignored, differing ones kept aside.

Rows that follow all that their channel has are written without a look at what is stored; only others are compared.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from data_access.live.batches import MISSING, BatchAnswer, Flag, LiveBatch, LiveRow
from data_access.live.channels import (
    LiveChannel,
    LiveSeries,
    create_channel,
    load_channels_to_write,
    refuse_agent,
    write_back,
)
from data_access.live.clock import JITTER_SECOND, is_believed
from data_access.live.faults import Faults
from data_access.live.placing import WALL, open_series, place_series
from data_access.live.stored import FORCE, PRESSURE, StoredRows
from data_access.models import Batch, Cell, Quarantine, Series, Test
from data_access.record_models import HOT, LIVE
from data_access.series.mechanical_source import CYCLER
from data_access.series.rows import QUANTITIES, TIME
from data_access.series.store import lock_test
from data_access.series.strands import StrandKey
from pressiometry.facts import CellFacts

_KNOWN = select(Batch.idempotency_key, Batch.digest, Batch.answer).where(
    Batch.idempotency_key.in_(bindparam("keys", expanding=True))
)
_INSERT_ROWS = insert(HOT)
_INSERT_BATCHES = insert(Batch.__table__)  # type: ignore[arg-type]
_NOT_MEASURED: dict[str, object] = {"series_id": 0, "import_id": LIVE, "sequence": 0, **dict.fromkeys(QUANTITIES)}
_OF_A_CELL = frozenset({"voltage_volt", "current_ampere"})


class Taking:
    """The batches of one transaction."""

    def __init__(self, session: Session) -> None:
        """Take batches within this session."""
        self._session = session
        self._channels: dict[str, LiveChannel] = {}
        self._known: dict[str, tuple[str, dict[str, object]]] = {}
        self._new_batches: list[dict[str, object]] = []
        self._new_rows: list[dict[str, object]] = []
        self._faults = Faults()

    def take(self, batches: Sequence[LiveBatch]) -> list[BatchAnswer]:
        """Return what becomes of each, in order."""
        names = {row.channel for batch in batches for row in batch.rows}
        self._channels = load_channels_to_write(self._session, names)
        found = self._session.execute(_KNOWN, {"keys": [batch.key for batch in batches]})
        self._known = {key: (digest, answer) for key, digest, answer in found}
        answers = [self._take_one(batch) for batch in batches]
        self._write_rows()
        write_back(self._session, self._channels.values())
        if self._new_batches:
            self._session.execute(_INSERT_BATCHES, self._new_batches)
        self._faults.write(self._session, max(batch.received_unix_second for batch in batches))
        return answers

    def _take_one(self, batch: LiveBatch) -> BatchAnswer:
        known = self._known.get(batch.key)
        if known is not None:
            digest, kept = known
            return BatchAnswer.repeated(kept) if digest == batch.digest else self._refuse_content(batch)
        by_channel: dict[str, list[LiveRow]] = defaultdict(list)
        for row in batch.rows:
            by_channel[row.channel].append(row)
        foreign = [
            channel
            for name in by_channel
            if (channel := self._channels.get(name)) is not None and channel.agent not in {None, batch.agent}
        ]
        if foreign:
            return self._refuse_agent(batch, foreign)
        answer = BatchAnswer()
        for name, rows in by_channel.items():
            channel = self._channels.get(name)
            if channel is None:
                channel = self._channels[name] = create_channel(self._session, name, batch.agent)
            channel.agent = batch.agent
            self._take_rows(channel, rows, batch, answer)
            if channel.last_sequence is not None:
                answer.last_sequences[name] = channel.last_sequence
        answer.verdict = "conflict" if answer.conflicts else "stored"
        kept = answer.as_json()
        self._known[batch.key] = batch.digest, kept
        self._new_batches.append(
            {
                "idempotency_key": batch.key,
                "digest": batch.digest,
                "agent": batch.agent,
                "answer": kept,
                "received_at": datetime.fromtimestamp(batch.received_unix_second, UTC),
            }
        )
        return answer

    def _take_rows(self, channel: LiveChannel, rows: list[LiveRow], batch: LiveBatch, answer: BatchAnswer) -> None:
        """Take the rows of one channel, in the order of their sequence."""
        rows.sort(key=lambda row: row.sequence)
        received_before = channel.clock.last_received_second or batch.received_unix_second
        channel.clock.learn_delivery(batch.received_unix_second - received_before)
        channel.clock.last_received_second = received_before
        fresh: list[LiveRow] = []
        for row in rows:
            if fresh and fresh[-1].sequence == row.sequence:
                if _is_same(fresh[-1], row):
                    answer.duplicate += 1
                else:
                    self._set_aside(channel, None, row, answer)
            else:
                fresh.append(row)
        last = channel.last_sequence
        if last is not None and fresh[0].sequence <= last:
            old = [row for row in fresh if row.sequence <= last]
            fresh = fresh[len(old) :]
            self._take_old(channel, old, batch, answer)
        if fresh:
            self._append(channel, fresh, batch, answer)
        channel.clock.last_received_second = batch.received_unix_second
        channel.is_changed = True

    def _append(self, channel: LiveChannel, rows: list[LiveRow], batch: LiveBatch, answer: BatchAnswer) -> None:
        """Store rows that follow all that the channel has."""
        clock, received = channel.clock, batch.received_unix_second
        steps: list[float] = []
        received_before = clock.last_received_second
        used: dict[int, LiveSeries] = {}
        for row in rows:
            before, unix_before = clock.last_test_time_second, clock.last_unix_second
            given = row.test_time_second
            restarted = given is not None and before is not None and given < before - JITTER_SECOND
            time, flag = clock.place(row, received)
            if channel.series is None or restarted:
                first = 0 if channel.last_sequence is None else row.sequence if restarted else channel.last_sequence + 1
                channel.series = self._open(channel, row, first, time, received)
                if restarted:
                    text = f"The instrument's test time began again before row {row.sequence}: a new series"
                    self._faults.note(channel.id, Flag("test_time_restarted", text), [row.sequence])
            if unix_before is not None and flag is None:
                steps.append(row.unix_second - unix_before)
            if flag is not None:
                answer.flagged += 1
                self._faults.note(channel.id, flag, [row.sequence])
            channel.last_sequence = row.sequence
            used[channel.series.id] = channel.series
            self._add_row(channel, channel.series, row, time, batch, answer)
        for series in used.values():
            series.batches += 1
        channel.touched |= used
        clock.learn_interval(steps, (received - (received_before or received)) / len(rows))

    def _open(self, channel: LiveChannel, row: LiveRow, first: int, time: float, received: float) -> LiveSeries:
        self._write_rows()
        zero = row.unix_second - time if is_believed(row.unix_second, received) else None
        by_test_time = row.test_time_second is not None
        return open_series(
            self._session,
            channel,
            from_sequence=first,
            first_second=time,
            unix_zero_second=zero,
            by_test_time=by_test_time,
        )

    def _take_old(self, channel: LiveChannel, rows: list[LiveRow], batch: LiveBatch, answer: BatchAnswer) -> None:
        """Take rows whose numbers the channel has passed: equal ones are known, new ones late, others conflict."""
        self._write_rows()
        query = select(Series).where(Series.channel_id == channel.id).order_by(Series.from_sequence)
        known = {one.id: one for one in self._session.scalars(query)}
        by_series: dict[int, list[LiveRow]] = defaultdict(list)
        for row in rows:
            fitting = [one.id for one in known.values() if one.from_sequence <= row.sequence] or list(known)[:1]
            by_series[fitting[-1]].append(row)
        for series_id, own in sorted(by_series.items()):
            lock_test(self._session, series_id)
            series = self._series(channel, known[series_id])
            there = StoredRows(self._session, StrandKey(series_id), own[0].sequence, own[-1].sequence)
            late = []
            for row in own:
                if not there.has(row.sequence):
                    late.append(row)
                elif there.agrees(row, pressure_from_force=bool(series.pressure_from_force)):
                    answer.duplicate += 1
                else:
                    self._set_aside(channel, there, row, answer)
            for row in late:
                time = there.time_of(row, batch.received_unix_second)
                self._add_row(channel, series, row, time, batch, answer)
            if late and there.is_empty:  # parted from others before any of its rows came
                place_series(self._session, known[series_id], there.time_of(late[0], batch.received_unix_second))
            if late:
                numbers = [row.sequence for row in late]
                text = f"{len(late)} rows came after later ones (first: row {numbers[0]}); they are in their places"
                self._faults.note(channel.id, Flag("late_rows", text, len(late)), numbers)
                series.batches += 1
                series.late_batches += 1
                channel.touched[series_id] = series

    def _series(self, channel: LiveChannel, row: Series) -> LiveSeries:
        """The series as this transaction has it, or as it is stored."""
        if channel.series is not None and channel.series.id == row.id:
            return channel.series
        return channel.touched.get(row.id) or LiveSeries(
            row.id, row.test_id, row.from_sequence, row.source, row.unix_zero_second, row.pressure_from_force
        )

    def _add_row(  # noqa: PLR0913, PLR0917  # a row and where it goes
        self,
        channel: LiveChannel,
        series: LiveSeries,
        row: LiveRow,
        time: float,
        batch: LiveBatch,
        answer: BatchAnswer,
    ) -> None:
        received, values = batch.received_unix_second, row.values
        stored = _NOT_MEASURED | {
            "series_id": series.id,
            "sequence": row.sequence,
            TIME: time,
            WALL: row.unix_second,
            "utc_offset_second": row.utc_offset_second,
            "monotonic_second": row.monotonic_second,
            "received_unix_second": received,
        }
        stored |= values
        if PRESSURE in values:
            series.pressure_from_force = False
        elif FORCE in values:
            if series.pressure_from_force is None:
                series.pressure_from_force = True
            area = self._area_of(channel, series)
            if series.pressure_from_force and area is not None:
                stored[PRESSURE] = values[FORCE] / area
        if series.source != CYCLER and not _OF_A_CELL.isdisjoint(values):
            series.source = CYCLER
        if series.unix_zero_second is None and is_believed(row.unix_second, received):
            series.unix_zero_second = row.unix_second - time
        series.note(time)
        self._new_rows.append(stored)
        answer.stored += 1
        for flag in row.flags:
            if flag.code == MISSING:
                answer.missing += flag.n
            else:
                answer.flagged += flag.n
            self._faults.note(channel.id, flag, [row.sequence])

    def _area_of(self, channel: LiveChannel, series: LiveSeries) -> float | None:
        """Area that turns force into pressure, mm2, of the cell that the series belongs to."""
        if series is channel.series or series.test_id is None:
            return channel.force_area_mm2 if series.test_id is not None else None
        query = select(Cell.force_diameter_mm).join(Test, Test.cell_id == Cell.id).where(Test.id == series.test_id)
        diameter = self._session.scalar(query)
        return None if diameter is None else CellFacts(force_diameter_mm=diameter).force_area_mm2

    def _set_aside(self, channel: LiveChannel, there: StoredRows | None, row: LiveRow, answer: BatchAnswer) -> None:
        """Keep a row whose number stands for other values, once however often it is sent."""
        answer.conflicts.append({"channel": row.channel, "sequence": row.sequence})
        sent = {WALL: row.unix_second, **row.values}
        if row.test_time_second is not None:
            sent[TIME] = row.test_time_second
        text = orjson.dumps(sent).decode()
        held = "in the same batch" if there is None else f"stored: {orjson.dumps(there.values(row.sequence)).decode()}"
        where = (Quarantine.channel_id == channel.id, Quarantine.line == row.sequence, Quarantine.text == text)
        if self._session.scalar(select(Quarantine.id).where(*where).limit(1)) is None:
            reason = f"Another row with this sequence number and other values is {held}"
            self._keep(channel.id, row.sequence, text, reason)
        words = f"Row {row.sequence} came again with other values; the first stays"
        self._faults.note(channel.id, Flag("conflict", words), [row.sequence])

    def _refuse_content(self, batch: LiveBatch) -> BatchAnswer:
        """Keep the whole payload of a key that stands for another one."""
        text = f"Idempotency-Key {batch.key} was used for another payload"
        reason = f"{text}; SHA-256 of this one: {batch.digest}"
        if self._session.scalar(select(Quarantine.id).where(Quarantine.reason == reason).limit(1)) is None:
            names = {row.channel for row in batch.rows} & self._channels.keys()
            channel_id = self._channels[min(names)].id if names else None
            self._keep(channel_id, None, batch.payload.decode(errors="replace").replace("\0", "\\0"), reason)
        for name in {row.channel for row in batch.rows} & self._channels.keys():
            self._faults.note(self._channels[name].id, Flag("other_content", text))
        return BatchAnswer("other_content", text=text)

    def _keep(self, channel_id: int | None, line: int | None, text: str, reason: str) -> None:
        self._session.add(Quarantine(import_id=LIVE, channel_id=channel_id, line=line, text=text, reason=reason))
        self._session.flush()

    def _refuse_agent(self, batch: LiveBatch, foreign: Sequence[LiveChannel]) -> BatchAnswer:
        """Take nothing where a channel belongs to another agent."""
        for channel in foreign:
            refuse_agent(self._session, channel, batch.agent)
            text = f"Agent {batch.agent} sent rows, and the channel is agent {channel.agent}'s"
            self._faults.note(channel.id, Flag("second_agent", text))
        first = foreign[0]
        text = f"Channel {first.name} belongs to agent {first.agent}, and agent {batch.agent} sent rows"
        return BatchAnswer("second_agent", text=text)

    def _write_rows(self) -> None:
        if self._new_rows:
            self._session.execute(_INSERT_ROWS, self._new_rows)
            self._new_rows = []


def _is_same(left: LiveRow, right: LiveRow) -> bool:
    """Whether two rows say the same of the instrument."""
    return (left.unix_second, left.test_time_second, left.values) == (
        right.unix_second,
        right.test_time_second,
        right.values,
    )
