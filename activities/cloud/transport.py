"""Sends one signed RPC request and returns its JSON answer, or raises what its failure proves.

The signature is the SDK's (ACS3-HMAC-SHA256, ``Utils.get_authorization``); the socket is ours. A call that changes
something must go out on a connection of its own: on a pooled one that died meanwhile, "never received" and "carried
out, answer lost" look the same. Whether it may still go out is asked twice: before the connection is made, and again
when it stands, because a name server or a handshake can take as long as it likes. Reads keep a connection a thread.

Roads not taken: the SDK's ``call_api`` keeps one process-wide session per host with no public way to a fresh
connection, follows redirects (which would repeat a write), ignores NO_PROXY, and hides why a connection failed. Its
header ``Connection: close`` would be signed, and a gateway that drops it, as it may, would break the signature. One
pool for all threads: httpcore looks through all its connections at every request, under one lock.
"""

import ipaddress
import secrets
import ssl
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

from activities.cloud import failures
from caboose.settings import Settings

_CONNECT_TIMEOUT = 5.0
_LAST_MOMENTS = ("connection.connect_tcp.started", "http11.send_request_headers.started")
"""The steps of httpcore's trace before which a call can still be held back."""
_ALGORITHM = "ACS3-HMAC-SHA256"
_EMPTY_BODY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@dataclass(frozen=True)
class Keys:
    """An access key, with a security token when it is a temporary one. Its secrets never show in a repr."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)

    def secrets(self) -> list[str]:
        """What must not be seen in any text."""
        return [secret for secret in (self.access_key_secret, self.security_token) if secret]


@dataclass(frozen=True)
class Call:
    """One RPC call: the host[:port] it goes to, what it is, and its flat query parameters."""

    endpoint: str
    action: str
    version: str
    query: dict[str, str]


class Transport:
    """The connections of a worker. Safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._protocol = settings.cloud_protocol
        self._read_timeout = settings.cloud_read_timeout
        self._own = threading.local()
        self._lock = threading.Lock()
        self._kept: weakref.WeakSet[httpx.Client] = weakref.WeakSet()
        # loading the certificates costs 20 ms, and a write makes a client of its own
        self._verify: ssl.SSLContext = httpx.create_ssl_context(verify=self._protocol == "https")

    @property
    def longest(self) -> float:
        """Seconds that a call may take once it is on its way."""
        return _CONNECT_TIMEOUT + self._read_timeout

    def send(self, call: Call, keys: Keys) -> dict[str, Any]:
        """The JSON answer of a call that changes nothing.

        Raises:
            CloudError: on every failure, with its proof, its chain cut.
        """
        return self._send(self._pool(call.endpoint), call, keys)

    def send_fresh(
        self, call: Call, keys: Keys, *, may_go: Callable[[], None] | None = None, read_timeout: float | None = None
    ) -> dict[str, Any]:
        """The same on a connection of its own; ``may_go`` raises when the call is to be held back.

        Raises:
            CloudError: as ``send``, and what ``may_go`` raises.
        """

        def hold_back(event: str, _info: dict[str, Any]) -> None:
            if may_go is not None and event in _LAST_MOMENTS:
                may_go()

        with self._client(call.endpoint, 0, min(read_timeout or self._read_timeout, self._read_timeout)) as client:
            return self._send(client, call, keys, {"trace": hold_back})

    def _send(
        self, client: httpx.Client, call: Call, keys: Keys, extensions: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        url = f"{self._protocol}://{call.endpoint}/?{urlencode(call.query)}"
        try:
            response = client.post(url, headers=signed_headers(call, keys), extensions=extensions)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.from_exception(error, call.endpoint) from None
        return _read(response, keys)

    def close(self) -> None:
        """Closes the connections that were kept."""
        with self._lock:
            kept = list(self._kept)
            self._kept.clear()
            self._own = threading.local()
        for client in kept:
            client.close()

    def _pool(self, endpoint: str) -> httpx.Client:
        """The client of this thread; it goes with the thread."""
        mine: dict[bool, httpx.Client] | None = getattr(self._own, "clients", None)
        if mine is None:
            mine = self._own.clients = {}
        local = is_loopback(endpoint)
        client = mine.get(local)
        if client is None:
            client = mine[local] = self._client(endpoint, 1, self._read_timeout)
            with self._lock:
                self._kept.add(client)
        return client

    def _client(self, endpoint: str, keep_alive: int, read_timeout: float) -> httpx.Client:
        return httpx.Client(
            verify=self._verify,
            timeout=httpx.Timeout(read_timeout, connect=_CONNECT_TIMEOUT),
            follow_redirects=False,
            # a proxy from the environment can't reach this machine's own loopback
            trust_env=not is_loopback(endpoint),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=keep_alive),
        )


def signed_headers(call: Call, keys: Keys) -> dict[str, str]:
    """The headers of one request, signed with a nonce and a date of their own."""
    headers = {
        "host": call.endpoint,
        "x-acs-version": call.version,
        "x-acs-action": call.action,
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": _EMPTY_BODY_HASH,
        "accept": "application/json",
        "user-agent": "caboose",
    }
    if keys.security_token:
        headers["x-acs-accesskey-id"] = keys.access_key_id
        headers["x-acs-security-token"] = keys.security_token
    request = DaraRequest()
    request.method = "POST"
    request.pathname = "/"
    request.query = call.query
    request.headers = headers
    authorization: str = Utils.get_authorization(
        request, _ALGORITHM, _EMPTY_BODY_HASH, keys.access_key_id, keys.access_key_secret
    )
    return {**headers, "Authorization": authorization}


def is_loopback(endpoint: str) -> bool:
    """Whether a host[:port] is this machine."""
    host = httpx.URL(f"http://{endpoint}").host
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(response: httpx.Response, keys: Keys) -> dict[str, Any]:
    if response.is_success and (body := failures.json_object(response.content)) is not None:
        return body
    raise failures.from_answer(response.status_code, response.headers, response.content, keys.secrets())
