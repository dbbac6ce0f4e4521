"""Reactions of the Import page, called as functions, and what they draw."""

import json
import threading
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

from callbacks import import_page, import_show
from data_access.queries import load_cells, load_import, load_profile
from data_access.writes import create_cell, update_import
from ingest.upload import receive_upload
from ingest.worker import work_once
from layouts import import_bar, import_parts
from layouts.words import import_page as words
from pressiometry.errors import StaleEditError

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


def press(act: str, number: int, fields: dict[str, Any] | None = None, **said: Any) -> Any:
    """Press a button of the page, with these values in the form."""
    fields = fields or {}
    states = [[{"id": {"type": "import-value", "field": field}} for field in fields]]
    pressed = {"act": act, "import": number, "at": 0, **said}
    return called(import_page.press, pressed, list(fields.values()), states_list=states)


def called(function: Any, *arguments: Any, **said: Any) -> Any:
    """Call a callback as Dash does."""

    def call() -> Any:
        context_value.set(AttributeDict(updated_props={}, **said))
        return function(*arguments)

    return copy_context().run(call)


def listed(chosen: int | None = None, seen: str | None = None, search: str = "", drawn: Any = None) -> dict[str, Any]:
    """What the list of files and the state of the page are, with this import chosen and these cards drawn."""
    there = [{"id": {"type": "import-card", "import": int(number)}} for number in drawn or {}]
    return dict(
        called(import_show.refresh, None, None, chosen, seen, drawn, search, outputs_grouping={"contents": there})
    )


def look(number: int | None, theme: str = "light") -> dict[str, Any]:
    """What a page shows that has only just chosen this import."""
    return dict(called(import_show.show, listed(number)["seen"], theme, None, outputs_grouping={"mapping_rows": []}))


def look_again(number: int, before: dict[str, Any]) -> dict[str, Any]:
    """What a page draws anew that shows this import already."""
    there = [{"id": {"type": "import-part", "place": place}} for place in before["row_marks"]]
    state = listed(number, json.dumps(before))["seen"]
    seen = json.dumps(before) if state is no_update else state
    return dict(called(import_show.show, seen, "light", before, outputs_grouping={"mapping_rows": there}))


def drawn_in(shown: dict[str, Any]) -> set[str]:
    """Names of what was drawn; the marks, and the cheap words of the bar and of the switch, do not count."""
    cheap = ("drawn", "no_cell", "all_words", "all_look", "bar_text", "bar_reason", "no_link", "link")
    names = {name for name, value in shown.items() if value is not no_update and name not in cheap}
    return {name for name in names if not (isinstance(shown[name], list) and all(v is no_update for v in shown[name]))}


@pytest.mark.usefixtures("context")
def test_empty_page_says_what_to_do() -> None:
    """Without an import the page invites files, polls nothing and offers nothing to store."""
    state = listed()
    assert (state["resting"], state["subtitle"]) == (True, words.SUBTITLE_EMPTY)
    shown = look(None)
    assert words.EMPTY_TITLE in str(shown["mapping"])
    assert shown["bar_text"] == words.NOTHING_YET
    assert all(shown["act_hidden"])


@pytest.mark.usefixtures("context")
def test_file_is_followed_from_the_drop_to_the_store(engine: Engine, data_dir: Path, send: Any) -> None:
    """Cell created in the form, stored, undone and restored: every state is drawn."""
    number = send(EXPORT, name="No_1_0.0316g_13pi_60oC.csv")
    state = listed()
    assert len(state["list"]) == 1
    assert state["resting"]
    assert state["subtitle"] == words.SUBTITLE_ONE
    assert listed(number, state["seen"])["seen"] is no_update
    shown = look(number, "dark")
    assert shown["bar_reason"] == words.WHY_CELL
    assert "31.6 mg active mass" in str(shown["form"])
    press("create", number, {"name": "No 1", "active_mass_mg": 25.28, "plating_time_min": ""})
    assert not listed()["resting"]  # something is under way
    assert store_is_shut(look(number))
    work_once(engine, data_dir)
    assert load_cells(engine)[0].active_mass_mg == 25.28
    assert not store_is_shut(look(number))
    press("store", number)
    work_once(engine, data_dir)
    assert look(number)["bar_text"] == "80 records are stored in No 1."
    press("undo", number)
    assert look(number)["bar_text"] == words.UNDONE_BAR.format(cell="No 1")
    press("restore", number)
    assert look(number)["bar_text"] == "80 records are stored in No 1."


def store_is_shut(shown: dict[str, Any]) -> bool:
    """Whether the button Store cannot be pressed."""
    return bool(shown["act_shut"][list(import_bar.ACTS).index("store")])


@pytest.mark.usefixtures("context")
def test_question_is_answered_by_its_button(engine: Engine, data_dir: Path, send: Any) -> None:
    """Store waits for the question; the pressed choice is given as the answer and remembered."""
    cell = create_cell(engine, {"name": "A"})
    number = send(DATED, cell_id=cell.id)
    job = load_import(engine, number)
    assert look(number)["bar_reason"] == words.WHY_QUESTION
    code, ((first, _), (second, _)) = job.questions[0]["code"], job.questions[0]["choices"]
    assert called(import_page.press, None, []) is no_update
    press("answer", number, code=code, value=second)
    assert look(number)["question"] is None  # at once, not only when the file has been read again
    work_once(engine, data_dir)
    assert load_import(engine, number).answers[code] == second
    assert words.ANSWERED in str(look(number)["notes"])
    press("answer", number, code=code, value=first)  # an answer may be changed
    work_once(engine, data_dir)
    assert load_import(engine, number).answers[code] == first
    press("answer", number, code=code, value=second)
    work_once(engine, data_dir)
    press("store_all", number, imports=[number])
    work_once(engine, data_dir)
    profile = load_profile(engine, job.fingerprint or "")
    assert profile is not None
    assert profile.answers["answers"] == {code: second}


@pytest.mark.usefixtures("context")
def test_answer_waits_while_the_file_is_read_again(engine: Engine, data_dir: Path, send: Any) -> None:
    """A cell that is created in the form just then is the file's, as soon as it asks again."""
    number = send(DATED)
    update_import(engine, number, status="queued", attempts=0)  # as when another file with its header was stored
    worker = threading.Timer(0.3, work_once, (engine, data_dir))
    worker.start()
    press("create", number, {"name": "Patient"})
    worker.join()
    assert load_import(engine, number).cell_id == load_cells(engine)[0].id


@pytest.mark.usefixtures("context")
def test_store_does_not_wait_for_what_nobody_has_seen(engine: Engine, send: Any) -> None:
    """While the file is read again nobody knows what would be stored: it is said instead."""
    number = send(EXPORT, cell_id=create_cell(engine, {"name": "A"}).id)
    update_import(engine, number, status="queued")
    with pytest.raises(StaleEditError):
        press("store", number)


@pytest.mark.usefixtures("context")
def test_other_files_change_nothing_that_is_filled_in_or_pressed(engine: Engine, data_dir: Path, send: Any) -> None:
    """Files that arrive, get ready or ask change counts in the bar and at the switch, and nothing else of the page."""
    number = send(DATED)
    before = look(number)["drawn"]
    ready = send(EXPORT, cell_id=create_cell(engine, {"name": "A"}).id)
    send(EXPORT.replace("3.65", "3.64"), name="c.csv")
    shown = look_again(number, before)
    assert shown["all_words"] == words.CELL_ALL.format(count=2)
    assert drawn_in(shown) == set()
    press("store", ready)
    work_once(engine, data_dir)
    assert drawn_in(look_again(number, before)) == set()


@pytest.mark.usefixtures("context")
def test_file_that_is_read_again_is_shown_as_it_was_until_something_differs(
    engine: Engine, data_dir: Path, send: Any
) -> None:
    """Form, menus and question stay; afterwards only the rows whose column reads differently are drawn anew."""
    number = send(EXPORT)
    before = look(number)["drawn"]
    update_import(engine, number, status="queued", attempts=0)
    assert drawn_in(look_again(number, before)) <= BUTTONS
    work_once(engine, data_dir)
    assert drawn_in(look_again(number, before)) <= BUTTONS
    by = {"type": "import-unit", "place": f"{number}:2"}
    triggered(import_page.change_mapping, by=by, prop="value", value="mV")
    work_once(engine, data_dir)
    shown = look_again(number, before)
    assert shown["mapping"] is no_update
    assert shown["form"] is no_update
    assert [row is no_update for row in shown["mapping_rows"]] == [True, True, False, True]


BUTTONS = {"act_words", "act_hidden", "act_shut", "act_press"}


@pytest.mark.usefixtures("context")
def test_only_cards_that_changed_are_drawn_anew(engine: Engine, data_dir: Path, send: Any) -> None:
    """The list is drawn where a card came; after that each card by itself."""
    first, second = send(EXPORT), send(DATED, name="b.csv")
    drawn = listed(first)["kept"]
    assert listed(first, drawn=drawn)["list"] is no_update
    assert listed(first, drawn=drawn)["contents"] == [no_update, no_update]
    press("discard", second)
    state = listed(first, drawn=drawn)
    assert state["list"] is no_update
    assert [content is no_update for content in state["contents"]] == [False, True]  # the newest first
    send(EXPORT.replace("3.65", "3.64"), name="c.csv")
    assert len(listed(first, drawn=drawn)["list"]) == 3
    work_once(engine, data_dir)


@pytest.mark.usefixtures("context")
def test_what_is_shown_stays_shown_until_somebody_chooses(engine: Engine, data_dir: Path, send: Any) -> None:
    """A file that arrives, or the end of the one that is shown, does not change the page under anybody's hands."""
    number = send(EXPORT, cell_id=create_cell(engine, {"name": "A"}).id)
    state = listed()["seen"]
    send(DATED, name="b.csv")
    press("store", number)
    work_once(engine, data_dir)
    assert json.loads(listed(None, state)["seen"])["import"] == number


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
    drawn = str(look(number)["mapping"])
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
def test_menu_says_again_what_was_just_changed(engine: Engine, data_dir: Path, send: Any) -> None:
    """V, mV and V again before the file has been read again: the last choice counts, a drawn menu says nothing."""
    number = send(EXPORT)
    by = {"type": "import-unit", "place": f"{number}:2"}
    triggered(import_page.change_mapping, by=by, prop="value", value="mV")
    assert triggered(import_page.change_mapping, by=by, prop="value", value="mV") is no_update
    worker = threading.Timer(0.3, work_once, (engine, data_dir))
    worker.start()
    triggered(import_page.change_mapping, by=by, prop="value", value="V")
    worker.join()
    work_once(engine, data_dir)
    assert load_import(engine, number).mapping[2]["unit"] == "V"


@pytest.mark.usefixtures("context")
def test_one_cell_for_all_files_that_wait(engine: Engine, send: Any) -> None:
    """With the switch on, every file without a cell gets the chosen one; without it only the shown file."""
    cells = [create_cell(engine, {"name": name}).id for name in ("A", "B")]
    numbers = [send(EXPORT), send(DATED, name="b.csv"), send(EXPORT.replace("3.65", "3.64"), name="c.csv")]

    def choose(number: int, value: int | None, *, for_all: bool) -> Any:
        by = {"type": "import-cell", "import": number}
        chosen = None if value is None else str(value)
        return triggered(import_page.choose_cell, [chosen], for_all, by=by, prop="value", value=chosen)

    assert choose(numbers[0], None, for_all=False) is no_update
    choose(numbers[0], cells[0], for_all=False)
    assert [load_import(engine, number).cell_id for number in numbers] == [cells[0], None, None]
    assert choose(numbers[0], cells[0], for_all=False) is no_update
    choose(numbers[1], cells[1], for_all=True)
    assert [load_import(engine, number).cell_id for number in numbers] == [cells[0], cells[1], cells[1]]


@pytest.mark.usefixtures("context")
def test_refused_and_discarded_files_are_drawn_in_words(send: Any) -> None:
    """A refused file shows its reason, a discarded one that nothing was stored."""
    refused = send("<!DOCTYPE html><html></html>", name="x.csv")
    assert words.REFUSED_TITLE in str(look(refused)["mapping"])
    number = send(EXPORT)
    press("discard", number)
    assert look(number)["bar_text"] == words.CANCELLED_BAR


@pytest.mark.usefixtures("context")
def test_address_names_the_import_that_is_shown(send: Any) -> None:
    """A link to an import opens it; a card says which one it chooses."""
    send(EXPORT)
    second = send(DATED, name="b.csv")
    state = listed(search=f"?import={second}")
    assert json.loads(state["seen"])["import"] == second
    assert f'{{"card": {second}}}' in str(state["list"])


@pytest.mark.usefixtures("context")
def test_hints_fill_only_what_the_name_says(send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take these: mass, diameter and temperature come from the name, the plating time stays."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(import_page, "set_props", lambda at, props: given.update({at["field"]: props["value"]}))
    number = send(EXPORT, name="No_1_31mg_13pi_60oC.csv")
    fields = ("plating_time_min", "active_mass_mg", "electrode_diameter_mm", "temperature_celsius")
    press("hints", number, dict.fromkeys(fields))
    assert given == {"active_mass_mg": 31.0, "electrode_diameter_mm": 13.0, "temperature_celsius": 60.0}


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
    state = listed(search="?import=9999999")["seen"]
    assert json.loads(state) == {"import": None, "missing": 9999999}
    shown = called(import_show.show, state, "light", None, outputs_grouping={"mapping_rows": []})
    assert "9999999" in str(shown["mapping"])
    assert json.loads(listed(number, search="?import=9999999")["seen"])["import"] == number


@pytest.mark.usefixtures("context")
def test_wrong_values_of_a_new_cell_are_said_at_their_fields(
    engine: Engine, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be taken stands at its field, and no cell is created; a taken name too."""
    number, marks = send(EXPORT), {}
    monkeypatch.setattr(import_page, "set_props", lambda at, props: marks.update({at["field"]: props["error"]}))
    assert press("create", number, {"name": "In0-3", "plating_time_min": "-5", "active_mass_mg": "16,72"}) is no_update
    assert marks["plating_time_min"]
    assert marks["name"] is marks["active_mass_mg"] is None
    assert load_cells(engine) == []
    create_cell(engine, {"name": "In0-3"})
    assert press("create", number, {"name": "In0-3", "plating_time_min": "5", "active_mass_mg": ""}) is no_update
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
    assert import_bar.why_not(job) == words.WHY_COLUMNS
    shown = look(number)
    assert words.BLOCKED in str(shown["notes"])
    assert "disabled=True" not in str(shown["mapping"])


@pytest.mark.usefixtures("context")
def test_card_says_size_and_cycles_once_they_are_known(send: Any) -> None:
    """A person recognises a file by its rows, its size and its cycles; before it was read there is only the size."""
    number = send(EXPORT)
    text = str(listed(number)["list"])
    assert "80 rows · 1.4 KB · 4 cycles" in text
    refused = send("<!DOCTYPE html><html></html>", name="x.csv")
    assert "children='28 B'" in str(listed(refused)["list"])


@pytest.mark.usefixtures("context")
def test_assumption_of_an_open_question_is_not_said_as_done(engine: Engine, send: Any) -> None:
    """While nobody has answered, the preview only takes it so; after the answer it is said plainly."""
    number = send(EXPORT)
    job = load_import(engine, number)
    note = {"code": "current_sign", "text": "its sign was turned"}
    question = {"code": "current_sign", "text": "Which?", "choices": [["charge", "charges"]], "column": "Current(A)"}
    update_import(engine, number, assumptions=[note, *job.assumptions], questions=[question, *job.questions])
    unsettled = words.UNSETTLED.format(text=note["text"])
    assert unsettled in str(look(number)["notes"])
    update_import(engine, number, questions=job.questions)
    assert unsettled not in str(look(number)["notes"])
    assert note["text"] in str(look(number)["notes"])


@pytest.mark.usefixtures("context")
def test_file_without_anything_to_draw_says_so(engine: Engine, send: Any) -> None:
    """Instead of empty axes a sentence; with a value there are axes."""
    number = send(EXPORT)
    assert look(number)["no_figures"] is False
    job = load_import(engine, number)
    for records in ({"test_time_second": [0.0, 1.0]}, {"test_time_second": [0.0], "voltage_volt": [None]}, {}):
        update_import(engine, number, preview={**job.preview, "records": records})
        shown = look(number)
        assert shown["no_figures"] is True
        assert words.NOTHING_TO_DRAW in str(shown["records"])


@pytest.mark.usefixtures("context")
def test_time_zone_is_offered_where_dates_name_none(engine: Engine, data_dir: Path, send: Any) -> None:
    """The menu stands beside a file with local dates only; the chosen zone is the answer, and may be changed."""
    assert look(send(EXPORT))["zone"] is None
    number = send(DATED.replace("03/04", "13/04"), name="b.csv")
    assert words.CHOOSE_ZONE in str(look(number)["zone"])

    def choose(zone: str | None) -> Any:
        by = {"type": "import-zone-menu", "import": number}
        return triggered(import_page.choose_zone, [zone], by=by, prop="value", value=zone)

    assert choose(None) is no_update
    for zone in ("Asia/Seoul", "Europe/Berlin"):
        choose(zone)
        work_once(engine, data_dir)
        assert choose(zone) is no_update
        job = load_import(engine, number)
        assert job.answers["time_zone"] == zone
        assert f"value='{zone}'" in str(look(number)["zone"])
        assert any(zone in note["text"] for note in job.assumptions)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("function", [import_page.change_mapping, import_page.choose_zone])
def test_a_call_that_no_menu_made_says_nothing(function: Any) -> None:
    """Dash calls without a trigger where the menus were drawn anew before it called: that is no fault."""

    def call() -> Any:
        context_value.set(AttributeDict(triggered_inputs=[]))
        return function([])

    assert copy_context().run(call) is no_update
