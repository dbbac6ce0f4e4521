"""The doors: sign in, sign out, choose a password by a link, and the wall for whoever asks.

Plain forms and plain answers; registered only where there are accounts.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from access.guard import PUBLIC_WALL, note_denial
from access.identity import TRUSTED_PROXY, identity, session_cookie
from access.passwords import SHORTEST, TooManyTriesError, WrongPasswordError, hash_password, sign_in
from access.roles import requires
from data_access.database import db
from data_access.models import OneTimeLink, Person
from data_access.queries import load_link
from data_access.writes import accept_link, end_session, start_session
from layouts import doors
from layouts.words import doors as words
from pressiometry.errors import BarographError, InvalidInputError

INSECURE_LAN = "BAROGRAPH_INSECURE_LAN"
FORM_BYTES = 16 * 1024
_FROM_ELSEWHERE = frozenset({"cross-site", "same-site"})


@requires("anyone")
def sign_in_page() -> Response:
    """The page on which people sign in; whoever has goes on."""
    if request.headers.get("Sec-Fetch-Site") in _FROM_ELSEWHERE:
        return _page(doors.again_page(request.full_path.removesuffix("?")))
    if identity().person_id is not None:
        return _to(local_address(request.args.get("next", "/")))
    said = words.SIGNED_OUT if "out" in request.args else ""
    then = local_address(request.args.get("next", "/"))
    return _page(doors.sign_in_page(then=then, said=said, insecure=_is_insecure()))


@requires("anyone")
def sign_in_by_form() -> Response:
    """The address that was asked for, with a cookie; or the form again, with a sentence."""
    request.max_content_length = FORM_BYTES
    login, password = request.form.get("login", ""), request.form.get("password", "")
    then = local_address(request.form.get("next", "/"))
    if not login.strip() or not password:
        return _again(words.BOTH_NEEDED, login, then, 400)
    try:
        secret = sign_in(db.engine, login, password, ip=_ip(), browser=_browser())
    except WrongPasswordError as error:
        return _again(error.text, login, then, 401)
    except TooManyTriesError as error:
        response = _again(error.text, login, then, 429)
        response.headers["Retry-After"] = str(error.wait_second)
        return response
    return _with_cookie(_to(then), secret)


@requires("anyone")
def sign_out() -> Response:
    """The sign-in page, without a cookie; the session has ended."""
    session_id = identity().session_id
    if session_id is not None:
        end_session(db.engine, session_id)
    response = _to("/sign-in?out=1")
    response.delete_cookie(session_cookie(), path="/", secure=_has_tls(), httponly=True, samesite="Strict")
    return response


@requires("anyone")
def welcome_page(secret: str) -> Response:
    """The page of a one-time link."""
    found = load_link(db.engine, secret)
    return _no_link() if found is None else _page(_welcome(found, secret))


@requires("anyone")
def welcome_by_form(secret: str) -> Response:
    """The first page, signed in; or the form again, with every problem."""
    request.max_content_length = FORM_BYTES
    found = load_link(db.engine, secret)
    if found is None:
        return _no_link()
    _, person = found
    password = request.form.get("password", "")
    login = person.login if person is not None else request.form.get("login", "")
    if password != request.form.get("repeat", ""):
        return _page(_welcome(found, secret, (words.NOT_THE_SAME,)), 422)
    try:
        digest = hash_password(password, login)
        person = accept_link(db.engine, secret, digest, login=login, name=request.form.get("name", ""))
    except InvalidInputError as error:
        return _page(_welcome(found, secret, error.problems), 422)
    except BarographError as error:
        return _page(_welcome(found, secret, (error.text,)), 409)
    return _with_cookie(_to("/"), start_session(db.engine, person.id, ip=_ip(), browser=_browser()))


@requires("anyone")
def public_wall() -> Response:
    """The wall without signing in; whoever has signed in gets the page with everything around it."""
    if identity().person_id is not None:
        index: Any = current_app.view_functions["/<path:path>"](path="wall")
        return current_app.make_response(index)
    return _page(doors.wall_page())


def register(server: Flask) -> None:
    """Put the doors on the server."""
    server.add_url_rule("/sign-in", "sign_in_page", sign_in_page, methods=["GET"])
    server.add_url_rule("/sign-in", "sign_in_by_form", sign_in_by_form, methods=["POST"])
    server.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    server.add_url_rule("/welcome/<secret>", "welcome_page", welcome_page, methods=["GET"])
    server.add_url_rule("/welcome/<secret>", "welcome_by_form", welcome_by_form, methods=["POST"])
    if server.config[PUBLIC_WALL]:
        server.add_url_rule("/wall", "public_wall", public_wall, methods=["GET"])


def local_address(text: str) -> str:
    r"""Return an address of ours, or the first page for what leads elsewhere.

    >>> local_address("/cells/3?unit=mpa"), local_address("//evil.example"), local_address("/\\evil.example")
    ('/cells/3?unit=mpa', '/', '/')
    """
    parts = urlsplit(text)
    plain = text.isprintable() and "\\" not in text and text.startswith("/") and not text.startswith("//")
    is_door = parts.path.startswith(("/sign-in", "/sign-out", "/welcome", "/api", "/_dash"))
    return text if plain and not parts.netloc and not is_door else "/"


def _welcome(found: tuple[OneTimeLink, Person | None], secret: str, problems: tuple[str, ...] = ()) -> str:
    link, person = found
    return doors.welcome_page(
        kind=link.kind,
        secret=secret,
        login=person.login if person is not None else request.form.get("login", ""),
        name=person.name if person is not None else request.form.get("name", ""),
        shortest=SHORTEST,
        problems=problems,
        insecure=_is_insecure(),
    )


def _again(problem: str, login: str, then: str, status: int) -> Response:
    return _page(doors.sign_in_page(login=login[:200], then=then, problem=problem, insecure=_is_insecure()), status)


def _no_link() -> Response:
    note_denial(words.NO_LINK_TITLE, 404)
    return _page(doors.no_link_page(insecure=_is_insecure()), 404)


def _page(text: str, status: int = 200) -> Response:
    """Return a page whose forms say where they come from: with no-referrer their Origin would be null."""
    return Response(text, status, {"Referrer-Policy": "strict-origin"}, mimetype="text/html")


def _to(address: str) -> Response:
    return Response("", 303, {"Location": address}, mimetype="text/html")


def _with_cookie(response: Response, secret: str) -> Response:
    response.set_cookie(session_cookie(), secret, secure=_has_tls(), httponly=True, samesite="Strict", path="/")
    return response


def _has_tls() -> bool:
    return bool(current_app.config.get(TRUSTED_PROXY))


def _is_insecure() -> bool:
    return bool(current_app.config.get(INSECURE_LAN))


def _ip() -> str:
    return request.remote_addr or ""


def _browser() -> str:
    return request.headers.get("User-Agent", "")
