"""Reactions of the Import page, called as functions, and what they draw."""

import json
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from sqlalchemy import Engine

from callbacks import import_page
from data_access.queries import load_cells, load_import, load_profile
from data_access.writes import create_cell
from ingest.upload import receive_upload
from ingest.worker import work_once
from layouts import import_parts
from layouts.words import import_page as words

if TYPE_CHECKING:
    from dash import Dash


def level(number: int) -> float:
    """Voltage of a record: ten records of charge, ten of discharge, with a resistance."""
    phase = number % 20
    return 3.65 + 0.03 * phase if phase < 10 else 3.55 + 0.03 * (20 - phase)


EXPORT = "Test_Time(s),Current(A),Voltage(V)\n" + "".join(
    f"{60 * n},{0.001 if n % 20 < 10 else -0.001},{level(n):.3f}\n" for n in range(80)
)
DATED = "Date_Time,Test_Time(s),Current(A),Voltage(V)\n" + "".join(
    f"03/04/2024 00:{n:02d}:00,{60 * n},0.001,{3.6 + n / 100:.3f}\n" for n in range(40)
)


@pytest.fixture
def context(app: "Dash") -> Iterator[None]:
    """The application's context, in which callbacks find the store."""
    with app.server.app_context():
        yield


@pytest.fixture
def send(engine: Engine, data_dir: Path, tmp_path: Path) -> Any:
    """Receive text as a file and let the worker read it; the import's number."""

    def send_text(text: str, name: str = "a.csv", **options: Any) -> int:
        path = tmp_path / "sent"
        path.write_text(text)
        with path.open("rb") as stream:
            job, _ = receive_upload(engine, stream, name=name, data_dir=data_dir, **options)
        work_once(engine, data_dir)
        return job.id

    return send_text


def triggered(
    function: Any, *arguments: Any, by: dict[str, Any], prop: str = "n_clicks", value: Any = 1, **more: Any
) -> Any:
    """Call a callback as if this component had triggered it."""
    name = f"{json.dumps(by, separators=(',', ':'), sort_keys=True)}.{prop}"
    said = {"triggered_inputs": [{"prop_id": name, "value": value}], **more}

    def call() -> Any:
        context_value.set(AttributeDict(**said))
        return function(*arguments)

    return copy_context().run(call)


def act(which: str, number: int, **values: Any) -> Any:
    """Press a button of the page."""
    states = [[{"id": {"type": "import-value", "field": field}} for field in values]]
    by = {"type": "import-act", "act": which, "import": number}
    return triggered(import_page.act, [1], list(values.values()), by=by, states_list=states)


def seen(number: int | None) -> str:
    """The state of the page with this import chosen."""
    return json.dumps({"import": number})


@pytest.mark.usefixtures("context")
def test_empty_page_says_what_to_do() -> None:
    """Without an import the page invites files, polls nothing and offers nothing to store."""
    cards, disabled, state, subtitle = import_page.refresh(None, None, None, None, "")
    assert (cards, disabled, subtitle) == ([], True, words.SUBTITLE_EMPTY)
    shown = import_page.show(state, "light")
    assert words.EMPTY_TITLE in str(shown[0])
    assert words.NOTHING_YET in str(shown[8])


@pytest.mark.usefixtures("context")
def test_file_is_followed_from_the_drop_to_the_store(engine: Engine, data_dir: Path, send: Any) -> None:
    """Cell created in the form, stored, undone and restored: every state is drawn."""
    number = send(EXPORT, name="No_1_0.0316g_13pi_60oC.csv")
    cards, disabled, state, subtitle = import_page.refresh(None, None, None, None, "")
    assert len(cards) == 1
    assert disabled
    assert subtitle == words.SUBTITLE_ONE
    assert import_page.refresh(None, None, number, state, "")[2] is no_update
    shown = import_page.show(state, "dark")
    assert words.WHY_CELL in str(shown[8])
    assert "31.6 mg active mass" in str(shown[-1])
    act("create", number, name="No 1", active_mass_mg=25.28, plating_time_min="")
    assert import_page.refresh(None, None, None, None, "")[1] is False  # something is under way
    assert "disabled=True" in str(import_page.show(seen(number), "light")[8])
    work_once(engine, data_dir)
    assert load_cells(engine)[0].active_mass_mg == 25.28
    act("store", number)
    work_once(engine, data_dir)
    assert "80 records are stored in No 1." in str(import_page.show(seen(number), "light")[8])
    act("undo", number)
    assert words.UNDONE_BAR.format(cell="No 1") in str(import_page.show(seen(number), "light")[8])
    act("restore", number)
    assert "80 records are stored" in str(import_page.show(seen(number), "light")[8])


@pytest.mark.usefixtures("context")
def test_question_is_answered_by_its_button(engine: Engine, data_dir: Path, send: Any) -> None:
    """Store waits for the question; the pressed choice is given as the answer and remembered."""
    cell = create_cell(engine, {"name": "A"})
    number = send(DATED, cell_id=cell.id)
    job = load_import(engine, number)
    assert words.WHY_QUESTION in str(import_page.show(seen(number), "light")[8])
    by = {"type": "import-answer", "question": f"{number}:{job.questions[0]['code']}", "choice": 1}
    assert triggered(import_page.answer, [0], by=by, value=0) is no_update
    triggered(import_page.answer, [1], by=by)
    work_once(engine, data_dir)
    code, choice = job.questions[0]["code"], job.questions[0]["choices"][1]
    assert load_import(engine, number).answers[code] == choice[0]
    assert words.ANSWERED in str(import_page.show(seen(number), "light")[7])
    triggered(import_page.answer, [1], by={**by, "choice": 0})  # an answer may be changed
    work_once(engine, data_dir)
    assert load_import(engine, number).answers[code] == job.questions[0]["choices"][0][0]
    triggered(import_page.answer, [1], by=by)
    work_once(engine, data_dir)
    act("store_all", number)
    work_once(engine, data_dir)
    profile = load_profile(engine, job.fingerprint or "")
    assert profile is not None
    assert profile.answers["answers"] == {code: choice[0]}


@pytest.mark.usefixtures("context")
def test_menu_reads_the_file_again(engine: Engine, data_dir: Path, send: Any) -> None:
    """A changed unit or column queues the import; a menu that was only drawn does nothing."""
    number = send(EXPORT)
    by = {"type": "import-unit", "place": f"{number}:2"}
    assert triggered(import_page.change_mapping, [], [], by=by, prop="value", value="V") is no_update
    triggered(import_page.change_mapping, [], [], by=by, prop="value", value="mV")
    work_once(engine, data_dir)
    job = load_import(engine, number)
    assert job.mapping[2]["unit"] == "mV"
    by = {"type": "import-column", "place": f"{number}:1"}
    triggered(import_page.change_mapping, [], [], by=by, prop="value", value="")
    work_once(engine, data_dir)
    assert load_import(engine, number).answers["mapping"]["Current(A)"] == {"column": ""}


@pytest.mark.usefixtures("context")
def test_voltage_of_a_load_cell_becomes_a_force_by_factor_and_offset(engine: Engine, data_dir: Path, send: Any) -> None:
    """Unit "V, amplifier" brings inputs of N per V and N at 0 V; each is used and the voltage is kept."""
    lines = EXPORT.splitlines()
    number = send(
        "\n".join([lines[0] + ",Load (N)", *(f"{line},{1.5 + 0.01 * k}" for k, line in enumerate(lines[1:]))])
    )
    place = next(k for k, item in enumerate(load_import(engine, number).mapping) if item["source"] == "Load (N)")
    by = {"type": "import-unit", "place": f"{number}:{place}"}
    triggered(import_page.change_mapping, [], [], [], by=by, prop="value", value="V")
    work_once(engine, data_dir)
    drawn = str(import_page.show(seen(number), "light")[0])
    assert words.AMPLIFIER["factor"] in drawn
    for part, value in (("factor", 200.0), ("offset", -50.0)):
        by = {"type": "import-amplifier", "place": f"{number}:{place}", "part": part}
        triggered(import_page.change_mapping, [], [], [], by=by, prop="value", value=value)
        assert load_import(engine, number).answers["mapping"]["Load (N)"][part] == value
        work_once(engine, data_dir)
        assert triggered(import_page.change_mapping, [], [], [], by=by, prop="value", value=value) is no_update
        assert triggered(import_page.change_mapping, [], [], [], by=by, prop="value", value="") is no_update
    preview = load_import(engine, number).preview
    first = dict(zip(preview["columns"], preview["head"][0], strict=True))
    assert first["force_newton"] == pytest.approx(1.5 * 200 - 50)
    assert first["analogue_input_volt"] == pytest.approx(1.5)


@pytest.mark.usefixtures("context")
def test_one_cell_for_all_files_that_wait(engine: Engine, send: Any) -> None:
    """With the switch on, every file without a cell gets the chosen one; without it only the shown file."""
    cells = [create_cell(engine, {"name": name}).id for name in ("A", "B")]
    numbers = [send(EXPORT), send(DATED, name="b.csv"), send(EXPORT.replace("3.65", "3.64"), name="c.csv")]
    assert import_page.choose_cell(None, for_all=False, seen=seen(numbers[0])) is no_update
    import_page.choose_cell(str(cells[0]), for_all=False, seen=seen(numbers[0]))
    assert [load_import(engine, number).cell_id for number in numbers] == [cells[0], None, None]
    assert import_page.choose_cell(str(cells[0]), for_all=False, seen=seen(numbers[0])) is no_update
    import_page.choose_cell(str(cells[1]), for_all=True, seen=seen(numbers[1]))
    assert [load_import(engine, number).cell_id for number in numbers] == [cells[0], cells[1], cells[1]]


@pytest.mark.usefixtures("context")
def test_refused_and_discarded_files_are_drawn_in_words(send: Any) -> None:
    """A refused file shows its reason, a discarded one that nothing was stored."""
    refused = send("<!DOCTYPE html><html></html>", name="x.csv")
    assert words.REFUSED_TITLE in str(import_page.show(seen(refused), "light")[0])
    number = send(EXPORT)
    act("discard", number)
    assert words.CANCELLED_BAR in str(import_page.show(seen(number), "light")[8])


@pytest.mark.usefixtures("context")
def test_card_that_was_clicked_is_chosen(send: Any) -> None:
    """A click chooses, a card that was only drawn does not; the address names one too."""
    first, second = send(EXPORT), send(DATED, name="b.csv")
    by = {"type": "import-card", "import": first}
    assert triggered(import_page.choose, [1], by=by) == first
    assert triggered(import_page.choose, [0], by=by, value=0) is no_update
    state = import_page.refresh(None, None, None, None, f"?import={second}")[2]
    assert json.loads(state)["import"] == second


@pytest.mark.usefixtures("context")
def test_hints_fill_only_what_the_name_says(send: Any) -> None:
    """Take these: mass, diameter and temperature come from the name, the plating time stays."""
    number = send(EXPORT, name="No_1_31mg_13pi_60oC.csv")
    fields = ("plating_time_min", "active_mass_mg", "electrode_diameter_mm", "temperature_celsius")
    outputs = [{"id": {"type": "import-value", "field": field}} for field in fields]
    by = {"type": "import-act", "act": "hints", "import": number}
    given = triggered(import_page.take_hints, [1], seen(number), by=by, outputs_list=outputs)
    assert given == [no_update, 31.0, 13.0, 60.0]
    assert import_page.take_hints([None], seen(number)) is no_update


def test_force_is_shown_as_the_pressure_it_becomes() -> None:
    """The preview shows MPa over the cell's area where the cell is known, the bare force where not."""
    job: Any = SimpleNamespace(preview={"records": {"test_time_second": [0.0], "force_newton": [1000.0]}})
    facts: Any = SimpleNamespace(force_area_mm2=100.0)
    assert import_parts.preview_records(job, facts)["surface_pressure_mpa"] == [10.0]
    assert "surface_pressure_mpa" not in import_parts.preview_records(job, None)


@pytest.mark.usefixtures("context")
def test_address_of_an_import_that_is_not_there_says_so(send: Any) -> None:
    """?import=9999999 is no empty page: the number is named; a click on a card leaves it."""
    number = send(EXPORT)
    _, _, state, _ = import_page.refresh(None, None, None, None, "?import=9999999")
    assert json.loads(state) == {"import": None, "missing": 9999999}
    assert "9999999" in str(import_page.show(state, "light")[0])
    _, _, state, _ = import_page.refresh(None, None, number, None, "?import=9999999")
    assert json.loads(state)["import"] == number


@pytest.mark.usefixtures("context")
def test_wrong_values_of_a_new_cell_are_said_at_their_fields(
    engine: Engine, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be taken stands at its field, and no cell is created; a taken name too."""
    number, marks = send(EXPORT), {}
    monkeypatch.setattr(import_page, "set_props", lambda at, props: marks.update({at["field"]: props["error"]}))
    assert act("create", number, name="In0-3", plating_time_min="-5", active_mass_mg="16,72") is no_update
    assert marks["plating_time_min"]
    assert marks["name"] is marks["active_mass_mg"] is None
    assert load_cells(engine) == []
    create_cell(engine, {"name": "In0-3"})
    assert act("create", number, name="In0-3", plating_time_min="5", active_mass_mg="") is no_update
    assert marks["name"]
    assert marks["plating_time_min"] is None


@pytest.mark.usefixtures("context")
def test_choice_that_cannot_be_read_blocks_storing_and_can_be_changed(
    engine: Engine, data_dir: Path, send: Any
) -> None:
    """The import is not refused: its menus stay open, Store is shut, and the reason is said."""
    number = send(EXPORT, cell_id=create_cell(engine, {"name": "In0-3"}).id)
    by = {"type": "import-column", "place": f"{number}:1"}
    triggered(import_page.change_mapping, by=by, prop="value", value="")
    work_once(engine, data_dir)
    job = load_import(engine, number)
    assert (job.status, import_parts.is_ready(job)) == ("asks", False)
    assert import_parts.why_not(job) == words.WHY_COLUMNS
    shown = import_page.show(seen(number), "light")
    assert words.BLOCKED in str(shown[7])
    assert "disabled=True" not in str(shown[0])
