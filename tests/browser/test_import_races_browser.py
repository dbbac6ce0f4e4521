"""What a person fills in, opens or presses on the Import page is never lost because something else changes."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_import_page_browser import CELL_MENU, PATIENCE_MS, card, cell_of, choose, drop

SLOW_ANSWERS = """
const ask = window.fetch;
window.fetch = async (...said) => {
  const answer = await ask(...said);
  const address = typeof said[0] === "string" ? said[0] : said[0].url;
  if (address.includes("_dash-update-component")) await new Promise((go) => setTimeout(go, 1200));
  return answer;
};
"""


def written(folder: Path, name: str, *, dated: bool = False) -> Path:
    """An export of its own; a dated one asks whether the day or the month stands first."""
    path = folder / name
    shift = sum(map(ord, name)) % 997 / 1e4
    header = "Date_Time,Test_Time(s),Current(A),Voltage(V)\n" if dated else "Test_Time(s),Current(A),Voltage(V)\n"
    rows = [
        (f"03/04/2024 00:{n:02d}:00," if dated else "") + f"{60 * n},0.001,{3.5 + n / 100 + shift:.4f}\n"
        for n in range(40)
    ]
    path.write_text(header + "".join(rows))
    return path


@pytest.fixture
def bring(page: Page, server: Any, tmp_path: Path) -> Any:
    """Open the page with one file that was read, and choose it."""

    def bring_file(name: str, *, dated: bool = False) -> None:
        page.goto(f"{server.url}/import")
        expect(page.locator("#import-drop")).to_be_visible()
        drop(page, written(tmp_path, name, dated=dated))
        expect(card(page, name)).to_contain_text("question" if dated else "Which cell?", timeout=PATIENCE_MS)
        choose(page, name)

    return bring_file


def press(page: Page, target: Locator) -> None:
    """Press the pointer on something, and hold it."""
    expect(target).to_be_visible()
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def another_arrives(page: Page, folder: Path, name: str, cell_id: int | None = None) -> None:
    """A program sends another file, the page looks at the list and follows until the file has been read."""
    origin = page.evaluate("location.origin")
    query = f"name={name}&confirm=ask" + ("" if cell_id is None else f"&cell_id={cell_id}")
    content = written(folder, name).read_bytes()
    headers = {"Content-Type": "application/octet-stream"}
    assert page.request.post(f"{origin}/api/v1/imports?{query}", data=content, headers=headers).ok
    page.evaluate("dash_clientside.set_props('import-arrived', { data: { at: Date.now() } })")
    state = "Which cell?" if cell_id is None else "Ready"
    expect(card(page, name)).to_contain_text(state, timeout=PATIENCE_MS)


def test_cell_is_created_although_another_file_is_read_between_press_and_release(
    page: Page, server: Any, tmp_path: Path, bring: Any
) -> None:
    """The form and its button are the same ones before and after."""
    bring("created.csv")
    page.locator(".import-form").get_by_label("Name", exact=True).fill("Held")
    press(page, page.get_by_role("button", name="Create the cell"))
    another_arrives(page, tmp_path, "created_beside.csv")
    expect(page.locator(".import-form").get_by_label("Name", exact=True)).to_have_value("Held")
    page.mouse.up()
    expect(page.locator(".import-facts")).to_be_visible(timeout=PATIENCE_MS)
    assert cell_of(page, server.url, "Held")["name"] == "Held"


def test_focus_and_what_is_half_typed_stay_while_other_files_are_read(page: Page, tmp_path: Path, bring: Any) -> None:
    """Keys go on into the field: it is the same one before and after."""
    bring("typed_on.csv")
    field = page.locator(".import-form").get_by_label("Name", exact=True)
    field.fill("")
    page.keyboard.type("Half ")
    another_arrives(page, tmp_path, "typed_beside.csv")
    page.keyboard.type("typed")
    expect(field).to_have_value("Half typed")


def test_card_is_chosen_although_the_list_moves_between_press_and_release(
    page: Page, tmp_path: Path, bring: Any
) -> None:
    """A new card pushes the others down; the press belongs to the one that was under the pointer when it began."""
    bring("first_card.csv")
    another_arrives(page, tmp_path, "second_card.csv")
    press(page, card(page, "second_card.csv"))
    another_arrives(page, tmp_path, "third_card.csv")
    page.mouse.up()
    expect(page.locator("#import-mapping")).to_contain_text("second_card.csv", timeout=PATIENCE_MS)


def test_card_that_has_the_focus_keeps_it_while_the_list_is_drawn(page: Page, tmp_path: Path, bring: Any) -> None:
    """Whoever walks through the list by keys goes on from the same card."""
    bring("focus_a.csv")
    another_arrives(page, tmp_path, "focus_b.csv")
    card(page, "focus_b.csv").focus()
    another_arrives(page, tmp_path, "focus_c.csv")
    expect(card(page, "focus_b.csv")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#import-mapping")).to_contain_text("focus_b.csv", timeout=PATIENCE_MS)


def test_answer_is_given_although_another_file_is_read_between_press_and_release(
    page: Page, tmp_path: Path, bring: Any
) -> None:
    """The question's button may be drawn anew: the press has said everything already."""
    bring("asked.csv", dated=True)
    press(page, page.locator(".import-question").get_by_role("button").first)
    another_arrives(page, tmp_path, "asked_beside.csv")
    page.mouse.up()
    expect(page.locator(".import-question")).to_have_count(0, timeout=PATIENCE_MS)


def test_open_menu_of_a_column_stays_open_while_another_file_is_read(page: Page, tmp_path: Path, bring: Any) -> None:
    """And the choice made in it afterwards counts."""
    bring("menu.csv")
    page.get_by_label("Unit of Voltage(V)").first.click()
    option = page.get_by_role("option", name="mV", exact=True)
    expect(option).to_be_visible()
    another_arrives(page, tmp_path, "menu_beside.csv")
    expect(option).to_be_visible()
    option.click()
    expect(page.locator("#import-mapping tr", has_text="Voltage(V)")).to_contain_text("0.00", timeout=PATIENCE_MS)


def test_open_menu_stays_open_while_the_same_file_is_read_again(page: Page, bring: Any) -> None:
    """A unit was chosen and the file is read with it: the menu of another column that was opened meanwhile stays."""
    bring("again.csv")
    page.get_by_label("Unit of Voltage(V)").first.click()
    page.get_by_role("option", name="mV", exact=True).click()
    page.get_by_label("Unit of Current(A)").first.click()
    option = page.get_by_role("option", name="mA", exact=True)
    expect(option).to_be_visible()
    expect(page.locator("#import-mapping tr", has_text="Voltage(V)")).to_contain_text("0.00", timeout=PATIENCE_MS)
    expect(page.locator(".import-bar-reason")).to_have_text("Choose the cell first.", timeout=PATIENCE_MS)
    expect(option).to_be_visible()
    option.click()
    expect(page.locator("#import-mapping tr", has_text="Current(A)")).to_contain_text("1e−06 A", timeout=PATIENCE_MS)


def test_open_menu_of_cells_keeps_what_was_typed_while_another_file_is_read(
    page: Page, server: Any, tmp_path: Path, bring: Any
) -> None:
    """The list stays narrowed to what was typed, and the choice counts."""
    for name in ("Menu cell 1", "Menu cell 2"):
        assert page.request.post(f"{server.url}/api/v1/cells", data={"name": name}).ok
    bring("cells.csv")
    page.locator(CELL_MENU).fill("cell 2")
    another_arrives(page, tmp_path, "cells_beside.csv")
    expect(page.locator(CELL_MENU)).to_have_value("cell 2")
    page.get_by_role("option", name="Menu cell 2").click()
    expect(page.locator(".import-facts")).to_be_visible(timeout=PATIENCE_MS)
    jobs = page.request.get(f"{server.url}/api/v1/imports").json()["imports"]
    cell = cell_of(page, server.url, "Menu cell 2")
    assert [job["name"] for job in jobs if job["cell_id"] == cell["id"]] == ["cells.csv"]


def test_store_stores_the_pressed_file_while_another_becomes_ready(
    page: Page, server: Any, tmp_path: Path, bring: Any
) -> None:
    """The button of all files appears beside it: the press is still that of Store, of the one file."""
    made = page.request.post(f"{server.url}/api/v1/cells", data={"name": "Two files"}).json()
    bring("stored.csv")
    page.locator(CELL_MENU).fill("Two files")
    page.get_by_role("option", name="Two files").click()
    store = page.locator(".import-bar").get_by_role("button", name="Store", exact=True)
    expect(store).to_be_enabled(timeout=PATIENCE_MS)
    press(page, store)
    another_arrives(page, tmp_path, "stored_beside.csv", made["id"])
    expect(page.locator(".import-bar").get_by_role("button", name="Store all")).to_be_visible()
    page.mouse.up()
    expect(card(page, "stored.csv")).to_contain_text("Stored", timeout=PATIENCE_MS)
    expect(card(page, "stored_beside.csv")).not_to_contain_text("Stored")


def test_page_keeps_up_although_every_answer_is_later_than_the_next_question(
    page: Page, server: Any, tmp_path: Path
) -> None:
    """A slow server is asked less often: an answer that is overtaken by the next question would never be shown."""
    page.add_init_script(SLOW_ANSWERS)
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, written(tmp_path, "slow.csv"))
    expect(card(page, "slow.csv")).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    choose(page, "slow.csv")
    page.locator(".import-form").get_by_label("Name", exact=True).fill("Slow")
    page.get_by_role("button", name="Create the cell").click()
    expect(page.locator(".import-facts")).to_be_visible(timeout=PATIENCE_MS)
