"""Network interfaces, elastic IP addresses and security groups. Each instance has a primary network interface."""

from collections.abc import Iterator, Mapping
from typing import Any

from caboose.simulator.errors import CloudError
from caboose.simulator.handlers import Handler, minute_text, must_be, named, named_instance
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.keys import AccessKey
from caboose.simulator.listing import Listing
from caboose.simulator.parameters import new_tags, region, repeated, required
from caboose.simulator.resources import Resource, Resources

INTERFACES = Listing(
    wrap=("NetworkInterfaceSets", "NetworkInterfaceSet"),
    ids=("NetworkInterfaceId", "repeated"),
    equal={
        "RegionId": "RegionId",
        "InstanceId": "InstanceId",
        "Status": "Status",
        "Type": "Type",
        "VSwitchId": "VSwitchId",
        "NetworkInterfaceName": "NetworkInterfaceName",
    },
)
ADDRESSES = Listing(
    wrap=("EipAddresses", "EipAddress"),
    ids=("AllocationId", "commas"),
    equal={
        "RegionId": "RegionId",
        "Status": "Status",
        "EipAddress": "IpAddress",
        "AssociatedInstanceId": "InstanceId",
        "AssociatedInstanceType": "InstanceType",
    },
)
GROUPS = Listing(
    wrap=("SecurityGroups", "SecurityGroup"),
    ids=("SecurityGroupIds", "json"),
    equal={"RegionId": "RegionId", "SecurityGroupId": "SecurityGroupId", "SecurityGroupName": "SecurityGroupName"},
)
RULE = ("IpProtocol", "PortRange", "SourceCidrIp", "DestCidrIp", "Policy", "Priority", "NicType", "Description")


class Network:
    """What connects the instances of a world."""

    def __init__(self, instances: Instances, seconds: float) -> None:
        self._instances = instances
        self._seconds = seconds
        self._interfaces: Resources[Resource] = Resources()
        self._addresses: Resources[Resource] = Resources()
        self._groups: Resources[Resource] = Resources()
        self._rules: dict[str, list[dict[str, str]]] = {}
        self.actions: dict[str, Handler] = {
            "DescribeNetworkInterfaces": lambda parameters, _: INTERFACES.answer(self.interfaces, parameters),
            "CreateNetworkInterface": self._create_interface,
            "AttachNetworkInterface": self._attach_interface,
            "DetachNetworkInterface": self._detach_interface,
            "DeleteNetworkInterface": self._delete_interface,
            "DescribeEipAddresses": lambda parameters, _: ADDRESSES.answer(self._addresses, parameters),
            "AllocateEipAddress": self._allocate,
            "AssociateEipAddress": self._associate,
            "UnassociateEipAddress": self._unassociate,
            "ReleaseEipAddress": self._release,
            "ReleasePublicIpAddress": self._release_public,
            "DescribeSecurityGroups": lambda parameters, _: GROUPS.answer(self.groups, parameters),
            "DescribeSecurityGroupAttribute": self._describe_group,
            "AuthorizeSecurityGroup": self._authorize,
            "RevokeSecurityGroup": self._revoke,
        }

    @property
    def interfaces(self) -> Resources[Resource]:
        """All network interfaces, the primary ones of all instances among them."""
        for instance in self._instances:
            if self._interfaces.get(_interface_id(instance)) is None:
                vpc = instance.record["VpcAttributes"]
                record = {"VpcId": vpc["VpcId"], "VSwitchId": vpc["VSwitchId"], "RegionId": instance.record["RegionId"]}
                primary = {"InstanceId": instance.id, "Type": "Primary", "Status": "InUse"}
                self._add_interface(_interface_id(instance), {**record, **primary})
        return self._interfaces

    @property
    def groups(self) -> Resources[Resource]:
        """All security groups: those that an instance is in, or that were asked for by name."""
        for instance in self._instances:
            for group_id in instance.record["SecurityGroupIds"]["SecurityGroupId"]:
                self._group(group_id, str(instance.record["RegionId"]))
        return self._groups

    def _group(self, group_id: str, region_id: str) -> Resource:
        known = self._groups.get(group_id)
        if known is not None:
            return known
        record = {
            "SecurityGroupId": group_id,
            "SecurityGroupName": group_id,
            "RegionId": region_id,
            "VpcId": "vpc-sim00001",
            "SecurityGroupType": "normal",
            "Description": "",
            "Tags": {"Tag": []},
        }
        return self._groups.add(Resource(self._groups.next_position(), group_id, record))

    def _add_interface(self, interface_id: str, fields: Mapping[str, Any]) -> Resource:
        position = self._interfaces.next_position()
        address = f"10.1.{position >> 8 & 255}.{position & 255}"
        record = {
            "NetworkInterfaceId": interface_id,
            "NetworkInterfaceName": "",
            "Type": "Secondary",
            "InstanceId": "",
            "PrivateIpAddress": address,
            "MacAddress": f"00:16:3e:00:{position >> 8 & 255:02x}:{position & 255:02x}",
            "PrivateIpSets": {"PrivateIpSet": [{"PrivateIpAddress": address, "Primary": True}]},
            "Ipv6Sets": {"Ipv6Set": []},
            "CreationTime": minute_text(),
            "Tags": {"Tag": []},
            **fields,
        }
        return self._interfaces.add(Resource(position, interface_id, record))

    def _create_interface(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        fields = {
            "RegionId": region(parameters),
            "VSwitchId": required(parameters, "VSwitchId"),
            "VpcId": "vpc-sim00001",
            "SecurityGroupIds": {"SecurityGroupId": repeated(parameters, "SecurityGroupIds")},
            "Tags": {"Tag": new_tags(parameters)},
        }
        made = self._add_interface(f"eni-new{len(self.interfaces) + 1:05d}", fields)
        made.become("Creating", "Available", seconds=self._seconds)
        return {**made.record}

    def _interface(self, parameters: Mapping[str, str]) -> Resource:
        return named(self.interfaces, parameters, "NetworkInterfaceId", "InvalidEniId.NotFound")

    def _attach_interface(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        instance, interface = named_instance(self._instances, parameters), self._interface(parameters)
        must_be(instance, "Running", "Stopped")
        must_be(interface, "Available", code="InvalidOperation.InvalidEniState")
        interface.record["InstanceId"] = instance.id
        interface.become("Attaching", "InUse", seconds=self._seconds)
        return {"NetworkInterfaceId": interface.id}

    def _detach_interface(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        interface = self._interface(parameters)
        if interface.record["Type"] == "Primary":
            text = "The primary network interface can't be detached."
            raise CloudError(403, "InvalidOperation.DetachPrimaryEniNotAllowed", text)
        must_be(interface, "InUse", code="InvalidOperation.InvalidEniState")
        interface.record["InstanceId"] = ""
        interface.become("Detaching", "Available", seconds=self._seconds)
        return {}

    def _delete_interface(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        interface = self._interface(parameters)
        must_be(interface, "Available", code="InvalidOperation.InvalidEniState")
        self._interfaces.remove(interface.id)
        return {}

    def _allocate(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        position = self._addresses.next_position()
        record = {
            "AllocationId": f"eip-sim{position:05d}",
            "IpAddress": f"203.0.113.{position & 255}",
            "RegionId": region(parameters),
            "Bandwidth": parameters.get("Bandwidth", "5"),
            "InternetChargeType": parameters.get("InternetChargeType", "PayByBandwidth"),
            "InstanceId": "",
            "InstanceType": "",
            "Status": "Available",
            "AllocationTime": minute_text(),
        }
        self._addresses.add(Resource(position, str(record["AllocationId"]), record))
        return {"AllocationId": record["AllocationId"], "EipAddress": record["IpAddress"]}

    def _address(self, parameters: Mapping[str, str]) -> Resource:
        return named(self._addresses, parameters, "AllocationId", "InvalidAllocationId.NotFound")

    def _associate(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        address, to = self._address(parameters), required(parameters, "InstanceId")
        must_be(address, "Available", code="IncorrectEipStatus")
        kind = parameters.get("InstanceType", "EcsInstance")
        if kind == "NetworkInterface":
            named(self.interfaces, {"NetworkInterfaceId": to}, "NetworkInterfaceId", "InvalidEniId.NotFound")
        else:
            self._show(named_instance(self._instances, parameters), address)
        address.record.update({"InstanceId": to, "InstanceType": kind})
        address.become("Associating", "InUse", seconds=self._seconds)
        return {}

    def _unassociate(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        address = self._address(parameters)
        must_be(address, "InUse", code="IncorrectEipStatus")
        instance = self._instances.get(address.record["InstanceId"])
        if instance is not None:
            instance.record["EipAddress"] = {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""}
        address.record.update({"InstanceId": "", "InstanceType": ""})
        address.become("Unassociating", "Available", seconds=self._seconds)
        return {}

    def _release(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        address = self._address(parameters)
        must_be(address, "Available", code="IncorrectEipStatus")
        self._addresses.remove(address.id)
        return {}

    @staticmethod
    def _show(instance: Instance, address: Resource) -> None:
        instance.record["EipAddress"] = {
            name: address.record[name] for name in ("AllocationId", "IpAddress", "InternetChargeType")
        }

    def _release_public(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        address = required(parameters, "PublicIpAddress")
        for instance in self._instances:
            addresses = instance.record["PublicIpAddress"]["IpAddress"]
            if address in addresses:
                addresses.remove(address)
                return {}
        raise CloudError(404, "InvalidIpAddress.NotFound", "The specified PublicIpAddress does not exist.")

    def _describe_group(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        group = self._named_group(parameters)
        wanted = parameters.get("Direction", "all")
        rules = [rule for rule in self._rules.get(group.id, []) if wanted in ("all", rule["Direction"])]
        return {**group.record, "InnerAccessPolicy": "Accept", "Permissions": {"Permission": rules}}

    def _authorize(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        group = self._named_group(parameters)
        self._rules.setdefault(group.id, []).extend(_rules(parameters))
        return {}

    def _revoke(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        group = self._named_group(parameters)
        gone = [_same(rule) for rule in _rules(parameters)]
        self._rules[group.id] = [rule for rule in self._rules.get(group.id, []) if _same(rule) not in gone]
        return {}

    def _named_group(self, parameters: Mapping[str, str]) -> Resource:
        where = region(parameters)
        return self._group(required(parameters, "SecurityGroupId"), where)


def _interface_id(instance: Instance) -> str:
    return f"eni-{instance.id.removeprefix('i-')}"


def _rules(parameters: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The rules that a call names: one by itself, or numbered ones."""
    prefixes = [""] if "IpProtocol" in parameters else [f"Permissions.{place}." for place in range(1, 101)]
    for prefix in prefixes:
        if f"{prefix}IpProtocol" in parameters:
            given = {name: parameters.get(f"{prefix}{name}", "") for name in RULE}
            defaults = {"Policy": "Accept", "Priority": "1", "NicType": "intranet"}
            rule = {name: value or defaults.get(name, "") for name, value in given.items()}
            yield {**rule, "Direction": "ingress", "CreateTime": minute_text()}


def _same(rule: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(rule[name].lower() for name in ("IpProtocol", "PortRange", "SourceCidrIp", "Policy"))
