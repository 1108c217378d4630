"""DescribeInstances and DescribeInstanceStatus: filters and both kinds of paging, with the cloud's limits.

The limits are the point: ten records unless more are asked for, a hundred at most, and behind a tag filter a thousand
and not one more, without a word. A filter that isn't built is refused by name; ignoring it would show too many.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from caboose.simulator.errors import CloudError, invalid_parameter, missing_parameter
from caboose.simulator.instances import Instance, Instances

MOST_BEHIND_A_TAG = 1000
MOST_IDS = 100
REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
TAG = re.compile(r"Tag\.(\d+)\.(Key|Value)")

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
    found = _found(instances, parameters)
    if "MaxResults" in parameters or "NextToken" in parameters:
        # 10 at least and 100 at most, whatever is asked for.
        size = min(max(_number(parameters, "MaxResults", 10), 10), 100)
        start = _position(parameters.get("NextToken", ""))
        # One more than the page holds, and no further: with 10,000 instances there are a hundred pages.
        rest = list(islice((instance for instance in found if instance.position > start), size + 1))
        page = rest[:size]
        token = _token(page[-1].position) if len(rest) > size else ""
        # In this kind of paging the cloud's TotalCount tells nothing; neither does ours.
        paging = {"NextToken": token, "TotalCount": 0, "PageNumber": 0, "PageSize": 0}
    else:
        page, paging = _numbered_page(list(found), parameters, 100)
        paging["NextToken"] = ""
    return {**paging, "Instances": {"Instance": [instance.record for instance in page]}}


def describe_instance_status(instances: Instances, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Ids and states, one page of them; the largest page has 50."""
    region = _region(parameters)
    ids = {value for name, value in parameters.items() if re.fullmatch(r"InstanceId\.\d+", name)}
    if len(ids) > MOST_IDS:
        raise invalid_parameter("InstanceId", f"at most {MOST_IDS} ids")
    zone = parameters.get("ZoneId")
    found = [
        instance
        for instance in instances
        if instance.record["RegionId"] == region
        and (not ids or instance.id in ids)
        and (zone is None or instance.record["ZoneId"] == zone)
    ]
    page, paging = _numbered_page(found, parameters, 50)
    states = [{"InstanceId": instance.id, "Status": instance.status} for instance in page]
    return {**paging, "InstanceStatuses": {"InstanceStatus": states}}


def _found(instances: Instances, parameters: Mapping[str, str]) -> Iterable[Instance]:
    region = _region(parameters)
    candidates: Iterable[Instance] = instances
    if "InstanceIds" in parameters:
        candidates = _by_ids(instances, _json_list(parameters, "InstanceIds"))
    candidates = (instance for instance in candidates if instance.record["RegionId"] == region)
    if tags := _tag_filters(parameters):
        candidates = islice((instance for instance in candidates if _tagged(instance, tags)), MOST_BEHIND_A_TAG)
    equal = {path: parameters[name] for name, path in FIELDS.items() if name in parameters}
    within = {path: set(_json_list(parameters, name)) for name, path in LISTS.items() if name in parameters}
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


def _tag_filters(parameters: Mapping[str, str]) -> list[tuple[str, str | None]]:
    numbers = {match[1] for name in parameters if (match := TAG.fullmatch(name))}
    if len(numbers) > 20:
        raise invalid_parameter("Tag", "at most 20 tags")
    filters = []
    for number in sorted(numbers, key=int):
        key = parameters.get(f"Tag.{number}.Key")
        if key is None:
            raise missing_parameter(f"Tag.{number}.Key")
        filters.append((key, parameters.get(f"Tag.{number}.Value")))
    return filters


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


def _region(parameters: Mapping[str, str]) -> str:
    region = parameters.get("RegionId", "")
    if not region:
        raise missing_parameter("RegionId")
    if not REGION.fullmatch(region):
        raise CloudError(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")
    return region


def _refuse_unknown(parameters: Mapping[str, str]) -> None:
    for name in parameters:
        if name not in KNOWN and not TAG.fullmatch(name) and not name.startswith("AdditionalAttributes."):
            raise invalid_parameter(name, "the simulator's DescribeInstances has no such parameter")


def _json_list(parameters: Mapping[str, str], name: str) -> list[str]:
    try:
        values = json.loads(parameters[name])
    except ValueError:
        values = None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise invalid_parameter(name, "it is a JSON array of strings")
    return values


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid_parameter(name, "it is a number from 1 on")
    return int(text)


def _numbered_page(
    found: list[Instance], parameters: Mapping[str, str], largest: int
) -> tuple[list[Instance], dict[str, Any]]:
    number, size = _number(parameters, "PageNumber", 1), _number(parameters, "PageSize", 10)
    if size > largest:
        raise invalid_parameter("PageSize", f"at most {largest}")
    page = found[(number - 1) * size : number * size]
    return page, {"TotalCount": len(found), "PageNumber": number, "PageSize": size}


def _token(position: int) -> str:
    # The place of the last instance shown, not a count: states may change between two pages.
    return base64.urlsafe_b64encode(f"after {position}".encode()).decode()


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("after "))
    except (binascii.Error, ValueError):
        raise invalid_parameter("NextToken", "it comes from another answer") from None
