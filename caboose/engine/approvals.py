"""Approvals: what people are shown when they decide, kept with the state until its page is no longer needed.

Everything that a person answers with Approve or Reject has a page: an approval with its message, a high-risk call with
what would be sent, a pause with its reason. The wait is what goes on; this is what is looked at.
"""

from caboose.engine.errors import Rejected
from caboose.engine.state import APPROVE, KIND_APPROVE, REJECT, Answer, Approval, ExecutionState, TaskRun, Wait

MAX_DECIDED = 100
"""Of a loop with an approval for each item the last ones stay; those that wait stay all."""


def keep_approval(state: ExecutionState, approval: Approval) -> None:
    """Keeps an approval for its page."""
    state.approvals.append(approval)
    over = [each for each in state.approvals if each.wait.answer or each.cancelled]
    if len(over) > MAX_DECIDED:
        state.approvals.remove(over[0])


def open_page(state: ExecutionState, wait: Wait) -> None:
    """Gives a page to a wait that is answered with Approve, unless it has one already."""
    if APPROVE in wait.accepts and not any(each.wait is wait for each in reversed(state.approvals)):
        keep_approval(state, Approval(wait, wait.message, state.targets, []))


def close_page(state: ExecutionState, wait: Wait) -> None:
    """A wait is over: one without an answer was cancelled, and its page says so."""
    for approval in reversed(state.approvals):
        if approval.wait is wait:
            approval.cancelled = wait.answer is None
            return


def note_decision(run: TaskRun, answer: Answer) -> None:
    """Keeps a decision with the task execution that waited for it.

    Raises:
        Rejected: it was a rejection.
    """
    run.extra["NotifyNote"] = answer.note
    run.extra["Decided"] = f"{answer.notify_type} {answer.by}"
    if answer.notify_type == REJECT:
        raise Rejected(f"Rejected {answer.by}" + (f": {answer.note}" if answer.note else ""))


def waiting_approvals(state: ExecutionState) -> list[Approval]:
    """The approvals that people were asked for by message and that nobody has decided yet."""
    if state.final_status:
        return []
    return [
        each
        for each in state.approvals
        if each.wait.kind == KIND_APPROVE and each.wait.answer is None and not each.cancelled
    ]
