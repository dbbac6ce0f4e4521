"""A channel that is given to a cell, and what follows: pressure by the cell's area, cycles, files that waited."""

from sqlalchemy import Engine

from data_access.models import Channel, Import
from data_access.queries import load_channel_cells, load_imports_of_channels
from data_access.writes import assign_channel, update_import
from ingest.close_cycles import close_cycles
from ingest.storing import refresh_pressure


def assign(
    engine: Engine, name: str, cell_id: int | None, *, version: int, from_sequence: int | None = None
) -> Channel:
    """The channel, whose rows from a sequence number on are those of the cell; None: kept for no cell.

    The cells that lose rows get their cycles computed anew; those of the cell that gets them follow by the worker.
    Files that the channel sent are imported into it.  Errors: see data_access.writes.assign_channel.
    """
    before = load_channel_cells(engine, name)
    channel = assign_channel(engine, name, cell_id, version=version, from_sequence=from_sequence)
    if cell_id is not None:
        refresh_pressure(engine, cell_id)
        adopt_files(engine)
    for lost in before - {cell_id}:
        close_cycles(engine, lost)
    return channel


def adopt_files(engine: Engine) -> list[Import]:
    """The imports, queued, of files that came on a channel before it had a cell and now have one."""
    adopted = []
    for job, cell_id in load_imports_of_channels(engine):
        queued = update_import(
            engine, job.id, only_if={"queued", "asks"}, cell_id=cell_id, status="queued", progress=0.0, attempts=0
        )
        if queued is not None:
            adopted.append(queued)
    return adopted
