"""Stored histories replay: today's code asks for the same commands as the code that recorded them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from caboose.store import Store
from tests.support.replay import commands_of, replayer
from tests.workflows.make_histories import COMMANDS, HISTORIES, SCENARIOS

NAMES = sorted(file.stem for file in HISTORIES.glob("*.json"))


def test_every_scenario_has_its_history() -> None:
    assert {scenario.__name__.replace("_", "-") for scenario in SCENARIOS} <= set(NAMES)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store: stored histories have their large payloads in them, and a replay stores them as a worker does."""
    store = Store.open(f"sqlite:///{tmp_path / 'caboose.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_history_replays(store: Store, name: str) -> None:
    stored = json.loads((HISTORIES / f"{name}.json").read_text())
    history = WorkflowHistory.from_json(stored["workflow_id"], stored["history"])
    result = await replayer(store).replay_workflow(history)
    assert result.replay_failure is None


@pytest.mark.parametrize("name", NAMES)
async def test_todays_code_asks_for_the_same_commands_with_the_same_arguments(store: Store, name: str) -> None:
    """Replaying compares kinds and names only: a value that is made otherwise would go unnoticed."""
    stored = json.loads((HISTORIES / f"{name}.json").read_text())
    golden = json.loads((HISTORIES / f"{name}{COMMANDS}").read_text())
    assert await commands_of(stored, store) == golden


async def test_a_history_that_differs_is_noticed(store: Store) -> None:
    """The replay test can fail: a history without its first activity is refused."""
    stored = json.loads((HISTORIES / "approved.json").read_text())
    events = stored["history"]["events"]
    for event in events:
        attributes = event.get("activityTaskScheduledEventAttributes")
        if attributes and attributes["activityType"]["name"] == "select_targets":
            attributes["activityType"]["name"] = "call_api"
    history = WorkflowHistory.from_json(stored["workflow_id"], stored["history"])
    result = await replayer(store).replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None
