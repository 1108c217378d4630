"""The whole of Caboose as a test meets it: Temporal server, simulator, API and worker as processes of their own."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client, WorkflowFailureError

from caboose.payloads import data_converter
from caboose.store import Store
from tests.support import warm
from tests.support.processes import TEMPORAL, Api, TemporalServer, Worker, free_port, started, until
from tests.support.simulator import Simulator

TOKEN = "token-of-these-tests"
FINAL = ("Success", "Failed", "Cancelled")
TEMPLATE = "reboot-with-approval"


class Stack:
    """Running processes, and what a test does with them."""

    def __init__(self, folder: Path, simulator: Simulator, temporal: TemporalServer, **settings: str) -> None:
        self.folder = folder
        self.simulator = simulator
        self.temporal = temporal
        port = free_port()
        self.env = {
            **simulator.env(),
            "TEMPORAL_ADDRESS": temporal.address,
            "CABOOSE_DATA_DIR": str(folder / "data"),
            "CABOOSE_API_PORT": str(port),
            "CABOOSE_TOKEN": TOKEN,
            "CABOOSE_REACHABLE_HOSTS": "127.0.0.1",
            **settings,
        }
        self.store = Store.open(self.env.get("CABOOSE_DATABASE_URL") or f"sqlite:///{folder / 'data' / 'caboose.db'}")
        self.worker = Worker(folder, self.env)
        self.api = Api(folder, self.env, port)
        self.url = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30, trust_env=False
        )

    def run(self, program: str, *arguments: str, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of ours to its end, in the stack's environment."""
        done = warm.run(program, *arguments, env={**os.environ, **self.env, **env}, timeout=120)
        completed = subprocess.CompletedProcess([program, *arguments], *done)
        if check:
            completed.check_returncode()
        return completed

    def caboose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs the ``caboose`` command."""
        return self.run("caboose.cli", *arguments, check=check, CABOOSE_API_URL=self.url)

    def temporal_cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs Temporal's own CLI against the stack's server."""
        command = [TEMPORAL, *arguments, "--address", self.temporal.address, "--command-timeout", "20s"]
        return subprocess.run(
            command, env={**os.environ, **self.env}, capture_output=True, text=True, check=check, timeout=120
        )

    async def temporal_client(self) -> Client:
        """A client of the stack's Temporal server, to which the store gives large payloads."""
        return await Client.connect(self.temporal.address, data_converter=data_converter(self.store))

    def parameters(self, ids: list[str], **more: Any) -> dict[str, Any]:
        """Parameters of the stored template for these instances, with the worker's own credentials."""
        targets = {"Type": "ResourceIds", "ResourceIds": ids}
        return {"targets": targets, "webHookUrl": self.simulator.webhook(), "OOSAssumeRole": "", **more}

    def start(self, parameters: dict[str, Any] | None = None, **fields: Any) -> str:
        """Starts an execution through the API and gives its id."""
        request = {"TemplateName": TEMPLATE, "Parameters": parameters or {}, **fields}
        if "TemplateContent" in fields:
            del request["TemplateName"]
        answer = self.http.post("/executions", json=request)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["Execution"]["ExecutionId"])

    def get(self, execution_id: str) -> dict[str, Any]:
        """An execution's record."""
        answer = self.http.get(f"/executions/{execution_id}")
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = answer.json()["Execution"]
        return record

    def tasks(self, execution_id: str, **query: Any) -> list[dict[str, Any]]:
        """An execution's task executions (one page)."""
        answer = self.http.get(f"/executions/{execution_id}/tasks", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["TaskExecutions"]
        return found

    def notify(self, execution_id: str, notify_type: str, **fields: Any) -> httpx.Response:
        """NotifyExecution through the API."""
        return self.http.post(f"/executions/{execution_id}/notify", json={"NotifyType": notify_type, **fields})

    def wait_for_status(self, execution_id: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """The record when the execution has one of these statuses."""
        return self._record_when(
            execution_id, lambda record: record["Status"] in statuses, f"{execution_id} is {statuses}", seconds
        )

    def wait_for_approval(self, execution_id: str) -> dict[str, Any]:
        """The record when the approval's message has been posted."""
        return self._record_when(execution_id, _asked, f"the message of {execution_id} is posted")

    def finish(self, execution_id: str, seconds: float = 90) -> dict[str, Any]:
        """The record when the execution has ended."""
        return self.wait_for_status(execution_id, *FINAL, seconds=seconds)

    def close(self, execution_id: str) -> dict[str, Any]:
        """The record when the workflow has closed too, which it does a moment after the record says how it ended."""
        record = self.finish(execution_id)

        async def closed() -> None:
            handle = (await self.temporal_client()).get_workflow_handle(execution_id)
            with suppress(WorkflowFailureError):
                await handle.result()

        asyncio.run(closed())
        return record

    def _record_when(
        self, execution_id: str, condition: Callable[[dict[str, Any]], bool], what: str, seconds: float = 60
    ) -> dict[str, Any]:
        record: dict[str, Any] = {}

        def reached() -> bool:
            nonlocal record
            record = self.get(execution_id)
            return condition(record)

        try:
            until(reached, what, seconds)
        except AssertionError:
            log = self.worker.read_log()[-2000:]
            raise AssertionError(f"never happened: {what}\n{json.dumps(record, indent=1)[:4000]}{log}") from None
        return record

    def reboots(self) -> list[dict[str, Any]]:
        """The simulator's log of RebootInstance."""
        return self.simulator.calls("RebootInstance")


def _asked(record: dict[str, Any]) -> bool:
    return record["Status"] == "Waiting" and record["Approvals"][-1]["Notification"]["Delivered"] is not None


@contextmanager
def running_stack(folder: Path, temporal_settings: dict[str, str] | None = None, **settings: str) -> Iterator[Stack]:
    """A stack of its own: Temporal, simulator, store, API and worker, all started and all killed at the end.

    ``temporal_settings`` are values of the Temporal server's dynamic configuration, ``settings`` ours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Simulator() as simulator:
        temporal = TemporalServer(folder, settings=temporal_settings)
        stack = Stack(folder, simulator, temporal, **settings)
        stack.run("caboose.store", "migrate")
        with started(temporal, stack.api, stack.worker), stack.http:
            yield stack
        stack.store.close()
