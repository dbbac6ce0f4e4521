"""Pages that listen, in a process of their own, so that what they read does not hold up those that send.

python -m benchmarks.listeners ADDRESS QUERY...     reads until its input ends; prints how many heard an event
"""

import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

_READ_BYTES = 1 << 18


class Listeners:
    """Streams that another process holds."""

    def __init__(self, url: str, queries: Sequence[str]) -> None:
        """Open one stream for each query."""
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "benchmarks.listeners", url, *queries],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def end(self) -> int:
        """Close them; return how many of them heard at least one event."""
        told, _ = self._process.communicate()
        return int(told)


@contextmanager
def listening(url: str, queries: Sequence[str]) -> Iterator[None]:
    """Hold one stream for each query meanwhile."""
    listeners = Listeners(url, queries)
    try:
        yield
    finally:
        listeners.end()


def _listen(url: str, queries: Sequence[str]) -> int:
    """Read all streams until standard input ends; return how many heard an event."""
    address = urlsplit(url)
    heard: set[int] = set()
    with selectors.DefaultSelector() as ready:
        ready.register(sys.stdin, selectors.EVENT_READ)
        for query in queries:
            stream = socket.create_connection((address.hostname or "", address.port or 80))
            stream.sendall(f"GET /api/v1/stream?{query} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
            ready.register(stream, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is sys.stdin:
                    return len(heard)
                stream = key.fileobj  # type: ignore[assignment]
                text = stream.recv(_READ_BYTES)
                if not text:
                    ready.unregister(stream)
                elif b"event: " in text:
                    heard.add(stream.fileno())


if __name__ == "__main__":
    print(_listen(sys.argv[1], sys.argv[2:]))
