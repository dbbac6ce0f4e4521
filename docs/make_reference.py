"""Writes docs/reference/*.md from the code, so that the reference cannot go out of date (`make docs`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from inspect import getdoc
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from api.cell_values import CellValues
from api.route import Route
from api.routes import ROUTES
from figures import CATALOGUE
from ingest import readers
from ingest.readers import PROFILES
from ingest.reading.magic import BINARY_FILES
from pressiometry.columns import CYCLE_COLUMNS, RECORD_COLUMNS, Column
from pressiometry.quality import QUALITY_CODES
from settings import Settings, variable

FOLDER = Path(__file__).parent / "reference"
_MADE = "<!-- Made from the code by `make docs`: edit the code instead. -->"


def pages() -> dict[str, str]:
    """The text of every page of the reference, by file name."""
    return {
        "settings.md": _settings(),
        "columns.md": _columns(),
        "quality.md": _quality(),
        "figures.md": _figures(),
        "formats.md": _formats(),
        "api.md": _api(),
    }


def _page(title: str, lead: str, *parts: str) -> str:
    return "\n\n".join([_MADE, f"# {title}", lead, *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _settings() -> str:
    standard = Settings.from_environment({})
    here = Path.cwd()
    rows = []
    for setting in fields(Settings):
        default = str(getattr(standard, setting.name)).replace(str(here), ".")
        rows.append((f"`{variable(setting.name)}`", f"`{default}`", setting.metadata["meaning"]))
    return _page(
        "Settings",
        "Environment variables, read once at the start. An empty variable counts as absent.",
        _table(("Variable", "Default", "Meaning"), rows),
    )


def _columns() -> str:
    def rows(columns: Mapping[str, Column]) -> list[tuple[str, ...]]:
        return [(f"`{c.name}`", c.label, c.unit, c.meaning) for c in columns.values()]

    head = ("Column", "Label", "Unit", "Meaning")
    return _page(
        "Columns",
        "Every column has its unit in its name. A value that is absent was not measured or not computed.",
        "## Records",
        _table(head, rows(RECORD_COLUMNS)),
        "## Cycles",
        _table(head, rows(CYCLE_COLUMNS)),
    )


def _quality() -> str:
    rows = [(f"`{q.code}`", q.meaning, "yes" if q.masks else "no") for q in QUALITY_CODES.values()]
    return _page(
        "Quality of a cycle",
        "Codes in the column `quality`. A masked cycle is drawn hollow and enters no trend and no mean.",
        _table(("Code", "Meaning", "Masks the cycle"), rows),
    )


def _figures() -> str:
    parts = [
        f"## {p.title}\n\n`{p.name}`, drawn from: {', '.join(p.tables)}.\n\n{p.method}" for p in CATALOGUE.values()
    ]
    return _page("Figures", "Every figure, and how it is made.", *parts)


def _formats() -> str:
    modules = [module for module in vars(readers).values() if isinstance(module, ModuleType)]
    said = {module.PROFILE.name: getdoc(module) or "" for module in modules if hasattr(module, "PROFILE")}
    read = [(f"`{p.name}`", p.title, " ".join(said[p.name].split())) for p in PROFILES]
    return _page(
        "File formats",
        "A format is recognised by what the file holds, never by its name. What is peculiar to each stands here; what "
        "is asked of any, and why, in [Import files](../how-to/import-files.md). An impedance spectrum (EIS) is "
        "recognised in every format, kept, and never taken for cycling.",
        "## Text",
        _table(("Name", "Format", "How it is read"), read),
        "## Other files",
        _table(("File", "What becomes of it"), BINARY_FILES.items()),
    )


def _api() -> str:
    return _page(
        "API",
        "The machine-readable form of this page is `/api/v1/openapi.json`. Every error is "
        '`{"error": "...", "problems": ["..."]}` with all the problems. What was not measured is `null`. '
        "Where an address answers JSON or CSV, `Accept` decides: `text/csv` gives CSV, `application/json` or `*/*` "
        "JSON, and a client that sends none, as `pandas.read_csv`, gets CSV; the address with `.csv` is always CSV. "
        "A PATCH or DELETE of a cell sends the ETag that it saw as `If-Match`.",
        *(_route(route) for route in ROUTES),
        "## Values of a cell",
        _table(("Name", "Type", "Default", "Meaning"), _fields(CellValues)),
    )


def _route(route: Route) -> str:
    parts = [f"## {route.method} {route.address}", route.summary]
    if route.query is not None:
        parts.append(_table(("Parameter", "Type", "Default", "Meaning"), _fields(route.query)))
    if route.body is not None:
        body = route.body if isinstance(route.body, str) else f"JSON, {route.body.__name__}"
        parts.append(f"Body: {body}.")
    forms = ([f"JSON, {route.answer.__name__}"] if route.answer else []) + (["text/csv"] if route.csv else [])
    failures = ", ".join(str(status) for status in sorted(route.failures))
    parts.append(f"Answers {route.status}{': ' + ' or '.join(forms) if forms else ''}.")
    if failures:
        parts.append(f"Refuses with {failures}.")
    return "\n\n".join(parts)


def _fields(model: type[BaseModel]) -> list[tuple[str, str, str, str]]:
    schema = model.model_json_schema()["properties"]
    return [
        (f"`{name}`", _type(field), _default(field), field.get("description", "")) for name, field in schema.items()
    ]


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(part) for part in field["anyOf"])
    return str(field.get("format", field.get("type", "")))


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return "" if default in (None, "") else f"`{default}`"


def write(folder: Path = FOLDER) -> None:
    """Write every page, and remove what is no page any more."""
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for old in folder.glob("*.md"):
        if old.name not in current:
            old.unlink()
    for name, text in current.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
