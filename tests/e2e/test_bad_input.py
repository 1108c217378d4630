"""Bad input: every problem at once, from every way of starting, and nothing is started or touched.

Over HTTP and from the command line no execution comes to be; from a Temporal client, which nobody can stop from
starting a workflow, it ends at once as Failed with the same problems.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from tests.e2e.server import Server
from tests.e2e.ways import new_id, options
from tests.support.processes import until
from tests.support.stack import TEMPLATE, Stack

MANY_PROBLEMS = """
FormatVersion: OOS-2019-06-01
Parameters:
  url: {Type: Strin}
Tasks:
  - Name: ask
    Action: ACS::Approve
    Properties:
      WebHook: {URI: '{{ ulr }}', Content: {msgtype: text, text: {content: Hello}}}
  - Name: restart
    Action: ACS::ECS::RebotInstance
    Properties: {instanceId: i-1}
  - Name: ask
    Action: ACS::ExecuteAPI
    When: {Fn::Equals: [a, b]}
    Properties: {Service: ECS, API: StartInstance, Parameters: {InstanceId: '{{ restart.output }}'}}
Outputs:
  all: {Type: List, Value: '{{ nothing.here }}'}
"""
"""A template with a problem in every section."""

NOT_YAML = "FormatVersion: OOS-2019-06-01\nTasks:\n  - Name: [\n"

BAD_STARTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "a template with many problems": (
        {"TemplateContent": MANY_PROBLEMS},
        [
            ("InvalidType", "Parameters.url.Type"),
            ("UnknownReference", "Tasks.ask.Properties.WebHook.URI"),
            ("UnknownAction", "Tasks.restart.Action"),
            ("DuplicateName", "Tasks.ask"),
            ("UnknownReference", "Tasks.ask.Properties.Parameters.InstanceId"),
            ("UnknownReference", "Outputs.all.Value"),
        ],
    ),
    "no YAML": ({"TemplateContent": NOT_YAML}, [("InvalidYaml", "")]),
    "no such template": ({"TemplateName": "reboot-with-aproval"}, [("UnknownTemplate", "TemplateName")]),
    "no such version": (
        {"TemplateName": TEMPLATE, "TemplateVersion": "v99"},
        [("UnknownTemplate", "TemplateVersion")],
    ),
    "wrong parameters": (
        {
            "TemplateName": TEMPLATE,
            "Parameters": {"targts": {}, "atAll": ["yes"], "rateControl": "fast", "webHookUrl": "x"},
        },
        [
            ("UnknownParameter", "Parameters"),
            ("MissingParameter", "Parameters.targets"),
            ("InvalidParameter", "Parameters.atAll"),
            ("InvalidParameter", "Parameters.rateControl"),
        ],
    ),
    "a rate control that can't be carried out": (
        {
            "TemplateName": TEMPLATE,
            "Parameters": {"targets": {}, "webHookUrl": "x", "rateControl": {"Mode": "Concurrency", "Concurrency": 0}},
        },
        [("InvalidRateControl", "Tasks.rebootInstances.Loop.RateControl")],
    ),
}


def post(stack: Stack, body: Any) -> httpx.Response:
    """POST /executions."""
    return stack.http.post("/executions", json=body)


def lines(message: str) -> list[str]:
    """A message's lines in any order: a client may sort the keys of what it sends."""
    return sorted(message.splitlines())


def executions(stack: Stack) -> list[str]:
    """The ids of all executions that the store lists (a page of them)."""
    return [each["ExecutionId"] for each in stack.http.get("/executions").json()["Executions"]]


@pytest.fixture
def untouched(stack: Stack) -> Any:
    """Proves at the end of a test that the API started nothing and that the cloud and the group heard nothing."""
    stack.simulator.put_instances(2)
    before = set(executions(stack))
    expected: set[str] = set()
    yield expected
    assert set(executions(stack)) - before <= expected
    assert stack.simulator.calls() == []


@pytest.mark.parametrize("name", list(BAD_STARTS))
def test_every_problem_at_once_over_http(stack: Stack, untouched: set[str], name: str) -> None:
    fields, expected = BAD_STARTS[name]
    answer = post(stack, fields)
    assert answer.status_code == 400
    body = answer.json()
    assert body["Code"] == "ValidationFailed"
    assert body["RequestId"]
    problems = [problem for problem in body["Problems"] if problem["Severity"] == "error"]
    for problem_id, path in expected:
        assert (problem_id, path) in [(problem["Id"], problem["Path"]) for problem in problems]
    assert len(problems) == len(expected), problems
    for problem in problems:
        assert problem["Message"] in body["Message"]
        assert (problem["Line"] > 0) == ("TemplateContent" in fields), "a template's problem has its place"


@pytest.mark.parametrize("name", list(BAD_STARTS))
def test_the_same_problems_from_a_temporal_client(stack: Stack, server: Server, untouched: set[str], name: str) -> None:
    fields, _ = BAD_STARTS[name]
    execution_id = server.start(new_id(), fields)
    untouched.add(execution_id)
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") == "ValidationFailed"
    assert lines(failure.message) == lines(post(stack, fields).json()["Message"])
    record = stack.get(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Failed", "ValidationFailed")
    assert record["StatusMessage"] == failure.message
    assert server.attributes(execution_id)["OosStatus"] == "Failed"
    assert server.describe(execution_id).history_length < 30


@pytest.mark.parametrize("name", [name for name in BAD_STARTS if name != "no such version"])
def test_the_same_problems_from_the_command_line(stack: Stack, untouched: set[str], tmp_path: Path, name: str) -> None:
    fields, _ = BAD_STARTS[name]
    template = fields.get("TemplateName")
    if not template:
        file = tmp_path / "template.yml"
        file.write_text(fields["TemplateContent"])
        template = str(file)
    done = stack.caboose("run", template, *options(fields.get("Parameters", {})), check=False)
    assert done.returncode == 1
    assert not done.stdout
    for problem in post(stack, fields).json()["Problems"]:
        assert problem["Id"] in done.stderr
        assert problem["Message"] in done.stderr
        assert problem["Hint"] in done.stderr


def test_hints_say_the_way_out(stack: Stack, untouched: set[str]) -> None:
    def hints(name: str) -> dict[str, str]:
        problems = post(stack, BAD_STARTS[name][0]).json()["Problems"]
        return {problem["Path"]: problem["Hint"] for problem in problems}

    template = hints("a template with many problems")
    assert template["Tasks.restart.Action"] == 'Did you mean "ACS::ECS::RebootInstance"?'
    assert template["Tasks.ask.Properties.WebHook.URI"] == 'Did you mean "url"?'
    assert hints("no such template")["TemplateName"] == f'Did you mean "{TEMPLATE}"?'
    assert hints("wrong parameters")["Parameters"] == 'Did you mean "targets"?'


def test_what_is_no_object_is_refused_over_http(stack: Stack, untouched: set[str]) -> None:
    for content in (b"", b"{oops", b"[]", b'"text"', b"17", b"null", b"\xff\xfe", b"[" * 100_000):
        answer = stack.http.post("/executions", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, content[:20]
        assert set(answer.json()) >= {"Code", "Message", "RequestId"}


WRONG_FIELDS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["TemplateName"]),
    ({"TemplateName": TEMPLATE, "TemplateContent": "x"}, ["TemplateName"]),
    ({"TemplateName": 17, "Mode": "Fast", "Tags": [], "Oops": 1}, ["TemplateName", "Mode", "Tags", "Oops"]),
    ({"TemplateName": TEMPLATE, "Parameters": "[1]"}, ["Parameters"]),
    ({"TemplateName": TEMPLATE, "Parameters": "{oops"}, ["Parameters"]),
    ({"TemplateName": TEMPLATE, "Parameters": 1, "SafetyCheck": "Maybe"}, ["Parameters", "SafetyCheck"]),
]


@pytest.mark.parametrize(("fields", "places"), WRONG_FIELDS)
def test_wrong_fields_from_http_and_from_temporal(
    stack: Stack, server: Server, untouched: set[str], fields: dict[str, Any], places: list[str]
) -> None:
    answer = post(stack, fields)
    assert answer.status_code == 400
    assert {problem["Path"] for problem in answer.json()["Problems"]} >= set(places)
    execution_id = server.start(new_id(), fields)
    untouched.add(execution_id)
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") == "ValidationFailed"
    assert lines(failure.message) == lines(answer.json()["Message"])


def raw(encoding: str, data: bytes) -> RawValue:
    """A payload of any encoding."""
    return RawValue(Payload(metadata={"encoding": encoding.encode()}, data=data))


ODD_INPUTS: dict[str, list[Any]] = {
    "none": [],
    "null": [None],
    "a text": ["reboot"],
    "a number": [17],
    "a list": [[]],
    "two objects": [{"TemplateName": TEMPLATE}, {}],
    "no JSON": [raw("json/plain", b"{oops")],
    "nested too deep": [raw("json/plain", b"[" * 100_000)],
    "a deep object": [{"TemplateName": TEMPLATE, "Parameters": json.loads('{"targets":' * 90 + "1" + "}" * 90)}],
    "NaN": [raw("json/plain", b'{"TemplateName": NaN}')],
    "a lone surrogate": [raw("json/plain", b'{"TemplateName": "\\ud800"}')],
    "bytes": [raw("binary/plain", b"\x00\xff")],
    "encrypted": [raw("binary/encrypted", b"\x00\xff")],
    "an unknown encoding": [raw("foo/bar", b"{}")],
    "a protobuf": [raw("json/protobuf", b"{}")],
    "no encoding": [raw("", b"{}")],
}


@pytest.mark.parametrize("name", list(ODD_INPUTS))
@pytest.mark.parametrize("workflow_type", ["Execution", TEMPLATE])
def test_no_input_makes_a_workflow_hang(
    stack: Stack, server: Server, untouched: set[str], workflow_type: str, name: str
) -> None:
    execution_id = server.start(new_id(), *ODD_INPUTS[name], workflow_type=workflow_type)
    untouched.add(execution_id)
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") in ("ValidationFailed", "InvalidInput")
    until(lambda: stack.get(execution_id)["Status"] == "Failed", "the record says Failed")
    assert server.attributes(execution_id)["OosStatus"] == "Failed"
    assert stack.get(execution_id)["StatusMessage"] == failure.message


@pytest.mark.parametrize("workflow_type", ["no-such-template", "weird name!", "实例", "x" * 900])
def test_a_type_that_names_no_template_fails(
    stack: Stack, server: Server, untouched: set[str], workflow_type: str
) -> None:
    execution_id = server.start(new_id(), {}, workflow_type=workflow_type)
    untouched.add(execution_id)
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") in ("ValidationFailed", "UnknownTemplate")
    assert workflow_type[:100] in failure.message


CALL = {
    "Name": "call",
    "Action": "ACS::ExecuteAPI",
    "Properties": {"Service": "ECS", "API": "DescribeInstances", "Parameters": {}},
}


def called(api: str, **properties: Any) -> list[dict[str, Any]]:
    return [{**CALL, "Properties": {"Service": "ECS", "API": api, "Parameters": {}, **properties}}]


def action(name: str) -> list[dict[str, Any]]:
    return [{"Name": "one", "Action": name, "Properties": {}}]


NOT_BUILT_YET: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str]] = {
    **{
        name: (action(name), {}, "Tasks.one.Action")
        for name in (
            "ACS::TimerTrigger",
            "ACS::EventTrigger",
            "ACS::AlarmTrigger",
            "ACS::EcsStatusChangeTrigger",
        )
    },
    "another service": (called("x", Service="RDS"), {}, "Tasks.call.Properties.Service"),
    "the parameter store": (called("DescribeInstances", Parameters={"A": "{{ oos:a }}"}), {}, "Tasks.call"),
}


@pytest.mark.parametrize("name", list(NOT_BUILT_YET))
def test_what_is_not_built_yet_is_refused_and_never_ignored(
    stack: Stack, server: Server, untouched: set[str], name: str
) -> None:
    tasks, fields, place = NOT_BUILT_YET[name]
    start = {"TemplateContent": json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": tasks}), **fields}
    answer = post(stack, start)
    assert answer.status_code == 400, answer.text
    refused = [problem for problem in answer.json()["Problems"] if problem["Id"] == "NotSupportedYet"]
    assert [problem["Path"] for problem in refused if problem["Path"].startswith(place)]
    assert all(problem["Hint"] or "; use " in problem["Message"] for problem in refused)
    execution_id = server.start(new_id(), start)
    untouched.add(execution_id)
    assert server.failure(execution_id).message == answer.json()["Message"]


def test_a_high_risk_call_runs_when_the_start_says_so(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    tasks = called("StopInstance", Risk="High", Parameters={"InstanceId": "i-sim00001"})
    content = json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": tasks})
    record = stack.finish(stack.start(TemplateContent=content, SafetyCheck="Skip"))
    assert record["Status"] == "Success", record["StatusMessage"]
    assert [instance["Stops"] for instance in stack.simulator.instances()] == [1]
