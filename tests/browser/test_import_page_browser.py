"""The main job through the page in a real browser: real exports go in and agree with their ground truth."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

DROP = """([files]) => {
  const carried = new DataTransfer();
  for (const [name, content] of files) {
    carried.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name));
  }
  const zone = document.getElementById("import-drop");
  for (const type of ["dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""
CELL_MENU = ".import-belongs .mantine-Select-input"
PATIENCE_MS = 60_000


def drop(page: Page, *paths: Path) -> None:
    """Drop files on the page."""
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths]
    page.evaluate(DROP, [files])


def choose(page: Page, name: str) -> None:
    """Choose a file in the list and wait until the page shows it."""
    card(page, name).click()
    expect(page.locator("#import-mapping")).to_contain_text(name, timeout=PATIENCE_MS)


def card(page: Page, name: str) -> Any:
    """The newest card of a file."""
    return page.locator("#import-list .import-card").filter(has=page.locator(f'[title="{name}"]')).first


def create_cell(page: Page, name: str, mass_mg: float | None = None) -> None:
    """Create the cell of the chosen file in the short form."""
    form = page.locator(".import-form")
    form.get_by_label("Name", exact=True).fill(name)
    if mass_mg is not None:
        form.get_by_label("Active mass / mg").fill(str(mass_mg))
    page.get_by_role("button", name="Create the cell").click()
    expect(page.locator(".import-facts")).to_be_visible(timeout=PATIENCE_MS)


def choose_cell(page: Page, name: str) -> None:
    """Choose the cell in its menu; typing narrows the list, as a person would do with many cells."""
    expect(page.locator(".import-form")).to_be_visible(timeout=PATIENCE_MS)
    menu = page.locator(CELL_MENU)
    menu.fill(name)
    menu.press("ArrowDown")
    menu.press("Enter")
    expect(page.locator(".import-facts")).to_be_visible(timeout=PATIENCE_MS)


def store(page: Page, name: str) -> None:
    """Store the chosen file, and wait until it is."""
    button = page.locator(".import-bar").get_by_role("button", name="Store", exact=True)
    expect(button).to_be_enabled(timeout=PATIENCE_MS)
    button.click()
    expect(card(page, name)).to_contain_text("Stored", timeout=PATIENCE_MS)


def bring_in(page: Page, url: str, path: Path, cell: str, mass_mg: float | None = None) -> dict[str, Any]:
    """Drop one file, create its cell, store it; the cell as the API gives it."""
    page.goto(f"{url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, path)
    expect(card(page, path.name)).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    choose(page, path.name)
    create_cell(page, cell, mass_mg)
    store(page, path.name)
    return cell_of(page, url, cell)


def cell_of(page: Page, url: str, name: str) -> dict[str, Any]:
    """The cell with this name, from the API."""
    cells = page.request.get(f"{url}/api/v1/cells").json()["cells"]
    found: dict[str, Any] = next(cell for cell in cells if cell["name"] == name)
    return found


def table(page: Page, url: str, cell: dict[str, Any], what: str) -> pd.DataFrame:
    """Records or cycles of a cell as a table."""
    from io import StringIO  # noqa: PLC0415

    text = page.request.get(f"{url}/api/v1/cells/{cell['id']}/{what}", headers={"Accept": "text/csv"}).text()
    return pd.read_csv(StringIO(text))


def assert_agrees(records: pd.DataFrame, truth: dict[str, Any], *, sign: float = 1.0) -> None:
    """Rows exactly; ranges to the six digits that the ground truth carries."""
    assert len(records) == truth["rows"]
    for column, key in (("voltage_volt", "voltage_V"), ("test_time_second", "time_s")):
        assert [records[column].min(), records[column].max()] == pytest.approx(truth[key], rel=1e-5)
    current = sign * records["current_ampere"]
    assert [current.min(), current.max()] == pytest.approx(truth["current_A"], rel=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "arbin/dca_CS2_33_10_04_10.csv",
        "neware/cellpy_neware_uio.csv",
        "biologic/yadg_mb.issue_95.de.mpt",
        "bdf/bdf_SINTEF_G20M7_C30_Neware.bdf.csv",
    ],
)
def test_real_exports_agree_with_their_ground_truth(page: Page, server: Any, real_data: Path, name: str) -> None:
    """Arbin with 23 cycles, Neware with 9,065 rows, EC-Lab with decimal commas, BDF with repeated stamps."""
    truth = json.loads((real_data / "GROUND_TRUTH.json").read_text())[name]
    cell = bring_in(page, server.url, real_data / "real" / name, name)
    records = table(page, server.url, cell, "records")
    assert_agrees(records, truth)
    if "duplicate_timestamps" in truth:
        assert int((records["test_time_second"].diff() == 0).sum()) == truth["duplicate_timestamps"]
    if name.startswith("arbin"):
        cycles = table(page, server.url, cell, "cycles.csv")
        assert len(cycles) == truth["cycles"]["n"]
        for number, part in ((1, "cycle_first"), (2, "cycle_second"), (22, "cycle_second_last")):
            one = cycles[cycles["cycle_count"] == number].iloc[0]
            expected = truth[part][str(number)]
            assert one["cycle_discharging_capacity_ah"] == pytest.approx(expected["Qd_span_Ah"], rel=5e-3)
            assert one["cycle_charging_capacity_ah"] == pytest.approx(expected["Qc_span_Ah"], rel=5e-3)


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_synthetic_merged_exports_give_their_indicator(page: Page, server: Any, real_data: Path, name: str) -> None:
    """The indicator is within 1 % of the truth in every complete cycle without a short circuit, and a gap with one."""
    truth = json.loads((real_data / "synthetic" / f"{name}_truth.json").read_text())
    path = real_data / "synthetic" / f"{name}_merged.csv"
    cell = bring_in(page, server.url, path, f"{name} synthetic", 1000 * truth["mass_g"])
    cycles = table(page, server.url, cell, "cycles.csv").set_index("cycle_count")
    for one in truth["cycles"]:
        if one["cycle"] not in cycles.index or cycles.loc[one["cycle"], "state"] != "complete":
            assert one["isc"] or one["cycle"] == truth["cycles"][-1]["cycle"]
            continue
        value = cycles.loc[one["cycle"], "delta_delta_p_q_mpa_g_per_ah"]
        if one["isc"]:
            assert pd.isna(value)
        else:
            assert value == pytest.approx(one["delta_delta_p_q"], rel=0.01)


def test_six_dilatometry_files_of_one_cell(page: Page, server: Any, real_data: Path) -> None:
    """Six files dropped at once, one question answered once and remembered, all appended to one cell."""
    folder = real_data / "real" / "dilatometry"
    paths = sorted(folder.glob("nmc19_cycle_*.csv"))
    ground = json.loads((real_data / "GROUND_TRUTH.json").read_text())
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, *paths)
    for path in paths:
        expect(card(page, path.name)).to_contain_text("question", timeout=PATIENCE_MS)
    for number, path in enumerate(paths):
        choose(page, path.name)
        if number == 0:
            create_cell(page, "nmc19")
        else:
            choose_cell(page, "nmc19")
        question = page.locator(".import-question")
        bar = page.locator(".import-bar")
        reason = bar.locator(".import-bar-reason")
        expect(reason).to_have_text(re.compile(r"^(Answer the question first\.)?$"), timeout=PATIENCE_MS)
        if question.count():
            expect(bar.get_by_role("button", name="Store", exact=True)).to_be_disabled()
            question.get_by_role("button", name="positive current discharges").click()
        store(page, path.name)
    cell = cell_of(page, server.url, "nmc19")
    records = table(page, server.url, cell, "records")
    assert len(records) == sum(ground[f"dilatometry/{path.name}"]["rows"] for path in paths)
    jobs = page.request.get(f"{server.url}/api/v1/imports?cell_id={cell['id']}").json()["imports"]
    said = {job["name"]: [note["code"] for note in job["assumptions"]] for job in jobs}
    assert all("directly_after" in said[path.name] for path in paths[1:])
    assert all("remembered" in said[path.name] for path in paths[1:])
    per_ah = []
    start = 0
    for path in paths:
        rows = ground[f"dilatometry/{path.name}"]["rows"]
        part = records.iloc[start : start + rows]
        start += rows
        hours = part["test_time_second"].diff().fillna(0) / 3600
        charge = -(part["current_ampere"] * hours).sum()
        change = part["thickness_micrometre"].iloc[0] - part["thickness_micrometre"].iloc[-1]
        per_ah.append(change / 1000 / charge)
    assert per_ah[0] == pytest.approx(0.0203, abs=3e-4)
    assert per_ah[-1] == pytest.approx(0.0131, abs=3e-4)


def test_page_can_be_left_and_a_stored_import_undone(page: Page, server: Any, tmp_path: Path) -> None:
    """A file waits while another page is shown; once stored it can be undone, and restored, from the list."""
    lines = ["Test_Time(s),Cycle_Index,Current(A),Voltage(V)"]
    for number in range(240):
        phase = number % 120
        sign = 1 if phase < 60 else -1
        level = phase / 60 if phase < 60 else 2 - phase / 60
        lines.append(f"{60 * number},{number // 120 + 1},{sign * 0.001},{3.4 + 0.7 * level + 0.04 * sign:.4f}")
    path = tmp_path / "No_7_dry_0.0316g_13pi_80wt%_0.2C_60oC.csv"
    path.write_text("\n".join(lines) + "\n")
    page.goto(f"{server.url}/import")
    with page.expect_file_chooser() as chooser:
        page.locator("#import-drop").click()
    chooser.value.set_files(path)
    expect(card(page, path.name)).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#import-drop")).to_have_count(0)
    page.get_by_role("link", name="Import").first.click()
    choose(page, path.name)
    expect(page.locator(".import-bar")).to_contain_text("Nothing is stored yet.")
    expect(page.locator(".import-hints")).to_contain_text("25.28 mg active mass (31.6 mg × 80 wt%)")
    page.get_by_role("button", name="Take these").click()
    expect(page.locator(".import-form").get_by_label("Active mass / mg")).to_have_value("25.28")
    create_cell(page, "No_7 synthetic")
    store(page, path.name)
    expect(page.locator(".import-bar")).to_contain_text("240 records are stored in No_7 synthetic.")
    page.get_by_role("button", name="Undo this import").click()
    expect(card(page, path.name)).to_contain_text("Undone", timeout=PATIENCE_MS)
    assert len(table(page, server.url, cell_of(page, server.url, "No_7 synthetic"), "records")) == 0
    page.get_by_role("button", name="Restore").click()
    expect(card(page, path.name)).to_contain_text("Stored", timeout=PATIENCE_MS)


def test_refused_and_discarded_files_say_so(page: Page, server: Any, tmp_path: Path) -> None:
    """A page saved as CSV is refused in words and in text; a file can be discarded before it is stored."""
    html = tmp_path / "login.csv"
    html.write_text("<!DOCTYPE html><html><script>alert(1)</script>Please log in</html>")
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, html)
    expect(card(page, "login.csv")).to_contain_text("Refused", timeout=PATIENCE_MS)
    choose(page, "login.csv")
    expect(page.locator(".import-bar")).to_contain_text("Nothing was stored.")
    good = tmp_path / "good.csv"
    good.write_text(
        "Test_Time(s),Current(A),Voltage(V)\n" + "".join(f"{10 * n},0.001,{3.5 + n / 100}\n" for n in range(40))
    )
    drop(page, good)
    expect(card(page, "good.csv")).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    choose(page, "good.csv")
    page.get_by_role("button", name="Discard").click()
    expect(card(page, "good.csv")).to_contain_text("Discarded", timeout=PATIENCE_MS)


def test_what_was_typed_stays_while_another_file_arrives(page: Page, server: Any, tmp_path: Path) -> None:
    """The page is drawn anew whenever a file has been read; a half-filled form keeps its values."""
    header = "Test_Time(s),Current(A),Voltage(V)\n"
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    for number, name in enumerate(("typed.csv", "other.csv")):
        path = tmp_path / name
        path.write_text(header + "".join(f"{10 * n},0.001,{3.5 + (n + number) / 100}\n" for n in range(40)))
        drop(page, path)
        expect(card(page, name)).to_contain_text("Which cell?", timeout=PATIENCE_MS)
        if number == 0:
            choose(page, name)
            form = page.locator(".import-form")
            form.get_by_label("Name", exact=True).fill("Half typed")
            form.get_by_label("Active mass / mg").fill("12.5")
    expect(form.get_by_label("Name", exact=True)).to_have_value("other", timeout=PATIENCE_MS)
    choose(page, "typed.csv")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Half typed")
    expect(form.get_by_label("Active mass / mg")).to_have_value("12.5")


def test_time_zone_is_given_in_its_menu(page: Page, server: Any, tmp_path: Path) -> None:
    """Dates that name no zone: typing finds one, and the file is read again with it."""
    path = tmp_path / "local_clock.csv"
    rows = [f"13/04/2024 00:{n:02d}:00,{60 * n},0.001,{3.5 + n / 100:.3f}\n" for n in range(40)]
    path.write_text("Date_Time,Test_Time(s),Current(A),Voltage(V)\n" + "".join(rows))
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, path)
    expect(card(page, path.name)).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    choose(page, path.name)
    page.locator(".import-zone .mantine-Select-input").fill("Seoul")
    page.get_by_role("option", name="Asia/Seoul").click()
    said = "Date_Time is read as the local time of Asia/Seoul"
    expect(page.locator("#import-aside")).to_contain_text(said, timeout=PATIENCE_MS)
    expect(page.locator(".import-zone .mantine-Select-input")).to_have_value("Asia/Seoul")


def test_wide_file_shows_whole_rows_under_a_head_that_stays(page: Page, server: Any, tmp_path: Path) -> None:
    """29 columns scroll inside their panel, which ends between two rows and never makes the page scroll sideways."""
    path = tmp_path / "wide.csv"
    names = ",".join(f"A_very_long_name_of_a_channel_{k}(V)" for k in range(26))
    rows = [f"{60 * n},0.001,{3.5 + n / 100:.3f}," + ",".join("123456.789" for _ in range(26)) for n in range(40)]
    path.write_text("\n".join([f"Test_Time(s),Current(A),Voltage(V),{names}", *rows]) + "\n")
    page.goto(f"{server.url}/import")
    expect(page.locator("#import-drop")).to_be_visible()
    drop(page, path)
    expect(card(page, path.name)).to_contain_text("Which cell?", timeout=PATIENCE_MS)
    choose(page, path.name)
    panel = page.locator("#import-mapping .import-mapping-scroll")
    box = panel.bounding_box()
    last = page.locator("#import-mapping tbody tr").nth(9).bounding_box()
    assert box is not None
    assert last is not None
    assert box["y"] + box["height"] == pytest.approx(last["y"] + last["height"], abs=2)
    panel.evaluate("panel => { panel.scrollTop = 400 }")
    head = page.locator("#import-mapping thead th").first.bounding_box()
    assert head is not None
    assert head["y"] == pytest.approx(box["y"], abs=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
