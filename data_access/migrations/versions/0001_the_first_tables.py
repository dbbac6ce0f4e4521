"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["undoes_id"], ["change.id"], name=op.f("fk_change_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_kind_object_id", "change", ["kind", "object_id"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_table(
        "source_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_source_file_sha256")),
    )
    op.create_table(
        "cell",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("plating_time_min", sa.Double(), nullable=True),
        sa.Column("group_label", sa.String(), nullable=True),
        sa.Column("cell_type", sa.String(), nullable=False),
        sa.Column("active_mass_mg", sa.Double(), nullable=True),
        sa.Column("loading_mg_per_cm2", sa.Double(), nullable=True),
        sa.Column("electrode_diameter_mm", sa.Double(), nullable=False),
        sa.Column("force_diameter_mm", sa.Double(), nullable=False),
        sa.Column("fixture_stiffness_mpa_per_um", sa.Double(), nullable=True),
        sa.Column("pressure_resolution_kgf", sa.Double(), nullable=False),
        sa.Column("mass_uncertainty_percent", sa.Double(), nullable=False),
        sa.Column("area_uncertainty_percent", sa.Double(), nullable=False),
        sa.Column("force_gain_uncertainty_percent", sa.Double(), nullable=False),
        sa.Column("nominal_capacity_mah", sa.Double(), nullable=True),
        sa.Column("temperature_celsius", sa.Double(), nullable=True),
        sa.Column("applied_pressure_mpa", sa.Double(), nullable=True),
        sa.Column("estimator", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("properties", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("formation_cycles", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.String(), nullable=True),
        sa.Column("cycle_attrs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_cell_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell")),
    )
    op.create_index(
        "uq_cell_name",
        "cell",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

    op.create_table(
        "profile",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_profile_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_profile_fingerprint")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_setting_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_setting_name")),
    )
    op.create_table(
        "event",
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("start_second", sa.Double(), nullable=True),
        sa.Column("end_second", sa.Double(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_event_cell_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_event_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_cell_id"), "event", ["cell_id"], unique=False)

    op.create_table(
        "import_job",
        sa.Column("cell_id", sa.Integer(), nullable=True),
        sa.Column("source_file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("confirm", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("format", sa.String(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_stored", sa.Integer(), nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), nullable=False),
        sa.Column("rows_duplicate", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("assumptions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("questions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("preview", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("error_number", sa.String(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_import_job_cell_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_import_job_project_id")),
        sa.ForeignKeyConstraint(["source_file_id"], ["source_file.id"], name=op.f("fk_import_job_source_file_id")),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["import_job.id"], name=op.f("fk_import_job_superseded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_index(op.f("ix_import_job_cell_id"), "import_job", ["cell_id"], unique=False)
    op.create_index(op.f("ix_import_job_source_file_id"), "import_job", ["source_file_id"], unique=False)
    op.create_index(op.f("ix_import_job_status"), "import_job", ["status"], unique=False)
    op.create_index(op.f("ix_import_job_superseded_by_id"), "import_job", ["superseded_by_id"], unique=False)

    op.create_table(
        "test",
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_test_cell_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_test_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test")),
    )
    op.create_index(op.f("ix_test_cell_id"), "test", ["cell_id"], unique=False)

    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=True),
        sa.Column("cycle_count", sa.Integer(), nullable=True),
        sa.Column("formation_count", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("start_second", sa.Double(), nullable=False),
        sa.Column("end_second", sa.Double(), nullable=False),
        sa.Column("masked", sa.Integer(), nullable=False),
        sa.Column("results", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("curves", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_cycle_cell_id")),
        sa.ForeignKeyConstraint(["test_id"], ["test.id"], name=op.f("fk_cycle_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
    )
    op.create_index("ix_cycle_cell_id_start_second", "cycle", ["cell_id", "start_second"], unique=False)
    op.create_index(op.f("ix_cycle_test_id"), "cycle", ["test_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("offset_second", sa.Double(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_job.id"], name=op.f("fk_series_import_id")),
        sa.ForeignKeyConstraint(["test_id"], ["test.id"], name=op.f("fk_series_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_import_id"), "series", ["import_id"], unique=False)
    op.create_index(op.f("ix_series_test_id"), "series", ["test_id"], unique=False)

    op.create_table(
        "chunk",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.String(), nullable=False),
        sa.Column("seq0", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq1", sa.BigInteger(), nullable=False),
        sa.Column("t0", sa.Double(), nullable=False),
        sa.Column("t1", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("min", sa.Double(), nullable=True),
        sa.Column("max", sa.Double(), nullable=True),
        sa.Column("first", sa.Double(), nullable=True),
        sa.Column("last", sa.Double(), nullable=True),
        sa.Column("codec", sa.String(), nullable=False),
        sa.Column("crc", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_chunk_series_id")),
        sa.PrimaryKeyConstraint("series_id", "import_id", "level", "quantity", "seq0", name=op.f("pk_chunk")),
    )
    op.create_index(
        "ix_chunk_time",
        "chunk",
        ["series_id", "import_id", "quantity", "level", "t1", "t0", "seq0", "seq1", "n"],
        unique=False,
    )

    op.create_table(
        "gap",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start_second", sa.Double(), nullable=False),
        sa.Column("end_second", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_gap_series_id")),
        sa.PrimaryKeyConstraint("series_id", "import_id", "sequence", name=op.f("pk_gap")),
    )
    op.create_table(
        "hot",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("test_time_second", sa.Float(precision=53), nullable=True),
        sa.Column("unix_time_second", sa.Float(precision=53), nullable=True),
        sa.Column("voltage_volt", sa.Float(precision=53), nullable=True),
        sa.Column("current_ampere", sa.Float(precision=53), nullable=True),
        sa.Column("instrument_cycle_count", sa.Float(precision=53), nullable=True),
        sa.Column("step_count", sa.Float(precision=53), nullable=True),
        sa.Column("record_index", sa.Float(precision=53), nullable=True),
        sa.Column("cycle_charging_capacity_ah", sa.Float(precision=53), nullable=True),
        sa.Column("cycle_discharging_capacity_ah", sa.Float(precision=53), nullable=True),
        sa.Column("surface_temperature_celsius", sa.Float(precision=53), nullable=True),
        sa.Column("ambient_temperature_celsius", sa.Float(precision=53), nullable=True),
        sa.Column("surface_pressure_mpa", sa.Float(precision=53), nullable=True),
        sa.Column("force_newton", sa.Float(precision=53), nullable=True),
        sa.Column("analogue_input_volt", sa.Float(precision=53), nullable=True),
        sa.Column("thickness_micrometre", sa.Float(precision=53), nullable=True),
        sa.Column("strain", sa.Float(precision=53), nullable=True),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_hot_series_id")),
        sa.PrimaryKeyConstraint("series_id", "import_id", "sequence", name=op.f("pk_hot")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hot_series_id_time", "hot", ["series_id", "import_id", "test_time_second"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_quarantine_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_import_id"), "quarantine", ["import_id"], unique=False)
    op.create_index(op.f("ix_quarantine_series_id"), "quarantine", ["series_id"], unique=False)

    op.create_table(
        "strand",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_strand_series_id")),
        sa.PrimaryKeyConstraint("series_id", "import_id", name=op.f("pk_strand")),
    )
    op.create_index(op.f("ix_strand_import_id"), "strand", ["import_id"], unique=False)

    op.execute("INSERT INTO project (version, created_at, name) VALUES (1, CURRENT_TIMESTAMP, 'default')")
    forbid_edits_of_changes()


def forbid_edits_of_changes() -> None:
    """The change table serves undo and audit: rows are added, never edited or deleted."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER change_no_{verb.lower()} BEFORE {verb} ON change "
                "BEGIN SELECT RAISE(ABORT, 'the change table is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the change table is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER change_no_edit BEFORE UPDATE OR DELETE ON change "
        "FOR EACH ROW EXECUTE FUNCTION change_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER change_no_truncate BEFORE TRUNCATE ON change "
        "FOR EACH STATEMENT EXECUTE FUNCTION change_is_append_only()"
    )
