"""The flow algorithm (reference section 2.2): where it goes on after a task, and how the execution ends."""

import asyncio
from typing import Any

import pytest

from caboose.engine.flow import MAX_TASK_RUNS
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.engine.samples import act, called, choose, fails, nested
from tests.oos.templates import template


async def test_a_skipped_task_goes_on_with_the_next_in_the_list_and_its_on_success_is_not_consulted() -> None:
    done = await run(template([act("a", When=False, OnSuccess="c"), act("b"), act("c")]))
    assert called(done) == "b c"
    assert done.statuses() == [("a", "Skipped"), ("b", "Success"), ("c", "Success")]
    assert done.run_of("a").message == "When is false"


async def test_success_goes_on_at_on_success() -> None:
    done = await run(template([act("a", OnSuccess="c"), act("b"), act("c", OnSuccess="ACS::END"), act("d")]))
    assert called(done) == "a c"
    assert done.state.status == "Success"


async def test_choice_goes_on_at_the_chosen_task() -> None:
    done = await run(template([choose("pick", "ACS::END", (True, "c")), act("b"), act("c")]))
    assert called(done) == "c"


async def test_failed_without_on_error_finishes_as_failed() -> None:
    done = await run(template([act("a"), act("b"), act("c")]), fails("b"))
    assert called(done) == "a b"
    assert (done.state.status, done.state.reason, done.state.message) == ("Failed", "Bad", "b: no b")


async def test_failed_with_on_error_next_goes_on_and_finishes_as_failed() -> None:
    done = await run(template([act("a", OnError="ACS::NEXT"), act("b")]), fails("a"))
    assert called(done) == "a b"
    assert (done.state.status, done.state.message) == ("Failed", "a: no a")


async def test_failed_with_on_error_name_goes_on_at_that_task() -> None:
    done = await run(template([act("a", OnError="c"), act("b"), act("c")]), fails("a"))
    assert called(done) == "a c"
    assert (done.state.status, done.state.message) == ("Failed", "a: no a")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"OnError": "END"}, {"OnError": "ACS::END"}, "a"),
        ({"OnError": "CONTINUE"}, {"OnError": "ACS::NEXT"}, "a b c"),
        ({"OnError": "c"}, {"OnError": "c"}, "a c"),
    ],
)
async def test_spellings_of_2019_after_a_failure(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    for fields in (old, new):
        done = await run(template([act("a", **fields), act("b"), act("c")]), fails("a"))
        assert (called(done), done.state.status) == (expected, "Failed")


@pytest.mark.parametrize(
    ("old", "new", "expected"), [("NEXT", "ACS::NEXT", "a b c"), ("END", "ACS::END", "a"), ("c", "c", "a c")]
)
async def test_spellings_of_2019_after_success(old: str, new: str, expected: str) -> None:
    for word in (old, new):
        done = await run(template([act("a", OnSuccess=word), act("b"), act("c")]))
        assert (called(done), done.state.status) == (expected, "Success")


async def test_finish_is_failed_if_any_task_that_is_critical_failed() -> None:
    tasks = [act("a", IsCritical=False, OnError="ACS::NEXT"), act("b", OnError="ACS::NEXT"), act("c")]
    done = await run(template(tasks), fails("a", "b"))
    assert called(done) == "a b c"
    assert (done.state.status, done.state.message) == ("Failed", "b: no b"), "the failure of a doesn't count"


async def test_finish_is_success_if_no_critical_task_failed() -> None:
    done = await run(template([act("a", IsCritical=False), act("b")]), fails("a"))
    assert called(done) == "a", "its OnError is the end"
    assert (done.state.status, done.state.message, done.state.reason) == ("Success", "", "")
    assert done.run_of("a").status == "Failed", "of itself it has failed"


async def test_a_jump_continues_sequentially_from_the_target() -> None:
    tasks = [act("createStack", OnError="deleteStack"), act("use"), act("deleteStack"), act("releaseEipAddress")]
    done = await run(template(tasks), fails("createStack"))
    assert called(done) == "createStack deleteStack releaseEipAddress"


async def test_tasks_after_the_handler_do_not_run_when_it_ends_with_end() -> None:
    done = await run(template([act("a", OnError="b"), act("b", OnSuccess="ACS::END"), act("c")]), fails("a"))
    assert called(done) == "a b"


async def test_a_handled_failure_still_fails_the_execution_with_the_first_failure_s_message() -> None:
    tasks = [act("wait", OnError="clean"), act("use"), act("clean", OnError="tell"), act("tell")]
    done = await run(template(tasks), fails("wait", "clean"))
    assert called(done) == "wait clean tell"
    assert (done.state.status, done.state.message) == ("Failed", "wait: no wait")
    assert [each for each, status in done.statuses() if status == "Failed"] == ["wait", "clean"]


async def test_the_first_failure_s_message_shows_while_handlers_run() -> None:
    seen: list[str] = []
    effects = Recording({**fails("a", "c"), "Modify-b": lambda _: seen.append(going.state.message)})
    going: Execution = Execution(template([act("a", OnError="c"), act("z"), act("c", OnError="b"), act("b")]), effects)
    await going.start().end()
    assert seen == ["a: no a"]
    assert going.state.message == "a: no a"


async def test_a_failure_that_is_not_critical_shows_no_message_while_others_run() -> None:
    seen: list[str] = []
    effects = Recording({**fails("a"), "Modify-b": lambda _: seen.append(going.state.message)})
    going: Execution = Execution(template([act("a", IsCritical=False, OnError="ACS::NEXT"), act("b")]), effects)
    await going.start().end()
    assert seen == [""]


async def test_a_chain_of_jumps() -> None:
    tasks = [
        act("a", OnSuccess="e"),
        act("b", OnSuccess="ACS::END"),
        act("c", OnSuccess="b"),
        act("d", OnSuccess="c"),
        act("e", OnSuccess="d"),
    ]
    done = await run(template(tasks))
    assert called(done) == "a e d c b"
    assert done.state.status == "Success"


async def test_a_backward_jump_runs_its_tasks_again_as_task_executions_of_their_own() -> None:
    condition = {"Fn::Equals": ["{{ look.ready }}", True]}
    look = act("look", Outputs={"ready": {"Type": "Boolean", "ValueSelector": "Ready"}})
    tasks = [look, choose("ready", "look", (condition, "use")), act("use", {"Ready": "{{ look.ready }}"})]
    answers = {"Modify-look": [{"Ready": False}, {"Ready": False}, {"Ready": True}]}
    done = await run(template(tasks), answers)
    assert called(done) == "look look look use"
    assert done.effects.calls[-1].parameters == {"Ready": True}, "the outputs of its last run"
    assert list(done.state.runs) == [f"exec-test.t{number:04}" for number in range(1, 8)]
    assert done.state.status == "Success"


async def test_what_ran_again_and_was_skipped_or_failed_has_no_outputs_any_more() -> None:
    look = act("a", Outputs={"x": {"ValueSelector": "X"}}, OnError="end")
    tasks = [look, choose("again", "a"), act("end")]
    done = await run(
        template(tasks, Outputs={"x": {"Value": "{{ a.x }}"}}), {"Modify-a": [{"X": 1}, *fails("a").values()]}
    )
    assert called(done) == "a a end"
    assert done.state.outputs == {"x": None}


async def test_a_task_that_failed_and_went_well_when_it_was_run_again_has_failed_the_execution() -> None:
    tasks = [act("a", OnError="mend", OnSuccess="ACS::END"), act("mend", OnSuccess="a")]
    done = await run(template(tasks), {"Modify-a": [*fails("a").values(), {}]})
    assert called(done) == "a mend a"
    assert (done.state.status, done.state.message) == ("Failed", "a: no a"), "design section 4: a handled failure"


CIRCLES = {
    "back": [choose("a", "b"), choose("b", "a")],
    "to itself": [choose("a", "a")],
    "to itself after others": [act("first"), act("second"), choose("a", "a")],
    "after success": [act("a", OnSuccess="a")],
    "by skipping": [act("a"), act("b", When=False), choose("c", "b")],
}


@pytest.mark.parametrize("tasks", CIRCLES.values(), ids=CIRCLES)
async def test_a_circle_ends_after_a_thousand_task_runs(tasks: list[dict[str, Any]]) -> None:
    done = await run(template(tasks))
    assert (done.state.status, done.state.reason) == ("Failed", "TaskRunLimit")
    assert str(MAX_TASK_RUNS) in done.state.message
    assert len(done.state.runs) == MAX_TASK_RUNS == 1_000


async def test_a_circle_of_failures_ends_too_with_the_limit_as_its_reason() -> None:
    done = await run(template([act("a", OnError="a")]), fails("a"))
    assert (done.state.status, done.state.reason) == ("Failed", "TaskRunLimit")
    assert len(done.effects.calls) == MAX_TASK_RUNS


async def test_as_many_runs_as_are_allowed_are_no_failure() -> None:
    look = act("look", Outputs={"n": {"Type": "Number", "ValueSelector": "N"}})
    tasks = [look, choose("pick", "look", ({"Fn::Equals": ["{{ look.n }}", 500]}, "ACS::END"))]
    answers = {"Modify-look": [{"N": number} for number in range(1, 501)]}
    done = await run(template(tasks), answers)
    assert (done.state.status, len(done.state.runs)) == ("Success", MAX_TASK_RUNS)


async def test_a_circle_makes_room_for_others_at_each_step() -> None:
    class Breathing(Recording):
        breaths = 0

        async def breathe(self) -> None:
            self.breaths += 1
            await asyncio.sleep(0)

    effects = Breathing()
    await Execution(template([choose("a", "b"), choose("b", "a")]), effects).start().end()
    assert effects.breaths >= MAX_TASK_RUNS
    assert effects.worked_on >= MAX_TASK_RUNS * 1_000, "a task run counts in the pace of a workflow task"


async def test_a_circle_within_a_nested_template_fails_its_task_which_may_be_handled() -> None:
    done = await run(template([nested("n", choose("a", "a"), OnError="after", IsCritical=False), act("after")]))
    assert called(done) == "after"
    assert done.state.status == "Success"
    assert done.run_of("n").message.startswith("TaskRunLimit: ")
