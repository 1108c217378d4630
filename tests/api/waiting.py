"""An execution that waits for approval, for tests of the page that need no worker.

The workflow is really started, in a queue that nobody polls; what the worker would have recorded before it went away is
put into the store. So the page shows a record "as of" then, and decisions are kept by Temporal.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from api.records import blank_record
from caboose.links import LinkClaims, make_token
from tests.api.conftest import KEYS, Api
from workflows.messages import EXECUTION_TYPE, NOTIFY_EXECUTION

SINCE = "2026-11-20T03:15:04Z"


@dataclass(frozen=True)
class WaitingExecution:
    """One execution, its record, and its link: the claims and the path of the page."""

    api: Api
    record: dict[str, Any]
    claims: LinkClaims
    link: str

    async def signals(self) -> list[dict[str, Any]]:
        """What was sent to the workflow, from its history."""
        handle = self.api.temporal.get_workflow_handle(self.claims.execution_id)
        found = []
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_execution_signaled_event_attributes"):
                signal = event.workflow_execution_signaled_event_attributes
                assert signal.signal_name == NOTIFY_EXECUTION
                found += await self.api.temporal.data_converter.decode(list(signal.input.payloads))
        return found


def approval_entry(execution_id: str, **more: Any) -> dict[str, Any]:
    """One entry of a record's Approvals, with two targets of which one is missing."""
    return {
        "Kind": "Approve",
        "TaskName": "approveRestart",
        "TaskExecutionId": f"{execution_id}.t0002",
        "Attempt": 1,
        "LoopItem": None,
        "LoopBatchNumber": 0,
        "Since": SINCE,
        "Status": "Waiting",
        "Message": "Notify: please approve instances restart",
        "WaitMessage": "waits for approval",
        "Call": None,
        "Required": 1,
        "Approvers": [],
        "Votes": [],
        "Targets": {
            "Items": [
                {"Id": "i-1", "Name": "web-1", "Status": "Running"},
                {"Id": "i-2", "Name": "web-2", "Status": "Stopped"},
            ],
            "Count": 2,
            "Missing": ["i-gone"],
            "MissingCount": 1,
        },
        "NextTasks": [
            {"TaskName": "rebootInstance", "TaskAction": "ACS::ECS::RebootInstance", "Description": "Restarts them."}
        ],
        "Notification": {"Delivered": True, "Message": "ok", "Warning": "", "Number": 1},
        "Decision": None,
        **more,
    }


async def waiting_execution(
    api: Api, entry: dict[str, Any] | None = None, attempt: int = 1, **more: Any
) -> WaitingExecution:
    """Start one, and store what a worker would have recorded."""
    execution_id = f"exec-{uuid4().hex[:20]}"
    handle = await api.temporal.start_workflow(EXECUTION_TYPE, {}, id=execution_id, task_queue=api.settings.task_queue)
    first_run_id = handle.first_execution_run_id or ""
    record = blank_record(
        {
            "ExecutionId": execution_id,
            "FirstRunId": first_run_id,
            "Revision": 3,
            "TemplateName": "reboot-with-approval",
            "TemplateVersion": "v1",
            "Status": "Waiting",
            "ExecutedBy": "alice",
            "CreateDate": "2026-11-20T03:15:00Z",
            "StartDate": "2026-11-20T03:15:00Z",
            "UpdateDate": SINCE,
            "Approvals": [{**approval_entry(execution_id), **(entry or {})}],
            "Waiting": [
                {
                    "Kind": "Approve",
                    "TaskName": "approveRestart",
                    "TaskExecutionId": f"{execution_id}.t0002",
                    "Attempt": 1,
                    "LoopItem": None,
                    "Since": SINCE,
                    "Accepts": ["Approve", "Reject"],
                    "Message": "",
                }
            ],
            **more,
        }
    )
    assert api.store.save_execution(record, [])
    claims = LinkClaims(execution_id, first_run_id, f"{execution_id}.t0002", attempt)
    return WaitingExecution(api, record, claims, f"/approvals/{make_token(claims, KEYS)}")
