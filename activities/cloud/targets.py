"""Selects ECS instances by OOS's target objects: ids, tags, or all with conditions.

What a filter says is taken exactly or refused: a member that isn't known, a tag list without tags or a condition
that can't be read would each select more than was meant. An empty list of ids selects nothing. Several filters are a
union, in their order, each instance once.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from activities.cloud import paging
from activities.cloud.failures import CloudError, refused
from activities.contracts import Target, Targets

RESOURCE_TYPE = "ALIYUN::ECS::Instance"
TAG_LIMIT = 1_000
"""The cloud returns at most this many instances for a filter by tag or resource group, and doesn't say so."""
MAX_TARGETS = 100_000
_MAX_WHOLE = 10_000
"""More of them no program can be given (``caboose.sandbox``), and no output can hold."""
_IDS_A_CALL = 100
_MAX_TAGS = 20
_SHOWN = 200
_MISSING_SHOWN = 1_000

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Filter:
    """A target object, checked: either ids, or a query for DescribeInstances."""

    region_id: str
    ids: list[str] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    limited: bool = False


@dataclass(frozen=True)
class Selection:
    """What was found: DescribeInstances' answer as a template sees it, and the targets for the approval page."""

    answer: dict[str, Any]
    targets: Targets


def parse(filters: Iterable[Any], resource_type: str, region_id: str) -> list[Filter]:
    """The target objects, checked before anything is asked.

    Raises:
        CloudError: NotSupportedYet for another resource type, InvalidFilter with the place and the reason.
    """
    if resource_type.lower() != RESOURCE_TYPE.lower():
        raise refused("NotSupportedYet", f"ResourceType {resource_type!r} is not supported yet, only {RESOURCE_TYPE}")
    return [_parse(value, f"Filters[{index}]", region_id) for index, value in enumerate(filters)]


def select(filters: list[Filter], ask: Ask, members: frozenset[str] | None = None) -> Selection:
    """Asks DescribeInstances for every filter and puts the answers together.

    Args:
        filters: which instances.
        ask: asks for one page.
        members: what is kept of each instance beside its id; None for all of it. A hundred thousand whole ones would
            take a gigabyte.

    Raises:
        CloudError: as ``ask``; TooManyTargets when the cloud cut the answer or there are too many, NoTargets when of
            the ids asked for none exists.
    """
    found: dict[str, dict[str, Any]] = {}
    missing: dict[str, None] = {}
    shown: list[Target] = []
    for instance in _each(filters, ask, missing):
        instance_id = str(instance.get("InstanceId"))
        if instance_id in found:
            continue
        found[instance_id] = instance if members is None else {name: instance.get(name) for name in members}
        if len(shown) < _SHOWN:
            shown.append(_target(instance))
        _check_number(len(found), whole=members is None)
    gone = [wanted for wanted in missing if wanted not in found]
    if gone and not found:
        raise refused("NoTargets", f"none of the {len(gone)} instances exists: {', '.join(gone[:10])}")
    return Selection(
        answer={"Instances": {"Instance": list(found.values())}, "TotalCount": len(found), "NextToken": ""},
        targets=Targets(shown, len(found), gone[:_MISSING_SHOWN], len(gone)),
    )


def _check_number(number: int, *, whole: bool) -> None:
    if number > MAX_TARGETS:
        raise refused("TooManyTargets", f"more than {MAX_TARGETS} instances are selected; select them in parts")
    if whole and number > _MAX_WHOLE:
        raise refused(
            "TooManyTargets",
            f"more than {_MAX_WHOLE} instances are selected, and of so many an output can only have one member, "
            "by a plain path such as Instances.Instance[].InstanceId",
        )


def _each(filters: list[Filter], ask: Ask, missing: dict[str, None]) -> Iterator[dict[str, Any]]:
    """The instances of all filters; the ids that don't exist are put into ``missing``."""
    for one in filters:
        yield from _matching(one, ask) if one.ids is None else _named(one, ask, missing)


def _matching(one: Filter, ask: Ask) -> Iterator[dict[str, Any]]:
    """All pages are read before the first instance is given where the cloud may have cut the answer."""
    instances = (each for answer in paging.each_page(ask, one.query) for each in answer["Instances"]["Instance"])
    if not one.limited:
        yield from instances
        return
    few = list(islice(instances, TAG_LIMIT))
    if len(few) >= TAG_LIMIT:
        raise refused(
            "TooManyTargets",
            f"the filter {json.dumps(one.query, ensure_ascii=False)[:300]} matches {TAG_LIMIT} instances or more, "
            f"and the cloud returns no more than that: narrow it, or name the instances by ResourceIds",
        )
    yield from few


def _named(one: Filter, ask: Ask, missing: dict[str, None]) -> Iterator[dict[str, Any]]:
    """The instances of the ids in the order of the ids."""
    ids = list(dict.fromkeys(one.ids or []))
    for start in range(0, len(ids), _IDS_A_CALL):
        wanted = ids[start : start + _IDS_A_CALL]
        by_id: dict[str, dict[str, Any]] = {}
        for answer in paging.each_page(ask, {"RegionId": one.region_id, "InstanceIds": wanted}):
            by_id.update({str(each.get("InstanceId")): each for each in answer["Instances"]["Instance"]})
        missing.update(dict.fromkeys(each for each in wanted if each not in by_id))
        yield from (by_id[each] for each in wanted if each in by_id)


def _target(instance: dict[str, Any]) -> Target:
    return Target(*(str(instance.get(name) or "") for name in ("InstanceId", "InstanceName", "Status")))


def _parse(value: Any, place: str, region_id: str) -> Filter:
    if isinstance(value, str):
        value = _json(value, place)
    if not isinstance(value, dict):
        raise _invalid(place, 'must be an object such as {"Type": "ResourceIds", "ResourceIds": ["i-..."]}')
    unknown = [
        name for name in value if name not in ("Type", "ResourceIds", "Tags", "Parameters", "RegionId", "ResourceType")
    ]
    if unknown:
        raise _invalid(place, f"has a member that is not known: {', '.join(map(str, unknown))}")
    if value.get("ResourceType") not in (None, "", RESOURCE_TYPE):
        raise _invalid(place, f"is for {value['ResourceType']}, the task selects {RESOURCE_TYPE}")
    region = value.get("RegionId") or region_id
    if not isinstance(region, str):
        raise _invalid(f"{place}.RegionId", "must be a string")
    kind = value.get("Type")
    parsers = {"ResourceIds": _parse_ids, "Tags": _parse_tags, "All": _parse_all}
    if kind not in parsers:
        raise _invalid(f"{place}.Type", f"must be ResourceIds, Tags or All, not {kind!r}")
    others = [name for name, owner in _OWNERS.items() if value.get(name) and owner != kind]
    if others:
        raise _invalid(place, f"is of Type {kind}, so that {', '.join(others)} would be without effect")
    return parsers[kind](value, place, region)


_OWNERS = {"ResourceIds": "ResourceIds", "Tags": "Tags", "Parameters": "All"}


def _parse_ids(value: dict[str, Any], place: str, region: str) -> Filter:
    ids = value.get("ResourceIds")
    if isinstance(ids, str):
        ids = _json(ids, f"{place}.ResourceIds")
    if not isinstance(ids, list) or not all(isinstance(each, str) and each.strip() for each in ids):
        raise _invalid(f"{place}.ResourceIds", "must be a list of instance ids")
    return Filter(region, ids=[each.strip() for each in ids])


def _parse_tags(value: dict[str, Any], place: str, region: str) -> Filter:
    given = value.get("Tags")
    if isinstance(given, str):
        given = _json(given, f"{place}.Tags")
    if isinstance(given, dict):
        given = [{"Key": key, "Value": content} for key, content in given.items()]
    if not isinstance(given, list) or not 1 <= len(given) <= _MAX_TAGS:
        raise _invalid(f"{place}.Tags", f"must be 1 to {_MAX_TAGS} tags, as a list of Key and Value or as a map")
    tags = [_parse_tag(tag, f"{place}.Tags[{index}]") for index, tag in enumerate(given)]
    return Filter(region, query={"RegionId": region, "Tag": tags}, limited=True)


def _parse_tag(tag: Any, place: str) -> dict[str, str]:
    if not isinstance(tag, dict) or not set(tag) <= {"Key", "Value"}:
        raise _invalid(place, "must be an object with Key and, if wanted, Value")
    key, content = tag.get("Key"), tag.get("Value")
    if not isinstance(key, str) or not key:
        raise _invalid(f"{place}.Key", "must be a string that is not empty")
    if content is None:
        return {"Key": key}
    if isinstance(content, dict | list):
        raise _invalid(f"{place}.Value", "must be a string")
    return {"Key": key, "Value": content if isinstance(content, str) else json.dumps(content)}


def _parse_all(value: dict[str, Any], place: str, region: str) -> Filter:
    given = value.get("Parameters")
    parameters = {} if given in (None, "") else given
    if not isinstance(parameters, dict):
        raise _invalid(f"{place}.Parameters", "must be an object")
    names = {str(name).lower() for name in parameters}
    if names & {"instanceids", "instanceid"}:
        raise _invalid(f"{place}.Parameters", "can't name instances; use Type ResourceIds")
    own_region = next((item for name, item in parameters.items() if str(name).lower() == "regionid" and item), None)
    query = {name: item for name, item in parameters.items() if str(name).lower() != "regionid"}
    query["RegionId"] = value.get("RegionId") or own_region or region
    limited = any(name.startswith(("tag", "resourcegroupid")) for name in names)
    return Filter(str(query["RegionId"]), query=query, limited=limited)


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _invalid(place, "is a string that is not JSON") from None


def _invalid(place: str, reason: str) -> CloudError:
    return refused("InvalidFilter", f"{place} {reason}")
