"""What a cell's values may be: every problem of a form or a request is named at once."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from data_access.writes.texts import check_lines, check_name_text
from pressiometry.errors import InvalidInputError

MOST_CYCLES = 1_000_000
"""More formation cycles than any cell has."""
ABSOLUTE_ZERO_CELSIUS = -273.15
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+\s*")
_CHOICES = {
    "cell_type": ("full", "symmetric"),
    "estimator": ("automatic", "e1", "e2", "e3"),
    "state": ("running", "finished", "failed"),
}
_POSITIVE = (
    "active_mass_mg", "loading_mg_per_cm2", "electrode_diameter_mm", "force_diameter_mm",
    "fixture_stiffness_mpa_per_um", "nominal_capacity_mah",
)  # fmt: skip
_NOT_NEGATIVE = (
    "plating_time_min", "pressure_resolution_kgf", "mass_uncertainty_percent", "area_uncertainty_percent",
    "force_gain_uncertainty_percent", "applied_pressure_mpa",
)  # fmt: skip
_ANY_NUMBER = ("temperature_celsius",)
_REQUIRED = (
    "electrode_diameter_mm", "force_diameter_mm", "pressure_resolution_kgf", "mass_uncertainty_percent",
    "area_uncertainty_percent", "force_gain_uncertainty_percent", "formation_cycles",
)  # fmt: skip
_TEXTS = ("group", "cause", "notes", "synthetic")
FIELDS = (
    "name", *_CHOICES, *_POSITIVE, *_NOT_NEGATIVE, *_ANY_NUMBER, *_TEXTS, "started_at", "tags", "properties",
    "formation_cycles", "project_id",
)  # fmt: skip
_DEFAULT_DIAMETER_MM = {"full": 13.0, "symmetric": 12.0}  # cathode pellet; Li disc


def check_cell_values(values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """Return the values as they are stored; InvalidInputError names every problem.

    A new cell needs a name and gets the electrode diameter of its type.

    >>> check_cell_values({"name": " cell 1 ", "plating_time_min": "15"}, new=True)["plating_time_min"]
    15.0
    """
    checked, problems = read_cell_values(values, new=new)
    if problems:
        raise refused_values(problems)
    return checked


def read_cell_values(
    values: Mapping[str, Any], *, new: bool, known: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Return the values that can be taken, as they are stored, and every problem of the others.

    `known` is what an edited cell has already, for what values mean together; without it that is not judged.
    """
    checked: dict[str, Any] = {}
    problems: list[str] = []
    for field, value in values.items():
        try:
            checked[field] = _check(field, value)
        except ValueError as error:
            problems.append(str(error))
    if new:
        known = {}
        if "name" not in values:
            problems.append("name: a cell needs a name")
        checked.setdefault("electrode_diameter_mm", _DEFAULT_DIAMETER_MM[checked.get("cell_type", "full")])
    if known is not None and checked.keys() & {"state", "cause"}:
        together = {**known, **checked}
        cause_is_wrong = "cause" in values and "cause" not in checked
        if together.get("state") == "failed" and not together.get("cause") and not cause_is_wrong:
            problems.append("cause: a failed cell says why it failed")
    return checked, problems


def refused_values(problems: Sequence[str]) -> InvalidInputError:
    """Return the error that names every problem of a cell's values."""
    return InvalidInputError("The values of the cell cannot be taken: " + "; ".join(problems), problems=tuple(problems))


def _check(field: str, value: Any) -> Any:  # noqa: PLR0911  # one line a kind of field
    if field not in FIELDS:
        raise ValueError(f"{field}: a cell has no such value")
    if field == "name":
        return check_name(value)
    if field in _CHOICES:
        return _check_choice(field, value)
    if field in _TEXTS:
        return _check_text(field, value)
    if field == "started_at":
        return _check_moment(field, value)
    if field == "tags":
        return _check_tags(value)
    if field == "properties":
        return _check_properties(value)
    if field == "project_id":
        return _check_project(value)
    return _check_number(field, value)


def _check_project(value: Any) -> int:
    """Return the number of a project; whether there is one, the store says."""
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ValueError(f"project_id: {value!r} is no number of a project")
    return int(value)


def check_name(value: Any) -> str:
    """Return a name in NFC without blanks around it; ValueError says what is wrong with it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("name: a cell needs a name")
    return _named("name", check_name_text, value)


def _named(field: str, check: Callable[[str], str], text: str) -> str:
    """Return the text as it is stored, or raise ValueError with the field before what is wrong."""
    try:
        return check(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None


def _check_choice(field: str, value: Any) -> str:
    value = value.lower() if isinstance(value, str) else value
    if value not in _CHOICES[field]:
        raise ValueError(f"{field}: {value!r} is none of {', '.join(_CHOICES[field])}")
    return str(value)


def _check_text(field: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{field}: a text is needed")
    if field == "notes":
        return _named(field, check_lines, value or "")
    return _named(field, check_name_text, value or "") or None


def _check_moment(field: str, value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{field}: {value!r} is no date and time in ISO form") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_tags(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("tags: a list of texts is needed")
    tags = [_named("tags", check_name_text, tag) for tag in value]
    return list(dict.fromkeys(tag for tag in tags if tag))


def _check_properties(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name.strip() for name in value):
        raise ValueError("properties: named values are needed")
    wrong = [name for name, one in value.items() if not _is_plain(one)]
    if wrong:
        raise ValueError(f"properties: {', '.join(wrong)}: a text, a finite number, true, false or nothing is needed")
    if any("=" in name for name in value):
        raise ValueError("properties: a name has no =, which stands between a name and its value")
    return {
        _named("properties", check_name_text, name): _named("properties", check_name_text, one)
        if isinstance(one, str)
        else one
        for name, one in value.items()
    }


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))


def _with_point(value: Any) -> Any:
    """A typed number may have a decimal comma: "12,5" is 12.5, never 125."""
    return value.replace(",", ".") if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value) else value


def _check_number(field: str, value: Any) -> float | int | None:
    if value is None or value == "":
        if field in _REQUIRED:
            raise ValueError(f"{field}: a number is needed")
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(_with_point(value))
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{field}: {value!r} is no number")
    if field in _POSITIVE and number <= 0:
        raise ValueError(f"{field}: {number:g} is not greater than 0")
    if field not in (*_POSITIVE, *_ANY_NUMBER) and number < 0:
        raise ValueError(f"{field}: {number:g} is negative")
    if field == "temperature_celsius" and number < ABSOLUTE_ZERO_CELSIUS:
        raise ValueError(f"{field}: {number:g} is below absolute zero, {ABSOLUTE_ZERO_CELSIUS}")
    if field == "formation_cycles":
        if number != int(number) or number > MOST_CYCLES:
            raise ValueError(f"{field}: {number:g} is no whole number up to {MOST_CYCLES}")
        return int(number)
    return number
