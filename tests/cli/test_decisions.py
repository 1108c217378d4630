"""What people say on the command line: which words are sent, and that they are for exactly what waits.

The commands run in this process, because each start of the program would take half a second.
"""

from typing import Any

import pytest
from typer.testing import CliRunner

from caboose.cli import app
from caboose.cli.errors import CliError
from tests.cli.scripted_api import scripted
from tests.support.warm import Done

RUN = "exec-0123456789abcdef0123"


def caboose(*arguments: str, env: dict[str, str]) -> Done:
    """Runs a command here, and gives what the program would have said."""
    ended = CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "CABOOSE_TOKEN": "token", **env})
    error = ended.exception
    if isinstance(error, CliError):
        return Done(error.exit_code, ended.stdout, str(error))
    assert error is None or isinstance(error, SystemExit), error
    return Done(ended.exit_code, ended.stdout, ended.stderr)


def wait(task: int, *accepts: str, **fields: Any) -> dict[str, Any]:
    """Something that waits at this task."""
    about = {"TaskName": f"task{task}", "TaskExecutionId": f"{RUN}.t000{task}", "Attempt": task, "LoopItem": None}
    return {**about, "Accepts": [*accepts], **fields}


def said(*arguments: str, waiting: tuple[dict[str, Any], ...] = ()) -> tuple[Done, dict[str, Any]]:
    """Runs ``caboose executions``; gives how it ended and what was sent."""
    command, *rest = arguments
    answers: dict[str, list[Any]] = {
        f"GET /executions/{RUN}": [(200, {"Execution": {"Status": "Waiting", "Waiting": list(waiting)}})],
        f"POST /executions/{RUN}/notify": [(200, {"Accepted": True, "Message": "approved: 1 of 2 approvals"})],
    }
    with scripted(answers) as api:
        done = caboose("executions", command, RUN, *rest, env={"CABOOSE_API_URL": api.url})
    sent = [body for path, body in api.asked if path.startswith("POST")]
    return done, sent[0] if sent else {}


FIRST = {"TaskExecutionId": f"{RUN}.t0001", "Attempt": 1}
ASKED = wait(1, "Approve", "Reject")
FAILED = wait(1, "RetryTask", "SkipTask")
STEP = wait(1, "ExecuteTask", "CancelTask", "CompleteExecution")


@pytest.mark.parametrize(
    ("arguments", "waits", "sent"),
    [
        (("approve",), ASKED, {"NotifyType": "Approve", **FIRST}),
        (
            ("approve", "--approver", "alice", "--note", "ok"),
            ASKED,
            {"NotifyType": "Approve", "Approver": "alice", "NotifyNote": "ok", **FIRST},
        ),
        (("reject", "--approver", "bob"), ASKED, {"NotifyType": "Reject", "Approver": "bob", **FIRST}),
        (("skip",), FAILED, {"NotifyType": "SkipTask", **FIRST}),
        (
            ("retry", "-p", "API=StopInstance", "-p", 'Parameters={"InstanceId": "i-2"}'),
            FAILED,
            {
                "NotifyType": "RetryTask",
                "Parameters": {"API": "StopInstance", "Parameters": {"InstanceId": "i-2"}},
                **FIRST,
            },
        ),
        (("execute-task",), STEP, {"NotifyType": "ExecuteTask", **FIRST}),
        (
            ("execute-task", "cleanUp", "-p", "force=true"),
            STEP,
            {"NotifyType": "ExecuteTask", "TaskName": "cleanUp", "Parameters": {"force": "true"}, **FIRST},
        ),
        (("cancel-task", "--note", "not now"), STEP, {"NotifyType": "CancelTask", "NotifyNote": "not now", **FIRST}),
        (("complete",), STEP, {"NotifyType": "CompleteExecution", "ExecutionStatus": "Success", **FIRST}),
        (
            ("complete", "--status", "Failed"),
            STEP,
            {"NotifyType": "CompleteExecution", "ExecutionStatus": "Failed", **FIRST},
        ),
    ],
)
def test_what_is_sent(arguments: tuple[str, ...], waits: dict[str, Any], sent: dict[str, Any]) -> None:
    done, body = said(*arguments, waiting=(waits,))
    assert (done.code, done.out) == (0, "approved: 1 of 2 approvals\n"), done.err
    assert body == sent


def test_one_of_several_is_meant_by_its_task_or_its_item() -> None:
    several = (wait(1, "Approve", LoopItem="i-1"), wait(2, "Approve", LoopItem={"id": 2}), wait(3, "Approve"))
    second = {"NotifyType": "Approve", "TaskExecutionId": f"{RUN}.t0002", "Attempt": 2}
    for options in (("--item", '{"id":2}'), ("--task", "task2"), ("--task", f"{RUN}.t0002")):
        assert said("approve", *options, waiting=several)[1] == second
    assert said("approve", waiting=several)[1] == {"NotifyType": "Approve"}, "the execution says what is wrong"


@pytest.mark.parametrize("below", ["t0001.t0002", "t0001.a2.t0002", "t0001.i0003.t0002"])
def test_a_loop_within_a_task_is_no_item(below: str) -> None:
    loop = f"{RUN}.{below}"
    done, body = said("approve", "--task", loop, "--item", "i-1", waiting=(wait(1, "Approve", LoopItem="i-1"),))
    assert (done.code, body) == (0, {"NotifyType": "Approve", "TaskExecutionId": loop, "LoopItem": "i-1"}), done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("complete", "--status", "Done"), "--status: one of Success, Failed, Cancelled, not 'Done'"),
        (("execute-task", "-p", "force"), "-p force: expected name=value"),
        (("cancel-task", "--task", f"{RUN}.t0001.i0001", "--item", "i-1"), "already names one loop item"),
        (("approve", "--task", f"{RUN}.t0001.t0002.i00012", "--item", "i-1"), "already names one loop item"),
    ],
)
def test_what_is_not_sent(arguments: tuple[str, ...], words: str) -> None:
    done, body = said(*arguments, waiting=(STEP,))
    assert (done.code, body) == (2, {})
    assert words in done.err


def test_a_failed_execution_is_not_retried_with_other_properties() -> None:
    with scripted({f"GET /executions/{RUN}": [(200, {"Execution": {"Status": "Failed"}})]}) as api:
        done = caboose("executions", "retry", RUN, "-p", "a=b", env={"CABOOSE_API_URL": api.url})
    assert done.code == 2
    assert "leave -p out" in done.err
    assert len(api.asked) == 1


def test_show_tells_how_many_have_approved_and_what_may_run_next() -> None:
    waits = [
        {**ASKED, "Required": 2, "Approvers": ["alice", "bob"], "Votes": [{"Approver": "alice"}]},
        {**STEP, "Tasks": ["look", "clean"], "Required": 1},
    ]
    record = {"ExecutionId": RUN, "Status": "Waiting", "Waiting": waits}
    with scripted({f"GET /executions/{RUN}": [(200, {"Execution": record})]}) as api:
        done = caboose("executions", "show", RUN, env={"CABOOSE_API_URL": api.url})
    assert done.code == 0, done.err
    words = " ".join(done.out.split())
    assert "Approvals 1 of 2: alice Approvers alice, bob" in words
    assert "Tasks look, clean" in words
    assert words.count("Approvals ") == 1
