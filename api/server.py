"""The HTTP server of one application: it ends its streams before it waits for its answers to be finished."""

import socket

import uvicorn
from fastapi import FastAPI


class Server(uvicorn.Server):
    """uvicorn's server with an end for those who watch executions: it would wait for them for ever."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        """
        Args:
            app: what ``create_app`` gives.
            host: the address to listen on.
            port: its port.
        """
        # its own access log prints paths, and an approval link is a path: api/observe.py prints routes
        super().__init__(
            uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False)
        )
        self._hub = app.state.hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the watching, then everything else."""
        self._hub.close()
        await super().shutdown(sockets)
