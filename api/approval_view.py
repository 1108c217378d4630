"""What an approval page shows, worked out from the record and the link. Pure: no request, no clock, no I/O.

A link is for one attempt of one approval task of one run. Everything else it could meet has a name here, so that each
case gets its own clear page and none of them a form that would do something else than it says.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from api.records import Known
from api.render import instant
from caboose.links import LinkClaims
from caboose.oos.redact import redact_text


class State(Enum):
    """What became of the approval that a link is for."""

    WAITING = "waiting"
    DECIDED = "decided"
    ENDED = "ended"
    """It waited, and the execution ended without a decision of it."""
    OTHER_RUN = "other run"
    EARLIER_ATTEMPT = "earlier attempt"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Approval:
    """One approval as its page shows it."""

    state: State
    entry: dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """What the page says above everything else. ``kind``: ok, warning or error, which is only its colour."""

    kind: str
    title: str
    text: str = ""


def approval_of(known: Known, claims: LinkClaims) -> Approval:
    """The approval that a link is for."""
    record = known.record
    if record.get("FirstRunId") != claims.first_run_id:
        return Approval(State.OTHER_RUN, {})
    entries = [
        entry for entry in record.get("Approvals", []) if entry.get("TaskExecutionId") == claims.task_execution_id
    ]
    entry = next((each for each in entries if each.get("Attempt") == claims.attempt), None)
    if entry is None:
        later = any(each.get("Attempt", 0) > claims.attempt for each in entries)
        return Approval(State.EARLIER_ATTEMPT if later else State.UNKNOWN, {})
    if entry.get("Decision"):
        return Approval(State.DECIDED, entry)
    waiting = entry.get("Status") == "Waiting" and not known.final
    return Approval(State.WAITING if waiting else State.ENDED, entry)


def outcome_of(record: dict[str, Any], decision_id: str) -> dict[str, Any] | None:
    """What the workflow said to the decision with this id; None when it has not said anything (yet)."""
    found = (each for each in record.get("Decisions", []) if each.get("DecisionId") == decision_id)
    return next(found, None)


def outcome_notice(outcome: dict[str, Any], entry: dict[str, Any]) -> Notice:
    """The workflow's answer in words."""
    word = "rejection" if outcome.get("NotifyType") == "Reject" else "approval"
    if outcome.get("Accepted"):
        return Notice("ok", f"Your {word} is recorded.")
    decision = entry.get("Decision")
    if outcome.get("Code") == "AlreadyDecided" and decision:
        verb = "rejected" if decision["Decision"] == "Reject" else "approved"
        text = f"It was {verb} {decision['By']} on {instant(decision['At'])}. Your {word} changed nothing."
        return Notice("warning", "This was already decided.", redact_text(text))
    reason = str(outcome.get("Message") or outcome.get("Code") or "")
    return Notice("error", f"Your {word} is not allowed.", redact_text(f"{reason} Nothing was changed."))


def received_notice() -> Notice:
    """For a decision that Temporal has and no worker has seen."""
    return Notice(
        "warning",
        "Your decision is received, but no worker answers yet.",
        "It takes effect as soon as a worker is back; this page looks again every few seconds.",
    )


def unknown_notice() -> Notice:
    """For a decision that the workflow knows nothing of, although it answers: nobody sent it, or long ago."""
    text = "What is shown below is all there is. If nothing is decided there, decide again."
    return Notice("warning", "Nothing is known of this decision.", text)


def shown(known: Known, entry: dict[str, Any]) -> dict[str, Any]:
    """The values of the page about an approval. Texts are masked once more: they come from templates."""
    record = known.record
    targets = entry.get("Targets")
    items = targets["Items"] if targets else []
    delivery = entry.get("Notification") or {}
    return {
        "record": record,
        "entry": entry,
        "message": redact_text(str(entry.get("Message") or "")),
        "targets": targets,
        "items": items,
        "missing": targets["Missing"] if targets else [],
        "missing_count": targets["MissingCount"] if targets else 0,
        "hidden_targets": max(0, targets["Count"] - len(items)) if targets else 0,
        "next_tasks": entry.get("NextTasks") or [],
        "undelivered": redact_text(str(delivery.get("Message") or "unknown"))
        if delivery.get("Delivered") is False
        else "",
        "delivery_warning": redact_text(str(delivery.get("Warning") or "")),
        "decision": entry.get("Decision"),
        "status_message": redact_text(str(record.get("StatusMessage") or "")),
        "final": known.final,
        "as_of": known.as_of,
    }
