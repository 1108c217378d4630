"""Records as the workflow makes them, with what a test wants different; listings read to their end, and their plans."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from caboose.store import Page, Store


def record(execution_id: str, revision: int = 1, **fields: Any) -> dict[str, Any]:
    """An execution's record."""
    return {
        "ExecutionId": execution_id,
        "FirstRunId": "run-1",
        "Revision": revision,
        "TemplateName": "reboot-with-approval",
        "TemplateVersion": "v1",
        "Status": "Running",
        "ExecutedBy": "alice",
        "Parameters": {"targets": {"Type": "ResourceIds", "ResourceIds": ["i-1"]}},
        "Outputs": None,
        "Counters": {"Failed": 0, "Success": 0, "Total": 3},
        "CreateDate": "2026-03-01T08:00:00Z",
        "StartDate": "2026-03-01T08:00:01Z",
        "EndDate": "",
        "Tasks": [],
        **fields,
    }


def task(task_execution_id: str, parent: str = "", **fields: Any) -> dict[str, Any]:
    """A task execution."""
    return {
        "TaskExecutionId": task_execution_id,
        "TaskName": "reboot",
        "Status": "Running",
        "ParentTaskExecutionId": parent,
        **fields,
    }


def all_pages(listing: Callable[[str], Page[dict[str, Any]]], field: str) -> list[Any]:
    """The values of a field on all pages, each page's size checked by the caller's ``max_results``."""
    found: list[Any] = []
    token = ""
    while True:
        page = listing(token)
        found += [item[field] for item in page.items]
        token = page.next_token
        if not token:
            return found


def plan(store: Store, query: Select[Any]) -> str:
    """SQLite's plan of a listing's statement."""
    compiled = query.limit(51).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with store._database.reading() as connection:
        return "\n".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
