"""One object that calls the cloud for an execution: request, credentials, transport and paging put together."""

from typing import Any

from activities.cloud import paging, requests
from activities.cloud.credentials import KeySource, RoleSessions, own_keys
from activities.cloud.failures import refused
from activities.cloud.requests import Request
from activities.cloud.transport import Keys, Transport
from activities.contracts import CloudContext
from caboose.settings import Settings


class CloudClient:
    """Lives as long as the worker; safe to use from many threads. ``own`` are the worker's credentials."""

    def __init__(self, settings: Settings, own: KeySource | None = None) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        self._own = own or own_keys()
        self._roles = RoleSessions(settings, self._transport, self._own)

    def read(self, context: CloudContext, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer of an API that changes nothing; of DescribeInstances all pages in one.

        Raises:
            CloudError: on every failure, with its proof; NotSupportedYet for an API that may change something.
        """
        request = self._make(context, service, api, parameters)
        if not request.reads:
            raise refused("NotSupportedYet", f"{api} may change something; polling and paging are for reads only")
        if paging.wanted(request, parameters):
            return paging.all_instances(lambda query: self.describe_page(context, query), parameters)
        return self._send(context, request, fresh=False)

    def describe_page(self, context: CloudContext, parameters: dict[str, Any]) -> dict[str, Any]:
        """One page of DescribeInstances.

        Raises:
            CloudError: as ``read``.
        """
        request = self._make(context, "ECS", "DescribeInstances", parameters)
        return self._send(context, request, fresh=False)

    def write(self, context: CloudContext, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer of any API, called exactly once on a connection of its own.

        Raises:
            CloudError: on every failure, with its proof.
        """
        return self._send(context, self._make(context, service, api, parameters), fresh=True)

    def close(self) -> None:
        """Closes the pooled connections."""
        self._transport.close()

    def _make(self, context: CloudContext, service: str, api: str, parameters: dict[str, Any]) -> Request:
        return requests.make(self._settings, service, api, parameters, context.region_id)

    def _send(self, context: CloudContext, request: Request, *, fresh: bool) -> dict[str, Any]:
        return self._transport.send(request.call, self._keys(context, request.region_id), fresh=fresh)

    def _keys(self, context: CloudContext, region_id: str) -> Keys:
        if not context.ram_role:
            return self._own()
        return self._roles.keys(context.ram_role, context.execution_id, region_id)
