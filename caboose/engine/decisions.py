"""Decisions: what a NotifyExecution does to an execution, as one pure function.

Signal and update, link, API and Temporal client all end here, so that nobody finds a way round a rule. A decision that
could mean two things, or comes when it no longer means anything, changes nothing and says why.
"""

from dataclasses import dataclass
from typing import Any

from caboose.engine.approvals import waiting_approvals
from caboose.engine.context import AUTOMATIC, DEBUG_MODE
from caboose.engine.late_answers import answered_above
from caboose.engine.notifications import Notification, Refused, read
from caboose.engine.replacing import unknown_name
from caboose.engine.state import (
    APPROVE,
    BATCH_PAUSE,
    CANCEL_TASK,
    COMPLETE_EXECUTION,
    DEBUG,
    EXECUTE_TASK,
    FAILURE_PAUSE,
    FINAL,
    HIGH_RISK,
    KIND_APPROVE,
    OUTCOME_UNKNOWN,
    PAUSE,
    REJECT,
    RETRY_TASK,
    SKIP_TASK,
    Answer,
    ExecutionState,
    Outcome,
    Wait,
)
from caboose.engine.votes import is_vote, take, tally, vote_fault
from caboose.oos.names import resolve_name
from caboose.oos.problems import did_you_mean, shortened

__all__ = [
    "Accepted",
    "Notification",
    "Refused",
    "check",
    "decide",
    "find_outcome",
    "keep",
    "notify",
    "read",
    "waiting_approvals",
]

_KEPT_DECISIONS = 200
_SHOWN_IDS = 3
_MAX_TASKS = 150
"""Characters of the names of tasks, in a message that says which there are."""
_AGAIN = (RETRY_TASK, SKIP_TASK)
_DEBUG_TYPES = (EXECUTE_TASK, CANCEL_TASK, COMPLETE_EXECUTION)
_PAST = {
    APPROVE: "approved",
    REJECT: "rejected",
    RETRY_TASK: "retried",
    SKIP_TASK: "skipped",
    EXECUTE_TASK: "executed",
    CANCEL_TASK: "cancelled",
    COMPLETE_EXECUTION: "completed",
}
_WAITS = {
    KIND_APPROVE: "waits for approval",
    HIGH_RISK: "waits for the confirmation of a high-risk call",
    OUTCOME_UNKNOWN: "waits because nobody knows whether its call was carried out",
    FAILURE_PAUSE: "has failed and waits",
    BATCH_PAUSE: "pauses between two batches",
    PAUSE: "pauses",
    DEBUG: "is the next step",
}
KINDS = frozenset(_WAITS)
"""Why something may wait."""
_LOOP = "ACS::Loop"


@dataclass(frozen=True)
class Accepted:
    """The notification is for these waits; ``task_name`` is the task that is to run, as it is declared."""

    waits: list[Wait]
    task_name: str = ""


_REUSED = Refused("DecisionIdReused", "this DecisionId was used for another decision; each decision has its own")


def decide(state: ExecutionState, notification: Notification) -> Accepted | Refused:
    """Whether the notification is for something that waits now, and for what."""
    over = _over(state)
    if over:
        return _late(state, notification) or over
    kind = notification.notify_type
    if kind in _DEBUG_TYPES and state.mode not in ("", DEBUG_MODE):
        return Refused("WrongMode", f"{kind} is for executions of Mode Debug; this one runs in Mode {state.mode}")
    open_waits = [wait for wait in state.waits.values() if wait.answer is None and _addresses(notification, wait)]
    fitting = [wait for wait in open_waits if kind in wait.accepts]
    if not fitting:
        return _late(state, notification) or _nothing_fits(state, notification, open_waits)
    if kind == COMPLETE_EXECUTION and not notification.has_address:
        fitting = fitting[:1]  # it is about the execution, whatever waits in it
    fault = (
        _missed(notification, fitting)
        or _wrong_attempt(notification, fitting)
        or _ambiguity(state, notification, fitting)
        or _unfit_parameters(notification, fitting)
        or vote_fault(fitting, notification)
    )
    return fault or _with_task(notification, fitting)


def _over(state: ExecutionState) -> Refused | None:
    """Why nothing can be decided in this execution any more."""
    if state.final_status in FINAL:
        message = f"the execution has ended as {state.final_status}; nothing can be decided any more"
        return Refused("NotWaiting", message)
    if state.is_cancelling():
        return Refused("BeingCancelled", "the execution is being cancelled; nothing can be decided any more")
    return None


def _nothing_fits(state: ExecutionState, notification: Notification, open_waits: list[Wait]) -> Refused:
    kind = notification.notify_type
    if open_waits:
        wait = open_waits[0]
        accepts = " or ".join(wait.accepts)
        return Refused("NotWaiting", f"{wait.run.name} {_WAITS[wait.kind]}: it accepts {accepts}, not {kind}")
    if state.waits and notification.has_address:
        return Refused("NotWaiting", f"what this {kind} is for doesn't wait; other parts of the execution do")
    hint = ""
    if kind in _AGAIN and state.mode == AUTOMATIC:
        hint = "; in Mode Automatic a task waits for it only when nobody knows whether its call was carried out"
    return Refused("NotWaiting", f"nothing waits for {kind} now{hint}")


def _missed(notification: Notification, fitting: list[Wait]) -> Refused | None:
    """Of several ids each has to mean something: otherwise it is another moment than the sender thinks."""
    missed = [each for each in notification.ids if not any(_is_meant(notification, each, wait) for wait in fitting)]
    if not missed:
        return None
    more = ", …" if len(missed) > _SHOWN_IDS else ""
    ids = ", ".join(missed[:_SHOWN_IDS]) + more
    return Refused("NotWaiting", f"nothing waits for {notification.notify_type} at {ids}; nothing was decided")


def _wrong_attempt(notification: Notification, fitting: list[Wait]) -> Refused | None:
    for wait in fitting:
        if notification.attempt is None and wait.attempt > 1:
            which = "" if wait.run.id in notification.ids else f"TaskExecutionId {wait.run.id} and "
            message = (
                f"attempt {wait.attempt} of {wait.run.name} waits now: say {which}Attempt {wait.attempt} to mean it"
            )
            return Refused("WrongAttempt", message)
        if notification.attempt not in (None, wait.attempt):
            message = f"this is for attempt {notification.attempt}; attempt {wait.attempt} waits now"
            return Refused("WrongAttempt", message)
    return None


def _ambiguity(state: ExecutionState, notification: Notification, fitting: list[Wait]) -> Refused | None:
    """A decision without an address is for the only thing that it can mean; otherwise it must say what it means.

    Two people answer the same message: the second answer must not decide what came to wait in the meantime.
    """
    ids = ", ".join(wait.run.id for wait in fitting[:_SHOWN_IDS])
    if notification.has_address:
        return _ambiguous_address(state, notification, fitting, ids)
    if len(fitting) > 1:
        message = f"{len(fitting)} things wait: give a TaskExecutionId ({ids}, …), or the loop's for all of its items"
        return Refused("AmbiguousNotification", message)
    decided = [approval.wait.attempt for approval in state.approvals if approval.wait.answer]
    same = decided if notification.attempt is None else [each for each in decided if each == notification.attempt]
    if same and notification.notify_type in (APPROVE, REJECT):
        message = f"an earlier approval was decided already: give the TaskExecutionId of the one that waits now, {ids}"
        return Refused("AmbiguousNotification", message)
    if fitting[0].kind == OUTCOME_UNKNOWN and _was_about_another(state, fitting[0]):
        message = f"such a decision was about another task already: give the TaskExecutionId of what waits now, {ids}"
        return Refused("AmbiguousNotification", message)
    return None


def _ambiguous_address(
    state: ExecutionState, notification: Notification, fitting: list[Wait], ids: str
) -> Refused | None:
    """A task execution that waited itself, and was answered: what waits below it now is something else than a late
    answer means. And an attempt is one wait's, also where a name is given: each of several has an attempt 1."""
    if notification.attempt is not None and not notification.ids and len(fitting) > 1:
        message = f"an Attempt is for one wait, and {len(fitting)} fit: give a TaskExecutionId ({ids}, …)"
        return Refused("AmbiguousNotification", message)
    answered = next((each for wait in fitting for each in answered_above(state, notification, wait)), "")
    if not answered:
        return None
    message = (
        f"what waited at {answered} itself was decided: give the TaskExecutionIds of what waits below it now, {ids}"
    )
    return Refused("AmbiguousNotification", message)


def _was_about_another(state: ExecutionState, wait: Wait) -> bool:
    """Whether somebody has said already what becomes of another task execution that had failed or was lost."""
    kept = (each for each in state.decisions if each.accepted and each.notify_type in _AGAIN)
    return any(each.task_execution_id != wait.run.id for each in kept)


def _unfit_parameters(notification: Notification, fitting: list[Wait]) -> Refused | None:
    """Parameters that nothing would read are refused: who gave them would think that the task ran with them."""
    if not notification.parameters:
        return None
    faults = (_parameters_fault(notification, wait) for wait in fitting)
    return next((Refused("InvalidNotification", fault) for fault in faults if fault), None)


def _parameters_fault(notification: Notification, wait: Wait) -> str:
    """Why what waits can't take the Parameters; '' when it can, or when the task that is to run has to say so."""
    run = wait.run
    if wait.kind == OUTCOME_UNKNOWN:  # sent again as it was, or not at all
        return f"{run.name} waits to send the same call again: {RETRY_TASK} takes no Parameters here"
    chosen = notification.task_name if notification.notify_type == EXECUTE_TASK else ""
    if chosen and resolve_name(chosen, wait.tasks) != run.name:
        return ""
    if run.action == _LOOP and wait.kind != DEBUG and (run.begun or wait.workflow_id):
        return f"{run.name} has begun, and its items stay as they are: {RETRY_TASK} takes no Parameters here"
    return unknown_name(run.name, run.action, notification.parameters)


def _with_task(notification: Notification, fitting: list[Wait]) -> Accepted | Refused:
    """The task that ExecuteTask names has to be one of those that may run next."""
    if notification.notify_type != EXECUTE_TASK or not notification.task_name:
        return Accepted(fitting)
    tasks = fitting[0].tasks
    name = resolve_name(notification.task_name, tasks)
    if name:
        return Accepted(fitting, name)
    hint = did_you_mean(notification.task_name, tasks) or f"There are {shortened(', '.join(tasks), _MAX_TASKS)}."
    return Refused("UnknownTask", f'there is no task "{notification.task_name}" to run next. {hint}')


def _addresses(notification: Notification, wait: Wait) -> bool:
    """Whether a wait is meant; no address means whatever fits."""
    if notification.ids and not any(_is_meant(notification, each, wait) for each in notification.ids):
        return False
    if notification.named_task and notification.named_task != wait.run.name:
        return False
    return notification.is_for_item(wait.item)


def _is_meant(notification: Notification, address: str, wait: Wait) -> bool:
    """An id means itself and what runs below it; with an Attempt itself alone. An Attempt is one wait's, and what waits
    below it afterwards begins to count anew: a late answer must not decide that."""
    if wait.run.id == address:
        return True
    return notification.attempt is None and wait.run.id.startswith(address + ".")


def _late(state: ExecutionState, notification: Notification) -> Refused | None:
    """A decision about an approval that is decided already says by whom and when."""
    if notification.notify_type not in (APPROVE, REJECT):
        return None
    for approval in reversed(state.approvals):
        wait, answer = approval.wait, approval.wait.answer
        if answer and notification.attempt in (None, wait.attempt) and _addresses(notification, wait):
            done = f"already {_PAST[answer.notify_type]} {answer.by} at {answer.at}"
            return Refused("AlreadyDecided", f"{wait.run.name} was {done}")
    return None


def notify(state: ExecutionState, body: Any, at: str) -> Outcome:
    """Applies a NotifyExecution and keeps its outcome.

    The same DecisionId gives the same outcome again and changes nothing: a double click is one decision.

    Args:
        state: the execution's state; accepted waits get their answer, or a vote, here.
        body: the notification, any JSON.
        at: the execution's time, as OOS writes it.
    """
    notification = read(body)
    if isinstance(notification, Refused):
        return keep(state, Outcome(False, notification.code, notification.message, at=at))
    known = find_outcome(state, notification.decision_id)
    if known and _same(known, notification):
        return known
    verdict = _REUSED if known else decide(state, notification)
    outcome = Outcome(
        accepted=isinstance(verdict, Accepted),
        code="" if isinstance(verdict, Accepted) else verdict.code,
        message=f"{_PAST[notification.notify_type]} {notification.by}"
        if isinstance(verdict, Accepted)
        else verdict.message,
        notify_type=notification.notify_type,
        by=notification.by,
        note=notification.note,
        at=at,
        decision_id="" if known else notification.decision_id,
        task_execution_id=notification.address,
    )
    if isinstance(verdict, Accepted):
        _apply(verdict, notification, outcome)
    return keep(state, outcome)


def _apply(accepted: Accepted, notification: Notification, outcome: Outcome) -> None:
    for wait in accepted.waits:
        take(
            wait,
            Answer(
                notification.notify_type,
                notification.by,
                notification.note,
                outcome.at,
                notification.decision_id,
                approver=notification.approver,
                parameters=dict(notification.parameters),
                task_name=accepted.task_name,
                execution_status=notification.execution_status,
            ),
        )
    counted = [wait for wait in accepted.waits if is_vote(wait) and wait.votes]
    if counted and notification.notify_type == APPROVE:
        outcome.message += f": {tally(counted[0])}"
    if len(accepted.waits) == 1:
        outcome.task_execution_id = accepted.waits[0].run.id


def check(state: ExecutionState, body: Any) -> Refused | None:
    """Why a notification would be refused, without applying it (the update's validator)."""
    notification = read(body)
    if isinstance(notification, Refused):
        return notification
    known = find_outcome(state, notification.decision_id)
    if known and not _same(known, notification):
        return _REUSED
    if known:
        return None if known.accepted else Refused(known.code, known.message)
    verdict = decide(state, notification)
    return verdict if isinstance(verdict, Refused) else None


def find_outcome(state: ExecutionState, decision_id: str) -> Outcome | None:
    """The outcome of an earlier notification with the same DecisionId."""
    if not decision_id:
        return None
    return next((outcome for outcome in state.decisions if outcome.decision_id == decision_id), None)


def _same(known: Outcome, notification: Notification) -> bool:
    """Whether a DecisionId came again with the decision that it was made for: the same person's, about the same."""
    address = notification.address
    return (
        known.notify_type == notification.notify_type
        and known.by == notification.by
        and address in ("", known.task_execution_id)
    )


def keep(state: ExecutionState, outcome: Outcome) -> Outcome:
    """Keeps the outcome; when there are too many, refused ones go before accepted ones."""
    state.decisions.append(outcome)
    if len(state.decisions) > _KEPT_DECISIONS:
        refused = next((each for each in state.decisions if not each.accepted), state.decisions[0])
        state.decisions.remove(refused)
    return outcome
