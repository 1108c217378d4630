"""A worker process: settings, checks, a Temporal client, then work until it is told to stop.

Exit codes: 0 after a stop, 2 when the surroundings aren't ready (with the command that makes them so).
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NoReturn

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from activities.cancel import CancelActivities
from activities.cloud.activities import CloudActivities
from activities.evaluate import EvaluateActivities
from activities.http_request import HttpRequestActivities
from activities.notifications.mail import MailActivities
from activities.notifications.webhook import NotificationActivities
from activities.prepare import PrepareActivities
from activities.quiet import quiet_http_loggers
from activities.records import RecordActivities
from activities.retry import RetryPreparation
from caboose.library_folders import load_library
from caboose.payloads import data_converter, sweep_hourly
from caboose.sandbox import Sandbox
from caboose.settings import Settings, load_settings
from caboose.store import Store, StoreError
from workflows.execution import ExecutionWorkflow
from workflows.loop import LoopWorkflow
from workflows.ready import NotReady, ensure_search_attributes
from workflows.runner import runner

CONCURRENT_ACTIVITIES = 100
WORKFLOWS = (ExecutionWorkflow, LoopWorkflow)


def make_worker(
    client: Client, settings: Settings, store: Store, sandbox: Sandbox, workflows: Sequence[type] = WORKFLOWS
) -> Worker:
    """The worker, with every activity and its needs."""
    cloud = CloudActivities(settings, sandbox)
    evaluate = EvaluateActivities(sandbox)
    notifications = NotificationActivities(settings)
    records = RecordActivities(store)
    library = load_library(settings.library_path, settings.max_template_bytes)
    retries = RetryPreparation(client, store, settings)
    prepare = PrepareActivities(settings, store, library, sandbox, retries)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=workflows,
        activities=[
            prepare.prepare,
            prepare.compile_template,
            cloud.call_api,
            cloud.wait_for,
            cloud.select_targets,
            HttpRequestActivities(settings, sandbox).http_request,
            notifications.notify,
            MailActivities(settings).send_mail,
            evaluate.evaluate,
            evaluate.matches,
            records.record,
            records.record_tasks,
            CancelActivities(client).cancel_own_workflow,
        ],
        workflow_runner=runner(),
        activity_executor=ThreadPoolExecutor(CONCURRENT_ACTIVITIES, thread_name_prefix="activity"),
        max_concurrent_activities=CONCURRENT_ACTIVITIES,
        max_eager_activity_reservations_per_workflow_task=CONCURRENT_ACTIVITIES,
        graceful_shutdown_timeout=timedelta(seconds=40),
    )


async def connect(store: Store) -> Client:
    """A client by Temporal's own ``TEMPORAL_*`` variables, on this machine by default; the store has large payloads."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config, data_converter=data_converter(store))


async def main(workflows: Sequence[type] = WORKFLOWS) -> int:
    """Checks what must be there, then works until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    quiet_http_loggers()
    try:
        settings = load_settings()
        store = Store.open(settings.store_url())
        store.check_at_head()
        settings.base_url()
        client = await connect(store)
        await ensure_search_attributes(client)
        sandbox = Sandbox()
        worker = make_worker(client, settings, store, sandbox, workflows)
    except (StoreError, NotReady, ValueError, RuntimeError, FileNotFoundError) as error:
        sys.stderr.write(f"worker: {error}\n")
        return 2
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with worker:
        logging.getLogger("caboose.worker").info("ready, task queue %s", settings.task_queue)
        sweeping = asyncio.create_task(sweep_hourly(client, store))
        await stop.wait()
        sweeping.cancel()
    sandbox.close()
    store.close()
    return 0


def leave(code: int) -> NoReturn:
    """Ends the process without taking the interpreter down: the SDK's threads abort it then now and again
    (https://github.com/temporalio/sdk-python/issues/300), which would hide the exit code."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(asyncio.run(main()))
