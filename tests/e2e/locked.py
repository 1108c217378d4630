"""The store while nobody can write it: another process holds its file, as a long migration or a backup would."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.support.stack import Stack


@contextmanager
def locked_store(stack: Stack) -> Iterator[None]:
    """Holds the store's SQLite file by an open write transaction; readers aren't kept out."""
    file = f"{stack.env['CABOOSE_DATA_DIR']}/caboose.db"
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
