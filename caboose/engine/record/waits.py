"""What people are asked and what they have said, as the record shows it."""

from typing import Any

from caboose.engine.record.shown import Veil, shown_item
from caboose.engine.state import Answer, Approval, Outcome, Wait


def wait_fields(wait: Wait, veil: Veil) -> dict[str, Any]:
    """Something that goes on only when a person says so."""
    shown = veil.fields(
        {
            "Kind": wait.kind,
            "TaskName": wait.run.name,
            "TaskExecutionId": wait.run.id,
            "Attempt": wait.attempt,
            "LoopItem": shown_item(wait.item),
            "Since": wait.since,
            "Accepts": list(wait.accepts),
            "Message": wait.message,
            "Tasks": list(wait.tasks),
        }
    )
    return {**shown, **_tally(wait, veil)}


def approval_fields(approval: Approval, veil: Veil) -> dict[str, Any]:
    """An approval, from its message to its decision; ``Call`` is the high-risk call that it is about."""
    wait, answer = approval.wait, approval.wait.answer
    shown = {
        "Kind": wait.kind,
        "TaskName": wait.run.name,
        "TaskExecutionId": wait.run.id,
        "Attempt": wait.attempt,
        "LoopItem": shown_item(wait.item),
        "LoopBatchNumber": wait.run.batch,
        "Since": wait.since,
        "Status": answer.notify_type if answer else "Cancelled" if approval.cancelled else "Waiting",
        "Message": approval.message,
        "WaitMessage": wait.message,
    }
    notification = {
        "Delivered": approval.delivered,
        "Message": approval.delivery_message,
        "Warning": approval.delivery_warning,
        "Number": approval.number,
    }
    return {
        **veil.fields(shown),
        "Targets": _targets(approval.targets, veil),
        "NextTasks": [veil.fields(task) for task in approval.next_tasks],
        "Call": veil.fields(approval.call) if approval.call else None,
        **_tally(wait, veil),
        "Notification": veil.fields(notification),
        "Decision": _decision(answer, veil) if answer else None,
    }


def outcome_fields(outcome: Outcome, veil: Veil) -> dict[str, Any]:
    """What came of one NotifyExecution."""
    return veil.fields(
        {
            "Accepted": outcome.accepted,
            "Code": outcome.code,
            "Message": outcome.message,
            "NotifyType": outcome.notify_type,
            "By": outcome.by,
            "Note": outcome.note,
            "At": outcome.at,
            "DecisionId": outcome.decision_id,
            "TaskExecutionId": outcome.task_execution_id,
        }
    )


def _tally(wait: Wait, veil: Veil) -> dict[str, Any]:
    """How many have to agree, who may, and who has voted so far."""
    return {
        "Required": wait.required,
        "Approvers": veil.value(wait.approvers),
        "Votes": [{**_decision(vote, veil), "Approver": veil.text(vote.approver)} for vote in wait.votes],
    }


def _decision(answer: Answer, veil: Veil) -> dict[str, Any]:
    return veil.fields(
        {
            "Decision": answer.notify_type,
            "By": answer.by,
            "Note": answer.note,
            "At": answer.at,
            "DecisionId": answer.decision_id,
        }
    )


def _targets(targets: dict[str, Any] | None, veil: Veil) -> dict[str, Any] | None:
    if targets is None:
        return None
    return {**veil.fields(targets), "Items": [veil.fields(item) for item in targets["Items"]]}
