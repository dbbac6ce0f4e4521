"""Every error that Barograph raises on purpose: one tree, one form of text.

The text of an error says what is wrong, where, and what to do about it.  It is raised once, where it is
found, and shown to the person who can act on it.
"""


class BarographError(Exception):
    """Something a person can act on: what is wrong, where, and what to do."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        """Keep the three parts apart, so that a page can lay them out and the API can name them."""
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The whole message as one line.

        >>> BarographError("The file is empty", where="a.csv", remedy="Export it again.").text
        'The file is empty (a.csv). Export it again.'
        """
        place = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{place}.{remedy}"


class SettingsError(BarographError):
    """A setting, folder, port or database that the server cannot start with."""


class InvalidInputError(BarographError):
    """Values a person or a client sent that cannot be taken; `problems` names every one."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "", problems: tuple[str, ...] = ()) -> None:
        """Keep all the problems, not only the first."""
        self.problems = problems
        super().__init__(what, where=where, remedy=remedy)


class NotFoundError(BarographError):
    """An object that does not exist, or does no longer."""


class ForbiddenError(BarographError):
    """Something that this person may not do."""


class NameTakenError(BarographError):
    """A name that another object already has."""


class StaleEditError(BarographError):
    """An edit of a version that somebody else has changed since."""


class RefusedFileError(BarographError):
    """A file that cannot be read as a record of cycling; `code` names the reason."""

    def __init__(self, code: str, what: str, *, where: str = "", remedy: str = "") -> None:
        """Keep the machine-readable reason beside the text."""
        self.code = code
        super().__init__(what, where=where, remedy=remedy)


class StoreBusyError(BarographError):
    """The database was held by another writer for too long; the same request may be sent again."""


class DiskFullError(BarographError):
    """The disk has no room for what is to be stored; nothing of it was."""


class DamagedDataError(BarographError):
    """Stored bytes that are no longer what was written."""


class MissingDataError(BarographError):
    """Data without which a result is not computed."""
