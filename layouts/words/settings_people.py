"""Words of the page of people and their roles."""

TITLE = "People"
SUBTITLE = "viewer reads · operator imports and edits · admin manages people, tokens and projects"
INVITE = "Invite"
SHOW_REMOVED = "Show removed"
COUNT_REMOVED_ONE = "1 person was removed"
COUNT_REMOVED_MANY = "{count} people were removed"

HEAD_NAME = "Name"
HEAD_LOGIN = "Sign-in"
HEAD_ROLE = "Role"
HEAD_SEEN = "Seen"
HEAD_ACTS = "What can be done"
ROLE_LABEL = "Role of {name}"
ROLE_IN_LABEL = "Role of {name} in {project}"
ROLE_CHOICES = {"viewer": "viewer", "operator": "operator", "admin": "admin"}
WHOLE_CHOICES = {"by project": "by project", "admin": "admin"}
PROJECT_CHOICES = {"none": "no access", "viewer": "viewer", "operator": "operator"}
WHOLE = "all of it"
NEVER_SEEN = "never"
NO_PASSWORD = "invited"  # noqa: S105  # words
NO_PASSWORD_TITLE = "No password was chosen yet with the link of the invitation"  # noqa: S105  # words
REMOVED_AT = "removed {when}"
RESET = "New password"
REINVITE = "New link"
REMOVE = "Remove"
RESTORE = "Restore"
LAST_ADMIN = (
    "{name} is the only administrator: somebody else must be one before this role can change or the person can go."
)
LAST_ADMIN_SHORT = "only admin"

NAME = "Name"
NAME_HELP = "As others see it."
LOGIN = "Sign-in"
LOGIN_HELP = "What is typed to sign in: an e-mail address or a short name. Upper and lower case are the same."
ROLE_HELP = "Administrators see and edit every project."
CREATE = "Make the invitation"
INVITE_TITLE = "Invite somebody"
MISSING_NAME = "Enter a name."
MISSING_LOGIN = "Enter what is typed to sign in."

LINK_TITLE = "Invitation for {name}"
RESET_TITLE = "New password for {name}"
LINK = "Give this link to {name}. It works once, until {until}, and is not shown again."
LINK_NOTE = "Barograph sends no mail: send it by a way that only {name} reads."
RESET_NOTE = "The old password works until a new one is chosen with this link."

ROLE_CHANGED = "{name}: {role}"
ROLE_CHANGED_IN = "{name}: {role} in {project}"
ROLE_CHANGED_TEXT = "Holds from the next thing that {name} does."
REMOVED = "{name} was removed"
REMOVED_TEXT = "Signed out everywhere, and tokens made by {name} no longer work."
RESTORED = "{name} is back"
RESTORED_TEXT = "With the password and the roles from before."
UNDONE = "{name} has the roles from before"
