"""`python -m prepare`: brings the database up to date and, with --demo, loads the example experiment.

A program of its own, so that the supervisor, which stays for as long as the server runs, remains small.
"""

import argparse
import os
import sys

from data_access.audit import append_audit
from data_access.database import check_url, migrate, open_engine, writing
from data_access.queries import has_administrator
from data_access.writes import first_link
from demo.example import load_example
from demo.stream import prepare_stream
from pressiometry.errors import SettingsError
from settings import Settings


def prepare_database(url: str, *, with_example: bool = False) -> None:
    """Migrate the database, and load the example experiment where it is asked for and absent.

    Raises SettingsError where the database cannot be opened or is of a newer version.
    """
    check_url(url)
    engine = open_engine(url)
    try:
        migrate(engine)
        if with_example:
            sys.stdout.write("Preparing the example experiment: twelve synthetic cells.\n")
            sys.stdout.flush()
            load_example(engine)
    finally:
        engine.dispose()


def prepare_live_cells(settings: Settings, server: str) -> None:
    """Make the cells that are cycled while one watches, anew, and the settings of the agent that sends them."""
    engine = open_engine(settings.database_url)
    try:
        prepare_stream(engine, settings.data_dir / "live", server)
    finally:
        engine.dispose()


def begin_with_accounts(settings: Settings) -> str:
    """Return the secret of the link that makes the first administrator; empty where somebody can sign in as one.

    Each start makes another one until it is used: whoever may start the server may have it.  The log has how the
    server was opened to the network.
    """
    engine = open_engine(settings.database_url)
    opened = ("host", "port", "trusted_proxy", "insecure_lan", "trusted_hosts", "public_wall")
    try:
        with writing(engine) as session:
            append_audit(session, "server started", details={name: getattr(settings, name) for name in opened})
        return "" if has_administrator(engine) else first_link(engine)
    finally:
        engine.dispose()


def main(arguments: list[str] | None = None) -> int:
    """Prepare the database that the environment names; return the exit code."""
    parser = argparse.ArgumentParser(prog="prepare", description="Prepares Barograph's database.")
    parser.add_argument("--demo", action="store_true", help="load the example experiment, if it is absent")
    parser.add_argument(
        "--stream-to", default="", help="address that two synthetic cells are streamed to while they run"
    )
    parser.add_argument("--first-link-to", type=int, default=-1, help="file descriptor to write the first link to")
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_environment()
        prepare_database(settings.database_url, with_example=options.demo)
        if options.stream_to:
            prepare_live_cells(settings, options.stream_to)
        if options.first_link_to >= 0 and settings.accounts:
            with os.fdopen(options.first_link_to, "w") as told:
                told.write(begin_with_accounts(settings))
    except SettingsError as error:
        sys.stderr.write(" ".join(error.text.split()) + "\n")  # a driver's message may have several lines
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
