"""Decisions: what a NotifyExecution does to an execution, as one pure function.

Signal and update, link, API and Temporal client all end here, so that nobody finds a way round a rule. Nothing in the
input is trusted to have a shape: a Temporal client may send anything.
"""

from dataclasses import dataclass
from typing import Any

from caboose.engine.state import (
    APPROVE,
    FINAL,
    REJECT,
    RETRY_TASK,
    SKIP_TASK,
    Answer,
    Approval,
    ExecutionState,
    Outcome,
    Wait,
)
from caboose.oos.text import clean_text

KNOWN_TYPES = (APPROVE, REJECT, RETRY_TASK, SKIP_TASK)
LATER_TYPES = ("ExecuteTask", "CancelTask", "CompleteExecution")
_KEPT_DECISIONS = 200
_MAX_NOTE = 2_000
_MAX_NAME = 200
_SHOWN_IDS = 3
_PAST = {APPROVE: "approved", REJECT: "rejected", RETRY_TASK: "retried", SKIP_TASK: "skipped"}


@dataclass(frozen=True)
class Accepted:
    """The notification is for these waits."""

    waits: list[Wait]


@dataclass(frozen=True)
class Refused:
    """The notification changes nothing. ``code`` is for programs, ``message`` for people."""

    code: str
    message: str


_REUSED = Refused("DecisionIdReused", "this DecisionId was used for another decision; each decision has its own")


@dataclass(frozen=True)
class Notification:
    """The fields of a NotifyExecution after their shapes were checked."""

    notify_type: str
    note: str
    by: str
    decision_id: str
    task_execution_id: str
    task_name: str
    attempt: int | None
    loop_item: Any


def read(body: Any) -> Notification | Refused:
    """The notification in a signal's or update's input."""
    if not isinstance(body, dict):
        return Refused("InvalidNotification", 'the input is one JSON object such as {"NotifyType": "Approve"}')
    texts = {}
    for name in ("NotifyType", "NotifyNote", "Approver", "By", "Via", "DecisionId", "TaskExecutionId", "TaskName"):
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            return Refused("InvalidNotification", f"{name} is a string")
        texts[name] = clean_text(value or "")
    kind = texts["NotifyType"]
    if kind in LATER_TYPES:
        return Refused("NotSupportedYet", f"NotifyType {kind} isn't supported yet")
    if kind not in KNOWN_TYPES:
        return Refused("InvalidNotification", f"NotifyType is one of {', '.join(KNOWN_TYPES)}, not {kind[:40]!r}")
    attempt = body.get("Attempt")
    if attempt is not None and (isinstance(attempt, bool) or not isinstance(attempt, int)):
        return Refused("InvalidNotification", "Attempt is a whole number")
    return Notification(
        notify_type=kind,
        note=texts["NotifyNote"][:_MAX_NOTE],
        by=_decider(texts["Via"], texts["By"], texts["Approver"]),
        decision_id=texts["DecisionId"][:_MAX_NAME],
        task_execution_id=texts["TaskExecutionId"],
        task_name=texts["TaskName"],
        attempt=attempt,
        loop_item=body.get("LoopItem"),
    )


def _decider(via: str, by: str, name: str) -> str:
    """Who decided, as far as it is known (design section 6: a name given with a link proves nothing).

    The way is what the notification says of itself. Whoever reaches the Temporal server may say anything there, as they
    may do anything there: Temporal's own access control is what stands before that.
    """
    gave = f', gave the name "{name[:_MAX_NAME]}"' if name else ""
    if via == "link":
        return f"by link{gave}"
    if via == "api":
        return f'by API token "{by[:_MAX_NAME]}"{gave}'
    return f"by a Temporal client{gave}"


def decide(state: ExecutionState, notification: Notification) -> Accepted | Refused:
    """Whether the notification is for something that waits now, and for what."""
    if state.final_status in FINAL:
        return _late(state, notification) or Refused(
            "NotWaiting", f"the execution has ended as {state.final_status}; nothing can be decided any more"
        )
    open_waits = [wait for wait in state.waits.values() if wait.answer is None and _addresses(notification, wait)]
    fitting = [wait for wait in open_waits if notification.notify_type in wait.accepts]
    if not fitting:
        late = _late(state, notification)
        if late:
            return late
        if open_waits:
            accepts = " or ".join(open_waits[0].accepts)
            message = f"{open_waits[0].run.name} waits for {accepts}, not for {notification.notify_type}"
            return Refused("NotWaiting", message)
        return Refused("NotWaiting", f"nothing waits for {notification.notify_type} now")
    for wait in fitting:
        if notification.attempt is None and wait.attempt > 1:
            message = f"attempt {wait.attempt} of {wait.run.name} waits now: say Attempt {wait.attempt} to mean it"
            return Refused("WrongAttempt", message)
        if notification.attempt not in (None, wait.attempt):
            message = f"this is for attempt {notification.attempt}; attempt {wait.attempt} waits now"
            return Refused("WrongAttempt", message)
    return _ambiguity(state, notification, fitting) or Accepted(fitting)


def _ambiguity(state: ExecutionState, notification: Notification, fitting: list[Wait]) -> Refused | None:
    """A decision without an address is for the only thing that it can mean; otherwise it must say what it means.

    Two people answer the same message: the second answer must not decide what came to wait in the meantime.
    """
    if notification.task_execution_id or notification.task_name or notification.loop_item is not None:
        return None
    ids = ", ".join(wait.run.id for wait in fitting[:_SHOWN_IDS])
    if len(fitting) > 1:
        message = f"{len(fitting)} things wait: give a TaskExecutionId ({ids}, …), or the loop's for all of its items"
        return Refused("AmbiguousNotification", message)
    if fitting[0].kind == "Approve" and any(approval.wait.answer for approval in state.approvals):
        message = f"an earlier approval was decided already: give the TaskExecutionId of the one that waits now, {ids}"
        return Refused("AmbiguousNotification", message)
    return None


def _addresses(notification: Notification, wait: Wait) -> bool:
    """Whether a wait is meant: an id means itself and what runs below it; no address means whatever fits."""
    address = notification.task_execution_id
    if address and wait.run.id != address and not wait.run.id.startswith(address + "."):
        return False
    if notification.task_name and notification.task_name != wait.run.name:
        return False
    return notification.loop_item is None or wait.item == notification.loop_item


def _late(state: ExecutionState, notification: Notification) -> Refused | None:
    """A decision about an approval that is decided already says by whom and when."""
    if notification.notify_type not in (APPROVE, REJECT):
        return None
    for approval in reversed(state.approvals):
        answer = approval.wait.answer
        if answer and _addresses(notification, approval.wait):
            done = f"already {_PAST[answer.notify_type]} {answer.by} at {answer.at}"
            return Refused("AlreadyDecided", f"{approval.wait.run.name} was {done}")
    return None


def notify(state: ExecutionState, body: Any, at: str) -> Outcome:
    """Applies a NotifyExecution and keeps its outcome.

    The same DecisionId gives the same outcome again and changes nothing: a double click is one decision.

    Args:
        state: the execution's state; accepted waits get their answer here.
        body: the notification, any JSON.
        at: the execution's time, as OOS writes it.
    """
    notification = read(body)
    if isinstance(notification, Refused):
        return _keep(state, Outcome(False, notification.code, notification.message, at=at))
    known = find_outcome(state, notification.decision_id)
    if known and _same(known, notification):
        return known
    verdict = _REUSED if known else decide(state, notification)
    outcome = Outcome(
        accepted=isinstance(verdict, Accepted),
        code="" if isinstance(verdict, Accepted) else verdict.code,
        message=_done(notification) if isinstance(verdict, Accepted) else verdict.message,
        notify_type=notification.notify_type,
        by=notification.by,
        note=notification.note,
        at=at,
        decision_id="" if known else notification.decision_id,
        task_execution_id=notification.task_execution_id,
    )
    if isinstance(verdict, Accepted):
        for wait in verdict.waits:
            wait.answer = Answer(
                notification.notify_type, notification.by, notification.note, at, notification.decision_id
            )
        if len(verdict.waits) == 1:
            outcome.task_execution_id = verdict.waits[0].run.id
    return _keep(state, outcome)


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
    """Whether a DecisionId came again with the decision that it was made for."""
    address = notification.task_execution_id
    return known.notify_type == notification.notify_type and address in ("", known.task_execution_id)


def waiting_approvals(state: ExecutionState) -> list[Approval]:
    """The approvals that nobody has decided yet."""
    if state.final_status:
        return []
    return [approval for approval in state.approvals if approval.wait.answer is None]


def _done(notification: Notification) -> str:
    return f"{_PAST[notification.notify_type]} {notification.by}"


def _keep(state: ExecutionState, outcome: Outcome) -> Outcome:
    """Keeps the outcome; when there are too many, refused ones go before accepted ones."""
    state.decisions.append(outcome)
    if len(state.decisions) > _KEPT_DECISIONS:
        refused = next((each for each in state.decisions if not each.accepted), state.decisions[0])
        state.decisions.remove(refused)
    return outcome
