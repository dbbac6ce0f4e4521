"""Words of the frame: navigation, theme, keys, connection, errors."""

PRODUCT = "Barograph"
DESCRIPTION = "Dashboard for battery cells whose stack pressure is recorded while they cycle"
SKIP = "Skip to the content"
NAVIGATION = "Pages"
THEMES = {"system": "System theme", "light": "Light theme", "dark": "Dark theme"}
THEME_HINT = "Change between the theme of the system, light and dark"
KEYS_BUTTON = "Keyboard"
SIDEBAR_BUTTON = "Narrow side bar"
WALL_HINT = "Every cell at a glance, for a screen in the laboratory (W)"
KEYS_TITLE = "Keys"
CLOSE = "Close"
KEYS = (
    ("/", "Find a cell"),
    ("J", "Next cell of the list you came from"),
    ("K", "Previous cell of that list"),
    ("N", "New cell, on Cells; note, on the page of a cell"),
    ("W", "The wall, for a screen in the laboratory; Esc leaves it, F fills the screen"),
    ("[", "Narrow or widen the side bar"),
    ("?", "This list"),
    ("Esc", "Close a menu or this list"),
)
KEYS_OF_EDITORS = (("N", "New cell, on Cells; note, on the page of a cell"),)
"""Those of them that press what only some readers have."""

CONNECTION_SINCE = "No connection to the server since {time}."
CONNECTION_AGE = "What you see is {age} old. Trying again every 5 s."
CONNECTION_RETRY = "Try now"

NOT_FOUND_TITLE = "There is no page here"
NOT_FOUND_TEXT = "The address {path} leads nowhere. Perhaps a cell was deleted, or the link was cut off."
NOT_FOUND_ACTION = "Go to the overview"

FORBIDDEN_TITLE = "This page needs another role"
FORBIDDEN_TEXT = "{title} is for those who may {may}. An administrator can give you that role."
MAY = {"viewer": "read", "operator": "import and edit", "admin": "manage people, tokens and projects"}

INSECURE = "This server is open to the network without encryption."
INSECURE_WHY = "Passwords and data can be read on their way. Use it only until a TLS proxy stands in front of it."
SETTINGS = "Settings"
SIGN_OUT = "Sign out"
SIGNED_IN_AS = "Signed in as {name}: your password and where you are signed in"

PROBLEM_TITLE = "That did not work"
UNDONE = "Undone"
UNDONE_TEXT = "Everything is as it was before."
