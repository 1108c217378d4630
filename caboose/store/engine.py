"""The way to the database: one pool of connections, reading and writing transactions, errors in plain words.

A writing transaction takes SQLite's write lock at its beginning. SQLite's own default takes it at the first
write, and then fails at once, whatever the busy time-out, when another process wrote in between. In
PostgreSQL both kinds are the same; the code locks the row that it is going to change.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from caboose.store.errors import (
    MIGRATE_COMMAND,
    StoreError,
    StoreNotAtHead,
    StoreUnavailable,
    StoreUrlInvalid,
)
from caboose.store.types import dump_json

BUSY_SECONDS = 30
"""How long a SQLite connection waits for another one's write."""

_UNAVAILABLE = (OperationalError, InterfaceError)
_POSTGRES = "postgresql+psycopg"
_MISSING_IN_POSTGRES = ("42P01", "42703")  # undefined table, undefined column


class Database:
    """A pool of connections to one database. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """
        Raises:
            StoreUrlInvalid: when the URL isn't that of a SQLite file or a PostgreSQL database.
        """
        self._url = _parsed(url)
        self.engine = _engine(self._url)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def place(self) -> str:
        """The database in words. Without user, password and options: a password can be in each of them."""
        if self.is_sqlite:
            return f"the SQLite file {self._url.database}"
        port = f":{self._url.port}" if self._url.port else ""
        return f"the PostgreSQL database {self._url.database or ''} at {self._url.host or 'localhost'}{port}"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that doesn't write.

        Raises:
            StoreUnavailable: when the database can't be reached or used.
            StoreNotAtHead: when a table or column is missing.
        """
        with self._errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, busy_seconds: float = BUSY_SECONDS) -> Iterator[Connection]:
        """A transaction that writes, rolled back on an exception; in SQLite it waits so long for another one's end.
        Raises what ``reading`` raises."""
        with self._errors(), self.engine.connect() as connection:
            connection.execution_options(caboose_writes=True, caboose_busy_seconds=busy_seconds)
            with connection.begin():
                yield connection

    def use_wal(self) -> None:
        """Let SQLite's readers go on while another process writes. The file remembers it."""
        if not self.is_sqlite:
            return
        with self._errors(), self.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            _switch_to_wal(driver)

    def close(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout:
            raise StoreUnavailable(f"{self.place()}: all connections are in use") from None
        except DBAPIError as error:
            # The bare DatabaseError is a file that is no database, or a broken one.
            unavailable = isinstance(error, _UNAVAILABLE) or type(error) is DatabaseError
            translated = self._translated(error.orig, unavailable)
            if translated is None:
                raise
            raise translated from None  # the chain would show statements and the URL's password
        except sqlite3.DatabaseError as error:  # from a statement sent past SQLAlchemy
            raise StoreUnavailable(f"{self.place()}: {error}") from None

    def _translated(self, error: BaseException | None, unavailable: bool) -> StoreError | None:
        text = str(error)
        if (
            getattr(error, "sqlstate", None) in _MISSING_IN_POSTGRES
            or "no such table" in text
            or "no such column" in text
        ):
            return StoreNotAtHead(f"{self.place()} is not at the newest schema: run `{MIGRATE_COMMAND}`")
        if not unavailable:
            return None
        if self._url.password:
            text = text.replace(str(self._url.password), "***")
        return StoreUnavailable(f"{self.place()} can't be used: {text.strip()}")


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername=_POSTGRES)  # the one driver that is installed
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid("the store's URL can't be read: it looks like sqlite:////folder/caboose.db") from None
    if url.drivername not in ("sqlite", "sqlite+pysqlite", _POSTGRES):
        raise StoreUrlInvalid(f"the store works with sqlite and postgresql, not with {url.drivername}")
    if url.drivername != _POSTGRES and url.database in (None, "", ":memory:"):
        raise StoreUrlInvalid("the store needs a SQLite file: a database in memory is another one in each process")
    return url


def _engine(url: URL) -> Engine:
    # Parameters are hidden because SQLAlchemy puts them into exceptions and logs.
    common: dict[str, Any] = {"hide_parameters": True, "json_serializer": dump_json}
    if url.drivername == _POSTGRES:
        return create_engine(url, pool_pre_ping=True, **common)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own: _begin_sqlite does
    connection.execute("PRAGMA foreign_keys=ON")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Tries again by itself: SQLite doesn't heed the busy time-out when two connections switch at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("caboose_writes"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(options['caboose_busy_seconds'] * 1000)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
