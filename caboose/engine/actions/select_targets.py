"""``ACS::SelectTargets``: machines by ids, by tags, or all (oos/user-guide/acs-selecttargets).

What was selected stays with the execution, because the approval page shows the machines that a decision is about.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.effects import Selection
from caboose.engine.errors import TaskFailed
from caboose.oos.problems import shortened

_MAX_MISSING = 200
_MAX_NAMED = 20
_MAX_ID = 100


async def select_targets(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Selects and gives the selected outputs.

    Raises:
        TaskFailed: ``NoTargets``, ``TooManyTargets``, ``InvalidFilter``, or what the cloud said.
    """
    filters = properties.get("Filters")
    if not isinstance(filters, list):
        raise TaskFailed("InvalidFilter", f"Filters is a list of target objects, not {filters!r:.80}")
    frame = context.frame
    selected = await frame.run.effects.select(
        Selection(
            place=frame.place(properties, f"{context.task.name} {properties['ResourceType']}"),
            resource_type=str(properties["ResourceType"]),
            filters=filters,
            outputs=context.outputs,
        )
    )
    missing = [shortened(str(each), _MAX_ID) for each in selected.targets["Missing"]]
    frame.run.state.targets = {**selected.targets, "Missing": missing[:_MAX_MISSING]}
    if missing:
        count = selected.targets["MissingCount"]
        more = f" and {count - _MAX_NAMED} more" if count > _MAX_NAMED else ""
        context.run.message = f"not found and left out: {', '.join(missing[:_MAX_NAMED])}{more}"
        frame.run.state.notes.append(f"{context.task.name}: targets not found and left out: {count}")
    return selected.outputs
