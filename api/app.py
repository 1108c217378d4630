"""Puts the API together: ``create_app(settings, store, client)``.

Layers from the outside: what every request gets (id, log line, count, headers), then the token, then the routes. The
interactive documentation of FastAPI is off: it loads scripts from another host, and bodies here are OOS's, described by
OOS.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from temporalio.client import Client

from api import approvals, errors, executions, follow, health, retries, starts, templates
from api.auth import RequireToken
from api.context import Context
from api.metrics import Metrics
from api.observe import Observe
from api.temporal import WORKER_SECONDS, Gateway
from caboose.library_folders import load_library
from caboose.sandbox import Sandbox
from caboose.settings import Settings
from caboose.store import Store

ROUTERS = (
    starts.router,
    retries.router,
    executions.router,
    follow.router,
    templates.router,
    approvals.router,
    health.router,
)


# FastAPI's own telemetry would put addresses into spans, and an approval link is an address.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(settings: Settings, store: Store, client: Client, *, worker_seconds: float = WORKER_SECONDS) -> FastAPI:
    """The application.

    Args:
        settings: see ``caboose/settings.py``.
        store: at head.
        client: may be lazy: without Temporal the API starts, and says so on each request.
        worker_seconds: how long to wait for what only a worker can answer.

    Raises:
        ValueError: without a base for approval links (CABOOSE_PUBLIC_URL), see ``Settings.base_url``; when a folder of
            CABOOSE_LIBRARY_PATH can't be used.
    """
    sandbox = Sandbox()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(sandbox.close)

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        lifespan=lifespan,
    )
    app.state.metrics = Metrics()
    app.state.context = Context(
        settings=settings,
        store=store,
        gateway=Gateway(client, settings.task_queue, worker_seconds),
        library=load_library(settings.library_path, settings.max_template_bytes),
        sandbox=sandbox,
        base_url=settings.base_url(),
        link_keys=settings.approval_keys(),
    )
    app.state.hub = follow.make_hub(app.state.context)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(RequireToken, token=settings.api_token())
    app.add_middleware(Observe, metrics=app.state.metrics)  # the last one added is the outermost
    return app
