"""Words of the Cells page: the grid of all cells, the form of one, the list that is imported."""

TITLE = "Cells"
NEW = "New cell"
IMPORT_LIST = "Import list"
SEARCH = "Find a cell"

SHOW = (("all", "All"), ("lab", "In the lab"), ("archived", "Archived"), ("deleted", "Deleted"))
SENTENCE = "{count}, {lab} in the lab, {archived} archived."
SENTENCE_NONE = "No cells yet."
CELLS_ONE = "1 cell"
CELLS_MANY = "{count} cells"
HINT = "Double-click a value to change it. Enter stores it, Esc leaves it as it was."
DELETED_HINT = "Deleted cells can be restored for 30 days."
EMPTY_TITLE = "No cells yet"
EMPTY_READER = "They appear here once somebody who may edit makes one, in a project in which you have a role."
EMPTY_TEXT = "Enter the first one, import a list, or import a file: its cell can be made on the way."

# Columns of the grid that are no fields of the form
COLUMN_LACKS = "Lacks"
COLUMN_CYCLES = "Cycles"
STATUS_ARCHIVED = "archived"
STATUS_DELETED = "deleted"
IMPORT = "Import files"
LACKS_MASS = "no mass: Δ(ΔP) in MPa and per mAh/cm²"
LACKS_PLATING = "no plating time: in no group"
LACKS_CYCLES = "no cycles yet"

# Several cells at once
SELECTED_ONE = "1 cell chosen"
SELECTED_MANY = "{count} cells chosen"
ARCHIVE = "Archive"
UNARCHIVE = "Back to the lab"
DELETE = "Delete"
RESTORE = "Restore"
EDIT = "Edit"
SET = "Set"
SET_GROUP = "Group"
SET_PLATING = "Plating time / min"
DONE = {
    "archive": "{cells} archived",
    "unarchive": "{cells} back in the lab",
    "delete": "{cells} deleted",
    "restore": "{cells} restored",
    "set": "{field} of {cells} changed",
}
CONSEQUENCE = {
    "archive": "Off the Overview; their records stay.",
    "unarchive": "On the Overview again.",
    "delete": "They can be restored for 30 days.",
    "restore": "With all their records.",
    "set": "Their pages and comparisons follow.",
}
CHANGED = "{name}: {field} changed"
CHANGED_TEXT = "{before} is now {after}."
NOTHING = "nothing"
CREATED = "{name} created"
CREATED_TEXT = "Its first file can be imported now."
SAVED = "{name} saved"
SAVED_TEXT = "What is computed from the changed values is new."
NOT_TAKEN = "{field}: the value was not taken"

# The form
FORM_NEW = "New cell"
FORM_EDIT = "Edit {name}"
SAVE = "Save"
CANCEL = "Cancel"
CLOSE = "Close"
PROBLEMS_ONE = "One value cannot be taken; its field says why."
PROBLEMS_MANY = "{count} values cannot be taken; each says why at its field."
SECTIONS = {
    "what": "What it is",
    "mass": "Mass and geometry",
    "fixture": "Fixture and force",
    "uncertainty": "Uncertainties (relative, one standard uncertainty)",
    "conditions": "Conditions and state",
    "more": "More",
}
FIELDS: dict[str, tuple[str, str, str]] = {
    "name": ("Name", "", "Up to 120 characters, of its own."),
    "plating_time_min": ("Plating time", "min", "0 = uncoated; empty = unknown."),
    "group": ("Group", "", "A free label to group and compare by."),
    "project_id": ("Project", "", "Who has a role in it sees the cell."),
    "cell_type": ("Cell type", "", ""),
    "active_mass_mg": ("Active mass", "mg", "As weighed. Without it, and without a loading, Δ(ΔP) is given in MPa."),
    "loading_mg_per_cm2": ("Loading", "mg/cm²", "Instead of the mass; the electrode diameter makes a mass of it."),
    "electrode_diameter_mm": (
        "Electrode diameter",
        "mm",
        "Of the electrode that carries the mass: cathode pellet 13; the Li disc of a symmetric cell 12.",
    ),
    "nominal_capacity_mah": ("Nominal capacity", "mAh", "For C-rates and depth of discharge."),
    "force_diameter_mm": ("Force diameter", "mm", "Of the area that turns force into pressure."),
    "fixture_stiffness_mpa_per_um": ("Fixture stiffness", "MPa/µm", "Optional; turns pressure into stack thickness."),
    "pressure_resolution_kgf": ("Resolution of the force", "kgf", "One count of the indicator."),
    "applied_pressure_mpa": ("Applied pressure", "MPa", "At assembly, before cycling."),
    "mass_uncertainty_percent": ("Mass", "%", ""),
    "area_uncertainty_percent": ("Area", "%", ""),
    "force_gain_uncertainty_percent": ("Force gain", "%", ""),
    "temperature_celsius": ("Temperature", "°C", "Of the oven."),
    "formation_cycles": ("Formation cycles", "", "Leading cycles that are not counted."),
    "estimator": ("Estimator", "", "Of the indicator; automatic takes the one the data allow."),
    "started_at": ("Started", "UTC", "Such as 2026-08-01 10:02."),
    "state": ("State", "", ""),
    "cause": ("Cause", "", "If it failed, such as ISC."),
    "tags": ("Tags", "", "Enter after each."),
    "properties": ("Further properties", "", "One a line: name = value. Cells can be grouped by them."),
    "notes": ("Notes", "", ""),
}
"""Label, unit and help of every value of a cell."""
CHOICES: dict[str, dict[str, str]] = {
    "cell_type": {"full": "Full cell", "symmetric": "Symmetric cell"},
    "estimator": {
        "automatic": "Automatic",
        "e1": "E1, as in the paper",
        "e2": "E2, drift-corrected",
        "e3": "E3, slope",
    },
    "state": {"running": "Running", "finished": "Finished", "failed": "Failed"},
}
NAME_TAKEN = "another cell has this name"
PROPERTY_FORM = "properties: line {line} is not of the form name = value"

# The imported list
LIST_TITLE = "Import a list of cells"
LIST_TEXT = "A CSV file with one row a cell. Its first row names the values; only name is needed. "
LIST_TEMPLATE = "Take this file as a start."
LIST_DROP = "Drop the list here, or choose a file"
LIST_DROP_HINT = "csv or txt, up to 5,000 cells"
LIST_GOOD = "{count} can be created. Nothing is stored yet."
LIST_BAD_ONE = "One problem. Nothing is stored; correct the file and drop it again."
LIST_BAD_MANY = "{count} problems. Nothing is stored; correct the file and drop it again."
LIST_MORE = "and {count} more"
LIST_CREATE_NONE = "Create cells"
LIST_CREATE = "Create {count}"
LIST_CREATED = "{count} created"
LIST_CREATED_TEXT = "From {file}."
