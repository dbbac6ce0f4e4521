"""The file in a request: its body as it is, or the first file of a multipart form, streamed in either case."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from flask import Request
from werkzeug.sansio.multipart import Data, File, MultipartDecoder, NeedData

from pressiometry.errors import InvalidInputError

_PART_BYTES = 64 * 1024


class Readable(Protocol):
    """What an upload is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that is being received; `length` is None where only its end will tell."""

    stream: Readable
    name: str
    length: int | None


def uploaded_file(request: Request) -> UploadedFile:
    """The file in the request, unread: nothing of it is held in memory or in a temporary file.

    Raises InvalidInputError for a form without a file.
    """
    if request.mimetype != "multipart/form-data":
        return UploadedFile(request.stream, "", request.content_length)
    events = _events(request.stream, request.mimetype_params.get("boundary", ""))
    for event in events:
        if isinstance(event, File):
            return UploadedFile(_Part(events), event.filename, None)
    raise InvalidInputError("The form holds no file", problems=("body: a part with a filename is expected",))


def _events(stream: IO[bytes], boundary: str) -> Iterator[object]:
    decoder = MultipartDecoder(boundary.encode(), max_parts=100)
    try:
        while data := stream.read(_PART_BYTES):
            decoder.receive_data(data)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
        decoder.receive_data(None)
        yield decoder.next_event()
    except ValueError as error:
        raise InvalidInputError(
            "The form is cut off or broken", where=str(error), problems=(f"body: {error}",)
        ) from error


class _Part:
    """One part of a form as a stream."""

    def __init__(self, events: Iterator[object]) -> None:
        self._events = events
        self._rest = b""
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended and (size < 0 or len(self._rest) < size):
            event = next(self._events, None)
            if not isinstance(event, Data):
                raise InvalidInputError("The form is cut off", problems=("body: the part does not end",))
            self._rest += event.data
            self._ended = not event.more_data
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
