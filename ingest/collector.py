"""Group commit: whoever comes first stores all batches that wait, in one transaction, and then each is answered.

No batch waits for a timer.  While one transaction is made durable the next batches gather; under load they share
the cost of a commit, and alone a batch is committed at once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from threading import Lock

from data_access.live.batches import BatchAnswer, LiveBatch
from pressiometry.errors import BarographError, StoreBusyError

MOST_WAITING = 64
"""Batches that may wait in one process; each holds a thread of the web server."""
MOST_WAITING_OF_AN_AGENT = 8
"""Of these, batches of one agent, so that one that sends too much does not shut the others out."""
PATIENCE_SECOND = 30.0
"""A batch that was not stored by then is answered; sent again, it is known by its key."""

Store = Callable[[Sequence[LiveBatch]], list[BatchAnswer]]


class TooManyWaitingError(BarographError):
    """The queue of batches is full; the same batch may be sent again in a second."""


class _Ticket:
    """A batch that waits, and what became of it."""

    def __init__(self, batch: LiveBatch) -> None:
        self.batch = batch
        self.done = False
        self.answer: BatchAnswer | None = None
        self.error: BaseException | None = None


class Collector:
    """The batches of one process on their way into the store."""

    def __init__(self, store: Store) -> None:
        """`store` makes some batches durable at once, all or none, and says what became of each."""
        self._store = store
        self._guard = Lock()
        self._turn = Lock()
        self._waiting: list[_Ticket] = []

    def submit(self, batch: LiveBatch) -> BatchAnswer:
        """Return what became of the batch, once it is durable.

        Raises TooManyWaitingError, StoreBusyError, DiskFullError; nothing of the batch was stored then, or it will be
        found stored when it is sent again.
        """
        ticket = _Ticket(batch)
        self._join(ticket)
        if not self._turn.acquire(timeout=PATIENCE_SECOND):
            self._leave(ticket)
            raise StoreBusyError("The database is busy: the batch still waits", remedy="Send it again.")
        try:
            if not ticket.done:
                self._store_waiting()
        finally:
            self._turn.release()
        if ticket.error is not None:
            raise ticket.error
        if ticket.answer is None:
            raise RuntimeError("A batch was neither stored nor refused")
        return ticket.answer

    def _join(self, ticket: _Ticket) -> None:
        with self._guard:
            of_agents = Counter(one.batch.agent for one in self._waiting)
            if len(self._waiting) >= MOST_WAITING or of_agents[ticket.batch.agent] >= MOST_WAITING_OF_AN_AGENT:
                raise TooManyWaitingError(
                    f"{len(self._waiting)} batches wait already", remedy="Send it again in a second."
                )
            self._waiting.append(ticket)

    def _leave(self, ticket: _Ticket) -> None:
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def _store_waiting(self) -> None:
        with self._guard:
            tickets, self._waiting = self._waiting, []
        try:
            self._settle(tickets)
        except BarographError as error:  # busy or full: true of all of them
            _fail(tickets, error)
        except Exception as error:  # noqa: BLE001  # one batch must not take the others down
            if len(tickets) == 1:
                _fail(tickets, error)
                return
            for ticket in tickets:
                try:
                    self._settle([ticket])
                except Exception as own:  # noqa: BLE001
                    _fail([ticket], own)

    def _settle(self, tickets: list[_Ticket]) -> None:
        """Store the batches, and only then tell what became of them."""
        answers = self._store([ticket.batch for ticket in tickets])
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.answer = answer
            ticket.done = True


def _fail(tickets: Sequence[_Ticket], error: BaseException) -> None:
    for ticket in tickets:
        ticket.error = error
        ticket.done = True
