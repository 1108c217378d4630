"""Task executions: rows of their own, because a loop may have a hundred thousand.

They come with the execution's record, or by themselves from the workflow of a large loop, then possibly before the
record: a place is kept for it, which no reader sees. Two orders, each with an index: that of the ids' numbers, and that
of time, in which a log is written.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from caboose.oos.task_ids import position
from caboose.store.engine import Database
from caboose.store.errors import RecordInvalid
from caboose.store.paging import Page, page_of, page_size, read_token
from caboose.store.schema import executions
from caboose.store.schema import task_executions as tasks
from caboose.store.types import Key

KEPT_PLACE = -1
"""The revision of a row that is kept for an execution whose record hasn't come yet."""
BY_PLACE, BY_TIME = "tasks", "tasks by time"
"""The two listings, as their tokens are marked; a key is (id,) and (creation, id)."""
_CHUNK = 500

Document = dict[str, Any]


@dataclass(frozen=True)
class TaskFilter:
    """Which task executions a listing shows: those of ``parent``, by default those that have none; with
    ``include_children`` also what is below. ``within``: only this one and what is below it. ``not_ended_before``: only
    those that still ran then."""

    parent: str = ""
    include_children: bool = False
    within: str = ""
    not_ended_before: str = ""
    by_time: bool = False
    """In the order in which they were made, by default in the order of their ids' numbers."""


class TaskExecutions:
    """The task executions' part of the store. All methods raise ``StoreUnavailable`` without a working database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_task_executions(self, execution_id: str, first_run_id: str, task_executions: list[Document]) -> bool:
        """Store task executions by themselves. Those that are older than what is there change nothing.

        Args:
            execution_id: the execution's; its record may come later.
            first_run_id: which execution of that id.
            task_executions: any number of them.

        Returns:
            False when a newer execution has the id.

        Raises:
            RecordInvalid: when one has no id.
        """
        rows = [task_row(execution_id, task) for task in task_executions]
        if not rows:
            return True
        with self._database.writing() as connection:
            if not _keep_place(connection, execution_id, first_run_id, min(row["created"] for row in rows)):
                return False
            for begin in range(0, len(rows), _CHUNK):
                chunk = _newer(connection, execution_id, rows[begin : begin + _CHUNK])
                if chunk:
                    upsert_tasks(connection, chunk)
            return True

    def list_task_executions(
        self, execution_id: str, only: TaskFilter | None = None, *, max_results: int = 50, next_token: str = ""
    ) -> Page[Document]:
        """Task executions in the order of their ids' numbers, or in that of time.

        Raises:
            InvalidNextToken: when the token isn't one of this listing.
        """
        only = only or TaskFilter()
        query = tasks_query(execution_id, only, next_token).limit(page_size(max_results))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        listing = BY_TIME if only.by_time else BY_PLACE
        return page_of(listing, rows, max_results, lambda row: row.record, lambda row: task_key(row.record, only))


def task_key(task: Document, only: TaskFilter) -> tuple[str, ...]:
    """Where a task execution stands in a listing, as tokens say it."""
    identifier = str(task["TaskExecutionId"])
    return (_text(task, "CreateDate"), identifier) if only.by_time else (identifier,)


def tasks_query(execution_id: str, only: TaskFilter, next_token: str) -> Select[Any]:
    """The listing's statement; each index of the table holds its order."""
    query = select(tasks.c.record).where(tasks.c.execution_id == execution_id)
    if not only.include_children and not only.within:
        query = query.where(tasks.c.parent_id == only.parent)
    elif only.parent:
        query = query.where(_below(position(execution_id, only.parent)))
    if only.within:
        place = position(execution_id, only.within)
        query = query.where(or_(tasks.c.position == place, _below(place)))
    if only.not_ended_before:
        query = query.where(or_(tasks.c.ended == "", tasks.c.ended >= only.not_ended_before))
    if next_token:
        query = query.where(_after(execution_id, only, next_token))
    return query.order_by(tasks.c.created, tasks.c.position) if only.by_time else query.order_by(tasks.c.position)


def _below(place: str) -> ColumnElement[bool]:
    """A descendant's position begins with its ancestor's and a dot; "/" follows the dot."""
    return (tasks.c.position > f"{place}.") & (tasks.c.position < f"{place}/")


def _after(execution_id: str, only: TaskFilter, next_token: str) -> ColumnElement[bool]:
    if not only.by_time:
        (identifier,) = read_token(BY_PLACE, next_token, 1)
        return tasks.c.position > position(execution_id, identifier)
    created, identifier = read_token(BY_TIME, next_token, 2)
    place = position(execution_id, identifier)
    return tuple_(tasks.c.created, tasks.c.position) > tuple_(created, place, types=(Key, Key))


def task_row(execution_id: str, task: Document) -> Document:
    """A task execution as a row.

    Raises:
        RecordInvalid: when it has no id.
    """
    identifier = _text(task, "TaskExecutionId")
    if not identifier:
        raise RecordInvalid("the record has no TaskExecutionId")
    return {
        "execution_id": execution_id,
        "task_execution_id": identifier,
        "parent_id": _text(task, "ParentTaskExecutionId"),
        "position": position(execution_id, identifier),
        "created": _text(task, "CreateDate"),
        "ended": _text(task, "EndDate"),
        "record": task,
    }


def upsert_tasks(connection: Connection, rows: list[Document]) -> None:
    """Write rows over those with the same id."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(tasks)
    key = [tasks.c.execution_id, tasks.c.task_execution_id]
    names = ("parent_id", "position", "created", "ended", "record")
    changed = {column: statement.excluded[column] for column in names}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def forget_tasks(connection: Connection, execution_id: str) -> None:
    """Remove the task executions of an execution whose id another one has now."""
    connection.execute(delete(tasks).where(tasks.c.execution_id == execution_id))


def _keep_place(connection: Connection, execution_id: str, first_run_id: str, created: str) -> bool:
    """Make sure that there is a row of the execution, and that it isn't another one's; False when it is a newer one's.

    Of two executions with one id the older was over before the newer began: what it made is older, too.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    place = _place(execution_id, first_run_id, created)
    connection.execute(dialect.insert(executions).values(place).on_conflict_do_nothing())
    this = executions.c.execution_id == execution_id
    deciding = select(*executions.c["first_run_id", "create_date"]).where(this).with_for_update()
    stored = connection.execute(deciding).one()
    if stored.first_run_id == first_run_id:
        return True
    if created < stored.create_date:
        return False
    forget_tasks(connection, execution_id)
    connection.execute(update(executions).where(this).values(place))
    return True


def _place(execution_id: str, first_run_id: str, created: str) -> Document:
    return {
        "execution_id": execution_id,
        "first_run_id": first_run_id,
        "revision": KEPT_PLACE,
        "status": "Started",
        "template_name": "",
        "executed_by": "",
        "create_date": created,
        "start_date": created,
        "summary": {},
        "record": {},
    }


def _newer(connection: Connection, execution_id: str, rows: list[Document]) -> list[Document]:
    """Those that aren't older than what is there: a write that was tried again may come after a later one."""
    ids = [row["task_execution_id"] for row in rows]
    attempt = tasks.c.record["Attempt"].as_integer().label("attempt")
    known = select(*tasks.c["task_execution_id", "ended"], attempt).where(
        tasks.c.execution_id == execution_id, tasks.c.task_execution_id.in_(ids)
    )
    ranks = {row.task_execution_id: _rank(row.attempt, row.ended) for row in connection.execute(known)}
    found = ((row, _rank(row["record"].get("Attempt"), row["ended"])) for row in rows)
    return [row for row, rank in found if rank >= ranks.get(row["task_execution_id"], rank)]


def _rank(attempt: Any, ended: str) -> tuple[int, bool, str]:
    """What grows while a task execution goes on."""
    return attempt if isinstance(attempt, int) else 0, ended != "", ended


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
