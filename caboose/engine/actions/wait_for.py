"""``ACS::WaitFor`` and ``ACS::CheckFor``: an API called until its answer is as wanted, or once to see whether it is.

A call that changes something (``EnterStandby`` until it is accepted) is polled as well: each poll is a call of its own,
made once. When nothing proves what became of one, people decide, as with ExecuteAPI.

Sources: https://help.aliyun.com/document_detail/120839.html, https://help.aliyun.com/document_detail/120841.html
"""

from typing import Any

from caboose.engine.actions.confirm import confirm
from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.unknown import ask_whether_to_send_again, mark_unknown
from caboose.engine.effects import Poll
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.oos.expectations import Rule


async def wait_for(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Polls and gives the outputs selected from the last answer.

    Raises:
        TaskFailed: a stop value, or the last retry used; with the outputs of the last answer.
        TaskSkipped: somebody went on without a call whose outcome is unknown.
    """
    return await _poll(context, properties, check=False)


async def check_for(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Calls once, or as often as Retries says, and gives the selected outputs.

    Raises:
        TaskFailed: as ``wait_for``: the answer isn't as wanted.
        TaskSkipped: as ``wait_for``.
    """
    return await _poll(context, properties, check=True)


async def _poll(context: TaskContext, properties: dict[str, Any], *, check: bool) -> dict[str, Any]:
    poll = Poll(context.call(properties), _rule(properties), context.task.retry, check)
    await confirm(context, poll.call, properties.get("Risk"))
    while True:
        try:
            polled = context.frame.run.effects.poll(poll)
            answer = await context.traced(poll.call.service, poll.call.api, poll.call.place.summary, polled)
        except OutcomeUnknown as unknown:
            message = mark_unknown(context, poll.call.place.summary, unknown)
            await ask_whether_to_send_again(context, message)
        else:
            context.run.request_id = answer.request_id
            return answer.outputs


def _rule(properties: dict[str, Any]) -> Rule:
    selector = properties.get("PropertySelector")
    if not isinstance(selector, str):
        raise TaskFailed("InvalidProperty", f"PropertySelector is a text, not {selector!r:.80}")
    return Rule(
        selector,
        values_of(properties.get("DesiredValues")),
        values_of(properties.get("NotDesiredValues")),
        values_of(properties.get("StopRetryValues")) or [],
    )


def values_of(value: Any) -> list[Any] | None:
    """Wanted or unwanted values as a list: a single value in place of one occurs in real templates."""
    return value if value is None or isinstance(value, list) else [value]
