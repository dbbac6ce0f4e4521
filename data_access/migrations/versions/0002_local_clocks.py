"""The date at the zero of a series' clock, where the instrument names no time zone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("series", sa.Column("local_zero_second", sa.Double(), nullable=True))
