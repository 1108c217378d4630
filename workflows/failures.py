"""Activities' failures in the engine's words: what is proven of a call that failed (design section 5)."""

from typing import Any

from temporalio.exceptions import ActivityError, ApplicationError

from activities import contracts
from caboose.engine.errors import OutcomeUnknown, TaskFailed

_UNAVAILABLE = "PayloadUnavailable"
"""``caboose.payloads`` raises it for an input that can't be read from the store."""

_CARRIED_OUT = "was carried out"
"""What a message says then; many say so already."""


class NotCarriedOut(Exception):
    """A call proven not carried out, and worth another try."""

    def __init__(self, failure: dict[str, Any]) -> None:
        super().__init__(failure["code"])
        self._failure = failure

    def as_task_failure(self) -> TaskFailed:
        """The same, when it isn't tried again."""
        return _task_failure(self._failure)


def translated(error: ActivityError, *, changes: bool) -> Exception:
    """An activity's failure in the engine's words; ``changes`` says that its call changes something."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        detail = cause.details[0] if cause.details else None
        failure = detail if isinstance(detail, dict) and "proof" in detail else _never_begun(cause)
        if not changes:
            return _task_failure(failure) if failure else TaskFailed(cause.type or "ActivityFailed", cause.message)
        if failure and failure["proof"] == contracts.RETRIABLE:
            return NotCarriedOut(failure)
        if failure and failure["proof"] in (contracts.REFUSED, contracts.CARRIED_OUT):
            return _task_failure(failure)
        return OutcomeUnknown(f"{cause.type}: {cause.message}")
    if changes:
        return OutcomeUnknown("the worker was lost or the call took too long")
    return TaskFailed("TimedOut", "no answer in time; the last failure is in the Temporal UI")


def _never_begun(failure: ApplicationError) -> dict[str, Any] | None:
    """An activity whose input can't be read fails before it is called."""
    cause = failure.__cause__
    if not isinstance(cause, ApplicationError) or cause.type != _UNAVAILABLE:
        return None
    return {"code": _UNAVAILABLE, "message": cause.message, "proof": contracts.RETRIABLE}


def _task_failure(failure: dict[str, Any]) -> TaskFailed:
    carried_out = failure["proof"] == contracts.CARRIED_OUT
    message = failure["message"]
    if carried_out and _CARRIED_OUT not in message:
        message = f"{message} (the call {_CARRIED_OUT})"
    return TaskFailed(
        failure["code"], message, failure.get("request_id", ""), failure.get("outputs"), carried_out=carried_out
    )
