"""Answers that may have come late: to what waited at a task execution itself, while something below it waits by now.

Two people answer the same question; the second answer must not decide what came to wait in the meantime. An id with an
Attempt means one wait; an id alone means what is below it too, so it is held against what was answered there before.
"""

from caboose.engine.notifications import Notification
from caboose.engine.state import (
    APPROVE,
    BATCH_PAUSE,
    CANCEL_TASK,
    DEBUG,
    EXECUTE_TASK,
    FAILURE_PAUSE,
    HIGH_RISK,
    KIND_APPROVE,
    OUTCOME_UNKNOWN,
    PAUSE,
    REJECT,
    RETRY_TASK,
    SKIP_TASK,
    ExecutionState,
    Wait,
)

_AGAIN = (RETRY_TASK, SKIP_TASK)
_ASKED = (APPROVE, REJECT)
_ALIKE = {
    KIND_APPROVE: _ASKED,
    HIGH_RISK: _ASKED,
    BATCH_PAUSE: _ASKED,
    PAUSE: _ASKED,
    OUTCOME_UNKNOWN: _AGAIN,
    FAILURE_PAUSE: _AGAIN,
    DEBUG: (EXECUTE_TASK, CANCEL_TASK),
}
"""What somebody may still say about a wait of this kind who doesn't know that it is over."""


def answered_above(state: ExecutionState, notification: Notification, wait: Wait) -> list[str]:
    """The task executions around a wait that the notification may mean in its place: they waited for such a word
    themselves, which is over."""
    if wait.run.id in notification.ids:
        return []
    above = _around(wait.run.id)
    if notification.ids:
        meant = [each for each in above if each in notification.ids]
    else:
        named = notification.named_task
        meant = [each for each in above if named and each in state.runs and state.runs[each].name == named]
    return [each for each in meant if _was_answered(state, notification, each)]


def _around(identifier: str) -> list[str]:
    """The ids of what a task execution is in, outermost first."""
    steps = identifier.split(".")
    return [".".join(steps[:count]) for count in range(1, len(steps))]


def _was_answered(state: ExecutionState, notification: Notification, identifier: str) -> bool:
    """Whether this very task execution waited for such a word, and doesn't any more."""
    kind, run = notification.notify_type, state.runs.get(identifier)
    if identifier == state.execution_id:
        return False
    if notification.loop_item is not None and run is not None and run.loop is not None:
        return False  # a loop waits without an item
    if run is not None and any(each["Until"] and kind in _ALIKE[each["Kind"]] for each in run.waits):
        return True
    own = (each.wait for each in state.approvals if each.wait.run.id == identifier)
    if any(wait.answer and kind in _ALIKE[wait.kind] for wait in own):
        return True
    if run is not None and not run.workflow_id:
        return False
    # It waited in a large loop's own workflow: the decisions are what is known of it here.
    return any(
        each.accepted and each.task_execution_id == identifier and each.notify_type in _AGAIN and kind in _AGAIN
        for each in state.decisions
    )
