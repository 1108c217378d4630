"""Late answers: what was said about one wait never decides what came to wait below it in the meantime."""

from typing import Any

import pytest

from caboose.engine.approvals import open_page
from caboose.engine.errors import OutcomeUnknown, TaskFailed
from caboose.engine.state import Outcome, TaskRun, Wait
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, nested, product
from tests.engine.test_moments import AT, said, state_of, wait_of
from tests.oos.templates import task, template

LOST = OutcomeUnknown("the connection was lost")
LOOP = "exec-test.t0001"
CALL = "exec-test.t0001.a2.t0002"
ASKING = {"SafetyCheck": "ConfirmEveryHighRiskAction"}


async def second_batch(*, together: int = 2) -> Execution:
    """The first batch's page was approved; each item of the second waits for its high-risk call."""
    control = {
        "Mode": "Batch",
        "Batch": [1, together],
        "ConcurrencyInBatches": [1, together],
        "BatchPauseOption": "FirstBatchPause",
    }
    clean = task(
        Name="clean",
        Properties={"Service": "ECS", "API": "DeleteInstance", "Parameters": {"InstanceId": ITEM}},
        Outputs=None,
        Loop={"Items": [f"i-{number}" for number in range(1, together + 2)], "RateControl": control, "Outputs": {}},
    )
    going = Execution(template([clean]), Recording(), fields=ASKING).start()
    await going.answer("HighRisk", "Approve")
    await going.answer("BatchPause", "Approve", Approver="alice")
    waits = await going.asks("HighRisk", together)
    assert {wait.attempt for wait in waits} == {1}
    return going


@pytest.mark.parametrize("notify_type", ["Approve", "Reject"])
async def test_a_page_that_was_decided_decides_nothing_of_the_next_batch(notify_type: str) -> None:
    going = await second_batch()
    late = going.decide(notify_type, TaskExecutionId=LOOP, Attempt=1)
    assert (late.accepted, late.code) == (False, "AlreadyDecided")
    assert "clean was already approved" in late.message
    assert '"alice"' in late.message
    assert len(going.effects.calls) == 1
    await going.cancel()


@pytest.mark.parametrize("together", [1, 2])
@pytest.mark.parametrize(
    "address", [{"TaskExecutionId": LOOP}, {"TaskName": "clean"}, {"TaskName": "clean", "Attempt": 1}]
)
async def test_an_address_that_may_mean_the_pause_decides_no_item(address: dict[str, Any], together: int) -> None:
    going = await second_batch(together=together)
    late = going.decide("Approve", **address)
    assert (late.accepted, late.code) == (False, "AmbiguousNotification")
    assert f"{LOOP}.i0002" in late.message
    assert going.decide("Approve", TaskExecutionId=LOOP, LoopItem="i-2").accepted, "the pause had no item"
    await going.cancel()


async def test_all_items_are_still_decided_at_once_by_their_ids() -> None:
    going = await second_batch()
    ids = [f"{LOOP}.i0002", f"{LOOP}.i0003"]
    assert going.decide("Approve", TaskExecutionIds=ids, Attempt=1).accepted
    await going.end()
    assert len(going.effects.calls) == 3


async def lost_below_a_retried_action() -> Execution:
    """A product action failed, was retried, and now its second call is lost."""
    library = product("ACS::X::N", act("p"), act("q"))
    text = template([{"Name": "n", "Action": "ACS::X::N", "Properties": {}}])
    script = {"Modify-q": [TaskFailed("Bad", "no"), LOST, {}]}
    going = Execution(text, Recording(script), None, library, fields={"Mode": "FailurePause"}).start()
    await going.answer("FailurePause", "RetryTask")
    (wait,) = await going.asks("OutcomeUnknown")
    assert (wait.run.id, wait.attempt) == (CALL, 1)
    return going


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({"TaskExecutionId": LOOP, "Attempt": 1}, "NotWaiting"),
        ({"TaskExecutionId": LOOP}, "AmbiguousNotification"),
        ({"TaskName": "n", "Attempt": 1}, "NotWaiting"),
        ({}, "AmbiguousNotification"),
    ],
)
@pytest.mark.parametrize("notify_type", ["RetryTask", "SkipTask"])
async def test_a_late_retry_of_an_action_sends_no_call_of_it_again(
    notify_type: str, address: dict[str, Any], code: str
) -> None:
    going = await lost_below_a_retried_action()
    late = going.decide(notify_type, **address)
    assert (late.accepted, late.code) == (False, code)
    assert len(going.effects.calls) == 4
    assert going.decide("RetryTask", TaskExecutionId=CALL).accepted
    await going.end()
    assert len(going.effects.calls) == 5


async def test_a_late_step_is_no_step_of_the_template_within() -> None:
    going = Execution(template([nested("n", act("a"), act("b"))]), Recording(), fields={"Mode": "Debug"}).start()
    await going.answer("Debug", "ExecuteTask")
    await going.asks("Debug")
    for notify_type in ("ExecuteTask", "CancelTask"):
        assert going.decide(notify_type, TaskExecutionId=LOOP, Attempt=1).code == "NotWaiting"
        assert going.decide(notify_type, TaskExecutionId=LOOP).code == "AmbiguousNotification"
    assert going.decide("CompleteExecution", TaskExecutionId=LOOP).accepted, "that is about the execution"
    await going.end()
    assert going.effects.calls == []


def below(number: int, **fields: Any) -> Wait:
    """Something lost in an item of the first task."""
    wait = wait_of("OutcomeUnknown", **fields)
    wait.run.id, wait.run.name = f"exec-1.t0001.i{number:04d}", "task1"
    return wait


def test_a_group_is_answered_as_long_as_all_in_it_wait_for_the_first_time() -> None:
    first, second = below(1), below(2)
    assert said(state_of(first, second), "RetryTask", TaskExecutionId="exec-1.t0001").accepted
    assert first.answer
    assert second.answer
    first, second = below(1), below(2, attempt=2)
    state = state_of(first, second)
    outcome = said(state, "RetryTask", TaskExecutionId="exec-1.t0001")
    assert outcome.code == "WrongAttempt"
    assert outcome.message == (
        "attempt 2 of task1 waits now: say TaskExecutionId exec-1.t0001.i0002 and Attempt 2 to mean it"
    )
    assert said(state, "RetryTask", TaskExecutionId="exec-1.t0001.i0002", Attempt=2).accepted
    assert said(state, "RetryTask", TaskExecutionId="exec-1.t0001").accepted, "what is left of the group"


def test_an_attempt_is_of_one_wait() -> None:
    state = state_of(below(1), below(2))
    outcome = said(state, "RetryTask", TaskName="task1", Attempt=1)
    assert outcome.code == "AmbiguousNotification"
    assert outcome.message.startswith(
        "an Attempt is for one wait, and 2 fit: give a TaskExecutionId (exec-1.t0001.i0001"
    )
    assert (
        said(state, "RetryTask", TaskExecutionIds=["exec-1.t0001", "exec-1.t0001.i0001"], Attempt=1).code
        == "NotWaiting"
    )


def test_what_waited_in_a_large_loop_is_known_by_its_page_or_its_decision() -> None:
    pause = wait_of("BatchPause", workflow_id="exec-1.t0001")
    state = state_of(pause)
    state.runs["exec-1.t0001"] = TaskRun("exec-1.t0001", "task1", "ACS::X", AT, workflow_id="exec-1.t0001")
    assert said(state, "Approve").accepted
    item = wait_of("HighRisk", workflow_id="exec-1.t0001")
    item.run.id = "exec-1.t0001.i0001"
    state.waits = {item.run.id: item}
    open_page(state, item)
    assert said(state, "Approve", TaskExecutionId="exec-1.t0001").code == "AmbiguousNotification"
    lost = below(1, workflow_id="exec-1.t0001")
    state.waits = {lost.run.id: lost}
    state.decisions.append(Outcome(True, "", "", "SkipTask", task_execution_id="exec-1.t0001"))
    assert said(state, "RetryTask", TaskExecutionId="exec-1.t0001").code == "AmbiguousNotification"
    assert said(state, "RetryTask", TaskExecutionId="exec-1").accepted, "the execution itself never waits"
