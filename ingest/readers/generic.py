"""Any table of text whose header has names that are known: CSV, TSV, semicolons, blanks; any encoding."""

from ingest.readers.profile import Profile

PROFILE = Profile(name="generic", title="Text table")
