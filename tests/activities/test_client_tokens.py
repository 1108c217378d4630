"""ClientToken: which APIs take one, and that a call goes out with it."""

from dataclasses import replace
from typing import Any

import pytest

from activities.cloud import marshal, requests
from activities.cloud.activities import CloudActivities
from activities.contracts import UNKNOWN
from caboose.oos.actions import is_read, takes_client_token
from tests.activities.harness import call, failure, proof, run
from tests.support.simulator import Simulator

RUN: dict[str, Any] = {"Type": "RunShellScript", "CommandContent": "date", "InstanceIds": ["i-a"]}


def test_the_table_is_that_of_the_sdk() -> None:
    with_token = {name: "clienttoken" in marshal.fields(model) for name, model, _ in requests._apis().values()}
    assert {name: takes_client_token("ECS", name) for name in with_token} == {
        name: takes and not is_read(name) for name, takes in with_token.items()
    }


def test_a_call_that_got_no_answer_is_answered_when_it_is_made_again(
    simulator: Simulator, cloud: CloudActivities
) -> None:
    made = replace(call("RunCommand", RUN, id="InvokeId"), client_token="token-1")
    simulator.fault("RunCommand", "drop_after")
    assert proof(failure(cloud.call_api, made)) == UNKNOWN
    result = run(cloud.call_api, made)
    assert result.outputs == {"id": [each["InvokeId"] for each in simulator.commands()]}
    assert [each["parameters"]["ClientToken"] for each in simulator.calls("RunCommand")] == ["token-1"] * 2


@pytest.mark.parametrize(
    ("given", "sent"), [({}, "ours"), ({"clientToken": ""}, "ours"), ({"clientToken": "theirs"}, "theirs")]
)
def test_a_template_may_have_a_token_of_its_own(
    simulator: Simulator, cloud: CloudActivities, given: dict[str, str], sent: str
) -> None:
    run(cloud.call_api, replace(call("RunCommand", {**RUN, **given}), client_token="ours"))
    assert simulator.calls("RunCommand")[0]["parameters"]["ClientToken"] == sent


def test_without_one_nothing_is_added(simulator: Simulator, cloud: CloudActivities) -> None:
    run(cloud.call_api, call("RebootInstance", {"InstanceId": "i-a"}))
    assert "ClientToken" not in simulator.calls("RebootInstance")[0]["parameters"]


def test_a_token_that_is_still_at_work_proves_nothing(simulator: Simulator, cloud: CloudActivities) -> None:
    simulator.fault("RunCommand", "error", code="IdempotentProcessing", http_status=400)
    assert proof(failure(cloud.call_api, replace(call("RunCommand", RUN), client_token="token-1"))) == UNKNOWN
