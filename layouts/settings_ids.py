"""Every id of the Settings pages, as layouts/ids.py has those of all others."""

from typing import Any

# Frame of the pages
BANNER = "insecure-banner"
SIGNED_IN = "signed-in"
SETTINGS_UNDO = "settings-undo"

# Account
ACCOUNT_FACTS = "account-facts"
ACCOUNT_CURRENT = "account-current"
ACCOUNT_NEW = "account-new"
ACCOUNT_LENGTH = "account-length"
ACCOUNT_CHANGE = "account-change"
ACCOUNT_SESSIONS = "account-sessions"
ACCOUNT_OTHERS = "account-others"

# People
PEOPLE_SHOWN = "people-shown"
PEOPLE_TABLE = "people-table"
PEOPLE_COUNT = "people-count"
PEOPLE_INVITE = "people-invite"
PEOPLE_DIALOG = "people-dialog"
PEOPLE_FORM = "people-form"
PEOPLE_NAME = "people-name"
PEOPLE_LOGIN = "people-login"
PEOPLE_ROLES = "people-roles"
PEOPLE_PROBLEM = "people-problem"
PEOPLE_CREATE = "people-create"
PEOPLE_LINK = "people-link"

# Tokens
TOKENS_TABLE = "tokens-table"
TOKENS_NEW = "tokens-new"
TOKENS_DIALOG = "tokens-dialog"
TOKENS_FORM = "tokens-form"
TOKENS_NAME = "tokens-name"
TOKENS_KIND = "tokens-kind"
TOKENS_KIND_HELP = "tokens-kind-help"
TOKENS_CHANNELS = "tokens-channels"
TOKENS_CHANNELS_PLACE = "tokens-channels-place"
TOKENS_DAYS = "tokens-days"
TOKENS_PROBLEM = "tokens-problem"
TOKENS_CREATE = "tokens-create"
TOKENS_SECRET = "tokens-secret"  # noqa: S105  # the id of its place
TOKENS_CONFIRM = "tokens-confirm"
TOKENS_CONFIRM_TEXT = "tokens-confirm-text"
TOKENS_CHOSEN = "tokens-chosen"
TOKENS_REVOKE = "tokens-revoke"

# Projects
PROJECTS_TABLE = "projects-table"
PROJECTS_COUNT = "projects-count"
PROJECTS_NEW = "projects-new"
PROJECTS_DIALOG = "projects-dialog"
PROJECTS_CHOSEN = "projects-chosen"
PROJECTS_NAME = "projects-name"
PROJECTS_SAVE = "projects-save"

# System
SYSTEM_CLOCK = "system-clock"
SYSTEM_SENTENCE = "system-sentence"
SYSTEM_CONTENT = "system-content"


def settings_act(page: Any, act: Any, number: Any) -> dict[str, Any]:
    """Id of a button that does something with one row of a page of Settings (ALL in a callback)."""
    return {"type": "settings-act", "page": page, "act": act, "row": number}


def person_role(person: Any, project: Any) -> dict[str, Any]:
    """Id of the menu of a person's role in a project; project 0: administrator or not (ALL in a callback)."""
    return {"type": "person-role", "person": person, "project": project}


def invited_role(project: Any) -> dict[str, Any]:
    """Id of the menu of the role that an invited person gets (ALL in a callback)."""
    return {"type": "invited-role", "project": project}
