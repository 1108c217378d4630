"""Records as the workflow makes them, with what a test wants different."""

from typing import Any


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
