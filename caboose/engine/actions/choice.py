"""``ACS::Choice``: goes on at the task of the first condition that holds.

Its properties come as they are written (``RAW_PROPERTIES``): a condition is evaluated when its turn comes, and those
after the one that holds never are. They often name a task that was skipped on this path. Whoever retries the task may
have replaced a property, so that what compiling has checked is looked at once more.

Source: https://help.aliyun.com/document_detail/140534.html
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.errors import TaskFailed
from caboose.oos.plan import END, NEXT

_NEXT_TASK = "NextTask"


async def choice(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Says by ``context.jump`` where the execution goes on.

    Raises:
        TaskFailed: ``InvalidCondition``, for a condition that is neither true nor false, and what evaluating it raises;
            ``InvalidProperty``, when a replaced property is no choice.
    """
    chosen = await _chosen(context, properties)
    if chosen not in (NEXT, END, *(task.name for task in context.frame.tasks)):
        raise TaskFailed("InvalidProperty", f"there is no task {chosen!r:.80} to go on at")
    context.jump = context.run.extra[_NEXT_TASK] = chosen
    return {}


async def _chosen(context: TaskContext, properties: dict[str, Any]) -> Any:
    choices = properties.get("Choices")
    for index, each in enumerate(choices if isinstance(choices, list) else [None]):
        if not isinstance(each, dict) or "When" not in each:
            raise TaskFailed("InvalidProperty", "Choices is a list of maps with When and NextTask")
        if await context.frame.condition(each["When"], f"Properties.Choices[{index}].When", context.item):
            return each.get(_NEXT_TASK)
    return properties.get("DefaultTask")
