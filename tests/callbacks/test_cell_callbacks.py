"""The Cell page's callbacks, called as functions over a store with a simulated cell."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from dash import no_update
from sqlalchemy import Engine

from callbacks import cell_formation
from callbacks.cell import keep_note, show_cell
from callbacks.cell_figures import show_inside, unit_choices
from callbacks.cell_formation import answer_formation, look_again
from callbacks.cell_hover import show_hovered
from callbacks.cell_time import cycle_spans, show_time, strip_column_of
from callbacks.cell_window import chosen_cycle, counted_cycles, drawn_cycles, find_window, shows_now
from data_access.closing import BEING_COMPUTED
from data_access.models import Fault
from data_access.queries import load_cell, load_changes, load_cycles, load_events
from data_access.series import create_series, store_records
from data_access.writes import create_cell, create_test
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from ingest.close_cycles import close_cycles
from ingest.edits import undo
from layouts import cell_evidence, cell_facts
from pressiometry.normalise import NOT_POSITIVE

if TYPE_CHECKING:
    from dash import Dash

HOUR = 3600.0


def _text(component: Any) -> str:
    """All the words in a component and below it."""
    if isinstance(component, str | int | float):
        return str(component)
    if isinstance(component, list | tuple):
        return " ".join(_text(item) for item in component)
    return _text(getattr(component, "children", None) or "") if component is not None else ""


def _store_cell(engine: Engine, name: str, *, cycles: int = 4, slow: int = 0, plating: float = 5, **values: Any) -> int:
    """Store a simulated cell, the current of its first `slow` cycles halved; return its number."""
    simulated = simulate_cell(cell_parameters(5), cycles=cycles)
    cell = create_cell(engine, {"name": name, "plating_time_min": plating, **values})
    records = simulated.records.copy()
    records.loc[records["instrument_cycle_count"] <= slow, "current_ampere"] /= 2
    series = create_series(
        engine, create_test(engine, cell.id).id, source="cycler", channel="1", clock="t", offset_second=0.0
    )
    store_records(engine, series.id, records.assign(sequence=range(len(records))), None)
    close_cycles(engine, cell.id)
    return int(cell.id)


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A simulated cell of four cycles, with mass."""
    return _store_cell(engine, "In5-1", loading_mg_per_cm2=12.6, synthetic="synthetic")


@pytest.fixture(autouse=True)
def _context(app: "Dash") -> Iterator[None]:
    with app.server.app_context():
        yield


def _over(cell_id: int, **view: Any) -> list[Any]:
    return list(show_cell({"cell": cell_id, "unit": "paper", "beside": "none", "cycle": None, **view}, 0, "light"))


def test_one_query_fills_the_page(cell_id: int) -> None:
    """Title, marks, facts, strips and lists come from one callback."""
    page = _over(cell_id)
    assert page[0] == "In5-1"
    assert "5 min" in _text(page[1])
    assert "synthetic" in _text(page[1])
    assert "Δ(ΔP)" in _text(page[3])
    assert page[5] is False
    assert len(page[6].data[0].x) == 4
    assert page[6].layout.meta["csv"] == f"/api/v1/cells/{cell_id}/cycles.csv"
    assert "Indicator of In5-1" in page[6].layout.meta["label"]
    assert "drift-corrected" in page[7]
    assert "4 of 4 cycles used" in page[11]


def test_without_a_mass_the_page_says_so_and_shows_the_swing(engine: Engine) -> None:
    """No mass: Δ(ΔP) in another unit, the reason and the way to add it."""
    number = _store_cell(engine, "bare")
    page = _over(number)
    assert "No active mass" in _text(page[4])
    assert "MPa" in page[6].layout.annotations[0].text
    assert "paper" not in {choice["value"] for choice in page[8]}
    assert "no active mass" in _text(page[10])


def test_a_cell_without_records_says_what_to_do(engine: Engine) -> None:
    """Nothing imported yet: one sentence and one action instead of empty figures."""
    number = create_cell(engine, {"name": "new"}).id
    page = _over(number)
    assert "No records yet" in _text(page[2])
    assert page[5] is True


def test_a_cell_that_does_not_exist_is_said(engine: Engine) -> None:
    """An address of a deleted cell is answered, not broken."""
    assert engine is not None
    page = _over(999)
    assert "no such cell" in _text(page[2])
    assert page[5] is True


def test_inside_a_cycle_the_chosen_one_is_on_top(cell_id: int) -> None:
    """Loops and curves hold the cycles; the chosen one is drawn last."""
    loops, key, curves, title, *_ = show_inside({"cell": cell_id, "cycle": 2, "tab": "pq"}, 0, "light")
    assert loops.data[-1].meta["cycle"] == 2
    assert _text(key).startswith("cycle 1")
    assert curves.data[-1].meta["cycle"] == 2
    assert "dP/dQ" in _text(title)
    assert loops.layout.xaxis.title.text == "Q / mAh/g"


@pytest.mark.parametrize(
    ("tab", "title"), [("vq", "Voltage / V"), ("capacity", "Voltage / V"), ("time", "Voltage / V")]
)
def test_every_tab_draws(cell_id: int, tab: str, title: str) -> None:
    """V-Q, both against capacity, one cycle against time from its own start."""
    figure = show_inside({"cell": cell_id, "cycle": 3, "tab": tab, "curve": "dq_dv", "by": "v"}, 0, "dark")[0]
    assert figure.layout.yaxis.title.text == title
    if tab == "time":
        assert figure.layout.xaxis.range[0] == 0


def test_zoom_is_refined_by_the_server(cell_id: int) -> None:
    """A smaller window holds every record of it; the window is the range of the axis."""
    window = {"cell": cell_id, "from": HOUR, "to": 2 * HOUR, "range": "5"}
    figure, style, strip, *_ = show_time(window, 0, 0, "light")
    assert list(figure.layout.xaxis.range) == [1.0, 2.0]
    assert len([y for y in figure.data[0].y if y is not None]) >= 58
    assert style == {"height": f"{figure.layout.height}px"}
    assert strip.layout.shapes[0].x0 == 1.0


def test_time_can_be_stacked_or_against_capacity(cell_id: int) -> None:
    """The same range in strips of their own, or against capacity."""
    stacked, style, *_ = show_time({"cell": cell_id, "range": "all", "arrange": "stacked"}, 0, 0, "light")
    assert len(stacked.data) >= 3
    assert style["height"] == f"{stacked.layout.height}px"
    against = show_time({"cell": cell_id, "range": "all", "x": "capacity"}, 0, 0, "light")[0]
    assert against.layout.xaxis.title.text == "Q / mAh/g"


def test_a_note_is_kept_at_the_start_of_the_chosen_cycle(cell_id: int, engine: Engine) -> None:
    """A note belongs to a cycle; an empty one is not kept."""
    opened, text, revision, _ = keep_note(1, cell_id, " door opened ", {"cycle": 2}, 4)
    assert (opened, text, revision) == (False, "", 5)
    (event,) = load_events(engine, cell_id)
    assert event.text == "door opened"
    assert event.start_second is not None
    assert event.start_second > 0
    keep_note(1, cell_id, "  ", None, 0)
    keep_note(None, cell_id, "x", None, 0)
    assert len(load_events(engine, cell_id)) == 1
    assert "door opened" in _text(_over(cell_id)[9])
    assert "cycle 2" in _text(_over(cell_id)[9])


@pytest.fixture
def slow_start(engine: Engine) -> int:
    """A simulated cell whose first two of six cycles ran at half the current."""
    return _store_cell(engine, "slow start", cycles=6, slow=2, loading_mg_per_cm2=12.6)


def _press(answer: str, cell_id: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(
        cell_formation, "ctx", SimpleNamespace(triggered_id={"type": "x", "answer": answer, "cycles": 2})
    )
    return answer_formation([1, None], cell_id, 3)


def test_formation_is_marked_by_a_person_and_can_be_undone(
    slow_start: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks; marked, the cycles are numbered apart and nothing is asked; Undo counts them again and asks."""
    page = _over(slow_start)
    assert "Cycles 1–2 ran at another current" in _text(page[4])
    assert "nobody marked them as formation" in _text(page[10])
    revision, (toast,) = _press("mark", slow_start, monkeypatch)
    assert revision == 4
    assert "marked as formation" in _text(toast["title"])
    assert load_cell(engine, slow_start).formation_cycles == 2
    cycles = load_cycles(engine, slow_start)
    assert cycles["cycle_count"].dropna().tolist() == [1, 2, 3, 4]
    assert "Formation" not in _text(_over(slow_start)[4])
    undo(engine, load_changes(engine, kind="cell", object_id=slow_start, limit=1)[0].id)
    assert load_cycles(engine, slow_start)["cycle_count"].dropna().tolist() == [1, 2, 3, 4, 5, 6]
    assert "Formation?" in _text(_over(slow_start)[4])
    assert look_again("2026-01-01", 4) == 5


def test_that_it_is_no_formation_is_remembered(slow_start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No: the cycles stay counted, and the same question is not asked again."""
    revision, (toast,) = _press("no", slow_start, monkeypatch)
    assert revision == 4
    assert "ordinary" in _text(toast["title"])
    page = _over(slow_start)
    assert "Formation" not in _text(page[4])
    assert "of 6 cycles used" in page[11]


def test_no_formation_is_asked_about_where_all_currents_are_alike(cell_id: int) -> None:
    """Nothing to answer, nothing pressed: nothing happens."""
    assert "Formation" not in _text(_over(cell_id)[4])
    assert answer_formation([None, 0], cell_id, 3) == (no_update, no_update)
    assert look_again(None, 4) is no_update


def test_scatter_stands_beside_what_the_noise_explains(engine: Engine) -> None:
    """Two figures a person can compare, and coverage in plain words."""
    number = _store_cell(engine, "long", cycles=12, loading_mg_per_cm2=12.6)
    cycles = load_cycles(engine, number)
    words = _text(_over(number)[10])
    assert f"Scatter from cycle to cycle {cycles['scatter_percent'].iloc[-1]:.2f} %" in words
    assert f"noise explains {cycles['delta_delta_p_q_percent_u'].iloc[-1]:.2f} %" in words
    assert "Pressure samples cover every half-cycle" in words


def _cycles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cycle_count": [1.0, 2, 3, 4, 5, 6, 7, 8],
            "state": ["complete"] * 7 + ["in_progress"],
            "masked": [0, 0, 0, 0, 0, 0, 1, 1],
            "start_second": [10.0 * number for number in range(8)],
            "end_second": [10.0 * number + 10 for number in range(8)],
        }
    )


@pytest.mark.parametrize(
    ("view", "window"),
    [
        ({"range": "all"}, (0.0, 80.0)),
        ({"range": "5"}, (30.0, 80.0)),
        ({"range": "5", "cycle": 4}, (10.0, 60.0)),
        ({"range": "5", "cycle": 1}, (0.0, 50.0)),
        ({"range": "cycle", "cycle": 4}, (30.0, 40.0)),
        ({"range": "24h"}, (0.0, 80.0)),
        ({"from": 20, "to": 25.5}, (20.0, 25.5)),
        ({"from": 25, "to": 20, "range": "all"}, (0.0, 80.0)),
        ({"from": 500, "to": 600}, (0.0, 80.0)),
    ],
)
def test_the_address_says_the_window(view: dict[str, Any], window: tuple[float, float]) -> None:
    """Range buttons and a zoomed range give a window within the records, never an empty one."""
    assert find_window(view, _cycles(), (0.0, 80.0)) == window


def test_a_day_lies_around_the_chosen_cycle() -> None:
    """24 h around the middle of the chosen cycle, within the records; such a range goes on only if it ends at now."""
    cycles = _cycles().assign(
        start_second=[10 * HOUR * number for number in range(8)],
        end_second=[10 * HOUR * (number + 1) for number in range(8)],
    )
    span = (0.0, 80 * HOUR)
    view = {"range": "24h", "cycle": 4}
    window = find_window(view, cycles, span)
    assert window == (23 * HOUR, 47 * HOUR)
    assert not shows_now(view, cycles, window)
    assert find_window({"range": "24h", "cycle": 1}, cycles, span) == (0.0, 24 * HOUR)
    last = {"range": "24h", "cycle": 8}
    assert find_window(last, cycles, span) == find_window({"range": "24h"}, cycles, span) == (56 * HOUR, 80 * HOUR)
    assert shows_now(last, cycles, (56 * HOUR, 80 * HOUR))


def test_against_capacity_the_chosen_cycle_is_there(cell_id: int) -> None:
    """Also where the range does not hold it; without a choice the last one is thick; the key of the lines stays."""
    view = {"cell": cell_id, "range": "5", "x": "capacity", "cycle": 1, "from": 30 * HOUR, "to": 40 * HOUR}
    figure, _, _, subtitle, _ = show_time(view, 0, 0, "light")
    assert 1 in {trace.meta["cycle"] for trace in figure.data}
    assert "V P cycles of the range" in " ".join(_text(subtitle).split())
    figure = show_time({"cell": cell_id, "range": "all", "x": "capacity"}, 0, 0, "light")[0]
    widest = max(figure.data, key=lambda trace: trace.line.width)
    assert widest.meta["cycle"] == 4


def test_the_strip_of_the_whole_test_is_as_wide_as_the_plot_above(cell_id: int) -> None:
    """Overlaid or stacked: the brush and the plot have one left and one right edge."""
    for arrange in ("overlay", "stacked"):
        figure, _, strip, *_ = show_time({"cell": cell_id, "range": "all", "arrange": arrange}, 0, 0, "light")
        assert (strip.layout.margin.l, strip.layout.margin.r) == (figure.layout.margin.l, figure.layout.margin.r)


def test_a_negative_indicator_has_a_reason_of_its_own() -> None:
    """Data quality does not count valid cycles where it is their median that is wrong."""
    table = pd.DataFrame({"position": range(1, 7), "cycle_count": range(1, 7), "delta_delta_p_mpa": -1.0})
    table["state"] = "complete"
    table["not_computed"] = pd.Series([{"delta_delta_p_q_percent": NOT_POSITIVE}] * 6, dtype=object)
    said = _text(cell_evidence.quality(table))
    assert "the median of cycles 2–6 is not above zero" in said
    assert "fewer than three" not in said


def test_data_quality_names_what_was_flagged_about_the_rows_of_the_cell() -> None:
    """100 V, missing values and a jumped clock are said where the cell is looked at, before there is a cycle, too."""
    at = datetime(2026, 8, 1, tzinfo=UTC)
    known = {"channel_id": 1, "first_at": at, "last_at": at}
    faults = [
        ("A01", Fault(code="out_of_range", text="Voltage 100 V", first_sequence=7, last_sequence=7, n=1, **known)),
        ("A01", Fault(code="clock_jump", text="The clock went", first_sequence=8, last_sequence=12, n=3, **known)),
        ("A01", Fault(code="second_agent", text="Agent two sent rows", n=1, **known)),
    ]
    table = pd.DataFrame({"position": [1.0], "cycle_count": [1.0], "state": "complete", "delta_delta_p_mpa": 1.0})
    for cycles in (table, table.iloc[:0]):
        said = _text(cell_evidence.quality(cycles, faults))
        assert "Voltage 100 V “A01” · row 7" in said
        assert "The clock went “A01” · rows 8–12 · 3 times" in said
        assert "Agent two" not in said, "nothing was stored of it"


def test_a_cell_that_is_being_computed_says_so_and_assumes_nothing() -> None:
    """The notice stands first and by itself."""
    table = pd.DataFrame({"position": [1.0], "cycle_count": [1.0], "state": "complete", "delta_delta_p_mpa": 1.0})
    table.attrs["assumptions"] = ["Mass is used.", BEING_COMPUTED]
    said = _text(cell_evidence.quality(table))
    assert said.strip().startswith(BEING_COMPUTED)
    assert said.count("Assumed") == 1


def test_the_strip_shows_the_signal_that_has_a_line() -> None:
    """A single row of pressure leaves the strip to the voltage; without voltage it stands there itself."""
    volts = pd.DataFrame({"test_time_second": [0.0, 1.0], "voltage_volt": [3.0, 3.1]})
    row = pd.DataFrame({"test_time_second": [0.5], "surface_pressure_mpa": [70.0]})
    assert strip_column_of({"voltage_volt": volts, "surface_pressure_mpa": row}) == "voltage_volt"
    assert strip_column_of({"surface_pressure_mpa": row}) == "surface_pressure_mpa"


def test_without_cycles_the_window_is_everything() -> None:
    """Nothing to count cycles by: all the records."""
    assert find_window({"range": "5"}, _cycles().iloc[:0], (0.0, 7.0)) == (0.0, 7.0)


def test_the_chosen_cycle_is_complete_and_if_possible_not_masked() -> None:
    """By default the last valid cycle; a wanted one if it is complete; masked ones only if asked for."""
    assert chosen_cycle(_cycles(), None) == 6
    assert chosen_cycle(_cycles(), 7) == 7
    assert chosen_cycle(_cycles(), 8) == 6
    assert chosen_cycle(_cycles().iloc[:0], 3) is None
    assert drawn_cycles(_cycles(), 7) == [1, 2, 3, 4, 5, 6, 7]
    assert counted_cycles(_cycles()) == [1, 2, 3, 4, 5, 6, 7]
    assert drawn_cycles(_cycles().drop(columns="masked")) == counted_cycles(_cycles())


def test_units_a_cell_lacks_are_disabled() -> None:
    """With a mass the product's four units are offered; what cannot be given is disabled."""
    table = pd.DataFrame({"delta_delta_p_q_mpa_g_per_ah": [15.0], "delta_delta_p_q_percent": [100.0]})
    assert {choice["value"]: choice["disabled"] for choice in unit_choices(table)} == {
        "paper": False,
        "areal": True,
        "relative": False,
        "stiffness": True,
    }
    assert unit_choices(pd.DataFrame({"x": [1]}))[0]["value"] == "swing"


def test_cycle_spans_leave_out_formation() -> None:
    """The readout names counted cycles only."""
    table = _cycles().iloc[:2].assign(cycle_count=[float("nan"), 1.0])
    assert cycle_spans(table) == [[1.0, 10 / HOUR, 20 / HOUR]]


def test_nothing_is_asked_before_the_address_is_read() -> None:
    """Before the browser has read the address there is nothing to show, and no query."""
    assert len(show_cell(None, 0, "light")) == 15
    assert len(show_inside(None, 0, "light")) == 6
    assert len(show_time({}, 0, 0, "light")) == 5


def test_curves_of_the_cycle_under_the_pointer_are_those_of_the_panels(cell_id: int) -> None:
    """A cycle that is not drawn is asked for alone, and comes as the panel would draw it."""
    view = {"cell": cell_id, "tab": "pq", "curve": "dsignal_dq", "by": "q"}
    found = show_hovered(2, view)
    drawn = show_inside({**view, "cycle": 2}, 0, "light")[0]
    assert found["cycle"] == 2
    assert found["loops"]["x"] == [*drawn.data[-2].x, None, *drawn.data[-1].x, None]
    assert any(value is not None for value in found["curves"]["y"])
    assert "loops" not in show_hovered(2, {**view, "tab": "time"})
    assert show_hovered(None, view) is no_update


def test_the_header_names_the_last_cycle_that_enters_trends(engine: Engine) -> None:
    """A masked last cycle is named as such; indicator, capacity and CE are of the one before, and say so."""
    cell = create_cell(engine, {"name": "x", "plating_time_min": 0, "state": "failed", "cause": "ISC"})
    table = pd.DataFrame(
        {
            "cycle_count": [1.0, 2.0],
            "state": "complete",
            "masked": [0.0, 1.0],
            "delta_delta_p_q_mpa_g_per_ah": [15.0, float("nan")],
            "discharging_capacity_mah_per_g": [154.0, 0.0],
            "coulombic_efficiency_percent": [97.7, 0.01],
        }
    )
    said = _text(cell_facts.fact_strip(cell, table, {}, "paper"))
    assert "2 masked" in said
    assert "154.0" in said
    assert "CE cycle 1 97.70" in said
    assert "0.01" not in said
    assert "Ended · ISC" in _text(cell_facts.identity(cell, []))
