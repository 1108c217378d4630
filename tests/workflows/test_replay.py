"""Stored histories replay: today's code asks for the same commands as the code that recorded them."""

import json

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflows.make_histories import HISTORIES, SCENARIOS
from worker import runner
from workflows.execution import ExecutionWorkflow

NAMES = [scenario.__name__.replace("_", "-") for scenario in SCENARIOS]


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_history_replays(name: str) -> None:
    stored = json.loads((HISTORIES / f"{name}.json").read_text())
    history = WorkflowHistory.from_json(stored["workflow_id"], stored["history"])
    result = await Replayer(workflows=[ExecutionWorkflow], workflow_runner=runner()).replay_workflow(history)
    assert result.replay_failure is None


async def test_a_history_that_differs_is_noticed() -> None:
    """The replay test can fail: a history without its first activity is refused."""
    stored = json.loads((HISTORIES / "approved.json").read_text())
    events = stored["history"]["events"]
    for event in events:
        attributes = event.get("activityTaskScheduledEventAttributes")
        if attributes and attributes["activityType"]["name"] == "select_targets":
            attributes["activityType"]["name"] = "call_api"
    history = WorkflowHistory.from_json(stored["workflow_id"], stored["history"])
    replayer = Replayer(workflows=[ExecutionWorkflow], workflow_runner=runner())
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None
