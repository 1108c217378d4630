"""DescribeInstances and DescribeInstanceStatus: filters and both kinds of paging, with the cloud's limits.

The limits are the point: ten records unless more are asked for, a hundred at most, and behind a tag filter a thousand
and not one more, without a word. A filter that isn't built is refused by name; ignoring it would show too many.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from caboose.simulator.errors import CloudError, invalid_parameter
from caboose.simulator.instances import Instance, Instances
from caboose.simulator.parameters import (
    TAG,
    json_list,
    numbered_page,
    page_of,
    position_of,
    region,
    repeated,
    tag_filters,
)

MOST_BEHIND_A_TAG = 1000
MOST_IDS = 100

# Filters that compare one field of the record.
FIELDS: dict[str, tuple[str, ...]] = {
    "Status": ("Status",),
    "VpcId": ("VpcAttributes", "VpcId"),
    "VSwitchId": ("VpcAttributes", "VSwitchId"),
    "ZoneId": ("ZoneId",),
    "InstanceType": ("InstanceType",),
    "InstanceTypeFamily": ("InstanceTypeFamily",),
    "InstanceChargeType": ("InstanceChargeType",),
    "InternetChargeType": ("InternetChargeType",),
    "InstanceNetworkType": ("InstanceNetworkType",),
    "ImageId": ("ImageId",),
    "KeyPairName": ("KeyPairName",),
    "ResourceGroupId": ("ResourceGroupId",),
}
# Filters that look for one of several values (a JSON array) in a list of the record.
LISTS: dict[str, tuple[str, ...]] = {
    "PrivateIpAddresses": ("VpcAttributes", "PrivateIpAddress", "IpAddress"),
    "PublicIpAddresses": ("PublicIpAddress", "IpAddress"),
    "InnerIpAddresses": ("InnerIpAddress", "IpAddress"),
    "EipAddresses": ("EipAddress", "IpAddress"),
}
PAGING = {"MaxResults", "NextToken", "PageNumber", "PageSize"}
KNOWN = {*FIELDS, *LISTS, *PAGING, "RegionId", "InstanceIds", "InstanceName", "SecurityGroupId", "LockReason", "DryRun"}


def describe_instances(instances: Instances, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The records that all filters let through, one page of them."""
    _refuse_unknown(parameters)
    if parameters.get("DryRun", "false").lower() == "true":
        raise CloudError(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
    page, paging = page_of(_found(instances, parameters), parameters)
    return {**paging, "Instances": {"Instance": [instance.record for instance in page]}}


def describe_instance_status(instances: Instances, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Ids and states, one page of them; the largest page has 50."""
    where = region(parameters)
    ids = set(repeated(parameters, "InstanceId", MOST_IDS))
    zone = parameters.get("ZoneId")
    found = [
        instance
        for instance in instances
        if instance.record["RegionId"] == where
        and (not ids or instance.id in ids)
        and (zone is None or instance.record["ZoneId"] == zone)
    ]
    page, paging = numbered_page(found, parameters, 50)
    states = [{"InstanceId": instance.id, "Status": instance.status} for instance in page]
    return {**paging, "InstanceStatuses": {"InstanceStatus": states}}


def _found(instances: Instances, parameters: Mapping[str, str]) -> Iterable[Instance]:
    where = region(parameters)
    tags = tag_filters(parameters)
    # what is behind a tag is counted from the beginning
    candidates: Iterable[Instance] = instances if tags else instances.after(position_of(parameters))
    if "InstanceIds" in parameters:
        candidates = _by_ids(instances, json_list(parameters, "InstanceIds"))
    candidates = (instance for instance in candidates if instance.record["RegionId"] == where)
    if tags:
        candidates = islice((instance for instance in candidates if _tagged(instance, tags)), MOST_BEHIND_A_TAG)
    equal = {path: parameters[name] for name, path in FIELDS.items() if name in parameters}
    within = {path: set(json_list(parameters, name)) for name, path in LISTS.items() if name in parameters}
    name = _wildcard(parameters["InstanceName"]) if "InstanceName" in parameters else None
    group, lock = parameters.get("SecurityGroupId"), parameters.get("LockReason")
    for instance in candidates:
        record = instance.record
        if (
            all(_at(record, path) == value for path, value in equal.items())
            and all(not values.isdisjoint(_many(_at(record, path))) for path, values in within.items())
            and (name is None or name.fullmatch(record["InstanceName"]))
            and (group is None or group in record["SecurityGroupIds"]["SecurityGroupId"])
            and (lock is None or any(each["LockReason"] == lock for each in record["OperationLocks"]["LockReason"]))
        ):
            yield instance


def _by_ids(instances: Instances, ids: list[str]) -> list[Instance]:
    if not ids:
        raise invalid_parameter("InstanceIds", "the list is empty")
    if len(ids) > MOST_IDS:
        raise invalid_parameter("InstanceIds", f"at most {MOST_IDS} ids")
    known = {instance.id: instance for each in ids if (instance := instances.get(each)) is not None}
    return sorted(known.values(), key=lambda instance: instance.position)  # ids that aren't there: no error


def _tagged(instance: Instance, filters: list[tuple[str, str | None]]) -> bool:
    tags = instance.tags()
    return all(key in tags and value in (None, tags[key]) for key, value in filters)


def _wildcard(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))  # only * is special


def _at(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _refuse_unknown(parameters: Mapping[str, str]) -> None:
    for name in parameters:
        if name not in KNOWN and not TAG.fullmatch(name) and not name.startswith("AdditionalAttributes."):
            raise invalid_parameter(name, "the simulator's DescribeInstances has no such parameter")
