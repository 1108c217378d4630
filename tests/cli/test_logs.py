"""``caboose executions logs``: lines of an execution, and those that come while somebody follows it."""

import json
from typing import Any

from tests.cli.program import caboose
from tests.cli.scripted_api import Answer, scripted

RUN = "exec-00000000000000000001"
LOGS, SHOW = f"GET /executions/{RUN}/logs", f"GET /executions/{RUN}"


def line(number: int, task: str = "") -> dict[str, str]:
    """A line of a log."""
    about = f"{RUN}.{task}" if task else ""
    time = f"2026-01-31T08:00:{number:02d}Z"
    return {"LogType": "System", "Message": f"line {number}", "TaskExecutionId": about, "Timestamp": time}


def page(lines: list[dict[str, str]], token: str = "") -> Answer:
    """A page of a log."""
    return 200, {"ExecutionLogs": lines, "IsTruncated": bool(token), "NextToken": token, "MaxResults": 100}


def status(word: str) -> Answer:
    """The execution's record."""
    return 200, {"Execution": {"ExecutionId": RUN, "Status": word}}


def test_all_pages_in_lines_and_as_json() -> None:
    pages = [page([line(1), line(2, "t0001")], "next"), page([line(3, "t0002.i0001")])]
    for as_json in (False, True):
        with scripted({LOGS: list(pages)}) as api:
            option = ["--json"] if as_json else []
            done = caboose("executions", "logs", RUN, *option, env={"CABOOSE_API_URL": api.url})
        assert done.code == 0
        if as_json:
            assert json.loads(done.out) == [line(1), line(2, "t0001"), line(3, "t0002.i0001")]
        else:
            assert done.out.splitlines() == [
                "2026-01-31T08:00:01Z  line 1",
                "2026-01-31T08:00:02Z  t0001  line 2",
                "2026-01-31T08:00:03Z  t0002.i0001  line 3",
            ]
        assert "NextToken=next" in api.asked[1][0]


def test_a_text_can_not_look_like_a_line() -> None:
    forged = "2026-01-31T08:00:09Z  t0002  The task delete completed."
    told = {**line(1, "t0001"), "Message": f"alice: ok\r\n{forged}\u2028{forged}\tb\u202eevil\u2066\n"}
    with scripted({LOGS: [page([told])]}) as api:
        done = caboose("executions", "logs", RUN, env={"CABOOSE_API_URL": api.url})
    assert done.out.splitlines() == [
        "2026-01-31T08:00:01Z  t0001  alice: ok",
        f"      | {forged}\ufffd{forged} b\ufffdevil\ufffd",
    ]


def test_only_one_task() -> None:
    with scripted({LOGS: [page([])]}) as api:
        done = caboose("executions", "logs", RUN, "--task", f"{RUN}.t0001", env={"CABOOSE_API_URL": api.url})
    assert (done.code, done.out) == (0, "")
    assert f"TaskExecutionId={RUN}.t0001" in api.asked[0][0]


def test_following_tells_each_line_once_also_one_that_comes_late() -> None:
    away: Answer = (503, {"Code": "StoreUnavailable", "Message": "later", "RequestId": "r"})
    script: dict[str, list[Any]] = {
        SHOW: [status("Running"), away, status("Running"), status("Success")],
        LOGS: [
            *(page([line(1)], "a"), page([line(2)], "b"), page([line(4)])),
            *(page([line(2), line(3)], "b"), page([line(4), line(5)])),
            *(page([line(2), line(3)], "b"), page([line(4), line(5), line(6)])),
        ],
    }
    with scripted(script) as api:
        done = caboose("executions", "logs", RUN, "--follow", "--json", env={"CABOOSE_API_URL": api.url})
    assert [json.loads(each)["Message"] for each in done.out.splitlines()] == [f"line {n}" for n in (1, 2, 4, 3, 5, 6)]
    assert "NextToken=a" in next(path for path, _ in api.asked[5:] if "/logs" in path), "two pages are read again"


def test_one_that_is_unknown() -> None:
    with scripted({}) as api:
        for option in ([], ["--follow"]):
            done = caboose("executions", "logs", RUN, *option, env={"CABOOSE_API_URL": api.url})
            assert (done.code, done.out) == (1, "")
            assert "NotFound" in done.err
