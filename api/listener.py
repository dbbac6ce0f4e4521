"""One page that listens: what it asked for, how far it was told, and what it is told next."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from api.hub import Hub, Snapshot
from api.live_rows import Position, RowsEvent
from data_access.scope import Projects


@dataclass(slots=True)
class Listener:
    """One page: what it asked for, and how far it was told."""

    hub: Hub
    cells: frozenset[int] | None
    rows: frozenset[int]
    positions: dict[int, Position] | None
    """None: from now on."""
    projects: Projects = None
    """Of other projects' cells the page is told nothing."""
    feeds_number: int = -1
    revisions: dict[int, int] | None = None

    def news(self, snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
        """Give (event, JSON) of all that the page has not been told; its positions move on with every event."""
        own = snapshot.cells_of(self.projects)
        asked = own if self.cells is None else self.cells & own
        rows = self.rows & own
        if self.positions is None:
            there = (snapshot.positions.get(cell, {}) for cell in rows)
            self.positions = {series: at for positions in there for series, at in positions.items()}
        for cell in sorted(rows):
            yield from self._rows(snapshot, cell, self.positions)
        if self.revisions is not None:
            for cell, revision in snapshot.revisions.items():
                known = self.revisions.get(cell, revision)
                if revision != known and cell in asked:
                    yield "cycles", orjson.dumps({"cell_id": cell, "revision": revision})
        self.revisions = dict(snapshot.revisions)
        if snapshot.feeds_number != self.feeds_number:
            self.feeds_number = snapshot.feeds_number
            yield "feeds", snapshot.feeds(asked)

    def _rows(self, snapshot: Snapshot, cell: int, positions: dict[int, Position]) -> Iterator[tuple[str, bytes]]:
        late = False
        for series_id, now in snapshot.positions.get(cell, {}).items():
            mine = positions.get(series_id)
            if mine is None or mine.late != now.late:
                late = True
            elif mine.sequence < now.sequence:
                events = list(self._missed(snapshot, cell, series_id, mine.sequence))
                late = late or not events
                for event in events:
                    positions[series_id] = Position(event.last_sequence, now.late)
                    yield "rows", event.body
            if late:
                positions[series_id] = now
        if late:
            yield "late", orjson.dumps({"cell_id": cell})

    def _missed(self, snapshot: Snapshot, cell: int, series_id: int, after: int) -> Iterator[RowsEvent]:
        """Give the rows of a series after a position: from the ring, or what lies before it from the store."""
        ring = [event for event in snapshot.rings[series_id] if event.last_sequence > after]
        if not ring or ring[0].after > after:
            now = snapshot.positions[cell][series_id].sequence
            event = self.hub.catch_up(cell, series_id, after, now)
            if event is not None:
                yield event
            return
        for event in ring:
            yield event if event.after == after else event.beyond(after)
            after = event.last_sequence
