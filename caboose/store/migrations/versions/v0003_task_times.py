"""When a task execution began and ended, as columns: a log is written in the order of time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def key() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns, filled from the records, and their index."""
    for name in ("created", "ended"):
        op.add_column("task_executions", sa.Column(name, key(), nullable=False, server_default=""))
    table = sa.table(
        "task_executions", sa.column("created", sa.Text), sa.column("ended", sa.Text), sa.column("record", sa.JSON)
    )
    dates = {
        "created": sa.func.coalesce(table.c.record["CreateDate"].as_string(), ""),
        "ended": sa.func.coalesce(table.c.record["EndDate"].as_string(), ""),
    }
    op.execute(sa.update(table).values(dates))
    op.create_index("ix_task_executions_created", "task_executions", ["execution_id", "created", "position", "ended"])
