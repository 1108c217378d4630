"""``ACS::WaitFor``: an API polled until a value is desired (https://help.aliyun.com/document_detail/120839.html)."""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.effects import Poll
from caboose.engine.errors import TaskFailed


async def wait_for(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Polls and gives the outputs selected from the last answer.

    Raises:
        TaskFailed: a stop value, the last retry used, or values that are no lists.
    """
    call = context.call(properties)
    if not call.read:
        raise TaskFailed("InvalidProperty", f"WaitFor repeats its call; {call.api} changes something")
    answer = await context.frame.run.effects.poll(
        Poll(
            call=call,
            selector=properties["PropertySelector"],
            retry=context.task.retry,
            desired=_values(properties, "DesiredValues"),
            not_desired=_values(properties, "NotDesiredValues"),
            stop=_values(properties, "StopRetryValues") or [],
        )
    )
    context.run.request_id = answer.request_id
    return answer.outputs


def _values(properties: dict[str, Any], name: str) -> list[Any] | None:
    value = properties.get(name)
    if value is None or isinstance(value, list):
        return value
    return [value]  # a single value in place of a list occurs in real templates
