"""Tags of whatever has tags: TagResources, UntagResources and ListTagResources."""

from collections.abc import Callable, Mapping
from typing import Any

from caboose.simulator.errors import CloudError, invalid_parameter, missing_parameter
from caboose.simulator.handlers import Handler
from caboose.simulator.keys import AccessKey
from caboose.simulator.parameters import flag, new_tags, region, repeated, required
from caboose.simulator.resources import Resource, Resources

MOST = 50
Kinds = Mapping[str, Callable[[], Resources[Any]]]


class Tagging:
    """The tags of a world. ``kinds`` gives the resources of a ResourceType, which is taken in any letter case."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self.actions: dict[str, Handler] = {
            "TagResources": self._tag,
            "UntagResources": self._untag,
            "ListTagResources": self._list,
        }

    def _tag(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        tags = new_tags(parameters)
        if not tags:
            raise missing_parameter("Tag.1.Key")
        for each in self._named(parameters):
            each.tag(tags)
        return {}

    def _untag(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        keys = repeated(parameters, "TagKey")
        for each in self._named(parameters):
            each.untag(list(each.tags()) if flag(parameters, "All") else keys)
        return {}

    def _list(self, parameters: Mapping[str, str], _caller: AccessKey) -> dict[str, Any]:
        kind = required(parameters, "ResourceType").lower()
        listed = [
            {"ResourceId": each.id, "ResourceType": kind, "TagKey": key, "TagValue": value}
            for each in self._named(parameters)
            for key, value in each.tags().items()
        ]
        return {"NextToken": "", "TagResources": {"TagResource": listed}}

    def _named(self, parameters: Mapping[str, str]) -> list[Resource]:
        region(parameters)
        kind = required(parameters, "ResourceType").lower()
        if kind not in self._kinds:
            raise invalid_parameter("ResourceType", f"the simulator knows {', '.join(self._kinds)}")
        resources, ids = self._kinds[kind](), repeated(parameters, "ResourceId", MOST)
        if not ids:
            raise missing_parameter("ResourceId.1")
        found = [resource for each in ids if (resource := resources.get(each))]
        if len(found) < len(ids):
            text = "The specified ResourceIds are not found in our records."
            raise CloudError(404, "InvalidResourceId.NotFound", text)
        return found
