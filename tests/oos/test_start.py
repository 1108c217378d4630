"""A start: StartExecution's fields held against a template, every problem at once, and no value kept twice."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caboose.library_folders import built_in_templates, load_library
from caboose.oos.library import Library
from caboose.oos.problems import MAX_PROBLEMS, errors
from caboose.oos.resolve import json_size
from caboose.oos.start import (
    FIELDS,
    Checked,
    Start,
    StartDefaults,
    StoredTemplate,
    bound_parameters,
    check_start,
    given_parameters,
)
from tests.oos.templates import DEFAULTS, NoTemplates, places, started, task, template

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


def stored(**request: Any) -> Checked:
    return check_start(request, Stored(), Library(), DEFAULTS)


def start_of(checked: Checked) -> Start:
    assert not errors(checked.problems)
    assert checked.plan is not None
    assert checked.start is not None
    return checked.start


def test_defaults_conversions_and_the_server_s_own_values() -> None:
    start = start_of(started(TEXT, {"name": "x", "items": "a"}))
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


def test_what_a_start_says_itself_counts() -> None:
    fields = {"RegionId": "cn-x", "ExecutedBy": "alice", "Description": "why", "Tags": {"a": 1}, "SafetyCheck": "Skip"}
    start = start_of(started(TEXT, {"name": "x"}, Mode="Automatic", LoopMode=None, ClientToken="t", **fields))
    assert (start.region_id, start.executed_by, start.description) == ("cn-x", "alice", "why")
    assert (start.tags, start.safety_check) == ({"a": 1}, "Skip")
    assert start.parameters["where"] == "cn-x/exec-test/alice"


def test_values_are_bound_without_copies_of_what_was_given() -> None:
    given_values = {"NAME": "x", "count": 7, "items": "[1, 2]"}
    for parameters in (given_values, json.dumps(given_values)):
        checked = started(TEXT, parameters)
        start = start_of(checked)
        assert "name" not in start.parameters, "given as it is: history has it already"
        assert "count" not in start.parameters
        assert checked.plan is not None
        request = {"Parameters": parameters}
        bound = bound_parameters(request, checked.plan, start)
        assert list(bound) == ["name", "count", "items", "where", "password", "pin", "line"]
        assert (bound["name"], bound["count"], bound["items"]) == ("x", 7, [1, 2])


def test_true_and_one_are_not_the_same_value() -> None:
    text = template(Parameters={"flag": {"Type": "String"}})
    checked = started(text, {"flag": True})
    assert start_of(checked).parameters == {"flag": "true"}


def test_secrets_are_masked_where_values_are_shown() -> None:
    url = "https://oapi.dingtalk.com/robot/send?access_token=canary"
    start = start_of(started(TEXT, {"name": url, "pin": "1234"}))
    shown = start.public_parameters
    assert shown["name"] == "https://oapi.dingtalk.com/robot/send?access_token=***"
    assert (shown["pin"], shown["line"]) == ("******", "******")
    assert shown["password"] == "", "an empty one shows that it is empty"
    assert shown["count"] == 3
    assert start.parameters["line"] == "pin 1234"


def test_every_problem_is_reported_at_once() -> None:
    checked = started(
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
    assert places(checked.problems) == [
        ("UnknownField", "Descripton"),
        ("InvalidField", "RegionId"),
        ("InvalidField", "LoopMode"),
        ("NotSupportedYet", "Mode"),
        ("InvalidField", "Tags"),
        ("InvalidParameter", "Parameters.count"),
        ("UnknownParameter", "Parameters"),
        ("MissingParameter", "Parameters.name"),
    ]
    assert checked.problems[0].hint == 'Did you mean "Description"?'


def test_problems_of_the_fields_and_of_the_template_come_together() -> None:
    checked = started(template([task(Action="ACS::Sleep")]), Mode="FailurePause")
    assert places(checked.problems) == [("NotSupportedYet", "Mode"), ("NotSupportedYet", "Tasks.look.Action")]


@pytest.mark.parametrize("request_", [None, [], "text", 5, True, [{"TemplateName": "x"}]])
def test_an_input_that_is_no_object(request_: Any) -> None:
    checked = check_start(request_, NoTemplates(), Library(), DEFAULTS)
    assert [problem.id for problem in checked.problems] == ["InvalidRequest"]


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5000, "\ud83d", json.loads("[" * 200 + "]" * 200)],
    ids=["nan", "infinite", "huge", "surrogate", "deep"],
)
@pytest.mark.parametrize("field", ["Parameters", "Tags", "Description", "Unheard"])
def test_an_input_that_json_does_not_know(field: str, value: Any) -> None:
    checked = stored(TemplateName="stored", **{field: {"x": value}})
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
        ({"a": "x" * 1_000_001}, "more than 1000000"),
    ],
)
def test_parameters_that_are_no_object(parameters: Any, words: str) -> None:
    checked = stored(TemplateName="stored", Parameters=parameters)
    assert places(checked.problems)[0] == ("InvalidField", "Parameters")
    assert words in checked.problems[0].message


@pytest.mark.parametrize("parameters", [None, "", " ", "{}", {}])
def test_no_parameters(parameters: Any) -> None:
    assert given_parameters({"Parameters": parameters}) == {}
    start_of(stored(TemplateName="stored", Parameters=parameters))


def test_a_stored_template_by_name_and_version() -> None:
    newest, first = (
        start_of(stored(TemplateName="stored")),
        start_of(stored(TemplateName="stored", TemplateVersion="v1")),
    )
    assert (newest.template_name, newest.template_version, newest.template_hash) == ("stored", "v2", "hash-of-it")
    assert first.template_version == "v1"


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
        ({"TemplateName": "stored", "Mode": "FailurePause"}, ("NotSupportedYet", "Mode")),
        ({"TemplateName": "stored", "LoopMode": "FirstBatchPause"}, ("NotSupportedYet", "LoopMode")),
        ({"TemplateName": "stored", "LoopMode": "EveryBatchPause"}, ("NotSupportedYet", "LoopMode")),
    ],
)
def test_fields(request_: dict[str, Any], expected: tuple[str, str]) -> None:
    assert places(stored(**request_).problems)[-1] == expected


def test_an_unknown_template_is_answered_with_the_nearest_or_the_way_to_store_one() -> None:
    assert 'Did you mean "stored"?' in stored(TemplateName="sotred").problems[0].hint
    assert "caboose templates put" in stored(TemplateName="x").problems[0].hint


LOOP = {"Items": [1, 2], "RateControl": "{{ control }}"}


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({"Concurrency": 2}, None),
        ('{"Concurrency": "50%"}', None),
        ({"Concurrency": 0}, "InvalidRateControl"),
        ({"Mode": "Batch", "Batch": [1]}, "NotSupportedYet"),
        ({"BatchPauseOption": "EveryBatchPause"}, "NotSupportedYet"),
        ([1], "InvalidRateControl"),
    ],
)
def test_a_rate_control_that_is_a_parameter_is_checked_before_anything_starts(
    control: Any, expected: str | None
) -> None:
    text = template([task(Loop=LOOP)], Parameters={"control": {"Type": "Json"}})
    found = places(started(text, {"control": control}).problems)
    assert found == ([(expected, "Tasks.look.Loop.RateControl")] if expected else [])


def test_a_rate_control_of_a_task_s_output_is_left_for_later_and_of_a_missing_parameter_to_that() -> None:
    loop = {"Items": [1], "RateControl": {"Concurrency": "{{ look.ids }}"}}
    assert not started(template([task(), task(Name="b", Loop=loop)])).problems
    text = template([task(Loop=LOOP)], Parameters={"control": {"Type": "Json"}})
    assert places(started(text).problems) == [("MissingParameter", "Parameters.control")]


@pytest.mark.parametrize(
    ("properties", "refused"),
    [
        ({"API": "DeleteInstance"}, True),
        ({"API": "removeTags"}, True),
        ({"API": "RebootInstance"}, False),
        ({"API": "RebootInstance", "Risk": "High"}, True),
        ({"API": "DeleteInstance", "Risk": "normal"}, False),
    ],
)
def test_high_risk_calls(properties: dict[str, str], refused: bool) -> None:
    text = template([task(Properties={"Service": "ECS", **properties}, Outputs=None)])
    expected = [("NotSupportedYet", "Tasks.look")] if refused else []
    assert places(started(text).problems) == expected
    assert not started(text, SafetyCheck="Skip").problems
    lenient = StartDefaults("exec-test", region_id="cn-x", safety_check="Skip")
    assert not check_start({"TemplateContent": text}, NoTemplates(), Library(), lenient).problems


NOWHERE = StartDefaults("exec-test")
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
def test_a_region_is_needed_as_soon_as_a_call_needs_one(tasks: list[Any], missing: bool) -> None:
    text = template(tasks, Parameters={"r": {"Default": ""}})
    checked = check_start({"TemplateContent": text}, NoTemplates(), Library(), NOWHERE)
    assert places(checked.problems) == ([("MissingRegion", "RegionId")] if missing else [])


@pytest.mark.parametrize(
    ("role", "parameter", "expected"),
    [
        ("{{ p }}", {"Default": "role-{{ q }}"}, "role-x"),
        ("pre-{{ q }}", {}, "pre-x"),
        ("{{ p }}", {"Default": ""}, ""),
        ("{{ p }}", {"Default": None}, ""),
        ("{{ p }}", {"Type": "List", "Default": []}, None),
        ("{{ p }}", {"Type": "Number", "Default": 0}, None),
        ("{{ p }}", {"Type": "Json", "Default": {}}, None),
    ],
)
def test_the_role_is_a_name_and_never_the_worker_s_own_by_accident(
    role: str, parameter: Any, expected: str | None
) -> None:
    text = template(RamRole=role, Parameters={"p": {"Default": "", **parameter}, "q": {"Default": "x"}})
    checked = started(text)
    if expected is None:
        assert places(checked.problems) == [("InvalidType", "RamRole")]
    else:
        assert start_of(checked).ram_role == expected


def test_a_role_of_a_missing_parameter_is_one_problem() -> None:
    assert places(started(template(RamRole="{{ p }}", Parameters={"p": {}})).problems) == [
        ("MissingParameter", "Parameters.p")
    ]


@pytest.mark.parametrize("value", ["{{ oos:x }}", {"a": ["{{oos-secret:y}}"]}])
def test_values_from_the_parameter_store_are_refused_and_not_passed_on_as_text(value: Any) -> None:
    text = template(Parameters={"p": {"Type": "Json" if isinstance(value, dict) else "String"}})
    assert places(started(text, {"p": value}).problems) == [("NotSupportedYet", "Parameters.p")]


def test_values_that_grow_too_large_are_refused() -> None:
    parameters = {"p": {}, "q": {"Default": "{{ p }}{{ p }}"}}
    big = {"p": "x" * 600_000}
    assert places(started(template(Parameters=parameters), big).problems) == [("ValueTooLarge", "Parameters")]
    role = template(RamRole="{{ p }}{{ p }}", Parameters={"p": {}})
    assert places(started(role, big).problems) == [("ValueTooLarge", "RamRole")]
    many = {"p": {}, **{f"d{n}": {"Default": "{{ p }}!"} for n in range(20)}}
    assert places(started(template(Parameters=many), {"p": "x" * 100_000}).problems) == [
        ("ValueTooLarge", "Parameters")
    ]


def test_a_start_that_would_not_fit_into_one_message_is_refused() -> None:
    text = template(Parameters={"p": {"Type": "List"}})
    assert places(started(text, {"p": "界" * 200_000}).problems) == [("StartTooLarge", "Parameters")]


def test_the_built_in_example_starts() -> None:
    request = {
        "TemplateContent": built_in_templates()["reboot-with-approval"],
        "Parameters": {"targets": '{"Type": "ResourceIds", "ResourceIds": ["i-1"]}', "webhookUrl": "http://h"},
    }
    start = start_of(check_start(request, NoTemplates(), load_library(), DEFAULTS))
    assert start.parameters["targets"] == {"Type": "ResourceIds", "ResourceIds": ["i-1"]}
    assert start.parameters["atMobiles"] == ["1380000****"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=5), child, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "Other"]), ANY_JSON) | ANY_JSON)
def test_no_input_makes_it_raise(request_: Any) -> None:
    checked = check_start(request_, Stored(), Library(), DEFAULTS)
    assert (checked.plan is None) == bool(errors(checked.problems))


@given(st.dictionaries(st.sampled_from(["name", "count", "items", "pin", "NAME"]), ANY_JSON))
def test_no_parameters_make_it_raise(parameters: dict[str, Any]) -> None:
    checked = started(TEXT, parameters)
    assert (checked.start is None) == bool(errors(checked.problems))


def test_problems_without_end_are_cut_where_they_would_not_travel() -> None:
    fields = {f"界{n}" * 60: 1 for n in range(3_000)}
    checked = stored(TemplateName="x", Parameters=fields, **fields)
    assert json_size([problem.as_record() for problem in checked.problems]) < 600_000
    assert len(checked.problems) <= MAX_PROBLEMS + 1
    many = stored(TemplateName="stored", Parameters={f"p{n}": 1 for n in range(3_000)})
    assert len(many.problems) <= MAX_PROBLEMS + 1
