"""Pictures: a tidy table in, a Plotly figure out; one figure a file, and the catalogue of all of them."""

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from figures.context_strip import draw_context_strip
from figures.cycle_stack import draw_cycle_stack
from figures.differential_curves import draw_differential
from figures.group_comparison import draw_group_comparison
from figures.import_preview import draw_import_capacity, draw_import_preview
from figures.loops import draw_against_capacity, draw_loops
from figures.small_multiples import draw_small_multiples
from figures.voltage_pressure import draw_voltage_pressure


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure: its name, title, how it is made (the method sentence), its function and the tables it takes.

    `draw` takes the tables in this order and, by keyword, `theme` and choices with defaults.
    """

    name: str
    title: str
    method: str
    draw: Callable[..., go.Figure]
    tables: tuple[str, ...]


CATALOGUE: dict[str, Plot] = {
    plot.name: plot
    for plot in (
        Plot(
            "cycle_stack",
            "Over cycles",
            "Indicator, capacity, coulombic efficiency and baseline of every complete cycle. Step-end values are "
            "straight lines through the last 5 % of a step's charge, at its end; bars are 95 % (1.96 standard "
            "uncertainties). Rings are masked cycles: they enter no trend.",
            draw_cycle_stack,
            ("cycles",),
        ),
        Plot(
            "voltage_pressure",
            "Voltage and pressure",
            "Recorded values against test time. Where there are more records than pixels, the least and the greatest "
            "value of every stretch are drawn, so that no dip is lost. Missing records leave a gap.",
            draw_voltage_pressure,
            ("signals", "cycles"),
        ),
        Plot(
            "context_strip",
            "The whole test",
            "The mechanical signal of the whole test, least and greatest values kept; the frame is the range shown.",
            draw_context_strip,
            ("signal",),
        ),
        Plot(
            "loops",
            "Loops",
            "Change of the signal since the start of charge against the charge in the anode: q on charge, "
            "Q_dis minus q on discharge.",
            draw_loops,
            ("curves",),
        ),
        Plot(
            "against_capacity",
            "Voltage and pressure against capacity",
            "Voltage and the change of the signal since the start of charge, against the charge passed in each step.",
            draw_against_capacity,
            ("curves",),
        ),
        Plot(
            "differential",
            "Differential curves",
            "Constant-current part only, resampled on equal charge, Savitzky-Golay of order 2 over 5–9 % of Q.",
            draw_differential,
            ("curves",),
        ),
        Plot(
            "group_comparison",
            "Groups over cycles",
            "Thin: cells. Thick: mean of the cells of a group, where at least three have a value. Band: one standard "
            "deviation of the cells, descriptive. The cell is the unit of replication, never the cycle.",
            draw_group_comparison,
            ("values", "summary"),
        ),
        Plot(
            "small_multiples",
            "Groups side by side",
            "Voltage and the change of the signal since the start of charge of the same cycles in every group, "
            "on the same axes.",
            draw_small_multiples,
            ("traces",),
        ),
        Plot(
            "import_preview",
            "What the file holds",
            "Voltage, current and mechanical signals of the file against time, least and greatest values kept.",
            draw_import_preview,
            ("records",),
        ),
        Plot(
            "import_capacity",
            "Capacity per cycle",
            "Charge (ring) and discharge (disc) capacity of every complete cycle of the file.",
            draw_import_capacity,
            ("cycles",),
        ),
    )
}
"""Every figure of Barograph.  One line here draws, lists, documents and tests a new one."""
