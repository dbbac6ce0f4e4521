"""The addresses of agents and channels."""

from pydantic import BaseModel

from api import channels, ingest
from api.live_models import (
    Assignment,
    BatchConflict,
    BatchRefused,
    BatchStored,
    ChannelConflict,
    ChannelFileQuery,
    Channels,
    ChannelState,
    Heartbeat,
    HeartbeatSeen,
)
from api.models import Failure, Uploaded
from api.route import Route

CHANNEL = "/api/v1/channels/<name>"
BATCH = "application/x-ndjson, text/csv"
_BATCH_ERRORS: dict[int, type[BaseModel]] = {
    409: BatchConflict, 413: Failure, 415: Failure, 422: BatchRefused, 429: Failure, 503: Failure, 507: Failure,
}  # fmt: skip
_BATCH_HEADERS = {"Idempotency-Key": True, "Content-Digest": False, "Content-Encoding": False}

LIVE_ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/api/v1/ingest", ingest.ingest, BatchStored, body=BATCH, errors=_BATCH_ERRORS, headers=_BATCH_HEADERS
    ),
    Route("POST", "/api/v1/agents/heartbeat", channels.heartbeat, HeartbeatSeen, body=Heartbeat),
    Route("GET", "/api/v1/channels", channels.list_channels, Channels),
    Route("GET", CHANNEL, channels.one_channel, ChannelState),
    Route("GET", f"{CHANNEL}/state", channels.channel_state, ChannelState),
    Route(
        "PUT",
        CHANNEL,
        channels.assign_channel,
        ChannelState,
        body=Assignment,
        versioned=True,
        errors={409: ChannelConflict},
    ),
    Route(
        "POST",
        f"{CHANNEL}/release",
        channels.release_channel_of_agent,
        ChannelState,
        versioned=True,
        errors={409: ChannelConflict},
    ),
    Route(
        "POST",
        f"{CHANNEL}/files",
        channels.receive_channel_file,
        Uploaded,
        202,
        ChannelFileQuery,
        "application/octet-stream",
        already=True,
        form=True,
        errors={413: Failure, 507: Failure},
    ),
)
