"""``ACS::Pause``: waits until somebody lets the execution go on. In no documentation; a public template
(ACS-ECS-RestoreDataWithSnapshot) waits with it until a person has done something by hand.

Unlike an approval it asks nobody by message and has no quorum. Reject ends the execution as a rejected approval does.
"""

from typing import Any

from caboose.engine.actions.context import TaskContext
from caboose.engine.approvals import note_decision
from caboose.engine.state import APPROVE, PAUSE, REJECT, Wait


async def pause(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Returns when somebody has said Approve; there are no properties.

    Raises:
        Rejected: somebody said Reject.
    """
    del properties
    answer = await context.frame.wait_for_answer(
        Wait(
            kind=PAUSE,
            run=context.run,
            attempt=context.run.attempt,
            since=context.frame.run.now(),
            accepts=(APPROVE, REJECT),
            message=f"{context.task.name} pauses: Approve lets the execution go on, Reject ends it",
            item=context.item,
        )
    )
    note_decision(context.run, answer)
    return {}
