"""ClientToken: a call that is made again with it is answered again and not carried out again."""

import httpx
import pytest

from tests.simulator.client import call
from tests.support.simulator import Simulator

RUN = {"RegionId": "cn-hangzhou", "Type": "RunShellScript", "CommandContent": "date", "InstanceId.1": "i-1"}


@pytest.fixture(autouse=True)
def machine(simulator: Simulator) -> None:
    simulator.put_instances([{"InstanceId": "i-1"}])


def test_the_same_token_gets_the_same_answer(simulator: Simulator) -> None:
    first, again = (call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1"}).json() for _ in range(2))
    assert first["InvokeId"] == again["InvokeId"]
    assert first["RequestId"] != again["RequestId"]
    assert len(simulator.commands()) == 1
    assert [(each["outcome"], each["carried_out"]) for each in simulator.calls()] == [
        ("answered", True),
        ("answered", False),
    ]


def test_another_token_and_none_are_calls_of_their_own(simulator: Simulator) -> None:
    for token in ("t-1", "T-1", "", ""):
        call(simulator, "RunCommand", {**RUN, "ClientToken": token})
    assert len(simulator.commands()) == 4


def test_a_token_belongs_to_its_parameters(simulator: Simulator) -> None:
    call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1"})
    answer = call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1", "CommandContent": "uptime"})
    assert (answer.status_code, answer.json()["Code"]) == (400, "IdempotentParameterMismatch")
    assert len(simulator.commands()) == 1


def test_a_refused_call_leaves_its_token_free(simulator: Simulator) -> None:
    wrong = call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1", "InstanceId.1": "i-gone"})
    assert wrong.json()["Code"] == "InvalidInstance.NotFound"
    assert call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1"}).status_code == 200


def test_what_was_carried_out_without_an_answer_is_answered_later(simulator: Simulator) -> None:
    simulator.fault("RunCommand", "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1"})
    (command,) = simulator.commands()
    assert call(simulator, "RunCommand", {**RUN, "ClientToken": "t-1"}).json()["InvokeId"] == command["InvokeId"]
    assert len(simulator.commands()) == 1


def test_a_token_has_a_largest_size(simulator: Simulator) -> None:
    for token in ("x" * 65, "ü"):
        answer = call(simulator, "RunCommand", {**RUN, "ClientToken": token})
        assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidClientToken.ValueNotSupported")
