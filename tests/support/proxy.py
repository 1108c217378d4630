"""A TCP proxy between the worker and Temporal that can stop passing on what the worker says.

With it a test reaches the moment in which a worker has the cloud's answer and the server doesn't know it yet.
"""

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Self


class Proxy:
    """Passes connections on to a port of this machine; ``hold`` keeps back what clients send from then on."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._passing = threading.Event()
        self._passing.set()
        self._closed = False
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        self._passing.set()
        self._listener.close()

    @property
    def address(self) -> str:
        """host:port for the worker."""
        return f"127.0.0.1:{self.port}"

    def hold(self) -> None:
        """From now on the server hears nothing of the worker."""
        self._passing.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._closed:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, sink, held in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, sink, held), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, held: bool) -> None:
        with contextlib.suppress(OSError):
            while True:
                select.select([source], [], [])
                if held:
                    self._passing.wait()
                    if self._closed:
                        break  # what was held back is never passed on
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
