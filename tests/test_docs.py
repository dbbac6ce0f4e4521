"""The reference is made from the code; what the documents name exists."""

import importlib.util
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

from access.roles import required_role
from api.routes import ROUTES
from benchmarks.bars import Bar
from docs.make_reference import FOLDER, pages, write
from settings import Settings, variable

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = [ROOT / "docs" / "tutorial" / "first-chart.md", ROOT / "docs" / "how-to" / "import-files.md"]


def _found(pattern: str) -> Iterator[tuple[str, str]]:
    """Every match of the pattern in a document, with the document's name."""
    for page in DOCUMENTS:
        for match in re.findall(pattern, page.read_text(encoding="utf-8"), re.MULTILINE):
            yield page.name, match


def test_the_reference_is_what_the_code_says() -> None:
    """After a change of a setting, column, figure, format or address: `make docs`."""
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert stored == pages()


def test_every_page_that_is_no_longer_made_is_removed(tmp_path: Path) -> None:
    """A page about what is gone would be a lie."""
    (tmp_path / "gone.md").write_text("old")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_every_address_of_the_api_says_what_it_answers() -> None:
    """The first line of the view's docstring is its summary."""
    assert [route.path for route in ROUTES if len(route.summary) < 5] == []
    assert [route.path for route in ROUTES if required_role(route.view) is None] == []


def test_every_setting_stands_in_the_reference() -> None:
    """Nobody has to read code to find a setting."""
    text = pages()["settings.md"]
    assert [variable(field.name) for field in fields(Settings) if variable(field.name) not in text] == []


def test_links_of_the_documents_lead_somewhere() -> None:
    """Every relative link in a Markdown file is a file of the project."""
    targets = [
        (page, target)
        for page in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert [f"{page.name} -> {target}" for page, target in targets if not (page.parent / target).exists()] == []


def test_every_document_is_reached_from_the_index() -> None:
    """docs/README.md leads to each page, decisions by way of their own index."""
    indices = (ROOT / "docs" / "README.md", ROOT / "docs" / "decisions" / "README.md")
    linked = {
        (index.parent / target).resolve()
        for index in indices
        for target in re.findall(r"\]\(([^)#]+)", index.read_text(encoding="utf-8"))
    }
    pages_of_docs = {page for page in DOCUMENTS if page.is_relative_to(ROOT / "docs") and page != indices[0]}
    assert {page.name for page in pages_of_docs - linked} == set()


def test_commands_of_the_documents_exist() -> None:
    """A `make` target is one of the Makefile's, and what `python -m` names is a module."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    made = list(_found(r"(?:^|`)make ([a-z]+)"))
    assert made
    assert [(page, target) for page, target in made if target not in targets] == []
    modules = _found(r"python3? -m ([a-z_.]+[a-z])")
    assert [(page, module) for page, module in modules if importlib.util.find_spec(module) is None] == []


def test_addresses_in_the_documents_are_served() -> None:
    """Every address of the API that a document names is one of the table of routes."""
    served = [re.compile(re.sub(r"<[^>]+>", "[^/]+", route.path)) for route in ROUTES]
    named = [(page, path.rstrip(".")) for page, path in _found(r"(/api/v1/[\w/{}.]+)")]
    assert named
    assert [(page, path) for page, path in named if not any(route.fullmatch(path) for route in served)] == []


def test_buttons_of_the_guides_are_on_the_pages() -> None:
    """What a guide prints in bold is what a page says, letter for letter."""
    words = pkgutil.iter_modules([str(ROOT / "layouts" / "words")])
    modules = [import_module(f"layouts.words.{module.name}") for module in words]
    said = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    bold = {
        (guide.name, text)
        for guide in GUIDES
        for text in re.findall(r"\*\*(.+?)\*\*", guide.read_text(encoding="utf-8"))
    }
    assert len(bold) > 8
    assert {(guide, text) for guide, text in bold if text not in said} == set()


def test_decisions_are_numbered_in_order_and_listed() -> None:
    """0001, 0002, ... without a gap; each stands in the index under its own title."""
    folder = ROOT / "docs" / "decisions"
    files = sorted(folder.glob("0*.md"))
    assert [int(page.name[:4]) for page in files] == list(range(1, len(files) + 1))
    titles = [page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for page in files]
    lines = [f"| {page.name[:4]} | [{title}]({page.name}) |" for page, title in zip(files, titles, strict=True)]
    assert [line for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if "](0" in line] == lines


def test_the_architecture_names_every_folder_and_file_that_there_is() -> None:
    """The tree is whole, and each path that the three flows name exists."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = {name.rstrip("/") for name in re.findall(r"^([\w.]+/?) {2,}\S", text, re.MULTILINE)}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    programs = {path.name for path in ROOT.glob("*.py")}
    assert (packages | programs) - tree == set()
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:\w+\.\w+)?)`", text)) | tree
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_architecture_draws_the_arrows_that_are_checked() -> None:
    """Line by line the layers of the contract in pyproject.toml."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = contract["contracts"][0]["layers"]
    assert "\n".join(layers) in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_figures_of_the_readme_are_lines_that_the_benchmarks_print() -> None:
    """What is quoted can be printed again by `make bench`: the line of a bar, letter for letter."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^(?:met   |MISSED)  (.+): ([\d.]+) \((<=|>=) ([\d.]+)\)$", text, re.MULTILINE)
    assert quoted
    for name, measured, sign, limit in quoted:
        bar = Bar(name, float(measured), float(limit), at_least=sign == ">=")
        assert str(bar) in text
