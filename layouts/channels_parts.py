"""What the Instruments page shows once its data are there: the chosen channel, its faults, what was kept aside."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dash import html
from dash.development.base_component import Component

from data_access.models import Change, Channel
from layouts import ids, parts
from layouts.channels_rows import Row, ago, interval_words
from layouts.times import age_words, time_words
from layouts.words import channels as words

MOST_ALARMS = 3
"""Alarms of one agent that the page shows."""


def facts(row: Row) -> Component:
    """Return the figures of a channel; assets/channels.js keeps the age of its last row true."""
    heard = "–" if row["last"] is None else age_words(datetime.now(UTC) - timedelta(seconds=row["last"]))
    age = html.Span(heard, className="feed-age", **parts.attributes(data_channel=row["key"]))
    where: Component | str = words.NO_CELL
    if row["cell_id"] is not None:
        where = parts.link(row["cell"], f"/cells/{row['cell_id']}")
    return parts.fact_strip(
        parts.fact(words.FACT_CELL, where),
        parts.fact(words.FACT_AGENT, row["agent"] or words.NO_AGENT),
        parts.fact(words.FACT_LAST, age),
        parts.fact(words.FACT_INTERVAL, _painted("interval", row, interval_words(row["interval"]))),
        parts.fact(words.FACT_ROW, _painted("row", row, "–" if row["row"] is None else str(row["row"]))),
    )


def _painted(name: str, row: Row, text: str) -> Component:
    """Return a figure that assets/channels.js keeps as the list beside it says."""
    return html.Span(text, className="feed-figure", **parts.attributes(data_channel=row["key"], data_name=name))


def notices(channel: Channel, row: Row) -> list[Component]:
    """Return what a person has to know before acting: another agent at the door, a new name, a silent instrument."""
    said = []
    if channel.refused_agent:
        said.append(parts.notice("watch", words.REFUSED.format(refused=channel.refused_agent, agent=channel.agent)))
    if row["status"] == "stale" and row["silent_partner"]:
        said.append(parts.notice("stale", words.PARTNER))
    if channel.same_agent_as and channel.cell_id is None:
        said.append(parts.notice("info", words.SAME_AGENT.format(name=channel.same_agent_as)))
    return said


def last_change(change: Change | None, *, may_undo: bool = True) -> list[Component | str]:
    """Return the sentence about the last assignment, with its Undo for who may."""
    if change is None or change.action not in words.LAST_CHANGE:
        return []
    sentence = words.LAST_CHANGE[change.action].format(when=ago(change.at))
    undo = html.Button(words.UNDO, id=ids.channels_undo(change.id), type="button", className="text-button", n_clicks=0)
    said: list[Component | str] = [html.Span(sentence, title=time_words(change.at))]
    return [*said, " ", undo] if may_undo else said


def fault_table(rows: Sequence[tuple[str, ...]]) -> Component:
    """Return the table of faults, or the sentence that there is none."""
    if not rows:
        return html.P(words.FAULTS_NONE, className="quiet")
    body = [
        html.Tr(
            [
                html.Td([html.Strong(word), html.Div(text, className="channels-text")]),
                html.Td(span, className="num"),
                html.Td(times, className="num"),
                html.Td(age, className="num", title=moment),
            ]
        )
        for word, text, span, times, age, moment in rows
    ]
    return _table(words.FAULT_HEADS, body, numbers=(1, 2, 3))


def agent_table(rows: Sequence[Row]) -> Component | None:
    """Return the table of agents, those that need a look first; nothing where none was heard."""
    if not rows:
        return None
    body = [
        html.Tr(
            [
                html.Td(row["name"]),
                html.Td(_heard(row), title=row["title"]),
                html.Td(_count(row["waiting"]), className="num"),
                html.Td(_count(row["rejected"]), className="num"),
                html.Td(_alarms(row["alarms"]), className="channels-text"),
            ]
        )
        for row in rows
    ]
    return html.Div(_table(words.AGENT_HEADS, body, numbers=(2, 3)), className="table-frame", tabIndex="0")


def _heard(row: Row) -> Component:
    if row["is_silent"]:
        return parts.status("stale", words.AGENT_SILENT.format(age=row["heard"]))
    return parts.status("running", words.AGENT_HEARD)


def _count(number: int | None) -> str:
    return "–" if number is None else str(number)


def _alarms(texts: Sequence[str]) -> list[Component]:
    shown: list[Component] = [parts.notice("alarm", text) for text in texts[:MOST_ALARMS]]
    if len(texts) > MOST_ALARMS:
        shown.append(html.Div(words.AGENT_MORE.format(count=len(texts) - MOST_ALARMS)))
    return shown


def aside_table(rows: Sequence[Row]) -> Component:
    """Return the table of what was not stored, or the sentence that there is nothing."""
    if not rows:
        return html.P(words.ASIDE_NONE, className="panel-body quiet")
    body = [
        html.Tr(
            [
                html.Td(row["received"], title=row["title"]),
                html.Td(row["channel"]),
                html.Td(row["row"], className="num"),
                html.Td(_values(row["sent"])),
                html.Td(_values(row["stored"])),
                html.Td(row["why"], className="channels-text"),
            ]
        )
        for row in rows
    ]
    return html.Div(_table(words.ASIDE_HEADS, body, numbers=(2,)), className="table-frame", tabIndex="0")


def aside_count(rows: Sequence[Row], most: int) -> str:
    """Return how much was kept aside, in words."""
    if len(rows) >= most:
        return words.ASIDE_LATEST.format(count=most)
    if not rows:
        return ""
    return words.ASIDE_ONE if len(rows) == 1 else words.ASIDE_MANY.format(count=len(rows))


def _values(values: list[str] | str) -> Component | list[Component]:
    if isinstance(values, str):
        return html.Code(values, className="channels-payload")
    return [html.Div(value, className="channels-value") for value in values]


def _table(heads: Sequence[str], body: Sequence[Component], *, numbers: Sequence[int]) -> Component:
    head = html.Tr(
        [html.Th(text, scope="col", className="num" if at in numbers else "") for at, text in enumerate(heads)]
    )
    return html.Table([html.Thead(head), html.Tbody(list(body))], className="table")
