"""Times in words, as a person says them (the look, section 5)."""

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86400


def age_words(moment: datetime, *, now: datetime | None = None) -> str:
    """How long ago something was: "0.6 s", "26 min", "5 h", "3 d".

    >>> start = datetime(2026, 8, 1, 12, tzinfo=UTC)
    >>> age_words(start, now=datetime(2026, 8, 1, 12, 26, tzinfo=UTC))
    '26 min'
    """
    seconds = max(((now or datetime.now(UTC)) - moment).total_seconds(), 0.0)
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    size, unit = next((size, unit) for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")) if seconds >= size)
    return f"{seconds / size:.0f} {unit}"


def time_words(moment: datetime) -> str:
    """The exact time with its zone, for a title.

    >>> time_words(datetime(2026, 8, 1, 12, tzinfo=UTC))
    '2026-08-01 12:00:00 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
