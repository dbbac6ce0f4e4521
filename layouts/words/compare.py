"""Every text of the Compare page."""

TITLE = "Compare"
COPY_LINK = "Copy link"
BY_LABEL = "Groups by"
BY = (("plating", "Plating time"), ("group", "Group"), ("cell_type", "Cell type"), ("hand", "By hand"))
BY_SUBTITLE = "Groups by {what}"
PROPERTY = "property {name}"
METRIC_LABEL = "Metric"
SHOW = (("mean", "Mean"), ("cells", "Cells"), ("both", "Both"))
SHOW_LABEL = "What is drawn of a group"
METRIC_GROUPS = (
    "Indicator",
    "Capacity and efficiency",
    "Pressure",
    "Voltage and energy",
    "Thickness and strain",
    "Others",
)

GRAPH = "Over cycles"
GRAPH_SUBTITLE = {
    "both": "thick: mean, n ≥ 3 · band: ± 1 sd, descriptive · thin: cells · × failed",
    "mean": "mean, n ≥ 3 · band: ± 1 sd, descriptive",
    "cells": "one line a cell · × failed",
}
SAYS = "What the groups say"
NO_GROUPS = "No cell has a value of this metric yet."
ONE_GROUP = "There is one group only, so there is nothing to compare it with."
BETWEEN = "At cycle {cycle} the means lie between {low} {unit} ({low_group}) and {high} {unit} ({high_group})."
BETWEEN_MEDIANS = (
    "The means of the cells' medians lie between {low} {unit} ({low_group}) and {high} {unit} ({high_group})."
)
NO_COMMON = "No cycle has a value in two groups of at least three cells."
FEW = "{groups}: fewer than three cells, so no mean is given."
FEW_ALL = "Every group has fewer than three cells: the lines are shown, no means."
SPREAD = "The largest standard deviation within a group is {sd}."
ENDED = "Failed: {parts}."
ENDED_PART = "{group} {ended} of {all}"
NONE_ENDED = "No cell has failed."
DESCRIPTIVE = (
    "Means and standard deviations describe these cells; no test of a difference is made here. The cell is the unit."
)

TABLE_AT = (("cycle", "At a cycle"), ("median", "Cell medians"))
TABLE_AT_LABEL = "What the table compares"
CYCLE = "cycle"
CYCLE_LABEL = "Cycle of the table"
HEADS = ("Group", "n", "Mean", "sd", "Min", "Max")
LEFT_OUT = "Left out"
NO_GROUP = "{cells}: no {what}"
NO_VALUE = "{cells}: no value of this metric"
NOT_AT = "{cells}: not at cycle {cycle} (masked, unfinished or not reached)"
MASKED = "{count} masked cycles are left out of all lines and means."
SYNTHETIC_ALL = "All cells here are synthetic."
SYNTHETIC_SOME = "{cells}: synthetic"
NOBODY = "Nobody is left out."

MULTIPLES = "Side by side"
MULTIPLES_TITLE = "Cycles {first} and {second}, aligned at the start of charge"
MULTIPLES_CELLS = (("first", "First cell"), ("all", "All cells"))
MULTIPLES_CELLS_LABEL = "Which cells of a group"
MULTIPLES_CYCLE = "First of the two cycles"
MULTIPLES_KEY_VOLT = "V / V, left"
MULTIPLES_KEY_CHANGE = "Δ{symbol} / {unit}, right · the same axes in all"

HAND = "Choose cells"
HAND_TITLE = "A group made by hand"
HAND_NAME = "Name of the group"
HAND_NAME_HINT = "For example: new electrolyte"
HAND_CELLS = "Cells"
HAND_ADD = "Add group"
HAND_NO_NAME = "A group needs a name"
HAND_NO_CELLS = "Choose at least one cell"
HAND_EMPTY_TITLE = "No group yet"
HAND_EMPTY_TEXT = "Choose the cells of each group; the groups are kept in the address."
EMPTY_TITLE = "Nothing to compare yet"
EMPTY_TEXT = "Cells with cycles appear here in groups of equal plating time."
EMPTY_ACTION = "Import files"
CHIP_SHOW = "Show or hide {group}"
ARIA = "{metric} of {groups}"
ARIA_MULTIPLES = "Voltage and change of the signal in cycles {first} and {second} of {groups}, on the same axes"
