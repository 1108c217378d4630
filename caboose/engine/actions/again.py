"""A call that changes something, made again with its ClientToken until its outcome is known (design section 5).

The cloud carries out only the first call with a token and answers the others as it answered that one. So not knowing is
no reason to ask people, unless it lasts. What the cloud refuses when it is asked again proves nothing about the first
time: it may refuse before it looks at the token, because of permissions, quotas or the state of a machine.

Road not taken: the server's own retries of the activity. They would go on behind a cancellation, after which nothing
begins.
"""

from caboose.engine.actions.context import TaskContext
from caboose.engine.actions.unknown import mark_known, mark_unknown
from caboose.engine.effects import Answered, Call
from caboose.engine.errors import OutcomeUnknown, TaskFailed

TRIES = 10
"""With the pauses between them some five minutes."""
_LONGEST_PAUSE = 60.0
_ANSWERED = ("SelectorError", "OutputTooLarge", "SandboxError")
"""What fails after the cloud's answer, which proves the call."""


async def make_call(context: TaskContext, call: Call) -> Answered:
    """Makes the call, and one with a token again as long as its outcome is unknown.

    Raises:
        TaskFailed: as ``Effects.call``.
        OutcomeUnknown: nothing proves whether the call was carried out.
    """
    effects = context.frame.run.effects
    unknown: OutcomeUnknown | None = None
    tried = 0
    while True:
        tried += 1
        try:
            made = effects.call(call)
            answer = await context.traced(call.service, call.api, call.place.summary, made, cut_off=_cut_off(call))
        except OutcomeUnknown as lost:
            if not call.client_token or tried == TRIES:
                raise
            unknown = lost
        except TaskFailed as failure:
            if unknown is None:
                raise
            if failure.code in _ANSWERED:
                mark_known(context)
                raise
            again = f"made again with its ClientToken it was refused ({failure.code}: {failure.message})"
            raise OutcomeUnknown(f"{unknown.message}; {again}") from None
        else:
            if unknown is not None:
                mark_known(context)
            return answer
        mark_unknown(context, call.place.summary, unknown)
        await effects.sleep(min(2.0**tried, _LONGEST_PAUSE), "outcome unknown: again with the same ClientToken")


def _cut_off(call: Call) -> str:
    """What a call is that a cancellation ends. The answer of one that changes something is awaited all the same, so it
    waited to be sent, for the first time or after it was proven not carried out."""
    return "InFlight" if call.read else "NotCarriedOut"
