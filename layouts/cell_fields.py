"""Every value of a cell once: its kind, its section in the form, its column in the grid, its words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from layouts.projects import editable_projects, project_names
from layouts.words import cells as words
from pressiometry.errors import InvalidInputError

Kind = Literal["text", "number", "integer", "choice", "moment", "tags", "properties", "long_text"]


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a cell; `width` is its column in the grid, 0 where it has none."""

    name: str
    kind: Kind
    section: str
    width: int = 0

    @property
    def label(self) -> str:
        """Label with its unit: "Active mass / mg".

        >>> FIELDS["active_mass_mg"].label
        'Active mass / mg'
        """
        label, unit, _ = words.FIELDS[self.name]
        return f"{label} / {unit}" if unit else label

    @property
    def help(self) -> str:
        """What to enter, in a sentence; may be empty."""
        return words.FIELDS[self.name][2]

    @property
    def choices(self) -> dict[str, str]:
        """Values to choose from and their words; empty for other kinds."""
        return editable_projects() if self.name == "project_id" else words.CHOICES.get(self.name, {})

    def in_words(self, value: Any) -> str:
        """A value of this field as a person reads it.

        >>> FIELDS["cell_type"].in_words("full"), FIELDS["active_mass_mg"].in_words(16.72)
        ('Full cell', '16.72')
        """
        if value is None or value in ("", [], {}):
            return words.NOTHING
        if self.kind in {"number", "integer"}:
            return f"{value:g}"
        if self.kind == "tags":
            return ", ".join(value)
        names = project_names() if self.name == "project_id" else self.choices
        return names.get(str(value), str(value))


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("name", "text", "what"),
        Field("plating_time_min", "number", "what", 122),
        Field("group", "text", "what", 100),
        Field("project_id", "choice", "what", 130),
        Field("cell_type", "choice", "what", 112),
        Field("active_mass_mg", "number", "mass", 118),
        Field("loading_mg_per_cm2", "number", "mass", 132),
        Field("electrode_diameter_mm", "number", "mass", 158),
        Field("nominal_capacity_mah", "number", "mass", 162),
        Field("force_diameter_mm", "number", "fixture", 140),
        Field("applied_pressure_mpa", "number", "fixture", 160),
        Field("fixture_stiffness_mpa_per_um", "number", "fixture", 168),
        Field("pressure_resolution_kgf", "number", "fixture"),
        Field("mass_uncertainty_percent", "number", "uncertainty"),
        Field("area_uncertainty_percent", "number", "uncertainty"),
        Field("force_gain_uncertainty_percent", "number", "uncertainty"),
        Field("state", "choice", "conditions"),
        Field("cause", "text", "conditions", 100),
        Field("temperature_celsius", "number", "conditions", 126),
        Field("started_at", "moment", "conditions", 150),
        Field("formation_cycles", "integer", "conditions", 132),
        Field("estimator", "choice", "conditions", 130),
        Field("tags", "tags", "more"),
        Field("properties", "properties", "more"),
        Field("notes", "long_text", "more", 220),
    )
}
"""Every value a person enters, in the order of the form."""

DIAMETER_MM = {"full": 13.0, "symmetric": 12.0}
"""Electrode diameter that a new cell of a type starts with: cathode pellet, Li disc."""

DEFAULTS: dict[str, Any] = {
    "cell_type": "full",
    "electrode_diameter_mm": DIAMETER_MM["full"],
    "force_diameter_mm": 13.0,
    "pressure_resolution_kgf": 0.1,
    "mass_uncertainty_percent": 0.0,
    "area_uncertainty_percent": 0.0,
    "force_gain_uncertainty_percent": 0.0,
    "formation_cycles": 0,
    "estimator": "automatic",
    "state": "running",
}
"""What the form of a new cell starts with; everything else is unknown."""


def read_properties(text: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    r"""Return the further properties that a text names, one a line; numbers become numbers.

    A line that shows a property as it is stored, in `known`, leaves it so: the text "007" stays one.
    Raises InvalidInputError for lines that are not of the form name = value.

    >>> read_properties("rack = A\nC-rate = 0.5")
    {'rack': 'A', 'C-rate': 0.5}
    """
    properties: dict[str, Any] = {}
    problems = []
    shown = {write_properties({name: value}): (name, value) for name, value in (known or {}).items()}
    for number, line in enumerate(text.split("\n"), start=1):
        if line in shown:
            properties |= [shown[line]]
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if separator and name:
            properties[name] = _number_or_text(value)
        elif line.strip():
            problems.append(words.PROPERTY_FORM.format(line=number))
    if problems:
        raise InvalidInputError("; ".join(problems), problems=tuple(problems))
    return properties


def _number_or_text(value: str) -> float | str:
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def write_properties(properties: Mapping[str, Any]) -> str:
    r"""Return further properties as the text that `read_properties` reads.

    >>> write_properties({"rack": "A", "C-rate": 0.5})
    'rack = A\nC-rate = 0.5'
    """
    shown = {name: f"{value:.15g}" if isinstance(value, float) else value for name, value in properties.items()}
    return "\n".join(f"{name} = {value}" for name, value in shown.items())
