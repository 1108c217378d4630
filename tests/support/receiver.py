"""A receiver of HTTP requests: keeps what arrives and answers by a script."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Arrived:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer; ``content`` is sent as JSON unless it is bytes."""

    content: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Receiver:
    """Answers with the replies in turn, the last one again and again, each after so many ``seconds``."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.replies: list[Reply] = [Reply({})]
        self.seconds = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """Gives each request to the receiver."""

            def do_GET(self) -> None:
                """Answers a GET."""
                receiver.answer(self)

            def do_POST(self) -> None:
                """Answers a POST."""
                receiver.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.endpoint}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Keeps a request and answers it."""
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.arrived.append(Arrived(request.command, request.path, headers, body))
        reply = self.replies[min(len(self.arrived), len(self.replies)) - 1]
        time.sleep(self.seconds)
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        request.send_response(reply.status)
        for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver that is closed in the end."""
    opened = Receiver()
    try:
        yield opened
    finally:
        opened.close()
