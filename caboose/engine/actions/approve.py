"""``ACS::Approve``: asks people, and waits (https://help.aliyun.com/document_detail/120845.html).

The wait is open before the message goes out, so that whoever is quick isn't refused; and it stays open when the message
can't be delivered, because people can still decide by API or Temporal client. The first rejection ends the execution.
How several people approve is the business of ``votes``.
"""

import asyncio
from functools import partial
from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.webhook import webhook_of
from caboose.engine.approvals import keep_approval, note_decision
from caboose.engine.effects import Message
from caboose.engine.errors import TaskFailed
from caboose.engine.state import APPROVE, KIND_APPROVE, REJECT, Approval, Wait
from caboose.engine.votes import waiting_message
from caboose.oos.approvers import Quorum, quorum
from caboose.oos.problems import shortened
from caboose.oos.redact import redact_text
from caboose.oos.start import UNPROVEN_NAMES, unproven
from caboose.oos.values import EvaluationError, compact_json

_MAX_NEXT_TASKS = 20
_MAX_TEXT = 20_000
_NAMES_NOTE = "the names that come with decisions count here, because CABOOSE_TRUST_NAMES is on: nothing proves them"


async def approve(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Sends the message and returns when enough people have approved.

    Raises:
        Rejected: somebody rejected.
        TaskFailed: ``InvalidProperty``, when a reference gave no usable webhook, names or number;
            ``ApprovalsExceedApprovers``; ``UnprovenNames``, when names count and nothing proves them.
    """
    webhook = webhook_of(properties)
    approval = _open(context, webhook["Content"], _quorum(context, properties))
    keep_approval(context.frame.run.state, approval)
    messages = asyncio.ensure_future(_send_messages(context, approval, webhook, properties))
    try:
        answer = await context.frame.wait_for_answer(approval.wait, messages)
    finally:
        messages.cancel()
    note_decision(context.run, answer)
    return {}


def _quorum(context: TaskContext, properties: dict[str, Any]) -> Quorum:
    """How many must approve, and who; names count only where the server was set to take them as they are."""
    try:
        wanted = quorum(properties)
    except EvaluationError as error:
        raise TaskFailed(error.code, str(error)) from None
    run = context.frame.run
    if wanted.needs_names and not run.context.trust_names:
        raise TaskFailed(UNPROVEN_NAMES, unproven(context.task.name, wanted))
    if wanted.needs_names and _NAMES_NOTE not in run.state.notes:
        run.state.notes.append(_NAMES_NOTE)
    return wanted


def _open(context: TaskContext, content: Any, wanted: Quorum) -> Approval:
    frame = context.frame
    names = [task.name for task in frame.tasks]
    position = names.index(context.task.name)
    following = [
        {"TaskName": task.name, "TaskAction": task.action, "Description": task.description}
        for task in frame.tasks[position + 1 : position + 1 + _MAX_NEXT_TASKS]
    ]
    wait = Wait(
        kind=KIND_APPROVE,
        run=context.run,
        attempt=context.run.attempt,
        since=frame.run.now(),
        accepts=(APPROVE, REJECT),
        message="",
        item=context.item,
        required=wanted.required,
        approvers=wanted.approvers,
    )
    wait.message = waiting_message(wait)
    return Approval(wait, redact_text(shortened(_text_of(content), _MAX_TEXT)), frame.run.state.targets, following)


def _text_of(content: Any) -> str:
    """What people read of a message: the text of DingTalk's kinds, else the JSON as it is posted."""
    if isinstance(content, dict):
        for kind, key in (("text", "content"), ("markdown", "text"), ("actionCard", "text"), ("link", "text")):
            part = content.get(kind)
            if isinstance(part, dict) and isinstance(part.get(key), str):
                return str(part[key])
    return compact_json(content)


async def _send_messages(
    context: TaskContext, approval: Approval, webhook: dict[str, Any], properties: dict[str, Any]
) -> None:
    """Sends the message, and a fresh one each time somebody asks for it (``approval.number`` grows)."""
    effects = context.frame.run.effects
    while True:
        sent = approval.number
        delivered = await effects.notify(
            Message(
                task_name=context.task.name,
                task_execution_id=context.run.id,
                attempt=approval.wait.attempt,
                number=sent,
                uri=webhook["URI"],
                content=webhook["Content"],
                headers=webhook["Headers"],
                append_link=str(properties.get("AppendExecutionLink", True)).lower() != "false",
            )
        )
        approval.delivered = delivered.delivered
        approval.delivery_message, approval.delivery_warning = delivered.message, delivered.warning
        context.run.message = "" if delivered.delivered else f"the message was not delivered: {delivered.message}"
        effects.report()
        await effects.wait_until(partial(_wants_another, approval, sent))


def _wants_another(approval: Approval, sent: int) -> bool:
    return approval.number > sent
