"""Mode FailurePause: what failed waits for RetryTask or SkipTask, as often as it takes (reference section 8.6)."""

import asyncio
import json
from typing import Any

import pytest

from caboose.engine.errors import TaskFailed
from tests.engine.crowd import Crowd, batches, execution, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, called, choose, fails, inner_loop, nested, parameters, product
from tests.oos.templates import template

PAUSE = {"Mode": "FailurePause"}
TEN = list(range(1, 11))


def paused(text: str, script: dict[str, Any], library: Any = None, given: dict[str, Any] | None = None) -> Execution:
    return Execution(text, Recording(script), given, library, fields=PAUSE).start()


def bad(name: str, times: int = 1) -> dict[str, Any]:
    """A script in which a task's call fails so often, and then goes well."""
    return {f"Modify-{name}": [*[fails(name)[f"Modify-{name}"]] * times, {"X": "good"}]}


async def test_a_failed_task_waits_and_says_what_can_be_done() -> None:
    going = paused(template([act("a"), act("b")]), bad("a"))
    (wait,) = await going.asks("FailurePause")
    assert (wait.accepts, wait.attempt, wait.run.status) == (("RetryTask", "SkipTask"), 1, "Waiting")
    assert wait.message == "a: no a. RetryTask runs a again, SkipTask goes on without it."
    assert going.state.status == "Waiting"
    assert called(going) == "a"
    await going.answer("FailurePause", "RetryTask", NotifyNote="now")
    await going.end()
    assert called(going) == "a a b"
    assert going.state.status == "Success"
    run = going.run_of("a")
    assert (run.status, run.attempt, run.message) == ("Success", 2, "")


async def test_retried_again_and_again() -> None:
    going = paused(template([act("a")]), bad("a", 4))
    for attempt in range(1, 5):
        wait = await going.answer("FailurePause", "RetryTask")
        assert wait.attempt == attempt
    await going.end()
    assert called(going) == "a a a a a"
    assert len(going.state.runs) == 1, "it stays one task execution"


async def test_an_answer_to_an_earlier_attempt_is_none_to_this_one() -> None:
    going = paused(template([act("a")]), bad("a", 2))
    await going.answer("FailurePause", "RetryTask")
    await going.asks("FailurePause")
    assert not going.decide("RetryTask", Attempt=1).accepted
    assert not going.decide("RetryTask").accepted, "whoever says nothing of an attempt may mean an earlier one"
    assert going.decide("SkipTask", Attempt=2).accepted
    await going.end()


async def test_edited_parameters_replace_properties_and_stay() -> None:
    task = act("a", {"Id": "{{ p }}", "Size": 1})
    going = paused(template([task], Parameters={"p": {"Default": "i-1"}}), bad("a", 2))
    await going.answer("FailurePause", "RetryTask", Parameters={"Parameters": {"Id": "{{ p }}", "Size": 2}})
    await going.answer("FailurePause", "RetryTask", Parameters={"API": "Modify-b"})
    await going.end()
    assert parameters(going, "a") == [{"Id": "i-1", "Size": 1}, {"Id": "{{ p }}", "Size": 2}], "values are literal"
    assert parameters(going, "b") == [{"Id": "{{ p }}", "Size": 2}], "what was edited before stays edited"
    assert going.run_of("a").properties["API"] == "Modify-b"


async def test_a_failed_task_does_not_reach_its_handler_unless_nobody_is_asked() -> None:
    going = paused(template([act("a", OnError="c"), act("b"), act("c")]), bad("a"))
    await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert called(going) == "a a b c"
    assert going.state.status == "Success"


async def test_outputs_of_the_attempt_that_went_well() -> None:
    task = act("a", Outputs={"x": {"ValueSelector": "X"}})
    going = paused(template([task], Outputs={"x": {"Value": "{{ a.x }}"}}), bad("a", 2))
    for _ in range(2):
        await going.answer("FailurePause", "RetryTask")
    await going.end()
    assert going.state.outputs == {"x": "good"}


async def test_a_request_id_is_the_last_attempt_s() -> None:
    answers = [TaskFailed("Bad", "no", f"request-{number}") for number in (1, 2)]
    going = paused(template([act("a")]), {"Modify-a": answers})
    await going.answer("FailurePause", "RetryTask")
    await going.asks("FailurePause")
    assert going.run_of("a").request_id == "request-2"
    await going.cancel()


async def test_what_can_not_be_made_waits_too_and_can_be_edited() -> None:
    task = act("a", {"At": {"Fn::AddHour": ["{{ p }}", 1]}})
    going = paused(template([task], Parameters={"p": {"Default": "x"}}), {})
    (wait,) = await going.asks("FailurePause")
    assert "Fn::AddHour" in wait.message
    await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert (going.state.status, going.run_of("a").status) == ("Success", "Skipped")


async def test_a_choice_that_fails_waits() -> None:
    pick = choose("pick", "b", ({"Fn::Equals": [{"Fn::AddHour": ["{{ p }}", 1]}, 1]}, "b"))
    going = paused(template([pick, act("a"), act("b")], Parameters={"p": {"Default": "x"}}), {})
    await going.answer("FailurePause", "RetryTask", Parameters={"Choices": []})
    await going.end()
    assert called(going) == "b"


async def test_an_approval_s_rejection_is_no_failure() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
    going = paused(template([ask]), {})
    await going.answer("Approve", "Reject")
    await going.end()
    assert going.state.status == "Cancelled"


async def test_a_nested_template_pauses_inside() -> None:
    text = template([nested("n", act("a"), act("b"), act("c")), act("d")])
    going = paused(text, bad("b"))
    wait = await going.answer("FailurePause", "RetryTask")
    assert wait.run.id == "exec-test.t0001.t0002"
    await going.end()
    assert called(going) == "a b b c d", "what went well before it in the template isn't done again"
    assert [run.status for run in going.state.runs.values()] == ["Success"] * 5


async def test_a_product_action_is_one_step() -> None:
    library = product("ACS::X::N", act("a"), act("b", {"V": "{{ v }}"}), Parameters={"v": {"Default": "one"}})
    task = {"Name": "n", "Action": "ACS::X::N", "Properties": {}}
    going = paused(template([task]), bad("b"), library)
    wait = await going.answer("FailurePause", "RetryTask", Parameters={"v": "two"})
    assert wait.run.id == "exec-test.t0001"
    await going.end()
    assert called(going) == "a b a b", "from its beginning"
    assert [each["V"] for each in parameters(going, "b")] == ["one", "two"]
    assert list(going.state.runs) == [
        "exec-test.t0001",
        "exec-test.t0001.t0001",
        "exec-test.t0001.t0002",
        "exec-test.t0001.a2.t0001",
        "exec-test.t0001.a2.t0002",
    ], "another attempt is another child execution"


async def test_within_a_product_action_a_template_does_not_pause_either() -> None:
    library = product("ACS::X::N", nested("m", act("a")))
    going = paused(template([{"Name": "n", "Action": "ACS::X::N", "Properties": {}}]), bad("a"), library)
    (wait,) = await going.asks("FailurePause")
    assert wait.run.name == "n"
    await going.answer("FailurePause", "SkipTask")
    await going.end()


# --- loops


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
    text = looped("{{ look.x }}").replace('"Tasks": [', f'"Tasks": [{json.dumps(look)}, ')
    going = execution(text, Crowd(), **PAUSE)
    await going.answer("FailurePause", answer)
    if answer == "RetryTask":
        await going.answer("FailurePause", "SkipTask")
    await going.end()
    assert (going.state.status, going.run_of("a").status) == ("Success", "Skipped")


async def test_cancelling_while_a_failure_waits() -> None:
    going = paused(template([act("a"), act("b")]), bad("a"))
    await going.asks("FailurePause")
    await going.cancel()
    assert going.state.status == "Cancelled"
    assert (going.run_of("a").status, going.state.waits) == ("Cancelled", {})
    assert going.run_of("a").message.startswith("Bad: no a (cancelled")


async def test_modes_that_ask_nobody() -> None:
    done = await execution(looped(TEN), Crowd({3: 1}), Mode="Automatic").end()
    assert (done.state.status, done.state.waits_so_far) == ("Failed", 0)
