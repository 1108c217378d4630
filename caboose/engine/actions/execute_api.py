"""``ACS::ExecuteAPI``: one API call (https://help.aliyun.com/document_detail/120838.html).

A call that changes something is made once, unless it has a ClientToken (``again.py``). When nothing proves whether it
was carried out, a read decides where it can; otherwise the task waits for a person, in every Mode: RetryTask sends it
again, with the same token where it has one, SkipTask goes on without it (design section 5).
"""

from dataclasses import replace
from typing import Any

from caboose.engine.actions.again import make_call
from caboose.engine.actions.confirm import confirm
from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.unknown import ask_whether_to_send_again, mark_known, mark_unknown
from caboose.engine.effects import Answered, Call
from caboose.engine.errors import EngineError, OutcomeUnknown
from caboose.oos.plan import OutputSpec

_STATES_THAT_PROVE = {
    ("ecs", "startinstance"): {"Starting", "Running"},
    ("ecs", "stopinstance"): {"Stopping", "Stopped"},
    ("ecs", "rebootinstance"): {"Starting"},
}
"""States that the call alone, or the wanted end, explains; a Running machine may or may not have been restarted."""


async def execute_api(context: TaskContext, properties: dict[str, Any]) -> dict[str, Any]:
    """Makes the call and gives its selected outputs.

    Raises:
        TaskFailed: the cloud's code and message.
        Rejected: somebody said no to a high-risk call.
        TaskSkipped: somebody went on without a call whose outcome is unknown.
    """
    call = context.call(properties)
    await confirm(context, call, properties.get("Risk"))
    while True:
        try:
            answer = await make_call(context, call)
        except OutcomeUnknown as unknown:
            message = mark_unknown(context, call.place.summary, unknown)
            if await _was_carried_out(context, call):
                context.run.extra["Outcome"] = (
                    f"no answer came ({unknown.message}); the instance's state proves the call"
                )
                mark_known(context)
                return dict.fromkeys(call.outputs)
            await ask_whether_to_send_again(context, message)
        else:
            context.run.request_id = answer.request_id
            return answer.outputs


async def _was_carried_out(context: TaskContext, call: Call) -> bool:
    """Whether a read proves that the call was carried out; a read that fails proves nothing."""
    proving = _STATES_THAT_PROVE.get((call.service.lower(), call.api.lower()))
    instance = call.parameters.get("InstanceId")
    if not proving or not isinstance(instance, str):
        return False
    read = replace(
        call,
        api="DescribeInstances",
        parameters={"RegionId": call.place.region_id, "InstanceIds": [instance]},
        outputs={"status": OutputSpec("List", "Instances.Instance[].Status")},
        read=True,
        place=replace(call.place, summary=f"was {call.api} {instance} carried out?"),
    )
    try:
        answer: Answered = await context.frame.run.effects.call(read)
    except EngineError:
        return False
    states = answer.outputs["status"]
    return len(states) == 1 and states[0] in proving
