"""The SQL store: templates with their versions, the record of executions, large payloads. SQLite or PostgreSQL, by URL.

One ``Store`` a process; its methods block and may be called from several threads at once. Nothing here knows
what a record means: it is filed by a few of its fields and given back as it came.
"""

from typing import Self

from caboose.store.engine import Database
from caboose.store.errors import (
    InvalidNextToken,
    PayloadMissing,
    RecordInvalid,
    StoreError,
    StoreNotAtHead,
    StoreUnavailable,
    StoreUrlInvalid,
    TemplateContentInvalid,
    TemplateNameInvalid,
)
from caboose.store.executions import FINAL_STATUSES, ExecutionFilter, Executions
from caboose.store.migrate import check_at_head, migrate
from caboose.store.paging import Page
from caboose.store.payloads import Payloads
from caboose.store.retries import Retries, Retry
from caboose.store.tasks import TaskFilter
from caboose.store.templates import TemplateInfo, Templates, TemplateVersion

__all__ = [
    "FINAL_STATUSES",
    "ExecutionFilter",
    "InvalidNextToken",
    "Page",
    "PayloadMissing",
    "RecordInvalid",
    "Retry",
    "Store",
    "StoreError",
    "StoreNotAtHead",
    "StoreUnavailable",
    "StoreUrlInvalid",
    "TaskFilter",
    "TemplateContentInvalid",
    "TemplateInfo",
    "TemplateNameInvalid",
    "TemplateVersion",
]


class Store(Templates, Executions, Payloads, Retries):
    """Everything the store can do. ``Templates``, ``Executions``, ``Payloads`` and ``Retries`` hold its methods."""

    @classmethod
    def open(cls, url: str) -> Self:
        """A store at a SQLAlchemy URL; it connects when it is first used.

        Raises:
            StoreUrlInvalid: when the URL isn't that of a SQLite file or a PostgreSQL database.
        """
        return cls(Database(url))

    def migrate(self) -> None:
        """Bring the schema to head; several processes may do so at once.

        Raises:
            StoreNotAtHead: when the database was made by a newer version of Caboose.
            StoreUnavailable: when the database can't be reached or used.
        """
        migrate(self._database)

    def check_at_head(self) -> None:
        """Make sure that the schema is at head.

        Raises:
            StoreNotAtHead: with the command to run.
            StoreUnavailable: when the database can't be reached or used.
        """
        check_at_head(self._database)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()
