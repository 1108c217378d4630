"""DescribeInstances: each filter, both kinds of paging and the limits."""

import json
from typing import Any

import pytest

from tests.simulator.client import call
from tests.support.simulator import Simulator

REGION = {"RegionId": "cn-hangzhou"}


def describe(simulator: Simulator, **parameters: str) -> dict[str, Any]:
    answer = call(
        simulator, "DescribeInstances", REGION | {name.replace("__", "."): v for name, v in parameters.items()}
    )
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def ids(content: dict[str, Any]) -> list[str]:
    return [instance["InstanceId"] for instance in content["Instances"]["Instance"]]


@pytest.fixture
def varied(simulator: Simulator) -> Simulator:
    """Four instances that differ in everything that can be filtered by."""
    simulator.put_instances(
        [
            {"InstanceId": "i-1", "InstanceName": "web-1", "Tags": {"env": "prod", "tier": "web"}},
            {"InstanceId": "i-2", "InstanceName": "web-2", "Status": "Stopped", "Tags": {"env": "prod"}},
            {
                "InstanceId": "i-3",
                "InstanceName": "db.1",
                "ZoneId": "cn-hangzhou-b",
                "InstanceType": "ecs.r7.xlarge",
                "InstanceChargeType": "PrePaid",
                "Tags": {"Tag": [{"TagKey": "env", "TagValue": "test"}]},
                "SecurityGroupIds": {"SecurityGroupId": ["sg-db"]},
            },
            {
                "InstanceId": "i-4",
                "VpcAttributes": {"VpcId": "vpc-4", "PrivateIpAddress": {"IpAddress": ["192.168.0.4"]}},
                "PublicIpAddress": {"IpAddress": ["203.0.113.4"]},
                "OperationLocks": {"LockReason": [{"LockReason": "security"}]},
            },
            {"InstanceId": "i-far", "RegionId": "cn-beijing"},
        ]
    )
    return simulator


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["i-1", "i-2", "i-3", "i-4"]),
    ({"RegionId": "cn-beijing"}, ["i-far"]),
    ({"RegionId": "us-east-1"}, []),
    ({"InstanceIds": '["i-2", "i-1", "i-gone", "i-far"]'}, ["i-1", "i-2"]),
    ({"InstanceIds": '["i-gone"]'}, []),
    ({"Status": "Stopped"}, ["i-2"]),
    ({"InstanceName": "web-*"}, ["i-1", "i-2"]),
    ({"InstanceName": "*1"}, ["i-1", "i-3"]),
    ({"InstanceName": "db?1"}, []),
    ({"InstanceName": ""}, ["i-1", "i-2", "i-3", "i-4"]),
    ({"ZoneId": "cn-hangzhou-b"}, ["i-3"]),
    ({"InstanceType": "ecs.r7.xlarge"}, ["i-3"]),
    ({"InstanceChargeType": "PostPaid"}, ["i-1", "i-2", "i-4"]),
    ({"VpcId": "vpc-4"}, ["i-4"]),
    ({"SecurityGroupId": "sg-db"}, ["i-3"]),
    ({"PrivateIpAddresses": '["192.168.0.4", "192.168.0.9"]'}, ["i-4"]),
    ({"PublicIpAddresses": '["203.0.113.4"]'}, ["i-4"]),
    ({"LockReason": "security"}, ["i-4"]),
    ({"Tag.1.Key": "env"}, ["i-1", "i-2", "i-3"]),
    ({"Tag.1.Key": "env", "Tag.1.Value": "prod"}, ["i-1", "i-2"]),
    ({"Tag.1.Key": "env", "Tag.1.Value": "prod", "Tag.2.Key": "tier", "Tag.2.Value": "web"}, ["i-1"]),
    ({"Tag.1.Key": "env", "Tag.1.Value": "prod", "Status": "Running"}, ["i-1"]),
]


@pytest.mark.parametrize(("parameters", "expected"), FILTERS, ids=[json.dumps(each) for each, _ in FILTERS])
def test_filters(varied: Simulator, parameters: dict[str, str], expected: list[str]) -> None:
    for options in ({}, {"MaxResults": "100"}):
        answer = call(varied, "DescribeInstances", REGION | parameters | options)
        assert answer.status_code == 200, answer.text
        assert ids(answer.json()) == expected


def test_the_shape_of_a_record(varied: Simulator) -> None:
    first, last = describe(varied, InstanceIds='["i-1", "i-4"]')["Instances"]["Instance"]
    assert first["Tags"] == {"Tag": [{"TagKey": "env", "TagValue": "prod"}, {"TagKey": "tier", "TagValue": "web"}]}
    assert "Tags" not in last
    assert first["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] == ["10.0.0.1"]


REFUSED = [
    ({"RegionId": ""}, 400, "MissingParameter"),
    ({"RegionId": "nowhere"}, 404, "InvalidRegionId.NotFound"),
    ({"InstanceIds": "i-1"}, 400, "InvalidParameter"),
    ({"InstanceIds": "[]"}, 400, "InvalidParameter"),
    ({"InstanceIds": json.dumps([f"i-{n}" for n in range(101)])}, 400, "InvalidParameter"),
    ({"PageSize": "101"}, 400, "InvalidParameter"),
    ({"PageNumber": "0"}, 400, "InvalidParameter"),
    ({"MaxResults": "many"}, 400, "InvalidParameter"),
    ({"NextToken": "forged"}, 400, "InvalidParameter"),
    ({"Tag.1.Value": "prod"}, 400, "MissingParameter"),
    ({"Filter.1.Key": "CreationStartTime"}, 400, "InvalidParameter"),
    ({"InstanceID": "i-1"}, 400, "InvalidParameter"),
    ({"DryRun": "true"}, 400, "DryRunOperation"),
]


@pytest.mark.parametrize(("parameters", "status", "code"), REFUSED)
def test_refusals(varied: Simulator, parameters: dict[str, str], status: int, code: str) -> None:
    answer = call(varied, "DescribeInstances", REGION | parameters)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


def test_pages_by_number(simulator: Simulator) -> None:
    simulator.put_instances(23)
    first = describe(simulator)
    assert (len(ids(first)), first["TotalCount"], first["PageNumber"], first["PageSize"]) == (10, 23, 1, 10)
    assert ids(describe(simulator, PageNumber="3", PageSize="10")) == ["i-sim00021", "i-sim00022", "i-sim00023"]
    assert ids(describe(simulator, PageNumber="4", PageSize="10")) == []
    assert len(ids(describe(simulator, PageSize="100"))) == 23


def test_ten_are_shown_even_when_more_are_asked_for_by_id(simulator: Simulator) -> None:
    simulator.put_instances(20)
    wanted = json.dumps([f"i-sim{n:05d}" for n in range(1, 21)])
    assert len(ids(describe(simulator, InstanceIds=wanted))) == 10
    assert len(ids(describe(simulator, InstanceIds=wanted, MaxResults="100"))) == 20


def test_pages_by_token(simulator: Simulator) -> None:
    simulator.put_instances(205)
    seen: list[str] = []
    sizes = []
    token = ""
    while True:
        page = describe(simulator, MaxResults="500", NextToken=token)
        seen += ids(page)
        sizes.append(len(ids(page)))
        token = page["NextToken"]
        if not token:
            break
    assert sizes == [100, 100, 5]
    assert seen == [f"i-sim{n:05d}" for n in range(1, 206)]
    assert len(ids(describe(simulator, MaxResults="1"))) == 10


def test_a_token_survives_a_change_of_states(simulator: Simulator) -> None:
    simulator.reset(transition_seconds=3600)
    simulator.put_instances(30)
    page = describe(simulator, Status="Running", MaxResults="10")
    call(simulator, "RebootInstance", {"InstanceId": "i-sim00001"})
    page = describe(simulator, Status="Running", MaxResults="10", NextToken=page["NextToken"])
    assert ids(page)[0] == "i-sim00011"


def test_a_tag_filter_sees_a_thousand_and_not_one_more(simulator: Simulator) -> None:
    simulator.put_instances({"count": 1200, "Tags": {"env": "prod"}})
    assert describe(simulator, Tag__1__Key="env")["TotalCount"] == 1000
    assert describe(simulator)["TotalCount"] == 1200
    seen = 0
    token = ""
    while True:
        page = describe(simulator, Tag__1__Key="env", MaxResults="100", NextToken=token)
        seen += len(ids(page))
        token = page["NextToken"]
        if not token:
            break
    assert seen == 1000


def test_instance_status(simulator: Simulator) -> None:
    simulator.put_instances(60)
    call(simulator, "StopInstance", {"InstanceId": "i-sim00002"})
    wanted = {"InstanceId.1": "i-sim00001", "InstanceId.2": "i-sim00002", "InstanceId.3": "i-gone"}
    answer = call(simulator, "DescribeInstanceStatus", REGION | wanted).json()
    first, second = answer["InstanceStatuses"]["InstanceStatus"]
    assert first == {"InstanceId": "i-sim00001", "Status": "Running"}
    assert second["Status"] in ("Stopping", "Stopped")
    assert answer["TotalCount"] == 2
    page = call(simulator, "DescribeInstanceStatus", REGION | {"PageSize": "50", "PageNumber": "2"}).json()
    assert len(page["InstanceStatuses"]["InstanceStatus"]) == 10
    refused = call(simulator, "DescribeInstanceStatus", REGION | {"PageSize": "51"})
    assert refused.json()["Code"] == "InvalidParameter"


def test_ten_thousand_instances(simulator: Simulator) -> None:
    simulator.put_instances(10_000)
    assert describe(simulator)["TotalCount"] == 10_000
    assert ids(describe(simulator, InstanceIds='["i-sim10000"]')) == ["i-sim10000"]
