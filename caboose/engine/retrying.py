"""Whether a failed execution can be taken up again, and from where.

Refused is what might do something twice: while nobody knows whether a call was carried out, or when one was and only
its answer was of no use, only a person who has looked can say what is left, and starts a new execution with it. There
is no switch that overrides this. A doubtful call takes somebody's hand from outside to end an execution with it, which
waits at each by itself; after one that was carried out, the same template fails in the same way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile
from typing import Any

from caboose.engine.progress import Checkpoint
from caboose.engine.state import FAILED, ExecutionState

NOT_FAILED = "NotFailed"
NOTHING_TO_RETRY = "NothingToRetry"
CALLS_IN_DOUBT = "CallsInDoubt"
CALLS_CARRIED_OUT = "CallsCarriedOut"
COMPLETED_BY_HAND = "CompleteExecution"
"""The reason of an execution that somebody ended in Mode Debug."""
_NEW_ONE = "Start a new execution."
_LOOK = "Look at the resources, and start a new execution with what is left."
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
    doubtful = _named([*(run.id for run in state.runs.values() if run.unknown), *state.in_doubt])
    if doubtful:
        message = f"nobody knows whether calls of it were carried out ({doubtful}), and a retry could do them twice"
        return Refusal(CALLS_IN_DOUBT, message, _LOOK)
    if state.reason == COMPLETED_BY_HAND:
        return Refusal(NOTHING_TO_RETRY, "somebody completed it as Failed: no task says where to go on", _NEW_ONE)
    if state.checkpoint is None:
        never, later = "it failed before its first task", "no failed task is left from which it could go on"
        return Refusal(NOTHING_TO_RETRY, later if state.started else never, _NEW_ONE)
    carried_out = _named(_carried_out(state, state.checkpoint))
    if carried_out:
        message = f"calls that failed were carried out ({carried_out}): only their answers could not be used"
        return Refusal(CALLS_CARRIED_OUT, f"{message}, and a retry would do them again", _LOOK)
    return state.checkpoint


def _carried_out(state: ExecutionState, checkpoint: Checkpoint) -> list[str]:
    """The failed task executions whose call was carried out, as far as a retry from there could do them again."""
    runs = list(dropwhile(lambda run: run.name != checkpoint.task, state.top_runs()))
    found = [name for name in state.carried_out if any(run.has(name) for run in runs)]
    if not found and checkpoint.begun and checkpoint.begun.progress.carried_out:
        return [checkpoint.task]  # items that failed and were tolerated
    return found


def _named(found: Iterable[str]) -> str:
    """The first few of them, each once; '' for none."""
    names = list(dict.fromkeys(found))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


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
