"""The watch of all browser tests sees what it is for."""

from playwright.sync_api import Browser

from tests.hostile_texts import EVIL
from tests.watching import watch

PAGE = (
    f"""<body><img src="https://{EVIL}/beacon"><script>console.error("no"); setTimeout(() => missing(), 0);</script>"""
)


def test_a_request_an_error_and_a_script_that_fails_are_seen_unless_they_are_provoked(browser: Browser) -> None:
    """Each is a fault; a pattern lets through what a test causes on purpose, and nothing else."""
    context = browser.new_context()
    context.route(f"**://{EVIL}/**", lambda route: route.abort())
    page = context.new_page()
    seen, rest = watch(page), watch(page, ["beacon", "ERR_FAILED"])
    page.set_content(PAGE)
    page.wait_for_load_state("networkidle")
    context.close()
    assert [fault.split(":")[0] for fault in rest] == ["console", "script"]
    assert f"foreign request: https://{EVIL}/beacon" in seen
    assert len(seen) > len(rest)
