"""The official example, byte for byte: unchanged from Alibaba Cloud's documentation, started in every way.

The file isn't ours to ship. ``CABOOSE_SEED_DIR`` names a folder that holds it; without it these tests are skipped, and
pytest's summary says so. The same quirks are proven without it in ``test_quirks.py``, on a template of our own.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ways import by_command, by_template_name, start_workflow
from tests.support.stack import Stack

NAME = "BulkyRebootInstancesWithApproval"
SEED = Path(os.environ.get("CABOOSE_SEED_DIR") or "no-folder") / f"{NAME}.yml"
IDS = ["i-sim00001", "i-sim00002"]

pytestmark = [
    pytest.mark.seed,
    pytest.mark.skipif(
        not SEED.is_file(),
        reason=f"the official example doesn't run: CABOOSE_SEED_DIR names no folder that holds {SEED.name}",
    ),
]


def parameters(stack: Stack, **more: Any) -> dict[str, Any]:
    """What a user of the example gives."""
    targets = {"Type": "ResourceIds", "ResourceIds": IDS}
    return {"targets": targets, "webHookUrl": stack.simulator.webhook(), **more}


@pytest.fixture
def example(stack: Stack) -> str:
    """The example's name, stored exactly as the file is."""
    text = SEED.read_bytes().decode()
    if stack.http.get(f"/templates/{NAME}").status_code == 404:
        answer = stack.http.post("/templates", json={"TemplateName": NAME, "Content": text})
        assert answer.status_code == 201, answer.text
    stored = stack.http.get(f"/templates/{NAME}").json()
    assert stored["Content"].encode() == SEED.read_bytes()
    return NAME


def approve_to_the_end(stack: Stack, execution_id: str) -> dict[str, Any]:
    """Looks at the message, approves, and gives the final record."""
    record = stack.wait_for_approval(execution_id)
    text = stack.simulator.messages()[-1]["body"]["text"]["content"]
    assert '["web-00001","web-00002"]' in text
    assert f"sent by cn-hangzhou oos {execution_id}." in text
    assert [warning["Id"] for warning in record["Warnings"]] == ["LetterCase"]
    assert not stack.reboots()
    assert stack.notify(execution_id, "Approve").status_code == 200
    return stack.finish(execution_id)


def by_name(stack: Stack, given: dict[str, Any]) -> str:
    return stack.start(given, TemplateName=NAME)


def by_content(stack: Stack, given: dict[str, Any]) -> str:
    return stack.start(given, TemplateContent=SEED.read_bytes().decode())


def by_file(stack: Stack, given: dict[str, Any]) -> str:
    return by_command(stack, given, str(SEED))


def by_temporal(stack: Stack, given: dict[str, Any]) -> str:
    return start_workflow(stack, "Execution", {"TemplateName": NAME, "Parameters": given})


def by_type(stack: Stack, given: dict[str, Any]) -> str:
    return by_template_name(stack, given, NAME)


@pytest.mark.parametrize("way", [by_name, by_content, by_file, by_temporal, by_type])
@pytest.mark.parametrize("role", ["", "OpsRole"])
def test_it_runs_unchanged_in_every_way(stack: Stack, example: str, way: Any, role: str) -> None:
    stack.simulator.put_instances(3)
    record = approve_to_the_end(stack, way(stack, parameters(stack, OOSAssumeRole=role)))
    assert record["Status"] == "Success", record["StatusMessage"]
    assert record["Outputs"] == {"instanceIds": IDS}
    reboots = stack.reboots()
    assert sorted(call["instance_id"] for call in reboots) == IDS
    assert {call["role"] for call in reboots} == {role}


@pytest.mark.parametrize("way", [by_name, by_type])
def test_its_default_role_trusts_only_oos_and_the_failure_says_what_to_do(stack: Stack, example: str, way: Any) -> None:
    stack.simulator.put_instances(3)
    record = stack.finish(way(stack, parameters(stack)))
    assert (record["Status"], record["StatusReason"]) == ("Failed", "NoPermission")
    for said in ("OOSServiceRole", "NoPermission", "You are not authorized", "trust", "OOSAssumeRole=''"):
        assert said in record["StatusMessage"]
    assert not stack.simulator.calls("DescribeInstances")
    assert not stack.simulator.messages()
