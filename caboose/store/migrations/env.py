"""Alembic runs this file for every command. The connection, in a transaction already, comes from ``migrate.py``."""

from alembic import context

from caboose.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
