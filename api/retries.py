"""Retrying a failed execution over HTTP: a new execution that goes on from where the old one failed.

Whether that is possible stands in the old one's record, so no worker is needed to say no. The new execution's first
activity checks all of it again, and takes the retry for itself: of two requests at once, one execution works, and the
other one ends with ``AlreadyRetried``.
"""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.body import read_optional
from api.context import Context, Ctx, in_thread
from api.errors import ApiError, answer
from api.records import Record, blank_record, look_up, seen_execution
from api.starts import NewExecution, begin, digest, identify
from api.temporal import NoAnswer, NotFound
from caboose.oos.problems import Problem, summary
from caboose.oos.redact import redact_text
from caboose.oos.start.already_retried import after_the_other
from caboose.oos.start.retry import RETRY_OF, retry_problems

router = APIRouter()

_TAKEN_OVER = (
    "TemplateName",
    "TemplateVersion",
    "TemplateHash",
    "Mode",
    "LoopMode",
    "SafetyCheck",
    "RegionId",
    "RamRole",
    "Tags",
    "Parameters",
)
"""Fields of the failed execution's record that are the new one's too."""


@router.post("/executions/{execution_id}/retry")
async def retry_execution(request: Request, ctx: Ctx, execution_id: str) -> Response:
    """201 with the new execution, 200 with the first one of the same ``ClientToken``."""
    asked = await _asked(request, execution_id)
    new_id, first = await identify(ctx, asked)
    if first is not None:
        return answer(request, {"Execution": first})
    failed = await _failed(ctx, execution_id)
    new = NewExecution(
        fields={**asked, "ExecutedBy": ctx.settings.token_name},
        digest=digest(asked),
        record=_record(ctx, new_id, failed, asked),
        summary=f"retries {execution_id}, started by {ctx.settings.token_name}",
    )
    return await begin(request, ctx, new)


async def _asked(request: Request, execution_id: str) -> Record:
    """The fields of the start, as ``temporal workflow start`` takes them too.

    Raises:
        ApiError: 400 with everything that is wrong with them.
    """
    body: Any = await read_optional(request)
    if not isinstance(body, dict):
        problems = [Problem("InvalidRequest", "The body must be a JSON object.")]
    elif RETRY_OF in body:
        problems = [Problem("InvalidField", f"{RETRY_OF} is said by the address", RETRY_OF, hint="Leave it out.")]
    else:
        asked = {RETRY_OF: execution_id, **body}
        problems = retry_problems(asked)
    if problems:
        raise ApiError(400, "ValidationFailed", summary(problems), problems)
    return asked


async def _failed(ctx: Context, execution_id: str) -> Record:
    """The record of the failed execution.

    Raises:
        ApiError: 409 with why it can't be retried.
        NotFound, Unreachable: as ``look_up``.
        NoAnswer: it isn't known whether it has ended.
    """
    try:
        seen = await seen_execution(ctx, execution_id)
    except NotFound:
        await look_up(ctx, execution_id)
        message = f"Temporal has forgotten the history of {execution_id}, which a retry goes on from."
        raise ApiError(409, "HistoryGone", f"{message} Start a new execution.") from None
    known = await look_up(ctx, execution_id, seen.first_run_id)
    record = known.record
    if known.as_of and not known.final:
        message = f"No worker can say how {execution_id} stands: as of {known.as_of} it was {record['Status']}."
        raise NoAnswer(f"{message} Try again when one can; the record's notes say more.")
    if record["Status"] != "Failed":
        message = f"Only a Failed execution can be retried; {execution_id} is {record['Status']}."
        raise ApiError(409, "NotFailed", message)
    retry = record.get("Retry") or {}
    if not retry.get("Possible"):
        why = retry.get("Message") or "it was ended from outside, and nobody knows what it was doing then"
        message = f"{execution_id} can't be retried: {why}. {retry.get('Hint', '')}"
        raise ApiError(409, retry.get("Code") or "NothingToRetry", message.strip())
    other = await in_thread(ctx.store.find_retry, seen.first_run_id)
    if other:
        kept = await in_thread(ctx.store.get_execution, other.execution_id)
        advice = after_the_other(other.execution_id, other.first_run_id, kept)
        raise ApiError(409, "AlreadyRetried", f"{execution_id} is retried by {other.execution_id} already. {advice}")
    return record


def _record(ctx: Context, execution_id: str, failed: Record, asked: Record) -> Record:
    """What is known of the new execution before a worker has seen it."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    taken_over = {name: failed[name] for name in _TAKEN_OVER if name in failed}
    return blank_record(
        {
            **taken_over,
            "ExecutionId": execution_id,
            "RetryOf": failed["ExecutionId"],
            "Description": redact_text(asked.get("Description") or failed.get("Description") or ""),
            "ExecutedBy": ctx.settings.token_name,
            "CreateDate": now,
            "StartDate": now,
            "UpdateDate": now,
        }
    )
