"""The reference is made from the code and is up to date."""

import re
from dataclasses import fields
from pathlib import Path

from access.roles import required_role
from api.routes import ROUTES
from docs.make_reference import FOLDER, pages, write
from settings import Settings, variable

ROOT = Path(__file__).parents[1]


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
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    targets = [
        (page, target)
        for page in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert [f"{page.name} -> {target}" for page, target in targets if not (page.parent / target).exists()] == []
