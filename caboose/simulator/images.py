"""Images: made of instances, copied to other regions, shared and deleted."""

from collections.abc import Mapping
from typing import Any

from caboose.simulator.errors import CloudError
from caboose.simulator.handlers import Handler, minute_text, must_be, named, named_instance
from caboose.simulator.instances import Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.listing import Listing
from caboose.simulator.parameters import flag, new_tags, numbered_page, region, repeated, required
from caboose.simulator.resources import Resource, Resources
from caboose.simulator.storage import Storage

IMAGES = Listing(
    wrap=("Images", "Image"),
    ids=("ImageId", "commas"),
    equal={
        "RegionId": "RegionId",
        "ImageName": "ImageName",
        "ImageFamily": "ImageFamily",
        "ImageOwnerAlias": "ImageOwnerAlias",
        "Status": "Status",
        "OSType": "OSType",
    },
    listed={"SnapshotId": ("DiskDeviceMappings", "DiskDeviceMapping", "SnapshotId")},
)


class Images:
    """The custom images of a world."""

    def __init__(self, instances: Instances, storage: Storage, seconds: float) -> None:
        self._instances = instances
        self._storage = storage
        self._seconds = seconds
        self._shared: dict[str, list[str]] = {}
        self.images: Resources[Resource] = Resources()
        self.actions: dict[str, Handler] = {
            "DescribeImages": self._describe,
            "CreateImage": self._create,
            "CopyImage": self._copy,
            "CancelCopyImage": self._cancel_copy,
            "DeleteImage": self._delete,
            "ExportImage": self._export,
            "DescribeImageSharePermission": self._describe_shares,
            "ModifyImageSharePermission": self._modify_shares,
        }

    def _describe(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        # Without a Status only images that can be used are shown, also when an id asks for another one.
        return IMAGES.answer(self.images, {"Status": "Available", **parameters})

    def _create(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        region(parameters)
        instance = named_instance(self._instances, parameters)
        must_be(instance, "Running", "Stopped")
        name = parameters.get("ImageName", "")
        if name and any(each.record["ImageName"] == name for each in self.images):
            text = "The specified Image name has already been used."
            raise CloudError(400, "InvalidImageName.Duplicated", text)
        disks = [disk for disk in self._storage.disks if disk.record["InstanceId"] == instance.id]
        mappings = [
            {
                "Device": disk.record["Device"],
                "Type": disk.record["Type"],
                "Size": str(disk.record["Size"]),
                "SnapshotId": self._storage.snapshot(disk, {}, "image").id,
            }
            for disk in disks
        ]
        fields = {
            "RegionId": instance.record["RegionId"],
            "OSType": instance.record["OSType"],
            "ImageFamily": parameters.get("ImageFamily", ""),
            "DiskDeviceMappings": {"DiskDeviceMapping": mappings},
            "Tags": {"Tag": new_tags(parameters)},
        }
        return {"ImageId": self._add(parameters, name, fields).id}

    def _copy(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        image = self._image(parameters)
        must_be(image, "Available", code="IncorrectImageStatus")
        where = required(parameters, "DestinationRegionId")
        fields = {**image.record, "RegionId": where, "IsCopied": True, "Tags": {"Tag": new_tags(parameters)}}
        return {"ImageId": self._add(parameters, parameters.get("DestinationImageName", ""), fields).id}

    def _add(self, parameters: Mapping[str, str], name: str, fields: Mapping[str, Any]) -> Resource:
        position = self.images.next_position()
        image_id = f"m-new{position:05d}"
        record = {
            **_IMAGE,
            **fields,
            "ImageId": image_id,
            "ImageName": name or image_id,
            "Description": parameters.get("Description", ""),
            "CreationTime": minute_text().replace("Z", ":00Z"),
        }
        image = self.images.add(Resource(position, image_id, record))
        image.become("Creating", "Available", seconds=self._seconds)
        return image

    def _cancel_copy(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        image = self._image(parameters)
        must_be(image, "Creating", code="IncorrectImageStatus")
        self.images.remove(image.id)
        return {}

    def _delete(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        image = self._image(parameters)
        if self._shared.get(image.id) and not flag(parameters, "Force"):
            raise CloudError(403, "ImageIsShared", "The specified image is shared with other accounts.")
        self.images.remove(image.id)
        return {}

    def _export(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        where = region(parameters)
        must_be(self._image(parameters), "Available", code="IncorrectImageStatus")
        required(parameters, "OSSBucket")
        return {"RegionId": where, "TaskId": f"t-{self._image(parameters).id}"}

    def _describe_shares(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        image = self._image(parameters)
        page, paging = numbered_page(self._shared.get(image.id, []), parameters, 100)
        accounts = [{"AliyunId": each} for each in page]
        place = {"ImageId": image.id, "RegionId": image.record["RegionId"]}
        return {**paging, **place, "Accounts": {"Account": accounts}, "ShareGroups": {"ShareGroup": []}}

    def _modify_shares(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        image = self._image(parameters)
        gone = repeated(parameters, "RemoveAccount")
        accounts = [*self._shared.get(image.id, []), *repeated(parameters, "AddAccount")]
        self._shared[image.id] = [each for each in accounts if each not in gone]
        image.record["IsSelfShared"] = "True" if self._shared[image.id] else ""
        return {}

    def _image(self, parameters: Mapping[str, str]) -> Resource:
        return named(self.images, parameters, "ImageId", "InvalidImageId.NotFound")


_IMAGE: dict[str, Any] = {
    "Architecture": "x86_64",
    "ImageOwnerAlias": "self",
    "ImageVersion": "",
    "ImageFamily": "",
    "IsCopied": False,
    "IsSelfShared": "",
    "IsPublic": False,
    "Progress": "100%",
    "Size": 40,
    "Usage": "none",
    "ResourceGroupId": "",
}
