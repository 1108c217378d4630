"""A call that was carried out, and only its answer was of no use: nobody does it again without being told so."""

from typing import Any

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, RetryState

from activities import contracts
from caboose.engine.errors import TaskFailed
from caboose.engine.progress import Checkpoint
from caboose.engine.retrying import Refusal, place_to_retry
from tests.engine.apart import Apart
from tests.engine.crowd import loop_task
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.engine.samples import act, called, fails, inner_loop, nested
from tests.engine.test_modes_failure_pause import PAUSE
from tests.oos.templates import template
from workflows.failures import NotCarriedOut, translated

WAS = TaskFailed("SelectorError", "the call Modify-a was carried out, but nothing fits", "request-a", carried_out=True)
TOLD = ", which makes a call again that was carried out, SkipTask goes on without it."
TOLERANT = {"MaxErrors": 1, "Concurrency": 1}


def refused(done: Execution) -> str:
    """The message that refuses to retry an execution which has failed."""
    found = place_to_retry(done.state)
    assert isinstance(found, Refusal)
    assert (done.state.status, found.code) == ("Failed", "CallsCarriedOut")
    assert "a retry would do them again" in found.message
    assert done.record()["Retry"]["Possible"] is False
    return found.message


def can_be_retried(done: Execution) -> str:
    """The task from which it can be."""
    found = place_to_retry(done.state)
    assert isinstance(found, Checkpoint)
    return found.task


async def test_the_execution_is_not_retried() -> None:
    assert "(exec-test.t0001)" in refused(await run(template([act("a")]), {"Modify-a": WAS}))


@pytest.mark.parametrize(
    "tasks",
    [
        pytest.param([nested("n", act("a"))], id="in a nested template"),
        pytest.param([nested("n", act("b", OnError="a"), act("a"))], id="in its handler"),
        pytest.param([act("b", OnError="a"), act("a")], id="in a handler"),
        pytest.param(
            [nested("n", act("a", IsCritical=False, OnError="b"), act("b"))], id="before what failed in there"
        ),
        pytest.param([loop_task([1, 2])], id="in a loop"),
        pytest.param([inner_loop("l", [1], nested("n", act("a")))], id="deep down"),
    ],
)
@pytest.mark.parametrize("effects", [Recording, Apart])
async def test_wherever_it_was(tasks: Any, effects: type[Recording]) -> None:
    script = {**fails("b"), "Modify-a": WAS}
    refused(await Execution(template(tasks), effects(script)).start().end())


async def test_a_failed_item_that_was_tolerated_would_run_again_too() -> None:
    items = loop_task([1, 2, 3], TOLERANT)
    bad = TaskFailed("Bad", "no")
    for effects in (Recording({"Modify-a": [WAS, {}, bad]}), Apart({"Modify-a": [WAS, {}, bad]})):
        refused(await Execution(template([items]), effects).start().end())


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(act("a", IsCritical=False, OnError="b"), id="a task that isn't critical"),
        pytest.param(loop_task([1, 2], TOLERANT), id="an item that was tolerated"),
        pytest.param(nested("n", act("a", IsCritical=False)), id="a nested template that went well"),
    ],
)
@pytest.mark.parametrize("effects", [Recording, Apart])
async def test_what_a_retry_leaves_alone_is_no_reason(before: Any, effects: type[Recording]) -> None:
    script = {**fails("b"), "Modify-a": [WAS, {}]}
    done = await Execution(template([before, act("b")]), effects(script)).start().end()
    assert can_be_retried(done) == "b"


async def test_an_item_that_went_well_all_the_same_is_no_reason() -> None:
    items = inner_loop("l", [1, 2], act("a", IsCritical=False, OnError="b"), act("b"), control={"Concurrency": 1})
    script = {"Modify-a": [WAS, {}], "Modify-b": [{}, *fails("b").values()]}
    for effects in (Recording(script), Apart(script)):
        assert can_be_retried(await Execution(template([items]), effects).start().end()) == "l"


async def test_a_retry_by_hand_says_what_it_does() -> None:
    going = Execution(template([act("a")]), Recording({"Modify-a": [WAS, *fails("a").values()]}), fields=PAUSE).start()
    (wait,) = await going.asks("FailurePause")
    assert wait.message.endswith(f"RetryTask runs a again{TOLD}")
    assert "was carried out" in going.run_of("a").message
    await going.answer("FailurePause", "RetryTask")
    (wait,) = await going.asks("FailurePause")
    assert wait.message.endswith("RetryTask runs a again, SkipTask goes on without it."), "this one was refused"
    await going.answer("FailurePause", "SkipTask")
    await going.end()


@pytest.mark.parametrize("effects", [Recording, Apart])
async def test_of_items_too(effects: type[Recording]) -> None:
    recording = effects({"Modify-a": [WAS, *fails("a").values(), {}]})
    going = Execution(template([loop_task([1])]), recording, fields=PAUSE)
    if isinstance(recording, Apart):
        recording.root = going.state
    going.start()
    (wait,) = await going.asks("FailurePause")
    assert "runs the failed items again, which makes calls again that were carried out, SkipTask" in wait.message
    await going.answer("FailurePause", "RetryTask")
    (wait,) = await going.asks("FailurePause")
    assert "runs the failed items again, SkipTask" in wait.message
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert (going.state.status, called(going)) == ("Success", "a a a")


async def test_whoever_skipped_it_can_retry_what_failed_later() -> None:
    going = Execution(template([act("a"), act("b")]), Recording({"Modify-a": WAS}), fields=PAUSE).start()
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert going.state.carried_out == []


def activity_error(proof: str, message: str) -> ActivityError:
    """An activity that failed with this proof."""
    error = ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="call_api",
        activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    error.__cause__ = ApplicationError(message, {"code": "C", "message": message, "proof": proof, "request_id": "r"})
    return error


@pytest.mark.parametrize(
    ("proof", "message", "told"),
    [
        (contracts.CARRIED_OUT, "it was carried out, but", "it was carried out, but"),
        (contracts.CARRIED_OUT, "wanted x", "wanted x (the call was carried out)"),
        (contracts.REFUSED, "no", "no"),
    ],
)
def test_the_proof_stays_with_the_failure(proof: str, message: str, told: str) -> None:
    failure = translated(activity_error(proof, message), changes=True)
    assert isinstance(failure, TaskFailed)
    assert (failure.message, failure.carried_out) == (told, proof == contracts.CARRIED_OUT)


def test_what_was_not_carried_out_is_no_such_failure() -> None:
    failure = translated(activity_error(contracts.RETRIABLE, "later"), changes=True)
    assert isinstance(failure, NotCarriedOut)
    assert not failure.as_task_failure().carried_out
