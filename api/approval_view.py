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
from caboose.oos.values import compact_json

_HEADLINES = {
    "Approve": "Approval needed",
    "HighRisk": "A high-risk call waits",
    "BatchPause": "A pause between two batches",
    "Pause": "A pause",
}
_VERDICTS = {
    "Approve": "Approved",
    "Reject": "Rejected",
    "CancelTask": "The task was cancelled",
    "CompleteExecution": "The execution was completed",
}


class State(Enum):
    """What became of the approval that a link is for."""

    WAITING = "waiting"
    DECIDED = "decided"
    ENDED = "ended"
    """It waited, and the execution ended without a decision of it."""
    OTHER_RUN = "other run"
    EARLIER_ATTEMPT = "earlier attempt"
    NOT_SHOWN = "not shown"
    """It waits, but the record shows a hundred others."""
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
        waits = any(_is_for(claims, wait) for wait in record.get("Waiting", []))
        return Approval(State.EARLIER_ATTEMPT if later else State.NOT_SHOWN if waits else State.UNKNOWN, {})
    if entry.get("Decision"):
        return Approval(State.DECIDED, entry)
    waiting = entry.get("Status") == "Waiting" and not known.final
    return Approval(State.WAITING if waiting else State.ENDED, entry)


def _is_for(claims: LinkClaims, wait: dict[str, Any]) -> bool:
    return (wait.get("TaskExecutionId"), wait.get("Attempt")) == (claims.task_execution_id, claims.attempt)


def outcome_of(record: dict[str, Any], decision_id: str) -> dict[str, Any] | None:
    """What the workflow said to the decision with this id; None when it has not said anything (yet)."""
    found = (each for each in record.get("Decisions", []) if each.get("DecisionId") == decision_id)
    return next(found, None)


def outcome_notice(outcome: dict[str, Any], entry: dict[str, Any]) -> Notice:
    """The workflow's answer in words."""
    word = "rejection" if outcome.get("NotifyType") == "Reject" else "approval"
    decision = entry.get("Decision")
    if outcome.get("Accepted"):
        more = "" if decision or word == "rejection" or not counts_votes(entry) else f"{tally(entry)}."
        return Notice("ok", f"Your {word} is recorded.", more)
    if outcome.get("Code") == "AlreadyDecided" and decision:
        verb = {"Approve": "approved", "Reject": "rejected"}.get(decision["Decision"], "decided")
        text = f"It was {verb} {decision['By']} on {instant(decision['At'])}. Your {word} changed nothing."
        return Notice("warning", "This was already decided.", redact_text(text))
    reason = redact_text(str(outcome.get("Message") or outcome.get("Code") or "")).rstrip(".")
    if outcome.get("Code") == "AlreadyVoted":
        return Notice("warning", "This person has approved already.", f"{reason}. Nothing was changed.")
    return Notice("error", f"Your {word} is not allowed.", f"{reason}. Nothing was changed.")


def counts_votes(entry: dict[str, Any]) -> bool:
    """Whether it matters for an approval who decides."""
    return int(entry.get("Required") or 1) > 1 or bool(entry.get("Approvers"))


def tally(entry: dict[str, Any]) -> str:
    """How many have approved, of how many who must."""
    required = int(entry.get("Required") or 1)
    return f"{len(entry.get('Votes') or [])} of {required} approval{'s' if required > 1 else ''}"


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
    targets, decision = entry.get("Targets"), entry.get("Decision")
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
        "asked": _HEADLINES.get(str(entry.get("Kind")), _HEADLINES["Approve"]),
        "reason": redact_text(str(entry.get("WaitMessage") or ""))
        if entry.get("Kind") in ("BatchPause", "Pause")
        else "",
        "call": _call(entry.get("Call")),
        "item": _text(entry["LoopItem"]) if entry.get("LoopItem") is not None else "",
        "batch": entry.get("LoopBatchNumber") or 0,
        "tally": tally(entry) if counts_votes(entry) else "",
        "votes": entry.get("Votes") or [],
        "approvers": entry.get("Approvers") or [],
        "decision": decision,
        "verdict": _VERDICTS.get(decision["Decision"], "Decided") if decision else "",
        "status_message": redact_text(str(record.get("StatusMessage") or "")),
        "final": known.final,
        "as_of": known.as_of,
    }


def _call(call: dict[str, Any] | None) -> dict[str, Any] | None:
    """A high-risk call: what it is, and each of its parameters as a text."""
    if call is None:
        return None
    about = [
        (label, str(call.get(name) or ""))
        for label, name in (("Product", "Service"), ("API", "API"), ("Region", "RegionId"), ("As role", "RamRole"))
    ]
    parameters = [(redact_text(str(name)), _text(value)) for name, value in (call.get("Parameters") or {}).items()]
    return {"about": [(label, redact_text(text)) for label, text in about if text], "parameters": parameters}


def _text(value: Any) -> str:
    return redact_text(value if isinstance(value, str) else compact_json(value))
