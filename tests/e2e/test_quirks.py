"""The quirks of real templates, all of them in ``reboot-with-approval``: each works, with an assertion of its own."""

import json
from typing import Any

import pytest

from tests.support.stack import Stack

IDS = ["i-sim00001", "i-sim00002", "i-sim00003"]


def posted(stack: Stack, **parameters: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the record, the message in the group) of an execution that waits for its approval."""
    stack.simulator.put_instances(3)
    execution_id = stack.start(stack.parameters(IDS, **parameters))
    record = stack.wait_for_approval(execution_id)
    (message,) = stack.simulator.messages()
    return record, message


def test_a_reference_in_another_letter_case_works_with_a_warning(stack: Stack) -> None:
    record, message = posted(stack)
    assert message["access_token"] == "group-0001"  # {{webhookUrl}} found the parameter webHookUrl
    (warning,) = record["Warnings"]
    assert warning["Id"] == "LetterCase"
    assert warning["Path"] == "Tasks.approveReboot.Properties.WebHook.URI"
    assert warning["Message"] == '"webhookUrl" is declared as "webHookUrl"'
    assert warning["Line"] > 0
    assert warning["Column"] > 0


def test_a_parameter_may_be_given_in_another_letter_case(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    parameters = stack.parameters(IDS[:1])
    parameters["webhookURL"] = parameters.pop("webHookUrl")
    assert stack.wait_for_approval(stack.start(parameters))["Approvals"][0]["Notification"]["Delivered"] is True


def test_a_list_inside_a_text_is_compact_json(stack: Stack) -> None:
    record, message = posted(stack)
    text = message["body"]["text"]["content"]
    assert '["web-00001","web-00002","web-00003"]' in text
    assert record["ExecutionId"] in text
    assert "cn-hangzhou" in text


def test_the_link_stands_on_a_line_of_its_own_at_the_end_of_the_text(stack: Stack) -> None:
    record, message = posted(stack)
    last = message["body"]["text"]["content"].splitlines()[-1]
    link = record["Waiting"][0]["ApprovalLink"]
    assert last.startswith("Approve or reject: ")
    assert last.split()[-1].startswith(f"{stack.url}/approvals/")
    assert stack.http.get(last.split()[-1]).status_code == 200
    assert link.startswith(f"{stack.url}/approvals/")
    assert record["Approvals"][0]["Message"] == message["body"]["text"]["content"].rsplit("\n", 1)[0]  # no link in it


@pytest.mark.parametrize(("text", "sent"), [("false", False), ("true", True), ("True", True)])
def test_is_at_all_is_posted_as_a_boolean(stack: Stack, text: str, sent: bool) -> None:
    _, message = posted(stack, atAll=text)
    assert message["body"]["at"]["isAtAll"] is sent
    assert message["mentioned_all"] is sent


def test_people_are_really_mentioned(stack: Stack) -> None:
    _, message = posted(stack, atMobiles=["13800000001", "13800000002"])
    text = message["body"]["text"]["content"]
    assert "@13800000001" in text
    assert "@13800000002" in text
    assert message["body"]["at"]["atMobiles"] == ["13800000001", "13800000002"]
    assert message["mentioned"] == ["13800000001", "13800000002"]


def test_the_masked_default_number_is_left_alone(stack: Stack) -> None:
    _, message = posted(stack)
    assert message["body"]["at"]["atMobiles"] == ["1380000****"]
    assert "@" not in message["body"]["text"]["content"]
    assert message["mentioned"] == []


def test_everybody_at_once_and_no_error_tolerated_is_the_default(stack: Stack) -> None:
    record, _ = posted(stack)
    assert record["Parameters"]["rateControl"] == {"Mode": "Concurrency", "MaxErrors": 0, "Concurrency": "100%"}
    stack.notify(record["ExecutionId"], "Approve")
    ended = stack.finish(record["ExecutionId"])
    loop = ended["Tasks"][2]["Loop"]
    assert (loop["Total"], loop["Concurrency"], loop["MaxErrors"], loop["Success"]) == (3, 3, 0, 3)


def test_no_error_is_tolerated_by_default(stack: Stack) -> None:
    record, _ = posted(stack)
    stack.simulator.fault(
        "RebootInstance", "error", code="IncorrectInstanceStatus", http_status=403, instance_id=IDS[1]
    )
    stack.notify(record["ExecutionId"], "Approve")
    ended = stack.finish(record["ExecutionId"])
    assert (ended["Status"], ended["StatusReason"]) == ("Failed", "LoopFailed")
    assert "IncorrectInstanceStatus" in ended["StatusMessage"]
    assert IDS[1] in ended["StatusMessage"]


NATIVE: dict[str, Any] = {
    "targets": {"Type": "ResourceIds", "ResourceIds": IDS},
    "rateControl": {"Mode": "Concurrency", "MaxErrors": "1", "Concurrency": "50%"},
    "atMobiles": ["13800000001"],
}


@pytest.mark.parametrize("name", list(NATIVE))
def test_json_and_list_parameters_may_be_json_text(stack: Stack, name: str) -> None:
    record, message = posted(stack, **{**NATIVE, name: json.dumps(NATIVE[name])})
    shown = {each: record["Parameters"][each] for each in NATIVE}
    assert shown == NATIVE
    assert record["Approvals"][0]["Targets"]["Count"] == 3
    assert message["mentioned"] == ["13800000001"]


def test_all_parameters_may_be_one_json_text(stack: Stack) -> None:
    stack.simulator.put_instances(3)
    answer = stack.http.post(
        "/executions",
        json={"TemplateName": "reboot-with-approval", "Parameters": json.dumps(stack.parameters(IDS, **NATIVE))},
    )
    record = stack.wait_for_approval(answer.json()["Execution"]["ExecutionId"])
    assert {each: record["Parameters"][each] for each in NATIVE} == NATIVE


@pytest.mark.parametrize("given", ["false", False])
def test_the_link_is_left_out_where_the_template_says_so(stack: Stack, given: object) -> None:
    execution_id = stack.start({"url": stack.simulator.webhook()}, TemplateContent=ask(AppendExecutionLink=given))
    stack.wait_for_approval(execution_id)
    (message,) = stack.simulator.messages()
    assert message["body"]["text"] == {"content": "May I?"}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({"msgtype": "markdown", "markdown": {"title": "t", "text": "May I?"}}, ("markdown", "text")),
        ({"msgtype": "actionCard", "actionCard": {"title": "t", "text": "May I?"}}, ("actionCard", "text")),
        ({"msgtype": "link", "link": {"title": "t", "text": "May I?", "messageUrl": ""}}, ("link", "messageUrl")),
        (
            {"msgtype": "link", "link": {"title": "t", "text": "May I?", "messageUrl": "https://example.com"}},
            ("link", "text"),
        ),
    ],
)
def test_every_kind_of_message_gets_its_link(stack: Stack, content: dict[str, Any], where: tuple[str, str]) -> None:
    stack.wait_for_approval(stack.start({"url": stack.simulator.webhook()}, TemplateContent=ask(content)))
    (message,) = stack.simulator.messages()
    assert f"{stack.url}/approvals/" in message["body"][where[0]][where[1]]


def test_a_message_that_has_no_place_for_the_link_warns(stack: Stack) -> None:
    links = [{"title": "t", "messageURL": "https://example.com", "picURL": ""}]
    content = {"msgtype": "feedCard", "feedCard": {"links": links}}
    record = stack.wait_for_approval(
        stack.start({"url": stack.simulator.webhook()}, TemplateContent=ask(content)),
    )
    (message,) = stack.simulator.messages()
    assert message["body"]["feedCard"] == content["feedCard"]
    assert "has no link" in record["Approvals"][0]["Notification"]["Warning"]


def ask(content: Any = None, **properties: Any) -> str:
    """A template that only asks."""
    webhook = {"URI": "{{ url }}", "Content": content or {"msgtype": "text", "text": {"content": "May I?"}}}
    task = {
        "Name": "ask",
        "Action": "ACS::Approve",
        "Properties": {"NotifyType": "WebHook", "WebHook": webhook, **properties},
    }
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Parameters": {"url": {"Type": "String"}}, "Tasks": [task]})
