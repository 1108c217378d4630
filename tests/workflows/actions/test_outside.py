"""Notify, ExecuteHttpRequest and CheckFor on a real Temporal server, against real receivers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.oos.templates import task, template
from tests.support.mail_server import MailServer, mail_server
from tests.support.processes import until
from tests.support.receiver import Receiver, Reply, receiver
from tests.support.stack import Stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with an empty simulator."""
    shared_stack.simulator.reset(transition_seconds=0)
    return shared_stack


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as opened:
        yield opened


def start(stack: Stack, *tasks: dict[str, Any], parameters: dict[str, Any] | None = None, **sections: Any) -> str:
    return stack.start(parameters, TemplateContent=template(tasks, **sections), RegionId="cn-hangzhou")


def notify(**properties: Any) -> dict[str, Any]:
    return {"Name": "tell", "Action": "ACS::Notify", "Properties": properties}


def request(server: Receiver, **fields: Any) -> dict[str, Any]:
    properties = {"URL": f"{server.url}/jobs", **fields.pop("Properties", {})}
    outputs = {"state": {"ValueSelector": ".state"}}
    return {"Name": "ask", "Action": "ACS::ExecuteHttpRequest", "Properties": properties, "Outputs": outputs, **fields}


STATE = {"state": {"Value": "{{ ask.state }}"}}
EVERY_SECOND = {"DelayType": "Constant", "Delay": 1}


def test_a_message_is_posted_once_with_a_link_to_the_execution(stack: Stack) -> None:
    content = {"msgtype": "text", "text": {"content": "done"}}
    webhook = {"URI": stack.simulator.webhook(), "Content": content}
    execution_id = start(stack, notify(WebHook=webhook, AppendExecutionLink=True))
    assert stack.finish(execution_id)["Status"] == "Success"
    (message,) = stack.simulator.messages()
    assert message["body"]["text"]["content"] == f"done\nSee the execution: {stack.url}/executions/{execution_id}"


def test_a_message_that_is_refused_fails_with_the_robots_answer(stack: Stack) -> None:
    stack.simulator.put_groups({"words": {"keywords": ["deploy"]}})
    webhook = {"URI": stack.simulator.webhook("words"), "Content": {"msgtype": "text", "text": {"content": "done"}}}
    record = stack.finish(start(stack, notify(WebHook=webhook)))
    assert (record["Status"], record["StatusReason"]) == ("Failed", "NotDelivered")
    assert "errcode 310000" in record["StatusMessage"]
    assert stack.simulator.messages() == []


def test_a_mail_is_sent_and_its_password_shows_nowhere(stack: Stack, mails: MailServer) -> None:
    mail = {
        "Host": "127.0.0.1",
        "Port": mails.port,
        "Username": "ops@example.com",
        "Password": "{{ password }}",
        "To": ["a@example.com"],
        "Subject": "{{ ACS::ExecutionId }}",
        "Body": "done",
    }
    for password, status in (("open-sesame", "Success"), ("CANARY-wrong-1", "Failed")):
        execution_id = start(
            stack,
            notify(NotifyType="Mail", Mail=mail),
            parameters={"password": password},
            Parameters={"password": {"NoEcho": True}},
        )
        record = stack.finish(execution_id)
        assert record["Status"] == status, record["StatusMessage"]
        shown = json.dumps([record, stack.tasks(execution_id)])
        assert password not in shown
        assert password not in stack.worker.read_log()
    (arrived,) = mails.arrived
    assert arrived.username == "ops@example.com"
    assert "535 5.7.8" in record["StatusMessage"]


def test_a_get_is_polled_by_the_server(stack: Stack, server: Receiver) -> None:
    server.replies = [Reply(b"", 503), Reply({"state": "busy"}), Reply({"state": "ready"})]
    rules = {"WaitFor": {"Rules": [{"PropertySelector": ".state", "Operator": "Equals", "Value": "ready"}]}}
    record = stack.finish(
        start(stack, request(server, Properties={"Method": "GET", **rules}, **EVERY_SECOND), Outputs=STATE)
    )
    assert (record["Status"], record["Outputs"]) == ("Success", {"state": "ready"})
    assert len(server.arrived) == 3


def test_a_post_is_polled_request_by_request(stack: Stack, server: Receiver) -> None:
    server.replies = [Reply({"state": "busy"}), Reply({"state": "busy"}), Reply({"state": "ready"})]
    rules = {"WaitFor": {"Rules": [{"PropertySelector": ".state", "Value": "ready"}]}, "Body": {"a": 1}}
    record = stack.finish(start(stack, request(server, Properties=rules, **EVERY_SECOND), Outputs=STATE))
    assert (record["Status"], record["Outputs"]) == ("Success", {"state": "ready"})
    assert [(each.method, each.body) for each in server.arrived] == [("POST", b'{"a": 1}')] * 3


def test_a_post_whose_outcome_nobody_knows_is_never_sent_again_by_itself(stack: Stack, server: Receiver) -> None:
    server.replies = [Reply(b"", 500), Reply({"state": "ready"})]
    execution_id = start(stack, request(server), Outputs=STATE)
    record = stack.wait_for_status(execution_id, "Waiting")
    assert record["StatusReason"] == "OutcomeUnknown"
    assert len(server.arrived) == 1
    assert stack.notify(execution_id, "RetryTask").status_code == 200
    record = stack.finish(execution_id)
    assert (record["Status"], record["Outputs"], len(server.arrived)) == ("Success", {"state": "ready"}, 2)


def test_a_post_under_way_is_awaited_by_a_cancellation(stack: Stack, server: Receiver) -> None:
    server.seconds = 2
    execution_id = start(stack, request(server), task(Outputs=None))
    until(lambda: bool(server.arrived), "the request has arrived")
    stack.http.post(f"/executions/{execution_id}/cancel", json={})
    record = stack.finish(execution_id)
    assert record["Status"] == "Cancelled"
    assert not stack.simulator.calls("DescribeInstances"), "nothing new began"


def test_a_failed_check_gives_its_outputs_however_large(stack: Stack) -> None:
    large = "x" * 3_000_000
    stack.simulator.put_instances([{"InstanceId": "i-1", "Status": "Stopped", "Description": large}])
    check = task(
        Name="check",
        Action="ACS::CheckFor",
        OnError="ACS::NEXT",
        IsCritical=False,
        Properties={
            "Service": "ECS",
            "API": "DescribeInstances",
            "PropertySelector": "Instances.Instance[].Status",
            "DesiredValues": ["Running"],
        },
        Outputs={
            "state": {"ValueSelector": "Instances.Instance[].Status"},
            "all": {"ValueSelector": "Instances.Instance[].Description"},
        },
    )
    length = {"Fn::Jq": ["First", ". | length", "{{ check.all }}"]}
    outputs = {"state": {"Value": "{{ check.state }}"}, "length": {"Type": "Number", "Value": length}}
    record = stack.finish(start(stack, check, task(Outputs=None), Outputs=outputs))
    assert (record["Status"], record["Outputs"]) == ("Success", {"state": "Stopped", "length": 3_000_000})
    assert record["Tasks"][0]["StatusMessage"].startswith('CheckForFailed: wanted "Running", it is "Stopped"')
    assert len(stack.simulator.calls("DescribeInstances")) == 2
