"""Refusals in the log: the first of each address stand there, a flood is counted and costs nothing."""

import logging
import time
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Engine

from data_access.audit import audit
from pressiometry.errors import BarographError

LOG = logging.getLogger("barograph")
EACH_MINUTE, ALL_A_MINUTE = 10, 100
"""Refusals that are written down, of one address and of all."""
_MINUTE = 60.0


@dataclass(slots=True)
class Denials:
    """Writes refusals to the log, not more than so many a minute; the next that is written says how many were not."""

    began: float = 0.0
    written: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    lock: Lock = field(default_factory=Lock)

    def note(self, engine: Engine, ip: str, what: str, status: int) -> None:
        """Write a refusal down, unless there are too many."""
        with self.lock:
            left_out = self._take(ip)
        if left_out is None:
            return
        if left_out:
            what = f"{what} (and {left_out} more that are not written down)"
        try:
            audit(engine, "denied", what, status=status)
        except BarographError as error:  # the refusal stands, whether or not the log can be written
            LOG.warning("A refusal (%s, %s) is not in the audit log: %s", what, status, error.text)

    def _take(self, ip: str) -> int | None:
        """Return how many were left out before this one, or None where this one is left out too."""
        moment = time.monotonic()
        if moment - self.began > _MINUTE:
            self.began = moment
            self.written.clear()
        mine = self.written.get(ip, 0)
        if mine >= EACH_MINUTE or sum(self.written.values()) >= ALL_A_MINUTE:
            self.left_out += 1
            return None
        self.written[ip] = mine + 1
        left_out, self.left_out = self.left_out, 0
        return left_out
