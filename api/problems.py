"""Executions at which workers fail: each tries the workflow task, gives up, and leaves it to the next.

That is a bug of Caboose, or a release that is too old for the execution. Nothing is lost: Temporal tries again until a
worker runs that can do it. But from outside it looks like an execution that takes its time, so the record says it.
"""

from typing import Any

from api.context import Context
from api.temporal import NotFound, Seen, Unreachable

REASON = "WorkflowTaskFailed"


async def problem(ctx: Context, seen: Seen) -> str:
    """What workers fail at in this workflow, for people; '' when none does, or when nobody can be asked."""
    if seen.tries <= 1:
        return ""
    try:
        failure = await ctx.gateway.failure(seen)
    except (NotFound, Unreachable):
        return ""
    if not failure:
        return ""  # none has answered: it was killed, and the next one may be slow to come
    if failure == "PayloadUnavailable":
        return f"the store could not be used for the workflow {seen.execution_id}, which goes on by itself when it can"
    return (
        f"workers fail at the workflow {seen.execution_id} with {failure} and try it again. This is a bug of Caboose: "
        "their log has more. Nothing is lost, and it goes on by itself once a release runs that mends it."
    )


async def problem_of(ctx: Context, workflow_id: str) -> str:
    """The same of a workflow that wasn't looked at yet."""
    try:
        return await problem(ctx, await ctx.gateway.describe(workflow_id))
    except (NotFound, Unreachable):
        return ""


def with_problems(record: dict[str, Any], *problems: str) -> dict[str, Any]:
    """The record with what there is of problems as its notes, and as its reason."""
    told = [each for each in problems if each]
    return {**record, "StatusReason": REASON, "Notes": [*record.get("Notes", []), *told]} if told else record
