"""``ACS::Loop``: several tasks for each item (reference section 2.7)."""

from typing import Any

import pytest

from tests.engine.crowd import Crowd
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.engine.samples import ITEM, act, called, choose, fails, inner_loop, nested, parameters
from tests.oos.templates import template

X = {"Outputs": {"x": {"ValueSelector": "X"}}}


def collecting(name: str, items: Any, *tasks: dict[str, Any], control: Any = None) -> str:
    """A loop whose output collects ``a.x``."""
    loop = inner_loop(name, items, *tasks, control=control, Outputs={"found": {"ValueSelector": "{{ a.x }}"}})
    return template([loop], Outputs={"found": {"Type": "List", "Value": f"{{{{ {name}.found }}}}"}})


def by_item(call: Any) -> dict[str, Any]:
    return {"X": call.parameters["Id"] * 10}


async def test_each_item_runs_the_whole_list() -> None:
    tasks = [act("a", {"Id": ITEM}, **X), act("b", {"X": "{{ a.x }}"})]
    done = await run(collecting("each", [1, 2, 3], *tasks), {"Modify-a": by_item})
    assert called(done) == "a b a b a b"
    assert parameters(done, "b") == [{"X": 10}, {"X": 20}, {"X": 30}]
    assert done.state.outputs == {"found": [10, 20, 30]}


async def test_task_executions_are_below_their_item() -> None:
    done = await run(collecting("each", ["p"], act("a", {"Id": ITEM}, **X), act("b")), {"Modify-a": by_item})
    assert [(run.id, run.name, run.parent_id) for run in done.state.runs.values()] == [
        ("exec-test.t0001", "each", ""),
        ("exec-test.t0001.i0001", "each", "exec-test.t0001"),
        ("exec-test.t0001.i0001.t0001", "a", "exec-test.t0001.i0001"),
        ("exec-test.t0001.i0001.t0002", "b", "exec-test.t0001.i0001"),
    ]


async def test_no_items_give_an_empty_list() -> None:
    done = await run(collecting("each", [], act("a", {"Id": ITEM}, **X)))
    assert (done.state.status, done.state.outputs) == ("Success", {"found": []})


async def test_always_a_list_with_one_entry_per_iteration_null_where_a_task_was_skipped() -> None:
    task = act("a", {"Id": ITEM}, When={"Fn::Equals": [ITEM, 2]}, **X)
    done = await run(collecting("each", [1, 2], task), {"Modify-a": by_item})
    assert done.state.outputs == {"found": [None, 20]}


async def test_items_do_not_see_each_other_s_outputs() -> None:
    first = {"Fn::Equals": [ITEM, 1]}
    tasks = [act("a", {"Id": ITEM}, When=first, **X), act("b", {"X": "{{ a.x }}"})]
    done = await run(collecting("each", [1, 2], *tasks), {"Modify-a": by_item})
    assert parameters(done, "b") == [{"X": 10}, {"X": None}]


async def test_inner_tasks_see_what_stands_outside() -> None:
    inner = inner_loop("each", "{{ look.ids }}", act("b", {"Id": ITEM, "Of": "{{ look.ids }}", "P": "{{ p }}"}))
    look = act("look", Outputs={"ids": {"Type": "List", "ValueSelector": "Ids[]"}})
    text = template([look, inner, act("after")], Parameters={"p": {"Default": "v"}})
    done = await run(text, {"Modify-look": {"Ids": ["i", "j"]}})
    assert parameters(done, "b") == [{"Id": each, "Of": ["i", "j"], "P": "v"} for each in ("i", "j")]
    assert called(done).endswith("after")


async def test_concurrency_is_of_whole_iterations() -> None:
    crowd = Crowd()
    items = list(range(1, 10))
    tasks = [act("a", {"Id": ITEM}), act("b", {"Id": ITEM})]
    text = template([inner_loop("each", items, *tasks, control={"Concurrency": 4})])
    script = {"Modify-a": crowd.answer, "Modify-b": crowd.answer}
    going = await Execution(text, Recording(script)).start().end()
    assert going.state.status == "Success"
    assert crowd.peak(items) == 4
    assert sorted(crowd.started) == sorted(items * 2)


async def test_jumps_and_choices_within_an_iteration() -> None:
    odd = {"Fn::Equals": [ITEM, 1]}
    tasks = [choose("pick", "b", (odd, "c")), act("b", OnSuccess="ACS::END"), act("c")]
    done = await run(template([inner_loop("each", [1, 2], *tasks), act("after")]))
    assert called(done) == "c b after"


async def test_a_circle_within_an_iteration_ends_that_item() -> None:
    loop = inner_loop("each", [1, 2], choose("pick", "pick"), control={"MaxErrors": 1})
    done = await run(template([loop]))
    assert (done.state.status, done.state.reason) == ("Failed", "LoopFailed")
    assert "TaskRunLimit" in done.state.message


async def test_an_item_fails_with_the_name_of_its_task_and_others_never_start() -> None:
    done = await run(template([inner_loop("each", [1, 2], act("a"), act("b"))]), fails("b"))
    assert done.state.message == "each: 1 of 2 items failed (MaxErrors 0), 1 never started: 1: Bad: b: no b"
    assert called(done) == "a b"


async def test_a_failure_that_is_handled_in_an_iteration_still_fails_its_item() -> None:
    tasks = [act("a", OnError="clean"), act("never"), act("clean")]
    done = await run(template([inner_loop("each", [1, 2], *tasks, control={"MaxErrors": 2})]), fails("a"))
    assert called(done) == "a clean a clean"
    assert done.state.status == "Success"
    loop = done.run_of("each").loop
    assert loop and (loop.failed, loop.success) == (2, 0)


async def test_a_failure_in_an_iteration_that_is_not_critical() -> None:
    tasks = [act("a", IsCritical=False, OnError="ACS::NEXT"), act("b")]
    done = await run(template([inner_loop("each", [1, 2], *tasks)]), fails("a"))
    assert called(done) == "a b a b"
    assert done.state.status == "Success"


async def test_a_failed_iteration_gives_the_outputs_that_the_loop_declares_and_not_those_of_its_failed_task() -> None:
    check = {
        "Name": "check",
        "Action": "ACS::CheckFor",
        "Properties": {"Service": "ECS", "API": "DescribeX", "PropertySelector": "X", "DesiredValues": [1]},
        "Outputs": {"found": {"ValueSelector": "X"}},
    }
    loop = inner_loop(
        "each",
        [1, 2],
        act("a", {"Id": ITEM}, **X),
        check,
        control={"MaxErrors": 2},
        Outputs={"found": {"ValueSelector": "{{ a.x }}"}, "seen": {"ValueSelector": "{{ check.found }}"}},
    )
    outputs = {name: {"Value": f"{{{{ each.{name} }}}}"} for name in ("found", "seen")}
    done = await run(template([loop], Outputs=outputs), {"Modify-a": by_item, "DescribeX": fails("x")["Modify-x"]})
    assert done.state.outputs == {"found": [10, 20], "seen": [None, None]}


async def test_outputs_of_a_failed_iteration_that_can_not_be_made_are_null() -> None:
    selector = {"Fn::AddHour": ["{{ a.x }}", 1]}
    loop = inner_loop(
        "each", [1], act("a", **X), act("b"), control={"MaxErrors": 1}, Outputs={"t": {"ValueSelector": selector}}
    )
    text = template([loop], Outputs={"t": {"Value": "{{ each.t }}"}})
    done = await run(text, {"Modify-a": {"X": "no date"}, **fails("b")})
    assert done.state.outputs == {"t": [None]}
    assert "Bad: b: no b" in next(run for run in done.state.runs.values() if run.has_item).message


async def test_an_output_that_can_not_be_made_fails_its_item() -> None:
    selector = {"Fn::AddHour": ["{{ a.x }}", 1]}
    loop = inner_loop("each", [1], act("a", **X), Outputs={"t": {"ValueSelector": selector}})
    done = await run(template([loop]), {"Modify-a": {"X": "no date"}})
    assert done.state.reason == "LoopFailed"
    assert "Outputs.t.ValueSelector" in done.state.message


async def test_loops_within_loops() -> None:
    inner = inner_loop("inner", "{{ rows }}", act("b", {"Row": ITEM}))
    outer = inner_loop("outer", ["x", "y"], act("a", {"Column": ITEM}), inner)
    done = await run(template([outer], Parameters={"rows": {"Type": "List", "Default": [1, 2]}}))
    assert called(done) == "a b b a b b"
    assert "exec-test.t0001.i0002.t0002.i0002.t0001" in done.state.runs


async def test_the_items_of_an_inner_loop_may_be_of_the_outer_one_s_item() -> None:
    inner = inner_loop("inner", ITEM, act("b", {"Id": ITEM}), Outputs={"ids": {"ValueSelector": ITEM}})
    outer = inner_loop("outer", [[1, 2], [], [3]], inner, Outputs={"all": {"ValueSelector": "{{ inner.ids }}"}})
    done = await run(template([outer], Outputs={"all": {"Value": "{{ outer.all }}"}}))
    assert [each["Id"] for each in parameters(done, "b")] == [1, 2, 3]
    assert done.state.outputs == {"all": [[1, 2], [], [3]]}


async def test_a_task_with_a_loop_within_an_iteration_has_items_of_its_own() -> None:
    loop = {"Items": ITEM, "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}}
    task = act("a", {"Id": ITEM}, Loop=loop, **X)
    each = inner_loop("each", [[1, 2], [3]], task, act("b", {"Of": ITEM, "All": "{{ a.all }}"}))
    done = await run(template([each]), {"Modify-a": by_item})
    assert parameters(done, "b") == [{"Of": [1, 2], "All": [10, 20]}, {"Of": [3], "All": [30]}]


async def test_two_loops_with_inner_tasks_of_the_same_name() -> None:
    one = inner_loop("one", [1], act("a", {"Id": ITEM}, **X), act("b", {"P": "{{ a.Some[].Path }}"}))
    two = inner_loop("two", [2], act("a", {"Id": ITEM}, **X), Outputs={"other": {"ValueSelector": "{{ a.Other[] }}"}})
    text = template([one, two, act("a")], Outputs={"other": {"Value": "{{ two.other }}"}})
    answers = [{"Some": [{"Path": "p"}], "Other": "no list"}, {"Some": "no list", "Other": [5]}, {"Some": 1}]
    done = await run(text, {"Modify-a": answers})
    assert done.state.status == "Success", done.state.message
    assert parameters(done, "b") == [{"P": ["p"]}]
    assert done.state.outputs == {"other": [[5]]}


async def test_a_template_within_an_iteration() -> None:
    inner = nested("n", act("b", {"Id": "{{ id }}"}), given={"id": ITEM}, Parameters_={"id": {"Type": "Number"}})
    done = await run(template([inner_loop("each", [1, 2], inner)]))
    assert parameters(done, "b") == [{"Id": 1}, {"Id": 2}]
    assert "exec-test.t0001.i0002.t0001.t0001" in done.state.runs


async def test_an_approval_within_an_iteration_says_for_which_item() -> None:
    ask = {
        "Name": "ask",
        "Action": "ACS::Approve",
        "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": ITEM}}},
    }
    going = Execution(template([inner_loop("each", ["p", "q"], ask, act("b", {"Id": ITEM}))]), Recording()).start()
    for item in ("p", "q"):
        (wait,) = await going.asks("Approve")
        assert (wait.item, going.effects.messages[-1].content) == (item, {"a": item})
        going.decide("Approve", LoopItem=item, TaskExecutionId=wait.run.id)
    await going.end()
    assert parameters(going, "b") == [{"Id": "p"}, {"Id": "q"}]


@pytest.mark.parametrize(
    ("items", "control", "code"),
    [
        ("{{ look.x }}", None, "InvalidItems"),
        ([1], "{{ look.x }}", "InvalidRateControl"),
        ([1], {"Concurrency": "{{ look.x }}"}, "InvalidRateControl"),
    ],
)
async def test_items_and_rate_controls_that_turn_out_wrong(items: Any, control: Any, code: str) -> None:
    loop = inner_loop("each", items, act("a"), control=control)
    done = await run(template([act("look", **X), loop]), {"Modify-look": {"X": "text"}})
    assert (done.state.status, done.state.reason) == ("Failed", code)
    assert called(done) == "look"


async def test_the_whole_loop_is_skipped_by_its_when() -> None:
    loop = inner_loop("each", [1], act("a", **X), When=False, Outputs={"found": {"ValueSelector": "{{ a.x }}"}})
    done = await run(template([loop, act("b", {"X": "{{ each.found }}"})]))
    assert called(done) == "b"
    assert done.effects.calls[0].parameters == {"X": None}
