"""Disks and snapshots. Each instance has a system disk, whose id is the instance's with another first letter."""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import CloudError
from caboose.simulator.handlers import Handler, minute_text, must_be, named, named_instance
from caboose.simulator.instances import DEFAULT_REGION, Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.listing import Listing
from caboose.simulator.parameters import flag, new_tags, region, required
from caboose.simulator.resources import Resource, Resources

DISKS = Listing(
    wrap=("Disks", "Disk"),
    ids=("DiskIds", "json"),
    equal={
        "RegionId": "RegionId",
        "InstanceId": "InstanceId",
        "Status": "Status",
        "DiskType": "Type",
        "Category": "Category",
        "DiskName": "DiskName",
        "SnapshotId": "SourceSnapshotId",
        "ZoneId": "ZoneId",
    },
)
SNAPSHOTS = Listing(
    wrap=("Snapshots", "Snapshot"),
    ids=("SnapshotIds", "json"),
    equal={
        "RegionId": "RegionId",
        "DiskId": "SourceDiskId",
        "InstanceId": "InstanceId",
        "SnapshotName": "SnapshotName",
        "Status": "Status",
        "Usage": "Usage",
    },
    created="CreationTime",
)


class Storage:
    """The disks and snapshots of a world."""

    def __init__(self, instances: Instances, seconds: float) -> None:
        self._instances = instances
        self._seconds = seconds
        self._known: set[str] = set()
        self._disks: Resources[Resource] = Resources()
        self.snapshots: Resources[Resource] = Resources()
        self.actions: dict[str, Handler] = {
            "DescribeDisks": lambda parameters, _: DISKS.answer(self.disks, parameters),
            "CreateDisk": self._create_disk,
            "AttachDisk": self._attach,
            "DetachDisk": self._detach,
            "DeleteDisk": self._delete_disk,
            "ResizeDisk": self._resize,
            "ReInitDisk": self._reinit,
            "ResetDisk": self._reinit,
            "ModifyDiskAttribute": self._modify_disk,
            "ApplyAutoSnapshotPolicy": self._nothing,
            "CancelAutoSnapshotPolicy": self._nothing,
            "DescribeSnapshots": lambda parameters, _: SNAPSHOTS.answer(self.snapshots, parameters),
            "CreateSnapshot": self._create_snapshot,
            "DeleteSnapshot": self._delete_snapshot,
        }

    @property
    def disks(self) -> Resources[Resource]:
        """All disks; those of instances that were made or released meanwhile are settled first."""
        gone = self._known - {instance.id for instance in self._instances}
        for disk in list(self._disks):
            if disk.record["InstanceId"] in gone:
                self._let_go(disk)
        for instance in self._instances:
            if instance.id not in self._known:
                self._known.add(instance.id)
                self._add_disk(f"d-{instance.id.removeprefix('i-')}", _system_disk(instance))
        return self._disks

    def _let_go(self, disk: Resource) -> None:
        """The disk's instance is released."""
        if disk.record["DeleteWithInstance"]:
            self._disks.remove(disk.id)
        else:
            disk.record.update(_attachment("", ""))
            disk.become("Available")

    def _add_disk(self, disk_id: str, fields: Mapping[str, Any]) -> Resource:
        record = {**_DISK, "DiskId": disk_id, "CreationTime": minute_text(), "Tags": {"Tag": []}, **fields}
        return self._disks.add(Resource(self._disks.next_position(), disk_id, record))

    def _create_disk(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        fields = {
            "RegionId": region(parameters),
            "ZoneId": required(parameters, "ZoneId"),
            "DiskName": parameters.get("DiskName", ""),
            "Category": parameters.get("DiskCategory", "cloud_essd"),
            "Size": int(parameters.get("Size", "40")),
            "SourceSnapshotId": parameters.get("SnapshotId", ""),
            "Tags": {"Tag": new_tags(parameters)},
        }
        disk = self._add_disk(f"d-new{len(self.disks) + 1:05d}", fields)
        disk.become("Creating", "Available", seconds=self._seconds)
        return {"DiskId": disk.id}

    def _disk(self, parameters: Mapping[str, str]) -> Resource:
        return named(self.disks, parameters, "DiskId", "InvalidDiskId.NotFound")

    def _attach(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance, disk = named_instance(self._instances, parameters), self._disk(parameters)
        must_be(instance, "Running", "Stopped")
        must_be(disk, "Available", code="IncorrectDiskStatus")
        disk.record.update(_attachment(instance.id, "/dev/xvdb"))
        disk.become("Attaching", "In_use", seconds=self._seconds)
        return {}

    def _detach(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance, disk = named_instance(self._instances, parameters), self._disk(parameters)
        must_be(disk, "In_use", code="IncorrectDiskStatus")
        if disk.record["InstanceId"] != instance.id:
            raise CloudError(403, "DependencyViolation", "The specified disk has not been attached on the instance.")
        disk.record.update(_attachment("", ""))
        disk.become("Detaching", "Available", seconds=self._seconds)
        return {}

    def _delete_disk(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        disk = self._disk(parameters)
        must_be(disk, "Available", code="IncorrectDiskStatus")
        self._disks.remove(disk.id)
        return {}

    def _resize(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        disk, size = self._disk(parameters), int(required(parameters, "NewSize"))
        if size <= disk.record["Size"]:
            raise CloudError(403, "InvalidDiskSize.TooSmall", "Specified new disk size is less than the original size.")
        disk.record["Size"] = size
        return {}

    def _reinit(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        disk = self._disk(parameters)
        must_be(disk, "In_use", code="IncorrectDiskStatus")
        must_be(named_instance(self._instances, disk.record), "Stopped")
        disk.become("ReIniting", "In_use", seconds=self._seconds)
        return {}

    def _modify_disk(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        record = self._disk(parameters).record
        record.update({name: parameters[name] for name in ("DiskName", "Description") if name in parameters})
        if "DeleteWithInstance" in parameters:
            record["DeleteWithInstance"] = flag(parameters, "DeleteWithInstance")
        return {}

    def _create_snapshot(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        return {"SnapshotId": self.snapshot(self._disk(parameters), parameters).id}

    def snapshot(self, disk: Resource, parameters: Mapping[str, str], usage: str = "none") -> Resource:
        """A new snapshot of a disk, which is complete after a while."""
        must_be(disk, "In_use", "Available", code="IncorrectDiskStatus")
        position = self.snapshots.next_position()
        record = {
            "SnapshotId": f"s-sim{position:05d}",
            "SnapshotName": parameters.get("SnapshotName", ""),
            "Description": parameters.get("Description", ""),
            "RegionId": disk.record["RegionId"],
            "SourceDiskId": disk.id,
            "SourceDiskSize": str(disk.record["Size"]),
            "SourceDiskType": disk.record["Type"],
            "InstanceId": disk.record["InstanceId"],
            "CreationTime": minute_text().replace("Z", ":00Z"),
            "Progress": "100%",
            "RetentionDays": int(parameters.get("RetentionDays", "0")),
            "Usage": usage,
            "Category": "standard",
            "SnapshotType": "user",
            "Encrypted": False,
            "Tags": {"Tag": new_tags(parameters) if usage == "none" else []},
        }
        made = self.snapshots.add(Resource(position, str(record["SnapshotId"]), record))
        made.become("progressing", "accomplished", seconds=self._seconds)
        return made

    def _delete_snapshot(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        snapshot = named(self.snapshots, parameters, "SnapshotId", "InvalidSnapshotId.NotFound")
        if snapshot.record["Usage"].startswith("image") and not flag(parameters, "Force"):
            raise CloudError(403, "SnapshotCreatedImage", "The specified snapshot is used to create an image.")
        self.snapshots.remove(snapshot.id)
        return {}

    @staticmethod
    def _nothing(_parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        return {}


def _attachment(instance_id: str, device: str) -> dict[str, Any]:
    attached = [{"InstanceId": instance_id, "Device": device}] if instance_id else []
    return {"InstanceId": instance_id, "Device": device, "Attachments": {"Attachment": attached}}


def _system_disk(instance: Instance) -> dict[str, Any]:
    record = instance.record
    place = {"RegionId": record["RegionId"], "ZoneId": record["ZoneId"], "ImageId": record["ImageId"]}
    kind = {"Type": "system", "Status": "In_use", "DeleteWithInstance": True, "Portable": False}
    return {**place, **kind, **_attachment(instance.id, "/dev/xvda")}


_DISK: dict[str, Any] = {
    "RegionId": DEFAULT_REGION,
    "ZoneId": f"{DEFAULT_REGION}-k",
    "DiskName": "",
    "Description": "",
    "Type": "data",
    "Category": "cloud_essd",
    "PerformanceLevel": "PL0",
    "Size": 40,
    "Status": "Available",
    "DeleteWithInstance": False,
    "DeleteAutoSnapshot": False,
    "EnableAutoSnapshot": True,
    "Portable": True,
    "Encrypted": False,
    "DiskChargeType": "PostPaid",
    "SourceSnapshotId": "",
    "ImageId": "",
    "InstanceId": "",
    "Device": "",
    "Attachments": {"Attachment": []},
    "OperationLocks": {"OperationLock": []},
    "MultiAttach": "Disabled",
    "ResourceGroupId": "",
}
