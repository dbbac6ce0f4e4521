"""Words of the page of tokens: secrets by which programs are known."""

TITLE = "Tokens"
SUBTITLE = "for programs: an agent’s can only add rows and files to its own channels"
NEW = "New token"
HEADS = ("Name", "For", "Channels", "Made by", "Last used", "Expires", "What can be done")
KINDS = {"agent": "agent", "read": "reading"}
KIND_CHOICES = (("agent", "Agent"), ("read", "Reading"))
KIND_HELP = {
    "agent": "Sends rows and files to the channels named here, and reads nothing but their state and the file formats.",
    "read": "Reads what you may read, and changes nothing: for notebooks and scripts.",
}
ALL_PROJECTS = "reads what {name} may"
NO_MAKER = "a removed person"
REVOKE = "Revoke"
EXPIRED = "expired"
NEVER_USED = "never"
NEVER_EXPIRES = "never"

NAME = "Name"
NAME_HELP = "Such as the computer it is for."
KIND = "For"
CHANNELS = "Channels"
CHANNELS_HELP = "Choose known ones, or type the names that the agent will use and press Enter after each."
DAYS = "Expires after days"
DAYS_HELP = "Empty: never. An agent whose token has expired keeps its rows and sends them once it has another one."
DAYS_PLACEHOLDER = "never"
CREATE = "Make the token"
NEW_TITLE = "New token"
MISSING_NAME = "Enter a name."
MISSING_CHANNELS = "Name at least one channel."
WRONG_DAYS = "Whole days from 1 to {most}, or nothing."

SECRET_TITLE = "Token {name}"  # noqa: S105  # words
SECRET = "The token. It is not shown again."  # noqa: S105  # words
SECRET_AGENT = "Put it into token.txt beside agent.toml, readable only by the agent."  # noqa: S105  # words
SECRET_READ = "Send it in the header of every request:"  # noqa: S105  # words
TOML = "Lines for agent.toml"
TOML_NOTE = "One [[source]] for each channel; the rest of it is told in docs/how-to/run-the-agent.md."
HEADER = "Header"
HEADER_NOTE = "Never in an address: addresses are kept in logs."

CONFIRM_TITLE = "Revoke this token?"
CONFIRM = "The program that uses {name} is refused from now on. A revoked token cannot be brought back."
KEEP = "Keep it"

EMPTY_TITLE = "No token yet"
EMPTY_TEXT = "An agent beside an instrument needs one to send rows, a script to read them."
