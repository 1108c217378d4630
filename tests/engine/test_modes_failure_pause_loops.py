"""Mode FailurePause and loops: what failed runs again, and nothing else, with the targets of the first attempt."""

import asyncio

import pytest

from caboose.engine.errors import TaskFailed
from tests.engine.crowd import Crowd, batches, execution, loop_task, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, called, fails, inner_loop, nested, parameters, product
from tests.engine.test_modes_failure_pause import PAUSE, bad, paused
from tests.oos.templates import template

TEN = list(range(1, 11))


async def test_only_the_failed_items_run_again_and_then_those_that_never_started() -> None:
    crowd = Crowd({3: 1, 4: 1})
    going = execution(looped(TEN, {"Concurrency": 4}), crowd, **PAUSE)
    wait = await going.answer("FailurePause", "RetryTask")
    assert wait.run.id == "exec-test.t0001", "the loop waits as a whole"
    assert "a: 2 of 10 items failed (MaxErrors 0), " in wait.message
    assert " never started" in wait.message
    await going.end()
    assert sorted(crowd.started) == sorted([*TEN, 3, 4])
    assert going.state.outputs == {"all": [f"{each}!" for each in TEN]}
    assert going.state.status == "Success"


async def test_failed_items_come_before_those_that_never_started() -> None:
    crowd = Crowd({3: 1})
    going = execution(looped(TEN), crowd, **PAUSE)
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert crowd.started == [1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10]


async def test_items_are_not_evaluated_again() -> None:
    """The retry has the targets of the first attempt, whatever is there by now."""
    text = looped({"Fn::Split": [",", "{{ now }}"]}, Parameters={"now": {"Default": "p,q"}})
    crowd = Crowd({"p": 1})
    going = execution(text, crowd, **PAUSE)
    (wait,) = await going.asks("FailurePause")
    assert wait.run.begun
    frozen = wait.run.begun.items
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert crowd.started == ["p", "p", "q"]
    assert wait.run.begun.items is frozen


async def test_skip_leaves_the_failed_items_out_and_goes_on_with_the_rest() -> None:
    crowd = Crowd({3: 9, 5: 9})
    going = execution(looped(TEN, None, act("after")), crowd, **PAUSE)
    await going.answer("FailurePause", "SkipTask", NotifyNote="known")
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert crowd.started == TEN
    assert going.state.outputs == {"all": [None if each in (3, 5) else f"{each}!" for each in TEN]}
    assert called(going).endswith("after")
    loop = going.record()["Tasks"][0]["Loop"]
    assert (loop["Success"], loop["Skipped"], loop["Failed"], loop["NotStarted"]) == (8, 2, 0, 0)
    skipped = next(run for run in going.state.runs.values() if run.has_item and run.item == 3)
    assert skipped.status == "Skipped"
    assert skipped.message.startswith("skipped by ")
    assert skipped.message.endswith("Bad: no 3")


async def test_a_loop_is_retried_again_and_again_with_ever_fewer_items() -> None:
    crowd = Crowd({1: 3, 2: 2, 3: 1})
    going = execution(looped([1, 2, 3, 4], {"Concurrency": 4}), crowd, **PAUSE)
    attempts = [(await going.answer("FailurePause", "RetryTask")).attempt for _ in range(3)]
    await going.end()
    assert attempts == [1, 2, 3]
    assert sorted(crowd.started) == [1, 1, 1, 1, 2, 2, 2, 3, 3, 4]
    assert {run.item: run.attempt for run in going.state.runs.values() if run.has_item} == {1: 4, 2: 3, 3: 2, 4: 1}
    assert going.state.outputs == {"all": ["1!", "2!", "3!", "4!"]}


class OneByOne(Recording):
    """Effects that give loop items their turns one after another, once they are ``slow``."""

    slow = False
    given = 0

    async def turn(self) -> None:
        """The next turn comes long after the one before it."""
        if self.slow:
            self.given += 1
            for _ in range(500 * self.given):
                await asyncio.sleep(0)


async def test_items_whose_turn_to_run_again_did_not_come_are_not_forgotten() -> None:
    crowd = Crowd({1: 2, 2: 1, 3: 1})
    effects = OneByOne(crowd.script())
    going = Execution(looped([1, 2, 3, 4], {"Concurrency": 3}), effects, fields=PAUSE).start()
    (first,) = await going.asks("FailurePause")
    effects.slow = True
    await going.answer("FailurePause", "RetryTask")
    assert "3 of 4 items failed (MaxErrors 0), 1 never started: 1: " in first.message
    second = await going.answer("FailurePause", "RetryTask")
    told = "1 of 4 items failed (MaxErrors 0), 2 that failed before were not tried again, 1 never started: 1: "
    assert told in second.message
    await going.end()
    assert crowd.started == [1, 2, 3, 1, 1, 2, 3, 4]
    assert going.state.outputs == {"all": ["1!", "2!", "3!", "4!"]}


async def test_skipping_what_failed_again_while_others_wait_for_their_turn() -> None:
    crowd = Crowd({1: 9, 2: 1, 3: 1})
    effects = OneByOne(crowd.script())
    going = Execution(looped([1, 2, 3, 4], {"Concurrency": 3}), effects, fields=PAUSE).start()
    await going.asks("FailurePause")
    effects.slow = True
    await going.answer("FailurePause", "RetryTask")
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert crowd.started == [1, 2, 3, 1, 2, 3, 4]
    assert going.state.outputs == {"all": [None, "2!", "3!", "4!"]}
    loop = going.run_of("a").loop
    assert loop and (loop.success, loop.skipped, loop.failed) == (3, 1, 0)


async def test_a_loop_that_tolerates_errors_asks_when_there_are_more() -> None:
    crowd = Crowd({1: 9, 2: 9, 3: 9})
    going = execution(looped([1, 2, 3, 4], {"Concurrency": 1, "MaxErrors": 1}), crowd, **PAUSE)
    first = await going.answer("FailurePause", "RetryTask")
    assert "2 of 4 items failed (MaxErrors 1), 2 never started: 1: " in first.message
    second = await going.answer("FailurePause", "SkipTask")
    assert "2 of 4 items failed (MaxErrors 1), 2 never started: 1: " in second.message
    assert crowd.started == [1, 2, 1, 2]
    await going.end()
    assert crowd.started == [1, 2, 1, 2, 3, 4]
    assert going.state.status == "Success", "one error is tolerated"


async def test_up_to_max_errors_nobody_is_asked() -> None:
    going = execution(looped(TEN, {"MaxErrors": 2}), Crowd({3: 9, 5: 9}), **PAUSE)
    await going.end()
    assert going.state.waits_so_far == 0
    assert going.state.status == "Success"


async def test_after_a_retry_errors_count_anew() -> None:
    crowd = Crowd({1: 1, 2: 1, 5: 9})
    going = execution(looped(TEN, {"MaxErrors": 1}), crowd, **PAUSE)
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert crowd.started == [1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert going.state.status == "Success"
    loop = going.run_of("a").loop
    assert loop and (loop.success, loop.failed) == (9, 1)


async def test_edited_parameters_are_for_all_items_that_follow() -> None:
    crowd = Crowd({2: 1})
    going = execution(looped([1, 2, 3]), crowd, **PAUSE)
    await going.answer("FailurePause", "RetryTask", Parameters={"Parameters": {"Id": "edited"}})
    await going.end()
    assert crowd.started == [1, 2, "edited", "edited"]
    assert [run.properties["Parameters"] for run in going.state.runs.values() if run.has_item] == [
        {"Id": 1},
        {"Id": "edited"},
        {"Id": "edited"},
    ]


async def test_what_a_failed_attempt_gave_is_gone_when_the_item_went_well() -> None:
    check = {
        "Name": "a",
        "Action": "ACS::CheckFor",
        "Properties": {"Service": "ECS", "API": "DescribeX", "PropertySelector": "X", "DesiredValues": [1]},
        "Outputs": {"x": {"ValueSelector": "X"}},
        "Loop": {"Items": [1, 2], "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}},
    }
    text = template([check], Outputs={"all": {"Value": "{{ a.all }}"}})
    answers = [TaskFailed("NotDesired", "no", outputs={"x": "bad"}), {}, {"X": 1}]
    going = paused(text, {"DescribeX": answers})
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert going.state.outputs == {"all": [None, 1]}


async def test_what_is_collected_does_not_grow_by_attempts() -> None:
    big = "x" * 1_500_000
    answers = [TaskFailed("NotDesired", "no", outputs={"x": big})] * 4 + [{"X": big}]
    check = {
        "Name": "a",
        "Action": "ACS::CheckFor",
        "Properties": {"Service": "ECS", "API": "DescribeX", "PropertySelector": "X", "DesiredValues": ["much"]},
        "Outputs": {"x": {"ValueSelector": "X"}},
        "Loop": {"Items": [1], "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}},
    }
    going = paused(template([check], Outputs={"all": {"Value": "{{ a.all }}"}}), {"DescribeX": answers})
    for _ in range(4):
        await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert going.state.outputs == {"all": [big]}, going.state.message


async def test_a_failure_in_a_later_batch_is_retried_in_that_batch() -> None:
    control = {"Mode": "Batch", "Batch": [2, 4], "ConcurrencyInBatches": [1, 3], "BatchPauseOption": "EveryBatchPause"}
    crowd = Crowd({4: 1, 5: 1})
    going = execution(looped(list(range(1, 9)), control), crowd, **PAUSE)
    await going.answer("BatchPause", "Approve")
    await going.answer("FailurePause", "RetryTask")
    await going.answer("BatchPause", "Approve")
    await going.end()
    assert batches(going) == {1: [1, 2], 2: [3, 4, 5, 6], 3: [7, 8]}
    assert crowd.peak([3, 4, 5, 6]) == 3
    assert going.state.status == "Success"


async def test_a_loop_over_a_template_pauses_in_each_item() -> None:
    task = nested("n", act("a", {"Id": "{{ id }}"}), given={"id": ITEM}, Parameters_={"id": {}})
    task["Loop"] = {"Items": ["p", "q"], "RateControl": {"Concurrency": 2}}
    going = paused(template([task]), fails("a"))
    waits = await going.asks("FailurePause", 2)
    assert [wait.run.id for wait in waits] == ["exec-test.t0001.i0001.t0001", "exec-test.t0001.i0002.t0001"]
    assert going.decide("SkipTask", TaskExecutionId="exec-test.t0001").accepted, "both"
    await going.end()
    assert going.state.status == "Success"


async def test_a_loop_over_a_product_action_pauses_as_a_loop() -> None:
    library = product("ACS::X::N", act("a"), act("b", {"Id": "{{ id }}"}), Parameters={"id": {}})
    task = {"Name": "n", "Action": "ACS::X::N", "Properties": {"id": ITEM}, "Loop": {"Items": ["p", "q"]}}
    going = paused(template([task]), bad("b"), library)
    wait = await going.answer("FailurePause", "RetryTask", Parameters={"id": "edited"})
    assert wait.run.id == "exec-test.t0001"
    await going.end()
    assert [each["Id"] for each in parameters(going, "b")] == ["p", "edited", "edited"]
    assert "exec-test.t0001.i0001.a2.t0002" in going.state.runs


async def test_inner_tasks_of_a_loop_pause_each() -> None:
    loop = inner_loop("each", ["p", "q"], act("a", {"Id": ITEM}), act("b"))
    going = paused(template([loop]), bad("a"))
    wait = await going.answer("FailurePause", "RetryTask")
    assert (wait.run.id, wait.item) == ("exec-test.t0001.i0001.t0001", "p")
    await going.end()
    assert called(going) == "a a b a b"


@pytest.mark.parametrize("answer", ["RetryTask", "SkipTask"])
async def test_a_loop_whose_items_are_none_waits_like_a_task(answer: str) -> None:
    look = act("look", Outputs={"x": {"ValueSelector": "X"}})
    text = template([look, loop_task("{{ look.x }}")])
    going = execution(text, Crowd(), **PAUSE)
    await going.answer("FailurePause", answer)
    if answer == "RetryTask":
        await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert (going.state.status, going.run_of("a").status) == ("Success", "Skipped")
