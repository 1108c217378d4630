"""Payloads that are too large for Temporal's histories, for as long as a workflow that uses them is known there.

A payload is kept once under its SHA-256, whoever uses it: the ids that one activity selected are the input of the next
one and a part of the result. Who uses it is a workflow id with all its runs, and not a single run: what continues as
new, is reset or retried goes on with payloads that were stored under the run before, which the server forgets earlier.

Nothing is removed unless its user has been silent for a while (``used``), and each step of a removal looks again: a
workflow that is just being started stores its input before the server knows it. Storing brings ``used`` up to date when
it is an hour old; the time that a removal leaves must be longer.

PostgreSQL lets transactions run side by side, so one could take up a payload that another one is removing, not knowing
of each other. A lock that many may share, and that a removal has alone, keeps them apart; SQLite has but one writer.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from caboose.store.engine import BUSY_SECONDS, Database
from caboose.store.errors import PayloadMissing
from caboose.store.schema import payload_users as users
from caboose.store.schema import payload_uses as uses
from caboose.store.schema import payloads

FRESH = timedelta(hours=1)
"""For so long a use that is there already isn't written again."""
_SLICE = 50
"""Payloads that are removed in one transaction, which others wait for."""
_LOCK = 0x7061796C6F616473  # "payloads": any number that nobody else in the database takes


class Payloads:
    """The payloads' part of the store. All methods raise ``StoreUnavailable`` without a working database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_payloads(
        self, namespace: str, workflow_id: str, data: Mapping[str, bytes], busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Keep payloads, by their keys, for a workflow; what is there already isn't written again.

        Args:
            namespace: of the workflow.
            workflow_id: who uses the payloads.
            data: each payload under its key, which nothing else has.
            busy_seconds: how long to wait for another process's write (SQLite).
        """
        now = datetime.now(UTC)
        user = {"namespace": namespace, "workflow_id": workflow_id}
        with self._database.reading() as connection:
            if _used_since(connection, user, now - FRESH) and _uses_all(connection, user, list(data)):
                return
        with self._database.writing(busy_seconds) as connection:
            _lock(connection, "shared")
            insert = _dialect(connection).insert
            fresh = insert(users).values(**user, used=_date(now))
            key = [users.c.namespace, users.c.workflow_id]
            connection.execute(fresh.on_conflict_do_update(index_elements=key, set_={"used": fresh.excluded.used}))
            known = connection.execute(select(payloads.c.key).where(payloads.c.key.in_(list(data)))).scalars().all()
            # in one order: two transactions that insert the same keys the other way round would wait for each other
            for each in sorted(set(data) - set(known)):
                connection.execute(insert(payloads).values(key=each, data=data[each]).on_conflict_do_nothing())
            rows = [{**user, "key": each} for each in sorted(data)]
            connection.execute(insert(uses).on_conflict_do_nothing(), rows)

    def get_payloads(self, keys: Sequence[str]) -> list[bytes]:
        """The payloads of these keys, in this order.

        Raises:
            PayloadMissing: when one of them isn't there.
        """
        query = select(payloads.c.key, payloads.c.data).where(payloads.c.key.in_(list(dict.fromkeys(keys))))
        with self._database.reading() as connection:
            found: dict[str, bytes] = {row.key: row.data for row in connection.execute(query)}
        missing = [key for key in keys if key not in found]
        if missing:
            raise PayloadMissing(
                f"{self._database.place()} has no payload {missing[0]}: it was stored in another database, "
                "or this one was restored from an older copy"
            )
        return [found[key] for key in keys]

    def silent_payload_users(self, namespace: str, since: datetime, limit: int = 500) -> list[str]:
        """The workflows of a namespace that have stored nothing, and weren't found to be known, since then; the ones
        that have been silent longest come first."""
        query = select(users.c.workflow_id).where(users.c.namespace == namespace, users.c.used < _date(since))
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(users.c.used).limit(limit)).scalars())

    def keep_payloads(self, namespace: str, workflow_id: str) -> None:
        """This workflow is still known: it counts as used now."""
        with self._database.writing() as connection:
            this = update(users).filter_by(namespace=namespace, workflow_id=workflow_id)
            connection.execute(this.values(used=_date(datetime.now(UTC))))

    def remove_payloads(self, namespace: str, workflow_id: str, silent_since: datetime) -> int:
        """Forget a workflow, and remove what nobody else uses; stops when it has stored something since then.

        Returns the number of payloads that were removed.
        """
        user = {"namespace": namespace, "workflow_id": workflow_id}
        removed = 0
        while True:
            with self._database.writing() as connection:
                _lock(connection, "exclusive")
                if _used_since(connection, user, silent_since):
                    return removed
                keys = connection.execute(select(uses.c.key).filter_by(**user).limit(_SLICE)).scalars().all()
                if not keys:
                    connection.execute(delete(users).filter_by(**user))
                    return removed
                connection.execute(delete(uses).filter_by(**user).where(uses.c.key.in_(keys)))
                unused = ~exists().where(uses.c.key == payloads.c.key)
                removed += connection.execute(delete(payloads).where(payloads.c.key.in_(keys), unused)).rowcount


def _used_since(connection: Connection, user: Mapping[str, str], moment: datetime) -> bool:
    used: str | None = connection.execute(select(users.c.used).filter_by(**user)).scalar_one_or_none()
    return used is not None and used >= _date(moment)


def _uses_all(connection: Connection, user: Mapping[str, str], keys: list[str]) -> bool:
    found = connection.execute(select(uses.c.key).filter_by(**user).where(uses.c.key.in_(keys)))
    return len(found.all()) == len(keys)


def _lock(connection: Connection, kind: str) -> None:
    if connection.dialect.name == "postgresql":
        shared = "_shared" if kind == "shared" else ""
        connection.execute(text(f"SELECT pg_advisory_xact_lock{shared}(:key)"), {"key": _LOCK})


def _dialect(connection: Connection) -> Any:
    return postgresql if connection.dialect.name == "postgresql" else sqlite


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
