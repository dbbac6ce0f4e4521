"""Signing in and out: passwords, back-off, cookies, sessions, links."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, delete, update

from access import passwords
from access.passwords import WrongPasswordError, change_password
from data_access.base import now
from data_access.database import writing
from data_access.models import LoginSession, OneTimeLink, Person, SignInFailure
from data_access.queries import has_administrator, load_audit, load_sessions
from data_access.writes import delete_person, end_sessions, first_link, invite, reset_link
from pressiometry.errors import InvalidInputError
from settings import Settings
from tests.access.conftest import PASSWORD, QUICK, new_client, running

if TYPE_CHECKING:
    from dash import Dash
    from flask.testing import FlaskClient

Browser = Callable[[str], "FlaskClient"]


def test_whoever_is_not_signed_in_is_led_to_the_door(stranger: "FlaskClient") -> None:
    """A page leads to /sign-in and back; the API and Dash's addresses say 401 with a sentence."""
    led = stranger.get("/cells/3?unit=mpa")
    assert (led.status_code, led.headers["Location"]) == (303, "/sign-in?next=/cells/3%3Funit%3Dmpa")
    for method, path in (
        ("GET", "/api/v1/cells"), ("POST", "/api/v1/cells"), ("GET", "/_dash-layout"), ("GET", "/_dash-dependencies"),
        ("POST", "/_dash-update-component"), ("GET", "/api/v1/wall"), ("GET", "/api/v1/stream"),
    ):  # fmt: skip
        answer = stranger.open(path, method=method)
        assert answer.status_code == 401, path
        assert "Sign in" in answer.get_json()["error"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_what_a_door_needs_is_there_for_anyone(stranger: "FlaskClient") -> None:
    """Styles, the script of the theme, the health of the server, and the door itself."""
    for path in ("/sign-in", "/assets/doors.css", "/assets/first/theme.js", "/healthz", "/assets/favicon.svg"):
        answer = stranger.get(path, buffered=True)
        assert answer.status_code == 200, path
        answer.close()
    assert stranger.get("/healthz").get_json() == {"status": "ok"}


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(
    stranger: "FlaskClient", people: dict[str, Person], engine: Engine
) -> None:
    """HttpOnly and SameSite=Strict; only its hash is stored; the page that was asked for comes next."""
    form = {"login": " Viewer ", "password": PASSWORD, "next": "/cells/3"}
    answer = stranger.post("/sign-in", data=form, headers={"Origin": "http://localhost"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cells/3")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("session=")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    (row,) = load_sessions(engine, people["viewer"].id)
    assert row.secret_sha256 not in cookie
    assert stranger.get("/api/v1/cells").status_code == 200
    assert stranger.get("/sign-in?next=/cells").headers["Location"] == "/cells"


def test_behind_tls_the_cookie_is_bound_to_the_host(settings: Settings, people: dict[str, Person]) -> None:
    """`__Host-session; Secure`; the cookie of plain connections is not looked at."""
    del people
    proxy = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "lab.example.org"}
    for app in running(replace(settings, trusted_proxy=True, trusted_hosts=("lab.example.org",))):
        client = new_client(app)
        form = {"login": "viewer", "password": PASSWORD}
        answer = client.post("/sign-in", data=form, headers={**proxy, "Origin": "https://lab.example.org"})
        assert answer.status_code == 303
        name, _, rest = answer.headers["Set-Cookie"].partition("=")
        assert name == "__Host-session"
        assert "Secure" in rest
        secret = rest.split(";")[0]
        for cookie, status in ((f"__Host-session={secret}", 200), (f"session={secret}", 401)):
            fresh = app.server.test_client(use_cookies=False)
            assert fresh.get("/api/v1/cells", headers={**proxy, "Cookie": cookie}).status_code == status
        past = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Host": "lab.example.org"}
        assert "TLS" in client.get("/sign-in", headers=past).get_data(as_text=True)


def test_a_wrong_password_twenty_times_costs_the_server_nothing(
    stranger: "FlaskClient", people: dict[str, Person], monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    """After five the answer is 429 with Retry-After, without a look at the password; the right one has to wait too."""
    del people
    looks: list[str] = []
    fits = passwords._fits

    def look(person: Person | None, password: str) -> bool:
        looks.append(password)
        return fits(person, password)

    monkeypatch.setattr(passwords, "_fits", look)
    answers = [stranger.post("/sign-in", data={"login": "viewer", "password": "x" * 14}) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 15
    assert "Sign-in name or password is wrong" in answers[0].get_data(as_text=True)
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert len(looks) == 5
    assert stranger.post("/sign-in", data={"login": "VIEWER", "password": PASSWORD}).status_code == 429
    failed = [row for row in load_audit(engine) if row.action == "sign-in failed"]
    assert [row.what for row in failed] == ["viewer"] * 5


def test_the_wait_grows_and_ends(stranger: "FlaskClient", people: dict[str, Person], engine: Engine) -> None:
    """1, 2, 4 ... seconds up to five minutes; whoever knows the password gets in after it, and begins anew."""
    del people
    waits = []
    for _ in range(16):
        answer = stranger.post("/sign-in", data={"login": "viewer", "password": "x" * 14})
        if answer.status_code == 401 and (found := _wait(engine)):
            waits.append(found)
        _let_pass(engine)
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 300
    assert stranger.post("/sign-in", data={"login": "viewer", "password": PASSWORD}).status_code == 303
    assert stranger.post("/sign-in", data={"login": "viewer", "password": "x" * 14}).status_code == 401
    assert _wait(engine) == 0


class Counted:
    """Looks at passwords as the quick hasher does, and counts."""

    looks = 0

    def verify(self, known: str, given: bytes) -> bool:
        """Look, and count."""
        self.looks += 1
        return bool(QUICK.verify(known, given))

    def hash(self, given: bytes) -> str:
        """The hash of a password."""
        return str(QUICK.hash(given))


def forget(engine: Engine) -> None:
    """Let nobody have failed."""
    with writing(engine) as session:
        session.execute(delete(SignInFailure))


def _wait(engine: Engine) -> int:
    with writing(engine) as session:
        rows = session.query(SignInFailure).all()
        return max((round((row.wait_until - row.failed_at).total_seconds()) for row in rows), default=0)


def _let_pass(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(update(SignInFailure).values(wait_until=now()))


def test_an_unknown_login_is_answered_like_a_wrong_password(
    stranger: "FlaskClient", people: dict[str, Person], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same page, the same back-off, and a hash is computed too: nobody learns who may sign in, or was invited."""
    assert people
    invite(engine, "invited", "Not yet here")
    counted = Counted()
    monkeypatch.setattr(passwords, "HASHER", counted)
    for login in ("viewer", "nobody", "invited", "a\x00b", "\udcff".encode("utf-8", "surrogatepass")):
        assert stranger.post("/sign-in", data={"login": login, "password": "x" * 14}).status_code == 401
    assert counted.looks == 5
    _let_pass(engine)
    forget(engine)
    pages = []
    for login in ("viewer", "nobody"):
        answers = [stranger.post("/sign-in", data={"login": login, "password": "x" * 14}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        pages.append(answers[0].get_data(as_text=True).replace(login, ""))
    assert pages[0] == pages[1]


def test_an_address_that_tries_many_logins_waits(stranger: "FlaskClient") -> None:
    """Twenty logins, one address."""
    statuses = [
        stranger.post("/sign-in", data={"login": f"login{number}", "password": "x" * 14}).status_code
        for number in range(22)
    ]
    assert statuses == [401] * 20 + [429] * 2


@pytest.mark.parametrize("form", [{}, {"login": "viewer"}, {"password": "x"}, {"login": " ", "password": "x"}])
def test_a_form_without_login_or_password_is_told(stranger: "FlaskClient", form: dict[str, str]) -> None:
    """400, and no try is counted."""
    answer = stranger.post("/sign-in", data=form)
    assert answer.status_code == 400
    assert "Sign-in name and password are needed" in answer.get_data(as_text=True)


def test_signing_in_leads_nowhere_else(stranger: "FlaskClient", people: dict[str, Person]) -> None:
    """Only to a page of ours."""
    del people
    for elsewhere in (
        "https://evil.example",
        "//evil.example/x",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "",
    ):
        form = {"login": "viewer", "password": PASSWORD, "next": elsewhere}
        assert stranger.post("/sign-in", data=form).headers["Location"] == "/"


def test_signing_out_ends_the_session_on_the_server(browser_of: Browser) -> None:
    """The cookie of before is worth nothing, also where a program kept it."""
    browser = browser_of("viewer")
    cookie = browser.get_cookie("session")
    assert cookie is not None
    assert browser.post("/sign-out").headers["Location"] == "/sign-in?out=1"
    answer = browser.get("/api/v1/cells", headers={"Cookie": f"session={cookie.value}"})
    assert answer.status_code == 401


def test_a_session_ends_after_twelve_idle_hours_when_revoked_and_with_its_person(
    browser_of: Browser, people: dict[str, Person], engine: Engine
) -> None:
    """At the next request, wherever it comes from."""
    browsers = {role: browser_of(role) for role in ("viewer", "operator", "admin")}
    assert {browser.get("/api/v1/cells").status_code for browser in browsers.values()} == {200}
    with writing(engine) as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.person_id == people["admin"].id)
            .values(seen_at=now() - timedelta(hours=12, seconds=1))
        )
    end_sessions(engine, people["operator"].id)
    delete_person(engine, people["viewer"].id)
    assert {browser.get("/api/v1/cells").status_code for browser in browsers.values()} == {401}


def test_a_session_in_use_stays(browser_of: Browser, people: dict[str, Person], engine: Engine) -> None:
    """Each use begins the twelve hours anew, noted every five minutes."""
    browser = browser_of("viewer")
    with writing(engine) as session:
        session.execute(update(LoginSession).values(seen_at=now() - timedelta(hours=11)))
    assert browser.get("/api/v1/cells").status_code == 200
    (row,) = load_sessions(engine, people["viewer"].id)
    assert now() - row.seen_at < timedelta(minutes=1)


def test_the_cookie_of_another_server_is_none_of_ours(stranger: "FlaskClient") -> None:
    """401, whatever it holds."""
    for value in ("x", "A" * 43, "eyJhbGciOi.J9", "\x7f", "%00"):
        answer = stranger.get("/api/v1/cells", headers={"Cookie": f"session={value}"})
        assert answer.status_code == 401


REFUSED = (
    ("ada", "short", "at least 12"),
    ("ada", "x" * 300, "at most 200"),
    ("ada", "a" * 20, "repeats too few"),
    ("ada.lovelace.of.london", "Ada.Lovelace.of.London", "it is the sign-in name"),
    ("a b", PASSWORD, "letters a-z"),
)


def test_the_first_administrator_is_made_by_the_link_of_the_first_start(
    stranger: "FlaskClient", engine: Engine
) -> None:
    """What cannot be taken is told and the link stays; then it works once, and signs in."""
    secret = first_link(engine)
    assert not has_administrator(engine)
    page = stranger.get(f"/welcome/{secret}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "First administrator" in page.get_data(as_text=True)
    for login, password, problem in REFUSED:
        form = {"login": login, "name": "<b>Ada</b>", "password": password, "repeat": password}
        refused = stranger.post(f"/welcome/{secret}", data=form)
        assert refused.status_code == 422
        assert problem in refused.get_data(as_text=True)
        assert "<b>" not in refused.get_data(as_text=True)
    form = {"login": "ada", "name": "Ada", "password": PASSWORD, "repeat": PASSWORD}
    assert stranger.post(f"/welcome/{secret}", data=form | {"repeat": "other"}).status_code == 422
    assert stranger.post(f"/welcome/{secret}", data=form).status_code == 303
    assert has_administrator(engine)
    assert stranger.get("/api/v1/cells").status_code == 200
    assert stranger.get(f"/welcome/{secret}").status_code == 404
    assert stranger.post(f"/welcome/{secret}", data=form).status_code == 404


def test_a_link_serves_one_person_once_and_not_for_long(
    stranger: "FlaskClient", people: dict[str, Person], engine: Engine
) -> None:
    """A newer link withdraws the older; an old one, one of a deleted person, and a guessed one lead nowhere."""
    _, older = invite(engine, "new", "New One", roles={1: "viewer"})
    person_id = load_person_id(engine, "new")
    newer = reset_link(engine, person_id)
    late = reset_link(engine, people["viewer"].id)
    gone = reset_link(engine, people["operator"].id)
    delete_person(engine, people["operator"].id)
    with writing(engine) as session:
        session.execute(
            update(OneTimeLink).where(OneTimeLink.person_id == people["viewer"].id).values(expires_at=now())
        )
    for secret in (older, late, gone, "guess", "x" * 43):
        assert stranger.get(f"/welcome/{secret}").status_code == 404
    page = stranger.get(f"/welcome/{newer}").get_data(as_text=True)
    assert "Welcome, New One" in page
    form = {"password": PASSWORD, "repeat": PASSWORD, "login": "admin"}
    assert stranger.post(f"/welcome/{newer}", data=form).status_code == 303
    assert stranger.get("/api/v1/cells").status_code == 200
    assert load_sessions(engine, person_id)


def load_person_id(engine: Engine, login: str) -> int:
    """The number of a person."""
    with writing(engine) as session:
        return session.query(Person).filter_by(login=login).one().id


def test_a_reset_signs_out_every_browser(
    browser_of: Browser, stranger: "FlaskClient", people: dict[str, Person], engine: Engine
) -> None:
    """Whoever had the old password is out; the old password no longer serves."""
    browser = browser_of("viewer")
    secret = reset_link(engine, people["viewer"].id)
    assert browser.get("/api/v1/cells").status_code == 200
    form = {"password": "another four words", "repeat": "another four words"}
    assert stranger.post(f"/welcome/{secret}", data=form).status_code == 303
    assert browser.get("/api/v1/cells").status_code == 401
    assert browser.post("/sign-in", data={"login": "viewer", "password": PASSWORD}).status_code == 401


def test_a_changed_password_leaves_this_browser_signed_in(
    browser_of: Browser, people: dict[str, Person], engine: Engine
) -> None:
    """The old password is asked for, with the same back-off; other browsers are signed out."""
    here, there = browser_of("viewer"), browser_of("viewer")
    person = people["viewer"]
    with pytest.raises(WrongPasswordError):
        change_password(engine, person.id, "not the password", "another four words")
    with pytest.raises(InvalidInputError):
        change_password(engine, person.id, PASSWORD, "short")
    sessions = sorted(row.id for row in load_sessions(engine, person.id))
    change_password(engine, person.id, PASSWORD, "another four words", keep_session=sessions[0])
    assert here.get("/api/v1/cells").status_code == 200
    assert there.get("/api/v1/cells").status_code == 401


def test_a_link_from_another_site_reaches_its_page(browser_of: Browser) -> None:
    """A browser that comes from elsewhere brings no strict cookie: the door asks once more, from here."""
    browser = browser_of("viewer")
    page = browser.get("/sign-in?next=/cells/3", headers={"Sec-Fetch-Site": "cross-site", "Cookie": ""})
    assert 'content="0;url=/sign-in?next=/cells/3"' in page.get_data(as_text=True)
    assert browser.get("/sign-in?next=/cells/3").headers["Location"] == "/cells/3"


def test_forms_of_other_sites_are_refused(stranger: "FlaskClient", people: dict[str, Person]) -> None:
    """A foreign page signs nobody in or out: its origin is another one."""
    del people
    form = {"login": "viewer", "password": PASSWORD}
    for origin in ("https://evil.example", "null", "http://localhost:81"):
        assert stranger.post("/sign-in", data=form, headers={"Origin": origin}).status_code == 403
        assert stranger.post("/sign-out", headers={"Origin": origin}).status_code == 403


def test_with_one_user_there_are_no_doors(app: "Dash") -> None:
    """No address to sign in, nothing to sign out of, no cookie."""
    client = app.server.test_client()
    assert client.post("/sign-in").status_code == 405
    assert client.get("/api/v1/cells").status_code == 200
    assert "Set-Cookie" not in client.get("/").headers


def test_a_proxy_before_a_single_user_is_noticed(app: "Dash") -> None:
    """Everybody behind it would be administrator: nothing is answered before it is declared."""
    client = app.server.test_client()
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        answer = client.get("/api/v1/cells", headers={header: "10.0.0.9"})
        assert answer.status_code == 400
        assert "BAROGRAPH_TRUSTED_PROXY" in answer.get_json()["error"]
