"""The doors: pages that are there before anybody has signed in, as plain HTML without Dash.

Every text goes through markupsafe: what a person typed is shown as it was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component
from markupsafe import Markup, escape

from layouts import signed_in, wall
from layouts.words import doors as words
from layouts.words import shell

_HEAD = Markup("""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title} · {product}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
    <script src="/assets/first/theme.js"></script>
    {styles}
  </head>
  {body}
</html>
""")
_DOOR = Markup("""<body class="door">
    {banner}
    <main class="door-panel panel">
      <p class="door-brand"><span class="brand-mark"><i class="ic" aria-hidden="true"></i></span>{product}</p>
      <h1>{title}</h1>
      {parts}
    </main>
  </body>""")
_STYLES = ("tokens", "fonts", "frame", "parts", "doors")
_WALL_STYLES = ("tokens", "fonts", "frame", "parts", "live", "settings", "wall")
_WALL_SCRIPTS = ("tiles", "live", "wall", "public_wall")


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a form; `fixed`: it is shown and sent, and cannot be changed."""

    name: str
    label: str
    value: str = ""
    secret: bool = False
    known_as: str = "off"
    """What browsers and password managers know it as."""
    hint: str = ""
    fixed: bool = False


def sign_in_page(*, login: str = "", then: str = "/", problem: str = "", said: str = "", insecure: bool) -> str:
    """Return the page on which people sign in; `then` is the address that they came for."""
    boxes = [
        Box("login", words.LOGIN, login, known_as="username"),
        Box("password", words.PASSWORD, secret=True, known_as="current-password"),
    ]
    form = _form("/sign-in", boxes, words.SIGN_IN, hidden={"next": then}, begins_at=1 if login else 0)
    return _door(words.SIGN_IN_TITLE, [_said(said), _alert([problem]), form, _text(words.FORGOTTEN)], insecure=insecure)


def welcome_page(  # noqa: PLR0913  # what a link says, and what was typed
    *, kind: str, secret: str, login: str, name: str, shortest: int, problems: Sequence[str] = (), insecure: bool
) -> str:
    """Return the page of a link: the first administrator, an invitation, or another password."""
    first = kind == "first"
    title, text = {
        "first": (words.FIRST_TITLE, words.FIRST_TEXT),
        "invitation": (words.INVITATION_TITLE, words.INVITATION_TEXT),
        "reset": (words.RESET_TITLE, words.RESET_TEXT),
    }[kind]
    boxes = [Box("login", words.LOGIN, login, known_as="username", fixed=not first)]
    boxes += [Box("name", words.NAME, name, known_as="name")] if first else []
    hint = words.LENGTH.format(shortest=shortest)
    boxes += [
        Box("password", words.NEW_PASSWORD, secret=True, known_as="new-password", hint=hint),
        Box("repeat", words.REPEAT, secret=True, known_as="new-password"),
    ]
    form = _form(f"/welcome/{secret}", boxes, words.CHOOSE, begins_at=0 if first else 1)
    values = {"name": name, "login": login}
    parts = [_text(text.format(**values)), _alert(problems), form]
    return _door(title.format(**values), parts, insecure=insecure)


def no_link_page(*, insecure: bool) -> str:
    """Return the page of a link that leads nowhere."""
    link = Markup('<p><a class="button" href="/sign-in">{}</a></p>').format(words.TO_SIGN_IN)
    return _door(words.NO_LINK_TITLE, [_text(words.NO_LINK_TEXT), link], insecure=insecure)


def again_page(address: str) -> str:
    """Return a page that asks for an address of ours once more.

    A browser that follows a link from another site brings no SameSite=Strict cookie; this request it makes itself.
    """
    body = Markup('<body><p><a href="{0}">{1}</a></p></body>').format(address, shell.PRODUCT)
    again = Markup('<meta http-equiv="refresh" content="0;url={}">').format(address)
    return str(_HEAD.format(title=shell.PRODUCT, product=shell.PRODUCT, styles=again, body=body))


def wall_page() -> str:
    """Return the wall for whoever asks: the same tiles, without Dash, under the same banner."""
    scripts = Markup("\n    ").join(
        Markup('<script src="/assets/{}.js"></script>').format(name) for name in _WALL_SCRIPTS
    )
    body = Markup("<body data-public-wall>\n    {}\n    {}\n  </body>").format(
        _as_html([*signed_in.insecure_banner(), wall.layout()]), scripts
    )
    return str(_HEAD.format(title=words.WALL_TITLE, product=shell.PRODUCT, styles=_links(_WALL_STYLES), body=body))


def _door(title: str, parts: Sequence[Markup], *, insecure: bool) -> str:
    banner = Markup('<p class="insecure" role="alert">{}</p>').format(words.INSECURE) if insecure else Markup()
    body = _DOOR.format(banner=banner, product=shell.PRODUCT, title=title, parts=Markup("\n      ").join(parts))
    return str(_HEAD.format(title=title, product=shell.PRODUCT, styles=_links(_STYLES), body=body))


def _links(names: Sequence[str]) -> Markup:
    return Markup("\n    ").join(Markup('<link rel="stylesheet" href="/assets/{}.css">').format(name) for name in names)


def _form(
    address: str, boxes: Sequence[Box], button: str, *, hidden: dict[str, str] | None = None, begins_at: int
) -> Markup:
    kept = [Markup('<input type="hidden" name="{}" value="{}">').format(*pair) for pair in (hidden or {}).items()]
    rows = [_row(box, begins=number == begins_at) for number, box in enumerate(boxes)]
    press = Markup('<button class="button button-primary" type="submit">{}</button>').format(button)
    inside = Markup("\n        ").join([*kept, *rows, press])
    return Markup('<form method="post" action="{}">\n        {}\n      </form>').format(address, inside)


def _row(box: Box, *, begins: bool) -> Markup:
    hint = Markup('<span class="door-hint" id="{0}-hint">{1}</span>').format(box.name, box.hint) if box.hint else ""
    attributes = {
        "id": box.name,
        "name": box.name,
        "type": "password" if box.secret else "text",
        "value": box.value,
        "autocomplete": box.known_as,
        "required": True,
        "readonly": box.fixed,
        "autofocus": begins,
        "aria-describedby": f"{box.name}-hint" if box.hint else None,
        "autocapitalize": "off",
        "spellcheck": "false",
        "maxlength": 200,
    }
    field = Markup("<input{}>").format(_attributes(attributes))
    return Markup('<label for="{}">{}</label>{}{}').format(box.name, box.label, field, hint)


def _alert(problems: Sequence[str]) -> Markup:
    lines = [Markup("<li>{}</li>").format(problem) for problem in problems if problem]
    return Markup('<ul class="door-problems" role="alert">{}</ul>').format(Markup().join(lines)) if lines else Markup()


def _said(text: str) -> Markup:
    return Markup('<p class="door-said" role="status">{}</p>').format(text) if text else Markup()


def _text(text: str) -> Markup:
    return Markup('<p class="door-text">{}</p>').format(text)


_NAMES = {"className": "class", "tabIndex": "tabindex", "htmlFor": "for"}
_VOID = frozenset({"Img", "Input", "Br", "Hr"})


def _as_html(part: Any) -> Markup:
    """Return components of dash.html as the HTML that a browser would make of them; others hold no text."""
    if isinstance(part, list | tuple):
        return Markup().join(_as_html(one) for one in part)
    if not isinstance(part, Component):
        return Markup() if part is None else escape(part)
    name = type(part).__name__
    if not hasattr(html, name) or getattr(html, name) is not type(part):
        return Markup()
    given = {prop: value for prop, value in part.to_plotly_json()["props"].items() if prop != "children"}
    opened = Markup("<{}{}>").format(name.lower(), _attributes({_NAMES.get(k, k): v for k, v in given.items()}))
    if name in _VOID:
        return opened
    return Markup("{}{}</{}>").format(opened, _as_html(getattr(part, "children", None)), name.lower())


def _attributes(values: dict[str, Any]) -> Markup:
    """Return attributes of an element; what is None or False is left out.

    >>> str(_attributes({"id": "a", "hidden": True, "title": None, "style": {"--s": "16px"}}))
    ' id="a" hidden style="--s:16px"'
    """
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        if isinstance(value, dict):
            value = ";".join(f"{key}:{one}" for key, one in value.items())  # noqa: PLW2901 - a style as text
        parts.append(Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value))
    return Markup().join(parts)
