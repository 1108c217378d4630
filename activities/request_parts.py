"""From a template's words to an HTTP request: URL with query, headers, body. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from activities.contracts import HttpRequestInput

_JSON = "application/json; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_FORM = "application/x-www-form-urlencoded"
_OURS = ("host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade", "accept-encoding")
"""Headers that a template may not set: they are the HTTP client's."""
_NEVER = ("x-aliyun-ecs-metadata", "metadata", "x-google-metadata", "x-aws-ec2-metadata", "proxy-")
"""How headers begin that open metadata services, or speak to a proxy."""


class InvalidRequest(ValueError):
    """Properties of which no request can be made."""


@dataclass(frozen=True)
class Outgoing:
    """A request ready to be sent."""

    url: httpx.URL
    headers: dict[str, str]
    content: bytes
    host: str
    port: int

    @property
    def endpoint(self) -> str:
        """host:port, which is what messages may say of the address."""
        return f"{self.host}:{self.port}"


def outgoing(wanted: HttpRequestInput) -> Outgoing:
    """The request.

    Raises:
        InvalidRequest: says what can't be used.
    """
    url = _url(wanted.url)
    if wanted.query:
        url = url.copy_merge_params(list(_pairs(wanted.query)))
    headers = _headers(wanted.headers)
    content = b""
    if not wanted.read and wanted.body is not None:
        content = _content(wanted.body, headers)
    return Outgoing(url, headers, content, url.host, url.port or (443 if url.scheme == "https" else 80))


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, UnicodeError):
        raise InvalidRequest("URL is not a URL such as https://example.com/path") from None
    if url.scheme not in ("http", "https") or not url.host or not 0 < (url.port or 80) < 65_536:
        raise InvalidRequest("URL is not a URL such as https://example.com/path")
    if url.userinfo:
        raise InvalidRequest("URL has a user name in it; send it in the header Authorization")
    return url.copy_with(fragment=None)


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A list gives its name once for each element; null is "not set"."""
    for name, value in query.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                yield name, _text(each)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    headers = {"user-agent": "caboose", "accept-encoding": "identity"}
    for name, value in given.items():
        lowered = str(name).strip().lower()
        if value is None:
            continue
        if lowered in _OURS or lowered.startswith(_NEVER):
            raise InvalidRequest(f"the header {lowered!r:.80} can't be set by a template")
        text = _text(value).strip()
        if not (lowered.isascii() and lowered.isprintable() and lowered) or any(each in lowered for each in ' :"'):
            raise InvalidRequest(f"{lowered!r:.80} is no name of a header")
        if not (text.isascii() and text.isprintable()):
            raise InvalidRequest(f"the value of the header {lowered!r:.80} has characters that no header may have")
        headers[lowered] = text
    return headers


def _content(body: Any, headers: dict[str, str]) -> bytes:
    """The body as it travels; its type goes into the headers, unless they have one."""
    if isinstance(body, str):
        headers.setdefault("content-type", _TEXT)
        return body.encode("utf-8", "replace")
    if isinstance(body, dict) and headers.get("content-type", "").lower().startswith(_FORM):
        return urlencode(list(_pairs(body))).encode()
    headers.setdefault("content-type", _JSON)
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
