"""The application: which address is whose."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from caboose.simulator.chat import robot_send
from caboose.simulator.cloud import cloud
from caboose.simulator.control import routes
from caboose.simulator.page import render
from caboose.simulator.state import Options, Simulator


def create_app(options: Options) -> Starlette:
    """The simulator as an ASGI application, for a server that keeps the connection within reach (server.py)."""
    simulator = Simulator(options)

    async def root(request: Request) -> Response:
        if request.method in ("GET", "HEAD") and not _is_call(request):
            return HTMLResponse(render(simulator.world))
        return await cloud(request, simulator.world)

    async def robot(request: Request) -> Response:
        return await robot_send(request, simulator.world)

    return Starlette(
        routes=[
            Route("/", root, methods=["GET", "POST"]),
            Route("/robot/send", robot, methods=["POST"]),
            *routes(simulator),
        ]
    )


def _is_call(request: Request) -> bool:
    return (
        any(name in request.headers for name in ("x-acs-action", "authorization")) or "Action" in request.query_params
    )
