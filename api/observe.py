"""The outermost layer: a request's id, one line in the log, its count, and an answer for what nobody foresaw.

The server's own access log is off, because it prints paths and an approval link is a path. This one prints the route
(``/approvals/{link}``), never the address. Tracebacks are logged with the secrets of their messages masked.
"""

import logging
import time
import traceback
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, error_answer, request_id
from api.metrics import Metrics
from api.render import SECURITY_HEADERS
from caboose.oos.redact import redact_text

EVENT_STREAM = "text/event-stream"

logger = logging.getLogger("caboose.api")


class Observe:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = str(uuid4()).upper()
        started = time.perf_counter()
        status = 0
        streams = False

        async def sending(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                streams = Headers(raw=message["headers"]).get("content-type", "").startswith(EVENT_STREAM)
                _add_headers(message, scope)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            status = status or 499  # the client is gone: nobody reads an answer
        except Exception as error:
            _log(error, scope)
            if status:
                raise RuntimeError("failed after the answer had begun") from None
            await error_answer(scope, _unforeseen())(scope, receive, sending)
        finally:
            self._note(scope, status, time.perf_counter() - started, streams=streams)

    def _note(self, scope: Scope, status: int, seconds: float, *, streams: bool) -> None:
        """A stream's seconds are its watcher's patience, and no measure of this process."""
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.request(scope["method"], route, status, None if streams else seconds)
        logger.info("%s %s %d %.0f ms %s", scope["method"], route, status, seconds * 1000, request_id(scope))


def _add_headers(message: Message, scope: Scope) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = request_id(scope)
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)


def _unforeseen() -> ApiError:
    return ApiError(500, "InternalError", "Something went wrong here; the log has more under this request id.")


def _log(error: Exception, scope: Scope) -> None:
    text = redact_text("".join(traceback.format_exception(error)))
    logger.error("request %s failed\n%s", request_id(scope), text)
