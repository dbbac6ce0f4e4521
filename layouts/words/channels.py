"""Words of the Instruments page: channels, their feeds, what was flagged, what was kept aside."""

TITLE = "Instruments"

NO_CHANNELS = "No channel yet"
CHANNELS_ONE = "1 channel"
CHANNELS_MANY = "{count} channels"
SILENT_ONE = "1 is silent"
SILENT_MANY = "{count} are silent"
WAITING_ONE = "1 waits for a cell"
WAITING_MANY = "{count} wait for a cell"
ALL_HEARD = "all of them are heard"
NONE_HEARD = "nothing is expected of them now"

COLUMN_TITLES = {
    "status": "Status",
    "name": "Channel",
    "agent": "Agent",
    "cell": "Cell",
    "last": "Last row",
    "interval": "Usually every",
    "row": "Row number",
    "faults": "Faults",
}
COLUMN_HINTS = {
    "status": "Feed stale: no row for more than three of its usual intervals",
    "agent": "The program beside the instrument that may write to this channel",
    "last": "How long ago its last row arrived",
    "interval": "The usual interval between its rows",
    "row": "Number of its last row",
    "faults": "Kinds of faults that were flagged; choose the row to see them",
}
STATUS_WORDS = {
    "live": "Live",
    "late": "Late",
    "stale": "Feed stale",
    "ended": "Ended",
    "unknown": "New",
    "files": "Files only",
}
NO_CELL = "no cell yet"
NO_AGENT = "none yet"

CHOOSE_TITLE = "Choose a channel"
CHOOSE_TEXT = "Its cell, its agent and what was flagged about it appear here."
GONE = "There is no channel {name}."

FACT_AGENT = "Agent"
FACT_CELL = "Cell"
FACT_LAST = "Last row"
FACT_INTERVAL = "Usually every"
FACT_ROW = "Row number"
SAME_AGENT = (
    "New, from the agent that also writes {name}. If that channel was renamed, assign this one to the same cell."
)
PARTNER = "Another channel of this cell is alive, so it is this instrument that is silent, not the cell."
REFUSED = "The agent {refused} tried to write here. The channel belongs to {agent}; nothing of the other was stored."
HELD_BY_NONE = "The next agent that sends rows may write here."
HELD = "Only the agent {agent} may write here. Release it when another computer takes over the instrument."

CELL_LABEL = "Cell"
CELL_PLACEHOLDER = "Find a cell"
FROM_LABEL = "From row"
FROM_PLACEHOLDER = "kept rows, and all to come"
FROM_HELP = (
    "Empty: rows that were kept without a cell go along, and all that come. "
    "A number: all rows from there on, also those of another cell."
)
ASSIGN = "Assign"
UNASSIGN = "Take from the cell"
NEW_CELL = "New cell"
RELEASE = "Release the agent"
UNDO = "Undo"
NO_CELL_CHOSEN = "Choose the cell that this channel measures."

ASSIGNED = "{name} measures {cell}"
ASSIGNED_TEXT = "Cycles are computed as rows come; rows that were kept are computed now."
UNASSIGNED = "{name} measures no cell"
UNASSIGNED_TEXT = "Rows that come are kept until it is assigned."
RELEASED = "{name} is released"
RELEASED_TO = "The agent {agent} may write from now on."
RELEASED_NEXT = "The next agent that sends rows may write."
UNDONE = "{name} is as before"
UNDONE_TEXT = "Its rows are with {cell} again."
NOBODY = "no cell"
CHANGED_SINCE = "Somebody else changed this channel"
CHANGED_SINCE_TEXT = "It is shown as it is now, and nothing of yours was stored. Do it again if it is still needed."
LAST_CHANGE = {"assigned": "Assigned {when}.", "unassigned": "Taken from its cell {when}."}
JUST_NOW = "just now"
AGO = "{age} ago"

FAULTS_TITLE = "Flagged"
FAULTS_NONE = "Nothing was flagged about this channel."
FAULT_HEADS = ("What", "Rows", "Times", "Last")
FAULT_WORDS = {
    "clock_jump": "Clock jumped",
    "time_implausible": "Time cannot be",
    "out_of_range": "Out of range",
    "missing_values": "Values missing",
    "late_rows": "Late rows",
    "conflict": "Other values came",
    "other_content": "Key used twice",
    "second_agent": "Second agent",
    "test_time_restarted": "Test time began anew",
}
"""What a code of a fault means; one that is not here is shown as it is."""
FAULT_ROWS = "{first}–{last}"

AGENTS_TITLE = "Agents"
AGENTS_SUBTITLE = "the programs beside the instruments, as they last said of themselves"
AGENT_HEADS = ("Agent", "Heard", "Rows waiting", "Batches rejected", "Alarms")
AGENT_SILENT = "not heard for {age}"
AGENT_HEARD = "Live"
AGENT_MORE = "and {count} more; `status` on that computer lists them"
AGENTS_SILENT_ONE = "1 agent is not heard"
AGENTS_SILENT_MANY = "{count} agents are not heard"
AGENTS_ALARM_ONE = "1 agent raises an alarm"
AGENTS_ALARM_MANY = "{count} agents raise an alarm"

ASIDE_TITLE = "Kept aside"
ASIDE_NONE = (
    "Nothing was kept aside. A row whose number stands for other values already comes here; nothing is overwritten."
)
ASIDE_ONE = "1 row or payload that was not stored"
ASIDE_MANY = "{count} rows or payloads that were not stored"
ASIDE_LATEST = "the latest {count} rows or payloads that were not stored"
ASIDE_HEADS = ("Received", "Channel", "Row", "Sent", "Stored", "Why")
ASIDE_WHOLE = "whole payload"
ASIDE_SAME = "the same values"
ASIDE_REASONS = {"Another row with this sequence number": "Its number stands for other values. The first stays."}
"""Beginnings of reasons whose values stand in columns of their own, and what is said instead."""
DOWNLOAD = "CSV"

EMPTY_TITLE = "Start an agent beside an instrument"
EMPTY_TEXT = "A channel appears here with its first row. The agent is one file; it needs Python 3.9 and nothing else."
EMPTY_READER = "One appears here once it sends rows, in a project in which you have a role."
EMPTY_TOKEN = "Make a token for the agent on Settings, Tokens."  # noqa: S105  # words
EMPTY_ASK_TOKEN = "Ask an administrator for a token for the agent."  # noqa: S105  # words
EMPTY_STEPS = (
    "Copy agent/barograph_agent.py and agent/agent.example.toml, as agent.toml, to the instrument’s computer.",
    "python3 barograph_agent.py check --config agent.toml",
    "python3 barograph_agent.py run --config agent.toml",
)
EMPTY_HOW = "What stands in agent.toml, and how the agent becomes a service, is told in docs/how-to/run-the-agent.md."
