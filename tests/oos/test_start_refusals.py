"""What a start is refused for although its template is right: what isn't built yet, what isn't known, what can't be."""

import json
from dataclasses import replace
from typing import Any

import pytest

from caboose.oos.library import Library, Source
from caboose.oos.problems import errors
from caboose.oos.start import Checked, StartDefaults, check_start
from tests.oos.templates import DEFAULTS, NOW, NoTemplates, places, refused, started, task, template
from tests.support.programs import PROGRAMS


async def check(text: str, defaults: StartDefaults, library: Library | None = None) -> Checked:
    return await check_start({"TemplateContent": text}, NoTemplates(), library or Library(), defaults, PROGRAMS)


LOOP = {"Items": [1, 2], "RateControl": "{{ control }}"}


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({"Concurrency": 2}, None),
        ('{"Concurrency": "50%"}', None),
        ({"Concurrency": 0}, "InvalidRateControl"),
        ({"Concurrency,": 1}, "InvalidRateControl"),
        ({"Mode": "Batch", "Batch": [1, "50%"]}, None),
        ({"Mode": "Batch", "Batch": [1, "150%"]}, "InvalidRateControl"),
        ({"BatchPauseOption": "EveryBatchPause"}, None),
        ([1], "InvalidRateControl"),
    ],
)
async def test_a_rate_control_that_is_a_parameter_is_checked_before_anything_starts(
    control: Any, expected: str | None
) -> None:
    text = template([task(Loop=LOOP)], Parameters={"control": {"Type": "Json"}})
    found = await refused(text, {"control": control})
    assert found == ([(expected, "Tasks.look.Loop.RateControl")] if expected else [])


async def test_a_rate_control_of_a_task_s_output_is_left_for_later_and_of_a_missing_parameter_to_that() -> None:
    loop = {"Items": [1], "RateControl": {"Concurrency": "{{ look.ids }}"}}
    assert not await refused(template([task(), task(Name="b", Loop=loop)]))
    text = template([task(Loop=LOOP)], Parameters={"control": {"Type": "Json"}})
    assert await refused(text) == [("MissingParameter", "Parameters.control")]


APPROVE = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": {"URI": "http://h", "Content": {"a": 1}}}}


@pytest.mark.parametrize(
    ("tasks", "missing"),
    [
        ([task()], True),
        ([APPROVE], False),
        ([task(Properties={"Service": "ECS", "API": "DescribeInstances", "Parameters": {"RegionId": "cn-x"}})], False),
        (
            [task(Properties={"Service": "ECS", "API": "DescribeInstances", "Parameters": {"RegionId": "{{ r }}"}})],
            True,
        ),
    ],
)
async def test_a_region_is_needed_as_soon_as_a_call_needs_one(tasks: list[Any], missing: bool) -> None:
    text = template(tasks, Parameters={"r": {"Default": ""}})
    checked = await check(text, StartDefaults("exec-test", NOW))
    assert places(errors(checked.problems)) == ([("MissingRegion", "RegionId")] if missing else [])


@pytest.mark.parametrize(
    ("role", "parameter", "expected"),
    [
        ("{{ p }}", {"Default": "role-{{ q }}"}, "role-x"),
        ("pre-{{ q }}", {}, "pre-x"),
        ("{{ p }}", {"Default": ""}, ""),
        ("{{ p }}", {"Default": None}, ""),
        ({"Fn::If": [{"Fn::Equals": ["{{ q }}", "x"]}, "role-{{ ACS::RegionId }}", "{{ p }}"]}, {}, "role-cn-hangzhou"),
        ("{{ p }}", {"Type": "List", "Default": []}, None),
        ("{{ p }}", {"Type": "Number", "Default": 0}, None),
        ("{{ p }}", {"Type": "Json", "Default": {}}, None),
    ],
)
async def test_the_role_is_a_name_and_never_the_worker_s_own_by_accident(
    role: Any, parameter: Any, expected: str | None
) -> None:
    text = template(RamRole=role, Parameters={"p": {"Default": "", **parameter}, "q": {"Default": "x"}})
    checked = await started(text)
    if expected is None:
        assert places(errors(checked.problems)) == [("InvalidType", "RamRole")]
    else:
        assert checked.start
        assert checked.start.ram_role == expected


async def test_a_role_of_a_missing_parameter_is_one_problem() -> None:
    assert await refused(template(RamRole="{{ p }}", Parameters={"p": {}})) == [("MissingParameter", "Parameters.p")]


@pytest.mark.parametrize("value", ["{{ oos:x }}", {"a": ["{{oos-secret:y}}"]}])
async def test_values_from_the_parameter_store_are_refused_and_not_passed_on_as_text(value: Any) -> None:
    text = template(Parameters={"p": {"Type": "Json" if isinstance(value, dict) else "String"}})
    assert await refused(text, {"p": value}) == [("NotSupportedYet", "Parameters.p")]


async def test_a_role_that_can_t_be_made() -> None:
    role = {"Fn::AddHour": ["{{ list }}", 1]}
    text = template(RamRole=role, Parameters={"list": {"Type": "List", "Default": ["a"]}})
    assert await refused(text) == [("FunctionError", "RamRole")]
    assert await refused(template(RamRole="|{{ ACS::AccountId }}/role")) == [("MissingSetting", "RamRole")]


async def test_a_value_of_the_store_without_a_name() -> None:
    assert await refused(template(Parameters={"p": {}}), {"p": "{{ oos-secret: }}"}) == [
        ("InvalidReference", "Parameters.p")
    ]


async def test_a_default_from_the_store_is_one_problem() -> None:
    text = template(Parameters={"p": {"Type": "Json", "Default": {"a": "{{ oos:x }}"}}, "q": {"Default": "{{ p }}!"}})
    assert await refused(text) == [("NotSupportedYet", "Parameters.p.Default.a")]


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({"Fn::Select": ["{{ kind }}", {"a": {"Concurrency": 2}, "b": {"Concurrency": 0}}]}, "InvalidRateControl"),
        ({"Fn::AddHour": ["{{ kind }}", 1]}, "FunctionError"),
        ({"Concurrency": "{{ ACS::TaskLoopItem }}"}, None),
        ({"Concurrency": {"Fn::If": [{"Fn::Equals": ["{{ kind }}", "b"]}, 5, "{{ first.ids }}"]}}, None),
    ],
)
async def test_a_rate_control_made_by_functions(control: Any, expected: str | None) -> None:
    first = task(Name="first")
    inner = task(Loop={"Items": [1], "RateControl": control})
    properties = {"LoopItems": [1], "LoopRateControl": {"Concurrency": "{{ kind }}"}, "LoopTasks": [inner]}
    around = {"Name": "around", "Action": "ACS::Loop", "Properties": properties}
    text = template([first, around], Parameters={"kind": {"Default": "b"}})
    found = [each for each in await refused(text) if each[0] != "NotSupportedYet"]
    inside = [(expected, "Tasks.around.Properties.LoopTasks.look.Loop.RateControl")] if expected else []
    assert found == [("InvalidRateControl", "Tasks.around.Properties.LoopRateControl"), *inside]


ACCOUNT, UTIL = "{{ ACS::AccountId }}", "{{ acs::oosutilversion }}"


def with_parameter(text: str) -> dict[str, Any]:
    return task(Properties={"Service": "ECS", "API": "DescribeX", "Parameters": {"X": text}})


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (template([with_parameter(ACCOUNT)]), "Tasks.look"),
        (template([task(Loop={"Items": [UTIL]})]), "Tasks.look"),
        (template(Outputs={"o": {"Value": f"x-{UTIL}"}}), "Outputs.o"),
        (template([task(When="c")], Conditions={"c": {"Fn::Equals": [ACCOUNT, "1"]}}), "Conditions.c"),
        (template(Parameters={"p": {"Default": f"{ACCOUNT}-x"}}), "Parameters.p"),
        (template([{"Name": "use", "Action": "ACS::ECS::Util"}]), "Tasks.use"),
        (template([{"Name": "use", "Action": "ACS::ECS::Role"}]), "ACS::ECS::Role.RamRole"),
    ],
)
async def test_what_only_the_server_can_know_is_asked_for_where_it_is_used(text: str, path: str) -> None:
    action = template([with_parameter("{{ version }}")], Parameters={"version": {"Default": UTIL}})
    role = template(RamRole=f"acs:ram::{ACCOUNT}:role/oos")
    library = Library([Source("ACS::ECS::Util", action), Source("ACS::ECS::Role", role)])
    checked = await check(text, DEFAULTS, library)
    missing = [each for each in checked.problems if each.id == "MissingSetting"]
    assert [each.path for each in missing] == [path]
    assert "CABOOSE_" in f"{missing[0].message} {missing[0].hint}"
    known = await check(text, replace(DEFAULTS, account_id="1", oosutil_version="2"), library)
    assert "MissingSetting" not in [each.id for each in known.problems]


async def test_what_is_not_used_needs_no_setting() -> None:
    assert not await refused(template(Parameters={"p": {"Default": ACCOUNT}}), {"p": "given"})
    action = template(Parameters={"version": {"Default": UTIL}})
    use = {"Name": "use", "Action": "ACS::ECS::Util", "Properties": {"version": "1"}}
    checked = await check(template([use]), DEFAULTS, Library([Source("ACS::ECS::Util", action)]))
    assert not errors(checked.problems)


async def test_the_pseudo_parameters_of_a_default() -> None:
    names = ("RegionId", "ExecutionId", "ExecuteUser", "CurrentUTCTime", "CurrentDate", "AccountId", "OOSUtilVersion")
    text = template(Parameters={name: {"Default": f"{{{{ ACS::{name} }}}}"} for name in names})
    checked = await check(text, replace(DEFAULTS, account_id="123", oosutil_version="4.5"))
    assert checked.start
    assert checked.start.parameters == {
        "RegionId": "cn-hangzhou",
        "ExecutionId": "exec-test",
        "ExecuteUser": "tester",
        "CurrentUTCTime": "2026-01-31T09:00:00Z",
        "CurrentDate": "2026-01-31",
        "AccountId": "123",
        "OOSUtilVersion": "4.5",
    }
    assert (checked.start.account_id, checked.start.oosutil_version) == ("123", "4.5")


async def test_what_compiling_only_warns_of_stops_a_start() -> None:
    nested = {"Name": "nested", "Action": "ACS::Template", "Properties": {"TemplateName": "nobody"}}
    found = await refused(template([nested]))
    assert ("UnknownTemplate", "Tasks.nested.Properties.TemplateName") in found


async def test_a_program_that_is_none_is_found_before_anything_starts() -> None:
    text = template([task(Outputs={"o": {"ValueSelector": ".a | nofunction"}})])
    assert await refused(text) == [("InvalidSelector", "Tasks.look.Outputs.o.ValueSelector")]
    broken = json.loads(text)
    broken["Tasks"].append({"Name": "x", "Action": "ACS::Nothing"})
    assert [each[0] for each in await refused(json.dumps(broken))] == ["UnknownAction", "InvalidSelector"]
