"""``ACS::SelectTargets``: machines by ids, by tags, or all (oos/user-guide/acs-selecttargets).

What was selected stays with the execution, because the approval page shows the machines that a decision is about.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.effects import Selection
from caboose.engine.errors import TaskFailed


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
            outputs=context.task.outputs,
        )
    )
    frame.run.state.targets = selected.targets
    missing = selected.targets.get("Missing") or []
    if missing:
        context.run.message = f"not found and left out: {', '.join(map(str, missing[:20]))}"
        frame.run.state.notes.append(f"{context.task.name}: targets not found and left out: {len(missing)}")
    return selected.outputs
