"""Every page in a real browser: nothing is blocked by the policy, nothing comes from elsewhere, nothing fails."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.conftest import RunningServer, start_server

ADDRESSES = ("/", "/cells", "/cells/1", "/compare", "/import", "/channels", "/wall", "/nowhere")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The real server with the example experiment."""
    running = start_server(tmp_path_factory.mktemp("example"), "--demo")
    yield running
    running.stop()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_opens_without_a_fault(page: Page, example: RunningServer, address: str) -> None:
    """No request leaves the machine, none fails, and the page has one heading; the fixture sees to script errors."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright cannot wrap a builtin
    page.goto(f"{example.url}{address}")
    page.locator("h1").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert {urlsplit(answer.url).netloc for answer in answers if not answer.url.startswith("data:")} == {
        urlsplit(example.url).netloc
    }
    assert [f"{answer.status} {answer.url}" for answer in answers if answer.status >= 400] == []
    assert page.locator("h1").count() == 1
    assert page.get_attribute("html", "lang") == "en"
