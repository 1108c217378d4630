"""``ACS::Choice``: goes on at the task of the first condition that holds (https://help.aliyun.com/document_detail/140534.html).

Its properties come as they are written (``RAW_PROPERTIES``): a condition is evaluated when its turn comes, and those
after the one that holds never are. They often name a task that was skipped on this path.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext

_NEXT_TASK = "NextTask"


async def choice(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Says by ``context.jump`` where the execution goes on.

    Raises:
        TaskFailed: ``InvalidCondition``, for a condition that is neither true nor false; what evaluating it raises.
    """
    context.jump = await _chosen(context, properties)
    context.run.extra[_NEXT_TASK] = context.jump
    return {}


async def _chosen(context: TaskContext, properties: dict[str, Any]) -> str:
    for index, each in enumerate(properties["Choices"]):
        if await context.frame.condition(each["When"], f"Properties.Choices[{index}].When", context.item):
            return str(each[_NEXT_TASK])
    return str(properties["DefaultTask"])
