"""What once made an execution hang or swell: odd texts, huge inputs, large loops, many decisions, a store that is away.

A workflow that can't get on shows it in one place: failed or timed-out workflow tasks in its history. So that is what
is looked at, besides how the execution ends.
"""

import json
from itertools import pairwise
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from tests.e2e.locked import locked_store
from tests.e2e.server import Server
from tests.e2e.ways import new_id
from tests.support.processes import until
from tests.support.stack import TEMPLATE, Stack

IDS = ["i-sim00001"]
HALF = "\\ud800"
"""As it stands in JSON: half a character, which Python reads and can't write."""
ODD = f"no{HALF}\\u0000\\u0007\\u001b[31m\\u007f"
ODD_AS_KEPT = "no\ufffd\ufffd\ufffd\ufffd[31m\ufffd"

TASK_FAILED = "workflowTaskFailedEventAttributes"
HARMLESS = {"WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND", "WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND"}
"""The server's own: so much came in during a workflow task that it begins it anew with what came."""


def raw(text: str) -> RawValue:
    """A payload of this very JSON."""
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=text.encode()))


def assert_no_trouble(server: Server, execution_id: str) -> None:
    """No workflow task of it ever failed or took too long."""
    events = server.events(execution_id)
    assert "EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT" not in {event["eventType"] for event in events}
    failures = [event[TASK_FAILED] for event in events if TASK_FAILED in event]
    assert not [each for each in failures if each["cause"] not in HARMLESS]
    assert "TemporalReportedProblems" not in server.attributes(execution_id)


def waiting(stack: Stack, ids: list[str]) -> str:
    """The id of an execution that waits for its approval."""
    execution_id = stack.start(stack.parameters(ids))
    stack.wait_for_approval(execution_id)
    return execution_id


@pytest.mark.parametrize("how", ["signal", "POST"])
def test_odd_characters_in_a_decision(stack: Stack, server: Server, how: str) -> None:
    stack.simulator.put_instances(1)
    execution_id = waiting(stack, IDS)
    body = f'{{"NotifyType": "Reject", "NotifyNote": "{ODD}", "Approver": "{ODD}", "DecisionId": "{ODD}"}}'
    if how == "signal":
        server.signal(execution_id, raw(body))
    else:
        headers = {"Content-Type": "application/json"}
        answer = stack.http.post(f"/executions/{execution_id}/notify", content=body.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
    record = stack.finish(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Rejected")
    assert record["StatusMessage"].endswith(f'gave the name "{ODD_AS_KEPT}": {ODD_AS_KEPT}')
    until(lambda: server.status(execution_id) == "CANCELED", "Temporal says Canceled")
    assert_no_trouble(server, execution_id)


def start_text(**fields: Any) -> str:
    """A start of the stored template as JSON in which characters beyond ASCII stand as they are."""
    return json.dumps({"TemplateName": TEMPLATE, "Parameters": {"webHookUrl": "x"}, **fields}, ensure_ascii=False)


UNUSABLE = {
    "600 levels": ("[" * 600 + "]" * 600, "InvalidInput", "nested more than 100 levels"),
    "600 levels in Parameters": (
        start_text(Parameters="?").replace('"?"', '{"targets": ' + "[" * 600 + "]" * 600 + "}"),
        "InvalidInput",
        "nested more than 100 levels",
    ),
    "two million characters": (start_text(Description="中" * 2_000_000), "InvalidInput", "more than 5000000 bytes"),
    "a starter of 1,001 characters": (
        start_text(ExecutedBy="中" * 1_001),
        "ValidationFailed",
        "ExecutedBy has 1001 characters, at most 1000",
    ),
    "half a character in Parameters": (
        start_text(Parameters={"targets": {"Type": HALF}}).replace("\\\\", "\\"),
        "InvalidInput",
        "half a character",
    ),
    "half a character as a name": (start_text(Parameters={HALF: 1}).replace("\\\\", "\\"), "InvalidInput", "half a"),
    "half a character in Parameters as a text": (
        start_text(Parameters=f'{{"targets": {{"Type": "{HALF}"}}}}'),
        "ValidationFailed",
        "half a character",
    ),
}


@pytest.mark.parametrize("name", list(UNUSABLE))
def test_a_start_that_cannot_be_used_fails_at_once_and_says_why(stack: Stack, server: Server, name: str) -> None:
    text, code, said = UNUSABLE[name]
    execution_id = server.start(new_id(), raw(text))
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") == code
    assert said in failure.message
    record = stack.get(execution_id)
    assert (record["Status"], record["StatusReason"], record["StatusMessage"]) == ("Failed", code, failure.message)
    assert_no_trouble(server, execution_id)


def test_a_long_name_of_the_starter_is_kept_and_cut_only_where_it_is_searched(stack: Stack, server: Server) -> None:
    name = "中" * 900
    execution_id = server.start(new_id(), raw(start_text(ExecutedBy=name, Parameters=stack.parameters(["i-gone"]))))
    assert getattr(server.failure(execution_id), "type", "") == "NoTargets"
    assert stack.get(execution_id)["ExecutedBy"] == f"{name} (claimed)"
    assert server.attributes(execution_id)["OosExecutedBy"] == name[:200]
    assert_no_trouble(server, execution_id)


def looped(concurrency: int) -> str:
    """A template that passes a list into each call of its loop; the cloud doesn't know the call and refuses it."""
    properties = {
        "Service": "ECS",
        "API": "ModifyInstanceAttribute",
        "Parameters": {"InstanceId": "{{ ACS::TaskLoopItem }}", "Description": "{{ big }}"},
    }
    control = {"Mode": "Concurrency", "Concurrency": concurrency, "MaxErrors": "100%"}
    task = {"Name": "touch", "Action": "ACS::ExecuteAPI", "Properties": properties}
    task["Loop"] = {"Items": "{{ items }}", "RateControl": control}
    parameters = {"items": {"Type": "List"}, "big": {"Type": "List"}}
    return json.dumps({"FormatVersion": "OOS-2019-06-01", "Parameters": parameters, "Tasks": [task]})


def run_loop(stack: Stack, server: Server, items: int, big: list[str], concurrency: int) -> dict[str, Any]:
    """Runs the loop to its end and gives the record; no workflow task may fail or take too long."""
    parameters = {"items": [f"i-{number:05d}" for number in range(items)], "big": big}
    execution_id = stack.start(parameters, TemplateContent=looped(concurrency))
    record = stack.finish(execution_id)
    assert_no_trouble(server, execution_id)
    return record


def test_a_large_loop_with_large_calls_takes_its_time_in_small_steps(stack: Stack, server: Server) -> None:
    record = run_loop(stack, server, 200, [f"server-{number:06d}" for number in range(1_000)], 200)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert (record["Tasks"][0]["Loop"]["Failed"], record["Tasks"][0]["Loop"]["Running"]) == (200, 0)
    assert len(stack.simulator.calls("ModifyInstanceAttribute")) == 200


DECISION_BYTES = 60_000
"""What one decision may add to the history, with the record that follows it: 50 MB are the end of an execution."""


def history_bytes(server: Server, execution_id: str) -> int:
    """The size of its history as the server counts it."""
    return server.describe(execution_id).raw_description.workflow_execution_info.history_size_bytes


def all_tasks(stack: Stack, execution_id: str) -> list[dict[str, Any]]:
    """Every task execution, page by page."""
    found: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        query: dict[str, str | int] = {"IncludeChildTaskExecution": "true", "MaxResults": 100, "NextToken": token}
        page = stack.http.get(f"/executions/{execution_id}/tasks", params=query).json()
        found += page["TaskExecutions"]
        token = page["NextToken"] or None
    return found


def stored_waits(stack: Stack, execution_id: str) -> list[str]:
    """What waits as the store knows it, which is where listings come from."""
    listed = stack.http.get("/executions").json()["Executions"]
    waits = [each["Waiting"] for each in listed if each["ExecutionId"] == execution_id]
    return [wait["TaskExecutionId"] for wait in waits[0]] if waits else []


def skip(stack: Stack, server: Server, execution_id: str, *, wait_for_store: bool) -> int:
    """Decides about the first thing that waits and gives the history's size after it; with ``wait_for_store`` as slowly
    as people do, so that the decision has a record of its own."""
    (task_id, *_) = (wait["TaskExecutionId"] for wait in server.record(execution_id)["Waiting"])
    decided = stack.notify(execution_id, "SkipTask", TaskExecutionId=task_id)
    assert decided.status_code == 200, decided.text
    if wait_for_store:
        until(lambda: task_id not in stored_waits(stack, execution_id), "the store knows of the decision")
    return history_bytes(server, execution_id)


def test_many_decisions_one_by_one_keep_the_history_small(stack: Stack, server: Server) -> None:
    count = 60
    stack.simulator.put_instances(count)
    ids = [f"i-sim{number:05d}" for number in range(1, count + 1)]
    stack.simulator.fault("RebootInstance", "error", code="InternalError", http_status=500, times=count)
    execution_id = waiting(stack, ids)
    stack.notify(execution_id, "Approve")
    until(lambda: len(server.record(execution_id)["Waiting"]) == count, "all of them wait for a person")
    until(lambda: len(stored_waits(stack, execution_id)) > 1, "the store knows of them")
    assert stack.notify(execution_id, "SkipTask").json()["Code"] == "AmbiguousNotification"
    sizes = [skip(stack, server, execution_id, wait_for_store=number < 4) for number in range(count)]
    assert max(after - before for before, after in pairwise(sizes[:4])) < DECISION_BYTES
    assert (sizes[-1] - sizes[0]) / count < DECISION_BYTES
    record = stack.finish(execution_id)
    assert record["Status"] == "Success", record["StatusMessage"]
    assert len(stack.reboots()) == count, "nothing was sent again"
    until(lambda: server.status(execution_id) == "COMPLETED", "its last record is written")
    told = all_tasks(stack, execution_id)
    assert sum(each["Status"] == "Skipped" for each in told) == count
    assert {each["Status"] for each in told} == {"Success", "Skipped"}
    assert_no_trouble(server, execution_id)


def test_the_searchable_status_does_not_wait_for_the_store(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    with locked_store(stack):
        request = {"TemplateName": TEMPLATE, "Parameters": stack.parameters(IDS)}
        execution_id = server.start(new_id(), request)
        until(lambda: server.attributes(execution_id).get("OosStatus") == "Waiting", "it can be found as Waiting")
        server.signal(execution_id, {"NotifyType": "Approve"})
        until(lambda: server.attributes(execution_id)["OosStatus"] == "Success", "it can be found as Success")
        assert server.status(execution_id) == "RUNNING", "its record is still to be written"
    until(lambda: server.status(execution_id) == "COMPLETED", "its record is written")
    assert stack.get(execution_id)["Status"] == "Success"


def test_a_second_answer_to_the_first_question_does_not_decide_the_next(stack: Stack, server: Server) -> None:
    content = {"msgtype": "text", "text": {"content": "Please decide"}}
    properties = {"NotifyType": "WebHook", "WebHook": {"URI": stack.simulator.webhook(), "Content": content}}
    tasks = [{"Name": name, "Action": "ACS::Approve", "Properties": properties} for name in ("first", "second")]
    execution_id = stack.start(TemplateContent=json.dumps({"FormatVersion": "OOS-2019-06-01", "Tasks": tasks}))
    stack.wait_for_approval(execution_id)
    assert stack.notify(execution_id, "Approve", Approver="alice").status_code == 200
    until(lambda: len(stack.get(execution_id)["Approvals"]) == 2, "the second approval waits")
    late = stack.notify(execution_id, "Approve", Approver="bob, who meant the first")
    (second,) = stack.get(execution_id)["Waiting"]
    assert (late.status_code, late.json()["Code"]) == (409, "AmbiguousNotification")
    assert second["TaskExecutionId"] in late.json()["Message"]
    assert server.update(execution_id, {"NotifyType": "Reject"})["Refused"] == "AmbiguousNotification"
    assert stack.get(execution_id)["Approvals"][1]["Status"] == "Waiting"
    decided = stack.notify(execution_id, "Approve", TaskExecutionId=second["TaskExecutionId"])
    assert decided.status_code == 200, decided.text
    assert stack.finish(execution_id)["Status"] == "Success"


@pytest.mark.parametrize("inputs", [[], [{}], [{}, {}], ["x", 1, 2]])
def test_a_part_of_an_execution_that_somebody_else_starts_fails_clearly(server: Server, inputs: list[Any]) -> None:
    failure = server.failure(server.start(new_id(), *inputs, workflow_type="caboose.Loop"))
    assert isinstance(failure, ApplicationError)
    assert failure.type == "InvalidInput"


def test_a_type_of_our_own_that_this_worker_does_not_know_waits_for_one_that_does(server: Server) -> None:
    execution_id = server.start(new_id(), {}, workflow_type="caboose.Later")

    def reasons() -> list[str]:
        failed = [event[TASK_FAILED] for event in server.events(execution_id) if TASK_FAILED in event]
        return [each["failure"]["message"] for each in failed]

    until(lambda: bool(reasons()), "the worker has said no")
    assert "it waits for a newer worker" in reasons()[0]
    until(
        lambda: server.describe(execution_id).raw_description.pending_workflow_task.attempt > 1, "it is offered again"
    )
    assert server.status(execution_id) == "RUNNING"
    server.run(server.client.get_workflow_handle(execution_id).terminate())
