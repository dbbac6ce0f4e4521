"""What is flagged about channels: noted while rows are stored, written as rows that grow while a fault goes on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.live.batches import Flag
from data_access.models import Fault

PAUSE = timedelta(hours=1)
"""A fault that comes again after a longer pause is told anew."""
MOST_KINDS = 50
"""Kinds of one fault that are told apart at a time."""
_NUMBER = re.compile(r"-?\d[\d.]*(e[+-]?\d+)?")
_BY_CODE, _WORD_FOR_WORD = frozenset({"other_content"}), frozenset({"second_agent"})


def kind_of(code: str, text: str) -> str:
    """Return what is the same for all faults of a kind: the words, not the numbers in them; names count whole.

    >>> kind_of("out_of_range", "Voltage 100 V is outside") == kind_of("out_of_range", "Voltage -40.5 V is outside")
    True
    """
    if code in _BY_CODE:
        return ""
    return text if code in _WORD_FOR_WORD else _NUMBER.sub("#", text)


@dataclass(slots=True)
class _Noted:
    text: str
    n: int
    first_sequence: int | None
    last_sequence: int | None


class Faults:
    """The faults that one transaction found, one entry a channel, code and kind."""

    def __init__(self) -> None:
        """Begin with none."""
        self._noted: dict[tuple[int, str, str], _Noted] = {}

    def note(self, channel_id: int, flag: Flag, sequences: Sequence[int] = ()) -> None:
        """Add one; the words of the first of a kind stay."""
        first, last = (min(sequences), max(sequences)) if sequences else (None, None)
        key = (channel_id, flag.code, kind_of(flag.code, flag.text))
        known = self._noted.get(key)
        if known is None:
            self._noted[key] = _Noted(flag.text, flag.n, first, last)
            return
        known.n += flag.n
        known.first_sequence = _least(known.first_sequence, first)
        known.last_sequence = _greatest(known.last_sequence, last)

    def write(self, session: Session, received_second: float) -> None:
        """Write them: a new row each, or the row of the same kind that has not ended yet, extended."""
        moment = datetime.fromtimestamp(received_second, UTC)
        for (channel_id, code, kind), noted in self._noted.items():
            query = select(Fault).where(Fault.channel_id == channel_id, Fault.code == code)
            latest = session.scalars(query.order_by(Fault.id.desc()).limit(MOST_KINDS)).all()
            open_ones = [one for one in latest if moment - one.last_at <= PAUSE]
            open_one = next((one for one in open_ones if kind_of(code, one.text) == kind), None)
            if open_one is None and len(open_ones) == MOST_KINDS:
                open_one = open_ones[0]
            if open_one is not None:
                open_one.n += noted.n
                open_one.first_sequence = _least(open_one.first_sequence, noted.first_sequence)
                open_one.last_sequence = _greatest(open_one.last_sequence, noted.last_sequence)
                open_one.last_at = max(moment, open_one.last_at)
            else:
                session.add(
                    Fault(
                        channel_id=channel_id,
                        code=code,
                        first_sequence=noted.first_sequence,
                        last_sequence=noted.last_sequence,
                        n=noted.n,
                        first_at=moment,
                        last_at=moment,
                        text=noted.text,
                    )
                )
        session.flush()


def _least(left: int | None, right: int | None) -> int | None:
    known = [one for one in (left, right) if one is not None]
    return min(known) if known else None


def _greatest(left: int | None, right: int | None) -> int | None:
    known = [one for one in (left, right) if one is not None]
    return max(known) if known else None
