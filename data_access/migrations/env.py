"""Alembic's way in: it upgrades the connection that `data_access.database.migrate` hands over."""

from alembic import context

from data_access.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
