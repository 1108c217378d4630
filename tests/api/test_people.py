"""Several people, a high-risk call, a pause: decided on their pages, with the real worker, simulator and server."""

import json
from typing import Any

import httpx

from tests.api.conftest import Api
from tests.api.people import Person, links_in_chat, text_of
from tests.support.stack import Stack


def template(*tasks: dict[str, Any]) -> str:
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": [*tasks]})


def asking(webhook: str, **properties: Any) -> dict[str, Any]:
    content = {"msgtype": "text", "text": {"content": "please {{ ACS::ExecutionId }}"}}
    properties = {"WebHook": {"URI": webhook, "Content": content}, **properties}
    return {"Name": "ask", "Action": "ACS::Approve", "Properties": properties}


DELETE = {
    "Name": "clean",
    "Action": "ACS::ExecuteAPI",
    "Properties": {
        "Service": "ECS",
        "API": "DeleteInstance",
        "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}", "Force": True},
    },
    "Loop": {"Items": ["i-sim00001", "i-sim00002"], "RateControl": {"Mode": "Concurrency", "Concurrency": 1}},
}


def test_two_people_with_one_link(stack: Stack) -> None:
    text = template(asking(stack.simulator.webhook(), Approvers=["alice", "bob"], MinRequiredApprovals=2))
    execution_id = stack.start(TemplateContent=text)
    stack.wait_for_approval(execution_id)
    (link,) = links_in_chat(stack, execution_id)
    alice = Person(link, "Alice")
    assert "0 of 2 approvals Who may decide: alice , bob ." in text_of(alice.page)
    after = text_of(alice.press("Approve", "fine"))
    assert "Your approval is recorded. 1 of 2 approvals." in after
    assert "It goes on waiting for the others" in after
    assert "Your decision" not in after
    assert "Your approval is recorded." in text_of(alice.press("Approve")), "a double click is one vote"
    assert "This person has approved already." in text_of(Person(link, "alice@corp.onaliyun.com").press("Approve"))
    refused = text_of(Person(link, "mallory").press("Reject"))
    assert "Your rejection is not allowed." in refused
    assert "none of those who may decide" in refused
    alice.name = "bob"
    both = text_of(alice.press("Approve"))
    assert "Your approval is recorded." in both, "another name on the same page is another person"
    assert 'by link, gave the name "Alice" and by link, gave the name "bob"' in both
    record = stack.finish(execution_id)
    assert record["Status"] == "Success"
    assert "nothing proves them" in record["Notes"][0]
    assert [vote["Approver"] for vote in record["Approvals"][0]["Votes"]] == ["Alice", "bob"]


def test_high_risk_calls_are_confirmed_one_by_one(stack: Stack) -> None:
    stack.simulator.put_instances(2)
    execution_id = stack.start(
        TemplateContent=template(DELETE), SafetyCheck="ConfirmEveryHighRiskAction", RegionId="cn-hangzhou"
    )
    (wait,) = stack.wait_for_status(execution_id, "Waiting")["Waiting"]
    assert not links_in_chat(stack, execution_id)
    assert not stack.simulator.calls("DeleteInstance")
    person = Person(wait["ApprovalLink"], "alice")
    assert "DeleteInstance" in text_of(person.page)
    assert "InstanceId i-sim00001" in text_of(person.page)
    assert "Your approval is recorded." in text_of(person.press("Approve"))
    (following,) = stack.wait_for_status(execution_id, "Waiting")["Waiting"]
    assert following["LoopItem"] == "i-sim00002"
    assert "Your rejection is recorded." in text_of(Person(following["ApprovalLink"], "bob").press("Reject", "keep it"))
    assert stack.finish(execution_id)["Status"] == "Cancelled"
    assert [call["instance_id"] for call in stack.simulator.calls("DeleteInstance")] == ["i-sim00001"]


def test_a_pause_goes_on_by_its_link(stack: Stack) -> None:
    execution_id = stack.start(TemplateContent=template({"Name": "rest", "Action": "ACS::Pause"}))
    (wait,) = stack.wait_for_status(execution_id, "Waiting")["Waiting"]
    person = Person(wait["ApprovalLink"], "alice")
    assert "rest pauses: Approve lets the execution go on" in text_of(person.page)
    person.press("Approve")
    assert stack.finish(execution_id)["Status"] == "Success"
    late = text_of(httpx.get(wait["ApprovalLink"], timeout=30, trust_env=False))
    assert 'Approved Decided by link, gave the name "alice"' in late


async def test_names_do_not_count_where_nothing_was_set(api: Api) -> None:
    request = {"TemplateContent": template(asking("http://h", MinRequiredApprovals=2))}
    answer = await api.client.post("/executions", json=request)
    assert answer.status_code == 400
    (problem,) = answer.json()["Problems"]
    assert (problem["Id"], problem["Path"]) == ("UnprovenNames", "Tasks.ask.Properties")
    assert "CABOOSE_TRUST_NAMES" in problem["Hint"]
