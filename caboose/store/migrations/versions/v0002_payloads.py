"""Payloads that are too large for Temporal's histories, and which workflows use them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def key() -> sa.types.TypeEngine[str]:
    """Text that is compared byte by byte."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of payloads."""
    op.create_table(
        "payloads",
        sa.Column("key", key(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "payload_users",
        sa.Column("namespace", key(), primary_key=True),
        sa.Column("workflow_id", key(), primary_key=True),
        sa.Column("used", key(), nullable=False),
    )
    op.create_index("ix_payload_users_used", "payload_users", ["namespace", "used"])
    op.create_table(
        "payload_uses",
        sa.Column("namespace", key(), primary_key=True),
        sa.Column("workflow_id", key(), primary_key=True),
        sa.Column("key", key(), primary_key=True),
    )
    op.create_index("ix_payload_uses_key", "payload_uses", ["key"])
