"""Templates with immutable versions; the record of executions and task executions.

Types are written out and not taken from the schema module, which goes on changing while this step stays as it
is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def key() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables."""
    _templates()
    _executions()
    _task_executions()


def _templates() -> None:
    op.create_table(
        "templates",
        sa.Column("name", key(), primary_key=True),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "template_versions",
        sa.Column("name", key(), sa.ForeignKey("templates.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", key(), nullable=False),
        sa.Column("description", key(), nullable=False),
        sa.Column("created", key(), nullable=False),
        sa.Column("created_by", key(), nullable=False),
    )


def _executions() -> None:
    op.create_table(
        "executions",
        sa.Column("execution_id", key(), primary_key=True),
        sa.Column("first_run_id", key(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", key(), nullable=False),
        sa.Column("template_name", key(), nullable=False),
        sa.Column("executed_by", key(), nullable=False),
        sa.Column("create_date", key(), nullable=False),
        sa.Column("start_date", key(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
    )
    op.create_index("ix_executions_start", "executions", ["start_date", "execution_id"])
    op.create_index("ix_executions_status", "executions", ["status", "start_date", "execution_id"])
    op.create_index("ix_executions_executed_by", "executions", ["executed_by", "start_date", "execution_id"])


def _task_executions() -> None:
    parent = sa.ForeignKey("executions.execution_id", ondelete="CASCADE")
    op.create_table(
        "task_executions",
        sa.Column("execution_id", key(), parent, primary_key=True),
        sa.Column("task_execution_id", key(), primary_key=True),
        sa.Column("parent_id", key(), nullable=False),
        sa.Column("position", key(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
    )
    op.create_index("ix_task_executions_position", "task_executions", ["execution_id", "position"])
    op.create_index("ix_task_executions_parent", "task_executions", ["execution_id", "parent_id", "position"])
