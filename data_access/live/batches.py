"""What an agent sends, checked and in the store's units, and what the store answers to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

Verdict = Literal["stored", "conflict", "other_content", "second_agent"]
"""conflict: some rows differ from stored ones; other_content: the key was used for another payload."""

MISSING = "missing_values"
"""Code of values that came as NaN."""


class Flag(NamedTuple):
    """Something doubtful about a row: its code and a sentence; `n` values of it."""

    code: str
    text: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One row as it was sent, in the units of RECORD_COLUMNS; what was not measured is not in `values`."""

    channel: str
    sequence: int
    unix_second: float
    utc_offset_second: float
    values: Mapping[str, float]
    monotonic_second: float | None = None
    test_time_second: float | None = None
    flags: Sequence[Flag] = ()


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """A sealed batch of an agent: the same key always stands for the same payload."""

    key: str
    agent: str
    digest: str
    payload: bytes
    received_unix_second: float
    rows: Sequence[LiveRow]


@dataclass(slots=True)
class BatchAnswer:
    """What became of a batch.  `stored`, `duplicate`, `missing` and `flagged` count rows, rows, values and flags."""

    verdict: Verdict = "stored"
    stored: int = 0
    duplicate: int = 0
    missing: int = 0
    flagged: int = 0
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    last_sequences: dict[str, int] = field(default_factory=dict)
    text: str = ""
    again: bool = False

    @property
    def last_sequence(self) -> int | None:
        """The last sequence number stored of the batch's channel; of the first one where it has several."""
        return next(iter(self.last_sequences.values()), None)

    def as_json(self) -> dict[str, Any]:
        """What is kept, so that the batch can be answered again."""
        names = ("verdict", "stored", "duplicate", "missing", "flagged", "conflicts", "last_sequences", "text")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def repeated(cls, kept: Mapping[str, Any]) -> Self:
        """The answer to a batch that was taken before: the rows that were stored then are duplicates now."""
        answer = cls(**kept)
        answer.duplicate, answer.stored, answer.again = answer.duplicate + answer.stored, 0, True
        return answer
