"""Channels within one transaction: loaded and locked once, changed in memory, written back once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import BindParameter, Table, bindparam, case, select, update
from sqlalchemy.orm import Session

from data_access.live.clock import ChannelClock
from data_access.models import Cell, Channel, Series
from data_access.series.store import lock_tests
from pressiometry.facts import CellFacts

_NAMED = (
    select(
        *(Channel.id, Channel.name, Channel.agent, Channel.cell_id, Channel.series_id, Channel.last_sequence),
        *(Channel.last_received_at, Channel.last_test_time_second, Channel.last_unix_second),
        *(Channel.last_monotonic_second, Channel.clock_shift_second),
        *(Channel.usual_interval_second, Channel.usual_delivery_second),
        Cell.force_diameter_mm,
        *(Series.test_id, Series.from_sequence, Series.source, Series.unix_zero_second, Series.pressure_from_force),
    )
    .outerjoin(Series, Series.id == Channel.series_id)
    .outerjoin(Cell, Cell.id == Channel.cell_id)
    .where(Channel.name.in_(bindparam("names", expanding=True)), Channel.deleted_at.is_(None))
    .order_by(Channel.name)  # locked in one order, so that two writers never wait in a ring
    .with_for_update(of=Channel)
)
_LATEST_OF_AGENT = (
    select(Channel.name)
    .where(Channel.agent == bindparam("agent"), Channel.deleted_at.is_(None))
    .order_by(Channel.last_received_at.desc(), Channel.id.desc())
    .limit(1)
)
_CHANNEL, _SERIES = cast("Table", Channel.__table__), cast("Table", Series.__table__)
_KEPT = (
    "agent", "series_id", "last_sequence", "last_received_at", "last_test_time_second",
    "last_unix_second", "last_monotonic_second", "clock_shift_second", "usual_interval_second",
    "usual_delivery_second",
)  # fmt: skip
_UPDATE_CHANNEL = (
    update(_CHANNEL)
    .where(_CHANNEL.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _KEPT})
)
_REFUSE = update(_CHANNEL).where(_CHANNEL.c.id == bindparam("of_id")).values(refused_agent=bindparam("new_agent"))
_FROM = _SERIES.c.unclosed_from_second
_EARLIEST: BindParameter[float] = bindparam("earliest")
_UPDATE_SERIES = (
    update(_SERIES)
    .where(_SERIES.c.id == bindparam("of_id"))
    .values(
        source=bindparam("new_source"),
        unix_zero_second=bindparam("new_unix_zero_second"),
        pressure_from_force=bindparam("new_pressure_from_force"),
        revision=_SERIES.c.revision + bindparam("batches"),
        late_revision=_SERIES.c.late_revision + bindparam("late_batches"),
        unclosed_from_second=case((_FROM.is_(None) | (_FROM > _EARLIEST), _EARLIEST), else_=_FROM),
    )
)


@dataclass(slots=True)
class LiveSeries:
    """A series that rows go to, and what this transaction stored in it."""

    id: int
    test_id: int | None
    from_sequence: int
    source: str
    unix_zero_second: float | None
    pressure_from_force: bool | None
    batches: int = 0
    late_batches: int = 0
    earliest_second: float | None = None  # raw clock of the first row that waits for closing

    def note(self, time_second: float) -> None:
        """Remember that a row with this raw time waits for closing."""
        if self.earliest_second is None or time_second < self.earliest_second:
            self.earliest_second = time_second


@dataclass(slots=True)
class LiveChannel:
    """A channel as it stands, its clock and its present series."""

    id: int
    name: str
    agent: str | None
    cell_id: int | None
    last_sequence: int | None
    clock: ChannelClock
    force_area_mm2: float | None
    series: LiveSeries | None = None
    touched: dict[int, LiveSeries] = field(default_factory=dict)  # every series that rows went to
    is_changed: bool = False


def load_channels_to_write(session: Session, names: Iterable[str]) -> dict[str, LiveChannel]:
    """Return the channels of these names, locked until the transaction ends; new ones are not in it."""
    rows = session.execute(_NAMED, {"names": list(names)}).all()
    lock_tests(session, [(row.series_id, row.test_id) for row in rows if row.series_id is not None])
    return {row.name: _channel(row) for row in rows}


def _channel(row: object) -> LiveChannel:
    r = cast("Channel", row)  # by its names; what is of the series and the cell stands beside them
    series = cast("Series", row)
    diameter = cast("Cell", row).force_diameter_mm
    received = None if r.last_received_at is None else r.last_received_at.timestamp()
    channel = LiveChannel(
        id=r.id,
        name=r.name,
        agent=r.agent,
        cell_id=r.cell_id,
        last_sequence=r.last_sequence,
        clock=ChannelClock(
            r.last_test_time_second,
            r.last_unix_second,
            r.last_monotonic_second,
            received,
            r.clock_shift_second,
            r.usual_interval_second,
            r.usual_delivery_second,
        ),
        force_area_mm2=None if r.cell_id is None else CellFacts(force_diameter_mm=diameter).force_area_mm2,
    )
    if r.series_id is not None:
        channel.series = LiveSeries(
            r.series_id,
            series.test_id,
            series.from_sequence,
            series.source,
            series.unix_zero_second,
            series.pressure_from_force,
        )
    return channel


def create_channel(session: Session, name: str, agent: str) -> LiveChannel:
    """Return a new channel of no cell; if the agent has others it may be one of them renamed."""
    earlier = session.scalar(_LATEST_OF_AGENT, {"agent": agent})
    row = Channel(name=name, agent=agent, same_agent_as=earlier, clock_shift_second=0.0)
    session.add(row)
    session.flush()
    return LiveChannel(row.id, name, agent, None, None, ChannelClock(), None)


def refuse_agent(session: Session, channel: LiveChannel, agent: str) -> None:
    """Remember that another agent wants to write to the channel, so that a release lets it in."""
    session.execute(_REFUSE, {"of_id": channel.id, "new_agent": agent})


def write_back(session: Session, channels: Iterable[LiveChannel]) -> None:
    """Write where the channels and their series stand now."""
    changed = [channel for channel in channels if channel.is_changed]
    if changed:
        session.execute(_UPDATE_CHANNEL, [_channel_values(channel) for channel in changed])
    series = [one for channel in changed for one in channel.touched.values()]
    if not series:
        return
    session.execute(
        _UPDATE_SERIES,
        [
            {
                "of_id": one.id,
                "new_source": one.source,
                "new_unix_zero_second": one.unix_zero_second,
                "new_pressure_from_force": one.pressure_from_force,
                "batches": one.batches,
                "late_batches": one.late_batches,
                "earliest": one.earliest_second,
            }
            for one in series
        ],
    )


def _channel_values(channel: LiveChannel) -> dict[str, object]:
    clock = channel.clock
    received = clock.last_received_second
    return {
        "of_id": channel.id,
        "new_agent": channel.agent,
        "new_series_id": None if channel.series is None else channel.series.id,
        "new_last_sequence": channel.last_sequence,
        "new_last_received_at": None if received is None else datetime.fromtimestamp(received, UTC),
        "new_last_test_time_second": clock.last_test_time_second,
        "new_last_unix_second": clock.last_unix_second,
        "new_last_monotonic_second": clock.last_monotonic_second,
        "new_clock_shift_second": clock.shift_second,
        "new_usual_interval_second": clock.usual_interval_second,
        "new_usual_delivery_second": clock.usual_delivery_second,
    }
