"""Whether a failed execution can be taken up again, and from where.

Refused is what might do something twice: while nobody knows whether a call was carried out, only a person who has
looked can say what is left, and starts a new execution with it. There is no switch that overrides this: an execution
waits at each such call by itself, so it takes somebody's hand from outside to end it with one.
"""

from dataclasses import dataclass
from typing import Any

from caboose.engine.progress import Checkpoint
from caboose.engine.state import FAILED, ExecutionState

NOT_FAILED = "NotFailed"
NOTHING_TO_RETRY = "NothingToRetry"
CALLS_IN_DOUBT = "CallsInDoubt"
COMPLETED_BY_HAND = "CompleteExecution"
"""The reason of an execution that somebody ended in Mode Debug."""
_NEW_ONE = "Start a new execution."
_SHOWN = 3


@dataclass(frozen=True)
class Refusal:
    """Why an execution can't be retried. ``code`` is for programs, ``message`` and ``hint`` for people."""

    code: str
    message: str
    hint: str = ""


def place_to_retry(state: ExecutionState) -> Checkpoint | Refusal:
    """Where the execution can be taken up again, or why it can't be."""
    if state.final_status != FAILED:
        told = f"it has ended as {state.final_status}" if state.final_status else f"it is {state.status}"
        return Refusal(NOT_FAILED, f"only a Failed execution can be retried; {told}")
    doubtful = list(dict.fromkeys([*(run.id for run in state.runs.values() if run.unknown), *state.in_doubt]))
    if doubtful:
        more = f" and {len(doubtful) - _SHOWN} more" if len(doubtful) > _SHOWN else ""
        which = f"{', '.join(doubtful[:_SHOWN])}{more}"
        message = f"nobody knows whether calls of it were carried out ({which}), and a retry could do them twice"
        return Refusal(CALLS_IN_DOUBT, message, "Look at the resources, and start a new execution with what is left.")
    if state.reason == COMPLETED_BY_HAND:
        return Refusal(NOTHING_TO_RETRY, "somebody completed it as Failed: no task says where to go on", _NEW_ONE)
    if state.checkpoint is None:
        never, later = "it failed before its first task", "no failed task is left from which it could go on"
        return Refusal(NOTHING_TO_RETRY, later if state.started else never, _NEW_ONE)
    return state.checkpoint


def retry_fields(state: ExecutionState) -> dict[str, Any]:
    """What the record of an execution that has ended says about a retry; nothing of one that hasn't failed."""
    if state.final_status != FAILED:
        return {}
    found = place_to_retry(state)
    if isinstance(found, Refusal):
        return {"Possible": False, "Code": found.code, "Message": found.message, "Hint": found.hint}
    return {"Possible": True, "TaskName": found.task, "Items": _items(found)}


def begin_note(retry_of: str, checkpoint: Checkpoint, *, failed_items_only: bool) -> str:
    """What the record of the new execution says about where it begins; before ``Checkpoint.to_retry``."""
    items = _items(checkpoint)
    begun = f"retries {retry_of} from {checkpoint.task}"
    if not items:
        return f"{begun}, which runs again from its beginning"
    left = items["NotStarted"]
    never = f"{left} that never started {'are left out' if failed_items_only else 'follow'}"
    return f"{begun}: {items['Done']} items were done already, {items['Failed']} run again" + (
        f", {never}" if left else ""
    )


def _items(checkpoint: Checkpoint) -> dict[str, int]:
    """The items of the loop that failed; nothing where there is none, or where it didn't come to its items."""
    if checkpoint.begun is None:
        return {}
    progress = checkpoint.begun.progress
    left = len(checkpoint.begun.items) - progress.next
    return {
        "Done": progress.succeeded,
        "Failed": len(progress.failed) + len(progress.again),
        "Skipped": progress.skipped,
        "NotStarted": left,
    }
