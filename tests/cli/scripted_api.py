"""An API that answers from a script, over real HTTP: what the real one answers is tested where it lives."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]


@dataclass
class Script:
    """Answers by method and path, each list used up from the front; its last answer is given for ever."""

    answers: dict[str, list[Answer]]
    asked: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def next(self, request: str) -> Answer:
        """The answer to ``GET /path``."""
        left = self.answers.get(request)
        if not left:
            return 404, {"Code": "NotFound", "Message": f"no script for {request}", "RequestId": "r"}
        return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def scripted(answers: dict[str, list[Answer]]) -> Iterator[Script]:
    """The API on a free port of this machine."""
    script = Script(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            script.asked.append((f"{self.command} {self.path}", body))
            script.headers.append((f"{self.command} {self.path}", dict(self.headers)))
            status, content = script.next(f"{self.command} {self.path.partition('?')[0]}")
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
