"""Words of the doors: signing in and out, and the links by which a password is chosen."""

SIGN_IN_TITLE = "Sign in"
LOGIN = "Sign-in name"
NAME = "Name"
PASSWORD = "Password"  # noqa: S105 - a label
NEW_PASSWORD = "New password"  # noqa: S105 - a label
REPEAT = "The same once more"
SIGN_IN = "Sign in"
FORGOTTEN = "Whoever administers Barograph can give you a link to choose another password."
SIGNED_OUT = "You are signed out."
BOTH_NEEDED = "Sign-in name and password are needed."

FIRST_TITLE = "First administrator"
FIRST_TEXT = "Nobody can sign in here yet. Choose how you will: you can then invite others."
INVITATION_TITLE = "Welcome, {name}"
INVITATION_TEXT = "Choose a password. Your sign-in name is {login}."
RESET_TITLE = "New password for {name}"
RESET_TEXT = "The password of {login} is replaced, and every browser is signed out."
LENGTH = "At least {shortest} characters; a few words that belong to you alone are good."
NOT_THE_SAME = "The two passwords differ."
CHOOSE = "Save and sign in"
NO_LINK_TITLE = "This link does not work"
NO_LINK_TEXT = "It has been used, or is too old. Ask whoever administers Barograph for a new one."
TO_SIGN_IN = "To the sign-in page"

INSECURE = "This connection is not encrypted: whoever listens on this network can read passwords and data."
WALL_TITLE = "Wall"
