"""Words of the page of projects."""

TITLE = "Projects"
SUBTITLE = "a cell belongs to one; people see the cells of the projects in which they have a role"
NEW = "New project"
HEADS = ("Name", "Cells", "People", "What can be done")
RENAME = "Rename"
REMOVE = "Remove"
RENAME_TITLE = "Rename {name}"
NAME = "Name"
NAME_HELP = "Up to 120 characters, of its own."
SAVE = "Save"
CREATE = "Create"
MISSING_NAME = "Enter a name."
NOBODY = "administrators only"
PERSON = "{name} ({role})"
HOLDS = "Holds {what}, and can be removed once it is empty."
HELD = {
    "cells": ("{count} cell", "{count} cells"),
    "instruments": ("{count} channel", "{count} channels"),
    "imports": ("{count} file", "{count} files"),
}
"""What a project may hold: one of it, several."""
FIRST = "The first project stays."
CREATED = "{name} created"
CREATED_TEXT = "Give people roles in it on the page People."
RENAMED = "{name} is its name now"
REMOVED = "{name} was removed"
RESTORED = "{name} is back"
ONE_PROJECT = "While there is one project, no other page speaks of it."
