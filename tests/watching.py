"""What no page may do while a browser test looks on: ask another host, break the policy, fail in its scripts."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

OWN_SCHEMES = ("data", "blob", "about")
"""Addresses that nobody is asked for."""


def foreign(request: Request, page_url: str) -> bool:
    """Whether a request goes to another server than the one whose page this is."""
    asked, own = urlsplit(request.url), urlsplit(page_url)
    if asked.scheme in OWN_SCHEMES:
        return False
    if request.is_navigation_request() and request.frame == request.frame.page.main_frame:
        return asked.hostname not in {"127.0.0.1", "localhost"}  # a test goes from one of its servers to another
    return asked.netloc != own.netloc


def watch(page: Page, allowed: Sequence[str] = ()) -> list[str]:
    """Return the faults of the page, to which every further one is added.

    A fault is a request to another host, a violation of the content security policy, an error in the console or a
    script that fails; `allowed` are patterns of what a test provokes on purpose.
    """
    faults: list[str] = []

    def note(text: str) -> None:
        if not any(re.search(pattern, text) for pattern in allowed):
            faults.append(text)

    def asked(request: Request) -> None:
        if foreign(request, page.url):
            note(f"foreign request: {request.url}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            note(f"console: {message.text} ({message.location.get('url')})")

    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: note(f"script: {error}"))
    return faults
