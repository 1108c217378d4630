"""What a failed call proves: the one question on which it hangs whether a machine may be touched again.

Refused connections, names that don't resolve, a failed TLS handshake, throttling and every other 4xx prove that
nothing was carried out. A 5xx, a time-out, a lost connection and an answer that can't be read prove nothing. When in
doubt the answer is UNKNOWN: an item that waits for a person is a nuisance, a machine restarted twice is an accident.

Road not taken: the SDK's own exceptions. It wraps a refused connection and a lost answer in the same class with the
same text, so that its caller can't tell what must be told apart here.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from activities.contracts import REFUSED, RETRIABLE, UNKNOWN, CallFailure
from caboose.oos.redact import MASK, redact_text
from caboose.oos.text import clean

_MAX_MESSAGE = 1_000
_DENIED_CODES = (
    "Forbidden",
    "Forbidden.RAM",
    "NoPermission",
    "User.NoPermission",
    "InvalidAccessKeyId",
    "InvalidAccessKeyId.NotFound",
    "InvalidAccessKeyId.Inactive",
    "IncompleteSignature",
    "SignatureDoesNotMatch",
    "InvalidTimeStamp.Expired",
)


class CloudError(Exception):
    """A call that failed. ``body`` is the error body of the API itself, None when no such answer came."""

    def __init__(self, failure: CallFailure, body: dict[str, Any] | None = None, retry_after: float = 0) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.body = body
        self.retry_after = retry_after

    @property
    def denied(self) -> bool:
        """Whether the cloud said that we may not call at all: asking again changes nothing."""
        code = self.failure.code
        return code in _DENIED_CODES or code.startswith("InvalidSecurityToken")


def refused(code: str, message: str) -> CloudError:
    """A call that we ourselves didn't send."""
    return CloudError(CallFailure(code, message, REFUSED))


def from_exception(error: httpx.HTTPError | httpx.InvalidURL, endpoint: str) -> CloudError:
    """The failure of a request that got no answer. Only the kind of the error is kept: texts can hold the URL."""
    match error:
        # the text of a ConnectError is the system's or OpenSSL's reason and holds no URL
        case httpx.ConnectError():
            return _local("ConnectionFailed", f"no connection to {endpoint}: {error}", RETRIABLE)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return _local("ConnectTimeout", f"no connection to {endpoint} in time", RETRIABLE)
        case httpx.ProxyError():
            return _local("ProxyError", f"the proxy made no connection to {endpoint}", RETRIABLE)
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return _local("InvalidEndpoint", f"{endpoint} is not an endpoint such as host or host:port", REFUSED)
        case httpx.TimeoutException():
            return _local("ReadTimeout", f"{endpoint} did not answer in time", UNKNOWN)
    return _local("ConnectionLost", f"the connection to {endpoint} was lost before an answer came", UNKNOWN)


def from_answer(status: int, headers: Mapping[str, str], content: bytes, secrets: Iterable[str]) -> CloudError:
    """The failure of a request that was answered with anything but a 2xx and a JSON object."""
    body = json_object(content)
    code = str((body or {}).get("Code") or f"HTTP{status}")
    request_id = str((body or {}).get("RequestId") or headers.get("x-acs-request-id", ""))
    message = _clean(str((body or {}).get("Message") or f"HTTP status {status} without a reason"), secrets)
    retry_after = _retry_after(headers)
    if status < 400:
        failure = CallFailure(
            "UnreadableAnswer", f"HTTP status {status}, not a JSON object", UNKNOWN, request_id, status
        )
        return CloudError(failure)
    proof = _proof(status, code, retry_after)
    failure = CallFailure(code, message, proof, request_id, status)
    return CloudError(failure, None if body is None else _without_secrets(body, message), retry_after)


def _proof(status: int, code: str, retry_after: float) -> str:
    # throttling is answered with 400, 429 or 503: the code says it, not the status
    if "Throttling" in code or status == 429 or (retry_after and status < 500):
        return RETRIABLE
    if code == "IdempotentProcessing":  # an earlier call with the same ClientToken, whose outcome nobody knows yet
        return UNKNOWN
    return REFUSED if status < 500 else UNKNOWN


def _local(code: str, message: str, proof: str) -> CloudError:
    return CloudError(CallFailure(code, message, proof))


def json_object(content: bytes) -> dict[str, Any] | None:
    """The JSON object of an answer with clean texts, None when it is none."""
    text = content.decode("utf-8-sig", "replace")
    try:
        body = json.loads(text)
        # what isn't fit to be stored can only come in as an escape, apart from DEL
        body = clean(body) if "\\" in text or "\x7f" in text else body
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _without_secrets(body: dict[str, Any], message: str) -> dict[str, Any]:
    return {**{key: body[key] for key in ("Code", "RequestId", "HostId") if key in body}, "Message": message}


def _clean(message: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        message = message.replace(secret, MASK)
    return redact_text(message)[:_MAX_MESSAGE]


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the gateway asks to wait (its header counts milliseconds), 0 when it doesn't say."""
    try:
        return min(max(int(headers.get("x-acs-retry-after", "0")) / 1000, 0), 300)
    except ValueError:
        return 0
