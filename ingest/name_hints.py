"""What a file's name says of its cell: offered as suggestions, never taken over silently.

Labs write mass, diameter, rate and temperature into names, such as
`No_1_dry_0.0316g_13pi_80wt%_0.2C_1000cyc_60oC.csv`.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

_START = r"(?:^|[_\s(\-])"
_END = r"(?=$|[_\s)\-.,])"
_NUMBER = r"(\d+(?:\.\d+)?)"
_MASS_G = re.compile(f"{_START}{_NUMBER}g{_END}")
_MASS_MG = re.compile(f"{_START}{_NUMBER}mg{_END}")
_SHARE = re.compile(f"{_START}{_NUMBER}wt%?{_END}")
_DIAMETER = re.compile(f"{_START}{_NUMBER}(?:pi|phi|mm|Φ|φ|π){_END}")
_RATE = re.compile(f"{_START}{_NUMBER}C{_END}")
_TEMPERATURE = re.compile(f"{_START}{_NUMBER}(?:oC|°C|degC|℃){_END}")
_ENDING = re.compile(r"\.(?:csv|tsv|txt|mpt|mpr|dat|xlsx?|\d{3}|bdf)$", re.IGNORECASE)
_CONTINUATION = re.compile(r"_0\d\d$")


@dataclass(frozen=True, slots=True)
class NameHints:
    """A name for the cell and what else the file's name seems to say; absent values are None."""

    name: str
    active_mass_mg: float | None = None
    electrode_diameter_mm: float | None = None
    c_rate: float | None = None
    temperature_celsius: float | None = None
    mass_words: str = ""

    @property
    def numbers(self) -> dict[str, float]:
        """The values that a cell has fields for."""
        fields = ("active_mass_mg", "electrode_diameter_mm", "temperature_celsius")
        return {field: getattr(self, field) for field in fields if getattr(self, field) is not None}


def hints_of(file_name: str) -> NameHints:
    """The hints in a file's name; a mass with a share in wt% gives the active part of it.

    >>> hints_of("No_1_dry_0.0316g_13pi_80wt%_0.2C_1000cyc_60oC.csv").active_mass_mg
    25.28
    >>> hints_of("In0-3_011.csv").name
    'In0-3'
    """
    stem = PurePath(file_name).name
    while _ENDING.search(stem):
        stem = _ENDING.sub("", stem)
    mass_mg, words = _mass(stem)
    return NameHints(
        _CONTINUATION.sub("", stem).strip()[:120] or file_name[:120],
        mass_mg,
        _first(_DIAMETER, stem),
        _first(_RATE, stem),
        _first(_TEMPERATURE, stem),
        words,
    )


def _mass(stem: str) -> tuple[float | None, str]:
    """Active mass in mg, and how it was read."""
    grams, milligrams, percent = (_first(pattern, stem) for pattern in (_MASS_G, _MASS_MG, _SHARE))
    if milligrams is None and grams is None:
        return None, ""
    mass = milligrams if milligrams is not None else 1000 * (grams or 0.0)
    if percent is None:
        return round(mass, 6), f"{mass:g} mg"
    return round(mass * percent / 100, 6), f"{mass:g} mg × {percent:g} wt%"


def _first(pattern: re.Pattern[str], stem: str) -> float | None:
    found = pattern.search(stem)
    return float(found[1]) if found else None
