"""A server whose clock skips ahead, the simulator, and a worker in the test's own process: long waits take no time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from caboose.library_folders import built_in_templates
from caboose.settings import Settings
from caboose.store import Store
from tests.support.processes import FAST, TEMPORAL
from tests.support.programs import PROGRAMS
from tests.support.simulator import Simulator
from worker import make_worker
from workflows.messages import SEARCH_ATTRIBUTES

QUEUE = "long-waits"


class Skipping:
    """The parts, and what a test does with them."""

    def __init__(self, environment: WorkflowEnvironment, simulator: Simulator) -> None:
        self.environment = environment
        self.simulator = simulator

    async def start(self, name: str, count: int = 1) -> WorkflowHandle[Any, Any]:
        """Starts the stored template for ``count`` instances."""
        self.simulator.put_instances(count)
        ids = [each["InstanceId"] for each in self.simulator.instances()]
        parameters = {
            "targets": {"Type": "ResourceIds", "ResourceIds": ids},
            "webHookUrl": self.simulator.webhook(),
        }
        return await self.start_request(name, {"TemplateName": "reboot-with-approval", "Parameters": parameters})

    async def start_request(self, name: str, request: dict[str, Any]) -> WorkflowHandle[Any, Any]:
        """Starts whatever the request asks for."""
        request = {"RegionId": "cn-hangzhou", **request}
        client = self.environment.client
        return await client.start_workflow("Execution", request, id=f"exec-{name}", task_queue=QUEUE)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Skipping]:
    """The parts, started for real."""
    flags = {**FAST, "frontend.WorkflowTimeSkippingEnabled": "true"}
    with Simulator() as simulator:
        environment = await WorkflowEnvironment.start_time_skipping_v2(
            dev_server_existing_path=TEMPORAL,
            dev_server_log_level="error",
            search_attributes=[SearchAttributeKey.for_keyword(name) for name in SEARCH_ATTRIBUTES],
            ts_config=TimeSkippingConfig(max_session_skip_count=10_000),
            dev_server_extra_args=[
                argument for name, value in flags.items() for argument in ("--dynamic-config-value", f"{name}={value}")
            ],
        )
        settings = Settings(
            data_dir=folder,
            task_queue=QUEUE,
            ecs_endpoint=simulator.endpoint,
            sts_endpoint=simulator.endpoint,
            cloud_protocol="http",
            simulator_url=simulator.url,
        )
        store = Store.open(settings.store_url())
        store.migrate()
        store.seed(built_in_templates())
        async with make_worker(environment.client, settings, store, PROGRAMS):
            yield Skipping(environment, simulator)
        await environment.shutdown()
        store.close()
