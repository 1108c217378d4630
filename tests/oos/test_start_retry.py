"""The fields of a start that retries a failed execution."""

from typing import Any

import pytest

from caboose.oos.start.retry import is_retry, retry_problems
from tests.oos.templates import places


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"RetryOf": "exec-1"}, True),
        ({"RetryOf": None}, True),
        ({"TemplateName": "a"}, False),
        ([], False),
        ("", False),
    ],
)
def test_which_starts_are_retries(request_: Any, expected: bool) -> None:
    assert is_retry(request_) is expected


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"FailedItemsOnly": True},
        {"FailedItemsOnly": None, "Description": "again", "ClientToken": "t", "ExecutedBy": "alice"},
    ],
)
def test_fields_in_order(more: dict[str, Any]) -> None:
    assert retry_problems({"RetryOf": "exec-1", **more}) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"RetryOf": ""}, [("InvalidField", "RetryOf")]),
        ({"RetryOf": None}, [("InvalidField", "RetryOf")]),
        ({"RetryOf": 5}, [("InvalidField", "RetryOf")]),
        ({"RetryOf": "x" * 1001}, [("InvalidField", "RetryOf")]),
        ({"FailedItemsOnly": "yes"}, [("InvalidField", "FailedItemsOnly")]),
        ({"FailedItemsOnly": 1}, [("InvalidField", "FailedItemsOnly")]),
        ({"Description": ["a"]}, [("InvalidField", "Description")]),
        (
            {"TemplateName": "other", "Parameters": {}, "Mode": "Debug"},
            [("InvalidField", "TemplateName"), ("InvalidField", "Parameters"), ("InvalidField", "Mode")],
        ),
        ({"FailedItems": True}, [("UnknownField", "FailedItems")]),
        ({"Description": "\ud800"}, [("InvalidRequest", "")]),
    ],
)
def test_fields_that_are_refused(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert places(retry_problems({"RetryOf": "exec-1", **fields})) == expected


def test_a_near_miss_is_named() -> None:
    (problem,) = retry_problems({"RetryOf": "exec-1", "FailedItemOnly": True})
    assert "FailedItemsOnly" in problem.hint
    (problem,) = retry_problems({"RetryOf": "exec-1", "Zzz": True})
    assert "ClientToken" in problem.hint
