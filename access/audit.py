"""`python -m access.audit verify --database-url URL`: whether the log of who did what is as it was written.

Each entry holds the hash of itself and the one before: what was changed or taken out between two entries is found.
What was cut off at the end is not; compare the last hash with that of the server's own log.
"""

import argparse
import sys

from data_access.database import check_url, open_engine
from data_access.queries import first_broken_audit, load_audit
from pressiometry.errors import BarographError


def verify(url: str) -> tuple[str, bool]:
    """Return what is found, as one sentence, and whether every entry follows from the one before."""
    check_url(url)
    engine = open_engine(url)
    try:
        count, broken = first_broken_audit(engine)
        last = load_audit(engine, 1)
    finally:
        engine.dispose()
    if broken is not None:
        return f"Entry {broken} is not what was written, or one before it is missing; {count} before it are.", False
    if not last:
        return "The log is empty.", True
    return f"All {count} entries follow from one another. The last is {last[0].id}, sha256 {last[0].sha256}.", True


def main(arguments: list[str] | None = None) -> int:
    """Say what is found; return 0 where the log is whole, else 1."""
    parser = argparse.ArgumentParser(prog="access.audit", description="Checks the log of who did what.")
    parser.add_argument("command", choices=["verify"])
    parser.add_argument("--database-url", required=True, help="as BAROGRAPH_DATABASE_URL")
    options = parser.parse_args(arguments)
    try:
        said, whole = verify(options.database_url)
    except BarographError as error:
        said, whole = error.text, False
    (sys.stdout if whole else sys.stderr).write(f"{said}\n")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
