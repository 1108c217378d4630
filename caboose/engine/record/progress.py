"""What was and wasn't done, in numbers and in words.

Counted in steps: a loop's items one by one, any other task as one. So a cancelled execution says what it has left
behind, whatever its template looks like.
"""

from collections import Counter
from collections.abc import Collection

from caboose.engine.state import CANCELLED, FAILED, RUNNING, SKIPPED, SUCCESS, ExecutionState, LoopCounters
from caboose.oos.text import being_cancelled

NOT_STARTED = "NotStarted"
_WORDS = {
    SUCCESS: "done",
    FAILED: "failed",
    SKIPPED: "skipped",
    CANCELLED: "cut off",
    NOT_STARTED: "never started",
}


def progress(state: ExecutionState, tasks: Collection[str]) -> dict[str, int]:
    """The steps of an execution by what became of them, and the calls that were sent and haven't answered.

    Args:
        state: the execution's state.
        tasks: the names of the template's tasks; one that no task execution is of was never started, unless an
            execution that this one retries had it behind it.
    """
    steps: Counter[str] = Counter()
    runs = list(state.top_runs())
    for run in runs:
        if run.loop and run.loop.total:
            steps.update(_items(run.loop))
        else:
            steps[run.status if run.status in _WORDS else RUNNING] += 1
    steps[NOT_STARTED] += len(set(tasks) - {run.name for run in runs} - set(state.done_before))
    named = {name: steps[name] for name in (SUCCESS, FAILED, SKIPPED, CANCELLED, RUNNING, NOT_STARTED)}
    return {**named, "CallsInFlight": 0 if state.final_status else state.in_flight}


def _items(loop: LoopCounters) -> dict[str, int]:
    return {
        SUCCESS: loop.success,
        FAILED: loop.failed,
        SKIPPED: loop.skipped,
        CANCELLED: loop.cancelled,
        RUNNING: loop.running,
        NOT_STARTED: loop.not_started,
    }


def status_message(state: ExecutionState, tasks: Collection[str]) -> str:
    """What people read of an execution's status: what failed, what it waits for, what a cancellation has left."""
    if state.final_status == CANCELLED and state.reason == CANCELLED:  # a rejection speaks for itself
        return f"{state.message}{_done(progress(state, tasks))}"
    if state.is_cancelling() and not state.final_status:
        return being_cancelled(state.in_flight)
    return state.message or _waiting_message(state)


def _done(steps: dict[str, int]) -> str:
    parts = [f"{steps[name]} {word}" for name, word in _WORDS.items() if steps[name]]
    return f" ({', '.join(parts)})" if parts else ""


def _waiting_message(state: ExecutionState) -> str:
    messages = [wait.message for wait in state.waits.values() if wait.answer is None]
    if not messages:
        return ""
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return messages[0] + more
