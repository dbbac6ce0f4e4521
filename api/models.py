"""What the API takes and gives, as pydantic models; openapi.json and docs/reference/api.md are made from them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    computed_field,
    create_model,
)

from data_access.writes.cell_values import MOST_CYCLES
from pressiometry.columns import CYCLE_COLUMNS, RECORD_COLUMNS, Column
from pressiometry.facts import CellType, Estimator

Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A moment in UTC, whatever zone it was given in."""


MOST = 2**63 - 1
"""The largest number that the database can hold."""


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")  # noqa: TRY004 - pydantic tells ValueErrors
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_no_bool)]
"""A number that was sent; true and false are none."""
Lower = BeforeValidator(_lower)
"""A word of a choice, in small or capital letters."""


class Taken(BaseModel):
    """What a client sends: an unknown name is a problem, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What the API answers, read off the store's rows."""

    model_config = ConfigDict(from_attributes=True)


class CellValues(Taken):
    """What is known of a cell.  A value that is not known is null; one that is not sent keeps its default."""

    name: str = Field(default="", description="Any text of 1 to 120 characters, unique")
    plating_time_min: Number | None = Field(default=None, description="Plating time, min; 0 is uncoated, null unknown")
    group: str | None = Field(default=None, description="Free label to group cells by")
    cell_type: Annotated[CellType, Lower] = Field(default="full", description="Full cell, or symmetric Li cell")
    active_mass_mg: Number | None = Field(default=None, description="Active mass, mg")
    loading_mg_per_cm2: Number | None = Field(
        default=None, description="Active mass per area, mg/cm2, where no mass is given"
    )
    electrode_diameter_mm: Number | None = Field(
        default=None,
        description="Diameter of the electrode that carries the mass, mm; 13 for full cells, 12 for symmetric",
    )
    force_diameter_mm: Number = Field(default=13.0, description="Diameter of the area that the force acts on, mm")
    fixture_stiffness_mpa_per_um: Number | None = Field(default=None, description="Stiffness of the fixture, MPa/um")
    pressure_resolution_kgf: Number = Field(default=0.1, description="Smallest step of the force indicator, kgf")
    mass_uncertainty_percent: Number = Field(default=0.0, description="One standard uncertainty of the mass, %")
    area_uncertainty_percent: Number = Field(default=0.0, description="One standard uncertainty of the area, %")
    force_gain_uncertainty_percent: Number = Field(
        default=0.0, description="One standard uncertainty of the force gain, %"
    )
    nominal_capacity_mah: Number | None = Field(default=None, description="Nominal capacity, mAh")
    temperature_celsius: Number | None = Field(default=None, description="Temperature of the test, degrees Celsius")
    applied_pressure_mpa: Number | None = Field(default=None, description="Pressure at assembly, MPa")
    estimator: Annotated[Estimator, Lower] = Field(
        default="automatic", description="Estimator of the indicator, one for the whole cell"
    )
    started_at: AwareDatetime | None = Field(default=None, description="When the test began, with its time zone")
    state: Annotated[Literal["running", "finished", "failed"], Lower] = Field(
        default="running", description="State of the cell"
    )
    cause: str | None = Field(default=None, description="Why it failed; a failed cell has one")
    notes: str = Field(default="", description="Notes")
    tags: list[str] = Field(default_factory=list, description="Tags")
    properties: dict[str, str | float | bool | None] = Field(
        default_factory=dict, description="Further named properties"
    )
    formation_cycles: Annotated[int, BeforeValidator(_no_bool)] = Field(
        default=0, le=MOST_CYCLES, description="Number of leading cycles that are formation"
    )


class Cell(Given):
    """A cell as it is stored.  `version` is its ETag: a PATCH or DELETE sends it as If-Match."""

    id: int
    version: int
    created_at: Moment
    deleted_at: Moment | None
    archived_at: Moment | None
    synthetic: str | None = Field(description="The label of simulated cells")
    name: str
    plating_time_min: float | None
    group: str | None
    cell_type: str
    active_mass_mg: float | None
    loading_mg_per_cm2: float | None
    electrode_diameter_mm: float
    force_diameter_mm: float
    fixture_stiffness_mpa_per_um: float | None
    pressure_resolution_kgf: float
    mass_uncertainty_percent: float
    area_uncertainty_percent: float
    force_gain_uncertainty_percent: float
    nominal_capacity_mah: float | None
    temperature_celsius: float | None
    applied_pressure_mpa: float | None
    estimator: str
    started_at: Moment | None
    state: str
    cause: str | None
    notes: str
    tags: list[str]
    properties: dict[str, Any]
    formation_cycles: int


class Cells(Given):
    """A list of cells."""

    cells: list[Cell]


class CellsQuery(Taken):
    """Which cells."""

    archived: bool = Field(default=False, description="Archived ones too")
    deleted: bool = Field(default=False, description="Deleted ones too")


class Failure(Given):
    """The one shape of every error."""

    error: str
    problems: list[str]


class Conflict(Failure):
    """An edit of a version that somebody else has changed since: both versions."""

    yours: dict[str, Any]
    current: Cell


class UploadQuery(Taken):
    """How a file is taken in."""

    name: str = Field(default="", description="Name of the file; a multipart part brings its own")
    confirm: Literal["ask", "auto"] = Field(
        default="ask",
        description="auto: store it at once where nothing is ambiguous; ask: show first what was understood",
    )


class NewFileQuery(UploadQuery):
    """How a file is taken in whose cell may not be known yet."""

    cell_id: int | None = Field(default=None, le=MOST, description="The cell it belongs to, if it is known")


class Uploaded(Given):
    """A file that was received; `already`: the same bytes of the same cell were here before."""

    import_id: int
    already: bool = False


class Note(Given):
    """Something that was assumed."""

    code: str
    text: str


class Problem(Given):
    """Something that is wrong with a file, and where."""

    code: str
    line: int | None
    column: str | None
    text: str
    fatal: bool


class ImportSummary(Given):
    """One file on its way into the store."""

    id: int
    cell_id: int | None
    name: str
    status: Literal["queued", "reading", "asks", "stored", "refused", "cancelled"]
    progress: float
    format: str | None
    rows_read: int
    rows_stored: int
    rows_quarantined: int
    rows_duplicate: int
    mapping: list[dict[str, Any]]
    assumptions: list[Note]
    problems: list[Problem]
    questions: list[dict[str, Any]]
    answers: dict[str, Any]
    error_number: str | None
    created_at: Moment
    deleted_at: Moment | None


class Import(ImportSummary):
    """One file on its way into the store, and what was understood of it."""

    preview: dict[str, Any]

    @computed_field(description="Questions that are answered, with answer and remembered; POST answers changes one")
    def answered_questions(self) -> list[dict[str, Any]]:
        """Questions that arise in the file and have their answer."""
        answered: list[dict[str, Any]] = self.preview.get("answered_questions", [])
        return answered


class Imports(Given):
    """A list of imports, the newest first."""

    imports: list[ImportSummary]


class ImportsQuery(Taken):
    """Which imports."""

    cell_id: int | None = Field(default=None, le=MOST, description="Only those of this cell")
    limit: int = Field(default=100, ge=1, le=1000, description="At most so many")


class RecordsQuery(Taken):
    """Which records."""

    columns: str = Field(default="", description="Names separated by commas; all that were measured when absent")
    from_s: FiniteFloat | None = Field(default=None, description="From this time on the cell's axis, s")
    to_s: FiniteFloat | None = Field(default=None, description="Up to this time, s")
    points: int | None = Field(
        default=None,
        ge=2,
        le=100_000,
        description="At most so many rows, minima and maxima of each column kept; at least 2 a column. "
        "Absent: every record",
    )


class RecordsMeta(Given):
    """How the records were thinned."""

    n: int = Field(description="Length of the arrays")
    points: int | None = Field(description="As asked for; null: every record is there")


class ComparisonQuery(Taken):
    """What is compared, and between which groups."""

    metric: str = Field(default="delta_delta_p_q_mpa_g_per_ah", description="A number of the cycle table")
    by: str = Field(default="plating_time_min", description="A value of the cell, or the name of one of its properties")


class ComparedGroup(Given):
    """One group in one cycle; sd is null where n is 1."""

    group: str | float | bool | None
    cycle_count: int
    n: int
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None


class Comparison(Given):
    """Groups of cells, cycle by cycle; masked and formation cycles are left out."""

    metric: str
    unit: str
    by: str
    cells: dict[str, list[int]] = Field(description="Group: ids of its cells")
    rows: list[ComparedGroup]


class Change(Given):
    """One change of one object."""

    id: int
    at: Moment
    who: str
    action: str
    kind: str
    object_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    undoes_id: int | None


class Changes(Given):
    """A list of changes, the newest first."""

    changes: list[Change]


class ChangesQuery(Taken):
    """Which changes."""

    kind: str | None = Field(default=None, description="Only of this kind of object, such as cell")
    object_id: int | None = Field(default=None, le=MOST, description="Only of this object")
    limit: int = Field(default=100, ge=1, le=1000, description="At most so many")


class Profile(Given):
    """A file format that is recognised."""

    name: str
    title: str
    refused: str = Field(description="Why it cannot be imported yet; empty: it can")


class Profiles(Given):
    """The file formats that are recognised."""

    profiles: list[Profile]


class Health(Given):
    """That the server and its database answer."""

    status: Literal["ok"]


def _field(column: Column, *, array: bool) -> tuple[Any, Any]:
    kinds: dict[str, Any] = {"number": float, "integer": int, "text": str, "list": list[str]}
    kind = dict[str, str] if column.name == "not_computed" else kinds[column.kind]
    unit = f", {column.unit}" if column.unit else ""
    measured: Any = kind | None
    return (list[measured] if array else measured, Field(default=None, description=f"{column.meaning}{unit}"))


def _model(name: str, meaning: str, fields: dict[str, tuple[Any, Any]]) -> type[Given]:
    given: dict[str, Any] = dict(fields)
    model: type[Given] = create_model(name, __base__=Given, __doc__=meaning, **given)
    return model


CycleRow = _model("CycleRow", "One cycle.", {c.name: _field(c, array=False) for c in CYCLE_COLUMNS.values()})
Cycles = _model("Cycles", "One row a cycle, in order.", {"cycles": (list.__class_getitem__(CycleRow), ...)})
Records = _model(
    "Records",
    "Columns as arrays of equal length, and how they were thinned; null: not measured there.",
    {"meta": (RecordsMeta, ...)} | {c.name: _field(c, array=True) for c in RECORD_COLUMNS.values()},
)
