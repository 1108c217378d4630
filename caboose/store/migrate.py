"""Bringing the schema to head, by Alembic, from a program and not from alembic.ini.

Several processes may do it at once at their start: the whole upgrade is one transaction, which SQLite's write
lock or an advisory lock of PostgreSQL lets only one of them run; the others then find nothing left to do.
Road not taken: a lock file, which outlives a killed process and says nothing to a process on another machine.
"""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from caboose.store.engine import Database
from caboose.store.errors import MIGRATE_COMMAND, StoreNotAtHead

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x6361626F6F7365  # "caboose": any number that nobody else in the database takes
_one_at_a_time = threading.Lock()
"""Alembic keeps the migration that runs in a global."""


def migrate(database: Database) -> None:
    """Upgrade to head; nothing happens when it is there already.

    Raises:
        StoreNotAtHead: when the database was made by a newer version of Caboose.
        StoreUnavailable: when the database can't be reached or used.
    """
    database.use_wal()
    with _one_at_a_time, database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _refuse_newer(connection, database)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_at_head(database: Database) -> None:
    """Make sure that the schema is at head.

    Raises:
        StoreNotAtHead: with the command to run.
        StoreUnavailable: when the database can't be reached or used.
    """
    with database.reading() as connection:
        _refuse_newer(connection, database)
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if current != head:
        raise StoreNotAtHead(
            f"{database.place()} is at schema {current or 'none'} and not at {head}: run `{MIGRATE_COMMAND}`"
        )


def _refuse_newer(connection: Connection, database: Database) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return
    try:
        ScriptDirectory.from_config(_config()).get_revision(current)
    except CommandError:
        raise StoreNotAtHead(
            f"{database.place()} is at schema {current}, which this version of Caboose doesn't know: "
            f"start the version that made it, or a newer one (`{MIGRATE_COMMAND}` can't go back)"
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
