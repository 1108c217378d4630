"""Which failed executions can be taken up again, and what the record says about it."""

from typing import Any

import pytest

from caboose.engine.progress import Begun, Checkpoint, Progress
from caboose.engine.retrying import Refusal, begin_note, place_to_retry, retry_fields
from caboose.engine.state import ExecutionState, TaskRun

AT = "2026-01-31T08:00:00Z"
BEGUN = Begun([f"i-{n}" for n in range(10)], {}, Progress(next=6, failed=[2, 4], succeeded=3, skipped=1))


def ended(status: str = "Failed", *, reason: str = "LoopFailed", started: str = AT, **fields: Any) -> ExecutionState:
    """An execution that has ended."""
    state = ExecutionState("exec-1", created=AT, started=started, **fields)
    state.end(status, AT, reason=reason, message="why")
    return state


def run(number: int, **fields: Any) -> TaskRun:
    """A task execution that has ended."""
    return TaskRun(f"exec-1.t{number:04d}", "remove", "ACS::ExecuteAPI", AT, ended=AT, **fields)


def test_from_where_and_how_much_is_done() -> None:
    state = ended(checkpoint=Checkpoint("remove", {}, BEGUN))
    assert place_to_retry(state) is state.checkpoint
    items = {"Done": 3, "Failed": 2, "Skipped": 1, "NotStarted": 4}
    assert retry_fields(state) == {"Possible": True, "TaskName": "remove", "Items": items}


def test_a_task_without_a_loop_has_no_items() -> None:
    state = ended(checkpoint=Checkpoint("look", {}))
    assert retry_fields(state) == {"Possible": True, "TaskName": "look", "Items": {}}


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (ended("Success", reason=""), "NotFailed", "Success"),
        (ended("Cancelled", reason="Rejected"), "NotFailed", "Cancelled"),
        (ExecutionState("exec-1", created=AT, started=AT), "NotFailed", "Running"),
        (ended(reason="ValidationFailed", started=""), "NothingToRetry", "before its first task"),
        (ended(), "NothingToRetry", "no failed task"),
        (
            ended(reason="CompleteExecution", checkpoint=Checkpoint("look", {})),
            "NothingToRetry",
            "somebody completed it",
        ),
        (
            ended(checkpoint=Checkpoint("look", {}), runs={"1": run(1, unknown=True), "2": run(2)}),
            "CallsInDoubt",
            "(exec-1.t0001)",
        ),
        (
            ended(checkpoint=Checkpoint("look", {}), runs={str(n): run(n, unknown=True) for n in range(1, 6)}),
            "CallsInDoubt",
            "(exec-1.t0001, exec-1.t0002, exec-1.t0003 and 2 more)",
        ),
    ],
)
def test_what_is_refused(state: ExecutionState, code: str, words: str) -> None:
    refused = place_to_retry(state)
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert words in refused.message
    if code != "NotFailed":
        assert refused.hint
        assert retry_fields(state)["Code"] == code
    else:
        assert retry_fields(state) == {}


@pytest.mark.parametrize(
    ("begun", "failed_only", "note"),
    [
        (None, False, "retries exec-1 from remove, which runs again from its beginning"),
        (
            BEGUN,
            False,
            "retries exec-1 from remove: 3 items were done already, 2 run again, 4 that never started follow",
        ),
        (
            BEGUN,
            True,
            "retries exec-1 from remove: 3 items were done already, 2 run again, 4 that never started are left out",
        ),
        (
            Begun(["i-1"], {}, Progress(next=1, again=[0])),
            True,
            "retries exec-1 from remove: 0 items were done already, 1 run again",
        ),
    ],
)
def test_the_note_of_the_new_one(begun: Begun | None, failed_only: bool, note: str) -> None:
    assert begin_note("exec-1", Checkpoint("remove", {}, begun), failed_items_only=failed_only) == note
