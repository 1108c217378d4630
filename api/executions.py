"""Executions over HTTP: list, look, decide, cancel. Starting one is in ``api/starts.py``.

Decisions go to the workflow as an update, whose answer is the HTTP answer: this module checks that the body is an
object and adds who asks; whether the decision is right, only the workflow says.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from api.body import read_json, read_object
from api.context import Context, Ctx, in_thread
from api.errors import ApiError, answer
from api.loops import with_exact_loops
from api.records import look_up, seen_execution, with_links
from api.task_lists import list_tasks
from api.temporal import Ended, NoAnswer
from caboose.oos.problems import Problem
from caboose.store import ExecutionFilter, TaskFilter
from workflows.messages import NOTIFY_AGAIN, NOTIFY_EXECUTION, VIA_API

router = APIRouter()

AnyStatus = Literal["Started", "Queued", "Running", "Waiting", "Success", "Failed", "Cancelled"]


class Paging(BaseModel):
    """Which page. A query value that isn't known is an error, so that no typo widens a listing silently."""

    model_config = ConfigDict(extra="forbid")

    MaxResults: int = Field(50, ge=1, le=100)
    NextToken: str = Field("", max_length=4096)


class ListExecutions(Paging):
    """The filters of ListExecutions that the store has."""

    Status: AnyStatus | None = None
    TemplateName: str = ""
    ExecutedBy: str = ""
    StartDateAfter: datetime | None = None
    StartDateBefore: datetime | None = None


class ListTaskExecutions(Paging):
    """The filters of ListTaskExecutions that the workflow has."""

    ParentTaskExecutionId: str = ""
    IncludeChildTaskExecution: bool = False


class NoQuery(BaseModel):
    """No query values at all."""

    model_config = ConfigDict(extra="forbid")


@router.get("/executions")
async def list_executions(request: Request, ctx: Ctx, query: Annotated[ListExecutions, Query()]) -> Response:
    """The executions that the store knows, the last started first."""
    only = ExecutionFilter(
        status=query.Status or "",
        template_name=query.TemplateName,
        executed_by=query.ExecutedBy,
        started_after=query.StartDateAfter,
        started_before=query.StartDateBefore,
    )
    page = await in_thread(ctx.store.list_executions, only, max_results=query.MaxResults, next_token=query.NextToken)
    return answer(request, {"Executions": page.items, "MaxResults": query.MaxResults, "NextToken": page.next_token})


@router.get("/executions/{execution_id}")
async def get_execution(request: Request, ctx: Ctx, execution_id: str, _: Annotated[NoQuery, Query()]) -> Response:
    """One execution; with ``AsOf`` when only the store could be asked."""
    known = await look_up(ctx, execution_id)
    record = with_links(ctx, await with_exact_loops(ctx, known))
    return answer(request, {"Execution": {**record, "AsOf": known.as_of} if known.as_of else record})


@router.get("/executions/{execution_id}/tasks")
async def list_task_executions(
    request: Request, ctx: Ctx, execution_id: str, query: Annotated[ListTaskExecutions, Query()]
) -> Response:
    """Task executions in the order of their ids' numbers; items of a loop by their parent's id."""
    known = await look_up(ctx, execution_id)
    only = TaskFilter(query.ParentTaskExecutionId, query.IncludeChildTaskExecution)
    page = await list_tasks(ctx, known, only, query.MaxResults, query.NextToken)
    found = {"TaskExecutions": page.tasks, "NextToken": page.next_token, "MaxResults": query.MaxResults}
    return answer(request, {**found, "AsOf": known.as_of} if known.as_of else found)


@router.post("/executions/{execution_id}/notify")
async def notify_execution(request: Request, ctx: Ctx, execution_id: str) -> Response:
    """NotifyExecution: the workflow's answer, or its refusal as 409."""
    body = await read_json(request)
    if not isinstance(body, dict):
        message = "The body must be a JSON object with NotifyExecution's fields."
        raise ApiError(400, "InvalidNotification", message, [Problem("InvalidNotification", message)])
    notification = {**body, "Via": VIA_API, "By": ctx.settings.token_name}
    result = await _update(ctx, execution_id, NOTIFY_EXECUTION, notification)
    return answer(request, result if isinstance(result, dict) else {"Accepted": True})


@router.post("/executions/{execution_id}/notify-again")
async def notify_again(request: Request, ctx: Ctx, execution_id: str) -> Response:
    """A fresh message, with a fresh link, for every approval that waits."""
    await read_object(request, ())
    result = await _update(ctx, execution_id, NOTIFY_AGAIN)
    return answer(request, result if isinstance(result, dict) else {})


@router.post("/executions/{execution_id}/cancel")
async def cancel_execution(request: Request, ctx: Ctx, execution_id: str) -> Response:
    """CancelExecution. The answer says that Temporal took it; a worker then carries it out."""
    body = await read_object(request, ("Reason",))
    seen = await seen_execution(ctx, execution_id)
    reason = f"Cancelled by {ctx.settings.token_name}" + (f": {body['Reason']}" if body.get("Reason") else "")
    await ctx.gateway.cancel(seen, reason)
    return answer(request, {})


async def _update(ctx: Context, execution_id: str, name: str, argument: Any = None) -> Any:
    seen = await seen_execution(ctx, execution_id)
    if not seen.running:
        raise Ended(execution_id)
    try:
        return await ctx.gateway.update(seen, name, argument)
    except NoAnswer:
        raise NoAnswer(
            "No worker answers yet, so it isn't known whether this will be carried out. Look at the execution before "
            "you send it again."
        ) from None
