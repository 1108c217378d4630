"""Temporal's own view of an execution, for assertions: what its clients and its UI show, without our API.

The SDK's client and not the CLI: a CLI process for each of two hundred signals would take longer than all of this
folder, and the CLI prints an empty list as null. Where a test is about the CLI it runs the CLI.
"""

import asyncio
import base64
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from google.protobuf.json_format import MessageToDict
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionDescription, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.service import RPCError, RPCStatusCode

from caboose.settings import Settings
from tests.support.stack import Stack
from workflows.messages import EXECUTION_TYPE, GET_EXECUTION, NOTIFY_EXECUTION

Result = TypeVar("Result")
TASK_QUEUE: str = Settings.model_fields["task_queue"].default


class Server:
    """A client with a loop of its own, so that plain tests can use it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        self.client = self._loop.run_until_complete(self._stack.temporal_client())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Result], seconds: float = 60) -> Result:
        """The result of client calls; the bound only keeps a broken test from hanging."""
        return self._loop.run_until_complete(asyncio.wait_for(work, seconds))

    def start(self, execution_id: str, *inputs: Any, workflow_type: str = EXECUTION_TYPE) -> str:
        """Starts a workflow as any Temporal client would and gives its id."""
        self.run(
            self.client.start_workflow(workflow_type, args=list(inputs), id=execution_id, task_queue=TASK_QUEUE),
        )
        return execution_id

    def record(self, execution_id: str) -> dict[str, Any]:
        """What the query GetExecution answers."""
        handle = self.client.get_workflow_handle(execution_id)
        record: dict[str, Any] = self.run(handle.query(GET_EXECUTION))
        return record

    def signal(self, execution_id: str, *inputs: Any, name: str = NOTIFY_EXECUTION) -> None:
        """Sends a signal, NotifyExecution by default."""
        self.run(self.client.get_workflow_handle(execution_id).signal(name, args=list(inputs)))

    def signal_many(self, execution_id: str, inputs: list[Any]) -> None:
        """Sends one signal NotifyExecution for each input, all at once; the last may find it ended."""
        handle = self.client.get_workflow_handle(execution_id)

        async def send() -> None:
            signals = (handle.signal(NOTIFY_EXECUTION, each) for each in inputs)
            for outcome in await asyncio.gather(*signals, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    assert isinstance(outcome, RPCError), outcome
                    assert outcome.status == RPCStatusCode.NOT_FOUND, outcome

        self.run(send())

    def update(self, execution_id: str, *inputs: Any, name: str = NOTIFY_EXECUTION) -> Any:
        """Sends an update and gives its answer, or the code and the message of its refusal."""
        handle = self.client.get_workflow_handle(execution_id)
        try:
            return self.run(handle.execute_update(name, args=list(inputs)))
        except WorkflowUpdateFailedError as error:
            assert isinstance(error.cause, ApplicationError)
            return {"Refused": error.cause.type, "Message": error.cause.message}

    def failure(self, execution_id: str) -> FailureError:
        """Waits for the end of a workflow that doesn't end well, and gives Temporal's reason."""
        handle = self.client.get_workflow_handle(execution_id)
        try:
            result = self.run(handle.result())
        except WorkflowFailureError as error:
            assert isinstance(error.cause, FailureError)
            return error.cause
        raise AssertionError(f"{execution_id} ended well: {result}")

    def result(self, execution_id: str) -> Any:
        """The result of a workflow that ends well."""
        return self.run(self.client.get_workflow_handle(execution_id).result())

    def describe(self, execution_id: str) -> WorkflowExecutionDescription:
        """What Temporal's list and UI show."""
        return self.run(self.client.get_workflow_handle(execution_id).describe())

    def status(self, execution_id: str) -> str:
        """Temporal's own status: RUNNING, COMPLETED, FAILED, CANCELED, ..."""
        status = self.describe(execution_id).status
        assert status is not None
        return status.name

    def attributes(self, execution_id: str) -> dict[str, Any]:
        """The search attributes."""
        return {pair.key.name: pair.value for pair in self.describe(execution_id).typed_search_attributes}

    def details(self, execution_id: str) -> str:
        """The current details, as the Temporal UI asks for them."""
        handle = self.client.get_workflow_handle(execution_id)
        metadata = self.run(handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata))
        return str(metadata.current_details)

    def events(self, execution_id: str) -> list[dict[str, Any]]:
        """The history as JSON objects, with payloads as the text that they hold."""
        history = self.run(self.client.get_workflow_handle(execution_id).fetch_history())
        return [readable(MessageToDict(event)) for event in history.events]


def readable(value: Any) -> Any:
    """Payloads as their text: in the raw history they are Base64, in which no secret would be found."""
    if isinstance(value, dict):
        if set(value) <= {"metadata", "data", "externalPayloads"} and "metadata" in value:
            return _text(value)
        return {key: readable(child) for key, child in value.items()}
    if isinstance(value, list):
        return [readable(child) for child in value]
    return value


def _text(payload: dict[str, Any]) -> str:
    return base64.b64decode(payload.get("data", "")).decode(errors="replace")
