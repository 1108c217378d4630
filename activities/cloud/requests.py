"""From a service, an API and parameters to the call on the wire, with the SDK's own typed requests.

The SDK's client does what it does best: it turns a typed request into the flat query that the API wants. It is
stopped before it sends, because its answer would be a typed response that drops the fields its model doesn't know;
the transport sends the query and gives back the raw JSON.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from activities.cloud import lists, marshal
from activities.cloud.failures import refused
from activities.cloud.transport import Call
from caboose.oos.actions import is_read
from caboose.oos.problems import did_you_mean
from caboose.settings import Settings

# a region becomes part of a host name, to which signed requests go
_REGION = re.compile(r"[a-z]{2,4}(-[a-z0-9]{1,24}){1,4}", re.ASCII)


@dataclass(frozen=True)
class Request:
    """A request of an API, ready to be sent to its region. ``pages`` is how the API gives a list (``lists.style``)."""

    call: Call
    region_id: str
    pages: str = ""

    @property
    def reads(self) -> bool:
        """Whether the API changes nothing, as its name says."""
        return is_read(self.call.action)


def make(settings: Settings, service: str, api: str, parameters: dict[str, Any], region_id: str) -> Request:
    """The request of one API; RegionId in the parameters, else ``region_id``, chooses the endpoint.

    Raises:
        CloudError: NotSupportedYet for another service than ECS, UnknownApi, InvalidParameter (an unknown name, or a
            value that doesn't fit), MissingRegion, InvalidRegionId. Nothing was sent.
    """
    if service.lower() != "ecs":
        raise refused("NotSupportedYet", f"calls of the service {service!r} are not supported yet, only ECS's")
    known = _apis()
    if api.lower() not in known:
        hint = did_you_mean(api, [name for name, _, _ in known.values()])
        raise refused("UnknownApi", f"ECS has no API {api!r}. {hint}".strip())
    _, model, method = known[api.lower()]
    region = region_of(parameters) or region_id
    check_region(region)
    if "regionid" in marshal.fields(model):
        parameters = {**_without_region(parameters), "RegionId": region}
    try:
        typed = marshal.build(model, parameters)
    except marshal.MarshalError as error:
        raise refused("InvalidParameter", f"{api}: {error}") from None
    client = _Recorder(Config(region_id=region, endpoint=settings.ecs_endpoint or None))
    getattr(client, method)(typed, RuntimeOptions())
    return Request(client.made, region, lists.style(marshal.fields(model)))


def region_of(parameters: dict[str, Any]) -> str:
    """The RegionId among the parameters, '' when there is none."""
    for name, value in parameters.items():
        if name.lower() == "regionid" and value:
            return str(value)
    return ""


def check_region(region: str) -> None:
    """Refuses what can't be a region before it becomes part of a host name.

    Raises:
        CloudError: MissingRegion or InvalidRegionId.
    """
    if not region:
        raise refused("MissingRegion", "no region: give RegionId at the start, or set CABOOSE_REGION")
    if not _REGION.fullmatch(region):
        raise refused("InvalidRegionId", f"{region[:100]!r} is not a region such as cn-hangzhou")


def _without_region(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name.lower() != "regionid"}


@cache
def _apis() -> dict[str, tuple[str, Any, str]]:
    """Every API of ECS by its lower-case name: its name, the model of its request, the client's method."""
    methods = {
        name.replace("_", "").removesuffix("withoptions"): name
        for name in dir(EcsClient)
        if name.endswith("with_options")
    }
    apis = {}
    for name in dir(models):
        api = name.removesuffix("Request")
        if api != name and api.lower() in methods:
            apis[api.lower()] = (api, getattr(models, name), methods[api.lower()])
    return apis


class _Recorder(EcsClient):  # type: ignore[misc] # the SDK has no types
    """The SDK's client, stopped where it would send: the call that it made up is kept in ``made``."""

    made: Call

    def call_api(self, params: Any, request: Any, runtime: Any) -> dict[str, Any]:
        """Keeps the call. An empty answer is what the caller makes its typed response of, which nobody reads."""
        self.made = Call(self._endpoint, params.action, params.version, dict(request.query or {}))
        return {}
