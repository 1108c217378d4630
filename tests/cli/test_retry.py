"""``caboose executions retry``: one word, whose meaning the execution's status decides."""

import json
from typing import Any

import pytest

from tests.cli.program import caboose
from tests.cli.scripted_api import scripted

RUN = "exec-0123456789abcdef0123"
NEW = {"ExecutionId": "exec-new", "RetryOf": RUN, "TemplateName": "reboot", "Status": "Started"}


def answers(status: str, waiting: tuple[Any, ...] = ()) -> dict[str, list[Any]]:
    """An API in which the execution has this status."""
    return {
        f"GET /executions/{RUN}": [(200, {"Execution": {"Status": status, "Waiting": list(waiting)}})],
        f"POST /executions/{RUN}/notify": [(200, {"Accepted": True, "Message": "retried"})],
        f"POST /executions/{RUN}/retry": [(201, {"Execution": NEW})],
    }


def test_a_failed_execution_is_retried_by_a_new_one() -> None:
    with scripted(answers("Failed")) as api:
        env = {"CABOOSE_API_URL": api.url}
        plain = caboose("executions", "retry", RUN, env=env)
        options = ("--failed-items", "--note", "again", "--client-token", "once", "--json")
        full = caboose("executions", "retry", RUN, *options, env=env)
    assert plain.code == 0
    assert "exec-new" in plain.out
    assert f"RetryOf       {RUN}" in plain.out
    assert json.loads(full.out) == NEW
    assert [body for path, body in api.asked if path.startswith("POST")] == [
        {"FailedItemsOnly": False},
        {"FailedItemsOnly": True, "Description": "again", "ClientToken": "once"},
    ]


def test_one_that_waits_hears_of_it() -> None:
    wait = {"TaskExecutionId": f"{RUN}.t0001", "TaskName": "reboot", "Attempt": 1, "Accepts": ["RetryTask", "SkipTask"]}
    with scripted(answers("Waiting", (wait,))) as api:
        done = caboose("executions", "retry", RUN, "--note", "looked", env={"CABOOSE_API_URL": api.url})
    assert (done.code, done.out) == (0, "retried\n")
    sent = {"NotifyType": "RetryTask", "NotifyNote": "looked", "TaskExecutionId": f"{RUN}.t0001", "Attempt": 1}
    assert api.asked[-1] == (f"POST /executions/{RUN}/notify", sent)


@pytest.mark.parametrize("status", ["Success", "Cancelled"])
def test_one_that_ended_otherwise_is_left_alone(status: str) -> None:
    with scripted(answers(status)) as api:
        done = caboose("executions", "retry", RUN, env={"CABOOSE_API_URL": api.url})
    assert done.code == 1
    assert f"has ended as {status}" in done.err
    assert not [path for path, _ in api.asked if path.startswith("POST")]


@pytest.mark.parametrize(
    ("status", "options", "words"),
    [
        ("Failed", ("--task", "reboot"), "as a whole"),
        ("Failed", ("--item", "i-1"), "as a whole"),
        ("Waiting", ("--failed-items",), "--failed-items"),
        ("Running", ("--client-token", "once"), "--client-token"),
    ],
)
def test_options_of_the_other_meaning(status: str, options: tuple[str, ...], words: str) -> None:
    with scripted(answers(status)) as api:
        done = caboose("executions", "retry", RUN, *options, env={"CABOOSE_API_URL": api.url})
    assert done.code == 2
    assert words in done.err
    assert not [path for path, _ in api.asked if path.startswith("POST")]


def test_a_refusal_is_told() -> None:
    refusal = (409, {"Code": "AlreadyRetried", "Message": "retried by exec-new already", "RequestId": "r"})
    with scripted({**answers("Failed"), f"POST /executions/{RUN}/retry": [refusal]}) as api:
        done = caboose("executions", "retry", RUN, env={"CABOOSE_API_URL": api.url})
    assert done.code == 1
    assert "AlreadyRetried" in done.err
