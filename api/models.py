"""What the API takes and gives, as pydantic models; openapi.json and docs/reference/api.md are made from them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    computed_field,
    create_model,
)

from api.cell_values import MOST, Taken
from pressiometry.columns import CYCLE_COLUMNS, RECORD_COLUMNS, Column

Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A moment in UTC, whatever zone it was given in."""


class Given(BaseModel):
    """What the API answers, read off the store's rows."""

    model_config = ConfigDict(from_attributes=True)


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
    project_id: int


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
    status: Literal["queued", "reading", "asks", "stored", "undone", "refused", "cancelled"]
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


_NUMBERS = r"^([0-9]{1,9}(,[0-9]{1,9})*)?$"


class StreamQuery(Taken):
    """Which live events."""

    cells: str = Field(
        default="", pattern=_NUMBERS, max_length=4000, description="Numbers of cells, separated by commas; absent: all"
    )
    rows: str = Field(
        default="", pattern=_NUMBERS, max_length=100, description="Cells whose new rows are sent, separated by commas"
    )
    last: str = Field(
        default="",
        max_length=8000,
        description="Where to go on: the `id` of the last event, as Last-Event-ID (which a browser sends by itself)",
    )


class LiveEvents(Given):
    """Events since a position."""

    events: list[dict[str, Any]] = Field(description="`event` (hello, feeds, rows, cycles, late) and its `data`")
    id: str = Field(description="The position to ask from next, as `last`")


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


class NamedColumn(Given):
    """A column, and how the headers of tables write it."""

    column: str
    field: str | None = Field(description="Its name in a live row; null: it is not sent")
    aliases: list[str] = Field(description="Small letters, no blanks, underscores or hyphens; the more specific first")
    units: dict[str, float] = Field(description="Spelling (small letters, no blanks): what one is in the column's unit")


class Profiles(Given):
    """The file formats that are recognised, and the names of columns."""

    profiles: list[Profile]
    columns: list[NamedColumn]
    fixed_units: dict[str, str] = Field(description="Aliases that mean one unit although they do not say it")


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
