"""Approvals through the link, with the real worker, simulator and server: what is decided, and what changes nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from caboose.settings import kept_secret
from tests.api.people import Person, links_in_chat, text_of, waiting_with_link
from tests.support.processes import until
from tests.support.stack import Stack


def decisions(stack: Stack, execution_id: str) -> list[dict[str, Any]]:
    """What was said to the execution, and what it answered."""
    found: list[dict[str, Any]] = stack.get(execution_id)["Decisions"]
    return found


def slow_reboots(stack: Stack) -> None:
    """Let the execution run on for a while after its approval."""
    stack.simulator.reset(transition_seconds=2)


def test_approving(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    person = Person(link, "alice")
    shown = text_of(person.page)
    for expected in ("reboot-with-approval", "v1", execution_id, "admin", "rebootInstance", "Running"):
        assert expected in shown, expected
    for machine in stack.simulator.instances():
        assert machine["InstanceId"] in shown
        assert machine["InstanceName"] in shown
    after = person.press("Approve", "go ahead")
    assert after.status_code == 200
    assert "Your approval is recorded." in text_of(after)
    assert 'Decided by link, gave the name "alice"' in text_of(after)
    assert "go ahead" in text_of(after)
    assert "<form" not in after.text
    record = stack.finish(execution_id)
    assert record["Status"] == "Success"
    assert len(stack.reboots()) == 2
    (approval,) = record["Approvals"]
    assert approval["Decision"]["By"] == 'by link, gave the name "alice"'
    assert approval["Decision"]["Note"] == "go ahead"
    later = httpx.get(link, timeout=30, trust_env=False)
    assert "Status Success" in text_of(later)
    assert 'by link, gave the name "alice"' in text_of(later)


def test_rejecting(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    after = Person(link, "bob").press("Reject", "not today")
    assert "Your rejection is recorded." in text_of(after)
    record = stack.finish(execution_id)
    assert record["Status"] == "Cancelled"
    assert "not today" in record["StatusMessage"]
    later = text_of(httpx.get(link, timeout=30, trust_env=False))
    assert "Rejected" in later
    assert "Status Cancelled" in later
    assert stack.reboots() == []


def test_missing_targets_come_first(stack: Stack) -> None:
    stack.simulator.put_instances(1)
    (machine,) = stack.simulator.instances()
    execution_id = stack.start(stack.parameters([machine["InstanceId"], "i-does-not-exist"]))
    stack.wait_for_approval(execution_id)
    shown = text_of(Person(links_in_chat(stack, execution_id)[0], "alice").page)
    assert "Not found (1): these will not be touched. i-does-not-exist" in shown
    assert shown.index("i-does-not-exist") < shown.index(machine["InstanceId"], shown.index("Targets"))


def test_a_double_click_is_one_decision(stack: Stack) -> None:
    slow_reboots(stack)
    execution_id, link = waiting_with_link(stack)
    person = Person(link, "alice")
    with ThreadPoolExecutor(8) as clicks:
        pages = list(clicks.map(lambda _: person.press("Approve"), range(8)))
    for page in pages:
        assert "Your approval is recorded." in text_of(page)
    assert [each["Accepted"] for each in decisions(stack, execution_id)] == [True]
    assert stack.finish(execution_id)["Status"] == "Success"
    assert len(stack.reboots()) == 2


def test_two_people_at_once(stack: Stack) -> None:
    slow_reboots(stack)
    execution_id, link = waiting_with_link(stack)
    people = [Person(link, name) for name in ("alice", "bob", "carol", "dave")]
    with ThreadPoolExecutor(4) as hands:
        pages = [text_of(page) for page in hands.map(lambda person: person.press("Approve"), people)]
    assert sum("Your approval is recorded." in page for page in pages) == 1
    assert sum("This was already decided. It was approved by link, gave the name" in page for page in pages) == 3
    assert sorted(each["Accepted"] for each in decisions(stack, execution_id)) == [False, False, False, True]
    stack.finish(execution_id)
    assert len(stack.reboots()) == 2


def test_going_back_and_rejecting_is_too_late(stack: Stack) -> None:
    slow_reboots(stack)
    execution_id, link = waiting_with_link(stack)
    person = Person(link, "alice")
    person.press("Approve")
    page = text_of(person.press("Reject"))
    assert "This was already decided." in page
    assert "Your rejection changed nothing." in page
    assert stack.finish(execution_id)["Status"] == "Success"


def test_deciding_after_the_end(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    late = Person(link, "bob")
    assert stack.notify(execution_id, "Approve").status_code == 200
    stack.close(execution_id)
    page = late.press("Reject")
    assert page.status_code == 409
    assert "Too late: the execution has already ended." in text_of(page)
    assert 'by API token "admin"' in text_of(page)
    assert stack.get(execution_id)["Status"] == "Success"


def test_cancelled_while_it_waits(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    late = Person(link, "bob")
    assert stack.http.post(f"/executions/{execution_id}/cancel", json={"Reason": "changed plans"}).status_code == 200
    assert stack.close(execution_id)["Status"] == "Cancelled"
    shown = text_of(httpx.get(link, timeout=30, trust_env=False))
    assert "Nobody decided" in shown
    assert "changed plans" in shown
    assert late.press("Approve").status_code == 409
    assert stack.reboots() == []


def test_looking_a_hundred_times_decides_nothing(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    with httpx.Client(timeout=30, trust_env=False, headers={"User-Agent": "DingTalkBot-LinkService/1.0"}) as bot:
        for method, times in (("GET", 100), ("HEAD", 20), ("OPTIONS", 20)):
            for _ in range(times):
                assert bot.request(method, link).is_success
        assert bot.get(f"{link}?decision=Approve&approver=bot").is_success
        made_up = bot.get(f"{link}?decision={'a' * 32}-approve")
        assert "Nothing is known of this decision." in made_up.text
        assert "<form" in made_up.text
    assert stack.get(execution_id)["Status"] == "Waiting"
    assert decisions(stack, execution_id) == []


def test_an_older_message_is_as_good_as_a_newer_one(stack: Stack) -> None:
    execution_id, first = waiting_with_link(stack)
    answer = stack.http.post(f"/executions/{execution_id}/notify-again")
    assert answer.json()["Sent"] == 1
    until(lambda: len(links_in_chat(stack, execution_id)) == 2, "the second message is in the group")
    second = links_in_chat(stack, execution_id)[1]
    assert "Your decision" in text_of(Person(second, "alice").page)
    assert "Your approval is recorded." in text_of(Person(first, "bob").press("Approve"))
    assert 'by link, gave the name "bob"' in text_of(httpx.get(second, timeout=30, trust_env=False))
    stack.finish(execution_id)


def test_the_link_of_another_execution_with_the_same_id(stack: Stack) -> None:
    execution_id, old = waiting_with_link(stack)
    late = Person(old, "bob")
    stack.notify(execution_id, "Reject")
    stack.finish(execution_id)
    given = {"TemplateName": "reboot-with-approval", "Parameters": stack.parameters([machine_of(stack)])}
    options = ["--task-queue", "caboose", "--type", "Execution", "--workflow-id", execution_id]
    stack.temporal_cli("workflow", "start", *options, "--input", json.dumps(given))
    until(lambda: len(links_in_chat(stack, execution_id)) == 2, "the new execution asks for approval")
    page = httpx.get(old, timeout=30, trust_env=False)
    assert (page.status_code, "This link is for an earlier execution" in page.text) == (410, True)
    assert late.press("Approve").status_code == 410
    new = Person(links_in_chat(stack, execution_id)[1], "alice")
    assert "Your decision" in text_of(new.page)
    new.press("Reject")


def machine_of(stack: Stack) -> str:
    """The first instance's id."""
    return str(stack.simulator.instances()[0]["InstanceId"])


def test_a_decision_while_no_worker_runs(stack: Stack) -> None:
    execution_id, link = waiting_with_link(stack)
    stack.worker.kill()
    try:
        person = Person(link, "alice")
        assert "No worker answers at the moment." in text_of(person.page)
        page = person.press("Approve", "from the train")
        assert page.status_code == 200
        assert "Your decision is received, but no worker answers yet." in text_of(page)
        record = stack.get(execution_id)
        assert record["Status"] == "Waiting"
        assert record["AsOf"]
    finally:
        stack.worker.start()
    until(lambda: decisions(stack, execution_id) != [], "the worker takes the decision")
    assert "Your approval is recorded." in text_of(httpx.get(str(page.url), timeout=30, trust_env=False))
    assert stack.finish(execution_id)["Status"] == "Success"
    assert len(stack.reboots()) == 2


def test_a_message_that_is_not_delivered(stack: Stack) -> None:
    stack.simulator.put_groups({"group-0001": {"keywords": ["unlikely"]}})
    stack.simulator.put_instances(1)
    execution_id = stack.start(stack.parameters([machine_of(stack)]))
    (wait,) = stack.wait_for_approval(execution_id)["Waiting"]
    shown = text_of(Person(wait["ApprovalLink"], "alice").page)
    assert "The message could not be delivered:" in shown
    assert "Your decision" in shown
    stack.notify(execution_id, "Reject")


def test_refusals_are_answers(stack: Stack) -> None:
    slow_reboots(stack)
    execution_id, _ = waiting_with_link(stack)

    def refused(notify_type: str, **fields: Any) -> tuple[int, str]:
        answer = stack.notify(execution_id, notify_type, **fields)
        return answer.status_code, answer.json()["Code"]

    assert refused("Dance") == (400, "InvalidNotification")
    assert refused("Approve", NotifyNote=5) == (400, "InvalidNotification")
    assert refused("RetryTask") == (409, "NotWaiting")
    assert refused("Approve", Attempt=7) == (409, "WrongAttempt")
    assert refused("Approve", TaskExecutionId="exec-1.t0001") == (409, "NotWaiting")
    assert refused("ExecuteTask")[0] == 409
    answer = stack.notify(execution_id, "Approve", By="somebody else", Via="link", Approver="alice")
    assert answer.status_code == 200
    assert answer.json()["Accepted"] is True
    assert 'by API token "admin"' in stack.get(execution_id)["Approvals"][0]["Decision"]["By"]
    assert refused("Reject") == (409, "AlreadyDecided")
    assert stack.http.post(f"/executions/{execution_id}/notify-again").json()["Code"] == "NotWaiting"
    stack.finish(execution_id)


def test_task_executions_by_page(stack: Stack) -> None:
    execution_id, _ = waiting_with_link(stack, machines=7)
    stack.notify(execution_id, "Approve")
    stack.finish(execution_id)
    names = [task["TaskName"] for task in stack.tasks(execution_id)]
    assert names == ["selectInstances", "approveReboot", "rebootInstances"]
    loop = stack.tasks(execution_id)[2]
    found, token = [], ""
    while True:
        query = {"ParentTaskExecutionId": loop["TaskExecutionId"], "MaxResults": 3, "NextToken": token}
        page = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
        found += [task["LoopItem"] for task in page["TaskExecutions"]]
        token = page["NextToken"]
        if not token:
            break
    assert found == [each["InstanceId"] for each in stack.simulator.instances()]


def test_paging_goes_on_when_the_execution_ends_in_between(stack: Stack) -> None:
    execution_id, _ = waiting_with_link(stack)
    query: dict[str, Any] = {"MaxResults": 1}
    first = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
    stack.notify(execution_id, "Approve")
    stack.finish(execution_id)
    query["NextToken"] = first["NextToken"]
    second = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
    assert [task["TaskName"] for task in second["TaskExecutions"]] == ["approveReboot"]


@pytest.mark.parametrize("secret", ["webhook", "keys"])
def test_no_secret_is_seen(stack: Stack, secret: str) -> None:
    stack.simulator.put_instances(1)
    execution_id = stack.start(stack.parameters([machine_of(stack)], webHookUrl=stack.simulator.webhook("canary-3fa1")))
    stack.wait_for_approval(execution_id)
    (link,) = links_in_chat(stack, execution_id)
    seen = [
        Person(link, "alice").press("Approve").text,
        stack.http.get(f"/executions/{execution_id}").text,
        stack.http.get("/executions").text,
        stack.http.get(f"/executions/{execution_id}/tasks?IncludeChildTaskExecution=true").text,
    ]
    stack.finish(execution_id)
    seen += [httpx.get(link, timeout=30, trust_env=False).text, stack.api.read_log(), stack.worker.read_log()]
    word = "canary-3fa1" if secret == "webhook" else kept_secret(stack.folder / "data" / "link-key")
    assert word
    for text in seen:
        assert word not in text
    for log in (stack.api.read_log(), stack.worker.read_log()):
        assert link.rpartition("/")[2][:40] not in log
