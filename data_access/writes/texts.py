"""Which texts are taken: nothing that cannot be seen, that turns the direction of reading, or has no end."""

import unicodedata

LONGEST_NAME = 120
LONGEST_TEXT = 20_000
"""Characters of notes: some pages."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction in which text is read, so that it seems to say something else."""
_JOINING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
"""Unseen signs that some scripts, and pictures of people, are written with: notes may have them, names may not."""


def check_name_text(text: str) -> str:
    """Return a name in NFC without blanks around it; ValueError says what is wrong with it.

    >>> check_name_text(" In0-3 ")
    'In0-3'
    """
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > LONGEST_NAME:
        raise ValueError(f"{len(name)} characters, at most {LONGEST_NAME} are possible")
    _refuse_unseen(name, allowed=frozenset())
    return name


def check_lines(text: str) -> str:
    r"""Return a text of several lines in NFC, each ended by \n; ValueError says what is wrong with it.

    >>> check_lines("first\r\nsecond")
    'first\nsecond'
    """
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(lines) > LONGEST_TEXT:
        raise ValueError(f"{len(lines)} characters, at most {LONGEST_TEXT} are possible")
    _refuse_unseen(lines, allowed=_JOINING | {"\n", "\t"})
    return lines


def is_seen(text: str) -> bool:
    """Return whether every sign of a name can be seen.

    >>> is_seen("A01"), is_seen("A\N{RIGHT-TO-LEFT OVERRIDE}01")
    (True, False)
    """
    return text.isprintable() or not any(unicodedata.category(sign) in _UNSEEN for sign in text)


def _refuse_unseen(text: str, *, allowed: frozenset[str]) -> None:
    """Raise ValueError with the first sign that is not possible, by its number: it cannot be shown."""
    if text.isprintable():
        return
    for place, sign in enumerate(text, start=1):
        if sign not in allowed and unicodedata.category(sign) in _UNSEEN:
            kind = "direction" if sign in _TURNING else "control"
            raise ValueError(
                "control and direction characters are not possible: "
                f"there is the {kind} character U+{ord(sign):04X} at place {place}"
            )
