"""A socket that misbehaves on purpose, for what happens below HTTP."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

OK = b'{"RequestId": "R-1"}'


def answer(content: bytes = OK, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP answer that keeps the connection alive."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Wire:
    """Counts connections and requests; ``reply`` says what a request gets: bytes, or None for a closed connection."""

    def __init__(self, reply: Callable[[int], bytes | None], request_end: bytes) -> None:
        self._reply = reply
        self._request_end = request_end
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.connections = 0
        self.requests: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """host:port."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Closes the listener and every connection."""
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
                if self._request_end not in received:
                    continue
                self.requests.append(received)
                received = b""
                reply = self._reply(len(self.requests))
                if reply is None:
                    return
                connection.sendall(reply)


@contextlib.contextmanager
def wire(reply: Callable[[int], bytes | None], request_end: bytes = b"\r\n\r\n") -> Iterator[Wire]:
    """A socket that is closed in the end."""
    opened = Wire(reply, request_end)
    try:
        yield opened
    finally:
        opened.close()
