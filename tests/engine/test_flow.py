"""The flow: tasks in order, outputs, failures with their task's name, and what is null."""

import asyncio
from typing import Any

import pytest

from caboose.engine.errors import TaskFailed
from caboose.oos.library import Library, Source
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import READ, task, template

INSTANCES = {"Instances": {"Instance": [{"InstanceId": "i-1"}, {"InstanceId": "i-2"}]}}
LIST_TAGS = {"Service": "ECS", "API": "ListTags"}
OUTPUTS = {"ids": {"Type": "List", "Value": "{{ look.ids }}"}}


async def test_tasks_run_in_order_and_outputs_are_returned() -> None:
    second = task(
        Name="second", Properties={"Service": "ECS", "API": "ListTags", "Parameters": {"Ids": "{{ look.ids }}"}}
    )
    done = await run(template([READ, second], Outputs=OUTPUTS), {"DescribeInstances": INSTANCES, "ListTags": INSTANCES})
    assert [call.api for call in done.effects.calls] == ["DescribeInstances", "ListTags"]
    assert done.effects.calls[1].parameters == {"Ids": ["i-1", "i-2"]}
    assert done.state.status == "Success"
    assert done.state.outputs == {"ids": ["i-1", "i-2"]}
    assert [run.id for run in done.state.runs.values()] == ["exec-test.t0001", "exec-test.t0002"]
    assert done.run_of("second").request_id == "request-2"


async def test_a_call_says_where_it_is_made_and_as_whom() -> None:
    parameters = {"RegionId": "{{ r }}", "InstanceIds": ["i-1", "i-2"]}
    reading = task(Properties={"Service": "ecs", "API": "DescribeInstances", "Parameters": parameters}, Outputs=None)
    text = template([reading], Parameters={"r": {"Default": ""}}, RamRole="someRole")
    here = (await run(text)).effects.calls[0]
    there = (await run(text, parameters={"r": "cn-beijing"})).effects.calls[0]
    assert (here.place.region_id, there.place.region_id) == ("cn-hangzhou", "cn-beijing")
    assert here.place.ram_role == "someRole"
    assert here.place.summary == "look DescribeInstances i-1 i-2"
    assert here.read


@pytest.mark.parametrize("about", [5, {"a": 1}, ["i-1", 5], None, True])
async def test_whatever_a_call_is_about_it_has_a_summary(about: Any) -> None:
    reading = task(
        Properties={"Service": "ECS", "API": "RebootInstance", "Parameters": {"InstanceId": about}}, Outputs=None
    )
    done = await run(template([reading]))
    assert done.effects.calls[0].place.summary.startswith("look RebootInstance")


async def test_pseudo_parameters() -> None:
    names = ("RegionId", "ExecutionId", "ExecuteUser", "CurrentUTCTime", "CurrentDate")
    value = " ".join(f"{{{{ ACS::{name} }}}}" for name in names)
    done = await run(template(Outputs={"all": {"Value": value}}), {"DescribeInstances": INSTANCES})
    assert done.state.outputs == {"all": "cn-hangzhou exec-test tester 2026-01-31T08:00:00Z 2026-01-31"}


async def test_a_failed_task_ends_the_execution_and_later_outputs_are_null() -> None:
    tasks = [READ, task(Name="second", Properties={"Service": "ECS", "API": "ListTags"}), task(Name="third")]
    outputs = {**OUTPUTS, "later": {"Value": "{{ third.ids }}"}, "text": {"Value": "got {{ third.ids }}."}}
    script = {"DescribeInstances": INSTANCES, "ListTags": TaskFailed("Forbidden.RAM", "not allowed", "request-x")}
    done = await run(template(tasks, Outputs=outputs), script)
    state = done.state
    assert (state.status, state.reason) == ("Failed", "Forbidden.RAM")
    assert state.message == "second: not allowed"
    assert state.outputs == {"ids": ["i-1", "i-2"], "later": None, "text": "got ."}
    failed = done.run_of("second")
    assert (failed.status, failed.message, failed.request_id) == ("Failed", "Forbidden.RAM: not allowed", "request-x")
    assert len(done.effects.calls) == 2


async def test_an_error_that_the_engine_does_not_know_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        await run(template(), {"DescribeInstances": ZeroDivisionError()})


async def test_a_cancelled_call_ends_everything() -> None:
    going = Execution(template(), Recording({"DescribeInstances": lambda _: asyncio.Event().wait()})).start()
    await going.effects.wait_until(lambda: bool(going.effects.calls))
    assert going.task
    going.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going.end()
    assert (going.state.status, going.state.reason) == ("Cancelled", "Cancelled")
    assert going.run_of("look").status == "Cancelled"
    assert going.state.outputs == {}


async def test_a_value_that_grows_too_large_fails_its_task() -> None:
    grow = task(
        Name="grow", Properties={"Service": "ECS", "API": "ListTags", "Parameters": {"Many": ["{{ look.ids }}"] * 60}}
    )
    many = {"Instances": {"Instance": [{"InstanceId": "x" * 1000}] * 100}}
    done = await run(template([READ, grow]), {"DescribeInstances": many})
    assert (done.state.status, done.state.reason) == ("Failed", "ValueTooLarge")
    assert done.state.message.startswith("grow: ")


async def test_an_output_that_grows_too_large_is_left_out_with_a_note() -> None:
    outputs = {"big": {"Value": ["{{ look.ids }}"] * 60}, "small": {"Value": "x"}}
    many = {"Instances": {"Instance": [{"InstanceId": "x" * 1000}] * 100}}
    done = await run(template(Outputs=outputs), {"DescribeInstances": many})
    assert done.state.status == "Success"
    assert done.state.outputs == {"big": None, "small": "x"}
    assert "the output big was left out" in done.state.notes[0]


INNER = template(
    [task(Properties={"Service": "ECS", "API": "DescribeInstances", "Parameters": {"Id": "{{ id }}", "N": "{{ n }}"}})],
    Parameters={"id": {}, "n": {"Type": "Number", "Default": "{{ m }}"}, "m": {"Default": "7"}},
    Outputs={"found": {"Type": "List", "Value": "{{ look.ids }}"}, "user": {"Value": "{{ ACS::ExecutionId }}"}},
)
LIBRARY = Library([Source("ACS::ECS::Find", INNER)])


def finding(**properties: Any) -> str:
    outputs = {"found": {"Type": "List", "ValueSelector": "found[]"}, "user": {"ValueSelector": "user"}}
    outer = {"Name": "find", "Action": "ACS::ECS::Find", "Properties": properties, "Outputs": outputs}
    return template(
        [outer],
        Parameters={"x": {"Type": "Json", "Default": {}}, "nothing": {"Default": None}},
        Outputs={"found": {"Value": "{{ find.found }}"}, "user": {"Value": "{{ find.user }}"}},
    )


async def test_a_product_action_is_a_template_of_its_own() -> None:
    done = await run(finding(ID="i-9"), {"DescribeInstances": INSTANCES}, library=LIBRARY)
    assert done.effects.calls[0].parameters == {"Id": "i-9", "N": 7}
    assert done.state.outputs == {"found": ["i-1", "i-2"], "user": "exec-test.t0001"}
    assert list(done.state.runs) == ["exec-test.t0001", "exec-test.t0001.t0001"]
    assert done.run_of("look").parent_id == "exec-test.t0001"


async def test_a_property_of_null_is_not_set() -> None:
    done = await run(finding(id="i-9", n="{{ nothing }}"), {"DescribeInstances": INSTANCES}, library=LIBRARY)
    assert done.effects.calls[0].parameters["N"] == 7


@pytest.mark.parametrize(
    ("properties", "code", "words"),
    [
        ({"id": "{{ x }}"}, "InvalidParameter", "expected a string"),
        ({"id": "{{ nothing }}"}, "MissingParameter", "find: Properties.id: the parameter"),
        ({"id": "{{ nothing }}"}, "MissingParameter", "must be given; what the template gives is null"),
        ({"id": {"Fn::AddHour": ["{{ x }}", 1]}}, "FunctionError", "find: Properties.id: Fn::AddHour: time: expected"),
        ({"id": "a", "n": "{{ x }}"}, "InvalidParameter", "expected a number"),
    ],
)
async def test_properties_that_turn_out_wrong_fail_the_task(properties: Any, code: str, words: str) -> None:
    done = await run(finding(**properties), library=LIBRARY)
    assert (done.state.status, done.state.reason) == ("Failed", code)
    assert words in done.state.message
    assert not done.effects.calls


@pytest.mark.parametrize(
    "fields",
    [
        {"Properties": {**LIST_TAGS, "Parameters": {"a": {"Fn::Sum": ["{{ p }}"]}}}},
        {"Properties": {**LIST_TAGS, "Parameters": {"a": {"Fn::If": ["{{ p }}", 1, 2]}}}},
        {"Properties": {**LIST_TAGS, "Parameters": {"Fn::Jq": ["First", "tonumber", "{{ p }}"]}}},
        {"Outputs": {"x": {"ValueSelector": '.a|tonumber|select(.=="{{ p }}")'}}},
        {"Loop": {"Items": "{{ p }}"}},
        {"Loop": {"Items": [1, 2]}, "Properties": {**LIST_TAGS, "Parameters": "{{ p }}"}},
        {"Action": "ACS::ECS::Find", "Properties": {"id": "i", "n": "{{ p }}"}},
        {"Action": "ACS::ECS::Find", "Properties": {"id": {"Fn::Jq": ["First", ".a|tonumber", {"a": "{{ p }}"}]}}},
    ],
)
async def test_no_message_tells_the_value_of_a_secret_parameter(fields: dict[str, Any]) -> None:
    text = template(
        [task(**{"Outputs": None, **fields})],
        Parameters={"p": {"NoEcho": True}},
        Outputs={"o": {"Type": "Json", "Value": {"Fn::Select": ["{{ p }}", [1]]}}},
    )
    done = await run(text, {"DescribeInstances": {"a": "x"}}, {"p": "hunter2-0123456789"}, LIBRARY)
    assert done.state.status == "Failed"
    record = {**done.record(), "Outputs": {}}
    assert "***" in record["Notes"][0]
    assert "hunter" not in str(record)


async def test_a_failure_inside_names_the_tasks_on_the_way() -> None:
    done = await run(finding(id="a"), {"DescribeInstances": TaskFailed("Bad", "no")}, library=LIBRARY)
    assert done.state.message == "find: look: no"
    assert done.run_of("find").status == "Failed"


async def test_a_selector_that_does_not_fit_the_product_action_s_outputs() -> None:
    outer = {
        "Name": "find",
        "Action": "ACS::ECS::Find",
        "Properties": {"id": "i"},
        "Outputs": {"x": {"ValueSelector": "gone[]"}},
    }
    done = await run(template([outer]), {"DescribeInstances": INSTANCES}, library=LIBRARY)
    assert (done.state.reason, done.state.status) == ("SelectorError", "Failed")
    assert "find: Outputs.x" in done.state.message


async def test_parameters_of_a_call_that_turn_out_to_be_no_map() -> None:
    call = task(Properties={"Service": "ECS", "API": "ListX", "Parameters": "{{ p }}"}, Outputs=None)
    done = await run(template([call], Parameters={"p": {"Type": "Json"}}), parameters={"p": ["a"]})
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert not done.effects.calls
