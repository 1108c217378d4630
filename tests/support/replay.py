"""Replaying histories as a worker of ours would."""

import json
from base64 import b64decode, b64encode
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.worker import Replayer

from caboose.payloads import data_converter
from caboose.store import Store
from worker import runner
from workflows.execution import ExecutionWorkflow
from workflows.loop import LoopWorkflow

_REFERENCE = b64encode(ExternalStorageReference.DESCRIPTOR.full_name.encode()).decode()


def replayer(store: Store) -> Replayer:
    """Replays with today's code and the worker's own sandbox; ``store`` has the histories' large payloads."""
    return Replayer(workflows=[ExecutionWorkflow, LoopWorkflow], workflow_runner=runner(), data_converter=data_converter(store))


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
