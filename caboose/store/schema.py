"""The tables. Records are JSON documents; the columns beside them are what listings filter and sort by.

The shape of a record belongs to the workflow that makes it, so a new field needs no migration. Road not
taken: a table for every part of a record. Nothing but the execution's own page reads those parts, and it
reads all of them. A change here needs a new file in ``migrations/versions``; a test compares the two.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from caboose.store.types import Key

metadata = MetaData()

templates = Table(
    "templates",
    metadata,
    Column("name", Key, primary_key=True),
    # Grows for ever: a deleted name that comes back goes on counting, so that no version ever changes.
    Column("last_version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
)

template_versions = Table(
    "template_versions",
    metadata,
    Column("name", Key, ForeignKey("templates.name", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("hash", Key, nullable=False),
    Column("description", Key, nullable=False),
    Column("created", Key, nullable=False),
    Column("created_by", Key, nullable=False),
)

executions = Table(
    "executions",
    metadata,
    Column("execution_id", Key, primary_key=True),
    Column("first_run_id", Key, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", Key, nullable=False),
    Column("template_name", Key, nullable=False),
    Column("executed_by", Key, nullable=False),
    Column("create_date", Key, nullable=False),
    Column("start_date", Key, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("record", JSON, nullable=False),
)

# Listings are sorted by start, newest first, and go on after (start_date, execution_id): the order of each index.
Index("ix_executions_start", executions.c.start_date, executions.c.execution_id)
Index("ix_executions_status", executions.c.status, executions.c.start_date, executions.c.execution_id)
Index("ix_executions_executed_by", executions.c.executed_by, executions.c.start_date, executions.c.execution_id)

task_executions = Table(
    "task_executions",
    metadata,
    Column("execution_id", Key, ForeignKey("executions.execution_id", ondelete="CASCADE"), primary_key=True),
    Column("task_execution_id", Key, primary_key=True),
    Column("parent_id", Key, nullable=False),
    Column("position", Key, nullable=False),
    Column("record", JSON, nullable=False),
    Column("created", Key, nullable=False, server_default=""),
    Column("ended", Key, nullable=False, server_default=""),
)

Index("ix_task_executions_position", task_executions.c.execution_id, task_executions.c.position)
Index(
    "ix_task_executions_parent",
    task_executions.c.execution_id,
    task_executions.c.parent_id,
    task_executions.c.position,
)
# In the order of time, in which a log is written; it skips what had ended by reading no more than this.
Index(
    "ix_task_executions_created",
    task_executions.c.execution_id,
    task_executions.c.created,
    task_executions.c.position,
    task_executions.c.ended,
)

# Payloads too large for Temporal's histories, each there once under its SHA-256, whoever uses it.
payloads = Table(
    "payloads",
    metadata,
    Column("key", Key, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# Who uses payloads: a workflow id with all its runs. ``used``: when it last stored one, or was last found to be known.
payload_users = Table(
    "payload_users",
    metadata,
    Column("namespace", Key, primary_key=True),
    Column("workflow_id", Key, primary_key=True),
    Column("used", Key, nullable=False),
)

Index("ix_payload_users_used", payload_users.c.namespace, payload_users.c.used)

payload_uses = Table(
    "payload_uses",
    metadata,
    Column("namespace", Key, primary_key=True),
    Column("workflow_id", Key, primary_key=True),
    Column("key", Key, primary_key=True),
)

Index("ix_payload_uses_key", payload_uses.c.key)

# Which execution retries which failed one, by first runs: one at most.
retries = Table(
    "retries",
    metadata,
    Column("first_run_id", Key, primary_key=True),
    Column("retried_by", Key, nullable=False),
    Column("retried_by_run", Key, nullable=False),
)
