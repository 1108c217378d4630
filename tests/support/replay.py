"""Replaying histories as a worker of ours would."""

import json
from base64 import b64decode, b64encode
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from caboose.payloads import data_converter
from caboose.store import Store
from tests.support.commands import Command, Commands
from worker import WORKFLOWS
from workflows.runner import runner

_REFERENCE = b64encode(ExternalStorageReference.DESCRIPTOR.full_name.encode()).decode()


def replayer(store: Store) -> Replayer:
    """Replays with today's code and the worker's own sandbox; ``store`` has the histories' large payloads."""
    return Replayer(workflows=WORKFLOWS, workflow_runner=runner(), data_converter=data_converter(store))


async def commands_of(stored: dict[str, Any], store: Store) -> list[Command]:
    """What today's code asks for when a stored history (``{workflow_id, history}``) is replayed."""
    commands = Commands()
    history = WorkflowHistory.from_json(stored["workflow_id"], stored["history"])
    plain = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(store),
        interceptors=[commands],
    )
    await plain.replay_workflow(history)
    return commands.kept


def with_large_payloads(history: Any, store: Store) -> Any:
    """A history, as JSON, with the large payloads of the store in it in place of their references."""
    if isinstance(history, list):
        return [with_large_payloads(each, store) for each in history]
    if not isinstance(history, dict):
        return history
    metadata = history.get("metadata")
    if isinstance(metadata, dict) and metadata.get("messageType") == _REFERENCE:
        key = json.loads(b64decode(history["data"]))["claimData"]["key"]
        found: Any = MessageToDict(Payload.FromString(store.get_payloads([key])[0]))
        return found
    return {name: with_large_payloads(each, store) for name, each in history.items()}
