"""The official SDK speaks to the simulator: typed requests, its own signature, its own error classes."""

import json

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions

from tests.simulator.client import sdk
from tests.support.simulator import ACCESS_KEY_ID, ACCESS_KEY_SECRET, Simulator


def test_typed_calls(simulator: Simulator) -> None:
    simulator.put_instances([{"InstanceId": "i-1", "InstanceName": "web ~*/运维", "Tags": {"env": "prod"}}])
    request = models.DescribeInstancesRequest(
        region_id="cn-hangzhou",
        instance_ids=json.dumps(["i-1"]),
        instance_name="web ~*/运维",
        tag=[models.DescribeInstancesRequestTag(key="env", value="prod")],
        max_results=50,
    )
    (instance,) = sdk(simulator).describe_instances(request).body.instances.instance
    assert (instance.instance_id, instance.status, instance.memory) == ("i-1", "Running", 8192)
    assert instance.tags.tag[0].tag_key == "env"
    assert instance.vpc_attributes.private_ip_address.ip_address == ["10.0.0.1"]
    answer = sdk(simulator).reboot_instance(models.RebootInstanceRequest(instance_id="i-1", force_stop=False))
    assert answer.body.request_id == simulator.calls("RebootInstance")[0]["request_id"]
    states = sdk(simulator).describe_instance_status(
        models.DescribeInstanceStatusRequest(region_id="cn-hangzhou", instance_id=["i-1"])
    )
    assert states.body.instance_statuses.instance_status[0].instance_id == "i-1"


async def test_the_asynchronous_client(simulator: Simulator) -> None:
    simulator.put_instances([{"InstanceId": "i-1"}, {"InstanceId": "i-2", "Status": "Stopped"}])
    await sdk(simulator).stop_instance_async(models.StopInstanceRequest(instance_id="i-1"))
    await sdk(simulator).start_instance_async(models.StartInstanceRequest(instance_id="i-2"))
    assert [each["outcome"] for each in simulator.calls()] == ["answered", "answered"]


def test_errors(simulator: Simulator) -> None:
    client = sdk(simulator)
    request = models.RebootInstanceRequest(instance_id="i-gone")
    with pytest.raises(ClientException) as not_found:
        client.reboot_instance(request)
    assert (not_found.value.code, not_found.value.status_code) == ("InvalidInstanceId.NotFound", 404)
    assert not_found.value.data["RequestId"] == simulator.calls()[0]["request_id"]
    simulator.fault("RebootInstance", "error", code="InternalError", http_status=500)
    with pytest.raises(ServerException):
        client.reboot_instance(request)
    simulator.fault("RebootInstance", "error", code="Throttling.User", http_status=400, retry_after_ms=10)
    with pytest.raises(ThrottlingException):
        client.reboot_instance(request)
    simulator.fault("RebootInstance", "drop_before")
    with pytest.raises(UnretryableException):
        client.reboot_instance(request)
    simulator.fault("RebootInstance", "delay", seconds=1)
    with pytest.raises(UnretryableException):
        client.reboot_instance_with_options(request, RuntimeOptions(read_timeout=100))
    with pytest.raises(ClientException) as wrong_key:
        sdk(simulator, access_key_secret="wrong").reboot_instance(request)
    assert wrong_key.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("as_form", [False, True])
def test_generic_calls_and_a_role(simulator: Simulator, method: str, as_form: bool) -> None:
    simulator.put_instances(1)
    client = OpenApiClient(
        Config(
            access_key_id=ACCESS_KEY_ID,
            access_key_secret=ACCESS_KEY_SECRET,
            endpoint=simulator.endpoint,
            protocol="http",
        )
    )

    def sts(action: str, values: dict[str, str]) -> dict[str, object]:
        params = Params(
            action=action,
            version="2015-04-01",
            protocol="HTTP",
            pathname="/",
            method=method,
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        request = OpenApiRequest(body=values) if as_form and method == "POST" else OpenApiRequest(query=values)
        body: dict[str, object] = client.call_api(params, request, RuntimeOptions())["body"]
        return body

    account = sts("GetCallerIdentity", {})["AccountId"]
    wanted = {"RoleArn": f"acs:ram::{account}:role/OpsRole", "RoleSessionName": "exec-1", "DurationSeconds": "900"}
    key = sts("AssumeRole", wanted)["Credentials"]
    assert isinstance(key, dict)
    as_role = sdk(
        simulator,
        access_key_id=key["AccessKeyId"],
        access_key_secret=key["AccessKeySecret"],
        security_token=key["SecurityToken"],
    )
    as_role.reboot_instance(models.RebootInstanceRequest(instance_id="i-sim00001"))
    (logged,) = simulator.calls("RebootInstance")
    assert (logged["role"], logged["outcome"]) == ("OpsRole", "answered")
