"""House rules: sizes, names, and what nobody may write."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE, LONGEST_FUNCTION = 350, 45
"""A file holds one idea and fits on a few screens; so does a function (docstring not counted)."""
FOLDERS = (
    "access", "api", "callbacks", "data_access", "demo", "docs", "figures", "ingest", "layouts", "monitoring",
    "pressiometry",
)  # fmt: skip
SOURCES = sorted(
    path
    for path in [*ROOT.glob("*.py"), *(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))]
    if "versions" not in path.parts
)
NO_NAMES = {"utils", "helpers", "core", "common", "services", "managers", "helper", "util", "manager"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    """At most 350 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    """At most 45 lines without its docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {function.name: _length(function) for function in functions}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_no_file_has_a_name_that_says_nothing() -> None:
    """No utils, helpers, core, common, services, managers."""
    assert [_name(path) for path in SOURCES if {path.stem, *path.relative_to(ROOT).parts[:-1]} & NO_NAMES] == []


BANNED = {
    r"\bpickle\b": "unsafe",
    r"\beval\(|\bexec\(": "unsafe",
    r"yaml\.load\(": "unsafe",
    r"dangerously_allow": "lets a cell's name run",
    r"mathjax=True": "an unguarded path for scripts",
    r"Scattergl|Parcoords": "needs eval, which the policy forbids",
    r"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org)\w": "labs are offline, and nothing a file names is fetched",
    r"register_page|@dash\.callback|@callback\b": "global registries leak between applications",
}


@pytest.mark.parametrize("pattern", BANNED)
def test_nobody_uses_what_is_banned(pattern: str) -> None:
    """Each with its reason in the table above."""
    found = [
        f"{_name(path)}:{number}: {line.strip()}" for path, number, line in _code_lines() if re.search(pattern, line)
    ]
    assert found == [], BANNED[pattern]


@cache
def _code_lines() -> list[tuple[Path, int, str]]:
    """Lines of code, with docstrings and comments left out."""
    lines = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        docstrings = {
            line
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        for number, line in enumerate(text.splitlines(), 1):
            if number not in docstrings:
                lines.append((path, number, line.split("  # ")[0]))
    return lines


def test_data_files_do_not_pass_through_the_memory_of_the_browser() -> None:
    """dcc.Upload kills the tab at 200 MB; it may carry a short list, not a data file."""
    pages = [path for path in SOURCES if "import" in path.stem]
    assert pages
    assert [_name(path) for path in pages if "dcc.Upload" in path.read_text(encoding="utf-8")] == []


def test_assets_load_nothing_from_outside() -> None:
    """Stylesheets and scripts name no other host: an icon from a CDN is blank in a laboratory without internet."""
    files = [path for path in (ROOT / "assets").rglob("*") if path.suffix in {".css", ".js", ".svg"}]
    outside = re.compile(r"https?://(?!www\.w3\.org)|@import")
    assert [_name(path) for path in files if outside.search(path.read_text(encoding="utf-8"))] == []


BREAKS = {
    "pressiometry/broken.py": "dash",
    "figures/broken.py": "data_access.database",
    "access/broken.py": "settings",
    "ingest/broken.py": "layouts.ids",
    "api/broken.py": "callbacks.cells",
    "layouts/broken.py": "pysqlite3",
    "callbacks/overview.py": "callbacks.cells",
}


@pytest.fixture(scope="module")
def verdict_on_breaks(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the code with all of these breaks."""
    folder = tmp_path_factory.mktemp("broken")
    for source in SOURCES:
        copy = folder / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for path, imported in BREAKS.items():
        with (folder / path).open("a", encoding="utf-8") as broken:
            broken.write(f"\nimport {imported}\n")
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert result.returncode == 1
    return result.stdout


@pytest.mark.parametrize("path", BREAKS)
def test_the_contract_of_layers_catches_a_break(path: str, verdict_on_breaks: str) -> None:
    """Each import that points up or sideways is found and named."""
    module = path.removesuffix(".py").replace("/", ".")
    assert f"{module} -> {BREAKS[path]}" in verdict_on_breaks
