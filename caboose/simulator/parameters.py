"""What calls have in common: reading their flat parameters, and cutting a list into pages, with the cloud's limits."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from caboose.simulator.errors import CloudError, invalid_parameter, missing_parameter

REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
TAG = re.compile(r"Tag\.(\d+)\.(Key|Value)")


class Positioned(Protocol):
    """What can stand in a list that is read page by page."""

    @property
    def position(self) -> int:
        """Where it stands, for good."""


Item = TypeVar("Item")
Placed = TypeVar("Placed", bound=Positioned)


def required(parameters: Mapping[str, str], name: str) -> str:
    """A parameter that must be there."""
    value = parameters.get(name, "")
    if not value:
        raise missing_parameter(name)
    return value


def flag(parameters: Mapping[str, str], name: str) -> bool:
    """A boolean parameter: clients send it as true, false, True or False."""
    value = parameters.get(name, "false").lower()
    if value not in ("true", "false"):
        raise invalid_parameter(name, "it is true or false")
    return value == "true"


def number(parameters: Mapping[str, str], name: str, default: int) -> int:
    """A number from 1 on."""
    text = parameters.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid_parameter(name, "it is a number from 1 on")
    return int(text)


def region(parameters: Mapping[str, str]) -> str:
    """The region that the call is about."""
    name = required(parameters, "RegionId")
    if not REGION.fullmatch(name):
        raise CloudError(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")
    return name


def json_list(parameters: Mapping[str, str], name: str) -> list[str]:
    """A parameter that is a JSON array of strings."""
    try:
        values = json.loads(parameters[name])
    except ValueError:
        values = None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise invalid_parameter(name, "it is a JSON array of strings")
    return values


def repeated(parameters: Mapping[str, str], name: str, most: int = 100) -> list[str]:
    """The values of ``Name.1``, ``Name.2`` …, in order."""
    pattern = re.compile(re.escape(name) + r"\.(\d+)")
    found = {int(match[1]): value for key, value in parameters.items() if (match := pattern.fullmatch(key))}
    if len(found) > most:
        raise invalid_parameter(name, f"at most {most}")
    return [found[place] for place in sorted(found)]


def tag_filters(parameters: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """``Tag.N.Key`` with ``Tag.N.Value``, which may be missing."""
    numbers = {match[1] for name in parameters if (match := TAG.fullmatch(name))}
    if len(numbers) > 20:
        raise invalid_parameter("Tag", "at most 20 tags")
    return [
        (required(parameters, f"Tag.{each}.Key"), parameters.get(f"Tag.{each}.Value"))
        for each in sorted(numbers, key=int)
    ]


def new_tags(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """The tags that a call gives, as answers show them."""
    return [{"TagKey": key, "TagValue": value or ""} for key, value in tag_filters(parameters)]


def numbered_page(
    found: Sequence[Item], parameters: Mapping[str, str], largest: int
) -> tuple[Sequence[Item], dict[str, Any]]:
    """One page by PageNumber and PageSize, and what the answer says about pages."""
    place, size = number(parameters, "PageNumber", 1), number(parameters, "PageSize", 10)
    if size > largest:
        raise invalid_parameter("PageSize", f"at most {largest}")
    page = found[(place - 1) * size : place * size]
    return page, {"TotalCount": len(found), "PageNumber": place, "PageSize": size}


def page_of(found: Iterable[Placed], parameters: Mapping[str, str]) -> tuple[Sequence[Placed], dict[str, Any]]:
    """One page in whichever way the call asks for it: by NextToken and MaxResults, else by number."""
    if "MaxResults" not in parameters and "NextToken" not in parameters:
        page, paging = numbered_page(list(found), parameters, 100)
        return page, {**paging, "NextToken": ""}
    # 10 at least and 100 at most, whatever is asked for.
    size = min(max(number(parameters, "MaxResults", 10), 10), 100)
    start = position_of(parameters)
    # One more than the page holds, and no further: with 10,000 instances there are a hundred pages.
    rest = list(islice((each for each in found if each.position > start), size + 1))
    page = rest[:size]
    token = _token(page[-1].position) if len(rest) > size else ""
    # In this kind of paging the cloud's TotalCount tells nothing; neither does ours.
    return page, {"NextToken": token, "TotalCount": 0, "PageNumber": 0, "PageSize": 0}


def listed_page(
    found: Sequence[Item], parameters: Mapping[str, str], largest: int
) -> tuple[Sequence[Item], dict[str, Any]]:
    """The same of what has no place of its own and grows only at its end."""
    if "MaxResults" not in parameters and "NextToken" not in parameters:
        page, paging = numbered_page(found, parameters, largest)
        return page, {**paging, "NextToken": ""}
    size, start = min(number(parameters, "MaxResults", 10), largest), position_of(parameters)
    end = start + size
    token = _token(end) if end < len(found) else ""
    return found[start:end], {"NextToken": token, "TotalCount": len(found), "PageNumber": 0, "PageSize": 0}


def _token(position: int) -> str:
    # The place of the last one shown, not a count: states may change between two pages.
    return base64.urlsafe_b64encode(f"after {position}".encode()).decode()


def position_of(parameters: Mapping[str, str]) -> int:
    """Behind which place a page begins that is asked for by NextToken."""
    token = parameters.get("NextToken", "")
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("after "))
    except (binascii.Error, ValueError):
        raise invalid_parameter("NextToken", "it comes from another answer") from None
