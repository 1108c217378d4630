"""What real templates need beside the usual, and what keeps some from running to the end here; by file name.

Only facts about them, no part of them: values for parameters whose meaning their names don't tell, what their machines
must be like, and what must be there before.
"""

from typing import Any

from tests.corpus.runs import Needs, Place, made
from tests.support.stack import Stack

SCRIPT = {"commandType": "RunShellScript", "commandContent": "echo hello"}
OFF = {"instanceId": "{off}"}
PREPAID = {"InstanceChargeType": "PrePaid"}
BOTH = ["{on}", "{also_on}"]
STOPPED = {"Status": "Stopped"}


def image(stack: Stack, place: Place) -> dict[str, Any]:
    """An image of the machine that runs."""
    return {"imageId": made(stack, place, "CreateImage", InstanceId=place.on)["ImageId"]}


def named_image(stack: Stack, place: Place) -> dict[str, Any]:
    """The same, to be found by its name."""
    name = f"image-of-{place.region}"
    made(stack, place, "CreateImage", InstanceId=place.on, ImageName=name)
    return {"imageName": name}


def snapshot(stack: Stack, place: Place) -> dict[str, Any]:
    """A snapshot of the running machine's disk."""
    return {"snapshotId": made(stack, place, "CreateSnapshot", DiskId=f"d-{place.number:03d}on")["SnapshotId"]}


def snapshots(stack: Stack, place: Place) -> dict[str, Any]:
    """Snapshots of a disk with a tag, and an image with one that is shared."""
    snapshot(stack, place)
    shared = {"ImageId": image(stack, place)["imageId"], "AddAccount.1": "2000000000000002"}
    made(stack, place, "ModifyImageSharePermission", **shared)
    tagged = {"ResourceType": "disk", "ResourceId.1": f"d-{place.number:03d}on"}
    made(stack, place, "TagResources", **tagged, **{"Tag.1.Key": "env", "Tag.1.Value": "prod"})
    return {}


def address(stack: Stack, place: Place) -> dict[str, Any]:
    """An elastic address of the machine that runs."""
    allocated = made(stack, place, "AllocateEipAddress")["AllocationId"]
    made(stack, place, "AssociateEipAddress", AllocationId=allocated, InstanceId=place.on)
    return {}


def interface(stack: Stack, place: Place) -> dict[str, Any]:
    """A second network interface, with an elastic address."""
    eni = made(stack, place, "CreateNetworkInterface", VSwitchId="vsw-sim00001")["NetworkInterfaceId"]
    made(stack, place, "AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=place.on)
    allocated = made(stack, place, "AllocateEipAddress")["AllocationId"]
    eip = {"AllocationId": allocated, "InstanceId": eni, "InstanceType": "NetworkInterface"}
    made(stack, place, "AssociateEipAddress", **eip)
    return {}


def role(stack: Stack, place: Place) -> dict[str, Any]:
    """A role of the machine that runs."""
    made(stack, place, "AttachInstanceRamRole", InstanceIds=f'["{place.on}"]', RamRoleName="MachineRole")
    return {"instanceRole": "MachineRole"}


def detachable_role(stack: Stack, place: Place) -> dict[str, Any]:
    """The same, to be taken away."""
    return {"RamRoleName": role(stack, place)["instanceRole"]}


def rule(stack: Stack, place: Place) -> dict[str, Any]:
    """A rule of the security group."""
    given = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
    made(stack, place, "AuthorizeSecurityGroup", SecurityGroupId=place.group, **given)
    return {"portRange": "22/22", "sourceCidrIp": "10.0.0.0/8"}


def tagged_group(stack: Stack, place: Place) -> dict[str, Any]:
    """A second security group, found by its tag."""
    group = {"SecurityGroupId": f"{place.group}b"}
    made(stack, place, "DescribeSecurityGroupAttribute", **group)
    tagged = {"ResourceType": "securitygroup", "ResourceId.1": group["SecurityGroupId"]}
    made(stack, place, "TagResources", **tagged, **{"Tag.1.Key": "env", "Tag.1.Value": "prod"})
    return {}


PRICES = {"realThreshold": 40, "spotPrice": 0.2, "originPrice": 0.5, "instanceType": "ecs.g7.large"}
BANDWIDTH = {
    "maxBandwidthIn": 10,
    "maxBandwidthOut": 10,
    "startTime": "2026-12-01T00:00Z",
    "endTime": "2026-12-02T00Z",
}

NEEDS: dict[str, Needs] = {
    "ACS--CN--UpgradeServiceInstanceStep.yml": Needs(SCRIPT),
    "ACS--CN--UpgradeServiceInstanceByRunCommand.yml": Needs(
        {"serviceInstanceId": "si-1"}, {"Status": "Running", "Tags": {"acs:computenest:serviceInstanceId": "si-1"}}
    ),
    "ACS--ECS--AlarmScalingThreshold.yml": Needs({"discountJsonInfo": PRICES, "taskType": "Discount"}),
    "ACS--ECS--AlarmSpotPriceByDiscountThreshold.yml": Needs({"discountJsonInfo": PRICES, "taskType": "Discount"}),
    "ACS--ECS--AlarmSpotPriceOrDiscountThresholdByScalingGroup.yml": Needs(
        {
            "taskType": "Discount",
            "vSwitchId": "vsw-1",
            "zoneIds": [{"vSwitchId": "vsw-1", "zoneId": "{region}-k"}],
            "scalingConfigurationId": "asc-1",
            "configurationInfos": [{"scalingConfigurationId": "asc-1", "instanceTypes": ["ecs.g7.large"]}],
        }
    ),
    "ACS--ECS--AlarmSpotPriceByDiscountThresholdWithMultiTypes.yml": Needs(
        {"instanceTypes": ["ecs.g7.large"], "taskType": "Discount"}
    ),
    "ACS--ECS--CopyLinuxInstanceFileFromOSS.yml": Needs(before=role),
    "ACS--ECS--DeleteImage.yml": Needs(before=image),
    "ACS-ECS-DeleteImage.yml": Needs(before=image),
    "ACS--ECS--DeleteImageByName.yml": Needs(before=named_image),
    "ACS--ECS--DeleteInstance.yml": Needs(OFF),
    "ACS--ECS--DeletePrepaidInstance.yml": Needs(machines=PREPAID),
    "ACS--ECS--DeleteCustomImagesLinkedToSnapshot.yml": Needs(before=snapshots),
    "ACS--ECS--DeleteSnapshotsExceptSharedFromOthers.yml": Needs(before=snapshots),
    "ACS--ECS--ModifySharedImageSharePermission.yml": Needs(before=snapshots),
    "ACS--ECS--DescribeInstancesByStatus.yml": Needs({"status": "Running"}),
    "ACS--ECS--DetachNetworkInterfaceAndDeleteEip.yml": Needs(before=interface),
    "ACS--ECS--InheritDiskTagToSnapshot.yml": Needs(before=snapshots),
    "ACS-ECS-InheritDiskTagToSnapshot.yml": Needs(before=snapshots),
    "ACS--ECS--ModifyInstanceChargeTypeSpecifiedInstanceTypeFamilies.yml": Needs(
        {"instanceTypeFamilies": ["ecs.g7"]}, PREPAID
    ),
    "ACS-ECS-BulkyModifyInstanceChargeTypeSpecifiedInstanceTypeFamilies.yml": Needs(
        {"instanceTypeFamilies": ["ecs.g7"]}, PREPAID
    ),
    "ACS--ECS--ModifyInstanceVpcAttribute.yml": Needs({"vSwitchId": "vsw-2"}),
    "ACS--ECS--ReleaseEipAddress.yml": Needs(before=address),
    "ACS--ECS--RunCommandForApplyPatchBaseline.yml": Needs(SCRIPT),
    "ACS--ECS--RunCommandForLongTime.yml": Needs(SCRIPT),
    "ACS--ECS--RunImageTemplateCommand.yml": Needs({"parameters": {**SCRIPT, "type": "RunCommand"}}),
    "ACS--ECS--RunInstancesFromTemplate.yml": Needs({"launchTemplateId": "lt-1"}),
    "ACS--ECS--UpdateCustomImageTagsByEcsInstanceTags.yml": Needs(before=snapshots),
    "ACS--ECS--UpdateSnapshotTagsByEcsInstanceTags.yml": Needs(before=snapshots),
    "ACS--ESS--RunCommandOnSpecifiedInstance.yml": Needs({"commandInstanceId": "{on}"}),
    "ACS--Notify--DingTalkWebhook.yml": Needs({"text": {"content": "hello"}}),
    "ACS-CN-PrePostUpgradeServiceInstance.yml": Needs(
        {"serviceInstanceId": "si-1"}, {"Tags": {"acs:computenest:serviceInstanceId": "si-1"}}
    ),
    "ACS-ECS-BulkyDeleteExpiredSnapshot.yml": Needs({"expiredDays": -1, "tags": []}, before=snapshots),
    "ACS-ECS-BulkyDetachInstanceRamRole.yml": Needs(before=detachable_role),
    "ACS-ECS-BulkyModifyPostPaidInstanceSpec.yml": Needs({"instanceType": "ecs.g7.xlarge"}),
    "ACS-ECS-BulkyReleasePublicIpAddress.yml": Needs({"publicIpAddress": ["{address}"]}),
    "ACS-ECS-BulkyRenewInstances.yml": Needs(machines=PREPAID),
    "ACS-ECS-BulkyResizeDisk.yml": Needs({"newSize": 100}),
    "ACS-ECS-BulkyUpgradeInternetBandwidth.yml": Needs(BANDWIDTH),
    "ACS-ECS-BulkyUpgradeInternetBandwidthByInstanceIds.yml": Needs(BANDWIDTH),
    "ACS-ECS-CloneInstancesAcrossRegion.yml": Needs(
        {"instanceIds": BOTH, "targetRegionId": "{region}b", "targetInstanceType": "ecs.g7.large"}
    ),
    "ACS-ECS-CorrectSecurityGroupInstancesByTags.yml": Needs(before=tagged_group),
    "ACS-ECS-JoinSecurityGroupToMultipleInstance.yml": Needs({"securityGroupId": "{group}b"}),
    "ACS-ECS-RestoreDataWithSnapshot.yml": Needs(before=snapshot),
    "ACS-ECS-RevokeSecurityGroupRules.yml": Needs({"policy": "Accept", "direction": "ingress"}, before=rule),
    "ACS-ECS-RunInstancesWithApproval.yml": Needs(),
    "ACS-ECS-BulkyDeletePrepaidInstanceByInstanceIds.yml": Needs(machines={**PREPAID, **STOPPED}),
    "ACS-ECS-DeleteInstancesWithApprovalByInstanceIds.yml": Needs(machines=STOPPED),
    "ACS-ECS-StartInstancesByInstanceIds.yml": Needs(machines=STOPPED),
    "ACS-ECS-StartInstancesByTag.yml": Needs(machines=STOPPED),
    "compute-nest-best-practice__opensource__stablediffusion__oos__ECS-BulkyStartInstances.yml": Needs(
        machines=STOPPED
    ),
    "compute-nest-best-practice__opensource__kubernetes__oos__GetClusterPublicAddressCredential.yml": Needs(
        machines={"InstanceName": "si-1-master-001", "Tags": {"acs:computenest:serviceInstanceId": "si-1"}}
    ),
    "sdk-example-ACS-ECS-CreateImage.yml": Needs({"imageName": "sdk-{region}"}),
    "ACS--ECS--CreateImage.yml": Needs({"imageName": "product-{region}"}),
}
