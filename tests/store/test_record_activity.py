"""The activities ``record`` and ``record_tasks``, run as a worker runs them."""

from dataclasses import asdict
from pathlib import Path

import pytest
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.contracts import RecordInput, RecordTasksInput
from activities.records import RecordActivities
from caboose.store import Store, StoreUnavailable, TaskFilter
from tests.store.records import record, task


def run(store: Store, execution: dict[str, object], *tasks: dict[str, object]) -> None:
    ActivityEnvironment().run(RecordActivities(store).record, RecordInput(execution, list(tasks)))


def test_the_record_and_its_tasks_are_stored(store: Store) -> None:
    written = record("exec-1", Status="Waiting")
    for _ in range(2):  # the server may have it run twice
        run(store, written, task("exec-1.t0001"))
    assert store.get_execution("exec-1") == written
    assert store.list_task_executions("exec-1").items == [task("exec-1.t0001")]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_secrets_of_a_webhook_are_not_stored(store: Store) -> None:
    hook = "https://oapi.dingtalk.com/robot/send?access_token=canary"
    run(store, record("exec-1", StatusMessage=f"posted to {hook}"), task("exec-1.t0001", Outputs={"url": [hook]}))
    assert "canary" not in str(store.get_execution("exec-1"))
    assert "canary" not in str(store.list_task_executions("exec-1"))
    assert "canary" not in str(store.list_executions())


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_record_that_cannot_be_filed_is_not_tried_again(store: Store) -> None:
    with pytest.raises(ApplicationError, match="ExecutionId") as caught:
        run(store, {"Status": "Running", "Revision": 1})
    assert caught.value.type == "RecordInvalid"
    assert caught.value.non_retryable


def test_a_store_that_cannot_be_reached_is_tried_again(tmp_path: Path) -> None:
    """Temporal tries again whatever isn't an ApplicationError that says not to."""
    with pytest.raises(StoreUnavailable):
        run(Store.open(f"sqlite:///{tmp_path / 'no' / 'caboose.db'}"), record("exec-1"))


async def test_the_input_crosses_temporal_unchanged() -> None:
    given = RecordInput(record("exec-1", Outputs={"深": [None, 1.5]}), [task("exec-1.t0001")])
    (payload,) = await DataConverter.default.encode([given])
    (read,) = await DataConverter.default.decode([payload], [RecordInput])
    assert asdict(read) == asdict(given)


def test_task_executions_of_a_loop_are_stored(store: Store) -> None:
    hook = "https://oapi.dingtalk.com/robot/send?access_token=canary"
    given = RecordTasksInput("exec-1", "run-1", [task("exec-1.t0001.i0001", "exec-1.t0001", StatusMessage=hook)])
    for _ in range(2):
        ActivityEnvironment().run(RecordActivities(store).record_tasks, given)
    (stored,) = store.list_task_executions("exec-1", TaskFilter("exec-1.t0001")).items
    assert stored["StatusMessage"] == hook.replace("canary", "***")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_task_executions_without_an_id_are_not_tried_again(store: Store) -> None:
    with pytest.raises(ApplicationError, match="TaskExecutionId") as caught:
        ActivityEnvironment().run(RecordActivities(store).record_tasks, RecordTasksInput("exec-1", "run-1", [{}]))
    assert caught.value.non_retryable
