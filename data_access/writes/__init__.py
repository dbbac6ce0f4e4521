"""Every change of the store, by name: each is one transaction and returns the row."""

from data_access.writes.cells import (
    archive_cell,
    create_cell,
    create_cells,
    delete_cell,
    restore_cell,
    unarchive_cell,
    undo_change,
    update_cell,
)
from data_access.writes.channels import assign_channel, release_channel, unassign
from data_access.writes.cycles import replace_cycles
from data_access.writes.imports import (
    claim_import,
    create_import,
    delete_import,
    discard_records,
    finish_import,
    purge_deleted,
    queue_file,
    restore_import,
    store_quarantine,
    store_source_file,
    update_import,
)
from data_access.writes.live import (
    claim_unclosed,
    ensure_channel,
    greet_agent,
    mark_closed,
    prune_batches,
    store_batches,
)
from data_access.writes.notes import create_test, delete_event, ensure_test, save_profile, save_setting, store_event

__all__ = [
    "archive_cell",
    "assign_channel",
    "claim_import",
    "claim_unclosed",
    "create_cell",
    "create_cells",
    "create_import",
    "create_test",
    "delete_cell",
    "delete_event",
    "delete_import",
    "discard_records",
    "ensure_channel",
    "ensure_test",
    "finish_import",
    "greet_agent",
    "mark_closed",
    "prune_batches",
    "purge_deleted",
    "queue_file",
    "release_channel",
    "replace_cycles",
    "restore_cell",
    "restore_import",
    "save_profile",
    "save_setting",
    "store_batches",
    "store_event",
    "store_quarantine",
    "store_source_file",
    "unarchive_cell",
    "unassign",
    "undo_change",
    "update_cell",
    "update_import",
]  # fmt: skip
