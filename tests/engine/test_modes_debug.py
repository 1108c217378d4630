"""Mode Debug: nothing runs before somebody says so (reference section 8.6)."""

from typing import Any

import pytest

from tests.engine.crowd import Crowd, looped
from tests.engine.recording import Recording
from tests.engine.running import Execution
from tests.engine.samples import ITEM, act, called, choose, fails, inner_loop, nested, parameters, product
from tests.oos.templates import template

DEBUG = {"Mode": "Debug"}


def stepped(text: str, script: dict[str, Any] | None = None, library: Any = None) -> Execution:
    return Execution(text, Recording(script), None, library, fields=DEBUG).start()


async def execute(going: Execution, *names: str) -> None:
    """Executes the proposed steps, which have these names."""
    for name in names:
        (wait,) = await going.asks("Debug")
        assert wait.run.name == name
        await going.answer("Debug", "ExecuteTask")


async def test_before_each_task_somebody_is_asked() -> None:
    going = stepped(template([act("a"), act("b")]))
    (wait,) = await going.asks("Debug")
    assert wait.accepts == ("ExecuteTask", "CancelTask", "CompleteExecution")
    assert wait.message == "a is next: ExecuteTask runs it, or the task that TaskName names"
    assert (wait.tasks, called(going), going.state.status) == (["a", "b"], "", "Waiting")
    await execute(going, "a")
    await going.asks("Debug")
    assert called(going) == "a"
    await execute(going, "b")
    await going.end()
    assert (called(going), going.state.status) == ("a b", "Success")
    assert going.statuses() == [("a", "Success"), ("b", "Success")]


async def test_a_step_by_an_execute_task_without_an_address() -> None:
    going = stepped(template([act("a"), act("b")]))
    for _ in range(2):
        await going.asks("Debug")
        assert going.decide("ExecuteTask").accepted
        await going.effects.wait_until(lambda: not going.state.waits)
    await going.end()
    assert called(going) == "a b"


async def test_another_task_by_its_name_from_which_it_goes_on() -> None:
    going = stepped(template([act("a"), act("b"), act("c")]))
    await going.answer("Debug", "ExecuteTask", TaskName="b")
    await execute(going, "c")
    await going.end()
    assert called(going) == "b c"
    assert going.statuses() == [("b", "Success"), ("c", "Success")]


async def test_back_to_an_earlier_task() -> None:
    going = stepped(template([act("a"), act("b")]))
    await execute(going, "a")
    await going.answer("Debug", "ExecuteTask", TaskName="a")
    await execute(going, "b")
    await going.end()
    assert called(going) == "a a b"


async def test_a_task_that_is_not_there_is_refused() -> None:
    going = stepped(template([act("a")]))
    await going.asks("Debug")
    assert not going.decide("ExecuteTask", TaskName="z").accepted
    assert not going.decide("RetryTask").accepted
    await execute(going, "a")
    await going.end()
    assert called(going) == "a"


async def test_parameters_replace_properties_of_the_step() -> None:
    going = stepped(template([act("a", {"Id": 1}), act("b", {"Id": 1})]))
    await going.answer("Debug", "ExecuteTask", Parameters={"Parameters": {"Id": 2}})
    await execute(going, "b")
    await going.end()
    assert (parameters(going, "a"), parameters(going, "b")) == ([{"Id": 2}], [{"Id": 1}]), "of this step alone"


async def test_on_success_and_choices_say_what_is_proposed() -> None:
    tasks = [act("a", OnSuccess="c"), act("b"), choose("c", "e", (True, "d")), act("d", OnSuccess="ACS::END"), act("e")]
    going = stepped(template(tasks))
    await execute(going, "a", "c", "d")
    await going.end()
    assert called(going) == "a d"


async def test_a_task_whose_when_is_false_is_skipped_when_it_is_executed() -> None:
    going = stepped(template([act("a", When=False), act("b")]))
    await execute(going, "a", "b")
    await going.end()
    assert (called(going), going.run_of("a").status) == ("b", "Skipped")


async def test_a_failed_task_is_proposed_again() -> None:
    going = stepped(template([act("a"), act("b")]), {"Modify-a": [*fails("a").values(), {}]})
    await execute(going, "a")
    (wait,) = await going.asks("Debug")
    assert (wait.run.name, going.state.message) == ("a", "a: no a")
    await execute(going, "a")
    await going.asks("Debug")
    assert going.state.message == "", "it went well in the end"
    await execute(going, "b")
    await going.end()
    assert (called(going), going.state.status) == ("a a b", "Success")
    assert going.statuses() == [("a", "Failed"), ("a", "Success"), ("b", "Success")]
    assert going.state.checkpoint is None


async def test_a_failed_task_that_is_left_has_failed_the_execution() -> None:
    going = stepped(template([act("a"), act("b")]), fails("a"))
    await execute(going, "a")
    await going.answer("Debug", "ExecuteTask", TaskName="b")
    await going.end()
    assert (going.state.status, going.state.message) == ("Failed", "a: no a")


async def test_a_failed_task_with_a_handler_proposes_the_handler() -> None:
    going = stepped(template([act("a", OnError="c"), act("b"), act("c")]), fails("a"))
    await execute(going, "a", "c")
    await going.end()
    assert (called(going), going.state.status) == ("a c", "Failed")


async def test_a_failure_that_is_not_critical() -> None:
    going = stepped(template([act("a", IsCritical=False, OnError="ACS::NEXT"), act("b")]), fails("a"))
    await execute(going, "a", "b")
    await going.end()
    assert going.state.status == "Success"


@pytest.mark.parametrize(
    ("on_cancel", "rest", "status"),
    [("ACS::END", [], "Cancelled"), ("ACS::NEXT", ["b", "c"], "Success"), ("c", ["c"], "Success")],
)
async def test_cancel_task_goes_where_on_cancel_says(on_cancel: str, rest: list[str], status: str) -> None:
    going = stepped(template([act("a", OnCancel=on_cancel), act("b"), act("c")]))
    await going.answer("Debug", "CancelTask", NotifyNote="not this")
    await execute(going, *rest)
    await going.end()
    assert (called(going), going.state.status) == (" ".join(rest), status)
    assert going.run_of("a").status == "Cancelled"
    assert going.run_of("a").message.endswith(": not this")
    if status == "Cancelled":
        assert going.state.message.startswith("a: cancelled by ")


async def test_cancel_task_for_a_task_that_waits() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
    going = stepped(template([{**ask, "OnCancel": "b"}, act("a"), act("b")]))
    await execute(going, "ask")
    (wait,) = await going.asks("Approve")
    assert wait.accepts == ("Approve", "Reject", "CancelTask", "CompleteExecution")
    await going.answer("Approve", "CancelTask")
    await execute(going, "b")
    await going.end()
    assert going.statuses() == [("ask", "Cancelled"), ("b", "Success")]
    assert going.state.status == "Success"


async def test_a_cancelled_task_after_a_failure_leaves_the_execution_failed() -> None:
    going = stepped(template([act("a", OnError="b"), act("b")]), fails("a"))
    await execute(going, "a")
    await going.answer("Debug", "CancelTask")
    await going.end()
    assert (going.state.status, going.state.message) == ("Failed", "a: no a")


@pytest.mark.parametrize(
    ("given", "status"), [("Success", "Success"), ("Failed", "Failed"), ("Cancelled", "Cancelled"), ("", "Success")]
)
async def test_complete_execution(given: str, status: str) -> None:
    going = stepped(
        template([act("a", Outputs={"x": {"ValueSelector": "X"}}), act("b")], Outputs={"x": {"Value": "{{ a.x }}"}}),
        {"Modify-a": {"X": 1}},
    )
    await execute(going, "a")
    fields = {"ExecutionStatus": given} if given else {}
    await going.answer("Debug", "CompleteExecution", NotifyNote="enough", **fields)
    await going.end()
    assert (going.state.status, called(going)) == (status, "a")
    assert going.state.reason == "CompleteExecution"
    assert going.state.message.startswith("completed by ")
    assert going.state.message.endswith(": enough")
    assert going.state.outputs == {"x": 1}
    assert going.run_of("a").status == "Success"
    assert going.run_of("b").status == "Cancelled", "it never ran"


async def test_complete_execution_while_a_task_waits_within_templates() -> None:
    going = stepped(template([nested("n", {"Name": "hold", "Action": "ACS::Pause"}), act("b")]))
    await execute(going, "n", "hold")
    await going.answer("Pause", "CompleteExecution", ExecutionStatus="Success")
    await going.end()
    assert (going.state.status, called(going)) == ("Success", "")
    assert {run.status for run in going.state.runs.values()} == {"Cancelled"}
    assert going.state.waits == {}


async def test_templates_are_stepped_through_and_product_actions_are_one_step() -> None:
    library = product("ACS::X::N", act("p"), act("q"))
    inside = nested("n", act("a"), {"Name": "x", "Action": "ACS::X::N", "Properties": {}})
    going = stepped(template([inside, act("b")]), library=library)
    await execute(going, "n", "a", "x", "b")
    await going.end()
    assert called(going) == "a p q b"


async def test_a_template_s_steps_are_its_own_tasks() -> None:
    going = stepped(template([nested("n", act("a"), act("b")), act("c")]))
    await execute(going, "n")
    (wait,) = await going.asks("Debug")
    assert wait.tasks == ["a", "b"]
    await going.answer("Debug", "ExecuteTask", TaskName="b")
    await execute(going, "c")
    await going.end()
    assert called(going) == "b c"


async def test_a_cancelled_step_inside_cancels_the_task_outside() -> None:
    going = stepped(template([nested("n", act("a"), act("b"), OnCancel="c"), act("z"), act("c")]))
    await execute(going, "n", "a")
    await going.answer("Debug", "CancelTask")
    await execute(going, "c")
    await going.end()
    assert going.statuses() == [("n", "Cancelled"), ("c", "Success")]


async def test_loops_run_one_item_after_another() -> None:
    crowd = Crowd()
    items = list(range(1, 6))
    going = Execution(looped(items, {"Concurrency": 5}), Recording(crowd.script()), fields=DEBUG).start()
    await execute(going, "a")
    await going.end()
    assert (crowd.started, crowd.peak(items)) == (items, 1)
    assert going.record()["Tasks"][0]["Loop"]["Concurrency"] == 1


async def test_batches_too_run_one_item_after_another() -> None:
    crowd = Crowd()
    items = list(range(1, 6))
    control = {"Mode": "Batch", "Batch": [2], "ConcurrencyInBatches": [2], "BatchPauseOption": "FirstBatchPause"}
    going = Execution(looped(items, control), Recording(crowd.script()), fields=DEBUG).start()
    await execute(going, "a")
    (wait,) = await going.asks("BatchPause")
    assert wait.accepts == ("Approve", "Reject", "CancelTask", "CompleteExecution")
    await going.answer("BatchPause", "Approve")
    await going.end()
    assert (crowd.started, crowd.peak(items)) == (items, 1)


async def test_a_loop_that_failed_is_proposed_again_as_a_whole() -> None:
    crowd = Crowd({2: 1})
    going = Execution(looped([1, 2, 3]), Recording(crowd.script()), fields=DEBUG).start()
    await execute(going, "a", "a")
    await going.end()
    assert crowd.started == [1, 2, 1, 2, 3]
    assert going.state.status == "Success"


async def test_inner_tasks_of_a_loop_are_steps() -> None:
    loop = inner_loop("each", ["p", "q"], act("a", {"Id": ITEM}), act("b"), control={"Concurrency": 2})
    going = stepped(template([loop]))
    await execute(going, "each")
    (wait,) = await going.asks("Debug")
    assert (wait.item, wait.tasks, wait.run.id) == ("p", ["a", "b"], "exec-test.t0001.i0001.t0001")
    await execute(going, "a", "b", "a", "b")
    await going.end()
    assert [each["Id"] for each in parameters(going, "a")] == ["p", "q"]


async def test_a_cancelled_step_in_an_item_ends_the_loop_and_leaves_nothing_running() -> None:
    loop = inner_loop("each", ["p", "q"], act("a"), act("b"), OnCancel="after")
    going = stepped(template([loop, act("z"), act("after")]))
    await execute(going, "each", "a")
    await going.answer("Debug", "CancelTask", NotifyNote="stop")
    (wait,) = await going.asks("Debug")
    assert wait.run.name == "after"
    left = [run for run in going.state.runs.values() if not run.ended]
    assert left == [wait.run], "the item and the loop have ended"
    await execute(going, "after")
    await going.end()
    assert going.state.status == "Success"
    assert {run.name: run.status for run in going.state.runs.values()} == {
        "each": "Cancelled",
        "a": "Success",
        "b": "Cancelled",
        "after": "Success",
    }


async def test_a_circle_of_steps_is_limited_too() -> None:
    going = stepped(template([choose("a", "a")]))
    for _ in range(1_000):
        await execute(going, "a")
    await going.end()
    assert going.state.reason == "TaskRunLimit"


async def test_cancelling_between_two_steps() -> None:
    going = stepped(template([act("a"), act("b")]))
    await execute(going, "a")
    await going.asks("Debug")
    await going.cancel()
    assert going.statuses() == [("a", "Success"), ("b", "Cancelled")]
    assert (going.state.status, going.state.waits) == ("Cancelled", {})


async def test_debug_s_words_are_for_debug_alone() -> None:
    going = Execution(template([{"Name": "hold", "Action": "ACS::Pause"}]), Recording()).start()
    (wait,) = await going.asks("Pause")
    assert wait.accepts == ("Approve", "Reject")
    for kind in ("ExecuteTask", "CancelTask", "CompleteExecution"):
        assert not going.decide(kind).accepted
    await going.cancel()
