"""Words and codes for what a cycler does in a step, as the sign of the current."""

import math

_DISCHARGE = ("dchg", "dis", "방전", "放电")
_CHARGE = ("chg", "cha", "충전", "充电")
_REST = ("rest", "ocv", "pause", "stop", "idle", "휴지", "静置", "搁置", "open circuit")
_LETTERS = {"c": 1.0, "d": -1.0, "r": 0.0, "o": 0.0, "s": 0.0, "p": 0.0}


def sign_of_state(word: str) -> float:
    """1 for charge, -1 for discharge, 0 for rest, NaN for a word that is not known.

    >>> [sign_of_state(word) for word in ("CC DChg", "CCCV_Chg", "Rest", "D")]
    [-1.0, 1.0, 0.0, -1.0]
    """
    text = word.strip().lower()
    if text in _LETTERS:
        return _LETTERS[text]
    for words, sign in ((_DISCHARGE, -1.0), (_CHARGE, 1.0), (_REST, 0.0)):
        if any(known in text for known in words):
            return sign
    return math.nan
