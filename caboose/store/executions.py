"""The record of executions and task executions, as the workflow last reported it.

A record is a document that carries a growing ``Revision``. Writes may arrive late or twice (an activity that
was lost and tried again), so a write counts only when it is newer than what is there, and a final status
stays. The record and its task executions are written in one transaction: a reader never sees one without the
other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from caboose.store.errors import RecordInvalid
from caboose.store.paging import Page, page_of, page_size, read_token
from caboose.store.schema import executions
from caboose.store.tasks import KEPT_PLACE, TaskExecutions, forget_tasks, task_row, upsert_tasks
from caboose.store.types import Key

FINAL_STATUSES = ("Success", "Failed", "Cancelled")

NOT_LISTED = ("Parameters", "Outputs", "Warnings", "Notes", "Approvals", "Decisions", "Tasks")
"""Fields that can be large and that a listing leaves out."""

Document = dict[str, Any]


@dataclass(frozen=True)
class ExecutionFilter:
    """What a listing of executions shows. Dates are those of the start; both ends belong to the range."""

    status: str = ""
    template_name: str = ""
    """A part of the name, in any case."""
    executed_by: str = ""
    started_after: datetime | None = None
    started_before: datetime | None = None


class Executions(TaskExecutions):
    """The executions' part of the store. All methods raise ``StoreUnavailable`` without a working database."""

    def save_execution(self, record: Document, task_executions: list[Document]) -> bool:
        """Store a record with task executions; those it doesn't name stay. False when a newer record is there.

        Raises:
            RecordInvalid: when an id, the status or the revision is missing.
        """
        row = _row(record)
        task_rows = [task_row(row["execution_id"], task) for task in task_executions]
        with self._database.writing() as connection:
            if not _store(connection, row):
                return False
            if task_rows:
                upsert_tasks(connection, task_rows)
            return True

    def get_execution(self, execution_id: str) -> Document | None:
        """The record, or None when there is none."""
        query = select(executions.c.record).where(
            executions.c.execution_id == execution_id, executions.c.revision != KEPT_PLACE
        )
        with self._database.reading() as connection:
            record: Document | None = connection.execute(query).scalar_one_or_none()
        return record

    def list_executions(
        self, only: ExecutionFilter | None = None, *, max_results: int = 50, next_token: str = ""
    ) -> Page[Document]:
        """Records without the fields of ``NOT_LISTED``, the last started first.

        Raises:
            InvalidNextToken: when the token isn't one of this listing.
        """
        query = executions_query(only or ExecutionFilter(), next_token).limit(page_size(max_results))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        key = ("start_date", "execution_id")
        return page_of("executions", rows, max_results, _summary, lambda row: tuple(row._mapping[k] for k in key))


def executions_query(only: ExecutionFilter, next_token: str) -> Select[Any]:
    """The listing's statement. Each index of the table holds its order: nothing is sorted or read to the end."""
    table = executions.c
    query = select(table.execution_id, table.start_date, table.summary).where(table.revision != KEPT_PLACE)
    if only.status:
        query = query.where(table.status == only.status)
    if only.executed_by:
        query = query.where(table.executed_by == only.executed_by)
    if only.template_name:
        query = query.where(table.template_name.icontains(only.template_name, autoescape=True))
    if only.started_after:
        query = query.where(table.start_date >= _date(only.started_after))
    if only.started_before:
        query = query.where(table.start_date <= _date(only.started_before))
    if next_token:
        query = query.where(_below(read_token("executions", next_token, 2)))
    return query.order_by(table.start_date.desc(), table.execution_id.desc())


def _below(key: tuple[str, ...]) -> ColumnElement[bool]:
    return tuple_(executions.c.start_date, executions.c.execution_id) < tuple_(*key, types=(Key, Key))


def _store(connection: Connection, row: Document) -> bool:
    """Insert the record, or update an older one; whether anything was written."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(executions).values(row).on_conflict_do_nothing().returning(executions.c.execution_id)
    if connection.execute(new).first() is not None:
        return True
    this = executions.c.execution_id == row["execution_id"]
    deciding = executions.c["first_run_id", "revision", "status", "create_date"]
    stored = connection.execute(select(*deciding).where(this).with_for_update()).one()
    if not _supersedes(row, stored):
        return False
    if row["first_run_id"] != stored.first_run_id:
        forget_tasks(connection, row["execution_id"])
    connection.execute(update(executions).where(this).values(row))
    return True


def _supersedes(row: Document, stored: Row[Any]) -> bool:
    if row["first_run_id"] != stored.first_run_id:
        # A Temporal client may use an id again once its first workflow is over: that is another execution.
        return bool(row["create_date"] >= stored.create_date)
    if stored.status in FINAL_STATUSES and row["status"] not in FINAL_STATUSES:
        return False
    return bool(row["revision"] > stored.revision)


def _row(record: Document) -> Document:
    create_date = _text(record, "CreateDate")
    revision = record.get("Revision")
    if not isinstance(revision, int) or isinstance(revision, bool):
        raise RecordInvalid("the record has no Revision, the number that grows with each of its writes")
    return {
        "execution_id": _required(record, "ExecutionId"),
        "first_run_id": _text(record, "FirstRunId"),
        "revision": revision,
        "status": _required(record, "Status"),
        "template_name": _text(record, "TemplateName"),
        "executed_by": _text(record, "ExecutedBy"),
        "create_date": create_date,
        "start_date": _text(record, "StartDate") or create_date,
        "summary": {name: value for name, value in record.items() if name not in NOT_LISTED},
        "record": record,
    }


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _required(document: Document, name: str) -> str:
    value = _text(document, name)
    if not value:
        raise RecordInvalid(f"the record has no {name}")
    return value


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _summary(row: Row[Any]) -> Document:
    summary: Document = row.summary
    return summary
