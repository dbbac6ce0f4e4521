"""The application: `create_app(settings)`, and `server` for a WSGI server (`gunicorn app:server`)."""

from typing import TYPE_CHECKING

import dash
from dash.exceptions import DependencyException, InvalidCallbackReturnValue
from flask import abort, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

import callbacks
from access.guard import install_guard
from access.headers import install_headers
from api import register_api
from api.errors import error_response, log_unknown
from callbacks import doors
from data_access.database import db
from demo.example import load_example
from layouts import shell
from pressiometry.errors import BarographError
from settings import Settings

if TYPE_CHECKING:
    from flask import Flask, Response

MAX_REQUEST_BYTES = 8 * 1024**2
"""Every body but that of an upload, which is streamed to disk and has its own limit."""
_OF_WRONG_VALUES = (TypeError, ValueError, AttributeError, LookupError)
"""What Python raises where a value has another form than a page sends; a browser sends its Origin with every call."""


def create_app(settings: Settings) -> dash.Dash:
    """Return a Dash application that shares nothing with another one in the same process.

    Its Flask server, with the API, is `.server`.  Opens no database before the first request.
    """
    app = dash.Dash(
        __name__,
        title="Barograph",
        update_title="",
        index_string=shell.INDEX_STRING,
        on_error=_show_error,
        enable_mcp=False,
        add_log_handler=False,
        suppress_callback_exceptions=False,
    )
    server: Flask = app.server
    server.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        BAROGRAPH_DATA_DIR=settings.data_dir,
        LOAD_EXAMPLE=load_example,
        BAROGRAPH_ACCOUNTS=settings.accounts,
        BAROGRAPH_TRUSTED_PROXY=settings.trusted_proxy,
        BAROGRAPH_INSECURE_LAN=settings.insecure_lan,
        BAROGRAPH_PUBLIC_WALL=settings.public_wall,
        TRUSTED_HOSTS=list(settings.answered_hosts),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=100,
        SESSION_COOKIE_SAMESITE="Strict",
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        COMPRESS_STREAMS=False,
    )
    db.init_app(server)
    Compress(server)
    app.layout = shell.layout
    app.validation_layout = shell.validation_layout()  # type: ignore[assignment]  # Dash declares it as None
    callbacks.register_all(app)
    # Dash does this within the first request, and those that come beside it find neither scripts nor callbacks.
    app._setup_server()  # noqa: SLF001 - nothing public does it
    register_api(server)
    if settings.accounts:
        doors.register(server)
    if settings.trusted_proxy:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    server.register_error_handler(InvalidCallbackReturnValue, _does_not_fit)
    server.register_error_handler(DependencyException, _no_such_script)
    install_guard(server, app.callback_map)
    install_headers(server, app.csp_hashes())
    return app


def _show_error(error: Exception) -> None:
    """Tell the reader what a callback could not do: a known error in its own words, another by its number.

    A program that calls a callback, which no page did, is told by the status: what it sent is at fault.
    """
    if isinstance(error, BarographError):
        shell.show_problem(error.text, getattr(error, "problems", ()))
    elif isinstance(error, _OF_WRONG_VALUES) and "Origin" not in request.headers:
        abort(400, f"The values do not fit the callback ({type(error).__name__}).")
    else:
        shell.show_problem(log_unknown(error))


def _does_not_fit(error: Exception) -> "Response":
    """Answer a call whose parts contradict each other; a callback that is at fault is found by the number."""
    return error_response(400, f"The call does not fit the callback. {log_unknown(error)}")


def _no_such_script(_error: Exception) -> "Response":
    """Answer for a script that no component has; Dash would name all that there are, and call it a fault."""
    return error_response(404, "There is no such file.")


def __getattr__(name: str) -> object:
    """Build the server only when somebody asks for it, so that importing this module opens nothing."""
    if name != "server":
        raise AttributeError(name)
    try:
        return create_app(Settings.from_environment()).server
    except AttributeError as error:  # would be taken for "there is no server"
        raise RuntimeError(f"The application cannot be built: {error}") from error
