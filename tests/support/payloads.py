"""The payloads of a store as a test sees them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text, update

from caboose.store import Store
from caboose.store.schema import payload_users, payload_uses, payloads

DAY = timedelta(days=1)


def counted(store: Store) -> tuple[int, int, int]:
    """How many payloads, uses and users there are."""
    with store._database.reading() as connection:
        tables = (payloads, payload_uses, payload_users)
        one, two, three = (connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
        return one, two, three


def grow_old(store: Store, span: timedelta = 2 * DAY, **user: str) -> None:
    """As if everything, or everything of one user, had been stored that long ago."""
    used = (datetime.now(UTC) - span).strftime("%Y-%m-%dT%H:%M:%SZ")
    with store._database.writing() as connection:
        connection.execute(update(payload_users).filter_by(**user).values(used=used))


@contextmanager
def away(store: Store) -> Iterator[None]:
    """While the store is another one, as it were: whatever is asked of its payloads fails."""
    _rename(store, "payloads", "hidden")
    try:
        yield
    finally:
        _rename(store, "hidden", "payloads")


def _rename(store: Store, one: str, other: str) -> None:
    with store._database.writing() as connection:
        connection.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))
