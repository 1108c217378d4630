"""One poll, for API calls and HTTP requests: what becomes of an answer that isn't as wanted.

Of a read the server's retries are the waiting: an attempt that sees nothing yet fails, and says when the next is due. A
poll that got no answer says nothing about the value: it is made again, and is never the last word before it was tried
as often as any read is. Of a call that changes something each poll is an activity of its own with one attempt, whose
result says "not yet"; the workflow counts them.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.cloud.failures import CloudError
from activities.contracts import CARRIED_OUT, REFUSED, RETRIABLE, UNKNOWN, CallApiResult, CallFailure
from caboose.oos.expectations import STOPPED, Rule, Verdict, delay, wanted
from caboose.oos.plan import Retry

READ_TRIES = 30
"""How often a read is tried at most: with the back-off, some twelve minutes of a cloud that doesn't answer."""
_BACK_OFF_CAP = 30.0
_THROTTLED_CAP = 60.0  # the cloud's quotas count by the minute


@dataclass(frozen=True)
class Seen:
    """What a poll saw: the rule that isn't met and why, the outputs selected all the same, the request's id."""

    rule: Rule
    verdict: Verdict
    outputs: dict[str, Any] | None = None
    request_id: str = ""


@dataclass(frozen=True)
class Polling:
    """One poll: ``number`` counts from 1; ``check`` says that it is no wait but a check."""

    retry: Retry
    check: bool
    read: bool
    number: int

    def not_as_wanted(self, seen: Seen) -> CallApiResult:
        """What becomes of an answer that isn't as wanted: "not yet" for a call that changes something and has polls
        left.

        Raises:
            ApplicationError: WaitForStopped, WaitForRetriesExhausted, CheckForFailed, with the outputs; NotYet,
                retryable, for a read that has polls left.
        """
        aim, value = wanted(seen.rule), seen.verdict.value
        if seen.verdict.kind != STOPPED and self.number <= self.retry.retries:
            if not self.read:
                return CallApiResult({}, seen.request_id, not_yet=value)
            raise _again(f"waiting for {aim}, it is {value}", delay(self.retry, self.number))
        if self.check:
            after = f" after {self.number} calls" if self.number > 1 else ""
            code, message = "CheckForFailed", f"wanted {aim}, it is {value}{after}"
        elif seen.verdict.kind == STOPPED:
            code, message = "WaitForStopped", f"waited for {aim}, stopped at {value}"
        else:
            code = "WaitForRetriesExhausted"
            message = f"waited for {aim}; after {self.number} polls it is {value}"
        proof = REFUSED if self.read else CARRIED_OUT
        raise final(code, message, CallFailure(code, message, proof, seen.request_id, outputs=seen.outputs))

    def no_answer(self, failure: CallFailure, back_off: float) -> ApplicationError:
        """What is raised when a read was throttled, lost, or answered with a fault of the other side."""
        text = f"not known ({failure.code}: {failure.message})"
        if self.number >= self.retry.retries + READ_TRIES:
            return final(failure.code, text, failure)
        seconds = delay(self.retry, self.number) if self.number <= self.retry.retries else back_off
        return _again(text, seconds)

    def check_tries(self, what: str) -> None:
        """Ends a read whose polls ended without a word: lost with their workers, or cut off by the time-out.

        Raises:
            ApplicationError: TimedOut.
        """
        if self.read and self.number > self.retry.retries + READ_TRIES:
            raise timed_out(what, self.number - 1)


def number_of(poll: int) -> int:
    """The number of a poll: the workflow's count, or that of the server's attempts."""
    return poll or activity.info().attempt


def back_off(error: CloudError, attempt: int) -> float:
    """Seconds until a read is tried again: doubling, longer when throttled, with jitter so that a crowd spreads."""
    if error.retry_after:
        return error.retry_after
    throttled = error.failure.proof == RETRIABLE and error.failure.http_status > 0
    first, cap = (2.0, _THROTTLED_CAP) if throttled else (0.5, _BACK_OFF_CAP)
    return min(first * 2.0 ** min(attempt - 1, 16), cap) * random.uniform(0.7, 1.3)  # noqa: S311 # no secret


def timed_out(what: str, tries: int) -> ApplicationError:
    """A read that never came to an end."""
    failure = CallFailure("TimedOut", f"{what} was tried {tries} times and never finished in time", UNKNOWN)
    return ApplicationError(failure.message, failure, type=failure.code, non_retryable=True)


def final(code: str, message: str, *details: Any) -> ApplicationError:
    """A failure for good whose message quotes what the template gives, secrets too: benign ones aren't logged."""
    return ApplicationError(message, *details, type=code, non_retryable=True, category=ApplicationErrorCategory.BENIGN)


def _again(message: str, seconds: float) -> ApplicationError:
    return ApplicationError(
        message,
        type="NotYet",
        next_retry_delay=timedelta(seconds=seconds),
        category=ApplicationErrorCategory.BENIGN,
    )
