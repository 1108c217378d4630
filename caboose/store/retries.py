"""Which execution retries which failed one: one at most, because two would do the same items twice.

A Temporal client may use a workflow id again, so an execution is known by its first run's id. Rows are small and stay.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from caboose.store.engine import Database
from caboose.store.schema import retries


@dataclass(frozen=True)
class Retry:
    """The execution that retries another one: its id, and the id of its first run."""

    execution_id: str
    first_run_id: str


class Retries:
    """The retries' part of the store. All methods raise ``StoreUnavailable`` without a working database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_retry(self, failed_run_id: str, by: Retry) -> Retry:
        """Give the retry of a failed execution to ``by``, unless another one has it; returns the one that has it now.

        Claiming again changes nothing: an activity may be tried again.

        Args:
            failed_run_id: the first run of the execution that failed.
            by: the execution that wants to retry it.
        """
        row = {"first_run_id": failed_run_id, "retried_by": by.execution_id, "retried_by_run": by.first_run_id}
        with self._database.writing() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            connection.execute(dialect.insert(retries).values(row).on_conflict_do_nothing())
            return _found(connection, failed_run_id) or by

    def find_retry(self, failed_run_id: str) -> Retry | None:
        """The execution that retries the failed one with this first run."""
        with self._database.reading() as connection:
            return _found(connection, failed_run_id)


def _found(connection: Connection, failed_run_id: str) -> Retry | None:
    query = select(retries.c.retried_by, retries.c.retried_by_run).where(retries.c.first_run_id == failed_run_id)
    row = connection.execute(query).first()
    return Retry(row.retried_by, row.retried_by_run) if row else None
