"""What the frame says of accounts: who is signed in and the way out, the row of Settings, the banner without TLS."""

from dash import html
from dash.development.base_component import Component
from flask import current_app, has_request_context

from access.identity import identity
from data_access.database import db
from data_access.queries import load_person
from layouts import parts, settings
from layouts import settings_ids as ids
from layouts.words import shell as words


def settings_row() -> list[Component]:
    """The row of the side bar that leads to Settings, for whom there is something to see."""
    address = settings.entrance()
    if not address:
        return []
    content = [parts.icon("settings"), html.Span(words.SETTINGS, className="label")]
    under = parts.attributes(data_under="/settings")
    return [parts.link(content, address, class_name="nav-row", title=words.SETTINGS, **under)]


def person() -> list[Component]:
    """Name and role of whoever is signed in, and the button that signs out; nothing for a single user."""
    reader = identity()
    if reader.person_id is None:
        return []
    called = load_person(db.engine, reader.person_id).name
    name, role = html.Span(called, className="label"), html.Span(reader.role, className="label")
    title = words.SIGNED_IN_AS.format(name=called)
    account = parts.link([parts.icon("person"), name, role], "/settings/account", class_name="nav-row", title=title)
    leave = html.Button(
        [parts.icon("sign-out"), html.Span(words.SIGN_OUT, className="label")],
        type="submit",
        className="nav-row",
        title=words.SIGN_OUT,
    )
    form = html.Form(leave, action="/sign-out", method="post")
    return [html.Div([account, form], id=ids.SIGNED_IN, className="signed-in")]


def insecure_banner() -> list[Component]:
    """The banner that stays while the network reads along (RELIABILITY section 4)."""
    if not has_request_context() or not current_app.config.get("BAROGRAPH_INSECURE_LAN"):
        return []
    content = [parts.icon("alarm"), html.Span(words.INSECURE), html.Small(words.INSECURE_WHY)]
    return [html.Div(content, id=ids.BANNER, className="insecure", role="alert")]
