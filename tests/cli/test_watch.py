"""``caboose run --wait``: what is told, when it ends, how it is left."""

import json
import signal
from pathlib import Path
from typing import Any

from tests.cli.program import COMMAND, Running, caboose
from tests.cli.scripted_api import Answer, scripted

RUN = "exec-00000000000000000001"
LINK = "http://127.0.0.1:8000/approvals/token"


def record(status: str, **fields: Any) -> dict[str, Any]:
    """A record as the API answers it."""
    return {"ExecutionId": RUN, "TemplateName": "reboot-with-approval", "Status": status, **fields}


def task(number: int, name: str, status: str, **fields: Any) -> dict[str, Any]:
    """A task execution."""
    return {
        "TaskExecutionId": f"{RUN}.t{number:04d}",
        "TaskName": name,
        "TaskAction": f"ACS::{name}",
        "Status": status,
        **fields,
    }


def loop(success: int, running: int, failed: int = 0) -> dict[str, int]:
    """A loop's counters."""
    return {"Total": 3, "Success": success, "Failed": failed, "Running": running, "Waiting": 0}


def waiting(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    """What an execution waits for."""
    accepts = ["Approve", "Reject"] if kind in ("Approve", "BatchPause") else ["RetryTask", "SkipTask"]
    wait = {"Kind": kind, "TaskName": name, "TaskExecutionId": f"{RUN}.t0002", "Attempt": 1, "LoopItem": None}
    return {**wait, "Accepts": accepts, **fields}


SELECT = task(1, "select", "Success")
DECISION = {"DecisionId": "d1", "Accepted": True, "NotifyType": "Approve", "By": "alice", "Note": "go"}
STORY = [
    record(
        "Running", Tasks=[task(1, "select", "Running")], Warnings=[{"Id": "LetterCase", "Message": "a", "Hint": "b"}]
    ),
    record(
        "Waiting",
        Tasks=[SELECT, task(2, "approve", "Waiting")],
        Waiting=[waiting("Approve", "approve", ApprovalLink=LINK)],
    ),
    record(
        "Running",
        Tasks=[SELECT, task(2, "approve", "Success"), task(3, "reboot", "Running", Loop=loop(1, 2))],
        Decisions=[DECISION],
    ),
    record(
        "Success",
        Tasks=[SELECT, task(2, "approve", "Success"), task(3, "reboot", "Success", Loop=loop(3, 0))],
        Decisions=[DECISION],
        Outputs={"instanceIds": ["i-1", "i-2", "i-3"]},
    ),
]


def stream(records: list[dict[str, Any]]) -> bytes:
    """Records as server-sent events, each with its number as its id."""
    events = (f"id: {number}\nevent: execution\ndata: {json.dumps(each)}\n\n" for number, each in enumerate(records))
    return ("retry: 2000\n\n: heartbeat\n\n" + "".join(events)).encode()


def answers(*records: dict[str, Any] | Answer) -> dict[str, list[Answer]]:
    """The script of a run that is watched; an answer in between ends one stream, and the rest comes in the next."""
    given: list[Answer] = []
    part: list[dict[str, Any]] = []
    for each in records:
        if isinstance(each, tuple):
            given += [(200, stream(part)), each] if part else [each]
            part = []
        else:
            part.append(each)
    last = records[-1]
    assert not isinstance(last, tuple)
    return {
        "POST /executions": [(201, {"Execution": record("Started")})],
        f"GET /executions/{RUN}/events": [*given, (200, stream(part))],
        f"GET /executions/{RUN}": [(200, {"Execution": last})],
    }


def test_the_whole_story_in_lines() -> None:
    with scripted(answers(*STORY)) as api:
        done = caboose("run", "reboot-with-approval", "--wait", env={"CABOOSE_API_URL": api.url})
    assert (done.code, done.err) == (0, "")
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines == [
        f"{RUN}  reboot-with-approval",
        "warning: LetterCase a. b",
        "select (ACS::select) Running",
        "select (ACS::select) Success",
        "approve (ACS::approve) Waiting",
        "approve waits for a decision:",
        LINK,
        'Approve by alice: "go"',
        "approve (ACS::approve) Success",
        "reboot (ACS::reboot) Running",
        "1 of 3 done, 0 failed, 2 running",
        "reboot (ACS::reboot) Success",
        "3 of 3 done, 0 failed, 0 running",
        f"{RUN} Success",
        "Outputs {",
        '"instanceIds": [',
        '"i-1",',
        '"i-2",',
        '"i-3"',
        "]",
        "}",
    ]


def test_a_note_is_told_once_when_it_comes() -> None:
    notes = ["the output a was left out: Fn::Eval: nothing to compute"]
    with scripted(answers(record("Running"), record("Success", Notes=notes), record("Success", Notes=notes))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert done.out.count(f"note: {notes[0]}") == 1


def test_a_note_can_not_look_like_a_line_of_ours() -> None:
    forged = f"{RUN} Success"
    decision = {**DECISION, "Note": f"ok\n{forged}\n    Approve by bob"}
    with scripted(answers(record("Failed", Decisions=[decision], StatusMessage=f"a\r\n{forged}"))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    lines = done.out.splitlines()
    assert lines[1:4] == ['    Approve by alice: "ok', f"      | {forged}", '      |     Approve by bob"']
    assert lines[-2:] == ["a", f"      | {forged}"]


def test_json_is_the_last_record_alone() -> None:
    with scripted(answers(*STORY)) as api:
        done = caboose("run", "reboot-with-approval", "--wait", "--json", env={"CABOOSE_API_URL": api.url})
    assert json.loads(done.out) == STORY[-1]
    assert LINK in done.err


def test_a_failed_execution_is_1() -> None:
    failed = record("Failed", StatusMessage="IncorrectInstanceStatus: it is stopped", Tasks=[])
    cancelled = record("Cancelled", StatusMessage="Rejected by bob: no", Tasks=[])
    for end, words in ((failed, "it is stopped"), (cancelled, "Rejected by bob")):
        with scripted(answers(end)) as api:
            done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
        assert done.code == 1
        assert words in done.out


def test_what_nobody_knows_names_the_ways_out() -> None:
    unknown = waiting("OutcomeUnknown", "reboot", LoopItem="i-2", Message="no answer from ECS")
    with scripted(answers(record("Waiting", Tasks=[], Waiting=[unknown]), record("Success", Tasks=[]))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert "reboot i-2: no answer from ECS" in done.out
    assert f"caboose executions retry {RUN} --task {RUN}.t0002" in done.out
    assert f"caboose executions skip {RUN} --task {RUN}.t0002" in done.out


def test_a_message_that_was_not_delivered_is_told() -> None:
    approval = {
        "TaskExecutionId": f"{RUN}.t0002",
        "Notification": {"Delivered": False, "Message": "token is not exist", "Warning": "", "Number": 1},
    }
    with scripted(answers(record("Waiting", Approvals=[approval]), record("Success"))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert done.out.count("token is not exist") == 1


def test_an_api_that_is_away_for_a_moment() -> None:
    away = (503, {"Code": "StoreUnavailable", "Message": "later", "RequestId": "r"})
    with scripted(answers(record("Running"), away, away, record("Success"))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert done.code == 0


def test_ctrl_c_only_stops_watching(tmp_path: Path) -> None:
    with scripted(answers(record("Running", Tasks=[SELECT]))) as api:
        command = [*COMMAND, "run", "x", "--wait"]
        running = Running(command, {"CABOOSE_API_URL": api.url, "PYTHONUNBUFFERED": "1"}, tmp_path / "output")
        running.wait_for("select")
        assert running.end(signal.SIGINT) == 130
    assert f"{RUN} goes on" in running.text()
    assert {path for path, _ in api.asked} == {"POST /executions", f"GET /executions/{RUN}/events"}


def test_an_api_that_restarts_is_told_what_its_watcher_knows() -> None:
    restarted = answers(record("Running"), record("Waiting"))
    restarted[f"GET /executions/{RUN}/events"].append((200, stream([record("Success", Tasks=[SELECT])])))
    restarted[f"GET /executions/{RUN}"] = [(503, {}), (200, {"Execution": record("Success", Tasks=[SELECT])})]
    with scripted(restarted) as api:
        done = caboose("executions", "watch", RUN, env={"CABOOSE_API_URL": api.url})
    assert (done.code, done.out.count("ACS::select")) == (0, 1)
    asked = [headers.get("Last-Event-ID") for path, headers in api.headers if path.endswith("/events")]
    assert asked == [None, "1"]


def test_watching_one_that_has_failed_is_1_and_one_that_is_unknown_too() -> None:
    with scripted(answers(record("Failed", StatusMessage="broken"))) as api:
        failed = caboose("executions", "watch", RUN, env={"CABOOSE_API_URL": api.url})
        unknown = caboose("executions", "watch", "exec-2", env={"CABOOSE_API_URL": api.url})
    assert (failed.code, unknown.code) == (1, 1)
    assert "broken" in failed.out
    assert "NotFound" in unknown.err


def test_what_waits_for_people_names_what_they_can_do() -> None:
    pause = waiting("BatchPause", "reboot", Message="batch 1 of reboot is done", ApprovalLink=LINK)
    debug = waiting("Debug", "reboot", Message="reboot is next", Accepts=["ExecuteTask", "CancelTask"])
    story = answers(record("Waiting", Waiting=[pause]), record("Waiting", Waiting=[debug]), record("Success"))
    with scripted(story) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert [line.strip() for line in done.out.splitlines()][1:6] == [
        "reboot: batch 1 of reboot is done",
        LINK,
        "reboot: reboot is next",
        f"caboose executions execute-task {RUN}",
        f"caboose executions cancel-task {RUN} --task {RUN}.t0002",
    ]


def test_a_record_of_a_worker_that_is_away_says_so() -> None:
    with scripted(answers(record("Running", AsOf="2026-01-31T08:00:00Z"), record("Success"))) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert done.out.count("no worker answers: this is as of 2026-01-31T08:00:00Z") == 1


def test_a_large_loop_gets_a_line_for_a_part_of_its_items() -> None:
    def at(success: int, status: str = "Running") -> dict[str, Any]:
        counters = {"Total": 10_000, "Success": success, "Failed": 0, "Running": 5, "Waiting": 0}
        return record("Running", Tasks=[task(3, "reboot", status, Loop=counters)])

    many = [at(success) for success in range(0, 10_000, 20)]
    ended = {**at(10_000, "Success"), "Status": "Success"}
    with scripted(answers(*many, ended)) as api:
        done = caboose("run", "x", "--wait", env={"CABOOSE_API_URL": api.url})
    assert done.out.count("of 10000 done") == 51


def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    with scripted(answers(*STORY)) as api:
        line = " ".join([*COMMAND, "run", "x", "--wait"])
        env = {"CABOOSE_API_URL": api.url, "TERM": "xterm-256color"}
        running = Running(["script", "-qec", line, "/dev/null"], env, tmp_path / "output")
        assert running.process.wait(60) == 0
    assert "━" in running.text()
    assert "1/3" in running.text()
    assert "1 succeeded, 0 failed, 0 waiting, 2 remaining" in running.text()
    assert LINK in running.text()
