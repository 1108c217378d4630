"""Describe calls as data: which parameter compares which field, and how the answer wraps its list.

A parameter that isn't listed is refused by name: ignoring a filter would show too much, and a template that deletes
what it is shown would pass its test.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from caboose.simulator.errors import invalid_parameter
from caboose.simulator.parameters import json_list, page_of, repeated, tag_filters
from caboose.simulator.resources import Resource

FILTER_KEY = re.compile(r"Filter\.(\d+)\.Key")
PART = re.compile(r"\.\d+(\.(Key|Value))?$")
ALWAYS = {"RegionId", "MaxResults", "NextToken", "PageNumber", "PageSize", "DryRun"}


@dataclass(frozen=True)
class Listing:
    """One Describe call.

    Attributes:
        wrap: the two names around the list: ``("Disks", "Disk")``.
        ids: the parameter that names resources, and whether it is a JSON array, repeated, or separated by commas.
        equal: parameters that have to equal a field of the record; ``all`` as the value is no filter.
        listed: parameters that have to be in a list of the record, by the path to it.
        created: the field that Filter.N.Key CreationStartTime and CreationEndTime compare.
    """

    wrap: tuple[str, str]
    ids: tuple[str, str] = ("", "")
    equal: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    created: str = ""

    def answer(self, resources: Iterable[Resource], parameters: Mapping[str, str]) -> dict[str, Any]:
        """The records that all filters let through, one page of them."""
        self._refuse_unknown(parameters)
        page, paging = page_of(self._found(resources, parameters), parameters)
        outer, inner = self.wrap
        return {**paging, outer: {inner: [each.record for each in page]}}

    def _found(self, resources: Iterable[Resource], parameters: Mapping[str, str]) -> Iterator[Resource]:
        ids = self._ids(parameters)
        first, last = self._created(parameters)
        tags = tag_filters(parameters)
        for each in resources:
            record = each.record
            if (
                (ids is None or each.id in ids)
                and first <= record.get(self.created, "") <= last
                and all(_equal(record.get(path), parameters.get(name)) for name, path in self.equal.items())
                and all(_within(record, path, parameters.get(name)) for name, path in self.listed.items())
                and all(key in each.tags() and value in (None, each.tags()[key]) for key, value in tags)
            ):
                yield each

    def _ids(self, parameters: Mapping[str, str]) -> set[str] | None:
        name, form = self.ids
        if form == "repeated":
            return set(repeated(parameters, name)) or None
        if name not in parameters:
            return None
        return set(json_list(parameters, name) if form == "json" else parameters[name].split(","))

    def _created(self, parameters: Mapping[str, str]) -> tuple[str, str]:
        """From when to when; times are texts that sort as times do."""
        bounds = {"CreationStartTime": "", "CreationEndTime": "~"}
        for name, value in parameters.items():
            if match := FILTER_KEY.fullmatch(name):
                if not self.created or value not in bounds:
                    raise invalid_parameter(name, "the simulator knows CreationStartTime and CreationEndTime")
                bounds[value] = parameters.get(f"Filter.{match[1]}.Value", bounds[value])
        return bounds["CreationStartTime"], bounds["CreationEndTime"]

    def _refuse_unknown(self, parameters: Mapping[str, str]) -> None:
        known = {*ALWAYS, *self.equal, *self.listed, self.ids[0], "Tag", "Filter"}
        for name in parameters:
            if PART.sub("", name) not in known:
                raise invalid_parameter(name, "the simulator's call has no such parameter")


def _equal(value: Any, wanted: str | None) -> bool:
    if wanted is None or wanted == "all":
        return True
    text = value if isinstance(value, str) else json.dumps(value)
    return text.lower() in wanted.lower().split(",")  # some filters take several values


def _within(record: Mapping[str, Any], path: tuple[str, ...], wanted: str | None) -> bool:
    if wanted is None:
        return True
    value: Any = record
    for name in path[:-1]:
        value = value.get(name, {})
    return any(each.get(path[-1]) == wanted for each in value)
