"""Every text of the Cell page."""

TITLE = "Cell"
OVERVIEW = "Overview"
NOTE = "Note"
EXPORT = "Export"
EXPORT_LABEL = "Data of this cell as files"
COPY_LINK = "Copy link"
EDIT = "Edit facts of the cell"
PREVIOUS_NEXT = "K and J: previous and next cell of the list you came from, else of all"

EXPORTS = (
    ("cycles.csv", "Cycles, CSV"),
    ("records", "Records, CSV"),
)

FACT_NOW = "Now"
FACT_CYCLE = "Cycle"
FACT_CE = "CE"
FACT_POLARISATION = "Polarisation"
FACT_TEMPERATURE = "Temperature"
IN_PROGRESS = "in progress"
COMPLETE = "complete"
MASKED_CYCLE = "masked"
STEP_WORDS = {"charge": "Charging", "discharge": "Discharging", "rest": "Resting"}
ENDED = "Ended"
NO_VALUE = "–"
SYNTHETIC = "synthetic"
NO_PLATING = "plating time unknown"

OVER_CYCLES = "Over cycles"
INSIDE = "Inside a cycle"
TIME = "Voltage and {signal}"
TIME_ALONE = "Voltage"
NOTES = "Notes and events"
QUALITY = "Data quality"
SOURCES = "Where it comes from"

BARS = "bars: 95 %"
RING = "ring: masked"
HUNDRED = "dashed: median of cycles 2–6"
ESTIMATORS = {"e1": "E1, paper", "e2": "E2, drift-corrected", "e3": "E3, slope"}
UNITS = {
    "paper": "paper",
    "areal": "areal",
    "relative": "relative",
    "stiffness": "stiffness",
    "per_ah": "per A h",
    "swing": "swing",
}
UNIT_LABEL = "Unit of the indicator"
BESIDE = (("none", "Alone"), ("slope", "+ slope"), ("all", "E1 E2 E3"))
BESIDE_LABEL = "Estimators drawn beside the cell's own"
TABS = (("pq", "{P}–Q"), ("vq", "V–Q"), ("capacity", "V, {P}"), ("time", "V, {P}–t"))
TAB_LABEL = "What is drawn inside a cycle"
TABS_ALONE = (("vq", "V–Q"), ("capacity", "V"), ("time", "V–t"))
CURVES = (("dsignal_dq", "d{P}/dQ"), ("dq_dv", "dQ/dV"))
CURVES_ALONE = (("dq_dv", "dQ/dV"),)
CURVE_LABEL = "Differential curve"
AGAINSTS = (("q", "by Q"), ("v", "by V"))
AGAINST_LABEL = "What the differential curve is drawn against"
CURVE_SUBTITLE = "on charge"
ARRANGEMENTS = (("overlay", "Overlay"), ("stacked", "Stacked"))
ARRANGEMENT_LABEL = "How voltage and pressure are laid out"
AXES = (("time", "Time"), ("capacity", "Capacity"))
AXIS_LABEL = "What they are drawn against"
RANGES = (("cycle", "Cycle"), ("24h", "24 h"), ("5", "5 cycles"), ("all", "All"))
RANGE_LABEL = "Range shown"
TIME_SUBTITLE = "min and max of every pixel are drawn: no dip is lost"
CAPACITY_SUBTITLE = "cycles of the range, the chosen one thick"
JUMP = "Jump to now"
STRIP_LABEL = "The whole test; drag to choose the range that is shown above"

NO_RECORDS_TITLE = "No records yet"
NO_RECORDS_TEXT = "Nothing has been imported for {name}. A file of its cycler is enough to start."
NO_RECORDS_ACTION = "Import a file"
GONE_TITLE = "There is no such cell"
GONE_ACTION = "All cells"

SYMMETRIC = (
    "Symmetric cell: Δ(ΔP) per capacity is not applicable. Lithium leaves one electrode as it reaches the other, so "
    "the swing is near zero and says nothing. Polarisation stands in place of CE."
)
NO_SIGNAL = "No pressure, thickness or strain was recorded, so there is no indicator. Capacity and voltage are shown."
NO_SIGNAL_ACTION = "Add a pressure or force log"
NO_MASS = "No active mass, so no Δ(Δ{symbol}) per gram. {instead} is shown instead."
AREAL_ASSUMES = "Values per area assume an electrode of {diameter:g} mm."
NO_MASS_ACTION = "Add the mass"
FORMATION_ONE = "Cycle 1 ran at another current than the later ones. Formation?"
FORMATION_MANY = "Cycles 1–{count} ran at another current than the later ones. Formation?"
FORMATION_MARK = "Mark as formation"
FORMATION_NO = "No"
FORMATION_MARKED_ONE = "Cycle 1 marked as formation"
FORMATION_MARKED_MANY = "Cycles 1–{count} marked as formation"
FORMATION_MARKED_TEXT = "They are numbered apart: cycle 1 is now the first one after them."
FORMATION_KEPT = "Counted as ordinary cycles"
FORMATION_KEPT_TEXT = "You are not asked again. Formation cycles can be entered with the facts of the cell."
NO_CYCLE = "No complete cycle yet. The first value comes when the first cycle is complete."
NO_REFERENCE = "The relative indicator needs three valid ones among cycles 2–6."

CYCLES_USED = "{used} of {complete} cycles used"
COVERED = "{name} samples cover every half-cycle used"
COVERAGE = "{name} samples cover {percent:.1f} % of the used half-cycle that has the fewest"
SCATTER = "Scatter from cycle to cycle {scatter:.2f} %; the sensor's noise explains {noise:.2f} %"
MASKED = "{cycles} masked: {reason}"
FLAGGED = "{cycles}: {reason}"
ESTIMATOR = "Estimator {estimator}"
SYSTEMATIC = "Mass, area and force gain: ± {percent:.1f} % on all cycles alike (cancels in relative)"
DIFFERENCE = "E1 lies {percent} % from E2 (median)"
MISSING = {
    "areal": "Areal value: no capacity or electrode area.",
    "stiffness": "Stiffness-normalised value: the stiffness of the fixture is not given.",
    "relative": "Relative value: fewer than three valid ones among cycles 2–6.",
    "paper": "Value per gram: no active mass or loading is given.",
}
NOT_POSITIVE = "Relative value: the median of cycles 2–6 is not above zero, so nothing can be said relative to it."
FAULTS_OF_DATA = frozenset(
    {
        "out_of_range",
        "missing_values",
        "clock_jump",
        "time_implausible",
        "late_rows",
        "conflict",
        "test_time_restarted",
    }
)
"""What is flagged about the rows of a channel, and so about the cell that they are of."""
LIVE_NAME = "“{name}”"
FAULT_ROW = "row {row}"
FAULT_ROWS = "rows {first}–{last}"
FAULT_TIMES = "{count} times"
ALL_GOOD = "Nothing to report."
NOT_COMPUTED = "Not computed: {reason}"

NO_NOTES = "No note yet. A note is kept with the cell and its cycle."
NOTE_HINT = "What happened? For example: oven door opened for 3 min."
NOTE_SAVE = "Keep note"
NOTE_LABEL = "Note"
NOTE_KEPT = "Note kept"
CELL_NOTES = "About the cell"
EVENT_WORDS = {"note": "Note", "re_torque": "Re-torqued", "c_rate": "C-rate changed", "door": "Door opened"}

ROWS = "{rows} rows"
UNDO_IMPORT = "Take back"
UNDO_IMPORT_LABEL = "Take back the import of {name}"
IMPORT_UNDONE = "{name} taken back"
IMPORT_UNDONE_TEXT = "Its records are out of this cell; the file itself is kept for 30 days."
IMPORT_REDONE = "{name} is back"
UNDO = "Undo"
LIVE_SOURCE = "Live from “{name}”"
NO_SOURCES = "No file yet."
ASSUMED = "Assumed: {text}"
QUARANTINED = "{rows} rows set aside"
DUPLICATES = "{rows} rows known already"
DEMO_SOURCE = "Simulated by the demo, not measured"
RECORDS = "{rows} records"

STACK_ARIA = "Indicator of {name}: {count} cycles, last {value}"
TIME_ARIA = "Voltage and mechanical signal of {name} from {low} h to {high} h"
LOOPS_ARIA = "{what} of {name}, cycles {first} to {last}, chosen cycle {chosen}"
