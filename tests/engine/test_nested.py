"""Templates within templates: how they fail, what they give all the same, and loops in and over them."""

from typing import Any

import pytest

from caboose.engine.errors import TaskFailed
from caboose.engine.flow import MAX_TASK_RUNS
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.engine.samples import ITEM, act, called, choose, fails, nested, parameters, product
from tests.oos.templates import template

X = {"x": {"ValueSelector": "x"}}
GIVES: dict[str, Any] = {"Outputs_": {"x": {"Type": "String", "Value": "{{ b.x }}"}}, "Outputs": X}
"""A nested template that puts out what its task ``b`` gives."""
B = {"Outputs": {"x": {"ValueSelector": "X"}}}


async def test_a_template_s_outputs_are_its_task_s() -> None:
    text = template([nested("n", act("b", **B), **GIVES)], Outputs={"x": {"Value": "{{ n.x }}"}})
    done = await run(text, {"Modify-b": {"X": 5}})
    assert done.state.outputs == {"x": 5}
    assert list(done.state.runs) == ["exec-test.t0001", "exec-test.t0001.t0001"]


async def test_a_failure_inside_fails_the_task_with_the_names_on_the_way() -> None:
    inner = nested("n", nested("m", act("b")))
    done = await run(template([inner]), fails("b"))
    assert (done.state.status, done.state.reason, done.state.message) == ("Failed", "Bad", "n: m: b: no b")
    assert [run.status for run in done.state.runs.values()] == ["Failed"] * 3
    assert done.run_of("n").request_id == "request-b"


async def test_a_failure_that_is_handled_inside_still_fails_the_task() -> None:
    inner = nested("n", act("b", OnError="clean"), act("never"), act("clean"))
    done = await run(template([inner, act("after")]), fails("b"))
    assert called(done) == "b clean"
    assert (done.state.status, done.state.message) == ("Failed", "n: b: no b")


async def test_a_failure_inside_that_is_not_critical_is_none_outside() -> None:
    inner = nested("n", act("b", IsCritical=False, OnError="ACS::NEXT", **B), act("c"), **GIVES)
    done = await run(template([inner, act("after", {"X": "{{ n.x }}"})]), fails("b"))
    assert called(done) == "b c after"
    assert done.effects.calls[-1].parameters == {"X": None}
    assert (done.state.status, done.run_of("n").status) == ("Success", "Success")


async def test_a_task_outside_that_is_not_critical_takes_any_failure_inside() -> None:
    done = await run(template([nested("n", act("b"), IsCritical=False, OnError="after"), act("after")]), fails("b"))
    assert called(done) == "b after"
    assert done.state.status == "Success"


async def test_a_handler_reads_what_a_failed_template_gave_all_the_same() -> None:
    inner = nested("n", act("b", **B), act("c"), OnError="clean", **GIVES)
    done = await run(template([inner, act("clean", {"X": "{{ n.x }}"})]), {"Modify-b": {"X": 5}, **fails("c")})
    assert called(done) == "b c clean"
    assert done.effects.calls[-1].parameters == {"X": 5}


async def test_outputs_that_a_failed_template_can_not_make_are_null() -> None:
    selecting = {"Outputs": {"x": {"ValueSelector": "x[]"}}}
    inner = nested("n", act("b", **B), OnError="clean", **{**GIVES, **selecting})
    done = await run(template([inner, act("clean", {"X": "{{ n.x }}"})]), fails("b"))
    assert done.effects.calls[-1].parameters == {"X": None}
    assert (done.state.status, done.state.reason) == ("Failed", "Bad"), "the failure is the task's, not the selector's"
    assert done.state.notes == []


async def test_a_wait_inside_that_fails_gives_its_last_answer_outside() -> None:
    waiting = {
        "Name": "b",
        "Action": "ACS::WaitFor",
        "Properties": {"Service": "ECS", "API": "DescribeX", "PropertySelector": "X", "DesiredValues": ["good"]},
        "Outputs": {"x": {"ValueSelector": "X"}},
    }
    failure = TaskFailed("NotDesired", "not yet", outputs={"x": "bad"})
    inner = nested("n", waiting, OnError="clean", **GIVES)
    done = await run(template([inner, act("clean", {"X": "{{ n.x }}"})]), {"DescribeX": failure})
    assert done.effects.calls[-1].parameters == {"X": "bad"}


async def test_jumps_inside_stay_inside() -> None:
    inner = nested("n", act("b", OnSuccess="ACS::END"), act("never"))
    done = await run(template([inner, act("after", OnSuccess="last"), act("never"), act("last")]))
    assert called(done) == "b after last"


async def test_a_jump_backwards_outside_runs_the_template_again_from_its_beginning() -> None:
    inner = nested("n", act("b", **B), act("c"), **GIVES)
    tasks = [inner, choose("again", "n", ({"Fn::Equals": ["{{ n.x }}", 2]}, "ACS::END"))]
    done = await run(template(tasks), {"Modify-b": [{"X": 1}, {"X": 2}]})
    assert called(done) == "b c b c"
    assert "exec-test.t0003.t0002" in done.state.runs


async def test_each_template_has_its_own_limit_of_task_runs() -> None:
    look = act("look", Outputs={"n": {"Type": "Number", "ValueSelector": "N"}})
    inner = nested("n", look, choose("pick", "look", ({"Fn::Equals": ["{{ look.n }}", 400]}, "ACS::END")))
    counting = [{"N": number % 400 + 1} for number in range(1_200)]
    done = await run(template([inner, {**inner, "Name": "m"}, {**inner, "Name": "o"}]), {"Modify-look": counting})
    assert done.state.status == "Success"
    assert len(done.effects.calls) == 1_200 > MAX_TASK_RUNS


@pytest.mark.parametrize("looped", ["template", "product"])
async def test_a_loop_over_a_template_collects_what_its_items_give_and_null_for_who_gives_nothing(looped: str) -> None:
    body = act("b", {"Id": "{{ id }}"}, **B)
    loop = {
        "Items": [1, 2, 3],
        "RateControl": {"MaxErrors": 1, "Concurrency": 3},
        "Outputs": {
            "all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"},
            "sum": {"AggregateType": "Fn::Sum", "AggregateField": "x"},
        },
    }
    sections = {"Parameters": {"id": {"Type": "Number"}}, "Outputs": {"x": {"Type": "Number", "Value": "{{ b.x }}"}}}
    if looped == "template":
        task = nested("n", body, given={"id": ITEM}, Loop=loop, Parameters_=sections["Parameters"], **GIVES)
    else:
        task = {"Name": "n", "Action": "ACS::X::N", "Properties": {"id": ITEM}, "Outputs": X, "Loop": loop}
    text = template([task], Outputs={"all": {"Type": "List", "Value": "{{ n.all }}"}, "sum": {"Value": "{{ n.sum }}"}})

    def answer(call: Any) -> Any:
        item = call.parameters["Id"]
        return fails("b")["Modify-b"] if item == 2 else {"X": item * 10}

    done = await run(text, {"Modify-b": answer}, library=product("ACS::X::N", body, **sections))
    assert done.state.outputs == {"all": [10, None, 30], "sum": 40}
    assert done.state.runs["exec-test.t0001.i0003.t0001"].parent_id == "exec-test.t0001.i0003"
    counters = done.run_of("n").loop
    assert counters and counters.failed == 1


async def test_a_loop_over_a_template_collects_outputs_that_its_task_does_not_declare() -> None:
    loop = {"Items": [1, 2], "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}}
    task = nested("n", act("b", **B), Loop=loop, Outputs_=GIVES["Outputs_"])
    done = await run(template([task], Outputs={"all": {"Value": "{{ n.all }}"}}), {"Modify-b": [{"X": 1}, {"X": 2}]})
    assert done.state.outputs == {"all": [1, 2]}


async def test_what_a_failed_item_gave_all_the_same_is_collected() -> None:
    loop = {
        "Items": [1, 2],
        "RateControl": {"MaxErrors": 2},
        "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}},
    }
    task = nested("n", act("b", **B), act("c"), Loop=loop, **GIVES)
    script = {"Modify-b": [{"X": 1}, {"X": 2}], **fails("c")}
    done = await run(template([task], Outputs={"all": {"Value": "{{ n.all }}"}}), script)
    assert done.state.outputs == {"all": [1, 2]}


async def test_a_loop_within_a_template_over_what_it_is_given() -> None:
    loop = {"Items": "{{ ids }}", "Outputs": {"all": {"AggregateType": "Fn::ListJoin", "AggregateField": "x"}}}
    inner = nested(
        "n",
        act("b", {"Id": ITEM}, Loop=loop, **B),
        given={"ids": "{{ ids }}"},
        Parameters_={"ids": {"Type": "List"}},
        Outputs_={"all": {"Type": "List", "Value": "{{ b.all }}"}},
        Outputs={"all": {"Type": "List", "ValueSelector": ".all[]"}},
    )
    text = template(
        [inner], Parameters={"ids": {"Type": "List", "Default": ["p", "q"]}}, Outputs={"all": {"Value": "{{ n.all }}"}}
    )
    done = await run(text, {"Modify-b": lambda call: {"X": call.parameters["Id"] * 2}})
    assert done.state.outputs == {"all": ["pp", "qq"]}
    assert "exec-test.t0001.t0001.i0002" in done.state.runs


async def test_loops_within_loops_by_templates() -> None:
    inner_loop = {"Items": "{{ rows }}", "RateControl": {"Concurrency": 2}}
    inner = nested(
        "n",
        act("b", {"Row": ITEM, "Column": "{{ column }}"}, Loop=inner_loop),
        given={"rows": [1, 2], "column": ITEM},
        Parameters_={"rows": {"Type": "List"}, "column": {}},
        Loop={"Items": ["x", "y"], "RateControl": {"Concurrency": 2}},
    )
    done = await run(template([inner]))
    made = {(call["Row"], call["Column"]) for call in parameters(done, "b")}
    assert made == {(1, "x"), (2, "x"), (1, "y"), (2, "y")}
    assert "exec-test.t0001.i0002.t0001.i0002" in done.state.runs


async def test_a_template_that_is_known_only_when_it_is_reached() -> None:
    text = template(
        [{"Name": "n", "Action": "ACS::Template", "Properties": {"TemplateName": "{{ t }}"}, "Outputs": X}],
        Parameters={"t": {"Default": "mine"}},
        Outputs={"x": {"Value": "{{ n.x }}"}},
    )
    stored = template([act("b", **B)], Outputs=GIVES["Outputs_"])
    done = await run(text, {"template mine": stored, "Modify-b": {"X": 7}})
    assert done.state.outputs == {"x": 7}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{{ text }}", "n: Properties.Parameters is a map, not 'a'"),
        ([1], "n: Properties.Parameters is a map, not [1]"),
        ({"id": 1, "other": 2}, "n: "),
    ],
)
async def test_parameters_that_turn_out_to_be_none(given: Any, message: str) -> None:
    stored = template([act("b")], Parameters={"id": {}})
    properties = {"TemplateName": "{{ t }}", "Parameters": given}
    text = template(
        [{"Name": "n", "Action": "ACS::Template", "Properties": properties}],
        Parameters={"t": {"Default": "mine"}, "text": {"Default": "a"}},
    )
    if isinstance(given, list):
        text = text.replace("[1]", '{"Fn::ListJoin": [1]}')
    done = await run(text, {"template mine": stored})
    assert done.state.status == "Failed"
    assert done.state.message.startswith(message)
    assert not done.effects.calls


async def test_parameters_of_a_template_may_be_its_text() -> None:
    properties = {"TemplateName": "{{ t }}", "Parameters": "{{ given }}"}
    text = template(
        [{"Name": "n", "Action": "ACS::Template", "Properties": properties}],
        Parameters={"t": {"Default": "mine"}, "given": {}},
    )
    stored = template([act("b", {"Id": "{{ id }}"})], Parameters={"id": {"Default": "d"}})
    for given, expected in (('{"id": "i-1"}', "i-1"), (" ", "d"), ("{}", "d")):
        done = await run(text, {"template mine": stored}, {"given": given})
        assert done.effects.calls[0].parameters == {"Id": expected}
    assert (await run(text, {"template mine": stored}, {"given": "{"})).state.reason == "InvalidType"


async def test_a_role_of_a_nested_template_s_own_and_one_that_is_inherited() -> None:
    text = template([nested("n", act("b")), act("c")], RamRole="outer")
    done = await run(text)
    assert [call.place.ram_role for call in done.effects.calls] == ["outer", "outer"]
    own = product(
        "ACS::X::N", act("b"), RamRole={"Fn::Select": [0, "{{ role }}"]}, Parameters={"role": {"Type": "List"}}
    )
    for role, expected in ((["mine"], ["mine"]), ([""], ["outer"]), ([None], ["outer"]), ([1], [])):
        task = {"Name": "n", "Action": "ACS::X::N", "Properties": {"role": role}}
        done = await run(template([task], RamRole="outer"), library=own)
        assert [call.place.ram_role for call in done.effects.calls] == expected
    assert (done.state.reason, done.state.message[:2]) == ("InvalidType", "n:")


async def test_approvals_inside_ask_about_the_execution() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
    going = Execution(template([nested("n", ask, act("b"))]), Recording()).start()
    wait = await going.answer("Approve", "Approve")
    await going.end()
    assert wait.run.id == "exec-test.t0001.t0001"
    assert going.state.status == "Success"


async def test_a_rejection_inside_ends_everything() -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}
    task = nested("n", ask, OnError="after", IsCritical=False)
    going = Execution(template([task, act("after")]), Recording()).start()
    await going.answer("Approve", "Reject")
    await going.end()
    assert (going.state.status, called(going)) == ("Cancelled", "")
    assert [run.status for run in going.state.runs.values()] == ["Cancelled", "Cancelled"]
