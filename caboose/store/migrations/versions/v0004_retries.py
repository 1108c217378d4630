"""Which execution retries which failed one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def key() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of retries."""
    op.create_table(
        "retries",
        sa.Column("first_run_id", key(), primary_key=True),
        sa.Column("retried_by", key(), nullable=False),
        sa.Column("retried_by_run", key(), nullable=False),
    )
