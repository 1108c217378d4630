"""A start: StartExecution's fields held against a template, every problem at once, and no value kept twice."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caboose.library_folders import built_in_templates, load_library
from caboose.oos.library import Library
from caboose.oos.problems import MAX_PROBLEMS, errors
from caboose.oos.start import (
    FIELDS,
    Checked,
    Start,
    StoredTemplate,
    bound_parameters,
    check_start,
    given_parameters,
)
from caboose.oos.values import MAX_VALUE_BYTES, json_size
from tests.oos.templates import DEFAULTS, NoTemplates, places, refused, started, template
from tests.support.programs import PROGRAMS

TEXT = template(
    Parameters={
        "name": {},
        "count": {"Type": "Number", "Default": "3"},
        "items": {"Type": "List", "Default": []},
        "where": {"Default": "{{ ACS::RegionId }}/{{ ACS::ExecutionId }}/{{ ACS::ExecuteUser }}"},
        "password": {"Default": ""},
        "pin": {"NoEcho": True, "Default": "0000"},
        "line": {"Default": "pin {{ pin }}"},
    }
)


class Stored:
    """Two versions of one template."""

    def find(self, name: str, version: str | None = None) -> StoredTemplate | None:
        """v2, unless v1 is asked for."""
        known = name == "stored" and version in (None, "v1", "v2")
        return StoredTemplate("stored", version or "v2", template(), "hash-of-it") if known else None

    def names(self) -> list[str]:
        """The one name."""
        return ["stored"]


async def stored(**request: Any) -> Checked:
    return await check_start(request, Stored(), Library(), DEFAULTS, PROGRAMS)


def start_of(checked: Checked) -> Start:
    assert not errors(checked.problems)
    assert checked.plan is not None
    assert checked.start is not None
    return checked.start


async def test_defaults_conversions_and_the_server_s_own_values() -> None:
    start = start_of(await started(TEXT, {"name": "x", "items": "a"}))
    assert start.parameters == {
        "count": 3,
        "items": ["a"],
        "where": "cn-hangzhou/exec-test/tester",
        "password": "",
        "pin": "0000",
        "line": "pin 0000",
    }
    assert (start.mode, start.loop_mode, start.safety_check) == ("Automatic", "Automatic", "ConfirmEveryHighRiskAction")
    assert (start.region_id, start.executed_by, start.ram_role) == ("cn-hangzhou", "tester", "")


async def test_what_a_start_says_itself_counts() -> None:
    fields = {"RegionId": "cn-x", "ExecutedBy": "alice", "Description": "why", "Tags": {"a": 1}, "SafetyCheck": "Skip"}
    start = start_of(await started(TEXT, {"name": "x"}, Mode="Automatic", LoopMode=None, ClientToken="t", **fields))
    assert (start.region_id, start.executed_by, start.description) == ("cn-x", "alice", "why")
    assert (start.tags, start.safety_check) == ({"a": 1}, "Skip")
    assert start.parameters["where"] == "cn-x/exec-test/alice"


async def test_values_are_bound_without_copies_of_what_was_given() -> None:
    given_values = {"NAME": "x", "count": 7, "items": "[1, 2]"}
    for parameters in (given_values, json.dumps(given_values)):
        checked = await started(TEXT, parameters)
        start = start_of(checked)
        assert "name" not in start.parameters, "given as it is: history has it already"
        assert "count" not in start.parameters
        assert checked.plan is not None
        request = {"Parameters": parameters}
        bound = bound_parameters(request, checked.plan, start)
        assert list(bound) == ["name", "count", "items", "where", "password", "pin", "line"]
        assert (bound["name"], bound["count"], bound["items"]) == ("x", 7, [1, 2])


async def test_true_and_one_are_not_the_same_value() -> None:
    text = template(Parameters={"flag": {"Type": "String"}})
    checked = await started(text, {"flag": True})
    assert start_of(checked).parameters == {"flag": "true"}


async def test_secrets_are_masked_where_values_are_shown() -> None:
    url = "https://oapi.dingtalk.com/robot/send?access_token=canary"
    start = start_of(await started(TEXT, {"name": url, "pin": "1234"}))
    shown = start.public_parameters
    assert shown["name"] == "https://oapi.dingtalk.com/robot/send?access_token=***"
    assert (shown["pin"], shown["line"]) == ("******", "******")
    assert shown["password"] == "", "an empty one shows that it is empty"
    assert shown["count"] == 3
    assert start.parameters["line"] == "pin 1234"


async def test_every_problem_is_reported_at_once() -> None:
    checked = await started(
        TEXT,
        {"count": "x", "nobody": 1},
        Mode="Debug",
        LoopMode="Sometimes",
        Tags=[1],
        Descripton="typo",
        RegionId=5,
    )
    assert checked.plan is None
    assert checked.start is None
    assert places(errors(checked.problems)) == [
        ("UnknownField", "Descripton"),
        ("InvalidField", "RegionId"),
        ("InvalidField", "LoopMode"),
        ("InvalidField", "Tags"),
        ("UnknownParameter", "Parameters"),
        ("MissingParameter", "Parameters.name"),
        ("InvalidParameter", "Parameters.count"),
    ]
    assert checked.problems[0].hint == 'Did you mean "Description"?'


async def test_problems_of_the_fields_and_of_the_template_come_together() -> None:
    trigger = {"Name": "event", "Action": "ACS::EventTrigger", "Properties": {"Product": "ECS"}}
    found = await refused(template([trigger]), {"x": 1}, Mode="Manual")
    assert found == [
        ("InvalidField", "Mode"),
        ("NotSupportedYet", "Tasks.event.Action"),
        ("UnknownParameter", "Parameters"),
    ]


@pytest.mark.parametrize("request_", [None, [], "text", 5, True, [{"TemplateName": "x"}]])
async def test_an_input_that_is_no_object(request_: Any) -> None:
    checked = await check_start(request_, NoTemplates(), Library(), DEFAULTS, PROGRAMS)
    assert [problem.id for problem in checked.problems] == ["InvalidRequest"]


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5000, "\ud83d", json.loads("[" * 200 + "]" * 200)],
    ids=["nan", "infinite", "huge", "surrogate", "deep"],
)
@pytest.mark.parametrize("field", ["Parameters", "Tags", "Description", "Unheard"])
async def test_an_input_that_json_does_not_know(field: str, value: Any) -> None:
    checked = await stored(TemplateName="stored", **{field: {"x": value}})
    assert [problem.id for problem in checked.problems] == ["InvalidRequest"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("not json", "a JSON object, or its text"),
        ("[1]", "a JSON object, or its text"),
        ([1], "a JSON object, or its text"),
        (5, "a JSON object, or its text"),
        ('{"a": NaN}', "number in it that JSON doesn't know"),
        ('{"a": 1e999}', "number in it that JSON doesn't know"),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", "nested more than 100 levels"),
        ("[" * 100_000, "a JSON object, or its text"),
        ({"a": "x" * MAX_VALUE_BYTES}, "more than 4000000"),
    ],
)
async def test_parameters_that_are_no_object(parameters: Any, words: str) -> None:
    checked = await stored(TemplateName="stored", Parameters=parameters)
    assert places(checked.problems)[0] == ("InvalidField", "Parameters")
    assert words in checked.problems[0].message


@pytest.mark.parametrize("parameters", [None, "", " ", "{}", {}])
async def test_no_parameters(parameters: Any) -> None:
    assert given_parameters({"Parameters": parameters}) == {}
    start_of(await stored(TemplateName="stored", Parameters=parameters))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ("InvalidField", "TemplateName")),
        ({"TemplateName": "stored", "TemplateContent": "x"}, ("InvalidField", "TemplateName")),
        ({"TemplateName": "sotred"}, ("UnknownTemplate", "TemplateName")),
        ({"TemplateName": "stored", "TemplateVersion": "v9"}, ("UnknownTemplate", "TemplateVersion")),
        ({"TemplateName": 5}, ("InvalidField", "TemplateName")),
        ({"TemplateName": ["x"]}, ("InvalidField", "TemplateName")),
        ({"TemplateContent": {"FormatVersion": "x"}}, ("InvalidField", "TemplateContent")),
        ({"TemplateName": "stored", "TemplateVersion": 1}, ("InvalidField", "TemplateVersion")),
        ({"TemplateContent": "a: ["}, ("InvalidYaml", "")),
        ({"TemplateName": "stored", "SafetyCheck": "skip"}, ("InvalidField", "SafetyCheck")),
        ({"TemplateName": "stored", "Mode": {}}, ("InvalidField", "Mode")),
        ({"TemplateName": "stored", "Tags": {str(n): 1 for n in range(21)}}, ("InvalidField", "Tags")),
        ({"TemplateName": "stored", "Tags": {"a": "x" * 20_000}}, ("InvalidField", "Tags")),
        ({"TemplateName": "stored", "Description": "x" * 1_001}, ("InvalidField", "Description")),
        ({"TemplateName": "stored", "Mode": "Manual"}, ("InvalidField", "Mode")),
        ({"TemplateName": "stored", "LoopMode": "NoPause"}, ("InvalidField", "LoopMode")),
    ],
)
async def test_fields(request_: dict[str, Any], expected: tuple[str, str]) -> None:
    assert places((await stored(**request_)).problems)[-1] == expected


async def test_values_that_grow_too_large_are_refused() -> None:
    parameters = {"p": {}, "q": {"Default": "{{ p }}{{ p }}"}}
    big = {"p": "x" * (MAX_VALUE_BYTES // 2 + 1)}
    assert await refused(template(Parameters=parameters), big) == [("ValueTooLarge", "Parameters.q")]
    role = template(RamRole="{{ p }}{{ p }}", Parameters={"p": {}})
    assert await refused(role, big) == [("ValueTooLarge", "RamRole")]
    many = {"p": {}, **{f"d{n}": {"Default": "{{ p }}!"} for n in range(20)}}
    assert await refused(template(Parameters=many), {"p": "x" * (MAX_VALUE_BYTES // 10)}) == [
        ("ValueTooLarge", "Parameters.d9")
    ]


async def test_a_start_that_would_not_fit_into_one_message_is_refused() -> None:
    text = template(Parameters={"p": {"Type": "List"}})
    assert await refused(text, {"p": "界" * 900_000}) == [("StartTooLarge", "Parameters")]


async def test_the_built_in_example_starts() -> None:
    request = {
        "TemplateContent": built_in_templates()["reboot-with-approval"],
        "Parameters": {"targets": '{"Type": "ResourceIds", "ResourceIds": ["i-1"]}', "webhookUrl": "http://h"},
    }
    start = start_of(await check_start(request, NoTemplates(), load_library(), DEFAULTS, PROGRAMS))
    assert start.parameters["targets"] == {"Type": "ResourceIds", "ResourceIds": ["i-1"]}
    assert start.parameters["atMobiles"] == ["1380000****"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=5), child, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*FIELDS, "Other"]), ANY_JSON) | ANY_JSON)
async def test_no_input_makes_it_raise(request_: Any) -> None:
    checked = await check_start(request_, Stored(), Library(), DEFAULTS, PROGRAMS)
    assert (checked.plan is None) == bool(errors(checked.problems))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "count", "items", "pin", "NAME"]), ANY_JSON))
async def test_no_parameters_make_it_raise(parameters: dict[str, Any]) -> None:
    checked = await started(TEXT, parameters)
    assert (checked.start is None) == bool(errors(checked.problems))


async def test_problems_without_end_are_cut_where_they_would_not_travel() -> None:
    fields = {f"界{n}" * 60: 1 for n in range(3_000)}
    checked = await stored(TemplateName="x", Parameters=fields, **fields)
    assert json_size([problem.as_record() for problem in checked.problems]) < 600_000
    assert len(checked.problems) <= MAX_PROBLEMS + 1
    many = await stored(TemplateName="stored", Parameters={f"p{n}": 1 for n in range(3_000)})
    assert len(many.problems) <= MAX_PROBLEMS + 1
