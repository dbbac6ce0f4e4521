"""What a reader chose, as the address says it: every view can be linked to."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode


def choices_of(search: str | None) -> dict[str, str]:
    """Return the choices in the query of an address.

    >>> choices_of("?by=plating&state=running")
    {'by': 'plating', 'state': 'running'}
    """
    return dict(parse_qsl((search or "").removeprefix("?")))


def address(path: str, choices: Mapping[str, str]) -> str:
    """Return the address of a page with choices; empty ones are left out.

    >>> address("/", {"by": "plating", "state": ""})
    '/?by=plating'
    >>> address("/", {})
    '/'
    """
    query = urlencode({name: value for name, value in choices.items() if value})
    return f"{path}?{query}" if query else path
