"""Roles and temporary credentials."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caboose.simulator.errors import CloudError
from caboose.simulator.keys import Keys
from caboose.simulator.sts import Sts
from tests.simulator.client import STS, call, eventually
from tests.support.simulator import Simulator


def arn(simulator: Simulator, role: str) -> str:
    account = call(simulator, "GetCallerIdentity", version=STS).json()["AccountId"]
    return f"acs:ram::{account}:role/{role}"


def assume(simulator: Simulator, role: str = "OpsRole", **parameters: str) -> Any:
    wanted = {"RoleArn": arn(simulator, role), "RoleSessionName": "exec-1"} | parameters
    return call(simulator, "AssumeRole", wanted, version=STS)


def credentials(answer: Any) -> dict[str, Any]:
    given = answer.json()["Credentials"]
    return {"key_id": given["AccessKeyId"], "secret": given["AccessKeySecret"], "token": given["SecurityToken"]}


def test_who_am_i(simulator: Simulator) -> None:
    identity = call(simulator, "GetCallerIdentity", version=STS).json()
    assert identity["IdentityType"] == "RAMUser"
    assert identity["Arn"] == f"acs:ram::{identity['AccountId']}:user/operator"
    key = credentials(assume(simulator))
    assumed = call(simulator, "GetCallerIdentity", version=STS, **key).json()
    assert assumed["IdentityType"] == "AssumedRoleUser"
    assert assumed["Arn"] == f"acs:ram::{identity['AccountId']}:assumed-role/opsrole/exec-1"


def test_calls_with_a_role(simulator: Simulator) -> None:
    simulator.put_instances(1)
    key = credentials(assume(simulator, "opsrole"))  # in any case
    assert key["key_id"].startswith("STS.")
    assert call(simulator, "RebootInstance", {"InstanceId": "i-sim00001"}, **key).status_code == 200
    (logged,) = simulator.calls("RebootInstance")
    assert (logged["role"], logged["access_key_id"]) == ("OpsRole", key["key_id"])
    for wrong, code in (({"token": ""}, "MissingSecurityToken"), ({"token": "x"}, "InvalidSecurityToken")):
        answer = call(simulator, "RebootInstance", {"InstanceId": "i-sim00001"}, **(key | wrong))
        assert answer.status_code == 400
        assert answer.json()["Code"].startswith(code)


REFUSED: list[tuple[dict[str, str], int, str]] = [
    ({"RoleArn": ""}, 400, "MissingParameter"),
    ({"RoleSessionName": ""}, 400, "MissingParameter"),
    ({"RoleSessionName": "a b"}, 400, "InvalidParameter.RoleSessionName"),
    ({"RoleArn": "OpsRole"}, 400, "InvalidParameter.RoleArn"),
    ({"RoleArn": "acs:ram::999:role/OpsRole"}, 404, "EntityNotExist.Role"),
    ({"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"),
    ({"DurationSeconds": "3601"}, 400, "InvalidParameter.DurationSeconds"),
    ({"DurationSeconds": "long"}, 400, "InvalidParameter.DurationSeconds"),
]


@pytest.mark.parametrize(("parameters", "status", "code"), REFUSED)
def test_refusals(simulator: Simulator, parameters: dict[str, str], status: int, code: str) -> None:
    answer = assume(simulator, **parameters)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


def test_roles_and_their_trust(simulator: Simulator) -> None:
    untrusting = assume(simulator, "OOSServiceRole")
    assert (untrusting.status_code, untrusting.json()["Code"]) == (403, "NoPermission")
    unknown = assume(simulator, "NoSuchRole")
    assert (unknown.status_code, unknown.json()["Code"]) == (404, "EntityNotExist.Role")
    simulator.put_roles([{"RoleName": "OOSServiceRole", "Trusted": True, "MaxSessionDuration": 7200}])
    assert assume(simulator, "OOSServiceRole", DurationSeconds="7200").status_code == 200
    assert assume(simulator, "OpsRole").status_code == 404


def test_temporary_credentials_end(simulator: Simulator) -> None:
    simulator.reset(max_credential_seconds=0.2)
    before = datetime.now(UTC)
    answer = assume(simulator, DurationSeconds="900")
    ends = datetime.fromisoformat(answer.json()["Credentials"]["Expiration"])
    assert ends < before + timedelta(seconds=900)
    key = credentials(answer)

    def expired() -> bool:
        code = call(simulator, "GetCallerIdentity", version=STS, **key).json().get("Code")
        return bool(code == "InvalidSecurityToken.Expired")

    assert eventually(expired)


def test_the_duration_asked_for_is_the_duration_given() -> None:
    now = [1_700_000_000.5]
    keys = Keys(clock=lambda: now[0])
    sts = Sts(keys, max_credential_seconds=43200, clock=lambda: now[0])
    caller = keys.find("simulator-key-id")
    account = sts.actions["GetCallerIdentity"]({}, caller)["AccountId"]
    wanted = {"RoleArn": f"acs:ram::{account}:role/OpsRole", "RoleSessionName": "exec-1", "DurationSeconds": "1000"}
    given = sts.actions["AssumeRole"](wanted, caller)["Credentials"]
    assert given["Expiration"] == "2023-11-14T22:30:00Z"  # rounded down
    key = keys.find(given["AccessKeyId"])
    now[0] += 999
    keys.check_token(key, given["SecurityToken"])
    now[0] += 1
    with pytest.raises(CloudError, match=r"InvalidSecurityToken\.Expired"):
        keys.check_token(key, given["SecurityToken"])


def test_temporary_credentials_outlive_a_reset(simulator: Simulator) -> None:
    key = credentials(assume(simulator))
    simulator.reset()
    assert call(simulator, "GetCallerIdentity", version=STS, **key).status_code == 200
