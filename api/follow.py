"""Following an execution: its log by page, and its changes as they happen (server-sent events).

Source of the events' form: https://html.spec.whatwg.org/multipage/server-sent-events.html. An event's id is made of
what it says: a client that comes back with it, to this process or to another one, is told only what has changed.
"""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from api.context import Context, Ctx
from api.errors import answer
from api.executions import NoQuery, Paging
from api.hub import Hub, Told
from api.log_pages import log_page
from api.loops import with_exact_loops
from api.observe import EVENT_STREAM
from api.records import look_up, with_links
from api.summary import Record, summary

router = APIRouter()

HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 2_000
_NO_CONTENT = 204
"""Tells a browser's EventSource not to come back."""


class ListExecutionLogs(Paging):
    """The filters of ListExecutionLogs: one task execution with all that is below it. Pages may be larger than OOS's:
    the log of a large loop has half a million lines."""

    MaxResults: int = Field(50, ge=1, le=1_000)
    TaskExecutionId: str = Field("", max_length=1000)


@router.get("/executions/{execution_id}/logs")
async def list_execution_logs(
    request: Request, ctx: Ctx, execution_id: str, query: Annotated[ListExecutionLogs, Query()]
) -> Response:
    """What has happened so far, in sentences and in order."""
    known = await look_up(ctx, execution_id)
    page = await log_page(ctx, known, query.TaskExecutionId, query.MaxResults, query.NextToken)
    found = {
        "ExecutionLogs": [line.as_record() for line in page.lines],
        "IsTruncated": bool(page.next_token),
        "NextToken": page.next_token,
        "MaxResults": query.MaxResults,
    }
    return answer(request, {**found, "AsOf": known.as_of} if known.as_of else found)


@router.get("/executions/{execution_id}/events")
async def execution_events(
    request: Request,
    ctx: Ctx,
    execution_id: str,
    _: Annotated[NoQuery, Query()],
    last_event_id: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """The execution's summary at once and after each change, up to its end."""
    hub: Hub = request.app.state.hub
    first = await hub.first(execution_id)
    if first.final and first.id == last_event_id:
        return Response(status_code=_NO_CONTENT)
    events = _events(ctx, hub, first, last_event_id)
    return StreamingResponse(events, media_type=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})


async def _events(ctx: Context, hub: Hub, first: Told, seen: str) -> AsyncIterator[str]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    if first.id != seen:
        yield _event(ctx, first)
    async with aclosing(hub.watch(first.summary["ExecutionId"], first, HEARTBEAT_SECONDS)) as changes:
        async for told in changes:
            yield _event(ctx, told) if told else ": heartbeat\n\n"


def _event(ctx: Context, told: Told) -> str:
    """One event; JSON has no line ends, so its data is one line. Links are fresh, and no change of the execution."""
    return f"id: {told.id}\nevent: execution\ndata: {json.dumps(with_links(ctx, told.summary))}\n\n"


def make_hub(ctx: Context) -> Hub:
    """The hub of one application."""

    async def look(execution_id: str) -> Record:
        known = await look_up(ctx, execution_id)
        record = await with_exact_loops(ctx, known)
        return summary({**record, "AsOf": known.as_of} if known.as_of else record)

    return Hub(look)
