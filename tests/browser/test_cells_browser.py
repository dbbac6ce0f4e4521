"""The Cells page in a real browser: enter, edit, choose, delete, undo, import a list; text stays text."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

HOSTILE = '<img src=x onerror="document.body.innerHTML=1"><a href="//evil.example">cell</a>'


@pytest.fixture
def cells(page: Page, server: Any) -> Page:
    """The Cells page of the running server."""
    page.goto(f"{server.url}/cells")
    expect(page.locator("#cells-grid .ag-header")).to_be_attached(timeout=20_000)
    return page


def enter(page: Page, name: str, **values: str) -> None:
    """Enter a cell in the form and save it."""
    page.locator("#cells-new").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill(name)
    for label, value in values.items():
        form.get_by_label(label.replace("_", " ")).first.fill(value)
    form.get_by_role("button", name="Save").click()


def row(page: Page, name: str) -> Any:
    """The row of a cell, in the part of the grid that does not scroll sideways."""
    return page.locator(".ag-pinned-left-cols-container .ag-row").filter(has_text=name)


def value(page: Page, name: str, column: str) -> Any:
    """One value of a cell in the grid."""
    number = row(page, name).get_attribute("row-id")
    return page.locator(f'.ag-row[row-id="{number}"] [col-id="{column}"]')


def test_a_cell_is_entered_and_every_problem_stands_at_its_field(cells: Page) -> None:
    """Two wrong values are both named, nothing is stored, and corrected they are."""
    enter(cells, "In0-1", Plating_time="-5", Active_mass="-1")
    form = cells.get_by_role("dialog")
    expect(form.get_by_text("-5 is negative")).to_be_visible()
    expect(form.get_by_text("-1 is not greater than 0")).to_be_visible()
    expect(form.get_by_role("alert")).to_contain_text("2 values cannot be taken")
    form.get_by_label("Plating time").fill("0")
    form.get_by_label("Active mass").fill("16.72")
    form.get_by_role("button", name="Save").click()
    expect(row(cells, "In0-1")).to_be_visible()
    expect(value(cells, "In0-1", "plating_time_min")).to_have_text("uncoated")
    expect(value(cells, "In0-1", "electrode_diameter_mm")).to_have_text("13")


def test_a_symmetric_cell_gets_the_diameter_of_its_lithium_disc(cells: Page) -> None:
    """The default is 12 mm for symmetric cells, and it is seen before it is stored."""
    cells.locator("#cells-new").click()
    form = cells.get_by_role("dialog")
    form.get_by_label("Cell type").click()
    cells.get_by_role("option", name="Symmetric cell").click()
    expect(form.get_by_label("Electrode diameter")).to_have_value("12")


def test_a_value_is_edited_in_place_and_undone(cells: Page) -> None:
    """The toast says what changed and takes it back."""
    enter(cells, "In5-9", Group="plated")
    group = value(cells, "In5-9", "group")
    group.dblclick()
    cells.keyboard.press("Control+a")
    cells.keyboard.type("dry room")
    cells.keyboard.press("Enter")
    expect(cells.get_by_text("plated is now dry room.")).to_be_visible()
    expect(group).to_have_text("dry room")
    cells.locator(".toast", has_text="is now dry room").get_by_role("button", name="Undo").click()
    expect(group).to_have_text("plated")


def test_a_value_that_cannot_be_taken_goes_back(cells: Page) -> None:
    """The grid never shows what is not stored."""
    enter(cells, "In5-8", Loading="12.6")
    loading = value(cells, "In5-8", "loading_mg_per_cm2")
    loading.dblclick()
    cells.keyboard.press("Control+a")
    cells.keyboard.type("-3")
    cells.keyboard.press("Enter")
    expect(cells.get_by_text("-3 is not greater than 0")).to_be_visible()
    expect(loading).to_have_text("12.6")


@pytest.mark.parametrize(
    ("column", "typed", "shown"),
    [("active_mass_mg", "12,5", "12.5"), ("plating_time_min", "7,5", "7.5 min"), ("loading_mg_per_cm2", "1.5", "1.5")],
)
def test_a_decimal_comma_typed_into_the_grid_is_a_decimal_comma(
    cells: Page, server: Any, column: str, typed: str, shown: str
) -> None:
    """12,5 is stored as 12.5 and never as 125; a phone shows its keys for numbers."""
    name = f"typed {column}"
    enter(cells, name)
    field = value(cells, name, column)
    field.dblclick()
    expect(field.locator("input")).to_have_attribute("inputmode", "decimal")
    cells.keyboard.type(typed)
    cells.keyboard.press("Enter")
    expect(field).to_have_text(shown)
    number = int(row(cells, name).get_attribute("row-id"))
    expect(cells.locator(".toast", has_text=name).last).to_contain_text("is now")
    stored = cells.request.get(f"{server.url}/api/v1/cells/{number}").json()[column]
    assert stored == float(typed.replace(",", "."))


def test_what_is_no_number_is_refused_with_the_reason(cells: Page) -> None:
    """1.234,5 could be two numbers; the grid takes neither."""
    enter(cells, "In5-7", Active_mass="16.72")
    mass = value(cells, "In5-7", "active_mass_mg")
    mass.dblclick()
    cells.keyboard.press("Control+a")
    cells.keyboard.type("1.234,5")
    cells.keyboard.press("Enter")
    expect(cells.get_by_text("'1.234,5' is no number")).to_be_visible()
    expect(mass).to_have_text("16.72")


def test_numbers_are_filtered_with_a_decimal_comma(cells: Page) -> None:
    """The row of filters reads a number as the grid does."""
    enter(cells, "filtered 12.5", Active_mass="12.5")
    enter(cells, "filtered 125", Active_mass="125")
    expect(row(cells, "filtered 125")).to_be_visible()
    filter_field = cells.get_by_label("Active mass / mg Filter Input")
    filter_field.fill("12,5")
    expect(filter_field).to_have_attribute("inputmode", "decimal")
    expect(row(cells, "filtered 125")).to_have_count(0)
    expect(row(cells, "filtered 12.5")).to_be_visible()


def test_a_text_too_long_for_its_column_ends_in_an_ellipsis(cells: Page) -> None:
    """A cut word does not look like a whole one; the whole text stands in its title."""
    long = "coated in the dry room of the second floor"
    enter(cells, "In5-6", Group=long)
    text = value(cells, "In5-6", "group").locator("[title]")
    expect(text).to_have_attribute("title", long)
    assert text.evaluate("item => getComputedStyle(item).textOverflow + (item.scrollWidth > item.clientWidth)") == (
        "ellipsistrue"
    )


def test_chosen_cells_are_deleted_together_and_come_back_together(cells: Page) -> None:
    """One Undo takes back all of them."""
    for name in ("In40-1", "In40-2"):
        enter(cells, name)
        expect(row(cells, name)).to_be_visible()
        row(cells, name).locator("input[type=checkbox]").click()
    expect(cells.locator("#cells-selected")).to_have_text("2 cells chosen")
    cells.locator("#cells-bulk").get_by_role("button", name="Delete").click()
    expect(row(cells, "In40-1")).to_have_count(0)
    cells.locator(".toast", has_text="2 cells deleted").get_by_role("button", name="Undo").click()
    expect(row(cells, "In40-1")).to_be_visible()
    expect(row(cells, "In40-2")).to_be_visible()


def test_a_list_is_shown_before_it_is_stored_and_its_problems_have_lines(cells: Page) -> None:
    """A wrong list stores nothing; the corrected one says what it will create."""
    cells.locator("#cells-list-open").click()
    dialog = cells.get_by_role("dialog")
    drop = dialog.locator("input[type=file]")
    drop.set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": b"name,active_mass_mg\nL1,abc\nL2,3\n"})
    expect(dialog.get_by_text("line 2, active_mass_mg: 'abc' is no number")).to_be_visible()
    expect(dialog.get_by_role("button", name="Create cells")).to_be_disabled()
    drop.set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": b"name,active_mass_mg\nL1,2\nL2,3\n"})
    dialog.get_by_role("button", name="Create 2 cells").click()
    expect(row(cells, "L2")).to_be_visible()


def test_a_hostile_name_is_shown_as_it_was_typed(cells: Page) -> None:
    """No text of a user becomes mark-up, and no browser asks a foreign host."""
    foreign: list[str] = []
    cells.on("request", lambda sent: foreign.append(sent.url) if "evil" in sent.url else None)
    enter(cells, HOSTILE, Group=HOSTILE)
    expect(cells.locator(".ag-pinned-left-cols-container").get_by_text(HOSTILE, exact=True)).to_be_visible()
    cells.goto(cells.url.replace("/cells", "/?by=group"))
    expect(cells.locator(".group-row", has_text=HOSTILE)).to_be_visible()
    assert cells.locator("a[href*=evil]").count() == 0
    assert foreign == []
