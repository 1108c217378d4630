"""``ACS::Pause``: waits until somebody lets the execution go on."""

from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.oos.templates import task, template

TEXT = template([{"Name": "hold", "Action": "ACS::Pause"}, task(Outputs=None)])


async def paused() -> Execution:
    return await Execution(TEXT, Recording()).start().until("Waiting")


async def test_approve_lets_it_go_on() -> None:
    going = await paused()
    (wait,) = going.state.waits.values()
    assert (wait.kind, wait.accepts) == ("Pause", ("Approve", "Reject"))
    assert wait.message == "hold pauses: Approve lets the execution go on, Reject ends it"
    assert not going.effects.calls
    assert going.decide("Approve", NotifyNote="restored").accepted
    done = await going.end()
    assert done.state.status == "Success"
    assert len(done.effects.calls) == 1
    assert done.run_of("hold").extra["NotifyNote"] == "restored"
    assert done.run_of("hold").extra["Decided"].startswith("Approve by a Temporal client")


async def test_reject_cancels_the_execution() -> None:
    going = await paused()
    assert going.decide("Reject", NotifyNote="not today").accepted
    done = await going.end()
    assert (done.state.status, done.state.reason) == ("Cancelled", "Rejected")
    assert done.state.message.endswith(": not today")
    assert not done.effects.calls


async def test_nothing_else_is_accepted() -> None:
    going = await paused()
    for kind in ("RetryTask", "SkipTask", "ExecuteTask"):
        assert not going.decide(kind).accepted
    assert going.state.status == "Waiting"
    going.decide("Approve")
    await going.end()
