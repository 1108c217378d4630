"""What is done when nothing proves whether something was carried out: people decide, in every Mode (design section 5).

RetryTask sends it again, SkipTask goes on without it. It is never sent again by itself.
"""

from caboose.engine.actions.context import TaskContext
from caboose.engine.errors import OutcomeUnknown, TaskSkipped
from caboose.engine.state import OUTCOME_UNKNOWN, RETRY_TASK, SKIP_TASK, Wait


def mark_unknown(context: TaskContext, what: str, unknown: OutcomeUnknown) -> str:
    """Says so in the task execution, where it stays when the execution is cancelled now; gives what it says."""
    message = f"OutcomeUnknown: {what}: {unknown.message}. It may or may not have been carried out."
    context.run.message, context.run.unknown = message, True
    return message


def mark_known(context: TaskContext) -> None:
    """Takes that back."""
    context.run.message, context.run.unknown = "", False


async def ask_whether_to_send_again(context: TaskContext, message: str) -> None:
    """Returns when somebody wants it sent again.

    Raises:
        TaskSkipped: somebody goes on without it.
    """
    advice = "Look at the resource, then RetryTask sends it again, SkipTask goes on without it."
    wait = Wait(
        kind=OUTCOME_UNKNOWN,
        run=context.run,
        attempt=context.run.ask(),
        since=context.frame.run.now(),
        accepts=(RETRY_TASK, SKIP_TASK),
        message=f"{message} {advice}",
        item=context.item,
    )
    answer = await context.frame.wait_for_answer(wait)
    context.run.extra["NotifyNote"] = answer.note
    context.run.extra["Decided"] = f"{answer.notify_type} {answer.by}"
    mark_known(context)
    if answer.notify_type == SKIP_TASK:
        raise TaskSkipped(f"skipped {answer.by}; {message}")
