"""What agents and channels send and get, as pydantic models."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.cell_values import MOST, Taken
from api.models import Failure, Given, Moment


class BatchStored(Given):
    """What became of a batch, once it is durable: `stored` and `duplicate` count rows, `missing` values."""

    stored: int
    duplicate: int
    last_sequence: int | None = Field(description="The last number stored of the (first) channel of the batch")
    missing: int = Field(description="Values that came as null or NaN")
    flagged: int = Field(description="What is doubtful: values out of range, times that cannot be")
    last_sequences: dict[str, int] = Field(description="The last number stored of every channel of the batch")
    again: bool = Field(description="The batch was taken before")


class RowNumber(Given):
    """One row of a channel."""

    channel: str
    sequence: int


class BatchConflict(Failure):
    """Rows that differ from stored ones (the others are stored), a key that was used before, or another's channel."""

    code: str = Field(description="conflict, other_content or second_agent")
    stored: int
    duplicate: int
    conflicts: list[RowNumber]
    last_sequence: int | None


class WrongField(Given):
    """What is wrong in one field of one row; rows count from 1."""

    row: int
    field: str
    text: str


class BatchRefused(Failure):
    """A batch that was refused whole."""

    rows: list[WrongField]


class ChannelState(Given):
    """Where a channel stands: an agent that lost its spool goes on behind `last_sequence`."""

    channel: str
    agent: str | None
    cell_id: int | None
    version: int
    last_sequence: int | None
    last_time: Moment | None = Field(description="Wall clock of the last row")
    last_unix_second: float | None
    last_received_unix_second: float | None
    last_test_time_second: float | None = Field(description="As the instrument gave it; null where it gives none")
    usual_interval_second: float | None
    same_agent_as: str | None = Field(description="Another channel of the agent: this one may be it, renamed")
    from_sequence: int | None = Field(description="The first number of the rows that go where they go now")


class Channels(Given):
    """Every channel, by name."""

    channels: list[ChannelState]


class Assignment(Taken):
    """Which cell a channel's rows are of, from which number on."""

    cell_id: int | None = Field(le=MOST, description="null: kept for no cell")
    from_sequence: int | None = Field(
        default=None,
        description="Without it: rows that were kept for no cell go along, those of another cell stay there",
    )


class ChannelConflict(Failure):
    """An edit of a version that somebody else has changed since: both versions."""

    yours: dict[str, Any]
    current: ChannelState


class ChannelFileQuery(Taken):
    """How a file of a channel is taken in."""

    name: str = Field(default="", description="Name of the file; a multipart part brings its own")


class Heartbeat(BaseModel):
    """What an agent says of itself every 10 s; anything else that it says is kept too."""

    model_config = ConfigDict(extra="allow")

    agent: str


class HeartbeatSeen(Given):
    """That the server lives, its clock, and where the agent's channels stand."""

    agent: str
    server_unix_second: float
    channels: dict[str, int | None]
