"""OOS's ways to name and to give parameters, as they arrive in the query of the call."""

from typing import Any

import pytest

from activities.cloud import requests
from activities.cloud.failures import CloudError
from activities.contracts import REFUSED
from tests.activities.harness import settings_for


def query(api: str, parameters: dict[str, Any]) -> dict[str, str]:
    made = requests.make(settings_for(), "ECS", api, parameters, "cn-hangzhou").call.query
    made.pop("RegionId", None)
    return made


def problem(api: str, parameters: dict[str, Any], service: str = "ECS", region: str = "cn-hangzhou") -> CloudError:
    with pytest.raises(CloudError) as caught:
        requests.make(settings_for(), service, api, parameters, region)
    assert caught.value.failure.proof == REFUSED
    return caught.value


@pytest.mark.parametrize(
    ("api", "parameters", "expected"),
    [
        ("RebootInstance", {"InstanceId": "i-1", "ForceStop": False}, {"InstanceId": "i-1", "ForceStop": "False"}),
        ("rebootinstance", {"instanceid": "i-1", "forcestop": "true"}, {"InstanceId": "i-1", "ForceStop": "True"}),
        ("DescribeInstances", {"InstanceIds": ["i-1", "i-2"]}, {"InstanceIds": '["i-1","i-2"]'}),
        ("DescribeInstances", {"InstanceIds": '["i-1"]'}, {"InstanceIds": '["i-1"]'}),
        ("DescribeInstances", {"InstanceId": "i-1"}, {"InstanceIds": '["i-1"]'}),
        ("DescribeInstances", {"InstanceId": "i-1", "InstanceIds": ["i-2"]}, {"InstanceIds": '["i-2"]'}),
        ("DescribeInstances", {"MaxResults": "50"}, {"MaxResults": "50"}),
        (
            "DescribeInstances",
            {"Tags": [{"Key": "env", "Value": "prod"}, {"Key": "app"}]},
            {"Tag.1.Key": "env", "Tag.1.Value": "prod", "Tag.2.Key": "app"},
        ),
        ("DescribeInstances", {"Tag": [{"key": "env", "Value": 7}]}, {"Tag.1.Key": "env", "Tag.1.Value": "7"}),
        (
            "DescribeInstances",
            {
                "Filter2Key": "ExpiredStartTime",
                "Filter.2.Value": "2026-01-01T00:00Z",
                "Filter1Key": "CreationStartTime",
            },
            {
                "Filter.1.Key": "CreationStartTime",
                "Filter.2.Key": "ExpiredStartTime",
                "Filter.2.Value": "2026-01-01T00:00Z",
            },
        ),
        ("RunCommand", {"InstanceIds": ["i-1", "i-2"]}, {"InstanceId.1": "i-1", "InstanceId.2": "i-2"}),
        ("RunCommand", {"InstanceIds": "i-1"}, {"InstanceId.1": "i-1"}),
        (
            "RunCommand",
            {"InstanceId1": "i-1", "Parameters": '{"a": "1"}'},
            {"InstanceId.1": "i-1", "Parameters": '{"a":"1"}'},
        ),
        ("DescribeInstanceStatus", {"InstanceIds": ["i-1"]}, {"InstanceId.1": "i-1"}),
        (
            "RunInstances",
            {"SystemDiskCategory": "cloud_essd", "SystemDisk.Size": 40, "DataDisks": [{"Size": 100}]},
            {"SystemDisk.Category": "cloud_essd", "SystemDisk.Size": "40", "DataDisk.1.Size": "100"},
        ),
        ("StopInstance", {"InstanceId": "i-1", "StoppedMode": "", "Hibernate": None}, {"InstanceId": "i-1"}),
        ("RebootInstance", {"InstanceId": "i-1", "AccountId": "1"}, {"InstanceId": "i-1"}),
    ],
)
def test_parameters(api: str, parameters: dict[str, Any], expected: dict[str, str]) -> None:
    assert query(api, parameters) == expected


@pytest.mark.parametrize(
    ("api", "parameters", "code", "text"),
    [
        ("RebotInstance", {}, "UnknownApi", 'Did you mean "RebootInstance"?'),
        ("RebootInstance", {"InstnceId": "i-1"}, "InvalidParameter", 'Did you mean "InstanceId"?'),
        ("RebootInstance", {"InstanceId": "i-1", "ForceStop": "maybe"}, "InvalidParameter", "ForceStop must be true"),
        ("DescribeInstances", {"MaxResults": "many"}, "InvalidParameter", "MaxResults must be a number"),
        ("DescribeInstances", {"Tags": ["env"]}, "InvalidParameter", "Tags must be an object"),
        ("DescribeInstances", {"Tags": [{"Name": "env"}]}, "InvalidParameter", "Tags.Name"),
        ("DescribeInstances", {"Filter0Key": "x"}, "InvalidParameter", "numbered from 1"),
    ],
)
def test_a_wrong_parameter_is_named(api: str, parameters: dict[str, Any], code: str, text: str) -> None:
    error = problem(api, parameters)
    assert error.failure.code == code
    assert text in error.failure.message


def test_another_service_is_not_supported_yet() -> None:
    assert problem("DescribeDBInstances", {}, service="RDS").failure.code == "NotSupportedYet"


def test_the_region_of_the_parameters_chooses_the_endpoint() -> None:
    settings = settings_for(ecs_endpoint="")
    named = requests.make(
        settings, "ecs", "RebootInstance", {"InstanceId": "i", "RegionId": "cn-beijing"}, "cn-hangzhou"
    )
    assert named.call.endpoint == "ecs.cn-beijing.aliyuncs.com"
    # RebootInstance has no RegionId of its own: there it only chooses the endpoint
    assert named.call.query == {"InstanceId": "i"}
    default = requests.make(settings, "ecs", "DescribeInstances", {}, "cn-hangzhou")
    assert default.call.endpoint == "ecs-cn-hangzhou.aliyuncs.com"
    assert default.call.query == {"RegionId": "cn-hangzhou"}


@pytest.mark.parametrize("region", ["evil.example.com/", "cn hangzhou", "CN-HANGZHOU", "cn-hangzhou.evil.com", "x@y"])
def test_what_is_no_region_never_becomes_a_host(region: str) -> None:
    assert problem("DescribeInstances", {}, region=region).failure.code == "InvalidRegionId"


def test_no_region_is_said() -> None:
    error = problem("DescribeInstances", {}, region="")
    assert error.failure.code == "MissingRegion"
    assert "CABOOSE_REGION" in error.failure.message


def test_every_api_of_the_sdk_is_known() -> None:
    for api in ("DescribeInstances", "StartInstance", "RunCommand", "EnableNetworkInterfaceQoS", "CreateSnapshot"):
        assert requests.make(settings_for(), "ECS", api, {}, "cn-hangzhou").call.action == api


@pytest.mark.parametrize(
    ("api", "reads"), [("DescribeInstances", True), ("RebootInstance", False), ("GetInstanceScreenshot", True)]
)
def test_reads_are_known_by_their_names(api: str, reads: bool) -> None:
    assert requests.make(settings_for(), "ECS", api, {}, "cn-hangzhou").reads is reads
