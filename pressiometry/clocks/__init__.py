"""Putting a pressure logger's clock on the cycler's: offset, drift, how sure that is, or why not (CLOCKS).

The turns of the current are the only moments at which the pressure tells the time.  Nothing is guessed: where another
alignment fits nearly as well, the verdict says so and asks.
"""

from pressiometry.clocks.alignment import Alignment, Jump, Rival
from pressiometry.clocks.anchors import align_by_anchors
from pressiometry.clocks.expected import Anchor, Expected, StartRange, start_within
from pressiometry.clocks.segments import align_log, align_segments
from pressiometry.clocks.traces import CyclerTrace, LogTrace, net_charge, trace_cycler, trace_log

__all__ = [
    "Alignment",
    "Anchor",
    "CyclerTrace",
    "Expected",
    "Jump",
    "LogTrace",
    "Rival",
    "StartRange",
    "align_by_anchors",
    "align_log",
    "align_segments",
    "net_charge",
    "start_within",
    "trace_cycler",
    "trace_log",
]
