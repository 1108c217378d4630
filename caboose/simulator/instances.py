"""The instances: their records in the cloud's shape, and what tests and calls make of them."""

import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from caboose.simulator.resources import Clock, Resource, Resources

STATES = ("Pending", "Starting", "Running", "Stopping", "Stopped")
DEFAULT_REGION = "cn-hangzhou"


class Instance(Resource):
    """One instance, and how often it was started, stopped and restarted."""

    def __init__(self, position: int, record: dict[str, Any], clock: Clock) -> None:
        super().__init__(position, str(record["InstanceId"]), record, clock)
        self.counts = {"Starts": 0, "Stops": 0, "Reboots": 0}

    def change(self, through: str, to: str, seconds: float, stopped_mode: str = "Not-applicable") -> None:
        """Be ``through`` now and ``to`` after some seconds."""
        self.become(through, to, seconds=seconds)
        self._record["StoppedMode"] = stopped_mode

    def _retag(self, tags: Mapping[str, str]) -> None:
        super()._retag(tags)
        if not tags:
            del self._record["Tags"]  # an instance without tags has no such key


class Instances(Resources[Instance]):
    """All instances, in the order they were put or made."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__()
        self._clock = clock

    def replace(self, wanted: Any) -> int:
        """Make these the instances: a list of objects, or ``{"count": N, ...fields of each}``.

        Raises:
            ValueError: when an object has no InstanceId, one that another has, or an unknown Status.
        """
        made: dict[str, Instance] = {}
        for position, fields in enumerate(_wanted(wanted), start=1):
            record = _record(position, fields)
            if record["InstanceId"] in made:
                raise ValueError(f"InstanceId {record['InstanceId']} is there twice")
            made[record["InstanceId"]] = Instance(position, record, self._clock)
        self._all, self._last = made, len(made)
        return len(made)

    def create(self, fields: Mapping[str, Any]) -> Instance:
        """A new instance with an id of its own."""
        position = self.next_position()
        while self.get(f"i-sim{position:05d}"):  # a test may have put one of that name
            position = self.next_position()
        instance_id = f"i-sim{position:05d}"
        record = _record(position, {"InstanceId": instance_id, "InstanceName": instance_id, **fields})
        return self.add(Instance(position, record, self._clock))


def _wanted(wanted: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(wanted, dict) and isinstance(wanted.get("count"), int):
        fields = {name: value for name, value in wanted.items() if name != "count"}
        return [
            {"InstanceId": f"i-sim{number:05d}", "InstanceName": f"web-{number:05d}", **fields}
            for number in range(1, wanted["count"] + 1)
        ]
    if not isinstance(wanted, list) or not all(isinstance(fields, dict) for fields in wanted):
        raise ValueError('instances are a list of objects, or {"count": N}')
    return wanted


def _record(position: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    instance_id = fields.get("InstanceId")
    if not isinstance(instance_id, str) or not instance_id:
        raise ValueError(f"instance number {position} has no InstanceId")
    region = fields.get("RegionId", DEFAULT_REGION)
    address = f"10.{position >> 16 & 255}.{position >> 8 & 255}.{position & 255}"
    record = {
        **deepcopy(_DEFAULTS),
        "InstanceName": instance_id,
        "HostName": instance_id,
        "RegionId": region,
        "ZoneId": f"{region}-k",
        "SerialNumber": f"00000000-0000-4000-8000-{position:012d}",
        **{name: value for name, value in deepcopy(dict(fields)).items() if name != "Tags"},
    }
    if "VpcAttributes" not in fields:
        record["VpcAttributes"] = {**_VPC, "PrivateIpAddress": {"IpAddress": [address]}}
    if record["Status"] not in STATES:
        raise ValueError(f"{instance_id}: Status is one of {', '.join(STATES)}, not {record['Status']!r}")
    if record["Status"] == "Stopped" and "StoppedMode" not in fields:
        record["StoppedMode"] = "KeepCharging"
    if tags := _tags(fields.get("Tags")):
        record["Tags"] = {"Tag": tags}  # an instance without tags has no such key
    return record


def _tags(tags: Any) -> list[dict[str, str]]:
    """Tags in the cloud's shape, from that shape, its inner list, or a plain map."""
    if isinstance(tags, dict) and isinstance(tags.get("Tag"), list):
        tags = tags["Tag"]
    if isinstance(tags, dict):
        return [{"TagKey": str(key), "TagValue": str(value)} for key, value in tags.items()]
    return [
        {
            "TagKey": str(tag.get("TagKey", tag.get("Key", ""))),
            "TagValue": str(tag.get("TagValue", tag.get("Value", ""))),
        }
        for tag in tags or []
    ]


_VPC = {"VpcId": "vpc-sim00001", "VSwitchId": "vsw-sim00001", "NatIpAddress": ""}
_DEFAULTS: dict[str, Any] = {
    "Status": "Running",
    "StoppedMode": "Not-applicable",
    "InstanceType": "ecs.g7.large",
    "InstanceTypeFamily": "ecs.g7",
    "Cpu": 2,
    "Memory": 8192,
    "OSType": "linux",
    "OSName": "Alibaba Cloud Linux  3.2104 LTS 64位",
    "OSNameEn": "Alibaba Cloud Linux  3.2104 LTS 64 bit",
    "ImageId": "m-sim00001",
    "InstanceChargeType": "PostPaid",
    "InternetChargeType": "PayByTraffic",
    "InternetMaxBandwidthIn": -1,
    "InternetMaxBandwidthOut": 0,
    "InstanceNetworkType": "vpc",
    "PublicIpAddress": {"IpAddress": []},
    "InnerIpAddress": {"IpAddress": []},
    "EipAddress": {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""},
    "SecurityGroupIds": {"SecurityGroupId": ["sg-sim00001"]},
    "NetworkInterfaces": {"NetworkInterface": []},
    "OperationLocks": {"LockReason": []},
    "CreationTime": "2024-04-14T22:32Z",
    "StartTime": "2024-04-14T22:32Z",
    "ExpiredTime": "2099-12-31T15:59Z",
    "AutoReleaseTime": "",
    "DeletionProtection": False,
    "IoOptimized": True,
    "DeviceAvailable": True,
    "Recyclable": False,
    "SpotStrategy": "NoSpot",
    "SpotPriceLimit": 0.0,
    "SaleCycle": "",
    "Description": "",
    "ResourceGroupId": "",
    "KeyPairName": "",
    "DeploymentSetId": "",
    "ClusterId": "",
    "VlanId": "",
    "GPUAmount": 0,
    "GPUSpec": "",
    "CreditSpecification": "",
    "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2, "Numa": "ON"},
    "MetadataOptions": {"HttpEndpoint": "", "HttpTokens": ""},
    "HibernationOptions": {"Configured": False},
    "ImageOptions": {},
    "PrivateDnsNameOptions": {},
    "DedicatedHostAttribute": {"DedicatedHostId": "", "DedicatedHostName": "", "DedicatedHostClusterId": ""},
    "DedicatedInstanceAttribute": {"Tenancy": "", "Affinity": ""},
    "EcsCapacityReservationAttr": {"CapacityReservationId": "", "CapacityReservationPreference": ""},
}
