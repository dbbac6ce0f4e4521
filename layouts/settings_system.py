"""The System page: what needs a look, storage, what goes on now, versions, the last errors with their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dash import dcc, html
from dash.development.base_component import Component

from data_access.queries.system import StoreState, WorkState
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.settings import moment_words
from layouts.times import time_words
from layouts.words import settings as words

REFRESH_MS = 15_000
LOW_SHARE, LOW_BYTES = 0.10, 2 * 1024**3
"""Less free space than this, either way, is too little (RELIABILITY section 3)."""
WAITING_MINUTES = 5
"""A file that is queued for longer than this says that no worker runs."""
_STEP = 1024
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Disk:
    """Space of the disk with the data folder, in bytes."""

    folder: str
    free_bytes: int
    total_bytes: int

    @property
    def is_low(self) -> bool:
        """Whether it is nearly full."""
        return self.free_bytes < max(LOW_BYTES, LOW_SHARE * self.total_bytes) and self.free_bytes < self.total_bytes


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One error as the page shows it."""

    number: str
    at: datetime
    place: str
    text: str


def layout() -> Component:
    """Return the page without data; the callback fills it and fills it again."""
    return settings.frame(
        "system",
        dcc.Interval(id=ids.SYSTEM_CLOCK, interval=REFRESH_MS),
        html.P(id=ids.SYSTEM_SENTENCE, className="sentence settings-sentence", role="status"),
        html.Div(parts.skeleton(90, 90, 160), id=ids.SYSTEM_CONTENT, className="settings-stack"),
    )


def size_words(count: int) -> str:
    """A number of bytes in words.

    >>> size_words(812), size_words(5_500_000), size_words(2_300_000_000)
    ('812 B', '5.2 MB', '2.1 GB')
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < _STEP:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} TB"


@dataclass(frozen=True, slots=True)
class SystemState:
    """All that the page shows; `feeds` counts them by status, `versions` are by name."""

    store: StoreState
    disk: Disk
    feeds: Mapping[str, int]
    work: WorkState
    versions: Mapping[str, str]
    errors: Sequence[ErrorRow]


def sentence(state: SystemState, *, now: datetime) -> str:
    """Return what needs a look, or that nothing does."""
    work = state.work
    concerns = [words.CONCERN_DISK] if state.disk.is_low else []
    silent = state.feeds.get("stale", 0)
    if silent:
        concerns.append(words.CONCERN_FEEDS_ONE if silent == 1 else words.CONCERN_FEEDS_MANY.format(count=silent))
    if work.queued_since is not None and now - work.queued_since > timedelta(minutes=WAITING_MINUTES):
        concerns.append(words.CONCERN_WAITING.format(count=work.imports["queued"], minutes=WAITING_MINUTES))
    recent = sum(now - error.at < _DAY for error in state.errors)
    if recent:
        concerns.append(words.CONCERN_ERRORS_ONE if recent == 1 else words.CONCERN_ERRORS_MANY.format(count=recent))
    if not concerns:
        return words.SYSTEM_FINE
    joined = ", ".join(concerns)
    return words.SYSTEM_CONCERNS.format(concerns=joined[0].upper() + joined[1:])


def content(state: SystemState) -> list[Component]:
    """Return the panels of the page."""
    return [
        _storage(state.store, state.disk),
        _now(state.feeds, state.work),
        _errors(state.errors),
        _versions(state.store, state.versions),
    ]


def _storage(store: StoreState, disk: Disk) -> Component:
    total = words.FACT_OF.format(total=size_words(disk.total_bytes))
    facts = parts.fact_strip(
        parts.fact(words.FACT_DATABASE, size_words(store.database_bytes), words.BACKENDS[store.backend]),
        parts.fact(words.FACT_FILES, size_words(store.uploaded_bytes)),
        parts.fact(words.FACT_FREE, size_words(disk.free_bytes), total),
    )
    low = [parts.notice("alarm", words.FREE_LOW)] if disk.is_low else []
    body = html.Div([facts, *low], className="panel-body")
    return parts.panel(words.STORAGE, body, subtitle=words.STORAGE_SUBTITLE.format(folder=disk.folder))


def _now(feeds: Mapping[str, int], work: WorkState) -> Component:
    jobs = {name: count for name, count in work.imports.items() if name in words.JOBS}
    facts = [
        parts.fact(words.FACT_FEEDS, parts.link(_counts(feeds, words.FEEDS), "/channels")),
        parts.fact(words.FACT_JOBS, _counts(jobs, words.JOBS)),
        parts.fact(words.FACT_QUESTIONS, str(work.imports.get("asks", 0))),
    ]
    if settings.has_accounts():
        facts += [
            parts.fact(words.FACT_SESSIONS, str(work.sessions)),
            parts.fact(words.FACT_PEOPLE, str(work.people)),
            parts.fact(words.FACT_TOKENS, str(work.tokens)),
        ]
    return parts.panel(words.NOW, html.Div(parts.fact_strip(*facts), className="panel-body"))


def _counts(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Return "5 live, 1 silent", or that there is none."""
    said = [f"{counts[name]} {word}" for name, word in names.items() if counts.get(name)]
    return ", ".join(said) if said else words.NOTHING


def _errors(errors: Sequence[ErrorRow]) -> Component:
    if not errors:
        return parts.panel(words.ERRORS, html.P(words.ERRORS_NONE, className="panel-body quiet"))
    rows = [
        html.Tr(
            [
                html.Td(html.Code(error.number)),
                html.Td(moment_words(error.at, now=datetime.now(UTC)), title=time_words(error.at)),
                html.Td(error.place, className="settings-text"),
                html.Td(error.text, className="settings-text"),
            ]
        )
        for error in errors
    ]
    return parts.panel(words.ERRORS, settings.table(words.ERROR_HEADS, rows), subtitle=words.ERRORS_SUBTITLE)


def _versions(store: StoreState, versions: Mapping[str, str]) -> Component:
    shown = {
        words.BACKENDS[store.backend]: store.version,
        words.SCHEMA: store.revision,
        **{words.VERSION_NAMES.get(name, name): version for name, version in versions.items()},
    }
    pairs = [html.Div([html.Dt(name), html.Dd(version)]) for name, version in shown.items()]
    return parts.panel(words.VERSIONS, html.Dl(pairs, className="settings-versions"))
