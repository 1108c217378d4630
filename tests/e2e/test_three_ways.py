"""However an execution is started, it is the same execution: result, record, and statuses wherever one looks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from caboose.store import Store
from tests.e2e.server import Server
from tests.e2e.ways import WAYS, Start, by_api, by_temporal, options
from tests.support.processes import CHECKOUT, until
from tests.support.stack import TEMPLATE, Stack

IDS = ["i-sim00001", "i-sim00002"]


def stored(stack: Stack, execution_id: str) -> dict[str, Any]:
    """The record in the store's database file, without the API."""
    store = Store.open(f"sqlite:///{stack.env['CABOOSE_DATA_DIR']}/caboose.db")
    try:
        return store.get_execution(execution_id) or {}
    finally:
        store.close()


def listed(stack: Stack, status: str) -> list[str]:
    """The ids that ``temporal workflow list`` finds by a status."""
    found = stack.temporal_cli("workflow", "list", "--query", f'OosStatus="{status}"', "--output", "json")
    return [each["execution"]["workflowId"] for each in json.loads(found.stdout)]


def assert_status_everywhere(stack: Stack, server: Server, execution_id: str, status: str, temporal: str) -> None:
    """One status in the query, the API, the store and the search attribute, and its counterpart in Temporal."""
    until(lambda: stored(stack, execution_id).get("Status") == status, f"the store says {status}")
    until(lambda: execution_id in listed(stack, status), f"temporal workflow list finds it as {status}")
    assert server.record(execution_id)["Status"] == status
    assert stack.get(execution_id)["Status"] == status
    assert server.attributes(execution_id)["OosStatus"] == status
    until(lambda: server.status(execution_id) == temporal, f"Temporal's own status is {temporal}")


def essence(record: dict[str, Any]) -> dict[str, Any]:
    """The record without what must differ: ids, dates, the starter, and how often it was written."""
    own = {"ExecutionId", "FirstRunId", "Revision", "ExecutedBy"}
    kept = {name: value for name, value in record.items() if name not in own and not name.endswith("Date")}
    text = json.dumps(kept).replace(record["ExecutionId"], "exec-this")
    cut: dict[str, Any] = json.loads(text)
    within = [part for task in cut["Tasks"] for part in (*task["Calls"], *task["Waits"])]
    for each in [*cut["Approvals"], *cut["Tasks"], *within]:
        for name in ("Since", "Until", "At", "CreateDate", "StartDate", "EndDate", "RequestId"):
            each.pop(name, None)
    for approval in cut["Approvals"]:
        approval["Decision"].pop("At")
    for decision in cut["Decisions"]:
        decision.pop("At")
    return cut


def run_to_success(stack: Stack, server: Server, start: Start) -> str:
    """Starts, looks at the wait, approves, and looks at the end."""
    execution_id = start(stack, stack.parameters(IDS))
    stack.wait_for_approval(execution_id)
    assert_status_everywhere(stack, server, execution_id, "Waiting", "RUNNING")
    server.signal(execution_id, {"NotifyType": "Approve", "Approver": "alice", "NotifyNote": "go"})
    stack.finish(execution_id)
    assert_status_everywhere(stack, server, execution_id, "Success", "COMPLETED")
    return execution_id


@pytest.mark.parametrize("way", [way for way in WAYS if WAYS[way] is not by_api])
def test_every_way_is_the_same_as_the_api(stack: Stack, server: Server, way: str) -> None:
    stack.simulator.put_instances(3)
    first = run_to_success(stack, server, by_api)
    second = run_to_success(stack, server, WAYS[way])
    assert [call["instance_id"] for call in stack.reboots()].count(IDS[0]) == 2
    assert server.run(server.client.get_workflow_handle(second).result()) == {"instanceIds": IDS}
    assert server.run(server.client.get_workflow_handle(first).result()) == {"instanceIds": IDS}
    assert essence(server.record(second)) == essence(server.record(first))
    assert essence(stack.get(second)) == essence(stack.get(first))
    assert essence(stored(stack, second)) == essence(stored(stack, first))


def test_who_started_it_is_proven_by_the_api_and_claimed_by_a_temporal_client(stack: Stack, server: Server) -> None:
    parameters = stack.parameters([])
    asked = {"TemplateName": TEMPLATE, "Parameters": parameters, "ExecutedBy": "mallory"}
    server.start("exec-claimed", asked)
    assert stack.wait_for_approval("exec-claimed")["ExecutedBy"] == "mallory (claimed)"
    over_http = stack.start(parameters, ExecutedBy="mallory")
    assert stack.wait_for_approval(over_http)["ExecutedBy"] == "admin"
    nameless = by_temporal(stack, parameters)
    assert stack.wait_for_approval(nameless)["ExecutedBy"] == "unknown (started by a Temporal client)"


def test_a_failure_is_failed_in_temporal_with_the_same_message(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    execution_id = by_api(stack, stack.parameters(["i-gone"]))
    record = stack.finish(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Failed", "NoTargets")
    assert_status_everywhere(stack, server, execution_id, "Failed", "FAILED")
    failure = server.failure(execution_id)
    assert getattr(failure, "type", "") == "NoTargets"
    assert failure.message == record["StatusMessage"]


def test_a_rejection_is_canceled_in_temporal_with_the_reason(stack: Stack, server: Server) -> None:
    stack.simulator.put_instances(1)
    execution_id = by_api(stack, stack.parameters(IDS[:1]))
    stack.wait_for_approval(execution_id)
    assert stack.notify(execution_id, "Reject", NotifyNote="not on a Friday").status_code == 200
    record = stack.finish(execution_id)
    assert (record["Status"], record["StatusReason"]) == ("Cancelled", "Rejected")
    assert "not on a Friday" in record["StatusMessage"]
    assert_status_everywhere(stack, server, execution_id, "Cancelled", "CANCELED")
    requests = [event for event in server.events(execution_id) if "CancelRequested" in "".join(event)]
    assert [event["workflowExecutionCancelRequestedEventAttributes"]["cause"] for event in requests] == [
        record["StatusMessage"]
    ]
    assert not stack.reboots()


def test_caboose_run_wait_tells_the_story_to_its_end(stack: Stack) -> None:
    stack.simulator.put_instances(2)
    with caboose_run_wait(stack) as watching:
        execution_id, told = told_until_the_link(watching)
        assert "approveReboot (ACS::Approve) Waiting" in told
        assert f"{stack.url}/approvals/" in told
        stack.notify(execution_id, "Approve")
        rest, wrong = watching.communicate(timeout=60)
    assert watching.returncode == 0, wrong
    assert "rebootInstances" in rest
    assert "2 of 2 done, 0 failed" in rest
    assert f"{execution_id} Success" in rest
    assert all(each in rest for each in IDS)


@pytest.mark.parametrize("decision", ["Reject", "cancel"])
def test_caboose_run_wait_exits_1_when_it_does_not_end_well(stack: Stack, decision: str) -> None:
    stack.simulator.put_instances(2)
    with caboose_run_wait(stack) as watching:
        execution_id, _ = told_until_the_link(watching)
        if decision == "cancel":
            stack.http.post(f"/executions/{execution_id}/cancel", json={})
        else:
            stack.notify(execution_id, decision)
        told, _ = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert f"{execution_id} Cancelled" in told


def caboose_run_wait(stack: Stack) -> "subprocess.Popen[str]":
    """``caboose run --wait``, still running."""
    program = Path(sys.executable).parent / "caboose"
    return subprocess.Popen(
        [program, "run", TEMPLATE, *options(stack.parameters(IDS)), "--wait"],
        env={**stack.env, "CABOOSE_API_URL": stack.url, "PYTHONUNBUFFERED": "1"},
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told_until_the_link(watching: "subprocess.Popen[str]") -> tuple[str, str]:
    """(the execution's id, everything printed so far) when the approval link was printed."""
    assert watching.stdout is not None
    lines: list[str] = []
    for line in watching.stdout:
        lines.append(line)
        if "/approvals/" in line:
            return lines[0].split()[0], "".join(lines)
    raise AssertionError(f"no link in: {lines}")
