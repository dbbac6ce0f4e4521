"""Channels, batches, faults and agents of live rows; series that belong to no test yet."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_agent")),
    )
    op.create_table(
        "batch",
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_received_at", "batch", ["received_at"], unique=False)
    op.create_table(
        "channel",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("refused_agent", sa.String(), nullable=True),
        sa.Column("cell_id", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=True),
        sa.Column("last_unix_second", sa.Double(), nullable=True),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("usual_interval_second", sa.Double(), nullable=True),
        sa.Column("usual_delivery_second", sa.Double(), nullable=True),
        sa.Column("last_test_time_second", sa.Double(), nullable=True),
        sa.Column("last_monotonic_second", sa.Double(), nullable=True),
        sa.Column("clock_shift_second", sa.Double(), nullable=False),
        sa.Column("same_agent_as", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_channel_cell_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_channel_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
    )
    op.create_index("ix_channel_cell_id", "channel", ["cell_id"], unique=False)
    op.create_index(
        "uq_channel_name",
        "channel",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "fault",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_fault_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fault")),
    )
    op.create_index("ix_fault_channel_id_code", "fault", ["channel_id", "code"], unique=False)
    for name in ("monotonic_second", "received_unix_second", "utc_offset_second"):
        op.add_column("hot", sa.Column(name, sa.Float(53), nullable=True))
    op.add_column("cell", sa.Column("cycles_revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cell", sa.Column("closed_with", sa.String(), nullable=True))
    op.add_column("cycle", sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("import_job") as table:
        table.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_import_job_channel_id"), "channel", ["channel_id"], ["id"])
    op.create_index("ix_import_job_channel_id", "import_job", ["channel_id"], unique=False)
    with op.batch_alter_table("quarantine") as table:
        table.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_quarantine_channel_id"), "channel", ["channel_id"], ["id"])
    op.create_index("ix_quarantine_channel_id", "quarantine", ["channel_id"], unique=False)
    with op.batch_alter_table("series") as table:
        table.alter_column("test_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_series_channel_id"), "channel", ["channel_id"], ["id"])
        table.add_column(sa.Column("from_sequence", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("unix_zero_second", sa.Double(), nullable=True))
        table.add_column(sa.Column("pressure_from_force", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("late_revision", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("unclosed_from_second", sa.Double(), nullable=True))
        table.add_column(sa.Column("closing_from_second", sa.Double(), nullable=True))
        table.add_column(sa.Column("closing_revision", sa.Integer(), nullable=True))
    op.create_index("ix_series_channel_id", "series", ["channel_id"], unique=False)
