"""What instances have and what is made of them: disks, snapshots, images, addresses, tags; each with its states."""

from typing import Any

import pytest

from tests.simulator.client import call, eventually
from tests.support.simulator import Simulator

REGION = {"RegionId": "cn-hangzhou"}


@pytest.fixture(autouse=True)
def machines(simulator: Simulator) -> None:
    simulator.reset(transition_seconds=0)
    simulator.put_instances(
        [{"InstanceId": "i-1"}, {"InstanceId": "i-off", "Status": "Stopped"}, {"InstanceId": "i-odd"}]
    )


def made(simulator: Simulator, action: str, **parameters: Any) -> dict[str, Any]:
    """The answer of a call that is carried out."""
    answer = call(simulator, action, {**REGION, **_dotted(parameters)})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(simulator: Simulator, action: str, **parameters: Any) -> str:
    """The code of a refusal."""
    answer = call(simulator, action, {**REGION, **_dotted(parameters)})
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["Code"])


def _dotted(parameters: dict[str, Any]) -> dict[str, str]:
    return {name.replace("__", "."): str(value) for name, value in parameters.items()}


def listed(simulator: Simulator, action: str, outer: str, inner: str, **filters: Any) -> list[dict[str, Any]]:
    """The records that a Describe call shows."""
    found: list[dict[str, Any]] = made(simulator, action, **filters)[outer][inner]
    return found


def disks(simulator: Simulator, **filters: Any) -> list[dict[str, Any]]:
    return listed(simulator, "DescribeDisks", "Disks", "Disk", **filters)


def snapshots(simulator: Simulator, **filters: Any) -> list[dict[str, Any]]:
    return listed(simulator, "DescribeSnapshots", "Snapshots", "Snapshot", **filters)


def images(simulator: Simulator, **filters: Any) -> list[dict[str, Any]]:
    return listed(simulator, "DescribeImages", "Images", "Image", **filters)


def addresses(simulator: Simulator, **filters: Any) -> list[dict[str, Any]]:
    return listed(simulator, "DescribeEipAddresses", "EipAddresses", "EipAddress", **filters)


def interfaces(simulator: Simulator, **filters: Any) -> list[dict[str, Any]]:
    return listed(simulator, "DescribeNetworkInterfaces", "NetworkInterfaceSets", "NetworkInterfaceSet", **filters)


def states(simulator: Simulator) -> dict[str, str]:
    return {each["InstanceId"]: each["Status"] for each in simulator.instances()}


def test_every_instance_has_a_system_disk_until_it_is_released(simulator: Simulator) -> None:
    assert [each["DiskId"] for each in disks(simulator)] == ["d-1", "d-off", "d-odd"]
    (disk,) = disks(simulator, InstanceId="i-off", DiskType="system")
    assert (disk["Status"], disk["Tags"]) == ("In_use", {"Tag": []})
    made(simulator, "DeleteInstance", InstanceId="i-off")
    assert [each["DiskId"] for each in disks(simulator)] == ["d-1", "d-odd"]


def test_a_data_disk(simulator: Simulator) -> None:
    disk_id = made(simulator, "CreateDisk", ZoneId="cn-hangzhou-k", Size=20, Tag__1__Key="a", Tag__1__Value="b")[
        "DiskId"
    ]
    assert disks(simulator, Tag__1__Key="a")[0]["DiskId"] == disk_id
    made(simulator, "AttachDisk", DiskId=disk_id, InstanceId="i-1")
    assert disks(simulator, InstanceId="i-1", DiskType="data")[0]["Status"] == "In_use"
    assert refused(simulator, "AttachDisk", DiskId=disk_id, InstanceId="i-off") == "IncorrectDiskStatus"
    assert refused(simulator, "DeleteDisk", DiskId=disk_id) == "IncorrectDiskStatus"
    assert refused(simulator, "DetachDisk", DiskId=disk_id, InstanceId="i-off") == "DependencyViolation"
    assert refused(simulator, "ResizeDisk", DiskId=disk_id, NewSize=20) == "InvalidDiskSize.TooSmall"
    made(simulator, "ResizeDisk", DiskId=disk_id, NewSize=40)
    made(simulator, "ModifyDiskAttribute", DiskId=disk_id, DiskName="data", DeleteWithInstance="true")
    assert disks(simulator, DiskIds=f'["{disk_id}"]')[0]["Size"] == 40
    made(simulator, "DetachDisk", DiskId=disk_id, InstanceId="i-1")
    assert disks(simulator, DiskName="data")[0]["InstanceId"] == ""
    made(simulator, "DeleteDisk", DiskId=disk_id)
    assert refused(simulator, "DeleteDisk", DiskId=disk_id) == "InvalidDiskId.NotFound"


def test_a_data_disk_outlives_its_instance(simulator: Simulator) -> None:
    disk_id = made(simulator, "CreateDisk", ZoneId="cn-hangzhou-k")["DiskId"]
    made(simulator, "AttachDisk", DiskId=disk_id, InstanceId="i-off")
    made(simulator, "DeleteInstance", InstanceId="i-off")
    assert disks(simulator, DiskIds=f'["{disk_id}"]')[0]["Status"] == "Available"


def test_a_disk_is_set_back_only_while_its_instance_is_off(simulator: Simulator) -> None:
    assert refused(simulator, "ReInitDisk", DiskId="d-1") == "IncorrectInstanceStatus"
    made(simulator, "ReInitDisk", DiskId="d-off")
    made(simulator, "ApplyAutoSnapshotPolicy", autoSnapshotPolicyId="sp-1", diskIds='["d-1"]')


def test_snapshots(simulator: Simulator) -> None:
    first = made(simulator, "CreateSnapshot", DiskId="d-1", SnapshotName="before", Tag__1__Key="k")["SnapshotId"]
    made(simulator, "CreateSnapshot", DiskId="d-off")
    assert [each["Status"] for each in snapshots(simulator)] == ["accomplished"] * 2
    assert [each["SnapshotId"] for each in snapshots(simulator, InstanceId="i-1", DiskId="d-1")] == [first]
    old = {"Filter__2__Key": "CreationEndTime", "Filter__2__Value": "2020-01-01T00:00Z"}
    assert snapshots(simulator, **old) == []
    assert len(snapshots(simulator, Filter__1__Key="CreationStartTime", Filter__1__Value="2020-01-01T00:00Z")) == 2
    assert refused(simulator, "DescribeSnapshots", Filter__1__Key="Colour") == "InvalidParameter"
    made(simulator, "DeleteSnapshot", SnapshotId=first)
    assert refused(simulator, "DeleteSnapshot", SnapshotId=first) == "InvalidSnapshotId.NotFound"


def test_images(simulator: Simulator) -> None:
    image_id = made(simulator, "CreateImage", InstanceId="i-1", ImageName="golden")["ImageId"]
    (image,) = images(simulator, ImageId=image_id)
    assert image["Status"] == "Available"
    snapshot_id = image["DiskDeviceMappings"]["DiskDeviceMapping"][0]["SnapshotId"]
    assert [each["ImageId"] for each in images(simulator, SnapshotId=snapshot_id)] == [image_id]
    assert refused(simulator, "DeleteSnapshot", SnapshotId=snapshot_id) == "SnapshotCreatedImage"
    assert refused(simulator, "CreateImage", InstanceId="i-1", ImageName="golden") == "InvalidImageName.Duplicated"
    made(simulator, "ModifyImageSharePermission", ImageId=image_id, AddAccount__1="2000")
    assert refused(simulator, "DeleteImage", ImageId=image_id) == "ImageIsShared"
    shown = made(simulator, "DescribeImageSharePermission", ImageId=image_id)
    assert shown["Accounts"]["Account"] == [{"AliyunId": "2000"}]
    made(simulator, "ModifyImageSharePermission", ImageId=image_id, RemoveAccount__1="2000")
    made(simulator, "ExportImage", ImageId=image_id, OSSBucket="images")
    copy_id = made(simulator, "CopyImage", ImageId=image_id, DestinationRegionId="cn-beijing")["ImageId"]
    assert images(simulator, RegionId="cn-beijing")[0]["ImageId"] == copy_id
    made(simulator, "DeleteImage", ImageId=image_id)
    assert images(simulator, ImageId=image_id) == []


def test_an_image_that_is_being_made_shows_only_to_who_asks_for_it(simulator: Simulator) -> None:
    simulator.reset(transition_seconds=3600)
    simulator.put_instances(1)
    image_id = made(simulator, "CreateImage", InstanceId="i-sim00001")["ImageId"]
    assert images(simulator, ImageId=image_id) == []
    assert images(simulator, ImageId=image_id, Status="Creating,Available")[0]["Status"] == "Creating"
    assert refused(simulator, "CopyImage", ImageId=image_id, DestinationRegionId="cn-x") == "IncorrectImageStatus"
    made(simulator, "CancelCopyImage", ImageId=image_id)


def test_instances_are_made(simulator: Simulator) -> None:
    simulator.reset(transition_seconds=0.05)
    simulator.put_instances([{"InstanceId": "i-sim00002"}])
    wanted = {"ImageId": "m-1", "InstanceType": "ecs.g7.large", "Amount": 2, "Tag__1__Key": "new"}
    ids = made(simulator, "RunInstances", **wanted)["InstanceIdSets"]["InstanceIdSet"]
    assert ids == ["i-sim00003", "i-sim00004"]
    assert {states(simulator)[each] for each in ids} <= {"Pending", "Starting"}
    assert eventually(lambda: {states(simulator)[each] for each in ids} == {"Running"})
    assert refused(simulator, "RunInstances", ImageId="m-1") == "MissingParameter"
    assert refused(simulator, "RunInstances", **{**wanted, "Amount": 101}) == "InvalidParameter"


@pytest.mark.parametrize(
    ("fields", "force", "code"),
    [
        ({}, "false", "IncorrectInstanceStatus"),
        ({}, "true", ""),
        ({"Status": "Stopped"}, "false", ""),
        ({"Status": "Stopped", "DeletionProtection": True}, "true", "InvalidOperation.DeletionProtection"),
        ({"Status": "Stopped", "InstanceChargeType": "PrePaid"}, "true", "ChargeTypeViolation"),
    ],
)
@pytest.mark.parametrize("action", ["DeleteInstance", "DeleteInstances"])
def test_instances_are_released(
    simulator: Simulator, action: str, fields: dict[str, Any], force: str, code: str
) -> None:
    simulator.put_instances([{"InstanceId": "i-1", **fields}])
    named = {"InstanceId": "i-1"} if action == "DeleteInstance" else {"InstanceId__1": "i-1"}
    if code:
        assert refused(simulator, action, Force=force, **named) == code
        assert states(simulator)
    else:
        made(simulator, action, Force=force, **named)
        assert not states(simulator)
        assert refused(simulator, action, **named) == "InvalidInstanceId.NotFound"


def test_changes_show(simulator: Simulator) -> None:
    made(simulator, "ModifyInstanceAttribute", InstanceId="i-1", InstanceName="web", DeletionProtection="True")
    made(simulator, "ModifyInstanceChargeType", InstanceIds='["i-1"]', InstanceChargeType="PrePaid")
    made(simulator, "ModifyInstanceNetworkSpec", InstanceId="i-1", InternetMaxBandwidthOut=5, NetworkChargeType="X")
    made(simulator, "AttachKeyPair", InstanceIds='["i-1"]', KeyPairName="key")
    made(simulator, "JoinSecurityGroup", InstanceId="i-1", SecurityGroupId="sg-2")
    made(simulator, "LeaveSecurityGroup", InstanceId="i-1", SecurityGroupId="sg-sim00001")
    made(simulator, "RenewInstance", InstanceId="i-1", Period=1)
    record = simulator.instances()[0]
    assert (record["InstanceName"], record["DeletionProtection"], record["KeyPairName"]) == ("web", True, "key")
    assert (record["InstanceChargeType"], record["InternetMaxBandwidthOut"]) == ("PrePaid", 5)
    assert record["SecurityGroupIds"] == {"SecurityGroupId": ["sg-2"]}


def test_changes_that_need_a_stopped_instance(simulator: Simulator) -> None:
    for action, fields in (
        ("ModifyInstanceSpec", {"InstanceType": "ecs.g7.xlarge"}),
        ("ModifyInstanceVpcAttribute", {"VSwitchId": "vsw-2"}),
    ):
        assert refused(simulator, action, InstanceId="i-1", **fields) == "IncorrectInstanceStatus"
        made(simulator, action, InstanceId="i-off", **fields)
    record = simulator.instances()[1]
    assert (record["Cpu"], record["VpcAttributes"]["VSwitchId"]) == (4, "vsw-2")


@pytest.mark.parametrize(
    ("action", "fields", "code"),
    [
        ("ModifyInstanceChargeType", {"InstanceIds": '["i-1"]', "InstanceChargeType": "PostPaid"}, "OperationDenied"),
        ("ModifyInstanceChargeType", {"InstanceIds": '["i-1"]', "InstanceChargeType": "Free"}, "InvalidParameter"),
        ("ModifyInstanceMaintenanceAttributes", {}, "MissingParameter"),
        ("RenewInstance", {"InstanceId": "i-1", "Period": 1}, "ChargeTypeViolation"),
        (
            "JoinSecurityGroup",
            {"InstanceId": "i-1", "SecurityGroupId": "sg-sim00001"},
            "InvalidInstanceId.AlreadyExists",
        ),
        ("LeaveSecurityGroup", {"InstanceId": "i-1", "SecurityGroupId": "sg-sim00001"}, "InstanceLastSecurityGroup"),
        ("TagResources", {"ResourceType": "instance", "ResourceId.1": "i-1"}, "MissingParameter"),
        ("TagResources", {"ResourceType": "moon", "Tag.1.Key": "a"}, "InvalidParameter"),
        ("TagResources", {"ResourceType": "instance", "Tag.1.Key": "a"}, "MissingParameter"),
        (
            "TagResources",
            {"ResourceType": "instance", "Tag.1.Key": "a", "ResourceId.1": "i-2"},
            "InvalidResourceId.NotFound",
        ),
        ("DescribeDisks", {"Colour": "red"}, "InvalidParameter"),
        ("ReleasePublicIpAddress", {"PublicIpAddress": "203.0.113.9"}, "InvalidIpAddress.NotFound"),
        ("DescribeAvailableResource", {"DestinationResource": "Zone"}, "InvalidParameter"),
        (
            "DetachNetworkInterface",
            {"NetworkInterfaceId": "eni-1", "InstanceId": "i-1"},
            "InvalidOperation.DetachPrimaryEniNotAllowed",
        ),
    ],
)
def test_refusals(simulator: Simulator, action: str, fields: dict[str, Any], code: str) -> None:
    assert refused(simulator, action, **fields) == code


def test_roles_of_instances(simulator: Simulator) -> None:
    made(simulator, "AttachInstanceRamRole", InstanceIds='["i-1"]', RamRoleName="Ops")
    shown = made(simulator, "DescribeInstanceRamRole", InstanceIds='["i-1"]', RamRoleName="Ops")
    assert shown["InstanceRamRoleSets"]["InstanceRamRoleSet"] == [{"InstanceId": "i-1", "RamRoleName": "Ops"}]
    made(simulator, "DetachInstanceRamRole", InstanceIds='["i-1"]', RamRoleName="Ops")
    assert made(simulator, "DescribeInstanceRamRole")["TotalCount"] == 0


@pytest.mark.parametrize(
    ("kind", "resource_id"),
    [("instance", "i-1"), ("Disk", "d-1"), ("eni", "eni-1"), ("securitygroup", "sg-sim00001")],
)
def test_tags(simulator: Simulator, kind: str, resource_id: str) -> None:
    named = {"ResourceType": kind, "ResourceId__1": resource_id}
    made(simulator, "TagResources", **named, Tag__1__Key="env", Tag__1__Value="prod", Tag__2__Key="old")
    made(simulator, "TagResources", **named, Tag__1__Key="env", Tag__1__Value="test")
    made(simulator, "UntagResources", **named, TagKey__1="old")
    tags = made(simulator, "ListTagResources", **named)["TagResources"]["TagResource"]
    assert [(each["TagKey"], each["TagValue"]) for each in tags] == [("env", "test")]
    made(simulator, "UntagResources", **named, All="true")
    assert made(simulator, "ListTagResources", **named)["TagResources"]["TagResource"] == []


def test_network_interfaces(simulator: Simulator) -> None:
    (primary,) = interfaces(simulator, InstanceId="i-1")
    assert (primary["Type"], primary["Status"]) == ("Primary", "InUse")
    eni = made(simulator, "CreateNetworkInterface", VSwitchId="vsw-1", SecurityGroupIds__1="sg-1")["NetworkInterfaceId"]
    made(simulator, "AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId="i-1")
    assert interfaces(simulator, InstanceId="i-1", Type="Secondary")[0]["Status"] == "InUse"
    made(simulator, "DetachNetworkInterface", NetworkInterfaceId=eni, InstanceId="i-1")
    made(simulator, "DeleteNetworkInterface", NetworkInterfaceId=eni)
    assert interfaces(simulator, NetworkInterfaceId__1=eni) == []


def test_elastic_addresses(simulator: Simulator) -> None:
    eip = made(simulator, "AllocateEipAddress", Bandwidth=10)["AllocationId"]
    made(simulator, "AssociateEipAddress", AllocationId=eip, InstanceId="i-1")
    assert simulator.instances()[0]["EipAddress"]["AllocationId"] == eip
    assert (
        addresses(simulator, AssociatedInstanceId="i-1", AssociatedInstanceType="EcsInstance")[0]["Status"] == "InUse"
    )
    assert refused(simulator, "ReleaseEipAddress", AllocationId=eip) == "IncorrectEipStatus"
    made(simulator, "UnassociateEipAddress", AllocationId=eip, InstanceId="i-1")
    assert simulator.instances()[0]["EipAddress"]["AllocationId"] == ""
    made(simulator, "AssociateEipAddress", AllocationId=eip, InstanceId="eni-1", InstanceType="NetworkInterface")
    made(simulator, "UnassociateEipAddress", AllocationId=eip)
    made(simulator, "ReleaseEipAddress", AllocationId=eip)
    assert addresses(simulator) == []


def test_public_addresses_are_released(simulator: Simulator) -> None:
    simulator.put_instances([{"InstanceId": "i-1", "PublicIpAddress": {"IpAddress": ["203.0.113.9"]}}])
    made(simulator, "ReleasePublicIpAddress", PublicIpAddress="203.0.113.9")
    assert simulator.instances()[0]["PublicIpAddress"] == {"IpAddress": []}


def test_rules_of_security_groups(simulator: Simulator) -> None:
    groups = listed(simulator, "DescribeSecurityGroups", "SecurityGroups", "SecurityGroup")
    assert [each["SecurityGroupId"] for each in groups] == ["sg-sim00001"]
    rule = {"SecurityGroupId": "sg-9", "IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
    made(simulator, "AuthorizeSecurityGroup", **rule)
    numbered = {f"Permissions__1__{name}": value for name, value in rule.items() if name != "SecurityGroupId"}
    made(simulator, "AuthorizeSecurityGroup", SecurityGroupId="sg-9", **{**numbered, "Permissions__1__Policy": "drop"})
    shown = made(simulator, "DescribeSecurityGroupAttribute", SecurityGroupId="sg-9", Direction="ingress")
    assert [each["Policy"] for each in shown["Permissions"]["Permission"]] == ["Accept", "drop"]
    made(simulator, "RevokeSecurityGroup", **rule, Policy="accept")
    shown = made(simulator, "DescribeSecurityGroupAttribute", SecurityGroupId="sg-9")
    assert [each["Policy"] for each in shown["Permissions"]["Permission"]] == ["drop"]


def test_what_is_offered(simulator: Simulator) -> None:
    assert made(simulator, "DescribeRegions")["Regions"]["Region"]
    assert made(simulator, "DescribeVSwitches", VSwitchId="vsw-1")["VSwitches"]["VSwitch"][0]["VSwitchId"] == "vsw-1"
    prices = made(simulator, "DescribeSpotPriceHistory", InstanceType="ecs.g7.large", NetworkType="vpc")["SpotPrices"]
    assert prices["SpotPriceType"][0]["SpotPrice"] < prices["SpotPriceType"][0]["OriginPrice"]
    zones = made(simulator, "DescribeAvailableResource", DestinationResource="InstanceType")["AvailableZones"]
    assert zones["AvailableZone"][0]["Status"] == "Available"


def test_pages(simulator: Simulator) -> None:
    simulator.put_instances(25)
    body = made(simulator, "DescribeDisks")
    assert (body["TotalCount"], len(body["Disks"]["Disk"])) == (25, 10)
    first = made(simulator, "DescribeDisks", MaxResults=20)
    rest = made(simulator, "DescribeDisks", MaxResults=20, NextToken=first["NextToken"])
    assert (len(first["Disks"]["Disk"]), len(rest["Disks"]["Disk"]), rest["NextToken"]) == (20, 5, "")
