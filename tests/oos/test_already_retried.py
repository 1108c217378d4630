"""What whoever comes second with a retry is told to do, by how the first one stands."""

from typing import Any

import pytest

from caboose.oos.start.already_retried import after_the_other

REFUSED = {"Possible": False, "Message": "calls of it are in doubt", "Hint": "Look at the resources."}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (None, "If exec-2 fails, retry that one; if it is cancelled, start a new execution with what is left."),
        ({"Status": "Running"}, "If exec-2 fails, retry that one;"),
        ({"Status": "Success"}, "exec-2 has ended as Success: nothing is left to retry."),
        ({"Status": "Cancelled"}, "exec-2 was Cancelled: start a new execution with what is left."),
        ({"Status": "Failed", "Retry": {"Possible": True}}, "exec-2 has failed: retry that one."),
        ({"Status": "Failed"}, "exec-2 has failed: retry that one."),
        (
            {"Status": "Failed", "Retry": REFUSED},
            "exec-2 has failed and can't be retried: calls of it are in doubt. Look at the resources.",
        ),
    ],
)
def test_it_follows_from_how_the_other_one_stands(record: dict[str, Any] | None, told: str) -> None:
    known = record and {**record, "FirstRunId": "run-1"}
    assert after_the_other("exec-2", "run-1", known).startswith(told)


def test_another_run_of_the_same_id_says_nothing() -> None:
    told = after_the_other("exec-2", "run-1", {"Status": "Success", "FirstRunId": "run-0"})
    assert told.startswith("If exec-2 fails")
