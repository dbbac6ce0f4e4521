"""Rules of the tests themselves: what may be skipped, what runs together, how many examples are tried."""

import hypothesis
import pytest

from tests.conftest import MAY_BE_ABSENT, refuse_to_skip


def _skipped(reason: str) -> pytest.TestReport:
    place = ("test_a.py", 1, f"Skipped: {reason}")
    return pytest.TestReport("test_a.py::test_a", place, {}, "skipped", place, "setup")


def test_a_missing_browser_or_database_fails_where_nobody_looks() -> None:
    """Under CI=true a skipped test is a failed one."""
    report = refuse_to_skip(_skipped("/usr/bin/chromium is not there"))
    assert report.failed
    assert "chromium" in str(report.longrepr)


def test_real_exports_may_be_absent() -> None:
    """They are not part of the project; their tests are skipped with the reason, under CI=true too."""
    assert refuse_to_skip(_skipped(f"Real exports are absent; name their folder in {MAY_BE_ABSENT}.")).skipped


def test_what_takes_long_is_begun_first(request: pytest.FixtureRequest) -> None:
    """Whole files are handed to two processes in this order: neither is left alone with a browser at the end."""
    long = [item.get_closest_marker("long") is not None for item in request.session.items]
    assert long == sorted(long, reverse=True)


def test_soaking_tries_far_more_examples() -> None:
    """`make soak` tries 500 examples of what `make test` tries some of."""
    quick, soak = (hypothesis.settings.get_profile(name).max_examples for name in ("quick", "soak"))
    assert (quick, soak) == (20, 500)
