"""A Temporal server, and over a store of each test's own a worker with small workflows."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from caboose.payloads import data_converter
from caboose.store import Store
from tests.support.processes import TemporalServer, started
from tests.workflows.payloads.small import ACTIVITIES, CALLED, WORKFLOWS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """A Temporal server and nothing else; it deletes a workflow soon when it is told to."""
    settings = dict.fromkeys(
        ("history.transferProcessorUpdateAckInterval", "history.visibilityProcessorUpdateAckInterval"), '"50ms"'
    )
    server = TemporalServer(tmp_path_factory.mktemp("temporal"), settings=settings)
    with started(server):
        yield server


@pytest_asyncio.fixture
async def client(temporal: TemporalServer, store: Store) -> Client:
    """A client of the Temporal server with this store."""
    return await Client.connect(temporal.address, data_converter=data_converter(store, patience=1.0))


@pytest.fixture
def task_queue() -> str:
    """A task queue of the test's own."""
    return f"payloads-{uuid4().hex}"


@pytest_asyncio.fixture
async def only_workflows(client: Client, task_queue: str) -> AsyncIterator[None]:
    """A worker that works on the small workflows, and leaves activities alone."""
    CALLED.clear()
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=0,  # what a workflow task needs is read from the store each time
    ):
        yield


@pytest_asyncio.fixture
async def worker(only_workflows: None, client: Client, task_queue: str) -> AsyncIterator[None]:
    """Workers for the small workflows and their activities."""
    async with Worker(client, task_queue=task_queue, activities=ACTIVITIES):
        yield
