"""One object that calls the cloud for an execution: request, credentials, transport and paging put together."""

from typing import Any

from activities.attempt import Attempt, now
from activities.cloud import lists, paging, requests
from activities.cloud.credentials import KEYS_SECONDS, KeySource, RoleSessions, own_keys
from activities.cloud.failures import CloudError, refused
from activities.cloud.requests import Request
from activities.cloud.transport import Keys, Transport
from activities.contracts import NOT_SENT, RETRIABLE, CallFailure, CloudContext
from caboose.settings import Settings

_SPARE = 5.0
"""Seconds left over between the longest call and the attempt's time-out: the way of the answer to the server."""


class CloudClient:
    """Lives as long as the worker; safe to use from many threads. ``own`` are the worker's credentials."""

    def __init__(self, settings: Settings, own: KeySource | None = None) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        self._own = own or own_keys()
        self._roles = RoleSessions(settings, self._transport, self._own)

    def read(self, context: CloudContext, service: str, api: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The answer of an API that changes nothing; of a list all pages in one.

        Raises:
            CloudError: on every failure, with its proof; NotSupportedYet for an API that may change something.
        """
        request = self._make(context, service, api, parameters)
        if not request.reads:
            raise refused("NotSupportedYet", f"{api} may change something; polling and paging are for reads only")
        return self._read(context, request, service, parameters)

    def describe_page(self, context: CloudContext, parameters: dict[str, Any]) -> dict[str, Any]:
        """One page of DescribeInstances.

        Raises:
            CloudError: as ``read``.
        """
        return self._send(context, self._make(context, "ECS", "DescribeInstances", parameters))

    def write(
        self,
        context: CloudContext,
        service: str,
        api: str,
        parameters: dict[str, Any],
        attempt: Attempt,
        client_token: str = "",
    ) -> dict[str, Any]:
        """The answer of any API, called exactly once on a connection of its own, and not when ``attempt`` is over.

        ``client_token`` is for an API that takes one, where the parameters have none of their own.

        Raises:
            CloudError: on every failure, with its proof; NotSent when the server may have given the attempt up.
        """
        request = self._make(context, service, api, _with_token(parameters, client_token))
        if request.reads:  # an unusual spelling, which the workflow couldn't know for a read
            return self._read(context, request, service, parameters)
        reserve = self._transport.longest + _SPARE

        def may_go() -> None:
            if reason := attempt.given_up(now(), reserve):
                raise CloudError(CallFailure(NOT_SENT, f"{request.call.action} was not sent: {reason}", RETRIABLE))

        may_go()
        patience = min(KEYS_SECONDS, attempt.left(now(), reserve))
        keys = self._keys(context, request.region_id, patience)
        return self._transport.send_fresh(request.call, keys, may_go=may_go)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def _make(self, context: CloudContext, service: str, api: str, parameters: dict[str, Any]) -> Request:
        return requests.make(self._settings, service, api, parameters, context.region_id)

    def _read(
        self, context: CloudContext, request: Request, service: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        if not paging.wanted(request, parameters):
            return self._send(context, request)
        if request.call.action == "DescribeInstances":
            return paging.all_instances(lambda query: self.describe_page(context, query), parameters)

        def ask(query: dict[str, Any]) -> dict[str, Any]:
            return self._send(context, self._make(context, service, request.call.action, query))

        return lists.all_pages(ask, parameters, request.pages)

    def _send(self, context: CloudContext, request: Request) -> dict[str, Any]:
        return self._transport.send(request.call, self._keys(context, request.region_id, KEYS_SECONDS))

    def _keys(self, context: CloudContext, region_id: str, patience: float) -> Keys:
        if not context.ram_role:
            return self._own()
        return self._roles.keys(context.ram_role, context.execution_id, region_id, patience)


def _with_token(parameters: dict[str, Any], client_token: str) -> dict[str, Any]:
    given = any(name.lower() == "clienttoken" and value for name, value in parameters.items())
    if given or not client_token:
        return parameters
    return {
        **{name: value for name, value in parameters.items() if name.lower() != "clienttoken"},
        "ClientToken": client_token,
    }
