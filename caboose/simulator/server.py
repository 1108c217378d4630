"""The HTTP server: uvicorn on a socket of our own, with each connection within reach of its requests.

ASGI has no way to end a connection without an answer, and a dropped connection is the fault that matters most here.
Uvicorn hands a per-connection `state` to every request: the protocol puts itself there. A raw asyncio server would
have given the same at the price of writing HTTP.
"""

import asyncio
import contextlib
import logging
import socket
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

# Templates and lists of ids travel in the URL (the SDK sends every parameter in the query).
LARGEST_REQUEST_HEAD = 1024 * 1024


class ReachableConnection(H11Protocol):
    """Uvicorn's HTTP protocol that shows itself to its requests as ``request.state.connection``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, "connection": self}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A connection is there: its answers go out without waiting for acknowledgements."""
        # asyncio does this only for sockets it made itself; without it each answer on a kept connection waits 40 ms
        # for the client's acknowledgement of its head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Listen and serve until a signal. Port 0 takes a free one; the address is the first line on stdout."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=ReachableConnection,
        h11_max_incomplete_event_size=LARGEST_REQUEST_HEAD,
        access_log=False,  # its lines would show a robot's access_token
        log_level=logging.WARNING,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    listener = config.bind_socket()
    listener.listen(1024)
    sys.stdout.write(f"simulator listens on http://{_address(listener)}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a person ends it, no reason for a traceback
        uvicorn.Server(config).run(sockets=[listener])


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
