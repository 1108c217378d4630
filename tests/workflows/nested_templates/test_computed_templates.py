"""``ACS::Template`` with a computed name or content: compiled by an activity, when it is reached (design section 2)."""

import json
from typing import Any

import pytest

from tests.support.stack import Stack


def calling(name: Any, **properties: Any) -> str:
    """A template that runs another one, whose name comes as a parameter."""
    call = {
        "Name": "call",
        "Action": "ACS::Template",
        "Properties": {"TemplateName": "{{ name }}", "Parameters": {"name": "{{ name }}"}, **properties},
        "Outputs": {"said": {"Type": "String", "ValueSelector": "said"}},
    }
    return json.dumps(
        {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {"name": {"Type": "String", "Default": name}},
            "Tasks": [call],
            "Outputs": {"said": {"Type": "String", "Value": "{{ call.said }}"}},
        }
    )


def store(stack: Stack, name: str, text: str) -> None:
    answer = stack.http.post("/templates", json={"TemplateName": name, "Content": text})
    assert answer.status_code in (200, 201), answer.text


def inner(said: str) -> str:
    look = {"Name": "look", "Action": "ACS::ExecuteAPI", "Properties": {"Service": "ECS", "API": "DescribeRegions"}}
    return json.dumps(
        {
            "FormatVersion": "OOS-2019-06-01",
            "Parameters": {"name": {"Type": "String"}},
            "Tasks": [look],
            "Outputs": {"said": {"Type": "String", "Value": said + " {{ name }}"}},
        }
    )


def test_a_stored_template_by_a_computed_name(stack: Stack) -> None:
    store(stack, "computed-inner", inner("hello"))
    record = stack.finish(stack.start(TemplateContent=calling("computed-inner")))
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Outputs"] == {"said": "hello computed-inner"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-such-template", "no-such-template"),
        ("ACS::TimerTrigger", "ACS::TimerTrigger"),
        ("", "TemplateName"),
    ],
)
def test_one_that_is_not_there_fails_its_task_with_its_name(stack: Stack, name: str, said: str) -> None:
    record = stack.finish(stack.start(TemplateContent=calling(name)))
    assert record["Status"] == "Failed"
    assert said in record["StatusMessage"]
    assert record["Tasks"][0]["Status"] == "Failed"


def test_content_that_does_not_compile_fails_its_task_with_the_problem(stack: Stack) -> None:
    content = {"FormatVersion": "OOS-2019-06-01", "Tasks": [{"Name": "a", "Action": "ACS::Nonsense"}]}
    choose = {"Fn::If": [{"Fn::Equals": [1, 1]}, content, {}]}
    text = json.loads(calling("x"))
    text["Tasks"][0]["Properties"] = {"TemplateContent": choose}
    record = stack.finish(stack.start(TemplateContent=json.dumps(text)))
    assert record["Status"] == "Failed"
    assert "ACS::Nonsense" in record["StatusMessage"]


def test_one_that_runs_itself_fails_where_it_comes_round(stack: Stack) -> None:
    store(stack, "computed-itself", calling("computed-itself"))
    record = stack.finish(stack.start(TemplateContent=calling("computed-itself")))
    assert record["Status"] == "Failed"
    assert "nested in itself" in record["StatusMessage"]
