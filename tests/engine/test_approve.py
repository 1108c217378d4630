"""Approvals: asked for, decided before or after the message is out, rejected, asked for again."""

import asyncio
from typing import Any

import pytest

from caboose.engine.decisions import waiting_approvals
from caboose.engine.effects import Delivered
from tests.engine.recording import Recording
from tests.engine.running import Execution, run
from tests.oos.templates import task, template

WEBHOOK = {
    "URI": "https://oapi.dingtalk.com/robot/send?access_token=canary",
    "Headers": {"X-Y": "z"},
    "Content": {"msgtype": "text", "text": {"content": "please {{ p }}"}, "at": {"isAtAll": "false"}},
}


def asking(**properties: Any) -> str:
    """Asks, then reads."""
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": WEBHOOK, **properties}}
    after = task(Name="after", Description="Looks again.", Outputs=None)
    return template([ask, after], Parameters={"p": {"Default": "decide"}})


async def waiting(script: dict[str, Any] | None = None, **properties: Any) -> Execution:
    """An execution that waits for approval."""
    return await Execution(asking(**properties), Recording(script)).start().until("Waiting")


async def test_the_message_goes_out_and_the_execution_waits() -> None:
    asked = await waiting()
    await asked.effects.wait_until(lambda: asked.state.approvals[0].delivered is True)
    (message,) = asked.effects.messages
    assert (message.task_name, message.task_execution_id) == ("ask", "exec-test.t0001")
    assert (message.attempt, message.number, message.append_link) == (1, 1, True)
    assert message.uri == WEBHOOK["URI"]
    assert message.headers == {"X-Y": "z"}
    assert message.content["text"] == {"content": "please decide"}
    record = asked.record()
    assert record["Status"] == record["Tasks"][0]["Status"] == "Waiting"
    assert record["StatusMessage"] == "waits for approval"
    assert record["Waiting"][0]["Accepts"] == ["Approve", "Reject"]
    approval = record["Approvals"][0]
    assert (approval["Status"], approval["Message"], approval["Decision"]) == ("Waiting", "please decide", None)
    assert approval["NextTasks"] == [
        {"TaskName": "after", "TaskAction": "ACS::ExecuteAPI", "Description": "Looks again."}
    ]
    assert approval["Notification"] == {"Delivered": True, "Message": "", "Warning": "", "Number": 1}
    assert not asked.effects.calls, "nothing runs before the decision"


async def test_an_approval_goes_on_with_its_note() -> None:
    asked = await waiting()
    assert asked.decide("Approve", Approver="alice", NotifyNote="ok", Via="link", DecisionId="d1").accepted
    await asked.end()
    assert asked.state.status == "Success"
    assert len(asked.effects.calls) == 1
    ask = asked.run_of("ask")
    assert (ask.status, ask.extra) == (
        "Success",
        {"NotifyNote": "ok", "Decided": 'Approve by link, gave the name "alice"'},
    )
    assert asked.record()["Approvals"][0]["Decision"] == {
        "Decision": "Approve",
        "By": 'by link, gave the name "alice"',
        "Note": "ok",
        "At": "2026-01-31T08:00:00Z",
        "DecisionId": "d1",
    }


@pytest.mark.parametrize(("note", "words"), [("too late", ": too late"), ("", "")])
async def test_a_rejection_ends_the_execution_as_cancelled(note: str, words: str) -> None:
    asked = await waiting()
    asked.decide("Reject", NotifyNote=note, By="ops", Via="api")
    await asked.end()
    state = asked.state
    assert (state.status, state.reason) == ("Cancelled", "Rejected")
    assert state.message == f'Rejected by API token "ops"{words}'
    assert asked.run_of("ask").status == "Cancelled"
    assert not asked.effects.calls
    assert asked.record()["Approvals"][0]["Status"] == "Reject"


async def test_a_decision_before_the_message_is_out_counts() -> None:
    asked = await waiting({"notify": lambda _: asyncio.Event().wait()})
    assert asked.state.approvals[0].delivered is None
    asked.decide("Approve")
    await asked.end()
    assert asked.state.status == "Success"


async def test_a_message_that_is_not_delivered_shows_and_leaves_the_approval_open() -> None:
    asked = await waiting({"notify": Delivered(False, "310000: keywords not in content", "no link in it")})
    await asked.effects.wait_until(lambda: asked.state.approvals[0].delivered is False)
    record = asked.record()
    assert record["Tasks"][0]["StatusMessage"] == "the message was not delivered: 310000: keywords not in content"
    assert record["Approvals"][0]["Notification"]["Warning"] == "no link in it"
    assert record["Status"] == "Waiting"
    asked.decide("Approve")
    await asked.end()
    assert asked.state.status == "Success"


async def test_a_fresh_message_for_each_time_that_it_is_asked_for() -> None:
    asked = await waiting({"notify": [Delivered(False, "busy"), Delivered(True)]})
    approval = asked.state.approvals[0]
    await asked.effects.wait_until(lambda: approval.delivered is False)
    assert waiting_approvals(asked.state) == [approval]
    approval.number += 1
    approval.delivered = None
    asked.effects.report()
    await asked.effects.wait_until(lambda: approval.delivered is True)
    assert [message.number for message in asked.effects.messages] == [1, 2]
    assert asked.run_of("ask").message == "", "the failure of the first message is over"
    asked.decide("Approve")
    await asked.end()
    assert waiting_approvals(asked.state) == []
    assert len(asked.effects.messages) == 2


async def test_the_same_decision_twice_is_one() -> None:
    asked = await waiting()
    first = asked.decide("Approve", DecisionId="d1", Approver="alice", Via="link")
    again = asked.decide("Approve", DecisionId="d1", Approver="alice", Via="link")
    other = asked.decide("Reject", DecisionId="d2", Approver="bob", Via="link")
    assert again is first
    assert (other.accepted, other.code) == (False, "AlreadyDecided")
    assert other.message == 'ask was already approved by link, gave the name "alice" at 2026-01-31T08:00:00Z'
    await asked.end()
    late = asked.decide("Reject", DecisionId="d3")
    assert (late.accepted, late.code) == (False, "AlreadyDecided"), "after the end too"
    assert [each.decision_id for each in asked.state.decisions] == ["d1", "d2", "d3"]


async def test_cancelling_while_it_waits() -> None:
    asked = await waiting()
    assert asked.task
    asked.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked.end()
    record = asked.record()
    assert (record["Status"], record["Tasks"][0]["Status"]) == ("Cancelled", "Cancelled")
    assert record["Approvals"][0]["Status"] == "Cancelled"
    assert record["Waiting"] == []
    refused = asked.decide("Approve")
    assert (refused.accepted, refused.code) == (False, "NotWaiting")
    assert "ended as Cancelled" in refused.message


async def test_the_targets_that_were_selected_stay_with_the_approval() -> None:
    select = {
        "Name": "select",
        "Action": "ACS::SelectTargets",
        "Properties": {"ResourceType": "ALIYUN::ECS::Instance", "Filters": [{"Type": "All"}]},
        "Outputs": {"ids": {"Type": "List", "ValueSelector": "Instances.Instance[].InstanceId"}},
    }
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": WEBHOOK}}
    targets = {
        "Items": [{"Id": "i-1", "Name": "web", "Status": "Running"}],
        "Count": 1,
        "Missing": ["i-9"],
        "MissingCount": 1,
    }
    body = {"Instances": {"Instance": [{"InstanceId": "i-1"}]}}
    text = template([select, ask], Parameters={"p": {"Default": ""}}, Outputs={"ids": {"Value": "{{ select.ids }}"}})
    asked = await Execution(text, Recording({"select": {"Targets": targets, "Body": body}})).start().until("Waiting")
    record = asked.record()
    assert record["Approvals"][0]["Targets"] == targets
    assert record["Approvals"][0]["NextTasks"] == []
    assert record["Tasks"][0]["StatusMessage"] == "not found and left out: i-9"
    assert "not found and left out: 1" in record["Notes"][0]
    assert asked.effects.selections[0].filters == [{"Type": "All"}]
    asked.decide("Approve")
    assert (await asked.end()).state.outputs == {"ids": ["i-1"]}


async def test_filters_that_turn_out_to_be_no_list() -> None:
    properties = {"ResourceType": "ALIYUN::ECS::Instance", "Filters": "{{ f }}"}
    text = template(
        [{"Name": "select", "Action": "ACS::SelectTargets", "Properties": properties}],
        Parameters={"f": {"Type": "Json", "Default": {"Type": "All"}}},
    )
    done = await run(text)
    assert done.state.reason == "InvalidFilter"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"msgtype": "markdown", "markdown": {"title": "t", "text": "**m**"}}, "**m**"),
        ({"msgtype": "actionCard", "actionCard": {"text": "card"}}, "card"),
        ({"msgtype": "link", "link": {"text": "linked"}}, "linked"),
        ({"text": {"content": 5}}, '{"text":{"content":5}}'),
        ({"text": {"content": "see https://h/?access_token=canary"}}, "see https://h/?access_token=***"),
    ],
)
async def test_what_people_read_of_a_message(content: Any, text: str) -> None:
    asked = await waiting(WebHook={**WEBHOOK, "Content": content})
    assert asked.record()["Approvals"][0]["Message"] == text
    asked.decide("Approve")
    await asked.end()


@pytest.mark.parametrize(("value", "appended"), [("false", False), (False, False), ("true", True), (None, True)])
async def test_the_link_can_be_left_out(value: Any, appended: bool) -> None:
    asked = await waiting(AppendExecutionLink=value)
    asked.decide("Approve")
    await asked.end()
    assert [message.append_link for message in asked.effects.messages] in ([], [appended])


@pytest.mark.parametrize(
    "webhook",
    [
        {},
        [],
        {"URI": ""},
        {"URI": 5},
        {"URI": "u", "Content": {"a": 1}, "Headers": "x"},
        {"URI": "u"},
        {"URI": "u", "Content": ""},
    ],
)
async def test_a_webhook_that_turns_out_unusable_fails_the_task(webhook: Any) -> None:
    ask = {"Name": "ask", "Action": "ACS::Approve", "Properties": {"WebHook": "{{ w }}"}}
    done = await run(template([ask], Parameters={"w": {"Type": "Json"}}), parameters={"w": webhook})
    assert (done.state.status, done.state.reason) == ("Failed", "InvalidProperty")
    assert not done.effects.messages


async def test_no_record_shows_the_webhook() -> None:
    asked = await waiting()
    assert "canary" not in str(asked.record())
    asked.decide("Approve", NotifyNote=WEBHOOK["URI"])
    await asked.end()
    assert "canary" not in str(asked.record())
