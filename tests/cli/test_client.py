"""What a command says when the API refuses, and what it sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import caboose
from tests.cli.scripted_api import scripted

RUN = "exec-00000000000000000001"
PROBLEM = {
    "Id": "MissingParameter",
    "Severity": "error",
    "Message": 'the parameter "webHookUrl" has no value',
    "Path": "Parameters.webHookUrl",
    "Line": 0,
    "Column": 0,
    "Hint": "Give it in Parameters.",
}


def test_every_problem_of_a_refused_start() -> None:
    refusal = {"Code": "ValidationFailed", "Message": "2 problems", "RequestId": "r1", "Problems": [PROBLEM, PROBLEM]}
    with scripted({"POST /executions": [(400, refusal)]}) as api:
        done = caboose("run", "reboot", env={"CABOOSE_API_URL": api.url})
    assert done.code == 1
    assert "ValidationFailed: 2 problems" in done.err
    assert 'MissingParameter Parameters.webHookUrl: the parameter "webHookUrl" has no value. Give it' in done.err


def test_a_start_sends_only_what_was_given(tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text("FormatVersion: OOS-2019-06-01\n")
    started = {"Execution": {"ExecutionId": RUN, "Status": "Started"}}
    with scripted({"POST /executions": [(201, started)]}) as api:
        env = {"CABOOSE_API_URL": api.url}
        named = caboose("run", "reboot", "-p", 'ids=["i-1"]', "-p", "all=false", "--region", "cn-beijing", env=env)
        given = caboose("run", "./t.yml", "--client-token", "again", "--json", env=env, cwd=tmp_path)
    assert (named.code, given.code) == (0, 0)
    assert RUN in named.out
    assert json.loads(given.out) == started["Execution"]
    assert [body for _, body in api.asked] == [
        {"TemplateName": "reboot", "Parameters": {"ids": ["i-1"], "all": "false"}, "RegionId": "cn-beijing"},
        {"TemplateContent": "FormatVersion: OOS-2019-06-01\n", "Parameters": {}, "ClientToken": "again"},
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, {"Code": "Unauthorized", "Message": "no", "RequestId": "r"}), "CABOOSE_TOKEN"),
        ((500, b"oops"), "HTTP 500"),
        ((200, b"<html>"), "something else than JSON"),
        ((503, {"Code": "WorkerUnavailable", "Message": "No worker", "RequestId": "r-77"}), "r-77"),
    ],
)
def test_answers_that_are_no_good(answer: tuple[int, Any], words: str) -> None:
    with scripted({"GET /executions": [answer]}) as api:
        done = caboose("executions", "list", env={"CABOOSE_API_URL": api.url})
    assert done.code == 1
    assert words in done.err
    assert "Traceback" not in done.err


def test_the_token_of_the_data_folder_and_the_address_beside_it(tmp_path: Path) -> None:
    with scripted({"GET /executions": [(200, {"Executions": [], "NextToken": ""})]}) as api:
        (tmp_path / "api-url").write_text(api.url + "\n")
        done = caboose("executions", "list", env={"CABOOSE_DATA_DIR": str(tmp_path)})
    assert (done.code, done.out) == (0, "No executions.\n")


def test_decisions_name_what_they_are_for() -> None:
    """One thing that fits is named exactly; what isn't one thing is left to the execution to refuse."""

    def wait(task: str, name: str, attempt: int, accepts: list[str], item: str | None = None) -> dict[str, Any]:
        return {
            "TaskExecutionId": f"{RUN}.{task}", "TaskName": name, "Attempt": attempt, "Accepts": accepts,
            "LoopItem": item,
        }  # fmt: skip

    waiting = [
        wait("t0002", "ask", 1, ["Approve", "Reject"]),
        wait("t0003.i0001.t0001", "rebootInstance", 2, ["RetryTask", "SkipTask"], "i-1"),
        wait("t0003.i0002.t0001", "rebootInstance", 1, ["RetryTask", "SkipTask"], "i-2"),
    ]
    answers: dict[str, list[Any]] = {
        f"GET /executions/{RUN}": [(200, {"Execution": {"Waiting": waiting}})],
        f"POST /executions/{RUN}/notify": [(200, {"Accepted": True, "Message": "Approved."})],
    }
    with scripted(answers) as api:
        env = {"CABOOSE_API_URL": api.url}
        approved = caboose("executions", "approve", RUN, "--note", "go", env=env)
        caboose("executions", "retry", RUN, "--task", f"{RUN}.t0003", env=env)
        caboose("executions", "skip", RUN, "--task", "rebootInstance", "--item", "i-1", env=env)
        both = caboose("executions", "skip", RUN, "--task", f"{RUN}.t0003.i0001", "--item", "i-1", env=env)
    assert approved.out == "Approved.\n"
    assert [body for _, body in api.asked if body] == [
        {"NotifyType": "Approve", "NotifyNote": "go", "TaskExecutionId": f"{RUN}.t0002", "Attempt": 1},
        {"NotifyType": "RetryTask", "TaskExecutionId": f"{RUN}.t0003"},
        {"NotifyType": "SkipTask", "TaskExecutionId": f"{RUN}.t0003.i0001.t0001", "Attempt": 2},
    ]
    assert both.code == 2


def test_lists_go_on_over_pages() -> None:
    def page(number: int, token: str) -> tuple[int, Any]:
        return 200, {"Executions": [{"ExecutionId": f"exec-{number}"}], "NextToken": token}

    with scripted({"GET /executions": [page(1, "two"), page(2, "three"), page(3, "")]}) as api:
        done = caboose("executions", "list", "--json", "--status", "Waiting", env={"CABOOSE_API_URL": api.url})
    assert [row["ExecutionId"] for row in json.loads(done.out)] == ["exec-1", "exec-2", "exec-3"]
    assert [path for path, _ in api.asked][1:] == [
        "GET /executions?MaxResults=49&NextToken=two&Status=Waiting",
        "GET /executions?MaxResults=48&NextToken=three&Status=Waiting",
    ]


def test_what_comes_from_outside_cannot_steer_the_terminal() -> None:
    row = {"ExecutionId": RUN, "TemplateName": "[red]x[/red]\x1b[2J\x07", "Status": "Failed"}
    with scripted({"GET /executions": [(200, {"Executions": [row], "NextToken": ""})]}) as api:
        done = caboose("executions", "list", env={"CABOOSE_API_URL": api.url})
    assert "[red]x[/red]" in done.out
    assert "\x1b" not in done.out
    assert "\x07" not in done.out
