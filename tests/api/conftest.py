"""The API on real HTTP: a Temporal server, a store, and the application served on a free port of loopback.

No worker runs here: these are the tests of what the API itself does, and of what it says while nobody answers.
"""

import asyncio
import os
import socket
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.hub import Hub
from api.server import Server
from caboose.settings import Settings
from caboose.store import Store
from tests.api import fakes
from workflows.messages import SEARCH_ATTRIBUTES

TOKEN = "token-of-these-tests"
KEYS = ["first-link-key", "second-link-key"]

WORKER_SECONDS = 0.3
"""Nobody polls here, so waiting longer for a worker would only take longer."""

TEMPLATE = """\
FormatVersion: OOS-2019-06-01
Description: Looks at one instance.
Parameters:
  instanceId: {Type: String}
Tasks:
  - Name: look
    Action: ACS::ExecuteAPI
    Properties:
      Service: ECS
      API: DescribeInstances
      Parameters: {InstanceIds: ['{{ instanceId }}']}
Outputs: {}
"""


@dataclass(frozen=True)
class Api:
    """A served application and a client that holds its token."""

    url: str
    settings: Settings
    store: Store
    client: httpx.AsyncClient
    temporal: Client
    hub: Hub


class _Server(Server):
    """A server that says when it listens."""

    def __init__(self, app: FastAPI, port: int) -> None:
        super().__init__(app, "127.0.0.1", port)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of(folder: Path, port: int, **more: Any) -> Settings:
    """Settings of an API that listens on ``port``."""
    return Settings(
        data_dir=folder,
        api_port=port,
        token=SecretStr(TOKEN),
        token_name="tester",
        link_keys=[SecretStr(key) for key in KEYS],
        region="cn-hangzhou",
        task_queue="nobody-polls-here",
        **more,
    )


@asynccontextmanager
async def served(
    settings: Settings,
    temporal: Client,
    *,
    more_routes: dict[str, Callable[..., Any]] | None = None,
    migrated: bool = True,
    worker_seconds: float = WORKER_SECONDS,
) -> AsyncIterator[Api]:
    """The application on real HTTP."""
    store = Store.open(settings.store_url())
    if migrated:
        store.migrate()
    app = create_app(settings, store, temporal, worker_seconds=worker_seconds)
    for path, endpoint in (more_routes or {}).items():
        app.add_api_route(path, endpoint)
    server = _Server(app, settings.api_port)
    serving = asyncio.create_task(server.serve())
    await asyncio.wait_for(server.ready.wait(), 10)
    url = f"http://127.0.0.1:{settings.api_port}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        yield Api(url, settings, store, client, temporal, app.state.hub)
    server.should_exit = True
    await serving
    store.close()


@pytest_asyncio.fixture(scope="session")
async def temporal_server() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server that nobody polls."""
    keys = [SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES]
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=os.fspath(program), dev_server_log_level="never", search_attributes=keys, ui=False
    )
    yield environment
    await environment.shutdown()
    await asyncio.sleep(0.3)  # temporalio/sdk-python#300: the interpreter may abort at its end otherwise


@pytest_asyncio.fixture(scope="session")
async def api(temporal_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The API with Temporal and without a worker."""
    settings = settings_of(tmp_path_factory.mktemp("api"), free_port())
    async with served(settings, temporal_server.client) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def lonely_api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The API while Temporal is away."""
    settings = settings_of(tmp_path_factory.mktemp("lonely"), free_port())
    nowhere = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)
    async with served(settings, nowhere) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def anonymous(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the token, as people behind a link are."""
    async with httpx.AsyncClient(base_url=api.url, timeout=30) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def faked_api(
    temporal_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Api]:
    """The API with a worker whose executions say what a test tells them to."""
    settings = settings_of(tmp_path_factory.mktemp("faked"), free_port())
    settings = settings.model_copy(update={"task_queue": fakes.QUEUE})
    temporal = temporal_server.client
    async with fakes.fake_worker(temporal), served(settings, temporal, worker_seconds=20) as running:
        yield running
